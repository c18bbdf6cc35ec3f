/* Opportunities: an investor on the way to a fund. Owns their declaration, list and pages; the board is pipeline.c's.
 *
 * opportunities/list  data: [{id, version, investor_id, investor_name, investor_url, fund_id, fund_name, fund_url, currency,
 *                   stage, is_archived (its stage is over), amount (hundredths, or null), probability (percent, or null),
 *                   chance (the same, else its stage's), weighted (amount by chance, or null), owner_id, owner_name,
 *                   expected_close_on, next_step, staged_at, days (in its stage), is_ageing (30 or more), is_stale (60 or
 *                   more), updated_at, url, move_url}]
 *                   view.sums    {count, amounts: [{currency, amount, weighted}]}: of all that the filters pass
 *                   view.board_url   the board with the same filters
 *                   parameters: q (an investor's name), fund_id, owner_id, investor_id, stage (a stage, open (the default), or
 *                   any), sort (-moved moved -amount close name), limit, after
 * opportunities/show  data: record item (shapes.h), a list row's keys,
 *                   moves        newest first, 50: [{from_stage (null: new), to_stage, amount, moved_at, moved_by_name}]
 *                   others       stages it can move to: [{name, is_archive}]
 * opportunities/form  data: form (shapes.h)
 * POST /opportunities/:id/move with stage
 * data.opportunities of an investor: list rows; has_opportunities, opportunity_url
 * Tests: t/60-pipeline.t */
#include "crm/crm.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "crm/pipeline.h"
#include "base/banned.h"

#define MOVES_SHOWN 50

static const struct field fields[] = {
	{.name = "investor_id", .label = "Investor", .type = F_REF, .flags = FIELD_REQUIRED, .ref = "investors"},
	{.name = "fund_id", .label = "Fund", .type = F_REF, .flags = FIELD_REQUIRED, .ref = "funds"},
	{.name = "stage", .label = "Stage", .type = F_CHOICE, .flags = FIELD_REQUIRED, .offered = stages_offered},
	{.name = "amount",
		.label = "Amount",
		.type = F_MONEY,
		.help = "In the fund's currency, as in 2,500,000 or 2.5m."},
	{.name = "probability",
		.label = "Probability (%)",
		.type = F_INT,
		.max = 100,
		.help = "Empty: what its stage says."},
	{.name = "owner_id", .label = "Owner", .type = F_REF, .ref = "users"},
	{.name = "expected_close_on", .label = "Expected close", .type = F_DAY},
	{.name = "next_step", .label = "Next step", .type = F_TEXT, .max = 300, .privacy = PRIVATE_DATA},
};

/* ---- what may be written ---- */
static int64_t pair_find(struct op *op, int64_t investor, int64_t fund)
{
	int64_t id = 0;
	db_one_int(op, &id, "SELECT id FROM opportunities_live WHERE investor_id = ? AND fund_id = ?", investor, fund);
	return id;
}

static enum status check(struct op *op, int64_t id, struct json_object *all)
{
	int64_t fund = json_int(all, "fund_id"), there = pair_find(op, json_int(all, "investor_id"), fund);
	const char *was = db_one_text(op,
		"SELECT f.currency FROM opportunities_live o JOIN funds_live f ON f.id = o.fund_id WHERE o.id = ?", id);
	const char *is = db_one_text(op, "SELECT currency FROM funds_live WHERE id = ?", fund);
	if (!json_text(all, "stage"))
		fail(op, E_INPUT, "stage", "is required");
	if (there && there != id)
		fail(op, E_CONFLICT, "fund_id", "has this investor in its pipeline already");
	if (was && is && !str_eq(was, is) && json_get(all, "amount"))
		fail(op, E_INPUT, "fund_id", "counts in %s, the amount is in %s: take it out first", is, was);
	return op->fault.status;
}

/* What can be brought back has an investor and a fund. */
static enum status settle(struct op *op, int64_t id)
{
	int64_t astray = 0;
	db_one_int(op, &astray,
		"SELECT 1 FROM opportunities_live o WHERE o.id = ? AND NOT (EXISTS (SELECT 1 FROM investors_live i "
		"WHERE "
		"i.id = o.investor_id) AND EXISTS (SELECT 1 FROM funds_live f WHERE f.id = o.fund_id))",
		id);
	return astray ? fail(op, E_CONFLICT, NULL, "its investor or its fund is deleted: restore that first")
		      : op->fault.status;
}

const struct resource opportunities_resource = {
	.name = "opportunities",
	.singular = "opportunity",
	.title = "Opportunity",
	.fields = fields,
	.nfields = FIELD_COUNT(fields),
	LABEL_SQL(
		"SELECT k.name || ', ' || f.name FROM opportunities_live o JOIN funds_live f ON f.id = o.fund_id JOIN "
		"investors_cache k ON k.investor_id = o.investor_id WHERE o.id = "),
	.check = check,
	.settle = settle,
};

