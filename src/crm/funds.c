/* Funds: what is raised. Owns their declaration, list and pages.
 *
 * funds/list  data: [{id, version, name, vintage, stage, stage_label, currency, target, hard_cap, investors, soft_circled,
 *             committed, called, paid, updated_at, url, percent, has_target, chart (raise.c)}]
 *             amounts in hundredths of the currency; parameters: q, stage, sort (name -name), limit, after
 * funds/show  data: record item (shapes.h), a list row's keys, first_close_on, final_close_on, notes
 *             as_of         the day the amounts are of, null for today; parameter as_of
 *             positions     what each investor holds, the largest first, POSITIONS_MAX of them: [{investor_id, name, url,
 *                           soft_circled, committed, called, paid, ledger_url}]   has_positions, more_positions
 *             ledger_url    "/commitments?fund_id=1"   commit_url "/commitments/new?fund_id=1"
 * funds/form  data: form (shapes.h)
 * data.raises of home: the list rows of the funds that are being raised, the newest first; has_raises
 * Tests: t/60-funds.t */
#include "crm/crm.h"

#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define POSITIONS_MAX 200
#define RAISES_SHOWN 3

static const char *const stages[] = {"planned", "raising", "closed", "ended", NULL};
static const char *const stage_labels[] = {"Planned", "Raising", "Final close held", "Ended", NULL};
/* Those that are counted in hundredths (ISO 4217). */
static const char *const currencies[] = {"USD", "EUR", "GBP", "CHF", "AED", "AUD", "BRL", "CAD", "CNY", "CZK", "DKK",
	"HKD", "ILS", "INR", "MXN", "NOK", "NZD", "PLN", "SAR", "SEK", "SGD", "ZAR", NULL};

static const struct field fields[] = {
	{.name = "name", .label = "Name", .type = F_TEXT, .flags = FIELD_REQUIRED, .max = 200},
	{.name = "vintage", .label = "Vintage", .type = F_INT, .max = 2200, .help = "The year it begins to invest."},
	{.name = "stage",
		.label = "Stage",
		.type = F_CHOICE,
		.flags = FIELD_REQUIRED,
		.choices = stages,
		.labels = stage_labels},
	{.name = "currency", .label = "Currency", .type = F_CHOICE, .flags = FIELD_REQUIRED, .choices = currencies},
	{.name = "target", .label = "Target", .type = F_MONEY, .help = "As in 150,000,000 or 150m."},
	{.name = "hard_cap", .label = "Hard cap", .type = F_MONEY},
	{.name = "first_close_on", .label = "First close", .type = F_DAY},
	{.name = "final_close_on", .label = "Final close", .type = F_DAY},
	{.name = "notes", .label = "Notes", .type = F_LONG, .privacy = PRIVATE_DATA},
};

/* Amounts of one currency do not become amounts of another. */
static enum status keeps_currency(struct op *op, int64_t id, const char *currency)
{
	const char *now = db_one_text(op, "SELECT currency FROM funds_live WHERE id = ?", id);
	int64_t any = 0;
	db_one_int(op, &any,
		"SELECT EXISTS (SELECT 1 FROM commitments_live WHERE fund_id = ?1) OR EXISTS (SELECT 1 FROM "
		"opportunities_live WHERE fund_id = ?1 AND amount IS NOT NULL)",
		id);
	return !any || !now || str_eq(now, currency)
		       ? OK
		       : fail(op, E_INPUT, "currency", "cannot change: there are amounts in %s", now);
}

static enum status check(struct op *op, int64_t id, struct json_object *all)
{
	int64_t vintage = json_int(all, "vintage"), target = json_int(all, "target"), cap = json_int(all, "hard_cap");
	const char *first = json_text(all, "first_close_on"), *final = json_text(all, "final_close_on");
	if (json_get(all, "vintage") && vintage < 1900)
		fail(op, E_INPUT, "vintage", "is a year, 1900 or later");
	if (target && cap && cap < target)
		fail(op, E_INPUT, "hard_cap", "is below the target");
	if (first && final && strcmp(final, first) < 0)
		fail(op, E_INPUT, "final_close_on", "is before the first close");
	if (id)
		keeps_currency(op, id, json_text(all, "currency"));
	return op->fault.status;
}

const struct resource funds_resource = {
	.name = "funds",
	.singular = "fund",
	.title = "Fund",
	.fields = fields,
	.nfields = FIELD_COUNT(fields),
	LABEL_SQL("SELECT name FROM funds_live WHERE id = "),
	.options_sql = "SELECT id, name FROM funds_live ORDER BY name COLLATE NOCASE LIMIT ?1",
	.named_sql = "SELECT id FROM funds_live WHERE name = ?1 COLLATE NOCASE LIMIT 2",
	.check = check,
};

#define COLUMNS                                                                                                        \
	"SELECT f.id, f.version, f.name, f.vintage, f.stage, f.currency, f.target, f.hard_cap, k.investors, "          \
	"k.soft_circled, k.committed, k.called, k.paid, f.updated_at"
#define FROM_FUNDS " FROM funds_live f JOIN raises_cache k ON k.fund_id = f.id"

static void labels(struct op *op, struct json_object *row)
{
	json_set_text(row, "stage_label", choice_label(stages, stage_labels, json_text(row, "stage")));
	set_url(op->pool, row, "/funds", json_int(row, "id"));
	raise_fill(op, row);
}

