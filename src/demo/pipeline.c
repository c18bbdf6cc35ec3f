/* Owns the demo's opportunities and how they moved. Tests: t/unit/demo_seed.c */
#include "demo/pipeline.h"

#include "base/clock.h"
#include "base/pool.h"
#include "db/db.h"
#include "db/op.h"
#include "base/banned.h"

#define DAY ((int64_t)86400)
#define MILLION INT64_C(100000000)
#define FUND 2 /* the one that is being raised */

static const char *const stages[] = {"lead", "engaged", "diligence", "commitment"};

static const char *back(struct op *op, int64_t days)
{
	char at[INSTANT_SIZE];
	instant_format(op->now - days * DAY, at);
	return pool_strdup(op->pool, at);
}

/* What they hold of the fund says how far they are; of the others a die does. -1: not on the way at all. */
static int how_far(struct op *op, struct dice *d, int64_t investor)
{
	int64_t is_committed = 0, rolled = roll(d, 4);
	if (db_one_int(op, &is_committed,
		    "SELECT committed > 0 FROM positions_cache WHERE fund_id = ? AND investor_id = ?", FUND, investor))
		return is_committed ? 3 : 2;
	return rolled == 0 ? -1 : rolled > 1;
}

static enum status begin(struct op *op, struct dice *d, int64_t investor, int64_t days)
{
	static const int64_t millions[] = {0, 2, 3, 5, 5, 8, 10};
	static const char *const steps[] = {"Send the data room invitation", "Answer the DDQ",
		"Partner meeting in their office", "Their committee meets", NULL, NULL};
	char close[DAY_SIZE];
	zone_day("UTC", op->now + (int64_t)(20 + roll(d, 120)) * DAY, close);
	return db_run(op,
		"INSERT INTO opportunities (investor_id, fund_id, stage, amount, owner_id, expected_close_on, "
		"next_step, created_at, updated_at, created_by, updated_by) SELECT ?1, ?2, ?3, nullif(?4, 0), lead_id, "
		"?5, ?6, ?7, ?7, 1, 1 FROM investors WHERE id = ?1",
		investor, FUND, stages[0], PICK(d, millions) * MILLION, (const char *)close, PICK(d, steps),
		back(op, days));
}

static enum status move(struct op *op, int64_t id, const char *stage, int64_t days)
{
	return db_run(op,
		"UPDATE opportunities SET stage = ?2, version = version + 1, updated_at = ?3, updated_by = owner_id "
		"WHERE id = ?1",
		id, stage, back(op, days));
}

/* From stage to stage over some weeks; the last move is some days or some months old. */
enum status pipeline_investor(struct op *op, struct dice *d, int64_t investor)
{
	int far = how_far(op, d, investor);
	if (far < 0)
		return op->fault.status;
	int64_t last = roll(d, 3) ? roll(d, 25) : 30 + roll(d, 50), step = 5 + roll(d, 20);
	enum status st = begin(op, d, investor, last + step * far);
	int64_t id = db_last_id(op);
	for (int i = 1; i <= far && !st; i++)
		st = move(op, id, stages[i], last + step * (far - i));
	return st || far > 1 || roll(d, 5) ? st : move(op, id, "lost", last / 2);
}
