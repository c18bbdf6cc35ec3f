/* Owns the ledger: every source id seen is in exactly one state. Of excluded mail it keeps id, date and rule only.
 * Tests: t/40-capture.t, t/40-verify.t */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "db/db.h"
#include "base/banned.h"

#define ATTEMPTS_MAX 5

enum status ledger_put(struct op *op, int64_t mailbox_id, const struct entry *e)
{
	char at[INSTANT_SIZE];
	instant_format(e->sent_at, at);
	bool stored = str_eq(e->state, "stored");
	return db_run(op,
		"INSERT INTO mailbox_items (mailbox_id, source_id, state, rule, reason, message_id, folder, flags, "
		"sent_at, attempts)"
		" VALUES (?, ?, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?) ON CONFLICT (mailbox_id, source_id) DO UPDATE SET "
		"state = excluded.state,"
		" rule = excluded.rule, reason = excluded.reason, message_id = excluded.message_id, folder = "
		"excluded.folder,"
		" flags = excluded.flags, sent_at = excluded.sent_at, attempts = attempts + excluded.attempts, seen_at "
		"= excluded.seen_at",
		mailbox_id, e->item->id, e->state, e->rule, e->reason, e->message_id, stored ? e->item->folder : NULL,
		stored ? e->item->flags : NULL, (const char *)at, e->is_passing ? 0 : 1);
}

/* Left out for want of somebody known, or by a rule that is retracted: that can be judged otherwise now. */
enum want ledger_wants(struct op *op, int64_t mailbox_id, const char *source_id, bool full, const char *again_until)
{
	struct stmt *q = db_query(op,
		"SELECT state, attempts, rule LIKE 'rule/%' AND NOT EXISTS (SELECT 1 FROM rules_live r WHERE r.id = "
		"CAST(substr(i.rule, 6) AS INTEGER)), rule = 'stranger' AND seen_at <= ? FROM mailbox_items i WHERE "
		"mailbox_id = ? AND source_id = ?",
		again_until, mailbox_id, source_id);
	if (!db_row(q))
		return WANT_NEW;
	bool failed = str_eq(db_text(q, 0), "failed"), gone = str_eq(db_text(q, 0), "gone");
	bool is_new = gone || (failed && (full || db_int(q, 1) < ATTEMPTS_MAX)) || (full && db_int(q, 2));
	bool again = again_until && (db_int(q, 2) || db_int(q, 3));
	db_done(q);
	return is_new ? WANT_NEW : again ? WANT_AGAIN : WANT_NOT;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum status ledger_gone(struct op *op, int64_t mailbox_id, const char *const *sorted_ids, size_t n)
{
	struct json_object *gone = json_arr(op->pool);
	for (struct stmt *q = db_query(
		     op, "SELECT source_id FROM mailbox_items WHERE mailbox_id = ? AND state <> 'gone'", mailbox_id);
		db_row(q);) {
		const char *id = db_text(q, 0);
		if (!n || !bsearch(&id, sorted_ids, n, sizeof *sorted_ids, compare))
			json_push_text(gone, id);
	}
	enum status st = op->fault.status;
	for (size_t i = 0; i < json_len(gone) && !st; i++)
		st = db_run(op,
			"UPDATE mailbox_items SET state = 'gone', rule = NULL, seen_at = ctx_now() WHERE mailbox_id = "
			"? AND source_id = ?",
			mailbox_id, json_object_get_string(json_at(gone, i)));
	return st;
}

#define DIFFERENCES_MAX 1000 /* that are named; all are counted */

static void differ(struct capture_report *r, int64_t *count, const char *source_id, const char *what)
{
	++*count;
	if (json_len(r->differences) == DIFFERENCES_MAX)
		return;
	struct json_object *o = json_push_obj(r->differences);
	json_set_text(o, "source_id", source_id);
	json_set_text(o, "difference", what);
}

/* Both are in the order of their bytes, so that one walk compares them. */
enum status ledger_compare(struct op *op, int64_t mailbox_id, const char *const *sorted_ids, size_t n, bool whole,
	struct capture_report *r)
{
	size_t at = 0;
	r->differences = json_arr(op->pool);
	for (struct stmt *q = db_query(op,
		     "SELECT source_id, state FROM mailbox_items WHERE mailbox_id = ? ORDER BY source_id", mailbox_id);
		db_row(q);) {
		const char *id = db_text(q, 0);
		bool gone = str_eq(db_text(q, 1), "gone");
		while (at < n && strcmp(sorted_ids[at], id) < 0)
			differ(r, &r->missing, sorted_ids[at++], "missing");
		bool listed = at < n && strcmp(sorted_ids[at], id) == 0;
		at += listed;
		if (listed && gone)
			differ(r, &r->returned, id, "returned");
		else if (!listed && !gone && whole)
			differ(r, &r->left, id, "left");
	}
	while (at < n)
		differ(r, &r->missing, sorted_ids[at++], "missing");
	return op->fault.status;
}

void ledger_count(struct op *op, int64_t mailbox_id, struct capture_report *r)
{
	struct stmt *q = db_query(op, "SELECT state, n FROM mailbox_counts_cache WHERE mailbox_id = ?", mailbox_id);
	while (db_row(q)) {
		const char *state = db_text(q, 0);
		int64_t n = db_int(q, 1);
		if (str_eq(state, "stored"))
			r->stored = n;
		else if (str_eq(state, "excluded"))
			r->excluded = n;
		else if (str_eq(state, "failed"))
			r->failed = n;
		else
			r->gone = n;
	}
}
