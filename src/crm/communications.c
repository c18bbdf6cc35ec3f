/* Communications: e-mails, calls, meetings, notes as they stand on the records. Owns their declaration, pages, parties.
 *
 * list (API only)      data: [{id, version, kind, kind_label, direction, occurred_at, subject, body, thread_id, source,
 *                      proposal_id, updated_at, url}]
 *                      parameters: contact_id, organization_id, kind, limit, after; newest first
 * communications/show  data: record item (shapes.h) and kind, kind_label, direction, direction_label ("They wrote or
 *                      called", "We wrote or called", "Both ways", null), occurred_at, subject, body, thread_id, thread_url, has_thread
 *                      contacts [{id, name, url}]  organizations [{id, name, url}]  users [{id, name}]
 *                      has_contacts, has_organizations, has_users
 *                      messages [{id, subject, sent_at, sentence, url}]  has_messages
 *                      purged [{sent_at, purged_at, rule_id}]: mail it rests on that a rule erased  has_purged
 * communications/form  data: form (shapes.h); /communications/new takes ?contact_id= or ?organization_id= or ?kind=
 * notes (API only)     the communications of kind note, by that name; a new one needs no more than its body
 * Tests: t/60-pages.t, t/60-notes.t */
#include "crm/crm.h"

#include <string.h>

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

static const char *const kinds[] = {"email", "call", "meeting", "note", NULL};
static const char *const kind_labels[] = {"E-mail", "Call", "Meeting", "Note", NULL};
static const char *const directions[] = {"in", "out", "both", NULL};
static const char *const direction_labels[] = {"They wrote or called", "We wrote or called", "Both ways", NULL};

static const struct field fields[] = {
	{.name = "subject", .label = "Subject", .type = F_TEXT, .flags = FIELD_REQUIRED, .max = 500},
	{.name = "kind",
		.label = "Kind",
		.type = F_CHOICE,
		.flags = FIELD_REQUIRED,
		.choices = kinds,
		.labels = kind_labels},
	{.name = "occurred_at", .label = "When", .type = F_INSTANT, .flags = FIELD_REQUIRED},
	{.name = "contact_ids", .label = "Contacts", .type = F_IDS, .flags = FIELD_OWN_TABLE, .ref = "contacts"},
	{.name = "organization_ids",
		.label = "Organizations",
		.type = F_IDS,
		.flags = FIELD_OWN_TABLE,
		.ref = "organizations",
		.help = "Those of the contacts are added by themselves."},
	{.name = "user_ids", .label = "Team", .type = F_IDS, .flags = FIELD_OWN_TABLE, .ref = "users"},
	{.name = "direction",
		.label = "Direction",
		.type = F_CHOICE,
		.choices = directions,
		.labels = direction_labels},
	{.name = "body", .label = "Notes", .type = F_LONG, .privacy = PRIVATE_DATA},
	{.name = "thread_id", .label = "Mail thread", .type = F_INT, .flags = FIELD_HIDDEN, .max = (size_t)INT64_MAX},
	{.name = "message_ids",
		.label = "Messages",
		.type = F_IDS,
		.flags = FIELD_HIDDEN | FIELD_OWN_TABLE,
		.ref = "messages",
		.max = 1000},
};

/* ---- parties: rows of one table, by resource ---- */
static const char *party_resource(const struct field *f)
{
	return str_eq(f->name, "contact_ids") ? "contacts" : str_eq(f->name, "user_ids") ? "users" : "organizations";
}

/* One that took part before comes back; a new one is added. */
static enum status party_add(struct op *op, int64_t id, const char *resource, int64_t party)
{
	enum status st = db_run(op,
		"UPDATE communication_parties SET deleted_at = NULL WHERE communication_id = ? AND resource = ? AND "
		"resource_id = ?",
		id, resource, party);
	if (st || db_changes(op))
		return st;
	return db_run(op,
		"INSERT INTO communication_parties (communication_id, resource, resource_id, occurred_at)"
		" SELECT id, ?2, ?3, occurred_at FROM communications_live WHERE id = ?1",
		id, resource, party);
}

/* The firms that a contact belonged to on that day take part with the contact. */
static enum status firms_add(struct op *op, int64_t id, int64_t contact)
{
	struct json_object *firms = db_array(op,
		"SELECT b.organization_id FROM communications_live k CROSS JOIN contact_organizations b ON b.contact_id"
		" = ? AND substr(k.occurred_at, 1, 10) BETWEEN b.from_on AND b.to_on WHERE k.id = ?",
		contact, id);
	enum status st = op->fault.status;
	for (size_t i = 0; i < json_len(firms) && !st; i++)
		st = party_add(op, id, "organizations", json_int(json_at(firms, i), "organization_id"));
	return st;
}