/* ---- rows ---- */
static void weigh(struct json_object *row, const struct stage *stage)
{
	struct json_object *own = json_get(row, "probability"), *amount = json_get(row, "amount");
	int64_t chance = own ? json_int(row, "probability") : stage ? stage->probability : 0;
	json_set_int(row, "chance", chance);
	json_set(row, "weighted", amount ? json_object_new_int64(json_int(row, "amount") * chance / 100) : NULL);
}

static void age(struct json_object *row, int64_t now, bool is_over)
{
	int64_t at, days = 0;
	if (instant_parse(json_text(row, "staged_at"), &at) && now > at)
		days = (now - at) / 86400;
	json_set_int(row, "days", days);
	json_set_bool(row, "is_ageing", !is_over && days >= AGEING_DAYS);
	json_set_bool(row, "is_stale", !is_over && days >= STALE_DAYS);
	json_set_bool(row, "is_archived", is_over);
}

void opportunity_fill(struct req *r, struct json_object *row, const struct stages *stages)
{
	struct pool *p = r->op.pool;
	const struct stage *stage = stage_find(stages, json_text(row, "stage"));
	weigh(row, stage);
	age(row, r->op.now, stage && stage->is_archive);
	json_set_text(row, "investor_url", resource_url(p, "investors", json_int(row, "investor_id")));
	json_set_text(row, "fund_url", resource_url(p, "funds", json_int(row, "fund_id")));
	set_url(p, row, "/opportunities", json_int(row, "id"));
	json_set_text(row, "move_url", pool_printf(p, "%s/move", json_text(row, "url")));
}

/* ---- the list ---- */
static void narrow(struct list *l, const struct sought *s, const char *archived)
{
	struct query *q = &l->query;
	if (s->stage)
		query_add(q, " AND o.stage = ?", s->stage);
	else if (s->is_open)
		query_add(q, " AND o.stage NOT IN (SELECT value FROM json_each(?))", archived);
	if (s->fund)
		query_add(q, " AND o.fund_id = ?", s->fund);
	if (s->owner)
		query_add(q, " AND o.owner_id = ?", s->owner);
	if (s->investor)
		query_add(q, " AND o.investor_id = ?", s->investor);
	if (s->q)
		query_add(q, " AND k.name LIKE ? ESCAPE '\\'", s->q);
}

/* The column of the cursor. */
static const char *order(struct list *l)
{
	if (str_eq(l->column, "amount")) {
		list_order(l, "printf('%015d', coalesce(o.amount, 0))", "o.id");
		return "amount_key";
	}
	if (str_eq(l->column, "close")) {
		list_order(l, "coalesce(o.expected_close_on, '9999')", "o.id");
		return "close_key";
	}
	if (str_eq(l->column, "name")) {
		list_order(l, "k.name COLLATE NOCASE", "o.id");
		return "investor_name";
	}
	list_order(l, "o.staged_at", "o.id");
	return "staged_at";
}

/* Which of the two drives decides which index gives the order. */
static void begin(struct list *l)
{
	query_add(&l->query, OPPORTUNITY ", printf('%015d', coalesce(o.amount, 0)) AS amount_key, "
					 "coalesce(o.expected_close_on, '9999') AS close_key");
	if (str_eq(l->column, "name"))
		query_add(&l->query, " FROM investors_cache k CROSS JOIN opportunities_live o ON o.investor_id = "
				     "k.investor_id" OPPORTUNITY_WITH " WHERE 1");
	else
		query_add(&l->query, " FROM opportunities_live o CROSS JOIN investors_cache k ON k.investor_id = "
				     "o.investor_id" OPPORTUNITY_WITH " WHERE 1");
}

enum status opportunities_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-moved", "Moved last"}, {"moved", "Longest in its stage"},
		{"-amount", "Largest"}, {"close", "Closes first"}, {"name", "Investor"}, {NULL, NULL}};
	const struct stages *stages = stages_now(&r->op);
	struct list l;
	struct sought s;
	list_open(&l, r, "/opportunities", sorts);
	begin(&l);
	sought_read(&l, &s);
	json_set_text(r->view, "board_url", pool_printf(r->op.pool, "/pipeline%s", l.parameters->data));
	sought_stage(&l, &s, stages);
	narrow(&l, &s, stages_archived(&r->op, stages));
	struct json_object *rows = list_objects(&l, order(&l), "id");
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		opportunity_fill(r, row, stages);
		json_object_object_del(row, "amount_key");
		json_object_object_del(row, "close_key");
	}
	if (!r->is_api)
		pipeline_sums(r, &s, stages);
	json_set_text(r->view, "title", "Opportunities");
	return OK;
}

/* ---- pages ---- */
static void moves(struct req *r, struct json_object *data, const struct stages *stages)
{
	json_set(data, "moves",
		json_object_get(db_array(&r->op,
			"SELECT m.from_stage, m.to_stage, m.amount, m.moved_at, u.name AS moved_by_name FROM "
			"stage_moves_said m LEFT JOIN users u ON u.id = m.moved_by WHERE m.opportunity_id = ? ORDER BY "
			"m.moved_at DESC, m.id DESC LIMIT ?",
			json_int(data, "id"), MOVES_SHOWN)));
	struct json_object *others = json_add_arr(data, "others");
	for (size_t i = 0; i < stages->n; i++)
		stage_other(others, &stages->all[i], json_text(data, "stage"));
}

