/* Owns the demo's funds and their ledger. Tests: t/unit/demo_seed.c */
#include "demo/ledger.h"

#include "base/clock.h"
#include "base/pool.h"
#include "db/db.h"
#include "db/op.h"
#include "base/banned.h"

#define DAY ((int64_t)86400)
#define MILLION INT64_C(100000000)

static const char *day_back(struct op *op, int64_t days)
{
	char day[DAY_SIZE];
	zone_day("UTC", op->now - days * DAY, day);
	return pool_strdup(op->pool, day);
}

enum status ledger_open(struct op *op)
{
	enum status st = db_run(op,
		"INSERT INTO funds (name, vintage, stage, currency, target, hard_cap, first_close_on, final_close_on, "
		"created_by, updated_by) VALUES ('Larkspur Growth I', 2020, 'closed', 'EUR', ?, ?, ?, ?, 1, 1)",
		60 * MILLION, 75 * MILLION, day_back(op, 2300), day_back(op, 1950));
	return st ? st
		  : db_run(op,
			    "INSERT INTO funds (name, vintage, stage, currency, target, hard_cap, first_close_on, "
			    "notes, "
			    "created_by, updated_by) VALUES ('Larkspur Growth II', 2026, 'raising', 'EUR', ?, ?, ?, "
			    "'Second close in spring; ten per cent are held back for the institutions of the first "
			    "fund.', "
			    "1, 1)",
			    120 * MILLION, 150 * MILLION, day_back(op, 60));
}

struct entry {
	int64_t fund, days_back, amount;
	const char *kind;
	int closing; /* 0: none */
	const char *evidence;
};

static enum status add(struct op *op, int64_t investor, struct entry e)
{
	return db_run(op,
		"INSERT INTO commitments (investor_id, fund_id, kind, amount, occurred_on, closing, evidence, "
		"created_by, updated_by, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, 0), ?7, 1, 1, "
		"?5 || 'T09:00:00Z', ?5 || 'T09:00:00Z')",
		investor, e.fund, e.kind, e.amount, day_back(op, e.days_back), e.closing, e.evidence);
}

/* Committed, and called in three parts; the last one not everybody has paid. */
static enum status raised(struct op *op, struct dice *d, int64_t investor, int64_t amount)
{
	static const int64_t when[] = {2200, 1500, 40};
	enum status st =
		add(op, investor, (struct entry){1, 2290, amount, "committed", 1, "Subscription agreement, signed"});
	for (size_t i = 0; i < 3 && !st; i++) {
		st = add(op, investor, (struct entry){1, when[i], amount * 3 / 10, "called", 0, NULL});
		if (!st && (i < 2 || roll(d, 4)))
			st = add(op, investor,
				(struct entry){1, when[i] - 12, amount * 3 / 10, "paid", 0, "Bank statement"});
	}
	return st;
}

/* From a word to a signature to the first call; some stop on the way, and some go back on it. */
static enum status raising(struct op *op, struct dice *d, int64_t investor, int64_t amount)
{
	uint32_t how_far = roll(d, 6);
	enum status st = add(op, investor,
		(struct entry){2, 90 + roll(d, 60), amount, "soft_circled", 0, "Said so on the telephone"});
	if (st || how_far < 2)
		return st;
	if (how_far == 2)
		return add(op, investor,
			(struct entry){2, 20 + roll(d, 20), amount / 2, "released", 0, "Their committee halved it"});
	st = add(op, investor,
		(struct entry){2, 58 + roll(d, 12), amount, "committed", 1, "Subscription agreement, signed"});
	if (st || how_far == 3)
		return st;
	st = add(op, investor, (struct entry){2, 30, amount / 5, "called", 0, NULL});
	return st || how_far == 4 ? st
				  : add(op, investor, (struct entry){2, 18, amount / 5, "paid", 0, "Bank statement"});
}

enum status ledger_investor(struct op *op, struct dice *d, int64_t investor)
{
	static const int64_t millions[] = {2, 3, 5, 5, 8, 10};
	enum status st = OK;
	if (roll(d, 3) == 0)
		st = raised(op, d, investor, PICK(d, millions) * MILLION);
	if (!st && roll(d, 5) < 3)
		st = raising(op, d, investor, PICK(d, millions) * MILLION);
	return st;
}
