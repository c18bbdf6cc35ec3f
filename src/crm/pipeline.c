/* The pipeline as a board: the opportunities by stage, each stage with its sums. Owns the sums of the table too. Reads only.
 *
 * pipeline/show  data: {
 *   stages       those that are not over, in their order, and those that somebody is in though they are none any more: [{name,
 *                probability (percent; null for the latter), count, amounts: [{currency, amount, weighted}], url (the table,
 *                filtered; null for the latter), cards: the CARDS newest in it [list row of opportunities], more (not shown), has_more,
 *                others: [{name, is_archive}] where its cards can go}]
 *   archives     those that are over: [{name, count, url}]   has_archives
 *   sums         {count, amounts}: of all that is not over
 *   is_empty     there are none   table_url   the table with the same filters   is_one_fund   they are a fund's
 *   }
 *   parameters: q (an investor's name), fund_id, owner_id, investor_id
 * data.moves of home: stages that changed since yesterday, the newest five: [{id, opportunity_id, from_stage (null: new),
 *                to_stage, investor_name, moved_at, url}]; has_moves, moves_more
 * Tests: t/60-pipeline.t */
#include "crm/pipeline.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define CARDS 50 /* of each stage */
#define MOVES_SHOWN 5

/* ---- what is asked for ---- */
void sought_read(struct list *l, struct sought *s)
{
	*s = (struct sought){.is_open = true, .q = l->q};
	s->fund = list_ref(l, "fund_id", "Fund", "SELECT id, name FROM funds_live ORDER BY name LIMIT 100");
	s->owner = list_ref(
		l, "owner_id", "Owner", "SELECT id, name FROM users WHERE role <> 'agent' ORDER BY name LIMIT 100");
	s->investor = list_ref(l, "investor_id", "Investor", NULL);
}

void sought_stage(struct list *l, struct sought *s, const struct stages *stages)
{
	const char *words[STAGES_MAX + 2] = {"open"}, *labels[STAGES_MAX + 2] = {"Not over"};
	for (size_t i = 0; i < stages->n; i++)
		words[i + 1] = labels[i + 1] = stages->all[i].name;
	const char *stage = list_choice(l, "stage", "Stage", words, labels, "Any stage", "open");
	s->is_open = str_eq(stage, "open");
	s->stage = s->is_open ? NULL : stage;
}

void stage_other(struct json_object *list, const struct stage *stage, const char *but)
{
	if (str_eq(stage->name, but))
		return;
	struct json_object *o = json_push_obj(list);
	json_set_text(o, "name", stage->name);
	json_set_bool(o, "is_archive", stage->is_archive);
}

/* ---- sums: [{stage, currency, n, amount, by_stage, by_own}], counted beside the rows, but for investors that are sought ---- */
static void sums_of_some(struct query *q, const struct sought *s)
{
	query_add(q,
		"SELECT o.stage, f.currency, count(*) AS n, sum(coalesce(o.amount, 0)) AS amount, "
		"sum(iif(o.probability IS NULL, coalesce(o.amount, 0), 0)) AS by_stage, sum(coalesce(o.amount * "
		"o.probability, 0)) AS by_own FROM opportunities_live o CROSS JOIN investors_cache k ON k.investor_id "
		"= o.investor_id CROSS JOIN funds_live f ON f.id = o.fund_id WHERE 1");
	if (s->q)
		query_add(q, " AND k.name LIKE ? ESCAPE '\\'", s->q);
	if (s->investor)
		query_add(q, " AND o.investor_id = ?", s->investor);
	if (s->fund)
		query_add(q, " AND o.fund_id = ?", s->fund);
	if (s->owner)
		query_add(q, " AND o.owner_id = ?", s->owner);
}

static void sums_of_all(struct query *q, const struct sought *s)
{
	query_add(q, "SELECT o.stage, f.currency, sum(o.opportunities) AS n, sum(o.amount) AS amount, sum(o.by_stage) "
		     "AS by_stage, sum(o.by_own) AS by_own FROM pipeline_cache o CROSS JOIN funds_live f ON f.id = "
		     "o.fund_id WHERE 1");
	if (s->fund)
		query_add(q, " AND o.fund_id = ?", s->fund);
	if (s->owner)
		query_add(q, " AND o.owner_id = ?", s->owner);
}

