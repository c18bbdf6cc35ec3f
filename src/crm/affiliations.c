/* Affiliations: to which organizations a person belongs, or belonged, beside the one where they work now. Owns their
 * declaration, list, pages and what of them stands on a contact's page; which mail then stands on the organization follows by
 * triggers (migration affiliations).
 *
 * list (API only)    data: [{id, version, contact_id, contact_name, organization_id, organization_name, role, from_on, to_on
 *                    (the last day; null: still), is_ended, updated_at, url}]
 *                    parameters: contact_id, organization_id, limit, after; oldest first
 * affiliations/show  data: record item (shapes.h) and a list row's names, contact_url, organization_url, end_url
 * affiliations/form  data: form (shapes.h); /affiliations/new takes ?contact_id= or ?organization_id=
 * POST end           {to_on (a day; today when left out)}
 * data.affiliations of a contact: [{id, role, from_on, to_on, is_ended, organization_name, organization_url, url, edit_url,
 *                    end_url (null when ended), delete_url}], present ones first; has_affiliations
 * Tests: t/60-affiliations.t, t/40-affiliations.t */
#include "crm/crm.h"

#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

static const struct field fields[] = {
	{.name = "contact_id", .label = "Contact", .type = F_REF, .flags = FIELD_REQUIRED, .ref = "contacts"},
	{.name = "organization_id",
		.label = "Organization",
		.type = F_REF,
		.flags = FIELD_REQUIRED,
		.ref = "organizations",
		.help = "Where they belong beside the organization they work at."},
	{.name = "role",
		.label = "Role",
		.type = F_TEXT,
		.max = 200,
		.help = "Board member, adviser, partner until the sale.",
		.privacy = PERSONAL_DATA},
	{.name = "from_on", .label = "First day", .type = F_DAY, .help = "Left out: since always."},
	{.name = "to_on", .label = "Last day", .type = F_DAY, .help = "Left out: still."},
};

/* What has ended can be said of the present organization, and of any other more than once. */
static enum status check_open(struct op *op, int64_t id, int64_t contact, int64_t organization)
{
	int64_t found;
	if (db_one_int(op, &found, "SELECT 1 FROM contacts_live WHERE id = ? AND organization_id = ?", contact,
		    organization))
		return fail(op, E_INPUT, "organization_id",
			"is where they work now: what is said here is where else they belong");
	if (db_one_int(op, &found,
		    "SELECT id FROM affiliations_live WHERE contact_id = ? AND organization_id = ? AND to_on IS NULL"
		    " AND id <> ?",
		    contact, organization, id))
		return fail(op, E_INPUT, "organization_id", "stands on this contact already");
	return op->fault.status;
}

static enum status check(struct op *op, int64_t id, struct json_object *all)
{
	const char *from = json_text(all, "from_on"), *to = json_text(all, "to_on");
	if (!to)
		return check_open(op, id, json_int(all, "contact_id"), json_int(all, "organization_id"));
	return !from || strcmp(from, to) <= 0 ? OK : fail(op, E_INPUT, "to_on", "is before the first day");
}

const struct resource affiliations_resource = {
	.name = "affiliations",
	.singular = "affiliation",
	.title = "Affiliation",
	.fields = fields,
	.nfields = FIELD_COUNT(fields),
	LABEL_SQL(
		"SELECT c.name || ' at ' || o.name FROM affiliations_live f JOIN contacts_live c ON c.id = f.contact_id"
		" JOIN organizations_live o ON o.id = f.organization_id WHERE f.id = "),
	.check = check,
};

/* ---- rows: ?1 is today ---- */
#define SELECT_ROW                                                                                                     \
	"SELECT f.id, f.version, f.contact_id, c.name AS contact_name, f.organization_id, o.name AS "                  \
	"organization_name, f.role, f.from_on, f.to_on, coalesce(f.to_on < ?1, 0) AS is_ended, f.updated_at"           \
	" FROM affiliations_live f JOIN contacts_live c ON c.id = f.contact_id JOIN organizations_live o ON o.id ="    \
	" f.organization_id WHERE "

static void links(struct req *r, struct json_object *row)
{
	struct pool *p = r->op.pool;
	const char *url = url_with(p, "/affiliations", json_int(row, "id"));
	json_set_text(row, "url", url);
	json_set_text(row, "contact_url", resource_url(p, "contacts", json_int(row, "contact_id")));
	json_set_text(row, "organization_url", resource_url(p, "organizations", json_int(row, "organization_id")));
	json_set_text(row, "edit_url", pool_printf(p, "%s/edit", url));
	json_set_text(row, "delete_url", pool_printf(p, "%s/delete", url));
	json_set_text(row, "end_url", json_text(row, "to_on") ? NULL : pool_printf(p, "%s/end", url));
}

