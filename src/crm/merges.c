/* Merging: the page on which a person makes one record of two, and what the card of a proposed merge shows. The merge itself
 * is core/merge.c, the decision core/approval.c.
 *
 * merge/form  data: {id, label, url, q, has_q, is_chosen (with= names the other), merge (below, or null), action, has_error,
 *             error, into_version, from_version, from_id, others [{id, label, detail (text or null), reason (text or null),
 *             url}], has_others}
 *             parameters: with (the other record's id), q (searches for it)
 *             POST {from_id, into_version, from_version, and the fields that were chosen} merges at once; it can be undone
 *             for a day like any decision. API answer: {"data": {proposal_id, result_id, result_url}}
 * data.merge, also of review/show: {form (id of the form that its inputs belong to), into, from {id, label, url (or null)},
 *             rows [{name, label, into, from (texts, "" for nothing), value (text: what stands on the record to be),
 *             is_choice, is_text, is_plain, lines, options [{value, text, is_selected}], kept (null, or "affiliations": where
 *             what is not chosen goes)}]}
 *             is_choice: one of the two; is_text: both, to be edited; is_plain: there is nothing to choose
 * Tests: t/50-merge.t */
#include "crm/crm.h"

#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/approval.h"
#include "core/directory.h"
#include "core/merge.h"
#include "core/value.h"
#include "base/banned.h"

#define OTHERS_MAX 20

/* ---- both sides ---- */
static void option(struct op *op, struct json_object *row, const struct field *f, struct json_object *v, bool selected)
{
	struct json_object *o = json_push_obj(json_get(row, "options"));
	json_set_text(o, "value", value_text(op, f, v));
	json_set_text(o, "text", field_shown(op, f, v));
	json_set_bool(o, "is_selected", selected);
}

static void side_row(struct op *op, struct json_object *rows, const struct field *f, struct json_object *into,
	struct json_object *from, struct json_object *value, bool is_open)
{
	bool none = value_is_empty(into) || value_is_empty(from), same = none || json_object_equal(into, from);
	bool several = f->type == F_LONG || json_object_is_type(into, json_type_array);
	const char *text = value_text(op, f, value);
	int lines = 1;
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	struct json_object *row = json_push_obj(rows);
	json_set_text(row, "name", f->name);
	json_set_text(row, "label", f->label);
	json_set_text(row, "into", field_shown(op, f, into));
	json_set_text(row, "from", field_shown(op, f, from));
	json_set_text(row, "value", text);
	json_set_int(row, "lines", lines < 10 ? lines + 1 : 10);
	json_add_arr(row, "options");
	json_set_bool(row, "is_choice", is_open && !same && !several);
	json_set_bool(row, "is_text", is_open && !same && several);
	json_set_bool(row, "is_plain", !is_open || same);
	json_set_text(row, "kept", is_open && !same && !several ? f->kept_as : NULL);
	if (same || several)
		return;
	option(op, row, f, into, json_object_equal(value, into));
	option(op, row, f, from, !json_object_equal(value, into));
}

static void side(struct op *op, struct json_object *merge, const char *as, const struct resource *res, int64_t id,
	struct json_object *row)
{
	struct json_object *o = json_add_obj(merge, as);
	bool live = *record_label(op, res, id);
	json_set_int(o, "id", id);
	json_set_text(o, "label", json_text(row, res->fields[0].name));
	json_set_text(o, "url", live ? resource_url(op->pool, res->name, id) : NULL);
}

static struct json_object *merge_sides(struct op *op, const struct resource *res, int64_t into_id, int64_t from_id,
	struct json_object *into, struct json_object *from, const char *form)
{
	if (!into || !from)
		return NULL;
	struct json_object *merge = json_obj(op->pool), *values = merge_values(op, res, into, from);
	json_set_text(merge, "form", form);
	side(op, merge, "into", res, into_id, into);
	side(op, merge, "from", res, from_id, from);
	struct json_object *rows = json_add_arr(merge, "rows");
	for (size_t i = 0; i < res->nfields; i++) {
		const char *name = res->fields[i].name;
		struct json_object *a = json_get(into, name), *b = json_get(from, name);
		if (!(res->fields[i].flags & FIELD_HIDDEN) && !(value_is_empty(a) && value_is_empty(b)))
			side_row(op, rows, &res->fields[i], a, b, json_get(values, name), form != NULL);
	}
	return merge;
}

