/* Commitments: the ledger of what investors promised funds and paid. An entry is added or deleted, never changed; what
 * somebody holds follows from the entries (migration funds, view commitment_steps).
 *
 * commitments/list  data: [{id, version, investor_id, investor_name, investor_url, fund_id, fund_name, fund_url, currency,
 *                   kind, kind_label, title ("Committed 2,500,000 USD to Fund II"), amount (hundredths), occurred_on, closing,
 *                   evidence, created_by_name, updated_at, url}], the latest day first
 *                   parameters: q (an investor's name), fund_id, investor_id, kind, sort (-day day), limit, after
 * commitments/show  data: record item (shapes.h) and a list row's keys. It has no edit_url.
 * commitments/form  data: form (shapes.h)
 * data.positions of an investor: [{fund_id, name, url, currency, soft_circled, committed, called, paid, ledger_url}];
 *                   has_positions, commit_url
 * Tests: t/60-funds.t */
#include "crm/crm.h"

#include <string.h>

#include "base/clock.h"
#include "base/money.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "web/format.h"
#include "base/banned.h"

static const char *const kinds[] = {"soft_circled", "committed", "called", "paid", "released", NULL};
static const char *const kind_labels[] = {"Soft-circled", "Committed", "Called", "Paid", "Released", NULL};

static const struct field fields[] = {
	{.name = "investor_id", .label = "Investor", .type = F_REF, .flags = FIELD_REQUIRED, .ref = "investors"},
	{.name = "fund_id", .label = "Fund", .type = F_REF, .flags = FIELD_REQUIRED, .ref = "funds"},
	{.name = "kind",
		.label = "What",
		.type = F_CHOICE,
		.flags = FIELD_REQUIRED,
		.choices = kinds,
		.labels = kind_labels,
		.help = "What is released is taken from the soft circle first, then from what is not called yet."},
	{.name = "amount",
		.label = "Amount",
		.type = F_MONEY,
		.flags = FIELD_REQUIRED,
		.help = "In the fund's currency, as in 2,500,000 or 2.5m."},
	{.name = "occurred_on", .label = "Day", .type = F_DAY, .flags = FIELD_REQUIRED},
	{.name = "closing",
		.label = "Closing",
		.type = F_INT,
		.max = 99,
		.help = "Its number, where it belongs to one."},
	{.name = "evidence",
		.label = "Evidence",
		.type = F_LONG,
		.max = 2000,
		.help = "What says so: a letter, a signed page, a line of the bank.",
		.privacy = PRIVATE_DATA},
};

/* ---- what may be written ---- */
static enum status check(struct op *op, int64_t id, struct json_object *all)
{
	char today[DAY_SIZE];
	const char *day = json_text(all, "occurred_on");
	(void)id;
	zone_day(setting_text(op, "time_zone"), op->now, today);
	if (!json_text(all, "kind"))
		fail(op, E_INPUT, "kind", "is required");
	if (day && strcmp(day, today) > 0)
		fail(op, E_INPUT, "occurred_on", "is still to come: the ledger holds what has happened");
	if (json_get(all, "closing") && json_int(all, "closing") < 1)
		fail(op, E_INPUT, "closing", "must be 1 or more");
	return op->fault.status;
}

/* The first entry after which less would be committed than called, or less called than paid. */
static struct json_object *broken(struct op *op, int64_t investor)
{
	return db_object(op,
		"SELECT s.id, c.kind, c.amount, c.occurred_on, s.committed, s.called, s.paid FROM (SELECT id, "
		"sum(committed) OVER ledger AS committed, sum(called) OVER ledger AS called, sum(paid) OVER ledger AS "
		"paid FROM commitment_steps WHERE investor_id = ? WINDOW ledger AS (PARTITION BY fund_id ORDER BY "
		"occurred_on, id)) s JOIN commitments_live c ON c.id = s.id WHERE s.committed < s.called OR s.called < "
		"s.paid ORDER BY c.occurred_on, c.id LIMIT 1",
		investor);
}

/* What that entry could have taken at most. */
static const char *most(struct op *op, struct json_object *row)
{
	int64_t lack = str_eq(json_text(row, "kind"), "paid") ? json_int(row, "paid") - json_int(row, "called")
							      : json_int(row, "called") - json_int(row, "committed");
	int64_t left = json_int(row, "amount") - lack;
	return money_text(op->pool, left > 0 ? left : 0);
}

static enum status refuse(struct op *op, int64_t id, struct json_object *row)
{
	const char *kind = json_text(row, "kind");
	if (json_int(row, "id") != id)
		return fail(op, E_CONFLICT, NULL, "the ledger would not add up at the entry of %s: %s %s",
			format_day(op->pool, json_text(row, "occurred_on")),
			str_lower(op->pool, choice_label(kinds, kind_labels, kind)),
			money_text(op->pool, json_int(row, "amount")));
	return fail(op, E_INPUT, "amount", "is more than %s: %s at most",
		str_eq(kind, "paid")     ? "is called and not paid yet"
		: str_eq(kind, "called") ? "is committed and not called yet"
					 : "is soft-circled, or committed and not called",
		most(op, row));
}

enum status ledger_settle(struct op *op, int64_t investor)
{
	struct json_object *row = broken(op, investor);
	return row ? refuse(op, 0, row) : op->fault.status;
}