static bool holds(struct json_object *list, int64_t id)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (json_object_get_int64(json_at(list, i)) == id)
			return true;
	return false;
}

static struct json_object *parties_read(struct op *op, int64_t id, const char *resource)
{
	struct json_object *list = json_arr(op->pool);
	for (struct stmt *q = db_query(op,
		     "SELECT resource_id FROM communication_parties_live WHERE communication_id = ? AND"
		     " resource = ? ORDER BY resource_id",
		     id, resource);
		db_row(q);)
		json_push_int(list, db_int(q, 0));
	return list;
}

static enum status parties_write(struct op *op, int64_t id, const char *resource, struct json_object *list)
{
	struct json_object *old = parties_read(op, id, resource);
	enum status st = OK;
	for (size_t i = 0; i < json_len(old) && !st; i++) {
		int64_t party = json_object_get_int64(json_at(old, i));
		if (!holds(list, party))
			st = db_run(op,
				"UPDATE communication_parties SET deleted_at = ctx_now() WHERE communication_id = ? AND"
				" resource = ? AND resource_id = ? AND deleted_at IS NULL",
				id, resource, party);
	}
	for (size_t i = 0; i < json_len(list) && !st; i++) {
		int64_t party = json_object_get_int64(json_at(list, i));
		st = party_add(op, id, resource, party);
		if (!st && str_eq(resource, "contacts"))
			st = firms_add(op, id, party);
	}
	return st;
}

static struct json_object *messages_read(struct op *op, int64_t id)
{
	struct json_object *list = json_arr(op->pool);
	for (struct stmt *q = db_query(op,
		     "SELECT message_id FROM communication_messages WHERE communication_id = ? ORDER BY message_id",
		     id);
		db_row(q);)
		json_push_int(list, db_int(q, 0));
	return list;
}

static enum status write_list(struct op *op, int64_t id, const struct field *f, struct json_object *list)
{
	if (!str_eq(f->name, "message_ids"))
		return parties_write(op, id, party_resource(f), list);
	enum status st = OK;
	for (size_t i = 0; i < json_len(list) && !st; i++)
		st = db_run(op,
			"INSERT OR IGNORE INTO communication_messages (communication_id, message_id) VALUES (?, ?)", id,
			json_object_get_int64(json_at(list, i)));
	return st;
}

static struct json_object *read_list(struct op *op, int64_t id, const struct field *f)
{
	return str_eq(f->name, "message_ids") ? messages_read(op, id) : parties_read(op, id, party_resource(f));
}

const struct resource communications_resource = {
	.name = "communications",
	.singular = "communication",
	.title = "Communication",
	.new_title = "Log a call or meeting",
	.fields = fields,
	.nfields = FIELD_COUNT(fields),
	LABEL_SQL("SELECT subject FROM communications_live WHERE id = "),
	.write_list = write_list,
	.read_list = read_list,
};

/* ---- pages ---- */
static void labels(struct rows *t)
{
	rows_kinds(t, kinds, kind_labels);
	rows_urls(t, "/communications");
}

enum status communications_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-occurred", "Newest"}, {NULL, NULL}};
	struct list l;
	list_open(&l, r, "/communications", sorts);
	query_add(&l.query,
		"SELECT c.id, c.version, c.kind, c.direction, c.occurred_at, c.subject, c.body, c.thread_id, c.source,"
		" c.proposal_id, c.updated_at, NULL AS kind_label, NULL AS url FROM communications_live c WHERE 1");
	const char *kind = list_choice(&l, "kind", "Kind", kinds, kind_labels, "Any kind", NULL);
	int64_t contact = list_ref(&l, "contact_id", "Contact", NULL),
		organization = list_ref(&l, "organization_id", "Organization", NULL);
	if (kind)
		query_add(&l.query, " AND c.kind = ?", kind);
	if (contact)
		query_add(&l.query,
			" AND EXISTS (SELECT 1 FROM communication_parties_live p WHERE p.communication_id = c.id AND"
			" p.resource = 'contacts' AND p.resource_id = ?)",
			contact);
	if (organization)
		query_add(&l.query,
			" AND EXISTS (SELECT 1 FROM communication_parties_live p WHERE p.communication_id = c.id AND"
			" p.resource = 'organizations' AND p.resource_id = ?)",
			organization);
	if (l.q)
		query_add(&l.query, " AND c.subject LIKE ? ESCAPE '\\'", l.q);
	if (l.after_key)
		query_add(&l.query, " AND (c.occurred_at, c.id) < (?, ?)", l.after_key, l.after_id);
	query_add(&l.query, " ORDER BY c.occurred_at DESC, c.id DESC LIMIT ?", l.limit + 1);
	labels(list_finish(&l, "occurred_at", "id"));
	return OK;
}

