/* Owns carrying out what a rule does to stored mail: its copies leave the ledger, what nobody holds any more is erased, by a
 * trigger that asks for the rule, and files that nothing refers to are removed. The receipt (purges) moves with each
 * batch's transaction; whoever is killed is followed by the next run. Tests: t/40-rules.t */
#include <errno.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "core/rule.h"
#include "core/settings.h"
#include "db/db.h"
#include "mail/thread.h"
#include "base/banned.h"

#define BATCH_MESSAGES 100

/* ---- what is left around a message that has gone ---- */
static enum status thread_figures(struct op *op, int64_t thread_id)
{
	const char *first = db_one_text(
		op, "SELECT subject FROM messages WHERE thread_id = ? ORDER BY sent_at, id LIMIT 1", thread_id);
	enum status st = db_run(op, "UPDATE threads SET subject = ? WHERE id = ?",
		first ? subject_base(op->pool, first) : "(purged)", thread_id);
	return st ? st : db_run(op, "INSERT INTO threads_summary (thread_id) VALUES (?)", thread_id);
}

/* The activities that spoke of it, in whichever thread they are by now, and what else was made from it alone. */
#define SPOKE_OF                                                                                                       \
	" id IN (SELECT proposal_id FROM purged_evidence WHERE message_id = ?1) AND (kind = 'activity' OR message_id " \
	"= ?1)"

/* What waits is made again from what is left, or goes; what was decided keeps its hash, and its words where they are on
 * a record. */
static enum status proposals_left(struct op *op, int64_t message_id)
{
	enum status st = db_run(op,
		"INSERT INTO activities_queue (thread_id) SELECT thread_id FROM proposals WHERE" SPOKE_OF
		" AND kind = 'activity' AND state = 'pending' AND thread_id IS NOT NULL ON CONFLICT DO NOTHING",
		message_id);
	if (!st)
		st = activities_settle(op, setting_text(op, "time_zone"));
	if (!st)
		st = db_run(op,
			"UPDATE proposals SET state = 'expired', updated_at = ctx_now() WHERE" SPOKE_OF
			" AND state = 'pending' AND message_id = ?1",
			message_id);
	if (!st)
		st = db_run(op,
			"UPDATE proposals SET change_json = '{}', title = 'Purged mail', idempotency_key = 'purged/' ||"
			" id WHERE" SPOKE_OF " AND state IN ('expired', 'dismissed', 'undone')",
			message_id);
	if (!st)
		st = db_run(op,
			"UPDATE proposal_versions SET change_json = '{}', title = 'Purged mail' WHERE proposal_id IN"
			" (SELECT proposal_id FROM purged_evidence WHERE message_id = ?)",
			message_id);
	return st ? st
		  : db_run(op,
			    "UPDATE proposals SET evidence_json = '{\"is_purged\":true}' WHERE" SPOKE_OF
			    " AND state <> 'pending'",
			    message_id);
}

/* ---- one message ---- */
static enum status copies_take(struct op *op, const struct rule *rule, int64_t message_id)
{
	struct query q;
	query_init(&q, op->pool);
	rule_copies(&q, rule);
	query_add(&q, " AND c.message_id = ? LIMIT 10000", message_id);
	struct json_object *copies = query_array(op, &q);
	enum status st = op->fault.status;
	for (size_t i = 0; i < json_len(copies) && !st; i++)
		st = db_run(op,
			"UPDATE mailbox_items SET state = iif(state = 'gone', 'gone', 'excluded'), rule = iif(state = "
			"'gone', NULL, ?), message_id = NULL, reason = NULL, folder = NULL, flags = NULL WHERE "
			"mailbox_id = ? AND source_id = ?",
			rule_name(op->pool, rule->id), json_int(json_at(copies, i), "mailbox_id"),
			json_text(json_at(copies, i), "source_id"));
	return st ? st
		  : db_run(op, "UPDATE purges SET copies = copies + ? WHERE rule_id = ?", json_len(copies), rule->id);
}

