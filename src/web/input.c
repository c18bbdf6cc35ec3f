/* Owns typed reading of a request's fields: sticky, so that a handler reads all and is refused once.
 * Tests: t/unit/web_request.c, t/60-input.t */
#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/pool.h"
#include "base/rows.h"
#include "base/str.h"
#include "web/inside.h"
#include "base/banned.h"

/* A query is syntax, a body is content. */
static enum status kind_of(struct req *r)
{
	return r->verb == GET ? E_SYNTAX : E_INPUT;
}

/* The field as trimmed text; NULL when absent or empty; numbers and booleans of JSON as they are written. */
static const char *field_text(struct req *r, const char *name)
{
	struct json_object *v;
	if (!json_object_object_get_ex(r->in, name, &v) || !v)
		return NULL;
	if (json_object_is_type(v, json_type_array) || json_object_is_type(v, json_type_object)) {
		fail(&r->op, kind_of(r), name, "must be a single value");
		return NULL;
	}
	const char *s = str_trim(r->op.pool, json_object_get_string(v));
	return *s ? s : NULL;
}

const char *in_text(struct req *r, const char *name, size_t max_bytes)
{
	const char *s = field_text(r, name);
	if (s && strlen(s) > max_bytes) {
		fail(&r->op, kind_of(r), name, "is longer than %zu bytes", max_bytes);
		return NULL;
	}
	return s;
}

int64_t in_int(struct req *r, const char *name, int64_t def, int64_t min, int64_t max)
{
	const char *s = field_text(r, name);
	int64_t n;
	if (!s)
		return def;
	if (str_i64(s, min, max, &n))
		return n;
	fail(&r->op, kind_of(r), name, "must be a whole number between %lld and %lld", (long long)min, (long long)max);
	return def;
}

bool in_bool(struct req *r, const char *name)
{
	const char *s = field_text(r, name);
	return s && (str_eq(s, "1") || str_eq(s, "true") || str_eq(s, "on"));
}

const char *in_day(struct req *r, const char *name)
{
	const char *s = field_text(r, name);
	if (s && !day_valid(s)) {
		fail(&r->op, kind_of(r), name, "is not a day (YYYY-MM-DD)");
		return NULL;
	}
	return s;
}

int in_choice(struct req *r, const char *name, const char *const *choices, int def)
{
	const char *s = field_text(r, name);
	for (int i = 0; s && choices[i]; i++)
		if (str_eq(choices[i], s))
			return i;
	if (s)
		fail(&r->op, kind_of(r), name, "is not one of the choices");
	return def;
}

/* Never //elsewhere, which a browser takes for another host. */
const char *in_next(struct req *r, const char *def)
{
	const char *next = in_text(r, "next", NEXT_MAX);
	bool own = next && next[0] == '/' && next[1] != '/' && !strpbrk(next, "\r\n\\");
	return own ? next : def;
}

int64_t in_id(struct req *r, const char *name)
{
	const char *s = field_text(r, name);
	int64_t id;
	if (s && str_i64(s, 1, INT64_MAX, &id))
		return id;
	fail(&r->op, E_NOT_FOUND, NULL, "there is no such page");
	return 0;
}

struct json_object *out_data(struct req *r, struct json_object *data)
{
	if (!r->out)
		r->out = json_obj(r->op.pool);
	json_set(r->out, "data", json_object_get(data));
	return data;
}

void out_rows(struct req *r, struct rows *rows)
{
	if (!r->out)
		r->out = json_obj(r->op.pool);
	json_set_rows(r->out, "data", rows);
}

void out_options(
	struct req *r, const char *name, const char *const *values, const char *const *labels, const char *current)
{
	struct json_object *list = json_add_arr(r->view, name);
	for (size_t i = 0; values[i]; i++) {
		struct json_object *o = json_push_obj(list);
		json_set_text(o, "value", values[i]);
		json_set_text(o, "label", labels ? labels[i] : values[i]);
		json_set_bool(o, "is_selected", current && str_eq(values[i], current));
	}
}

enum status reply_see(struct req *r, const char *flash, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	r->location = pool_vprintf(r->op.pool, fmt, ap);
	va_end(ap);
	r->flash = flash;
	return OK;
}