static struct json_object *sums(struct op *op, const struct sought *s)
{
	struct query q;
	query_init(&q, op->pool);
	if (s->q || s->investor)
		sums_of_some(&q, s);
	else
		sums_of_all(&q, s);
	query_add(&q, " GROUP BY o.stage, f.currency ORDER BY o.stage, f.currency");
	return query_array(op, &q);
}

/* Into {count, amounts: [{currency, amount, weighted}]}: no currency is added to another. */
static void add(struct json_object *sum, struct json_object *row, const struct stage *stage)
{
	struct json_object *list = json_get(sum, "amounts"), *at = NULL;
	int64_t percent = stage ? stage->probability : 0;
	json_set_int(sum, "count", json_int(sum, "count") + json_int(row, "n"));
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(json_text(json_at(list, i), "currency"), json_text(row, "currency")))
			at = json_at(list, i);
	if (!json_int(row, "amount"))
		return;
	if (!at) {
		at = json_push_obj(list);
		json_set_text(at, "currency", json_text(row, "currency"));
	}
	json_set_int(at, "amount", json_int(at, "amount") + json_int(row, "amount"));
	json_set_int(at, "weighted",
		json_int(at, "weighted") + (json_int(row, "by_stage") * percent + json_int(row, "by_own")) / 100);
}

static struct json_object *sum_open(struct json_object *o, const char *name)
{
	struct json_object *sum = name ? json_add_obj(o, name) : o;
	json_set_int(sum, "count", 0);
	json_add_arr(sum, "amounts");
	return sum;
}

void pipeline_sums(struct req *r, const struct sought *s, const struct stages *stages)
{
	struct json_object *rows = sums(&r->op, s), *sum = sum_open(r->view, "sums");
	for (size_t i = 0; i < json_len(rows); i++) {
		const char *name = json_text(json_at(rows, i), "stage");
		const struct stage *stage = stage_find(stages, name);
		bool passes = s->stage ? str_eq(name, s->stage) : !s->is_open || !stage || !stage->is_archive;
		if (passes)
			add(sum, json_at(rows, i), stage);
	}
}

/* ---- the board ---- */
struct board {
	struct req *r;
	const struct stages *stages;
	struct sought sought;
	const char *parameters; /* of the filters */
	struct json_object *data, *columns, *archives;
};

static struct json_object *column_find(struct json_object *list, const char *name)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(json_text(json_at(list, i), "name"), name))
			return json_at(list, i);
	return NULL;
}

static struct json_object *column_add(struct board *b, const char *name, const struct stage *stage)
{
	struct pool *p = b->r->op.pool;
	bool is_over = stage && stage->is_archive;
	struct json_object *o = json_push_obj(is_over ? b->archives : b->columns);
	struct buf *url = buf_new(p, 8192);
	buf_printf(url, "/opportunities%s%sstage=", b->parameters, *b->parameters ? "&" : "?");
	buf_url(url, name, strlen(name));
	json_set_text(o, "name", name);
	json_set_text(o, "url", stage ? url->data : NULL);
	json_set(o, "probability", stage && !is_over ? json_object_new_int64(stage->probability) : NULL);
	sum_open(o, NULL);
	json_add_arr(o, "cards");
	struct json_object *others = json_add_arr(o, "others");
	for (size_t i = 0; i < b->stages->n; i++)
		stage_other(others, &b->stages->all[i], name);
	return o;
}

/* What somebody is in though it is no stage any more stands at the end. */
static void columns(struct board *b)
{
	struct json_object *rows = sums(&b->r->op, &b->sought), *all = sum_open(b->data, "sums");
	for (size_t i = 0; i < b->stages->n; i++)
		column_add(b, b->stages->all[i].name, &b->stages->all[i]);
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i), *o;
		const char *name = json_text(row, "stage");
		const struct stage *stage = stage_find(b->stages, name);
		bool is_over = stage && stage->is_archive;
		o = column_find(is_over ? b->archives : b->columns, name);
		add(o ? o : column_add(b, name, stage), row, stage);
		if (!is_over)
			add(all, row, stage);
	}
}