static void parties_named(struct req *r, struct json_object *data, const char *key, const char *has,
	struct json_object *rows, const char *base)
{
	for (size_t i = 0; base && i < json_len(rows); i++)
		set_url(r->op.pool, json_at(rows, i), base, json_int(json_at(rows, i), "id"));
	json_set(data, key, json_object_get(rows));
	set_has(data, has, json_len(rows) > 0);
}

static void parties(struct req *r, struct json_object *data, int64_t id)
{
	parties_named(r, data, "contacts", "has_contacts",
		db_array(&r->op,
			"SELECT c.id, c.name FROM communication_parties_live p JOIN contacts_live c ON c.id = "
			"p.resource_id"
			" WHERE p.communication_id = ? AND p.resource = 'contacts' ORDER BY c.name",
			id),
		"/contacts");
	parties_named(r, data, "organizations", "has_organizations",
		db_array(&r->op,
			"SELECT o.id, o.name FROM communication_parties_live p JOIN organizations_live o ON o.id = "
			"p.resource_id"
			" WHERE p.communication_id = ? AND p.resource = 'organizations' ORDER BY o.name",
			id),
		"/organizations");
	parties_named(r, data, "users", "has_users",
		db_array(&r->op,
			"SELECT u.id, u.name FROM communication_parties_live p JOIN users u ON u.id = p.resource_id"
			" WHERE p.communication_id = ? AND p.resource = 'users' ORDER BY u.name",
			id),
		NULL);
	struct json_object *messages = db_array(&r->op,
		"SELECT m.id, m.subject, m.sent_at, coalesce(m.from_name, m.from_email, 'Somebody') || ' wrote' AS "
		"sentence, m.thread_id"
		" FROM communication_messages cm JOIN messages_seen m ON m.id = cm.message_id WHERE "
		"cm.communication_id = ?"
		" ORDER BY m.sent_at LIMIT 100",
		id);
	for (size_t i = 0; i < json_len(messages); i++) {
		struct json_object *m = json_at(messages, i);
		json_set_text(m, "url",
			pool_printf(r->op.pool, "/mail/%lld#m%lld", (long long)json_int(m, "thread_id"),
				(long long)json_int(m, "id")));
	}
	json_set(data, "messages", json_object_get(messages));
	set_has(data, "has_messages", json_len(messages) > 0);
	struct json_object *purged = db_array(&r->op,
		"SELECT p.sent_at, p.purged_at, p.rule_id FROM communication_purges k JOIN purged_messages p ON "
		"p.message_id = "
		"k.message_id WHERE k.communication_id = ? ORDER BY p.sent_at LIMIT 100",
		id);
	json_set(data, "purged", json_object_get(purged));
	set_has(data, "has_purged", json_len(purged) > 0);
}

enum status communications_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	struct rows *t = db_rows(&r->op,
		"SELECT id, kind, NULL AS kind_label, NULL AS url, direction, occurred_at, subject, body, thread_id"
		" FROM communications_live WHERE id = ?",
		id);
	labels(t);
	enum status st = item_load(r, &communications_resource, rows_object(t, 0));
	if (st)
		return st;
	struct json_object *data = json_get(r->out, "data");
	json_set_text(data, "direction_label", direction_label(json_text(data, "direction")));
	json_set_text(data, "thread_url", resource_url(r->op.pool, "threads", json_int(data, "thread_id")));
	set_has(data, "has_thread", json_get(data, "thread_id") != NULL);
	parties(r, data, id);
	return OK;
}

enum status communications_new(struct req *r)
{
	struct json_object *preset = json_obj(r->op.pool);
	int64_t contact = in_int(r, "contact_id", 0, 1, INT64_MAX),
		organization = in_int(r, "organization_id", 0, 1, INT64_MAX);
	int kind = in_choice(r, "kind", kinds, 1);
	char now[INSTANT_SIZE];
	instant_format(r->op.now, now);
	json_set_text(preset, "kind", kinds[kind]);
	json_set_text(preset, "occurred_at", now);
	if (contact)
		json_push_int(json_add_arr(preset, "contact_ids"), contact);
	if (organization)
		json_push_int(json_add_arr(preset, "organization_ids"), organization);
	json_push_int(json_add_arr(preset, "user_ids"), r->op.actor.user_id);
	return item_form(r, &communications_resource, 0, preset);
}

