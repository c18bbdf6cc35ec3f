/* Owns lists: parameters, filters, sorting, keyset paging. Never counts what it need not. Tests: t/60-pages.t,
 * t/60-input.t */
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "crm/crm.h"
#include "base/banned.h"

#define LIMIT_DEFAULT 50
#define SEARCH_MAX 90 /* with its escapes and % under SQLite's limit for patterns */

const struct list_sort record_sorts[] = {{"name", "Name"}, {"-name", "Name, from the end"},
	{"-last_touch", "Last touch"}, {"last_touch", "Longest untouched"}, {"-updated", "Last changed"}, {NULL, NULL}};

static void parameter(struct list *l, const char *name, const char *value)
{
	buf_char(l->parameters, l->parameters->len ? '&' : '?');
	buf_printf(l->parameters, "%s=", name);
	buf_url(l->parameters, value, strlen(value));
}

/* ---- the cursor: sort, key and id of the last row, in base64url; it says nothing that the row did not ---- */
static const char *cursor_make(
	struct list *l, const char *sort, const struct rows *rows, const char *key, const char *id)
{
	struct json_object *o = json_obj(l->r->op.pool), *k = cell_json(rows_at(rows, rows->n - 1, key));
	size_t n;
	json_set_text(o, "s", sort);
	json_set_text(o, "k", k ? json_object_get_string(k) : "");
	json_set_int(o, "i", rows_int(rows, rows->n - 1, id));
	json_object_put(k);
	const char *bytes = json_bytes(l->r->op.pool, o, &n);
	return base64url(l->r->op.pool, bytes, n);
}

/* After the last row that was looked at. It may not be the reader's to see, so all it says is its number. */
static const char *cursor_floor(struct list *l, const char *sort)
{
	struct json_object *o = json_obj(l->r->op.pool);
	size_t n;
	json_set_text(o, "s", sort);
	json_set_text(o, "k", "");
	json_set_int(o, "i", l->floor_id);
	const char *bytes = json_bytes(l->r->op.pool, o, &n);
	return base64url(l->r->op.pool, bytes, n);
}

static void cursor_read(struct list *l, const char *sort)
{
	const char *after = in_text(l->r, "after", 1000), *why;
	size_t n;
	if (!after)
		return;
	unsigned char *bytes = base64url_decode(l->r->op.pool, after, strlen(after), &n);
	struct json_object *o = NULL;
	if (!bytes || json_parse(l->r->op.pool, (const char *)bytes, n, &o, &why) || !json_text(o, "k") ||
		!str_eq(json_text(o, "s"), sort)) {
		fail(&l->r->op, E_SYNTAX, "after", "is not a cursor of this list");
		return;
	}
	l->after_key = json_text(o, "k");
	l->after_id = json_int(o, "i");
}

/* ---- what can be chosen ---- */
static struct rows *options_open(struct list *l, struct json_object *o, const char *key)
{
	static const char *const columns[] = {"value", "label", "is_selected"};
	struct rows *t = rows_new(l->r->op.pool, columns, sizeof columns / sizeof *columns);
	json_set_rows(o, key, t);
	return t;
}

/* Texts are borrowed: literals, or in the request's pool. */
static void option(struct rows *t, const char *value, const char *label, bool selected)
{
	rows_push(t);
	rows_set_text(t, t->n - 1, "value", value);
	rows_set_text(t, t->n - 1, "label", label);
	rows_set_bool(t, t->n - 1, "is_selected", selected);
}

/* ---- parameters ---- */
static const char *pattern(struct pool *p, const char *s)
{
	struct buf *b = buf_new(p, 4 * SEARCH_MAX);
	buf_char(b, '%');
	for (; *s; s++) {
		if (*s == '%' || *s == '_' || *s == '\\')
			buf_char(b, '\\');
		buf_char(b, *s);
	}
	buf_char(b, '%');
	return b->data;
}

