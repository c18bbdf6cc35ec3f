/* Owns the parsing of single values. Never looks at another field. Tests: t/unit/core_value.c */
#include "core/value.h"

#include <string.h>

#include "base/clock.h"
#include "base/money.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "core/merge.h"
#include "db/db.h"
#include "mail/addr.h"
#include "base/banned.h"

#define TEXT_MAX ((size_t)200)
#define LONG_MAX_BYTES ((size_t)20000)
#define URL_MAX ((size_t)500)
#define LIST_MAX ((size_t)100)
#define ENTRY_MAX 253 /* bytes: a domain name is the longest there is (RFC 1035 2.3.4) */
#define INT_MAX_DEFAULT ((size_t)1000000000)

static bool bad(struct op *op, const struct field *f, const char *why)
{
	fail(op, E_INPUT, f->name, "%s", why);
	return false;
}

static bool text_in(struct op *op, const struct field *f, struct json_object *in, const char **out)
{
	if (!json_object_is_type(in, json_type_string))
		return bad(op, f, "must be text");
	*out = json_object_get_string(in);
	return true;
}

static bool text_out(struct op *op, const struct field *f, const char *s, size_t max, struct json_object **out)
{
	if (!*s)
		return true; /* *out stays NULL: nothing */
	if (strlen(s) > (f->max ? f->max : max)) {
		fail(op, E_INPUT, f->name, "is longer than %zu bytes", f->max ? f->max : max);
		return false;
	}
	*out = json_object_new_string(s);
	return true;
}

/* Line ends as \n, other controls and outer white space gone. */
static const char *lines_clean(struct pool *p, const char *s)
{
	char *copy = pool_strdup(p, s), *out = copy;
	for (const char *c = s; *c; c++)
		if (*c == '\r')
			*out++ = '\n', c += c[1] == '\n';
		else if ((unsigned char)*c >= ' ' ? *c != 0x7f : *c == '\n' || *c == '\t')
			*out++ = *c;
	*out = 0;
	return str_trim(p, copy);
}

static bool long_parse(struct op *op, const struct field *f, struct json_object *in, struct json_object **out)
{
	const char *s;
	return text_in(op, f, in, &s) && text_out(op, f, lines_clean(op->pool, s), LONG_MAX_BYTES, out);
}

static bool line_parse(struct op *op, const struct field *f, struct json_object *in, struct json_object **out)
{
	const char *s;
	return text_in(op, f, in, &s) && text_out(op, f, str_squeeze(op->pool, s), TEXT_MAX, out);
}

static bool url_parse(struct op *op, const struct field *f, struct json_object *in, struct json_object **out)
{
	const char *s;
	if (!text_in(op, f, in, &s))
		return false;
	s = str_trim(op->pool, s);
	if (!*s)
		return true;
	if (!strstr(s, "://"))
		s = pool_printf(op->pool, "https://%s", s);
	const char *host = str_starts(s, "https://") ? s + 8 : str_starts(s, "http://") ? s + 7 : NULL;
	bool plain = !strpbrk(s, "\"<>\\");
	for (const char *c = s; *c; c++)
		plain &= (unsigned char)*c > ' ' && *c != 0x7f;
	if (!plain || !host || !*host || *host == '/' || !strchr(host, '.'))
		return bad(op, f, "is not a web address (https://…)");
	return text_out(op, f, s, URL_MAX, out);
}

static bool number_parse(
	struct op *op, const struct field *f, struct json_object *in, int64_t max, struct json_object **out)
{
	int64_t n;
	if (json_object_is_type(in, json_type_int)) {
		n = json_object_get_int64(in);
	} else if (json_object_is_type(in, json_type_string)) {
		const char *s = str_trim(op->pool, json_object_get_string(in));
		if (!*s)
			return true;
		if (!str_i64(s, INT64_MIN, INT64_MAX, &n))
			return bad(op, f, "is not a whole number");
	} else {
		return bad(op, f, "must be a whole number");
	}
	if (n < 0 || n > max) {
		fail(op, E_INPUT, f->name, "must be between 0 and %lld", (long long)max);
		return false;
	}
	*out = json_object_new_int64(n);
	return true;
}

