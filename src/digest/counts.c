/* Owns the digest's numbers: the day's counts, the pipeline, what waits for a person, who should be written to. Each is a figure and
 * leads to its rows. Tests: t/unit/digest_make.c, t/50-digest-pages.t */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "db/db.h"
#include "digest/section.h"
#include "base/banned.h"

#define ROWS_MAX 15

/* Where a person does something about it, or sees the rows. */
static const char *figure_url(struct making *m, const struct figure *f)
{
	return str_eq(f->name, "pending")
		       ? pool_printf(m->op->pool, "%s/review", m->base)
		       : pool_printf(m->op->pool, "%s/digests/figures?of=%s&day=%s", m->base, f->name, m->w.day);
}

/* A day on which something waits is not quiet because the fund leaves its section out. */
static int64_t counted(struct making *m, const struct figure *f)
{
	int64_t n = figure_count(m->op, f, &m->w);
	if (n)
		m->is_quiet = false;
	return n;
}

/* {name, title, n, is_some, url} */
static void figure_add(struct making *m, struct json_object *list, const struct figure *f, int64_t n)
{
	struct json_object *o = json_push_obj(list);
	json_set_text(o, "name", f->name);
	json_set_text(o, "title", f->title);
	json_set_int(o, "n", n);
	json_set_bool(o, "is_some", n > 0);
	json_set_text(o, "url", figure_url(m, f));
}

void counts_add(struct making *m)
{
	struct json_object *list = json_arr(m->op->pool), *counts = json_add_obj(m->doc, "counts");
	bool any = false;
	for (const struct figure *f = figures; f->name; f++) {
		if (f->is_of_now)
			continue;
		int64_t n = counted(m, f);
		any |= n > 0;
		figure_add(m, list, f, n);
		json_set_int(counts, f->name, n);
	}
	json_set(m->doc, "figures", json_object_get(list));
	json_set_bool(m->doc, "has_figures", any);
}

/* The newest of a figure's rows, with how many there are in all. */
static void rows_add(struct making *m, const char *key, bool wants)
{
	const struct figure *f = figure_find(key);
	struct json_object *o = json_add_obj(m->doc, key);
	struct query q;
	query_init(&q, m->op->pool);
	figure_query(&q, f, &m->w, NULL, 0);
	figure_order(&q, f, ROWS_MAX);
	struct json_object *rows = wants ? query_array(m->op, &q) : json_arr(m->op->pool);
	int64_t n = counted(m, f);
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		const char *title = json_text(row, "title"), *detail = json_text(row, "detail");
		const char *text =
			detail && !str_eq(title, detail) ? pool_printf(m->op->pool, "%s: %s", title, detail) : title;
		json_set_text(row, "line", section_line(m, 2, text));
		json_set_text(row, "url", section_url(m, f->base, json_int(row, "target")));
		json_set_bool(row, "is_late", strcmp(json_text(row, "at"), m->w.day) < 0);
	}
	json_set(o, "rows", json_object_get(rows));
	json_set_bool(o, "has_rows", json_len(rows) > 0);
	json_set_int(o, "n", n);
	json_set_int(o, "more", n - (int64_t)json_len(rows));
	json_set_bool(o, "has_more", n > (int64_t)json_len(rows));
	json_set_text(o, "url", figure_url(m, f));
	json_set_text(o, "title", f->title);
}

void waiting_add(struct making *m, bool wants)
{
	static const char *const names[] = {"pending", "drafts", "outbox"};
	struct json_object *list = json_arr(m->op->pool);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct figure *f = figure_find(names[i]);
		int64_t n = counted(m, f);
		if (!i)
			json_set_int(m->doc, "pending", n);
		if (n && wants)
			figure_add(m, list, f, n);
	}
	section_put(m, "waiting", "has_waiting", list);
	rows_add(m, "tasks", wants);
}

/* What stands still for twice as long is marked. */
void pipeline_add(struct making *m, bool wants)
{
	rows_add(m, "moves", wants);
	rows_add(m, "commitments", wants);
	rows_add(m, "ageing", wants);
	struct json_object *rows = json_get(json_get(m->doc, "ageing"), "rows");
	for (size_t i = 0; i < json_len(rows); i++)
		json_set_bool(
			json_at(rows, i), "is_stale", strcmp(json_text(json_at(rows, i), "at"), m->w.stale_at) < 0);
}

void radar_add(struct making *m, bool wants)
{
	rows_add(m, "unanswered", wants);
	rows_add(m, "cadence", wants);
}
