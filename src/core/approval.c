/* Owns the countersign: checked, written, applied and audited in the caller's one transaction. Never invents a change:
 * it applies the bytes whose hash was shown, or those with what the person typed over them. Tests:
 * t/unit/core_approval.c */
#include "core/approval.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/record.h"
#include "db/db.h"
#include "base/banned.h"

#define UNDO_SECONDS 86400 /* the trigger proposals_undo_in_time says the same */

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

/* What the change will replace, for approval_undo(). */
static const char *fields_before(struct op *op, const struct resource *res, int64_t target, struct json_object *change)
{
	struct json_object *now = record_fields(op, res, target), *before = json_obj(op->pool);
	size_t n;
	for (size_t i = 0; now && i < res->nfields; i++)
		if (json_object_object_get_ex(change, res->fields[i].name, NULL))
			json_set(before, res->fields[i].name, json_object_get(json_get(now, res->fields[i].name)));
	return json_bytes(op->pool, before, &n);
}

static enum status land(struct op *op, struct json_object *p, struct json_object *change, int64_t *record_id)
{
	int64_t id = json_int(p, "id"), proposed;
	const struct resource *res = resource_find(json_text(p, "resource"));
	if (!res)
		return fail(op, E_CONFLICT, NULL, "this program does not know what the proposal is about");
	const char *author = json_text(p, "author_kind");
	struct write how = {.if_version = -1, .proposal_id = id, .source = author};
	int64_t target = json_int(p, "target_id");
	const char *before = target ? fields_before(op, res, target, change) : NULL;
	enum status st = record_write(op, res, target, change, &how, record_id, &proposed);
	if (st)
		return st;
	return db_run(op, "UPDATE proposals SET result_id = ?, result_version = ?, before_json = ? WHERE id = ?",
		*record_id, json_int(record_fields(op, res, *record_id), "version"), before, id);
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

/* ---- taking it back ---- */
static enum status may_undo(struct op *op, int64_t id, struct json_object **out)
{
	const struct actor *a = &op->actor;
	if (!actor_may_sign(a) || (a->role != ROLE_ADMIN && a->role != ROLE_MEMBER))
		return fail(op, E_FORBIDDEN, NULL, "only a person can undo a decision, in a browser session");
	struct json_object *p = db_object(op,
		"SELECT id, resource, target_id, title, state, decided_at, decided_by, reason, result_id, "
		"result_version,"
		" before_json FROM proposals WHERE id = ?",
		id);
	if (!p)
		return op->fault.status ? op->fault.status : fail(op, E_NOT_FOUND, NULL, "there is no such proposal");
	int64_t at;
	if (!json_text(p, "decided_at") || !instant_parse(json_text(p, "decided_at"), &at))
		return changed(op, p, "there is no decision to undo");
	if (op->now - at > UNDO_SECONDS)
		return changed(op, p, "a decision can be undone for 24 hours");
	*out = p;
	return OK;
}

/* Only the record that the approval left: what somebody did since stays. */
static enum status take_back(struct op *op, struct json_object *p)
{
	const struct resource *res = resource_find(json_text(p, "resource"));
	int64_t id = json_int(p, "result_id"), version = json_int(p, "result_version"),
		target = json_int(p, "target_id");
	if (!res || !id || !version)
		return changed(op, p, "it is not known what this decision wrote");
	struct json_object *now = record_fields(op, res, id);
	if (!now || json_int(now, "version") != version)
		return changed(op, now ? now : p,
			now ? "the record changed since this was decided"
			    : "the record was deleted since this was decided");
	if (!target)
		return record_delete(op, res, id, version);
	struct write how = {.if_version = version};
	int64_t record, proposed;
	return record_write(op, res, id, json_get(p, "before_json"), &how, &record, &proposed);
}

enum status approval_undo(struct op *op, int64_t proposal_id)
{
	struct json_object *p = NULL;
	enum status st = may_undo(op, proposal_id, &p);
	if (st)
		return st;
	db_set_proposal(op->db, proposal_id);
	if (!str_eq(json_text(p, "state"), "dismissed"))
		st = take_back(op, p);
	if (st)
		return st;
	return db_run(op,
		"UPDATE proposals SET state = 'pending', decided_at = NULL, decided_by = NULL, decided_change_json = "
		"NULL,"
		" reason = NULL, result_id = NULL, result_version = NULL, before_json = NULL, updated_at = ctx_now()"
		" WHERE id = ?",
		proposal_id);
}
