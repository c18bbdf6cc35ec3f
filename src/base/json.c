/* Owns reading and writing JSON. The reader is strict and makes json-c's objects itself, so that there is no second
 * opinion on what a text means: RFC 8259, and I-JSON (RFC 7493) where that is stricter. Tests: t/unit/base_json.c */
#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/rows.h"
#include "base/str.h"
#include "base/banned.h"

#define DEPTH_MAX 32
#define TEXT_MAX ((size_t)256 << 20) /* of what is written; readers are bounded by their callers */

static void put(void *o)
{
	json_object_put(o);
}

struct json_object *json_tie(struct pool *p, struct json_object *o)
{
	pool_defer(p, put, o);
	return o;
}

static struct json_object *made(struct json_object *o)
{
	if (!o)
		die(EX_OSERR, "out of memory");
	return o;
}

static void push(struct json_object *array, struct json_object *child)
{
	if (json_object_array_add(array, child) != 0)
		die(EX_OSERR, "out of memory");
}

struct json_object *json_obj(struct pool *p)
{
	return json_tie(p, made(json_object_new_object()));
}

struct json_object *json_arr(struct pool *p)
{
	return json_tie(p, made(json_object_new_array()));
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

struct reader {
	const char *at, *end;
	struct buf *text; /* the string being decoded */
	const char *why;
	int depth;
};

static bool refuse(struct reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
	return false;
}

static char peek(const struct reader *r)
{
	return r->at < r->end ? *r->at : 0;
}

static bool take(struct reader *r, char c)
{
	if (peek(r) != c)
		return false;
	r->at++;
	return true;
}

static void skip_space(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
		r->at++;
}

static bool read_hex4(struct reader *r, uint32_t *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++, r->at++) {
		char c = peek(r), low = (char)(c | 0x20);
		if (c >= '0' && c <= '9')
			*unit = *unit << 4 | (uint32_t)(c - '0');
		else if (low >= 'a' && low <= 'f')
			*unit = *unit << 4 | (uint32_t)(low - 'a' + 10);
		else
			return refuse(r, "bad \\u escape");
	}
	return true;
}

static void add_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_char(b, (char)c);
	} else if (c < 0x800) {
		buf_add(b, (const char[]){(char)(0xc0 | c >> 6), (char)(0x80 | (c & 63))}, 2);
	} else if (c < 0x10000) {
		buf_add(b,
			(const char[]){(char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 63)), (char)(0x80 | (c & 63))},
			3);
	} else {
		buf_add(b,
			(const char[]){(char)(0xf0 | c >> 18), (char)(0x80 | (c >> 12 & 63)),
				(char)(0x80 | (c >> 6 & 63)), (char)(0x80 | (c & 63))},
			4);
	}
}

/* After "\u": one code unit or a surrogate pair (RFC 8259 section 7). NUL would end our strings early: refused. */
static bool read_unicode(struct reader *r)
{
	uint32_t c, low;
	if (!read_hex4(r, &c))
		return false;
	if (c >= 0xd800 && c <= 0xdbff) {
		if (!take(r, '\\') || !take(r, 'u') || !read_hex4(r, &low) || low < 0xdc00 || low > 0xdfff)
			return refuse(r, "lone surrogate");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c >= 0xdc00 && c <= 0xdfff) {
		return refuse(r, "lone surrogate");
	}
	if (!c)
		return refuse(r, "NUL in a string");
	add_utf8(r->text, c);
	return true;
}

static bool read_escape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = peek(r);
	const char *found = c ? strchr(from, c) : NULL;
	if (r->at < r->end)
		r->at++;
	if (c == 'u')
		return read_unicode(r);
	if (!found)
		return refuse(r, "bad escape");
	buf_char(r->text, to[found - from]);
	return true;
}

/* Decodes the string after its opening quote into r->text. */
static bool read_string(struct reader *r)
{
	buf_clear(r->text);
	for (;;) {
		const char *from = r->at;
		while (r->at < r->end && *r->at != '"' && *r->at != '\\' && (unsigned char)*r->at >= 0x20)
			r->at++;
		buf_add(r->text, from, (size_t)(r->at - from));
		if (take(r, '"'))
			return true;
		if (r->at >= r->end)
			return refuse(r, "unfinished string");
		if (!take(r, '\\'))
			return refuse(r, "control character in a string");
		if (!read_escape(r))
			return false;
	}
}

static size_t skip_digits(struct reader *r)
{
	const char *from = r->at;
	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return (size_t)(r->at - from);
}