enum status communications_edit(struct req *r)
{
	int64_t id = in_id(r, "id");
	return id ? item_form(r, &communications_resource, id, NULL) : r->op.fault.status;
}

/* A note needs no more than its text: the first line is its subject, and it is of now. */
static void note_fill(struct req *r, const char *text)
{
	char now[INSTANT_SIZE];
	size_t n = strcspn(text, "\r\n");
	instant_format(r->op.now, now);
	json_set_text(r->in, "kind", "note");
	json_set_text(r->in, "body", text);
	if (!json_get(r->in, "occurred_at"))
		json_set_text(r->in, "occurred_at", now);
	if (!json_get(r->in, "subject"))
		json_set_text(r->in, "subject", pool_strndup(r->op.pool, text, utf8_clip(text, n, 120)));
}

static const char *note_record(struct req *r)
{
	int64_t contact = in_int(r, "note_contact_id", 0, 1, INT64_MAX),
		organization = in_int(r, "note_organization_id", 0, 1, INT64_MAX);
	const char *text = in_text(r, "note", 20000);
	if (!contact && !organization)
		return NULL;
	if (!text && r->op.fault.status)
		return NULL;
	note_fill(r, text ? text : ""); /* without a text it comes back as a form that asks for one */
	json_push_int(
		json_add_arr(r->in, contact ? "contact_ids" : "organization_ids"), contact ? contact : organization);
	json_push_int(json_add_arr(r->in, "user_ids"), r->op.actor.user_id);
	return resource_url(r->op.pool, contact ? "contacts" : "organizations", contact ? contact : organization);
}

enum status communications_create(struct req *r)
{
	const char *record = r->is_api ? NULL : note_record(r);
	enum status st = r->op.fault.status ? r->op.fault.status : item_create(r, &communications_resource);
	return st || !record ? st : reply_see(r, "Note added", "%s", record);
}

enum status communications_update(struct req *r)
{
	return item_update(r, &communications_resource);
}

/* Back to whom it was about: the page it stood on is gone, and there is no list of all. */
enum status communications_delete(struct req *r)
{
	struct json_object *party = db_object(&r->op,
		"SELECT resource, resource_id FROM communication_parties_live WHERE communication_id = ? AND resource "
		"IN"
		" ('contacts', 'organizations') ORDER BY resource, resource_id LIMIT 1",
		in_id(r, "id"));
	enum status st = item_delete(r, &communications_resource);
	if (!st && !r->is_api && party)
		r->location = resource_url(r->op.pool, json_text(party, "resource"), json_int(party, "resource_id"));
	return st;
}

enum status communications_restore(struct req *r)
{
	return item_restore(r, &communications_resource);
}

/* ---- notes: what stands here by the name that users of the API look for ---- */
/* What is there and no note. Of what is not there communications speak for themselves, who may ask first. */
static enum status note_check(struct req *r)
{
	int64_t is_other = 0;
	db_one_int(
		&r->op, &is_other, "SELECT 1 FROM communications_live WHERE id = ? AND kind <> 'note'", in_id(r, "id"));
	return is_other ? fail(&r->op, E_NOT_FOUND, NULL, "there is no such note") : r->op.fault.status;
}

enum status notes_list(struct req *r)
{
	json_set_text(r->in, "kind", "note");
	return communications_list(r);
}

enum status notes_show(struct req *r)
{
	enum status st = note_check(r);
	return st ? st : communications_show(r);
}

enum status notes_create(struct req *r)
{
	const char *text = in_text(r, "body", 20000);
	if (!text)
		return r->op.fault.status ? r->op.fault.status : fail(&r->op, E_INPUT, "body", "is required");
	note_fill(r, text);
	enum status st = communications_create(r);
	if (!st && r->location)
		r->location =
			pool_printf(r->op.pool, "/api/notes/%lld", (long long)json_int(json_get(r->out, "data"), "id"));
	return st;
}

enum status notes_update(struct req *r)
{
	enum status st = note_check(r);
	json_object_object_del(r->in, "kind"); /* it stays a note */
	return st ? st : communications_update(r);
}

enum status notes_delete(struct req *r)
{
	enum status st = note_check(r);
	return st ? st : communications_delete(r);
}

enum status notes_restore(struct req *r)
{
	int64_t was_other = 0;
	db_one_int(&r->op, &was_other, "SELECT 1 FROM communications_trash WHERE id = ? AND kind <> 'note'",
		in_id(r, "id"));
	return was_other ? fail(&r->op, E_NOT_FOUND, NULL, "there is no such note") : communications_restore(r);
}