static bool amount_parse(struct op *op, const struct field *f, struct json_object *in, struct json_object **out)
{
	int64_t n, max = f->max ? (int64_t)f->max : MONEY_MAX;
	if (json_object_is_type(in, json_type_int)) {
		n = json_object_get_int64(in);
	} else if (json_object_is_type(in, json_type_string)) {
		const char *s = str_trim(op->pool, json_object_get_string(in));
		if (!*s)
			return true;
		if (!money_parse(s, &n))
			return bad(op, f, "is not an amount, as in 2,500,000 or 2.5m");
	} else {
		return bad(op, f, "must be an amount: a whole number of hundredths");
	}
	if (n < 1 || n > max) {
		fail(op, E_INPUT, f->name, "must be more than 0 and not above %s", money_text(op->pool, max));
		return false;
	}
	*out = json_object_new_int64(n);
	return true;
}

static bool day_parse(struct op *op, const struct field *f, struct json_object *in, struct json_object **out)
{
	const char *s;
	if (!text_in(op, f, in, &s))
		return false;
	s = str_trim(op->pool, s);
	if (*s && !day_valid(s))
		return bad(op, f, "is not a day (YYYY-MM-DD)");
	return text_out(op, f, s, TEXT_MAX, out);
}

/* YYYY-MM-DDTHH:MM in the fund's zone, as <input type=datetime-local> sends it. */
static bool local_parse(struct op *op, const char *s, int64_t *t)
{
	int64_t hour, minute;
	if (strlen(s) != 16 || (s[10] != 'T' && s[10] != ' ') || s[13] != ':')
		return false;
	const char *day = pool_strndup(op->pool, s, 10);
	if (!day_valid(day) || !str_i64(pool_strndup(op->pool, s + 11, 2), 0, 23, &hour) ||
		!str_i64(s + 14, 0, 59, &minute))
		return false;
	const char *zone = setting_text(op, "time_zone");
	*t = zone_day_start(zone, day, 0) + hour * 3600 + minute * 60;
	/* On the two days a year when the clocks change, the hour says by how much; the short one may end past midnight. */
	int64_t off = hour - zone_hour(zone, *t);
	*t += (off > 12 ? off - 24 : off) * 3600;
	return true;
}

static bool instant_value(struct op *op, const struct field *f, struct json_object *in, struct json_object **out)
{
	const char *s;
	int64_t t;
	if (!text_in(op, f, in, &s))
		return false;
	s = str_trim(op->pool, s);
	if (!*s)
		return true;
	if (!instant_parse(s, &t) && !local_parse(op, s, &t))
		return bad(op, f, "is not a date and time");
	char text[INSTANT_SIZE];
	instant_format(t, text);
	*out = json_object_new_string(text);
	return true;
}

static bool bool_parse(struct op *op, const struct field *f, struct json_object *in, struct json_object **out)
{
	static const char *const yes[] = {"1", "true", "on", "yes"}, *const no[] = {"0", "false", "off", "no", ""};
	int64_t n = json_object_is_type(in, json_type_int) ? json_object_get_int64(in) : -1;
	int value = json_object_is_type(in, json_type_boolean) ? json_object_get_boolean(in)
		    : n == 0 || n == 1                         ? (int)n
							       : -1;
	const char *s = json_object_is_type(in, json_type_string) ? json_object_get_string(in) : NULL;
	for (size_t i = 0; s && i < sizeof yes / sizeof *yes; i++)
		if (str_ieq(s, yes[i]))
			value = 1;
	for (size_t i = 0; s && i < sizeof no / sizeof *no; i++)
		if (str_ieq(s, no[i]))
			value = 0;
	if (value < 0)
		return bad(op, f, "must be true or false");
	*out = json_object_new_boolean(value);
	return true;
}

const char *const *value_choices(struct op *op, const struct field *f)
{
	return f->offered ? f->offered(op) : f->choices;
}

static bool choice_parse(struct op *op, const struct field *f, struct json_object *in, struct json_object **out)
{
	const char *s;
	if (!text_in(op, f, in, &s))
		return false;
	if (!*s)
		return true;
	for (const char *const *c = value_choices(op, f); *c; c++)
		if (str_eq(*c, s)) {
			*out = json_object_new_string(s);
			return true;
		}
	return bad(op, f, "is not one of the choices");
}

