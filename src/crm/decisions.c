/* One decision: countersign, edit first, dismiss, put off, "this is somebody known", undo. Deciding is core/approval.c; this
 * asks, and says where to go on.
 *
 * approve      {sha256, change?, version?} or the edited form's fields with edited=1; dismiss {sha256, reason?}; snooze {until:
 *              a day or an instant}; same-as {sha256, contact_id}; undo {}
 *              API answer: {"data": {id, state, snoozed_until, result_id, result_url}}; 409 has the proposal as it is in
 *              "current" and, where it is known, what had been shown in "shown" (core/approval.h)
 *              pages: from, then (review.h) lead back to the same place in the queue
 * review/edit  data: {id, title, sha256, kind_label, lands_on, cancel_url, form (shapes.h), message, has_message}
 * review/again what a decision meets that cannot be: view.is_edit (the document of review/edit), or the card and
 *              view.error (text) with view.conflict {is_decided, is_replaced, is_overtaken, shown_fields [field],
 *              shown_title}, has_conflict
 * review/same_as  data: {id, title, sha256, fields, url, people [{id, name, title, organization_name, email, url}], has_people,
 *              q, is_guess (nothing was typed: people of that name or firm)}
 * Tests: t/50-review.t, t/50-review-queue.t, t/50-undo.t */
#include <string.h>

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/approval.h"
#include "core/directory.h"
#include "crm/review.h"
#include "base/banned.h"

#define PEOPLE_MAX 20

/* ---- edit, then approve ---- */
static void hide(struct json_object *form, const char *name, const char *value)
{
	struct json_object *hidden = json_push_obj(json_get(form, "hidden"));
	json_set_text(hidden, "name", name);
	json_set_text(hidden, "value", value);
}

static const char *back_url(struct req *r, int64_t id)
{
	const char *from = review_from(r);
	return pool_printf(r->op.pool, "/review?%s%sselected=%lld", from, *from ? "&" : "", (long long)id);
}

static enum status edit_document(struct req *r, int64_t id, struct json_object *typed)
{
	struct op *op = &r->op;
	struct json_object *from = proposal_card(r, id, true);
	const struct resource *res = from ? resource_find(json_text(from, "resource")) : NULL;
	if (!res)
		return fail(op, E_NOT_FOUND, NULL, "there is no such proposal");
	if (str_eq(json_text(from, "kind"), "merge")) /* its card is the form */
		return reply_see(r, NULL, "/review/%lld", (long long)id);
	struct json_object *data = json_obj(op->pool);
	static const char *const kept[] = {"id", "title", "sha256", "kind_label", "lands_on", "message", "has_message"};
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		json_set(data, kept[i], json_object_get(json_get(from, kept[i])));
	struct json_object *form =
		record_form(op, res, json_int(from, "target_id"), typed ? typed : json_get(from, "change"));
	json_set_text(data, "cancel_url", back_url(r, id));
	json_set_text(form, "action", json_text(from, "approve_url"));
	json_set_text(form, "submit_label", "Countersign with changes");
	/* Whoever edits sees the record as it is; the version goes along when that is not what the proposal knew. */
	json_set(form, "version", json_object_get(json_get(from, "record_version")));
	json_set_bool(form, "has_version", json_true(from, "is_target_changed"));
	hide(form, "sha256", json_text(from, "sha256"));
	hide(form, "edited", "1");
	hide(form, "from", review_from(r));
	hide(form, "then", pool_printf(op->pool, "%lld", (long long)in_int(r, "then", 0, 0, INT64_MAX)));
	json_set(data, "form", json_object_get(form));
	out_data(r, data);
	return OK;
}

enum status proposals_edit(struct req *r)
{
	int64_t id = in_id(r, "id");
	return id ? edit_document(r, id, NULL) : r->op.fault.status;
}

/* ---- what stands in the way, shown with the card ---- */
/* Both versions side by side: the card is how it stands now, `shown` what was decided on. */
static void conflict(struct req *r, struct json_object *card)
{
	struct fault *f = &r->op.fault;
	struct json_object *o = json_obj(r->op.pool), *then = f->shown;
	const struct resource *res = resource_find(json_text(card, "resource"));
	bool replaced = then && json_text(then, "sha256"), overtaken = json_true(card, "is_target_changed");
	json_set_bool(o, "is_decided", !json_true(card, "is_pending"));
	json_set_bool(o, "is_replaced", replaced);
	json_set_bool(o, "is_overtaken", !replaced && overtaken);
	json_set_text(o, "shown_title", replaced ? json_text(then, "title") : NULL);
	json_set(o, "shown_fields",
		json_object_get(replaced ? proposal_fields(&r->op, res, json_get(then, "change_json"), NULL)
					 : json_arr(r->op.pool)));
	json_set(r->view, "conflict", json_object_get(o));
	set_has(r->view, "has_conflict", f->detail != NULL);
}