static enum status settle(struct op *op, int64_t id)
{
	struct json_object *entry = db_object(op,
		"SELECT investor_id, fund_id, 1 AS live FROM commitments_live WHERE id = ?1 UNION ALL "
		"SELECT investor_id, fund_id, 0 FROM commitments_trash WHERE id = ?1",
		id);
	int64_t investor = json_int(entry, "investor_id"), there = 0;
	db_one_int(op, &there,
		"SELECT EXISTS (SELECT 1 FROM investors_live WHERE id = ?) AND EXISTS (SELECT 1 FROM funds_live WHERE "
		"id = ?)",
		investor, json_int(entry, "fund_id"));
	if (json_int(entry, "live") && !there)
		return fail(op, E_CONFLICT, NULL, "its investor or its fund is deleted: restore that first");
	struct json_object *row = broken(op, investor);
	return row ? refuse(op, id, row) : op->fault.status;
}

const struct resource commitments_resource = {
	.name = "commitments",
	.singular = "ledger entry",
	.title = "Ledger entry",
	.fields = fields,
	.nfields = FIELD_COUNT(fields),
	LABEL_SQL("SELECT k.name || ': ' || c.title FROM commitments_said c JOIN investors_cache k ON k.investor_id = "
		  "c.investor_id WHERE c.id = "),
	.check = check,
	.settle = settle,
};

/* ---- pages ---- */
#define COLUMNS                                                                                                        \
	"SELECT c.id, c.version, c.investor_id, k.name AS investor_name, c.fund_id, c.fund_name, c.currency, c.kind, " \
	"c.title, c.amount, c.occurred_on, c.closing, c.evidence, u.name AS created_by_name, c.updated_at"
#define FROM_LEDGER                                                                                                    \
	" FROM commitments_said c CROSS JOIN investors_cache k ON k.investor_id = c.investor_id LEFT JOIN users u ON " \
	"u.id = c.created_by"

static void labels(struct pool *p, struct json_object *row)
{
	json_set_text(row, "kind_label", choice_label(kinds, kind_labels, json_text(row, "kind")));
	json_set_text(row, "investor_url", resource_url(p, "investors", json_int(row, "investor_id")));
	json_set_text(row, "fund_url", resource_url(p, "funds", json_int(row, "fund_id")));
	set_url(p, row, "/commitments", json_int(row, "id"));
}

enum status commitments_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-day", "Latest"}, {"day", "Earliest"}, {NULL, NULL}};
	struct list l;
	list_open(&l, r, "/commitments", sorts);
	query_add(&l.query, COLUMNS FROM_LEDGER " WHERE 1");
	const char *kind = list_choice(&l, "kind", "What", kinds, kind_labels, "Anything", NULL);
	int64_t fund = list_ref(&l, "fund_id", "Fund", "SELECT id, name FROM funds_live ORDER BY name LIMIT 100");
	int64_t investor = list_ref(&l, "investor_id", "Investor", NULL);
	if (kind)
		query_add(&l.query, " AND c.kind = ?", kind);
	if (fund)
		query_add(&l.query, " AND c.fund_id = ?", fund);
	if (investor)
		query_add(&l.query, " AND c.investor_id = ?", investor);
	if (l.q)
		query_add(&l.query, " AND k.name LIKE ? ESCAPE '\\'", l.q);
	list_order(&l, "c.occurred_on", "c.id");
	struct json_object *rows = list_objects(&l, "occurred_on", "id");
	for (size_t i = 0; i < json_len(rows); i++)
		labels(r->op.pool, json_at(rows, i));
	json_set_text(r->view, "title", "Commitments");
	return OK;
}

enum status commitments_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	enum status st =
		item_load(r, &commitments_resource, db_object(&r->op, COLUMNS FROM_LEDGER " WHERE c.id = ?", id));
	if (st || r->location)
		return st;
	struct json_object *data = json_get(r->out, "data");
	labels(r->op.pool, data);
	json_set_text(data, "edit_url", NULL);
	return OK;
}

void position_link(struct pool *p, struct json_object *row, int64_t fund, int64_t investor)
{
	json_set_text(row, "ledger_url",
		pool_printf(p, "/commitments?fund_id=%lld&investor_id=%lld", (long long)fund, (long long)investor));
}

void positions_fill(struct req *r, struct json_object *data, int64_t investor)
{
	struct pool *p = r->op.pool;
	struct json_object *rows = db_array(&r->op,
		"SELECT p.fund_id, f.name, f.currency, p.soft_circled, p.committed, p.called, p.paid FROM "
		"positions_cache p "
		"CROSS JOIN funds_live f ON f.id = p.fund_id WHERE p.investor_id = ? ORDER BY p.fund_id DESC LIMIT 50",
		investor);
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		set_url(p, row, "/funds", json_int(row, "fund_id"));
		position_link(p, row, json_int(row, "fund_id"), investor);
	}
	json_set(data, "positions", json_object_get(rows));
	set_has(data, "has_positions", json_len(rows) > 0);
	json_set_text(data, "commit_url", pool_printf(p, "/commitments/new?investor_id=%lld", (long long)investor));
}

enum status commitments_new(struct req *r)
{
	static const char *const names[] = {"investor_id", "fund_id", NULL};
	struct json_object *preset = item_preset(r, names);
	json_set_text(preset, "occurred_on", day_after(r, 0));
	return item_form(r, &commitments_resource, 0, preset);
}

enum status commitments_create(struct req *r)
{
	return item_create(r, &commitments_resource);
}

enum status commitments_delete(struct req *r)
{
	return item_delete(r, &commitments_resource);
}

enum status commitments_restore(struct req *r)
{
	return item_restore(r, &commitments_resource);
}