static enum status message_purge(struct op *op, const struct rule *rule, int64_t message_id, int64_t thread_id)
{
	int64_t held = 0;
	enum status st = copies_take(op, rule, message_id);
	if (st)
		return st;
	db_one_int(op, &held, "SELECT EXISTS (SELECT 1 FROM mailbox_items WHERE message_id = ?)", message_id);
	if (held)
		return db_run(op, "UPDATE purges SET hidden = hidden + 1 WHERE rule_id = ?", rule->id);
	st = db_run(op,
		"INSERT INTO purged_messages (message_id, rule_id, thread_id, sent_at) SELECT id, ?, thread_id, "
		"sent_at "
		"FROM messages WHERE id = ?",
		rule->id, message_id);
	if (!st)
		st = thread_figures(op, thread_id);
	return st ? st : proposals_left(op, message_id);
}

static enum status batch(struct op *op, const struct rule *rule, size_t *n)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "SELECT DISTINCT h.message_id, m.thread_id FROM (");
	rule_copies(&q, rule);
	query_add(&q, ") h JOIN messages m ON m.id = h.message_id LIMIT ?", BATCH_MESSAGES);
	enum status st = db_begin(op);
	if (st)
		return st;
	struct json_object *messages = query_array(op, &q);
	st = op->fault.status;
	for (size_t i = 0; i < json_len(messages) && !st; i++)
		st = message_purge(op, rule, json_int(json_at(messages, i), "message_id"),
			json_int(json_at(messages, i), "thread_id"));
	*n = json_len(messages);
	return db_end(op, st);
}

/* ---- the rules under way ---- */
static enum status ended(struct op *op, int64_t rule_id)
{
	enum status st = db_begin(op);
	return st ? st
		  : db_end(op, db_run(op,
				       "UPDATE purges SET ended_at = ctx_now() WHERE rule_id = ?1 AND ended_at IS NULL "
				       "AND "
				       "NOT EXISTS (SELECT 1 FROM blobs_queue WHERE rule_id = ?1)",
				       rule_id));
}

static enum status carry_out(struct op *all, const struct rule *rule)
{
	enum status st = OK;
	size_t n = 1;
	while (n && !st) {
		struct pool *pool = pool_new();
		struct op op;
		op_init(&op, pool, all->db, &all->actor, all->request_id);
		st = batch(&op, rule, &n);
		if (st)
			fail(all, st, NULL, "%s", op.fault.items ? op.fault.items->message : status_title(st));
		pool_free(pool);
	}
	return st;
}

enum status purge_again(struct op *op, int64_t rule_id)
{
	return db_run(op, "UPDATE purges SET ended_at = NULL WHERE rule_id = ? AND ended_at IS NOT NULL", rule_id);
}

enum status capture_purge(struct op *op)
{
	struct json_object *rows = db_array(op, "SELECT r.id, r.kind, r.value, r.user_id, r.is_live FROM purges p JOIN "
						"(SELECT id, kind, value, user_id, "
						"1 AS is_live FROM rules_live UNION ALL SELECT id, kind, value, "
						"user_id, 0 FROM rules_trash) r ON r.id = "
						"p.rule_id WHERE p.ended_at IS NULL ORDER BY r.id LIMIT 1000");
	enum status st = op->fault.status;
	for (size_t i = 0; i < json_len(rows) && !st; i++) {
		struct json_object *row = json_at(rows, i);
		struct rule rule = rule_read(row);
		if (json_true(row, "is_live"))
			st = carry_out(op, &rule);
	}
	if (!st && json_len(rows))
		st = db_index_forget(op);
	if (!st)
		st = blobs_remove(op);
	for (size_t i = 0; i < json_len(rows) && !st; i++)
		st = ended(op, json_int(json_at(rows, i), "id"));
	return st;
}