static const char *sort_read(struct list *l, const struct list_sort *sorts)
{
	const char *values[16] = {NULL};
	size_t n = 0;
	for (; n < 15 && sorts[n].value; n++)
		values[n] = sorts[n].value;
	l->sort = in_choice(l->r, "sort", values, 0);
	l->sorts = sorts;
	l->is_down = *sorts[l->sort].value == '-';
	l->column = sorts[l->sort].value + l->is_down;
	struct rows *list = options_open(l, l->doc, "sorts");
	for (size_t i = 0; i < n; i++)
		option(list, sorts[i].value, sorts[i].label, (int)i == l->sort);
	json_set_text(l->doc, "sort", sorts[l->sort].value);
	json_set_bool(l->doc, "has_sorts", n > 1);
	return sorts[l->sort].value;
}

void list_open(struct list *l, struct req *r, const char *url, const struct list_sort *sorts)
{
	*l = (struct list){.r = r, .url = url, .parameters = buf_new(r->op.pool, 4096)};
	l->doc = json_add_obj(r->view, "list");
	query_init(&l->query, r->op.pool);
	l->limit = (int)in_int(r, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX);
	const char *q = in_text(r, "q", SEARCH_MAX);
	json_set_text(l->doc, "url", url);
	json_set_text(l->doc, "q", q ? q : "");
	json_set_bool(l->doc, "has_q", q != NULL);
	json_set_bool(l->doc, "is_filtered", q != NULL);
	json_add_arr(l->doc, "filters");
	json_add_arr(l->doc, "days");
	json_add_arr(l->doc, "hidden");
	if (q) {
		l->typed = q;
		l->q = pattern(r->op.pool, q);
		parameter(l, "q", q);
	}
	if (l->limit != LIMIT_DEFAULT)
		parameter(l, "limit", pool_printf(r->op.pool, "%d", l->limit));
	cursor_read(l, sort_read(l, sorts));
}

/* ---- filters ---- */
static struct rows *filter_open(struct list *l, const char *name, const char *label)
{
	struct json_object *o = json_push_obj(json_get(l->doc, "filters"));
	json_set_text(o, "name", name);
	json_set_text(o, "label", label);
	return options_open(l, o, "options");
}

static void filter_used(struct list *l, const char *name, const char *value)
{
	json_set_bool(l->doc, "is_filtered", true);
	parameter(l, name, value);
}

const char *list_choice(struct list *l, const char *name, const char *label, const char *const *choices,
	const char *const *labels, const char *any, const char *def)
{
	int at = -1;
	for (int i = 0; choices[i]; i++)
		if (def && str_eq(choices[i], def))
			at = i;
	bool is_any = any && str_eq(json_text(l->r->in, name), "any");
	int chosen = is_any ? -1 : in_choice(l->r, name, choices, at);
	struct rows *options = filter_open(l, name, label);
	if (any)
		option(options, def ? "any" : "", any, chosen < 0);
	for (int i = 0; choices[i]; i++)
		option(options, choices[i], labels ? labels[i] : choices[i], i == chosen);
	const char *value = chosen < 0 ? NULL : choices[chosen];
	if (!str_eq(value, def))
		filter_used(l, name, value ? value : "any");
	return value;
}

int64_t list_ref(struct list *l, const char *name, const char *label, const char *options_sql)
{
	int64_t id = in_int(l->r, name, 0, 1, INT64_MAX);
	if (options_sql && !l->r->is_api) {
		struct rows *options = filter_open(l, name, label);
		option(options, "", pool_printf(l->r->op.pool, "%s: any", label), !id);
		for (struct stmt *q = db_query_(&l->r->op, options_sql, BINDS()); db_row(q);)
			option(options, db_text_dup(q, 0), db_text_dup(q, 1), db_int(q, 0) == id);
	}
	if (!id)
		return 0;
	const char *value = pool_printf(l->r->op.pool, "%lld", (long long)id);
	filter_used(l, name, value);
	if (!options_sql) {
		struct json_object *hidden = json_push_obj(json_get(l->doc, "hidden"));
		json_set_text(hidden, "name", name);
		json_set_text(hidden, "value", value);
	}
	return id;
}