/* Of a record that was merged into another the number of that one. */
static bool ref_exists(struct op *op, const struct field *f, int64_t *id)
{
	const struct resource *res = resource_find(f->ref);
	if (!res || *record_label(op, res, *id))
		return res != NULL;
	int64_t into = res->links ? merge_survivor(op, res->name, *id) : 0;
	*id = into ? into : *id;
	return into && *record_label(op, res, into);
}

static bool ref_named(struct op *op, const struct field *f, const char *name, int64_t *id)
{
	const struct resource *res = resource_find(f->ref);
	const char *shown = pool_strndup(op->pool, name, utf8_clip(name, strlen(name), 80));
	size_t n = 0;
	if (!res || !res->named_sql)
		return bad(op, f, "must be an id");
	for (struct stmt *q = db_query_(op, res->named_sql, BINDS(name)); db_row(q); n++)
		*id = db_int(q, 0);
	if (n == 1)
		return true;
	fail(op, E_INPUT, f->name,
		n ? "is not clear: several are called %s; add the number, as in %s #%lld"
		  : "is not known: no record is called %s",
		shown, shown, (long long)*id);
	return false;
}

/* 12, "12", "Alpine Pension Fund #12" as a form shows it, or a name that nothing else has. */
static bool ref_id(struct op *op, const struct field *f, struct json_object *in, int64_t *id)
{
	*id = 0;
	if (json_object_is_type(in, json_type_int)) {
		*id = json_object_get_int64(in);
	} else if (json_object_is_type(in, json_type_string)) {
		const char *s = str_trim(op->pool, json_object_get_string(in)), *mark = strrchr(s, '#');
		if (!*s)
			return true;
		if (!str_i64(mark ? mark + 1 : s, 1, INT64_MAX, id))
			return ref_named(op, f, s, id);
	} else {
		return bad(op, f, "must be an id");
	}
	return (*id > 0 && ref_exists(op, f, id)) || bad(op, f, "does not exist");
}

static bool ref_parse(struct op *op, const struct field *f, struct json_object *in, struct json_object **out)
{
	int64_t id;
	if (!ref_id(op, f, in, &id))
		return false;
	*out = id ? json_object_new_int64(id) : NULL;
	return true;
}

/* ---- lists: a JSON array, or text with one entry a line ---- */
static struct json_object *entries(struct op *op, const struct field *f, struct json_object *in)
{
	if (json_object_is_type(in, json_type_array))
		return in;
	if (!json_object_is_type(in, json_type_string)) {
		bad(op, f, "must be a list");
		return NULL;
	}
	struct json_object *list = json_arr(op->pool);
	size_t n;
	char **lines = str_split(op->pool, json_object_get_string(in), "\r\n", &n);
	for (size_t i = 0; i < n; i++)
		json_push_text(list, lines[i]);
	return list;
}

static struct json_object *email_entry(struct op *op, const struct field *f, struct json_object *in)
{
	const char *s = json_object_is_type(in, json_type_string) ? json_object_get_string(in) : "";
	const char *email = addr_normalise(op->pool, s);
	if (!email)
		fail(op, E_INPUT, f->name, "is not an e-mail address: %s",
			pool_strndup(op->pool, s, utf8_clip(s, strlen(s), 80)));
	return email ? json_object_new_string(email) : NULL;
}

static struct json_object *text_entry(struct op *op, const struct field *f, struct json_object *in)
{
	struct json_object *out = NULL;
	struct field entry = *f;
	entry.max = ENTRY_MAX; /* the list's own max counts its entries */
	if (line_parse(op, &entry, in, &out) && !out)
		bad(op, f, "has an empty entry");
	return out;
}

static struct json_object *id_entry(struct op *op, const struct field *f, struct json_object *in)
{
	int64_t id;
	return ref_id(op, f, in, &id) && id ? json_object_new_int64(id) : NULL;
}