enum status opportunities_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	enum status st = item_load(
		r, &opportunities_resource, db_object(&r->op, OPPORTUNITY OPPORTUNITY_FROM " WHERE o.id = ?", id));
	if (st || r->location)
		return st;
	const struct stages *stages = stages_now(&r->op);
	struct json_object *data = json_get(r->out, "data");
	opportunity_fill(r, data, stages);
	moves(r, data, stages);
	return OK;
}

void opportunities_fill(struct req *r, struct json_object *data, int64_t investor)
{
	const struct stages *stages = stages_now(&r->op);
	struct json_object *rows = db_array(&r->op,
		OPPORTUNITY OPPORTUNITY_FROM " WHERE o.investor_id = ? ORDER BY o.fund_id DESC LIMIT 50", investor);
	for (size_t i = 0; i < json_len(rows); i++)
		opportunity_fill(r, json_at(rows, i), stages);
	json_set(data, "opportunities", json_object_get(rows));
	set_has(data, "has_opportunities", json_len(rows) > 0);
	json_set_text(data, "opportunity_url",
		pool_printf(r->op.pool, "/opportunities/new?investor_id=%lld", (long long)investor));
}

/* The one fund that is being raised, where there is one. */
static int64_t fund_meant(struct op *op)
{
	int64_t id = 0;
	db_one_int(op, &id, "SELECT max(id) FROM funds_live WHERE stage = 'raising' HAVING count(*) = 1");
	return id;
}

enum status opportunities_new(struct req *r)
{
	struct json_object *preset = json_obj(r->op.pool);
	int64_t investor = in_int(r, "investor_id", 0, 1, INT64_MAX), fund = in_int(r, "fund_id", 0, 1, INT64_MAX);
	fund = fund ? fund : fund_meant(&r->op);
	if (investor)
		json_set_int(preset, "investor_id", investor);
	if (fund)
		json_set_int(preset, "fund_id", fund);
	json_set_int(preset, "owner_id", r->op.actor.user_id);
	json_set_text(preset, "stage", stage_first(stages_now(&r->op))->name);
	return item_form(r, &opportunities_resource, 0, preset);
}

enum status opportunities_edit(struct req *r)
{
	int64_t id = in_id(r, "id");
	return id ? item_form(r, &opportunities_resource, id, NULL) : r->op.fault.status;
}

/* What was asked for is there already, and stays as it is. */
static enum status is_there(struct req *r, int64_t id)
{
	if (!r->is_api)
		return reply_see(
			r, "They are in this pipeline already: here they are", "/opportunities/%lld", (long long)id);
	struct json_object *row = record_fields(&r->op, &opportunities_resource, id);
	json_set_int(row, "id", id);
	out_data(r, row);
	r->etag = json_int(row, "version");
	r->http_status = 200;
	return OK;
}

enum status opportunities_create(struct req *r)
{
	const char *stage = json_text(r->in, "stage");
	if (!json_get(r->in, "stage") || (stage && str_blank(stage)))
		json_set_text(r->in, "stage", stage_first(stages_now(&r->op))->name);
	struct op one = r->op; /* what is wrong with it is said below, once */
	fault_init(&one.fault, one.pool);
	struct json_object *typed = record_validate(&one, &opportunities_resource, r->in, false);
	int64_t id = typed ? pair_find(&r->op, json_int(typed, "investor_id"), json_int(typed, "fund_id")) : 0;
	return id ? is_there(r, id) : item_create(r, &opportunities_resource);
}

enum status opportunities_update(struct req *r)
{
	return item_update(r, &opportunities_resource);
}

/* What else came with the request is not part of a move. */
enum status opportunities_move(struct req *r)
{
	int64_t id = in_id(r, "id");
	for (size_t i = 0; i < FIELD_COUNT(fields); i++)
		if (!str_eq(fields[i].name, "stage"))
			json_object_object_del(r->in, fields[i].name);
	if (!in_text(r, "stage", 200))
		fail(&r->op, E_INPUT, "stage", "is required");
	enum status st = r->op.fault.status ? r->op.fault.status
			 : id               ? item_update(r, &opportunities_resource)
					    : E_NOT_FOUND;
	if (st || r->is_api || r->op.actor.kind != ACTOR_HUMAN)
		return st;
	return reply_see(r,
		pool_printf(r->op.pool, "%s is in %s now", record_label(&r->op, &opportunities_resource, id),
			json_text(r->in, "stage")),
		"%s", in_next(r, r->location));
}

enum status opportunities_delete(struct req *r)
{
	return item_delete(r, &opportunities_resource);
}

enum status opportunities_restore(struct req *r)
{
	return item_restore(r, &opportunities_resource);
}