/* The newest of each, in one statement. */
static struct json_object *cards(struct board *b)
{
	struct json_object *names = json_arr(b->r->op.pool);
	struct query q;
	size_t n;
	for (size_t i = 0; i < json_len(b->columns); i++)
		json_push_text(names, json_text(json_at(b->columns, i), "name"));
	query_init(&q, b->r->op.pool);
	query_add(&q,
		OPPORTUNITY " FROM json_each(?) s CROSS JOIN opportunities_live o ON o.id IN (SELECT x.id FROM "
			    "opportunities_live x WHERE x.stage = s.value",
		json_bytes(b->r->op.pool, names, &n));
	if (b->sought.fund)
		query_add(&q, " AND x.fund_id = ?", b->sought.fund);
	if (b->sought.owner)
		query_add(&q, " AND x.owner_id = ?", b->sought.owner);
	if (b->sought.investor)
		query_add(&q, " AND x.investor_id = ?", b->sought.investor);
	if (b->sought.q)
		query_add(&q,
			" AND EXISTS (SELECT 1 FROM investors_cache y WHERE y.investor_id = x.investor_id AND y.name "
			"LIKE ? ESCAPE '\\')",
			b->sought.q);
	query_add(&q,
		" ORDER BY x.staged_at DESC, x.id DESC LIMIT ?) CROSS JOIN investors_cache k ON k.investor_id = "
		"o.investor_id" OPPORTUNITY_WITH " ORDER BY s.key, o.staged_at DESC, o.id DESC",
		CARDS);
	return query_array(&b->r->op, &q);
}

static void cards_add(struct board *b)
{
	struct json_object *rows = cards(b);
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i), *o = column_find(b->columns, json_text(row, "stage"));
		opportunity_fill(b->r, row, b->stages);
		json_object_array_add(json_get(o, "cards"), json_object_get(row));
	}
	for (size_t i = 0; i < json_len(b->columns); i++) {
		struct json_object *o = json_at(b->columns, i);
		int64_t more = json_int(o, "count") - (int64_t)json_len(json_get(o, "cards"));
		json_set_int(o, "more", more);
		json_set_bool(o, "has_more", more > 0);
	}
}

enum status pipeline_show(struct req *r)
{
	static const struct list_sort sorts[] = {{"-moved", "Moved last"}, {NULL, NULL}};
	struct list l;
	struct board b = {.r = r, .stages = stages_now(&r->op), .data = out_data(r, json_obj(r->op.pool))};
	list_open(&l, r, "/pipeline", sorts);
	sought_read(&l, &b.sought);
	if (r->op.fault.status)
		return r->op.fault.status;
	b.parameters = l.parameters->data;
	b.columns = json_add_arr(b.data, "stages");
	b.archives = json_add_arr(b.data, "archives");
	columns(&b);
	cards_add(&b);
	set_has(b.data, "has_archives", json_len(b.archives) > 0);
	json_set_bool(b.data, "is_empty", !json_int(json_get(b.data, "sums"), "count"));
	json_set_bool(b.data, "is_one_fund", b.sought.fund != 0);
	json_set_text(b.data, "table_url", pool_printf(r->op.pool, "/opportunities%s", b.parameters));
	json_set_text(r->view, "title", "Pipeline");
	return OK;
}

/* ---- on the first page ---- */
void moves_fill(struct req *r, struct json_object *data)
{
	char yesterday[INSTANT_SIZE];
	const char *zone = r->zone ? r->zone : "UTC";
	instant_format(zone_day_start(zone, day_after(r, 0), -1), yesterday);
	struct json_object *rows = db_array(&r->op,
		"SELECT m.id, m.opportunity_id, m.from_stage, m.to_stage, m.moved_at, (SELECT k.name FROM "
		"investors_cache k WHERE "
		"k.investor_id = m.investor_id) AS investor_name FROM stage_moves_said m WHERE m.moved_at >= ? ORDER "
		"BY m.moved_at DESC, m.id DESC LIMIT ?",
		(const char *)yesterday, MOVES_SHOWN + 1);
	bool more = json_len(rows) > MOVES_SHOWN;
	if (more)
		json_object_array_del_idx(rows, MOVES_SHOWN, 1);
	for (size_t i = 0; i < json_len(rows); i++)
		set_url(r->op.pool, json_at(rows, i), "/opportunities", json_int(json_at(rows, i), "opportunity_id"));
	json_set(data, "moves", json_object_get(rows));
	set_has(data, "has_moves", json_len(rows) > 0);
	json_set_bool(data, "moves_more", more);
}
