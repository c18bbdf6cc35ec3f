/* The rows behind a figure of the digest: by the same SQL that counted them, as they are now.
 *
 * digests/figures  parameters: of (a figure's name), day (the digest's; today when absent), limit, after
 *                  data: [{id, at (instant or day), title, detail (or null), target, url (or null)}]  newest first
 *                  meta: {next, total (COUNT_MAX at most), total_label ("12", "1,000+"; "12+": not all were looked at, see
 *                  list_look), of, title, from_at, until_at, is_of_now}  also as view.figure
 * Tests: t/50-digest-pages.t */
#include "crm/crm.h"

#include "base/clock.h"
#include "base/pool.h"
#include "digest/digest.h"
#include "base/banned.h"

#define NAMES_MAX 32

/* Which one is asked for; offered as a filter. */
static const struct figure *choose(struct list *l)
{
	const char *names[NAMES_MAX + 1] = {NULL}, *titles[NAMES_MAX + 1] = {NULL};
	for (size_t i = 0; i < NAMES_MAX && figures[i].name; i++) {
		names[i] = figures[i].name;
		titles[i] = figures[i].title;
	}
	return figure_find(list_choice(l, "of", "Figure", names, titles, NULL, names[0]));
}

/* Where the list goes on, and how far this page looks. */
static void look(struct list *l, const struct figure *f, const struct window *w)
{
	struct query q;
	if (!f->places)
		return;
	query_init(&q, l->r->op.pool);
	if (l->after_key && !*l->after_key) {
		figure_place(&q, f, l->after_id);
		struct stmt *place = query_start(&l->r->op, &q);
		if (db_row(place))
			l->after_key = db_text_dup(place, 0);
		db_done(place);
		query_init(&q, l->r->op.pool);
	}
	figure_places(&q, f, w, l->after_key, l->after_id);
	list_look(l, &q);
}

static int64_t count(struct req *r, const struct figure *f, const struct window *w, bool *more)
{
	struct query q;
	const char *at = NULL;
	int64_t id = 0, n = 0;
	query_init(&q, r->op.pool);
	if (f->places) {
		figure_places(&q, f, w, NULL, 0);
		look_end(r, &q, &at, &id);
		query_init(&q, r->op.pool);
	}
	query_add(&q, "SELECT count(*) FROM (SELECT 1");
	figure_source(&q, f, w);
	figure_until(&q, f, at, id);
	query_add(&q, " LIMIT ?)", COUNT_MAX + 1);
	for (struct stmt *rows = query_start(&r->op, &q); db_row(rows);)
		n = db_int(rows, 0);
	*more = at != NULL;
	return n;
}

static void describe(struct req *r, const struct figure *f, const struct window *w)
{
	bool more;
	int64_t total = count(r, f, w, &more);
	struct json_object *meta = json_get(r->out, "meta"), *figure = json_add_obj(r->view, "figure");
	struct json_object *const both[] = {meta, figure};
	for (size_t i = 0; i < 2; i++) {
		set_count(r->op.pool, both[i], "total", total, more);
		json_set_text(both[i], "of", f->name);
		json_set_text(both[i], "title", f->title);
		json_set_text(both[i], "day", w->day);
		json_set_text(both[i], "from_at", w->from_at);
		json_set_text(both[i], "until_at", w->until_at);
		json_set_bool(both[i], "is_of_now", f->is_of_now);
	}
}

enum status digests_figures(struct req *r)
{
	static const struct list_sort sorts[] = {{"-at", "Newest"}, {NULL, NULL}};
	struct list l;
	struct window w;
	char today[DAY_SIZE];
	list_open(&l, r, "/digests/figures", sorts);
	const struct figure *f = choose(&l);
	const char *day = list_day(&l, "day", "Digest of");
	zone_day(r->zone ? r->zone : "UTC", r->op.now, today);
	enum status st = r->op.fault.status ? r->op.fault.status : digest_window(&r->op, day ? day : today, &w);
	if (st)
		return st;
	look(&l, f, &w);
	figure_query(&l.query, f, &w, l.after_key, l.after_id);
	figure_until(&l.query, f, l.floor_key, l.floor_id);
	figure_order(&l.query, f, l.limit + 1);
	struct rows *rows = list_finish(&l, "at", "id");
	for (size_t i = 0; i < rows->n && f->base; i++)
		rows_set_text(rows, i, "url",
			pool_printf(r->op.pool, "%s/%lld", f->base, (long long)rows_int(rows, i, "target")));
	describe(r, f, &w);
	json_set_text(r->view, "title", f->title);
	return OK;
}
