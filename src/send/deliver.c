/* Owns the way of a message out of the outbox: claimed and committed before the first byte leaves, marked after. One
 * message that cannot go never holds up those behind it. Tests: t/unit/send_deliver.c, t/50-digest.t */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/db.h"
#include "send/transport.h"
#include "base/banned.h"

#define ATTEMPTS_MAX 20   /* with the pauses between them: a day and a half */
#define CLAIM_SECONDS 600 /* a sender that is silent for so long has died before the mark */

static enum status commit(struct op *op, enum status st)
{
	if (st) {
		db_rollback(op);
		return st;
	}
	return db_commit(op);
}

/* A message at which one sender after the other died: what became of it, nobody knows. What a clock that was ahead claimed or
 * put off waits for no date of that clock's. */
static enum status give_up(struct op *op, const char *stale, const char *ahead)
{
	enum status st = db_begin(op);
	return st ? st
		  : commit(op, db_run(op,
				       "UPDATE outbox SET state = 'unknown', error = 'no sender lived to say what "
				       "became of it', claim = NULL,"
				       " updated_at = ctx_now() WHERE state = 'sending' AND (updated_at < ? OR "
				       "updated_at > ?) AND attempts >= ?",
				       stale, ahead, ATTEMPTS_MAX));
}

/* Not internal any more: a person who has left, most likely. */
static enum status dismiss(struct op *op, int64_t id)
{
	fault_init(&op->fault, op->pool);
	enum status st = db_begin(op);
	return st ? st
		  : commit(op, db_run(op,
				       "UPDATE outbox SET state = 'dismissed', error = 'the recipient is not an active "
				       "user', claim = NULL,"
				       " updated_at = ctx_now() WHERE id = ? AND state IN ('pending', 'sending')",
				       id));
}

/* The oldest that may leave becomes ours; the trigger looks its recipient up among the active users once more. A failed
 * one waits attempts squared minutes, at most four hours. *id is 0 when nothing is left; *ours says whether it may go. */
static enum status claim(struct op *op, const char *token, int64_t after, int64_t *id, bool *ours)
{
	char stale[INSTANT_SIZE], now[INSTANT_SIZE], ahead[INSTANT_SIZE], unborn[INSTANT_SIZE];
	instant_format(op->now - CLAIM_SECONDS, stale);
	instant_format(op->now, now);
	instant_format(op->now + CLOCK_AHEAD, ahead);
	instant_format(op->now + CLAIM_SECONDS, unborn); /* a clock set back a little is no reason to send twice */
	*ours = false;
	enum status st = db_begin(op);
	if (st)
		return st;
	*id = 0;
	db_one_int(op, id,
		"SELECT id FROM outbox WHERE id > ?1 AND ((((state = 'pending' AND origin = 'digest') OR state = "
		"'countersigned') AND"
		" (attempts = 0 OR updated_at > ?4 OR round((julianday(?2) - julianday(updated_at)) * 1440, 3) >= "
		"min(attempts * attempts, "
		"240)))"
		" OR (state = 'sending' AND (updated_at < ?3 OR updated_at > ?5))) ORDER BY id LIMIT 1",
		after, (const char *)now, (const char *)stale, (const char *)ahead, (const char *)unborn);
	st = op->fault.status;
	if (*id && !st)
		st = db_run(op,
			"UPDATE outbox SET state = 'sending', claim = ?, attempts = attempts + 1, updated_at = "
			"ctx_now() WHERE id = ?",
			token, *id);
	st = commit(op, st);
	*ours = *id && !st;
	return st == E_FORBIDDEN && *id ? dismiss(op, *id) : st;
}

static enum status mark(
	struct op *op, int64_t id, const char *token, const char *state, const char *reply, const char *error)
{
	enum status st = db_begin(op);
	if (st)
		return st;
	/* What was signed stays signed when it goes back to wait. */
	return commit(op,
		db_run(op,
			"UPDATE outbox SET state = iif(?1 <> 'pending', ?1, iif(attempts >= ?2, 'failed', "
			"iif(countersigned_by IS NULL, 'pending', 'countersigned'))),"
			" reply = ?3, error = ?4, transport = ?5, claim = NULL, sent_at = iif(?1 = 'sent', ctx_now(), "
			"sent_at), updated_at = ctx_now()"
			" WHERE id = ?6 AND claim = ?7",
			state, ATTEMPTS_MAX, reply, error, transport_pick(op)->name, id, token));
}

static const char *const *recipients(struct op *op, struct json_object *list)
{
	const char **to = pool_array(op->pool, json_len(list) + 1, sizeof *to);
	for (size_t i = 0; i < json_len(list); i++)
		to[i] = json_object_get_string(json_at(list, i));
	return to;
}

static enum status send_one(struct op *op, int64_t id, const char *token, int *sent, int *failed)
{
	static const char *const states[] = {
		[DELIVERED] = "sent", [REFUSED] = "failed", [RETRY] = "pending", [UNKNOWN] = "unknown"};
	struct json_object *row =
		db_object(op, "SELECT message_id, from_address, to_json, sha256 FROM outbox WHERE id = ?", id);
	struct stmt *q = db_query(op, "SELECT bytes FROM outbox WHERE id = ?", id);
	if (!row || !db_row(q))
		return op->fault.status ? op->fault.status : E_INTERNAL;
	struct blob b = db_blob(q, 0);
	struct letter l = {json_text(row, "message_id"), json_text(row, "from_address"),
		recipients(op, json_get(row, "to_json")), pool_dup(op->pool, b.data, b.len), b.len};
	db_done(q);
	char sha256[SHA256_HEX];
	sha256_hex(l.bytes, l.len, sha256);
	if (!secret_eq(sha256, json_text(row, "sha256"))) {
		++*failed;
		return mark(op, id, token, "failed", NULL, "the bytes are not those that were frozen");
	}
	const char *reply = NULL;
	enum delivery d = transport_pick(op)->send(op, &l, &reply);
	*(d == DELIVERED ? sent : failed) += 1;
	return mark(op, id, token, states[d], reply, d == DELIVERED ? NULL : reply);
}

/* The next after *id, in a pool of its own. *more is false when it was the last. */
static enum status next(struct op *op, int64_t *id, bool *more, int *sent, int *failed)
{
	struct pool *pool = pool_new();
	struct op one;
	bool ours;
	op_init(&one, pool, op->db, &op->actor, op->request_id);
	const char *token = random_hex(pool, 16);
	enum status st = claim(&one, token, *id, id, &ours);
	if (!st && ours)
		st = send_one(&one, *id, token, sent, failed);
	if (st)
		fail(op, st, NULL, "%s", one.fault.items ? one.fault.items->message : status_title(st));
	*more = !st && *id;
	pool_free(pool);
	return st;
}

enum status deliver_all(struct op *op, int *sent, int *failed)
{
	char stale[INSTANT_SIZE], ahead[INSTANT_SIZE];
	int64_t id = 0;
	*sent = *failed = 0;
	instant_format(op->now - CLAIM_SECONDS, stale);
	instant_format(op->now + CLAIM_SECONDS, ahead);
	enum status st = give_up(op, stale, ahead);
	for (bool more = !st; more;)
		st = next(op, &id, &more, sent, failed);
	return st;
}
