/* Owns the countersign: checked, written, applied and audited in the caller's one transaction. Never invents a change:
 * it applies the bytes whose hash was shown, or those with what the person typed over them. Tests:
 * t/unit/core_approval.c */
#include "core/approval.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/merge.h"
#include "core/value.h"
#include "db/db.h"
#include "base/banned.h"

#define UNDO_SECONDS 86400 /* the trigger proposals_undo_in_time says the same */
#define SNOOZE_SECONDS (366 * 86400)

static struct json_object *load(struct op *op, int64_t id)
{
	return db_object(op,
		"SELECT id, kind, resource, target_id, title, change_json, sha256, basis_json, state, snoozed_until, "
		"author_kind,"
		" author_id, decided_at, decided_by, (SELECT name FROM users WHERE id = decided_by) AS "
		"decided_by_name, reason,"
		" result_id FROM proposals_seen WHERE id = ?",
		id);
}

static bool is_merge(struct json_object *p)
{
	return str_eq(json_text(p, "kind"), "merge");
}

/* Are the stored bytes those that the hash was made of? */
static bool is_whole(struct op *op, int64_t id, const char *sha256)
{
	const char *bytes = db_one_text(op, "SELECT change_json FROM proposals_seen WHERE id = ?", id);
	return bytes && str_eq(sha256_str(op->pool, bytes, strlen(bytes)), sha256);
}

static enum status changed(struct op *op, struct json_object *now, const char *why)
{
	fail(op, E_CONFLICT, NULL, "%s", why);
	op->fault.detail = now;
	return E_CONFLICT;
}

static enum status replaced(struct op *op, struct json_object *p, const char *sha256)
{
	changed(op, p, "this proposal changed since it was shown; look at it again");
	op->fault.shown = db_object(op,
		"SELECT title, sha256, change_json, replaced_at FROM proposal_versions_seen WHERE proposal_id = ? AND "
		"sha256 = ?",
		json_int(p, "id"), sha256);
	return E_CONFLICT;
}

static enum status overtaken(struct op *op, struct json_object *p, struct json_object *record)
{
	json_set(p, "record", json_object_get(record));
	changed(op, p, "the record changed since this was proposed; look at both");
	op->fault.shown = json_get(p, "basis_json");
	return E_CONFLICT;
}

static enum status only_people(struct op *op, const char *what)
{
	const struct actor *a = &op->actor;
	if (actor_may_sign(a) && (a->role == ROLE_ADMIN || a->role == ROLE_MEMBER))
		return OK;
	return fail(op, E_FORBIDDEN, NULL, "only a person can %s, in a browser session", what);
}

static enum status find(struct op *op, int64_t id, struct json_object **out)
{
	*out = load(op, id);
	if (*out)
		return OK;
	return op->fault.status ? op->fault.status : fail(op, E_NOT_FOUND, NULL, "there is no such proposal");
}

/* Everything that stands between a person and a decision. */
static enum status may_decide(struct op *op, int64_t id, const char *sha256, struct json_object **out)
{
	struct json_object *p = NULL;
	enum status st = only_people(op, "decide a proposal");
	if (!st)
		st = find(op, id, &p);
	if (st)
		return st;
	if (str_eq(json_text(p, "author_kind"), "agent") && json_int(p, "author_id") == op->actor.user_id)
		return fail(op, E_FORBIDDEN, NULL, "an author does not countersign its own proposal");
	if (!str_eq(json_text(p, "state"), "pending"))
		return changed(op, p, "this proposal has been decided already");
	if (!sha256 || !str_eq(json_text(p, "sha256"), sha256) || !is_whole(op, id, sha256))
		return replaced(op, p, sha256);
	*out = p;
	return OK;
}

bool approval_is_overtaken(struct json_object *basis, struct json_object *record)
{
	if (!basis || !record)
		return false;
	json_object_object_foreach(basis, name, then)
	{
		struct json_object *now = json_get(record, name);
		if (!(value_is_empty(then) && value_is_empty(now)) && !json_object_equal(then, now))
			return true;
	}
	return false;
}