const char *list_day(struct list *l, const char *name, const char *label)
{
	const char *day = in_day(l->r, name);
	struct json_object *o = json_push_obj(json_get(l->doc, "days"));
	json_set_text(o, "name", name);
	json_set_text(o, "label", label);
	json_set_text(o, "value", day ? day : "");
	if (day)
		filter_used(l, name, day);
	return day;
}

/* ---- the end ---- */
/* Of each column that orders the list: whether it does now, and where a click on its head leads. */
static void columns(struct list *l)
{
	struct json_object *sorted = json_add_obj(l->doc, "sorted");
	for (const struct list_sort *s = l->sorts; s->value; s++) {
		const char *column = s->value + (*s->value == '-');
		bool current = str_eq(column, l->column), is_first = !json_get(sorted, column);
		struct json_object *o = is_first ? json_add_obj(sorted, column) : json_get(sorted, column);
		if (is_first)
			json_set_text(o, "aria", !current ? NULL : l->is_down ? "descending" : "ascending");
		if (is_first || (current && s != &l->sorts[l->sort]))
			json_set_text(o, "url",
				pool_printf(l->r->op.pool, "%s%s%ssort=%s", l->url, l->parameters->data,
					l->parameters->len ? "&" : "?", s->value));
	}
}

bool look_end(struct req *r, struct query *places, const char **key, int64_t *id)
{
	*key = NULL;
	*id = 0;
	query_add(places, " LIMIT (SELECT EXISTS (SELECT 1 FROM restrictions)) OFFSET ?", LOOKED_MAX - 1);
	for (struct stmt *q = query_start(&r->op, places); db_row(q);) {
		*key = db_text_dup(q, 0);
		*id = db_int(q, 1);
	}
	return *key != NULL;
}

void list_look(struct list *l, struct query *places)
{
	look_end(l->r, places, &l->floor_key, &l->floor_id);
}

struct rows *list_finish(struct list *l, const char *key, const char *id)
{
	struct req *r = l->r;
	if (!r->is_api)
		columns(l);
	if (l->sort)
		parameter(l, "sort", l->sorts[l->sort].value);
	struct rows *rows = r->op.fault.status ? rows_new(r->op.pool, NULL, 0) : query_rows(&r->op, &l->query);
	bool more = rows->n > (size_t)l->limit;
	rows_clip(rows, (size_t)l->limit);
	bool cut = !more && l->floor_id;
	const char *sort = json_text(l->doc, "sort");
	const char *next = more ? cursor_make(l, sort, rows, key, id) : cut ? cursor_floor(l, sort) : NULL;
	out_rows(r, rows);
	struct json_object *meta = json_add_obj(r->out, "meta");
	json_set_text(meta, "next", next);
	json_set(meta, "total", NULL);
	const char *join = l->parameters->len ? "&" : "?";
	json_set_text(l->doc, "next_url",
		next ? pool_printf(r->op.pool, "%s%s%safter=%s", l->url, l->parameters->data, join, next) : NULL);
	json_set_bool(l->doc, "has_next", next != NULL);
	json_set_text(l->doc, "first_url", pool_printf(r->op.pool, "%s%s", l->url, l->parameters->data));
	json_set_bool(l->doc, "is_cut", cut);
	json_set_int(l->doc, "looked", LOOKED_MAX);
	json_set_bool(l->doc, "is_first", !l->after_key);
	json_set_bool(l->doc, "is_empty", rows->n == 0);
	json_set_int(l->doc, "count", (int64_t)rows->n);
	json_set(l->doc, "total", NULL);
	json_set_bool(l->doc, "has_total", false);
	return rows;
}

struct json_object *list_objects(struct list *l, const char *key, const char *id)
{
	return out_data(l->r, rows_array(list_finish(l, key, id)));
}