enum status funds_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"name", "Name"}, {"-name", "Name, from Z"}, {NULL, NULL}};
	struct list l;
	list_open(&l, r, "/funds", sorts);
	query_add(&l.query, COLUMNS FROM_FUNDS " WHERE 1");
	const char *stage = list_choice(&l, "stage", "Stage", stages, stage_labels, "Any stage", NULL);
	if (stage)
		query_add(&l.query, " AND f.stage = ?", stage);
	if (l.q)
		query_add(&l.query, " AND f.name LIKE ? ESCAPE '\\'", l.q);
	list_order(&l, "f.name COLLATE NOCASE", "f.id");
	struct json_object *rows = list_objects(&l, "name", "id");
	for (size_t i = 0; i < json_len(rows); i++)
		labels(&r->op, json_at(rows, i));
	json_set_text(r->view, "title", "Funds");
	return OK;
}

void raises_fill(struct req *r, struct json_object *data)
{
	struct json_object *rows = db_array(
		&r->op, COLUMNS FROM_FUNDS " WHERE f.stage = 'raising' ORDER BY f.id DESC LIMIT ?", RAISES_SHOWN);
	for (size_t i = 0; i < json_len(rows); i++)
		labels(&r->op, json_at(rows, i));
	json_set(data, "raises", json_object_get(rows));
	set_has(data, "has_raises", json_len(rows) > 0);
}

/* ---- what its investors hold ---- */
/* The ledger up to a day; without one, what triggers keep of today. */
#define HELD " FROM positions_cache p WHERE p.fund_id = ?1 AND p.soft_circled + p.committed > 0"
#define HELD_THEN                                                                                                      \
	" FROM (SELECT investor_id, sum(soft_circled) AS soft_circled, sum(committed) AS committed, sum(called) AS "   \
	"called, sum(paid) AS paid FROM commitment_steps WHERE fund_id = ?1 AND occurred_on <= ?2 GROUP BY "           \
	"investor_id) p WHERE p.soft_circled + p.committed > 0"
#define POSITION                                                                                                       \
	"SELECT p.investor_id, (SELECT name FROM investors_cache k WHERE k.investor_id = p.investor_id) AS name, "     \
	"p.soft_circled, p.committed, p.called, p.paid"
#define LARGEST " ORDER BY p.committed DESC, p.soft_circled DESC, p.investor_id LIMIT ?3"

static void positions(struct req *r, struct json_object *data, const char *as_of)
{
	int64_t id = json_int(data, "id");
	struct json_object *rows = as_of ? db_array(&r->op, POSITION HELD_THEN LARGEST, id, as_of, POSITIONS_MAX + 1)
					 : db_array(&r->op, POSITION HELD LARGEST, id, "", POSITIONS_MAX + 1);
	bool more = json_len(rows) > POSITIONS_MAX;
	if (more)
		json_object_array_del_idx(rows, POSITIONS_MAX, 1);
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		set_url(r->op.pool, row, "/investors", json_int(row, "investor_id"));
		position_link(r->op.pool, row, id, json_int(row, "investor_id"));
	}
	json_set(data, "positions", json_object_get(rows));
	set_has(data, "has_positions", json_len(rows) > 0);
	json_set_bool(data, "more_positions", more);
}

/* Their sum takes the place of today's. */
static void totals(struct req *r, struct json_object *data, const char *as_of)
{
	struct json_object *sums = db_object(&r->op,
		"SELECT count(*) AS investors, coalesce(sum(p.soft_circled), 0) AS soft_circled, "
		"coalesce(sum(p.committed), "
		"0) AS committed, coalesce(sum(p.called), 0) AS called, coalesce(sum(p.paid), 0) AS paid" HELD_THEN,
		json_int(data, "id"), as_of);
	if (!sums)
		return;
	json_object_object_foreach(sums, key, value)
	{
		json_set(data, key, json_object_get(value));
	}
}

/* A day that is over; NULL for today. */
static const char *day_asked(struct req *r)
{
	const char *day = in_day(r, "as_of");
	return day && strcmp(day, day_after(r, 0)) < 0 ? day : NULL;
}

enum status funds_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	const char *as_of = day_asked(r);
	enum status st = r->op.fault.status;
	if (!st)
		st = item_load(r, &funds_resource,
			db_object(&r->op,
				COLUMNS ", f.first_close_on, f.final_close_on, f.notes" FROM_FUNDS " WHERE f.id = ?",
				id));
	if (st || r->location)
		return st;
	struct json_object *data = json_get(r->out, "data");
	if (as_of)
		totals(r, data, as_of);
	labels(&r->op, data);
	positions(r, data, as_of);
	json_set_text(data, "as_of", as_of);
	json_set_text(r->view, "today", day_after(r, 0));
	json_set_text(data, "ledger_url", pool_printf(r->op.pool, "/commitments?fund_id=%lld", (long long)id));
	json_set_text(data, "commit_url", pool_printf(r->op.pool, "/commitments/new?fund_id=%lld", (long long)id));
	return OK;
}

enum status funds_new(struct req *r)
{
	return item_form(r, &funds_resource, 0, NULL);
}

enum status funds_edit(struct req *r)
{
	int64_t id = in_id(r, "id");
	return id ? item_form(r, &funds_resource, id, NULL) : r->op.fault.status;
}

enum status funds_create(struct req *r)
{
	return item_create(r, &funds_resource);
}

enum status funds_update(struct req *r)
{
	return item_update(r, &funds_resource);
}

enum status funds_delete(struct req *r)
{
	return item_delete(r, &funds_resource);
}

enum status funds_restore(struct req *r)
{
	return item_restore(r, &funds_resource);
}