enum status affiliations_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"id", "Oldest"}, {NULL, NULL}};
	struct list l;
	list_open(&l, r, "/affiliations", sorts);
	query_add(&l.query, SELECT_ROW "1", day_after(r, 0));
	int64_t contact = list_ref(&l, "contact_id", "Contact", NULL),
		organization = list_ref(&l, "organization_id", "Organization", NULL);
	if (contact)
		query_add(&l.query, " AND f.contact_id = ?", contact);
	if (organization)
		query_add(&l.query, " AND f.organization_id = ?", organization);
	if (l.q)
		query_add(&l.query, " AND f.role LIKE ? ESCAPE '\\'", l.q);
	if (l.after_key)
		query_add(&l.query, " AND f.id > ?", l.after_id);
	query_add(&l.query, " ORDER BY f.id LIMIT ?", l.limit + 1);
	struct json_object *rows = list_objects(&l, "updated_at", "id");
	for (size_t i = 0; i < json_len(rows); i++)
		set_url(r->op.pool, json_at(rows, i), "/affiliations", json_int(json_at(rows, i), "id"));
	return OK;
}

void related_affiliations(struct req *r, struct json_object *data, int64_t contact_id)
{
	struct json_object *rows = db_array(&r->op,
		SELECT_ROW
		"f.contact_id = ?2 ORDER BY f.to_on IS NOT NULL, f.to_on DESC, o.name COLLATE NOCASE, f.id LIMIT"
		" 50",
		day_after(r, 0), contact_id);
	for (size_t i = 0; i < json_len(rows); i++)
		links(r, json_at(rows, i));
	json_set(data, "affiliations", json_object_get(rows));
	set_has(data, "has_affiliations", json_len(rows) > 0);
}

/* ---- pages ---- */
enum status affiliations_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	enum status st =
		item_load(r, &affiliations_resource, db_object(&r->op, SELECT_ROW "f.id = ?2", day_after(r, 0), id));
	if (!st)
		links(r, json_get(r->out, "data"));
	return st;
}

enum status affiliations_new(struct req *r)
{
	static const char *const names[] = {"contact_id", "organization_id", NULL};
	struct json_object *preset = item_preset(r, names);
	return item_form(r, &affiliations_resource, 0, preset);
}

enum status affiliations_edit(struct req *r)
{
	int64_t id = in_id(r, "id");
	return id ? item_form(r, &affiliations_resource, id, NULL) : r->op.fault.status;
}

/* What was done on a contact's page leads back there. */
static enum status back(struct req *r, enum status st, int64_t contact)
{
	if (!st && !r->is_api && r->op.actor.kind == ACTOR_HUMAN)
		r->location = in_next(r, contact ? resource_url(r->op.pool, "contacts", contact) : r->location);
	return st;
}

static int64_t contact_of(struct req *r)
{
	int64_t contact = 0;
	db_one_int(&r->op, &contact, "SELECT contact_id FROM affiliations_live WHERE id = ?", in_id(r, "id"));
	return contact;
}

enum status affiliations_create(struct req *r)
{
	return back(r, item_create(r, &affiliations_resource), 0);
}

enum status affiliations_update(struct req *r)
{
	enum status st = item_update(r, &affiliations_resource);
	return back(r, st, st ? 0 : contact_of(r));
}

/* A quick action: what else came with the request is not part of it. */
enum status affiliations_end(struct req *r)
{
	const char *day = in_day(r, "to_on");
	for (size_t i = 0; i < FIELD_COUNT(fields); i++)
		json_object_object_del(r->in, fields[i].name);
	json_set_text(r->in, "to_on", day ? day : day_after(r, 0));
	return affiliations_update(r);
}

enum status affiliations_delete(struct req *r)
{
	int64_t contact = contact_of(r);
	return back(r, item_delete(r, &affiliations_resource), contact);
}

/* With whom, or with which organization, it left it comes back. */
enum status affiliations_restore(struct req *r)
{
	int64_t there = 0, id = in_id(r, "id");
	if (!db_one_int(&r->op, &there, "SELECT 1 FROM affiliations_trash WHERE id = ?", id))
		return item_restore(r, &affiliations_resource);
	if (!db_one_int(&r->op, &there,
		    "SELECT 1 FROM affiliations_trash f JOIN contacts_live c ON c.id = f.contact_id JOIN"
		    " organizations_live o ON o.id = f.organization_id WHERE f.id = ?",
		    id))
		return fail(
			&r->op, E_CONFLICT, NULL, "the contact or the organization was deleted; restore that first");
	enum status st = item_restore(r, &affiliations_resource);
	return back(r, st, st ? 0 : contact_of(r));
}