static bool read_number(struct reader *r, struct json_object **out)
{
	char text[512];
	const char *from = r->at;
	bool whole = true;
	take(r, '-');
	if (!take(r, '0') && !skip_digits(r))
		return refuse(r, "bad value");
	if (take(r, '.')) {
		whole = false;
		if (!skip_digits(r))
			return refuse(r, "bad number");
	}
	if (take(r, 'e') || take(r, 'E')) {
		whole = false;
		if (!take(r, '+'))
			take(r, '-');
		if (!skip_digits(r))
			return refuse(r, "bad number");
	}
	size_t n = (size_t)(r->at - from);
	if (n >= sizeof text)
		return refuse(r, "number too long");
	memcpy(text, from, n);
	text[n] = 0;
	int64_t i;
	if (whole) {
		if (!str_i64(text, INT64_MIN, INT64_MAX, &i))
			return refuse(r, "integer out of range");
		*out = made(json_object_new_int64(i));
		return true;
	}
	double d = strtod(text, NULL);
	if (!isfinite(d))
		return refuse(r, "number out of range");
	*out = made(json_object_new_double_s(d, text)); /* written back as it was read */
	return true;
}

static bool read_value(struct reader *r, struct json_object **out);

static bool read_member(struct reader *r, struct json_object *object)
{
	skip_space(r);
	if (!take(r, '"'))
		return refuse(r, "expected a key");
	if (!read_string(r))
		return false;
	if (json_object_object_get_ex(object, r->text->data, NULL))
		return refuse(r, "duplicate key");
	/* The key goes in before its value is read: the value overwrites r->text. */
	json_object_object_add_ex(object, r->text->data, NULL, JSON_C_OBJECT_ADD_KEY_IS_NEW);
	struct lh_entry *entry = lh_table_lookup_entry(json_object_get_object(object), r->text->data);
	if (!entry)
		die(EX_OSERR, "out of memory");
	skip_space(r);
	if (!take(r, ':'))
		return refuse(r, "expected a colon");
	struct json_object *value = NULL;
	if (!read_value(r, &value))
		return false;
	lh_entry_set_val(entry, value);
	return true;
}

static bool read_object(struct reader *r, struct json_object *object)
{
	skip_space(r);
	if (take(r, '}'))
		return true;
	do {
		if (!read_member(r, object))
			return false;
		skip_space(r);
	} while (take(r, ','));
	return take(r, '}') || refuse(r, "expected a comma or a brace");
}

static bool read_array(struct reader *r, struct json_object *array)
{
	skip_space(r);
	if (take(r, ']'))
		return true;
	do {
		struct json_object *value = NULL;
		if (!read_value(r, &value))
			return false;
		push(array, value);
		skip_space(r);
	} while (take(r, ','));
	return take(r, ']') || refuse(r, "expected a comma or a bracket");
}

static bool read_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
		return false;
	r->at += n;
	return true;
}

static bool read_nested(struct reader *r, struct json_object **out)
{
	if (r->depth == DEPTH_MAX)
		return refuse(r, "nested too deep");
	r->depth++;
	bool is_object = *r->at++ == '{';
	struct json_object *o = made(is_object ? json_object_new_object() : json_object_new_array());
	bool good = is_object ? read_object(r, o) : read_array(r, o);
	r->depth--;
	if (good)
		*out = o;
	else
		json_object_put(o);
	return good;
}

static bool read_value(struct reader *r, struct json_object **out)
{
	skip_space(r);
	switch (peek(r)) {
	case '{':
	case '[':
		return read_nested(r, out);
	case '"':
		r->at++;
		if (!read_string(r))
			return false;
		*out = made(json_object_new_string_len(r->text->data, (int)r->text->len));
		return true;
	case 't':
		*out = made(json_object_new_boolean(1));
		break;
	case 'f':
		*out = made(json_object_new_boolean(0));
		break;
	case 'n':
		break;
	default:
		return r->at >= r->end ? refuse(r, "unexpected end") : read_number(r, out);
	}
	if (read_word(r, "true") || read_word(r, "false") || read_word(r, "null"))
		return true;
	json_object_put(*out);
	*out = NULL;
	return refuse(r, "bad value");
}

enum status json_parse(struct pool *p, const char *s, size_t n, struct json_object **out, const char **why)
{
	*out = NULL;
	if (n > INT32_MAX) {
		*why = "too long";
		return E_SYNTAX;
	}
	if (!utf8_valid(s, n)) {
		*why = memchr(s, 0, n) ? "NUL byte" : "not UTF-8";
		return E_SYNTAX;
	}
	/* Its own pool: what was decoded goes as soon as it has been copied. */
	struct pool *scratch = pool_new();
	struct reader r = {.at = s, .end = s + n, .text = buf_new(scratch, n)};
	struct json_object *o = NULL;
	bool good = read_value(&r, &o);
	skip_space(&r);
	if (good && r.at < r.end)
		good = refuse(&r, "bytes after the end");
	pool_free(scratch);
	if (!good) {
		json_object_put(o);
		*why = r.why;
		return E_SYNTAX;
	}
	*out = json_tie(p, o);
	return OK;
}

