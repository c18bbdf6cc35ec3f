/* Owns the demo's past decisions. They go the way of all decisions, core/approval.h. Tests: t/unit/demo_seed.c */
#include "demo/history.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/approval.h"
#include "db/db.h"
#include "db/op.h"
#include "base/banned.h"

#define DONE_HOURS 30  /* what is newer nobody has looked at yet */
#define RECENT_DAYS 10 /* of these days a third still waits */

static enum status decide(struct op *op, struct json_object *p, size_t n)
{
	int64_t id = json_int(p, "id"), record;
	const char *sha256 = json_text(p, "sha256");
	if (n % 9 == 8)
		return approval_dismiss(op, id, sha256, "Nothing to record.");
	return approval_approve(op, id, sha256, -1, NULL, &record);
}

enum status demo_history(struct op *op)
{
	char before[INSTANT_SIZE], recent[INSTANT_SIZE];
	instant_format(op->now - DONE_HOURS * 3600, before);
	instant_format(op->now - RECENT_DAYS * 86400, recent);
	struct json_object *all = db_array(op,
		"SELECT id, sha256 FROM proposals WHERE state = 'pending' AND occurred_at < ? AND NOT (id % 3 = 0 AND"
		" (kind = 'contact' OR occurred_at > ?)) ORDER BY occurred_at, id",
		(const char *)before, (const char *)recent);
	enum status st = op->fault.status;
	for (size_t i = 0; i < json_len(all) && !st; i++) {
		st = db_begin(op);
		if (!st)
			st = decide(op, json_at(all, i), i);
		if (!st) {
			st = db_commit(op);
			continue;
		}
		db_rollback(op);
		/* Somebody of that name or address is on the books by now: the demo leaves such a card to be looked at. */
		if (st == E_CONFLICT || st == E_INPUT) {
			fault_init(&op->fault, op->pool);
			st = OK;
		}
	}
	return st;
}