struct json_object *merge_card(
	struct op *op, const struct resource *res, struct json_object *card, struct json_object *change)
{
	int64_t id = json_int(card, "id"), into = json_int(card, "target_id"), from = json_int(change, "from_id");
	/* Once merged, both are shown as they were. */
	struct json_object *done = db_object(op,
		"SELECT survivor_json, loser_json FROM merges WHERE proposal_id = ? AND resource = ? AND undone_at IS "
		"NULL",
		id, res->name);
	if (done)
		return merge_sides(
			op, res, into, from, json_get(done, "survivor_json"), json_get(done, "loser_json"), NULL);
	const char *form = json_true(card, "is_pending") ? pool_printf(op->pool, "approve-%lld", (long long)id) : NULL;
	return merge_sides(op, res, into, from, record_fields(op, res, into), record_fields(op, res, from), form);
}

/* ---- what was chosen ---- */
struct json_object *merge_chosen(
	struct op *op, const struct resource *res, int64_t into_id, int64_t from_id, struct json_object *in)
{
	struct json_object *into = record_fields(op, res, into_id), *from = record_fields(op, res, from_id);
	struct json_object *typed = into && from ? record_validate(op, res, in, true) : NULL;
	if (!typed)
		return NULL;
	struct json_object *values = merge_values(op, res, into, from), *some = json_obj(op->pool), *v;
	bool any = false;
	for (size_t i = 0; i < res->nfields; i++) {
		const char *name = res->fields[i].name;
		if (!json_object_object_get_ex(typed, name, &v) || json_object_equal(v, json_get(values, name)))
			continue;
		json_set(some, name, json_object_get(v));
		any = true;
	}
	return any ? some : NULL;
}

/* ---- the page ---- */
static void others(struct req *r, const struct resource *res, struct json_object *data, int64_t id)
{
	struct op *op = &r->op;
	bool people = res == &contacts_resource;
	const char *typed = in_text(r, "q", 200);
	struct query q;
	query_init(&q, op->pool);
	if (people)
		query_add(&q,
			"SELECT r.id, r.name AS label, coalesce(r.title || ', ', '') || coalesce(o.name, '') AS detail"
			" FROM contacts_live r LEFT JOIN organizations_live o ON o.id = r.organization_id");
	else
		query_add(&q, "SELECT r.id, r.name AS label, r.website AS detail FROM organizations_live r");
	query_add(&q, " WHERE r.id <> ?", id);
	if (typed)
		directory_filter(op, &q, "r.id", NULL, res->name, typed);
	else
		query_add(&q,
			" AND r.id IN (SELECT from_id FROM proposals_seen WHERE kind = 'merge' AND resource = ? AND "
			"target_id = ?"
			" AND state = 'pending' UNION ALL SELECT target_id FROM proposals_seen WHERE kind = 'merge'"
			" AND resource = ? AND from_id = ? AND state = 'pending')",
			res->name, id, res->name, id);
	query_add(&q, " ORDER BY r.name COLLATE NOCASE, r.id LIMIT ?", OTHERS_MAX);
	struct json_object *rows = query_array(op, &q);
	for (size_t i = 0; i < json_len(rows); i++)
		json_set_text(json_at(rows, i), "url",
			pool_printf(op->pool, "/%s/%lld/merge?with=%lld", res->name, (long long)id,
				(long long)json_int(json_at(rows, i), "id")));
	json_set_text(data, "q", typed ? typed : "");
	set_has(data, "has_q", typed != NULL);
	json_set(data, "others", json_object_get(rows));
	set_has(data, "has_others", json_len(rows) > 0);
}