/* Somebody who has not seen what changed on the record since does not overwrite it. */
static enum status is_current(struct op *op, struct json_object *p, int64_t version)
{
	int64_t target = json_int(p, "target_id");
	const struct resource *res = target ? resource_find(json_text(p, "resource")) : NULL;
	struct json_object *record = res ? record_fields(op, res, target) : NULL;
	if (!record || (version >= 0 && json_int(record, "version") == version))
		return OK;
	if (version >= 0 || approval_is_overtaken(json_get(p, "basis_json"), record))
		return overtaken(op, p, record);
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

static enum status decide(struct op *op, int64_t id, const char *state, const char *decided_change, const char *reason)
{
	return db_run(op,
		"UPDATE proposals SET state = ?, decided_at = ctx_now(), decided_by = ?, decided_change_json = ?, "
		"reason = ?,"
		" updated_at = ctx_now() WHERE id = ? AND state = 'pending'",
		state, op->actor.user_id, decided_change, reason, id);
}

/* `target` 0: a new record. What the change replaces is kept for approval_undo(). */
static enum status land(
	struct op *op, struct json_object *p, int64_t target, struct json_object *change, int64_t *record_id)
{
	int64_t id = json_int(p, "id"), proposed;
	const struct resource *res = resource_find(json_text(p, "resource"));
	if (!res)
		return fail(op, E_CONFLICT, NULL, "this program does not know what the proposal is about");
	const char *author = json_text(p, "author_kind");
	struct write how = {.if_version = -1, .proposal_id = id, .source = author};
	size_t n;
	const char *before = target ? json_bytes(op->pool, record_fields_of(op, res, target, change), &n) : NULL;
	db_set_proposal(op->db, id);
	enum status st = record_write(op, res, target, change, &how, record_id, &proposed);
	if (st)
		return st;
	return db_run(op, "UPDATE proposals SET result_id = ?, result_version = ?, before_json = ? WHERE id = ?",
		*record_id, json_int(record_fields(op, res, *record_id), "version"), before, id);
}

/* Of two records one: what the change replaces is kept with the merge. */
static enum status land_merge(struct op *op, struct json_object *p, struct json_object *change, int64_t *record_id)
{
	int64_t id = json_int(p, "id");
	const struct resource *res = resource_find(json_text(p, "resource"));
	if (!res || !res->links)
		return fail(op, E_CONFLICT, NULL, "this program does not know what the proposal is about");
	*record_id = json_int(p, "target_id");
	db_set_proposal(op->db, id);
	enum status st = merge_apply(op, res, *record_id, change, id);
	return st ? st
		  : db_run(op, "UPDATE proposals SET result_id = ?, result_version = ? WHERE id = ?", *record_id,
			    json_int(record_fields(op, res, *record_id), "version"), id);
}

enum status approval_approve(struct op *op, int64_t proposal_id, const char *sha256, int64_t version,
	struct json_object *edited, int64_t *record_id)
{
	struct json_object *p;
	enum status st = may_decide(op, proposal_id, sha256, &p);
	if (!st)
		st = is_current(op, p, version);
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
	st = decide(op, proposal_id, bytes ? "edited" : "approved", bytes, NULL);
	if (st)
		return st;
	return is_merge(p) ? land_merge(op, p, change, record_id)
			   : land(op, p, json_int(p, "target_id"), change, record_id);
}

/* ---- what is proposed as new is there already ---- */
static struct json_object *lacking(
	struct op *op, const struct resource *res, struct json_object *record, struct json_object *change)
{
	struct json_object *some = json_obj(op->pool), *proposed;
	for (size_t i = 0; i < res->nfields; i++) {
		const char *name = res->fields[i].name;
		struct json_object *have = json_get(record, name);
		if (!json_object_object_get_ex(change, name, &proposed))
			continue;
		if (json_object_is_type(proposed, json_type_array))
			proposed = value_join(op, have, proposed);
		else if (!value_is_empty(have))
			continue;
		if (!json_object_equal(have, proposed))
			json_set(some, name, json_object_get(proposed));
	}
	return some;
}

enum status approval_same_as(struct op *op, int64_t proposal_id, const char *sha256, int64_t record_id)
{
	struct json_object *p;
	enum status st = may_decide(op, proposal_id, sha256, &p);
	if (st)
		return st;
	const struct resource *res = resource_find(json_text(p, "resource"));
	if (!res || json_int(p, "target_id"))
		return changed(op, p, "this proposal is about a record that is there already");
	struct json_object *record = record_fields(op, res, record_id);
	if (!record)
		return fail(op, E_INPUT, pool_printf(op->pool, "%s_id", res->singular), "there is no such %s",
			res->singular);
	struct json_object *change = lacking(op, res, record, json_get(p, "change_json"));
	size_t n;
	const char *reason = pool_printf(op->pool, "Same as %s", record_label(op, res, record_id));
	st = decide(op, proposal_id, "edited", json_bytes(op->pool, change, &n), reason);
	return st ? st : land(op, p, record_id, change, &record_id);
}

enum status approval_dismiss(struct op *op, int64_t proposal_id, const char *sha256, const char *reason)
{
	struct json_object *p;
	enum status st = may_decide(op, proposal_id, sha256, &p);
	return st ? st : decide(op, proposal_id, "dismissed", NULL, reason);
}

/* ---- not now ---- */
enum status approval_snooze(struct op *op, int64_t proposal_id, int64_t until)
{
	struct json_object *p = NULL;
	char at[INSTANT_SIZE];
	enum status st = only_people(op, "put off a proposal");
	if (!st)
		st = find(op, proposal_id, &p);
	if (st)
		return st;
	if (!str_eq(json_text(p, "state"), "pending"))
		return changed(op, p, "this proposal has been decided already");
	if (until <= op->now || until - op->now > SNOOZE_SECONDS)
		return fail(op, E_INPUT, "until", "must be after now and within a year");
	instant_format(until, at);
	return db_run(op, "UPDATE proposals SET snoozed_until = ? WHERE id = ? AND state = 'pending'", (const char *)at,
		proposal_id);
}

static bool is_put_off(struct op *op, struct json_object *p)
{
	int64_t until;
	const char *at = json_text(p, "snoozed_until");
	return str_eq(json_text(p, "state"), "pending") && at && instant_parse(at, &until) && until > op->now;
}

static bool has_expired(struct json_object *p)
{
	return str_eq(json_text(p, "state"), "expired");
}

/* ---- taking it back ---- */
static enum status may_undo(struct op *op, int64_t id, struct json_object **out)
{
	struct json_object *p = NULL;
	enum status st = only_people(op, "undo a decision");
	if (!st && !(p = db_object(op,
			     "SELECT id, kind, resource, title, state, snoozed_until, decided_at, decided_by, reason, "
			     "result_id,"
			     " result_version, before_json, change_json = '{}' AS is_purged FROM proposals_seen WHERE "
			     "id = ?",
			     id)))
		st = op->fault.status ? op->fault.status : fail(op, E_NOT_FOUND, NULL, "there is no such proposal");
	if (st)
		return st;
	*out = p;
	int64_t at;
	if (is_put_off(op, p))
		return OK;
	if (has_expired(p))
		return json_true(p, "is_purged") ? changed(op, p, "the mail that it came from was purged") : OK;
	if (!json_text(p, "decided_at") || !instant_parse(json_text(p, "decided_at"), &at))
		return changed(op, p, "there is no decision to undo");
	if (op->now - at > UNDO_SECONDS)
		return changed(op, p, "a decision can be undone for 24 hours");
	return OK;
}

/* Only the record that the approval left: what somebody did since stays. */
static enum status take_back(struct op *op, struct json_object *p)
{
	if (is_merge(p))
		return merge_undo(op, json_int(p, "id"));
	const struct resource *res = resource_find(json_text(p, "resource"));
	int64_t id = json_int(p, "result_id"), version = json_int(p, "result_version");
	if (!res || !id || !version)
		return changed(op, p, "it is not known what this decision wrote");
	struct json_object *now = record_fields(op, res, id);
	if (!now || json_int(now, "version") != version)
		return changed(op, now ? now : p,
			now ? "the record changed since this was decided"
			    : "the record was deleted since this was decided");
	if (!json_get(p, "before_json")) /* it was new */
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
	if (is_put_off(op, p))
		return db_run(op, "UPDATE proposals SET snoozed_until = NULL WHERE id = ?", proposal_id);
	if (has_expired(p))
		return db_run(
			op, "UPDATE proposals SET state = 'pending', updated_at = ctx_now() WHERE id = ?", proposal_id);
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
