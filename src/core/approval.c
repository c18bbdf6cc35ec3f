/* Owns the countersign: checked, written, applied and audited in the caller's one transaction. Never invents a change:
 * it applies the bytes whose hash was shown, or those with what the person typed over them. Tests:
 * t/unit/core_approval.c */
#include "core/approval.h"

#include <string.h>

#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/record.h"
#include "db/db.h"
#include "base/banned.h"

static struct json_object *load(struct op *op, int64_t id)
{
	return db_object(op,
		"SELECT id, kind, resource, target_id, title, change_json, sha256, state, author_kind, author_id, "
		"decided_at,"
		" decided_by, reason, result_id FROM proposals WHERE id = ?",
		id);
}

/* Are the stored bytes those that the hash was made of? */
static bool is_whole(struct op *op, int64_t id, const char *sha256)
{
	const char *bytes = db_one_text(op, "SELECT change_json FROM proposals WHERE id = ?", id);
	return bytes && str_eq(sha256_str(op->pool, bytes, strlen(bytes)), sha256);
}

static enum status changed(struct op *op, struct json_object *now, const char *why)
{
	fail(op, E_CONFLICT, NULL, "%s", why);
	op->fault.detail = now;
	return E_CONFLICT;
}

/* Everything that stands between a person and a decision. */
static enum status may_decide(struct op *op, int64_t id, const char *sha256, struct json_object **out)
{
	const struct actor *a = &op->actor;
	if (!actor_may_sign(a) || (a->role != ROLE_ADMIN && a->role != ROLE_MEMBER))
		return fail(op, E_FORBIDDEN, NULL, "only a person can decide a proposal, in a browser session");
	struct json_object *p = load(op, id);
	if (!p)
		return op->fault.status ? op->fault.status : fail(op, E_NOT_FOUND, NULL, "there is no such proposal");
	if (str_eq(json_text(p, "author_kind"), "agent") && json_int(p, "author_id") == a->user_id)
		return fail(op, E_FORBIDDEN, NULL, "an author does not countersign its own proposal");
	if (!str_eq(json_text(p, "state"), "pending"))
		return changed(op, p, "this proposal has been decided already");
	if (!sha256 || !str_eq(json_text(p, "sha256"), sha256) || !is_whole(op, id, sha256))
		return changed(op, p, "this proposal changed since it was shown; look at it again");
	*out = p;
	return OK;
}

static struct json_object *overlaid(struct op *op, struct json_object *stored, struct json_object *edited)
{
	struct json_object *all = json_obj(op->pool);
	json_object_object_foreach(stored, key, value)
	{
		json_set(all, key, json_object_get(value));
	}
	json_object_object_foreach(edited, name, typed)
	{
		json_set(all, name, json_object_get(typed));
	}
	return all;
}

static enum status decide(struct op *op, int64_t id, const char *state, const char *decided_change)
{
	return db_run(op,
		"UPDATE proposals SET state = ?, decided_at = ctx_now(), decided_by = ?, decided_change_json = ?,"
		" updated_at = ctx_now() WHERE id = ? AND state = 'pending'",
		state, op->actor.user_id, decided_change, id);
}

static enum status land(struct op *op, struct json_object *p, struct json_object *change, int64_t *record_id)
{
	int64_t id = json_int(p, "id"), proposed;
	const struct resource *res = resource_find(json_text(p, "resource"));
	if (!res)
		return fail(op, E_CONFLICT, NULL, "this program does not know what the proposal is about");
	const char *author = json_text(p, "author_kind");
	struct write how = {.if_version = -1, .proposal_id = id, .source = author};
	enum status st = record_write(op, res, json_int(p, "target_id"), change, &how, record_id, &proposed);
	return st ? st : db_run(op, "UPDATE proposals SET result_id = ? WHERE id = ?", *record_id, id);
}

enum status approval_approve(
	struct op *op, int64_t proposal_id, const char *sha256, struct json_object *edited, int64_t *record_id)
{
	struct json_object *p;
	enum status st = may_decide(op, proposal_id, sha256, &p);
	if (st)
		return st;
	struct json_object *stored = json_get(p, "change_json"), *change = stored;
	size_t n;
	const char *bytes = NULL;
	if (edited) {
		const struct resource *res = resource_find(json_text(p, "resource"));
		struct json_object *typed = res ? record_validate(op, res, edited, true) : NULL;
		if (!typed)
			return op->fault.status ? op->fault.status : E_CONFLICT;
		change = overlaid(op, stored, typed);
		bytes = json_object_equal(change, stored) ? NULL : json_bytes(op->pool, change, &n);
	}
	st = decide(op, proposal_id, bytes ? "edited" : "approved", bytes);
	if (st)
		return st;
	db_set_proposal(op->db, proposal_id);
	return land(op, p, change, record_id);
}

enum status approval_dismiss(struct op *op, int64_t proposal_id, const char *sha256, const char *reason)
{
	struct json_object *p;
	enum status st = may_decide(op, proposal_id, sha256, &p);
	if (st)
		return st;
	return db_run(op,
		"UPDATE proposals SET state = 'dismissed', decided_at = ctx_now(), decided_by = ?, reason = ?,"
		" updated_at = ctx_now() WHERE id = ? AND state = 'pending'",
		op->actor.user_id, reason, proposal_id);
}