static enum status form_document(struct req *r, int64_t id, int64_t with)
{
	struct op *op = &r->op;
	const struct resource *res = item_resource(r);
	struct json_object *into = record_fields(op, res, id), *from = with ? record_fields(op, res, with) : NULL;
	if (!into || (with && !from) || id == with)
		return fail(op, E_NOT_FOUND, id == with ? "with" : NULL,
			id == with ? "is the same record" : "there is no such %s", res->singular);
	struct json_object *data = json_obj(op->pool);
	json_set_int(data, "id", id);
	json_set_text(data, "label", record_label(op, res, id));
	json_set_text(data, "url", resource_url(op->pool, res->name, id));
	json_set_text(data, "action", pool_printf(op->pool, "/%s/%lld/merge", res->name, (long long)id));
	json_set(data, "merge", json_object_get(merge_sides(op, res, id, with, into, from, "merge")));
	set_has(data, "is_chosen", from != NULL);
	json_set_int(data, "from_id", with);
	json_set_int(data, "into_version", json_int(into, "version"));
	json_set_int(data, "from_version", json_int(from, "version"));
	const char *error = op->fault.items ? op->fault.items->message : NULL;
	json_set_text(data, "error", error);
	set_has(data, "has_error", error != NULL);
	others(r, res, data, id);
	json_set_text(r->view, "title", pool_printf(op->pool, "Merge %s", json_text(data, "label")));
	out_data(r, data);
	return OK;
}

enum status merges_form(struct req *r)
{
	int64_t id = in_id(r, "id"), with = in_int(r, "with", 0, 1, INT64_MAX);
	return id ? form_document(r, id, with) : r->op.fault.status;
}

static void form_again(struct req *r)
{
	int64_t id, with;
	if (str_i64(json_text(r->in, "id"), 1, INT64_MAX, &id) &&
		str_i64(json_text(r->in, "from_id"), 1, INT64_MAX, &with))
		form_document(r, id, with);
}

/* A person's own merge is a proposal that is countersigned at once: it is audited, leads on and is undone like any other. */
static enum status merge_now(
	struct req *r, const struct resource *res, int64_t into, int64_t from, struct json_object *change)
{
	struct op *op = &r->op;
	int64_t proposal, record;
	bool people = res == &contacts_resource;
	struct proposal p = {
		.kind = "merge",
		.resource = res->name,
		.target_id = into,
		.title = pool_printf(
			op->pool, "Merge %s into %s", record_label(op, res, from), record_label(op, res, into)),
		.change = change,
		.organization_id = people ? 0 : into,
		.contact_id = people ? into : 0,
		.key = pool_printf(op->pool, "merge/%s/%lld/%lld/%s/%lld", res->name, (long long)into, (long long)from,
			op->actor.username, (long long)op->now),
	};
	struct json_object *chosen = merge_chosen(op, res, into, from, r->in);
	enum status st = op->fault.status ? op->fault.status : proposal_put(op, &p, &proposal);
	size_t n;
	const char *bytes = json_bytes(op->pool, change, &n);
	if (!st)
		st = approval_approve(op, proposal, sha256_str(op->pool, bytes, n), -1, chosen, &record);
	if (st)
		return st;
	if (!r->is_api)
		return reply_see(r, "Merged", "/review/%lld", (long long)proposal);
	struct json_object *data = out_data(r, json_obj(op->pool));
	json_set_int(data, "proposal_id", proposal);
	json_set_int(data, "result_id", record);
	json_set_text(data, "result_url", resource_url(op->pool, res->name, record));
	return OK;
}

enum status merges_create(struct req *r)
{
	const struct resource *res = item_resource(r);
	int64_t id = in_id(r, "id"), from = in_int(r, "from_id", 0, 1, INT64_MAX),
		into_version = in_int(r, "into_version", 0, 1, INT64_MAX),
		from_version = in_int(r, "from_version", 0, 1, INT64_MAX);
	r->form = form_again;
	if (r->op.fault.status)
		return r->op.fault.status;
	if (!from || !into_version || !from_version)
		return fail(&r->op, E_INPUT,
			!from           ? "from_id"
			: !into_version ? "into_version"
					: "from_version",
			"is required: it names what was looked at");
	if (!*record_label(&r->op, res, id))
		return fail(&r->op, E_NOT_FOUND, NULL, "there is no such %s", res->singular);
	if (from == id || !*record_label(&r->op, res, from))
		return fail(&r->op, E_INPUT, "from_id", "names no other %s", res->singular);
	return merge_now(r, res, id, from, proposal_merge(&r->op, from, from_version, into_version));
}
