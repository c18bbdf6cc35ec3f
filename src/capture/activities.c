/* Owns that a waiting activity says what its thread's mail of a day is: after threads were joined, split, moved or merged, and
 * after a decision was taken back, each is made again from the mail it spoke of, and what another says by then leaves the
 * queue. Triggers note the threads. Tests: t/40-activities.t */
#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "capture/capture.h"
#include "db/db.h"
#include "base/banned.h"

#define READ_MAX 500 /* waiting ones at a time */

/* ids: those that say what is there now. */
struct settling {
	struct op *op;
	const char *zone;
	int64_t *ids;
	size_t n, room;
};

static void keep_id(struct settling *s, int64_t id)
{
	if (s->n == s->room) {
		int64_t *more = pool_array(s->op->pool, s->room = s->room * 2 + 16, sizeof *more);
		for (size_t i = 0; i < s->n; i++)
			more[i] = s->ids[i];
		s->ids = more;
	}
	s->ids[s->n++] = id;
}

static bool is_kept(const struct settling *s, int64_t id)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->ids[i] == id)
			return true;
	return false;
}

/* The activity of the day and thread that the message is of now. */
static enum status remake(struct settling *s, int64_t message_id)
{
	struct json_object *m = db_object(
		s->op, "SELECT thread_id, sent_at FROM messages WHERE id = ? AND is_automated = 0", message_id);
	int64_t at, id = 0;
	if (!m || !instant_parse(json_text(m, "sent_at"), &at))
		return s->op->fault.status; /* purged */
	enum status st = propose_activity(s->op, json_int(m, "thread_id"), at, s->zone, &id);
	if (!st && id && !is_kept(s, id))
		keep_id(s, id);
	return st;
}

/* Its key is free for the same words, should what was merged come apart again. */
static enum status leave(struct settling *s, int64_t id)
{
	return db_run(s->op,
		"UPDATE proposals SET state = 'expired', idempotency_key = 'superseded/' || id, updated_at = ctx_now()"
		" WHERE id = ? AND state = 'pending'",
		id);
}

static enum status settle(struct settling *s, struct json_object *rows)
{
	enum status st = OK;
	for (size_t i = 0; i < json_len(rows) && !st; i++) {
		struct json_object *change = json_get(json_at(rows, i), "change_json");
		struct json_object *ids = json_get(change, "message_ids");
		for (size_t k = 0; k < json_len(ids) && !st; k++)
			st = remake(s, json_object_get_int64(json_at(ids, k)));
	}
	for (size_t i = 0; i < json_len(rows) && !st; i++)
		if (!is_kept(s, json_int(json_at(rows, i), "id")))
			st = leave(s, json_int(json_at(rows, i), "id"));
	return st;
}

enum status activities_settle(struct op *op, const char *zone)
{
	enum status st = OK;
	struct json_object *rows;
	do {
		rows = db_array(op,
			"SELECT p.id, p.change_json FROM (SELECT thread_id FROM activities_queue ORDER BY thread_id "
			"LIMIT ?) q"
			" CROSS JOIN proposals p ON p.thread_id = q.thread_id WHERE +p.kind = 'activity' AND +p.state ="
			" 'pending' ORDER BY p.id",
			READ_MAX);
		struct settling s = {.op = op, .zone = zone};
		st = op->fault.status ? op->fault.status : settle(&s, rows);
		if (!st)
			st = db_run(op,
				"DELETE FROM activities_queue WHERE thread_id IN (SELECT thread_id FROM "
				"activities_queue"
				" ORDER BY thread_id LIMIT ?)",
				READ_MAX);
	} while (!st && db_changes(op) == READ_MAX);
	return st;
}
