/* Owns the way of a message out of the outbox: claimed and committed before the first byte leaves, marked after.
 * Tests: t/50-digest.t */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/pool.h"
#include "db/db.h"
#include "send/transport.h"
#include "base/banned.h"

#define ATTEMPTS_MAX 20
#define CLAIM_SECONDS 600 /* a sender that died before the mark: the transport makes a second try harmless */

static enum status commit(struct op *op, enum status st)
{
	if (st) {
		db_rollback(op);
		return st;
	}
	return db_commit(op);
}

/* The oldest that may leave becomes ours; the trigger looks its recipient up among the active users once more. */
static enum status claim(struct op *op, const char *token, int64_t after, int64_t *id)
{
	char stale[INSTANT_SIZE];
	instant_format(op->now - CLAIM_SECONDS, stale);
	enum status st = db_begin(op);
	if (st)
		return st;
	*id = 0;
	db_one_int(op, id,
		"SELECT id FROM outbox WHERE id > ? AND attempts < ? AND ((state = 'pending' AND origin = 'digest') OR "
		"state = 'countersigned'"
		" OR (state = 'sending' AND updated_at < ?)) ORDER BY id LIMIT 1",
		after, ATTEMPTS_MAX, (const char *)stale);
	if (*id)
		st = db_run(op,
			"UPDATE outbox SET state = 'sending', claim = ?, attempts = attempts + 1, updated_at = "
			"ctx_now() WHERE id = ?",
			token, *id);
	return commit(op, st);
}

static enum status mark(
	struct op *op, int64_t id, const char *token, const char *state, const char *reply, const char *error)
{
	enum status st = db_begin(op);
	if (st)
		return st;
	return commit(
		op, db_run(op,
			    "UPDATE outbox SET state = ?1, reply = ?2, error = ?3, transport = 'maildir', claim = NULL,"
			    " sent_at = iif(?1 = 'sent', ctx_now(), sent_at), updated_at = ctx_now() WHERE id = ?4 AND "
			    "claim = ?5",
			    state, reply, error, id, token));
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
	const char *state = d == DELIVERED ? "sent" : d == REFUSED ? "failed" : d == UNKNOWN ? "unknown" : "pending";
	return mark(op, id, token, state, reply, d == DELIVERED ? NULL : reply);
}

enum status deliver_all(struct op *op, int *sent, int *failed)
{
	*sent = *failed = 0;
	for (int64_t id = 0;;) {
		struct pool *pool = pool_new();
		struct op one;
		op_init(&one, pool, op->db, &op->actor, op->request_id);
		const char *token = random_hex(pool, 16);
		enum status st = claim(&one, token, id, &id);
		bool more = !st && id;
		if (more)
			st = send_one(&one, id, token, sent, failed);
		if (st)
			fail(op, st, NULL, "%s", one.fault.items ? one.fault.items->message : status_title(st));
		pool_free(pool);
		if (!more || st)
			return st;
	}
}