static void again(struct req *r)
{
	int64_t id;
	struct fault *f = &r->op.fault;
	if (!str_i64(json_text(r->in, "id"), 1, INT64_MAX, &id))
		return;
	struct json_object *card = proposal_card(r, id, true);
	if (!card)
		return;
	bool edit = in_bool(r, "edited") && !f->detail && !str_eq(json_text(card, "kind"), "merge");
	json_set_bool(r->view, "is_edit", edit);
	if (edit) {
		edit_document(r, id, r->in);
		return;
	}
	conflict(r, card);
	review_view(r, review_from(r), in_int(r, "then", 0, 0, INT64_MAX));
	const struct fault_item *why = f->items;
	json_set_text(r->view, "error",
		!why         ? status_title(f->status)
		: why->field ? pool_printf(r->op.pool, "%s: %s", why->field, why->message)
			     : why->message);
	out_data(r, card);
}

/* ---- deciding ---- */
static enum status done(struct req *r, enum status st, int64_t id)
{
	if (st)
		return st;
	if (!r->is_api) {
		const char *from = review_from(r);
		int64_t then = in_int(r, "then", 0, 0, INT64_MAX);
		const char *next = then ? pool_printf(r->op.pool, "selected=%lld&", (long long)then) : "";
		return reply_see(r, NULL, "/review?%s%s%sdecided=%lld", from, *from ? "&" : "", next, (long long)id);
	}
	struct json_object *data = db_object(
		&r->op, "SELECT id, state, snoozed_until, resource, result_id FROM proposals_seen WHERE id = ?", id);
	json_set_text(
		data, "result_url", resource_url(r->op.pool, json_text(data, "resource"), json_int(data, "result_id")));
	json_object_object_del(data, "resource");
	out_data(r, data);
	return OK;
}

/* The hash that every decision names; what it needs is recorded. */
static const char *hash(struct req *r)
{
	const char *sha256 = in_text(r, "sha256", 64);
	if (!sha256 && !r->op.fault.status)
		fail(&r->op, E_INPUT, "sha256", "is required: it names what was decided on");
	return sha256;
}

/* An edited form's unchecked box is a no, when the proposal says anything about it. Of a merge's form only what is another
 * choice than the proposal's counts as edited. */
static struct json_object *edited_fields(struct req *r, int64_t id)
{
	struct json_object *change = json_get(r->in, "change"),
			   *p = db_object(&r->op,
				   "SELECT kind, resource, target_id, change_json FROM proposals_seen WHERE id = ?",
				   id);
	const struct resource *res = p ? resource_find(json_text(p, "resource")) : NULL;
	bool given = json_object_is_type(change, json_type_object);
	if (!given && !in_bool(r, "edited"))
		return NULL;
	if (res && str_eq(json_text(p, "kind"), "merge"))
		return merge_chosen(&r->op, res, json_int(p, "target_id"),
			json_int(json_get(p, "change_json"), "from_id"), given ? change : r->in);
	if (given)
		return change;
	for (size_t i = 0; res && i < res->nfields; i++)
		if (res->fields[i].type == F_BOOL && !json_get(r->in, res->fields[i].name))
			json_set_bool(r->in, res->fields[i].name, false);
	return r->in;
}

enum status proposals_approve(struct req *r)
{
	int64_t id = in_id(r, "id"), record, version = in_int(r, "version", -1, 0, INT64_MAX);
	const char *sha256 = hash(r);
	r->form = again;
	struct json_object *edited = r->op.fault.status ? NULL : edited_fields(r, id);
	if (r->op.fault.status)
		return r->op.fault.status;
	return done(r, approval_approve(&r->op, id, sha256, version, edited, &record), id);
}

enum status proposals_dismiss(struct req *r)
{
	int64_t id = in_id(r, "id");
	const char *sha256 = hash(r), *reason = in_text(r, "reason", 500);
	r->form = again;
	if (r->op.fault.status)
		return r->op.fault.status;
	return done(r, approval_dismiss(&r->op, id, sha256, reason), id);
}

