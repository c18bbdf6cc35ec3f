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

/* Is what the ledger has of a known item what the source says now? Of mail that is kept, where it lies and how it is marked;
 * of what is none, which of them it is. */
static bool is_current(struct stmt *q, const struct source_item *item, bool stored)
{
	if (!stored)
		return !item->skip || str_eq(db_text(q, 4), item->skip);
	return str_eq(db_text(q, 5), item->folder ? item->folder : "") &&
	       str_eq(db_text(q, 6), item->flags ? item->flags : "");
}

/* Left out for want of somebody known, or by a rule that is retracted: that can be judged otherwise now. So can a draft
 * that was sent, and what was taken out of the spam or the trash. */
enum want ledger_wants(
	struct op *op, int64_t mailbox_id, const struct source_item *item, bool full, const char *again_until)
{
	struct stmt *q = db_query(op,
		"SELECT state, attempts, rule LIKE 'rule/%' AND NOT EXISTS (SELECT 1 FROM rules_live r WHERE r.id = "
		"CAST(substr(i.rule, 6) AS INTEGER)), rule = 'stranger' AND seen_at <= ?, iif(rule IN ('draft', "
		"'spam'), rule, ''), coalesce(folder, ''), coalesce(flags, '') FROM mailbox_items i WHERE "
		"mailbox_id = ? AND source_id = ?",
		again_until, mailbox_id, item->id);
	if (!db_row(q))
		return WANT_NEW;
	const char *state = db_text(q, 0);
	bool failed = str_eq(state, "failed"), gone = str_eq(state, "gone"), stored = str_eq(state, "stored");
	bool skipped = *db_text(q, 4), is_mail_now = skipped && !item->skip;
	bool is_new =
		gone || is_mail_now || (failed && (full || db_int(q, 1) < ATTEMPTS_MAX)) || (full && db_int(q, 2));
	bool again = again_until && (db_int(q, 2) || db_int(q, 3));
	bool labels = (stored || skipped) && !is_current(q, item, stored);
	db_done(q);
	return is_new ? WANT_NEW : again ? WANT_AGAIN : labels ? WANT_LABELS : WANT_NOT;
}

enum status ledger_label(struct op *op, int64_t mailbox_id, const struct source_item *item)
{
	return db_run(op,
		"UPDATE mailbox_items SET folder = iif(state = 'stored', ?1, folder), flags = iif(state = 'stored', "
		"?2, flags), rule = iif(rule IN ('draft', 'spam'), ?3, rule) WHERE mailbox_id = ?4 AND source_id = ?5",
		item->folder, item->flags, item->skip, mailbox_id, item->id);
}

bool ledger_has(struct op *op, int64_t mailbox_id, const char *source_id)
{
	int64_t there;
	return db_one_int(op, &there, "SELECT 1 FROM mailbox_items WHERE mailbox_id = ? AND source_id = ?", mailbox_id,
		source_id);
}

enum status ledger_rename(struct op *op, int64_t mailbox_id, const struct source_item *item)
{
	return db_run(op, "UPDATE mailbox_items SET source_id = ? WHERE mailbox_id = ? AND source_id = ?", item->id,
		mailbox_id, item->was);
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