/* ---- setters ---------------------------------------------------------------------------------------------------- */

void json_set(struct json_object *o, const char *key, struct json_object *child)
{
	if (json_object_object_add_ex(o, key, child, JSON_C_OBJECT_ADD_CONSTANT_KEY) != 0)
		die(EX_OSERR, "out of memory");
}

void json_set_text(struct json_object *o, const char *key, const char *s)
{
	json_set(o, key, s ? made(json_object_new_string(s)) : NULL);
}

void json_set_int(struct json_object *o, const char *key, int64_t n)
{
	json_set(o, key, made(json_object_new_int64(n)));
}

void json_set_bool(struct json_object *o, const char *key, bool b)
{
	json_set(o, key, made(json_object_new_boolean(b)));
}

struct json_object *json_add_obj(struct json_object *o, const char *key)
{
	struct json_object *child = made(json_object_new_object());
	json_set(o, key, child);
	return child;
}

struct json_object *json_add_arr(struct json_object *o, const char *key)
{
	struct json_object *child = made(json_object_new_array());
	json_set(o, key, child);
	return child;
}

struct json_object *json_push_obj(struct json_object *array)
{
	struct json_object *child = made(json_object_new_object());
	push(array, child);
	return child;
}

void json_push_text(struct json_object *array, const char *s)
{
	push(array, s ? made(json_object_new_string(s)) : NULL);
}

void json_push_int(struct json_object *array, int64_t n)
{
	push(array, made(json_object_new_int64(n)));
}

/* ---- getters ---------------------------------------------------------------------------------------------------- */

struct json_object *json_get(struct json_object *o, const char *key)
{
	struct json_object *child = NULL;
	if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, key, &child);
	return child;
}

bool json_find(struct json_object *o, const char *key, unsigned long *hash, struct json_object **child)
{
	struct lh_table *table = json_object_is_type(o, json_type_object) ? json_object_get_object(o) : NULL;
	if (!table)
		return false;
	if (!*hash)
		*hash = lh_get_hash(table, key);
	struct lh_entry *found = lh_table_lookup_entry_w_hash(table, key, *hash);
	if (found)
		*child = lh_entry_v(found);
	return found != NULL;
}

const char *json_text(struct json_object *o, const char *key)
{
	struct json_object *child = json_get(o, key);
	return json_object_is_type(child, json_type_string) ? json_object_get_string(child) : NULL;
}

int64_t json_int(struct json_object *o, const char *key)
{
	struct json_object *child = json_get(o, key);
	return json_object_is_type(child, json_type_int) ? json_object_get_int64(child) : 0;
}

bool json_true(struct json_object *o, const char *key)
{
	struct json_object *child = json_get(o, key);
	return json_object_is_type(child, json_type_boolean) && json_object_get_boolean(child);
}

size_t json_len(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

struct json_object *json_at(struct json_object *array, size_t i)
{
	return i < json_len(array) ? json_object_array_get_idx(array, i) : NULL;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static void write_object(struct buf *b, struct json_object *o)
{
	const char *comma = "";
	buf_char(b, '{');
	json_object_object_foreach(o, key, child)
	{
		buf_str(b, comma);
		buf_json(b, key, strlen(key));
		buf_char(b, ':');
		json_write(b, child);
		comma = ",";
	}
	buf_char(b, '}');
}

static void write_array(struct buf *b, struct json_object *o)
{
	struct rows *rows = json_rows(o);
	if (rows) {
		rows_write(b, rows);
		return;
	}
	size_t n = json_object_array_length(o);
	buf_char(b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(b, ',');
		json_write(b, json_object_array_get_idx(o, i));
	}
	buf_char(b, ']');
}

void json_write(struct buf *b, struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_null:
		buf_str(b, "null");
		break;
	case json_type_boolean:
		buf_str(b, json_object_get_boolean(o) ? "true" : "false");
		break;
	case json_type_int:
		buf_int(b, json_object_get_int64(o));
		break;
	case json_type_double:
		buf_str(b, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
		break;
	case json_type_string:
		buf_json(b, json_object_get_string(o), (size_t)json_object_get_string_len(o));
		break;
	case json_type_array:
		write_array(b, o);
		break;
	case json_type_object:
		write_object(b, o);
		break;
	}
}

const char *json_bytes(struct pool *p, struct json_object *o, size_t *len)
{
	struct buf *b = buf_new(p, TEXT_MAX);
	json_write(b, o);
	if (b->full)
		BUG("json_bytes: document too large");
	if (len)
		*len = b->len;
	return b->data;
}