/* A day is its first moment in the fund's zone. */
static int64_t until_of(struct req *r)
{
	const char *until = in_text(r, "until", 40);
	int64_t at = 0;
	if (!until)
		fail(&r->op, E_INPUT, "until", "is required: a day, or an instant");
	else if (day_valid(until))
		at = zone_day_start(r->zone ? r->zone : "UTC", until, 0);
	else if (!instant_parse(until, &at))
		fail(&r->op, E_INPUT, "until", "is neither a day (YYYY-MM-DD) nor an instant");
	return at;
}

enum status proposals_snooze(struct req *r)
{
	int64_t id = in_id(r, "id"), until = until_of(r);
	r->form = again;
	if (r->op.fault.status)
		return r->op.fault.status;
	return done(r, approval_snooze(&r->op, id, until), id);
}

enum status proposals_undo(struct req *r)
{
	int64_t id = in_id(r, "id");
	enum status st = id ? approval_undo(&r->op, id) : r->op.fault.status;
	if (st || r->is_api)
		return done(r, st, id);
	return reply_see(r, NULL, "%s&decided=%lld", back_url(r, id), (long long)id);
}

/* ---- a new person who is somebody known ---- */
#define PEOPLE                                                                                                         \
	"SELECT c.id, c.name, c.title, o.name AS organization_name, (SELECT e.email FROM contact_emails_live e WHERE " \
	"e.contact_id = c.id ORDER BY e.position LIMIT 1) AS email FROM contacts_live c LEFT JOIN "                    \
	"organizations_live o ON o.id = c.organization_id WHERE 1"

static struct json_object *people(struct req *r, const char *typed, int64_t organization)
{
	struct query q;
	query_init(&q, r->op.pool);
	query_add(&q, PEOPLE);
	if (typed)
		directory_filter(&r->op, &q, "c.id", NULL, "contacts", typed);
	if (organization)
		query_add(&q, " AND c.organization_id = ?", organization);
	query_add(&q, " ORDER BY c.name COLLATE NOCASE, c.id LIMIT ?", PEOPLE_MAX);
	struct json_object *rows = query_array(&r->op, &q);
	for (size_t i = 0; i < json_len(rows); i++)
		set_url(r->op.pool, json_at(rows, i), "/contacts", json_int(json_at(rows, i), "id"));
	return rows;
}

/* Nothing typed: people of that family name, else those of the firm. */
static struct json_object *guess(struct req *r, struct json_object *change)
{
	const char *name = json_text(change, "name"), *last = name ? strrchr(name, ' ') : NULL;
	struct json_object *found = name ? people(r, last ? last + 1 : name, 0) : NULL;
	int64_t organization = json_int(change, "organization_id");
	return json_len(found) || !organization ? found : people(r, NULL, organization);
}

static enum status same_as_document(struct req *r, int64_t id)
{
	struct json_object *card = id ? proposal_card(r, id, false) : NULL;
	if (!card || !json_text(card, "same_as_url"))
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such new person");
	const char *q = r->verb == GET ? in_text(r, "q", 90) : NULL;
	struct json_object *found = q ? people(r, q, 0) : guess(r, json_get(card, "change"));
	if (!found)
		found = json_arr(r->op.pool);
	json_set(card, "people", json_object_get(found));
	set_has(card, "has_people", json_len(found) > 0);
	json_set_text(card, "q", q ? q : "");
	json_set_bool(card, "is_guess", !q);
	out_data(r, card);
	json_set_text(r->view, "error", r->op.fault.items ? r->op.fault.items->message : NULL);
	review_view(r, review_from(r), in_int(r, "then", 0, 0, INT64_MAX));
	return OK;
}

enum status proposals_same(struct req *r)
{
	return same_as_document(r, in_id(r, "id"));
}

enum status proposals_same_as(struct req *r)
{
	int64_t id = in_id(r, "id"), contact = in_int(r, "contact_id", 0, 1, INT64_MAX);
	const char *sha256 = hash(r);
	r->form = again;
	if (!contact && !r->op.fault.status)
		fail(&r->op, E_INPUT, "contact_id", "is required: who it is");
	if (r->op.fault.status)
		return r->op.fault.status;
	const char *of = db_one_text(&r->op, "SELECT resource FROM proposals_seen WHERE id = ?", id);
	if (of && !str_eq(of, "contacts"))
		return fail(&r->op, E_INPUT, "contact_id", "this proposal is not about a person");
	return done(r, approval_same_as(&r->op, id, sha256, contact), id);
}
