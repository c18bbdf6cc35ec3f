/* Owns putting proposals into the queue, once for each piece of evidence. Never decides one. Tests:
 * t/unit/core_proposal.c */
#include "core/proposal.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "db/db.h"
#include "base/banned.h"

static const char *author_kind(const struct actor *a)
{
	return a->kind == ACTOR_SYSTEM ? "capture" : a->kind == ACTOR_AGENT ? "agent" : "user";
}

static int64_t target_version(struct op *op, const struct proposal *p)
{
	if (!p->target_id)
		return 0;
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "SELECT version FROM ");
	query_name(&q, p->resource);
	query_add(&q, "_live WHERE id = ?", p->target_id);
	struct stmt *s = query_start(op, &q);
	if (!db_row(s))
		return 0;
	int64_t version = db_int(s, 0);
	db_done(s);
	return version;
}

static const char *basis(struct op *op, const struct proposal *p)
{
	size_t n;
	return p->basis ? json_bytes(op->pool, p->basis, &n) : NULL;
}

/* Who may not read all of these does not see the proposal. */
static enum status evidence_rows(struct op *op, const struct proposal *p, int64_t id)
{
	struct json_object *ids = json_get(p->evidence, "message_ids");
	enum status st = OK;
	for (size_t i = 0; i < json_len(ids) && !st; i++)
		st = db_run(op, "INSERT INTO proposal_evidence (proposal_id, message_id) VALUES (?, ?)", id,
			json_object_get_int64(json_at(ids, i)));
	return st;
}

static enum status insert(struct op *op, const struct proposal *p, const char *bytes, const char *sha256, int64_t *id)
{
	char now[INSTANT_SIZE];
	instant_format(op->now, now);
	size_t n;
	const char *evidence = p->evidence ? json_bytes(op->pool, p->evidence, &n) : "{}";
	enum status st = db_run(op,
		"INSERT INTO proposals (kind, resource, target_id, from_id, target_version, basis_json, title, "
		"change_json, "
		"sha256,"
		" evidence_json, message_id, thread_id, investor_id, organization_id, contact_id, author_kind,"
		" author_id, author_name, idempotency_key, occurred_at)"
		" VALUES (?, ?, nullif(?, 0), nullif(?, 0), nullif(?, 0), ?, ?, ?, ?, ?, nullif(?, 0), nullif(?, 0), "
		"nullif(?, 0),"
		" nullif(?, 0), nullif(?, 0), ?, nullif(?, 0), ?, ?, ?)",
		p->kind, p->resource, p->target_id, json_int(p->change, "from_id"), target_version(op, p), basis(op, p),
		p->title, bytes, sha256, evidence, p->message_id, p->thread_id, p->investor_id, p->organization_id,
		p->contact_id, author_kind(&op->actor), op->actor.user_id,
		op->actor.name ? op->actor.name : op->actor.username, p->key,
		p->occurred_at ? p->occurred_at : (const char *)now);
	*id = db_last_id(op);
	return st ? st : evidence_rows(op, p, *id);
}

enum status proposal_put(struct op *op, const struct proposal *p, int64_t *id)
{
	size_t n;
	const char *bytes = json_bytes(op->pool, p->change, &n);
	const char *sha256 = sha256_str(op->pool, bytes, n);
	struct json_object *old =
		p->id ? db_object(op, "SELECT id, state, sha256 FROM proposal_keys WHERE id = ?", p->id)
		      : db_object(op, "SELECT id, state, sha256 FROM proposal_keys WHERE idempotency_key = ?", p->key);
	if (!old)
		return op->fault.status ? op->fault.status : insert(op, p, bytes, sha256, id);
	*id = json_int(old, "id");
	const char *state = json_text(old, "state");
	bool waits = str_eq(state, "pending") || str_eq(state, "expired");
	if (!waits || str_eq(json_text(old, "sha256"), sha256))
		return OK;
	const char *evidence = p->evidence ? json_bytes(op->pool, p->evidence, &n) : "{}";
	char now[INSTANT_SIZE];
	instant_format(op->now, now);
	enum status st = db_run(op,
		"UPDATE proposals SET state = 'pending', change_json = ?, sha256 = ?, evidence_json = ?, title = ?,"
		" target_version = nullif(?, 0), basis_json = ?, message_id = nullif(?, 0), thread_id = nullif(?, 0),"
		" investor_id = nullif(?, 0),"
		" organization_id = nullif(?, 0), contact_id = nullif(?, 0), occurred_at = ?, updated_at = ctx_now()"
		" WHERE id = ?",
		bytes, sha256, evidence, p->title, target_version(op, p), basis(op, p), p->message_id, p->thread_id,
		p->investor_id, p->organization_id, p->contact_id, p->occurred_at ? p->occurred_at : (const char *)now,
		*id);
	return st ? st : evidence_rows(op, p, *id);
}

enum status proposal_expire(struct op *op, int64_t *n)
{
	char before[INSTANT_SIZE];
	int64_t days = setting_int(op, "proposal_days");
	*n = 0;
	if (!days)
		return OK;
	instant_format(op->now - days * 86400, before);
	/* What was put off has its time from the day it comes back. */
	enum status st = db_run(op,
		"UPDATE proposals SET state = 'expired', updated_at = ctx_now() WHERE id IN (SELECT id FROM proposals"
		" WHERE state = 'pending' AND updated_at < ?1 AND coalesce(snoozed_until, '') < ?1"
		" ORDER BY updated_at LIMIT 1000)",
		(const char *)before);
	*n = st ? 0 : db_changes(op);
	return st;
}

struct json_object *proposal_merge(struct op *op, int64_t from_id, int64_t from_version, int64_t into_version)
{
	struct json_object *change = json_obj(op->pool);
	json_set_int(change, "from_id", from_id);
	json_set_int(change, "from_version", from_version);
	json_set_int(change, "into_version", into_version);
	return change;
}