static bool holds(struct json_object *list, struct json_object *v)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (json_object_equal(json_at(list, i), v))
			return true;
	return false;
}

struct json_object *value_join(struct op *op, struct json_object *have, struct json_object *more)
{
	struct json_object *all = json_arr(op->pool);
	for (size_t i = 0; i < json_len(have); i++)
		json_object_array_add(all, json_object_get(json_at(have, i)));
	for (size_t i = 0; i < json_len(more); i++)
		if (!holds(have, json_at(more, i)))
			json_object_array_add(all, json_object_get(json_at(more, i)));
	return all;
}

static bool list_parse(struct op *op, const struct field *f, struct json_object *in, struct json_object **out)
{
	struct json_object *from = entries(op, f, in);
	if (!from)
		return false;
	if (json_len(from) > (f->max ? f->max : LIST_MAX))
		return bad(op, f, "has too many entries");
	struct json_object *list = json_object_new_array();
	bool good = true;
	for (size_t i = 0; i < json_len(from); i++) {
		struct json_object *at = json_at(from, i);
		struct json_object *v = f->type == F_EMAILS ? email_entry(op, f, at)
					: f->type == F_IDS  ? id_entry(op, f, at)
							    : text_entry(op, f, at);
		good &= v != NULL;
		if (v && !holds(list, v))
			json_object_array_add(list, v);
		else
			json_object_put(v);
	}
	if (good)
		*out = list;
	else
		json_object_put(list);
	return good;
}

bool value_parse(struct op *op, const struct field *f, struct json_object *in, struct json_object **out)
{
	*out = NULL;
	if (!in && f->type != F_EMAILS && f->type != F_LIST && f->type != F_IDS && f->type != F_BOOL)
		return true;
	switch (f->type) {
	case F_TEXT:
		return line_parse(op, f, in, out);
	case F_LONG:
		return long_parse(op, f, in, out);
	case F_URL:
		return url_parse(op, f, in, out);
	case F_INT:
		return number_parse(op, f, in, (int64_t)(f->max ? f->max : INT_MAX_DEFAULT), out);
	case F_MONEY:
		return amount_parse(op, f, in, out);
	case F_DAY:
		return day_parse(op, f, in, out);
	case F_INSTANT:
		return instant_value(op, f, in, out);
	case F_BOOL:
		return bool_parse(op, f, in, out);
	case F_CHOICE:
		return choice_parse(op, f, in, out);
	case F_REF:
		return ref_parse(op, f, in, out);
	default:
		return list_parse(op, f, in, out);
	}
}

bool value_is_empty(struct json_object *v)
{
	return !v || (json_object_is_type(v, json_type_array) && json_len(v) == 0);
}

static const char *instant_text(struct op *op, const char *s)
{
	int64_t t;
	if (!instant_parse(s, &t))
		return s;
	const char *zone = setting_text(op, "time_zone");
	char day[DAY_SIZE], clock[CLOCK_SIZE];
	zone_day(zone, t, day);
	zone_clock(zone, t, clock);
	return pool_printf(op->pool, "%sT%s", day, clock);
}

/* One entry a line; a reference as its label with the id that value_parse() reads back. */
static const char *list_text(struct op *op, const struct field *f, struct json_object *v)
{
	const struct resource *res = f->type == F_IDS ? resource_find(f->ref) : NULL;
	const char *all = "";
	for (size_t i = 0; i < json_len(v); i++) {
		struct json_object *at = json_at(v, i);
		const char *label = res ? record_label(op, res, json_object_get_int64(at)) : "";
		all = pool_printf(op->pool, "%s%s%s%s%s", all, i ? "\n" : "", label, *label ? " #" : "",
			json_object_get_string(at));
	}
	return all;
}

const char *value_text(struct op *op, const struct field *f, struct json_object *v)
{
	if (!v)
		return "";
	if (json_object_is_type(v, json_type_array))
		return list_text(op, f, v);
	if (f->type == F_MONEY && json_object_is_type(v, json_type_int))
		return money_text(op->pool, json_object_get_int64(v));
	const char *s = pool_strdup(op->pool, json_object_get_string(v));
	return f->type == F_INSTANT ? instant_text(op, s) : s;
}
