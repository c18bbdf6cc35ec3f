/* The rows behind a figure of the digest: by the same SQL that counted them, as they are now.
 *
 * digests/figures  parameters: of (a figure's name), day (the digest's; today when absent), limit, after
 *                  data: [{id, at (instant or day), title, detail (or null), target, url (or null)}]  newest first
 *                  meta: {next, total, of, title, from_at, until_at, is_of_now}  also as view.figure
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

static void describe(struct req *r, const struct figure *f, const struct window *w, int64_t total)
{
	struct json_object *meta = json_get(r->out, "meta"), *figure = json_add_obj(r->view, "figure");
	struct json_object *const both[] = {meta, figure};
	for (size_t i = 0; i < 2; i++) {
		json_set_int(both[i], "total", total);
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
	figure_query(&l.query, f, &w, l.after_key, l.after_id, l.limit + 1);
	struct rows *rows = list_finish(&l, "at", "id");
	for (size_t i = 0; i < rows->n && f->base; i++)
		rows_set_text(rows, i, "url",
			pool_printf(r->op.pool, "%s/%lld", f->base, (long long)rows_int(rows, i, "target")));
	describe(r, f, &w, figure_count(&r->op, f, &w));
	json_set_text(r->view, "title", f->title);
	return OK;
}
