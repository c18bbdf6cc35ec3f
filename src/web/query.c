/* Owns percent encoding and forms (WHATWG URL, application/x-www-form-urlencoded), strictly.
 * Tests: t/unit/web_request.c, t/60-input.t */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "web/inside.h"
#include "base/banned.h"

bool percent_decode(struct pool *p, const char *s, size_t n, bool plus, char **out)
{
	char *to = *out = pool_alloc(p, n + 1);
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '%') {
			int high = i + 2 < n ? hex_digit(s[i + 1]) : -1, low = i + 2 < n ? hex_digit(s[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			*to++ = (char)(high << 4 | low);
			i += 2;
		} else {
			*to++ = plus && s[i] == '+' ? ' ' : s[i];
		}
	}
	return utf8_valid(*out, (size_t)(to - *out));
}

enum status field_add(struct op *op, struct json_object *to, const char *name, const char *value)
{
	if (!*name || strlen(name) > 100)
		return fail(op, E_SYNTAX, NULL, "a field has no name, or a very long one");
	if (!value)
		return fail(op, E_SYNTAX, name, "is not well-formed: bad percent encoding, or not UTF-8");
	if (json_object_object_get_ex(to, name, NULL))
		return fail(op, E_SYNTAX, name, "is given twice");
	json_object_object_add(to, name, json_object_new_string(value));
	return OK;
}

static enum status pair(struct op *op, const char *s, size_t n, struct json_object *to)
{
	const char *eq = memchr(s, '=', n);
	size_t name_len = eq ? (size_t)(eq - s) : n;
	char *name, *value;
	if (!percent_decode(op->pool, s, name_len, true, &name))
		return fail(op, E_SYNTAX, NULL, "a field's name is not well-formed");
	bool good = percent_decode(op->pool, eq ? eq + 1 : "", eq ? n - name_len - 1 : 0, true, &value);
	return field_add(op, to, name, good ? value : NULL);
}

enum status query_parse(struct op *op, const char *s, size_t n, struct json_object *to)
{
	enum status st = OK;
	for (size_t count = 0; n && !st; count++) {
		const char *end = memchr(s, '&', n);
		size_t len = end ? (size_t)(end - s) : n;
		if (count == FIELDS_MAX)
			return fail(op, E_SYNTAX, NULL, "there are more than %d fields", FIELDS_MAX);
		if (len)
			st = pair(op, s, len, to);
		s += len + (end != NULL);
		n -= len + (end != NULL);
	}
	return st;
}
