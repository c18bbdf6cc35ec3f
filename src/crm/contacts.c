/* Contacts: the people. Owns their declaration, list, pages and child rows (addresses, phones).
 *
 * contacts/list   data: [{id, version, name, title, kind, kind_label, organization_id, organization_name, email (primary),
 *                 owner_id, owner_name, is_do_not_contact, last_at, last_in_at, last_out_at (touches), communications,
 *                 updated_at, url}]
 *                 parameters: q, kind, organization_id (who belongs there now, by affiliation too), owner_id, sort (name -name -last_touch last_touch -updated), limit, after
 * contacts/show   data: record item (shapes.h) and name, title, kind, kind_label, organization_id, organization_name,
 *                 organization_url, has_organization, owner_id, owner_name, is_do_not_contact, notes, emails [text],
 *                 phones [text], email (primary), has_emails, has_phones, last_at, last_in_at, last_out_at, communications
 *                 bounces     addresses mail came back from, nothing came from since: [{email, status, at, is_delay, url}]
 *                 has_bounces
 *                 investor    null or {id, label, priority, lead_name, is_graveyard, url}: their own, their firm's, or of
 *                             another they belong to
 *                 affiliations, has_affiliations   where else they belong (affiliations.c)
 *                 people      others at the organization, as an organization's                          has_people
 *                 threads     newest ten: [{id, subject, last_at, messages, is_several, last_direction, url}]  has_threads
 *                 files       newest ten of their newest threads: [{id, name, size, is_stored, sent_at, thread_id, url (null:
 *                             not kept), thread_url}]                                          has_files
 *                 known_by    who on the team was in touch: [{user_id, name, communications, last_at}]  has_known_by
 *                 timeline    (shapes.h)
 *                 log_url     "/communications/new?contact_id=12"
 * contacts/form   data: form (shapes.h)
 * Tests: t/60-pages.t */
#include "crm/crm.h"

#include "base/pool.h"
#include "base/str.h"
#include "core/directory.h"
#include "base/banned.h"

static const char *const kinds[] = {"investor", "prospect", "advisor", "other", NULL};
static const char *const kind_labels[] = {"Investor", "Prospect", "Advisor", "Other", NULL};

static const struct field fields[] = {
	{.name = "name",
		.label = "Name",
		.type = F_TEXT,
		.flags = FIELD_REQUIRED,
		.max = 200,
		.privacy = PERSONAL_DATA},
	{.name = "title", .label = "Job title", .type = F_TEXT, .max = 200, .privacy = PERSONAL_DATA},
	{.name = "organization_id",
		.label = "Organization",
		.type = F_REF,
		.ref = "organizations",
		.kept_as = "affiliations"},
	{.name = "kind",
		.label = "Kind",
		.type = F_CHOICE,
		.flags = FIELD_REQUIRED,
		.choices = kinds,
		.labels = kind_labels},
	{.name = "emails",
		.label = "E-mail addresses",
		.type = F_EMAILS,
		.flags = FIELD_OWN_TABLE,
		.max = 20,
		.help = "One a line. The first is the primary one.",
		.privacy = PERSONAL_DATA},
	{.name = "phones",
		.label = "Telephone",
		.type = F_LIST,
		.flags = FIELD_OWN_TABLE,
		.max = 10,
		.help = "One a line.",
		.privacy = PERSONAL_DATA},
	{.name = "owner_id", .label = "Owner", .type = F_REF, .ref = "users"},
	{.name = "is_do_not_contact", .label = "Do not contact", .type = F_BOOL, .flags = FIELD_LASTING},
	{.name = "notes", .label = "Notes", .type = F_LONG, .privacy = PRIVATE_DATA},
};

static enum status write_list(struct op *op, int64_t id, const struct field *f, struct json_object *list)
{
	bool emails = str_eq(f->name, "emails");
	enum status st = children_write(
		op, emails ? "contact_emails" : "contact_phones", "contact_id", emails ? "email" : "phone", id, list);
	if (st == E_CONFLICT) {
		fault_init(&op->fault, op->pool);
		return fail(op, E_CONFLICT, f->name, "another contact has one of these addresses already");
	}
	return st;
}

static struct json_object *read_list(struct op *op, int64_t id, const struct field *f)
{
	bool emails = str_eq(f->name, "emails");
	return children_read(
		op, emails ? "contact_emails" : "contact_phones", "contact_id", emails ? "email" : "phone", id);
}

static const struct link links[] = {
	{"contact_emails", "contact_id", "id", LINK_SOFT | LINK_OWNED},
	{"contact_phones", "contact_id", "id", LINK_SOFT | LINK_OWNED},
	{"affiliations", "contact_id", "id", LINK_SOFT | LINK_RECORD | LINK_SHARED},
	{"investors", "contact_id", "id", LINK_ONE | LINK_SOFT | LINK_RECORD},
	{"tasks", "contact_id", "id", LINK_SOFT | LINK_RECORD},
	{"communication_parties", "resource_id", "communication_id", LINK_OF_KIND | LINK_SOFT | LINK_SHARED},
	{"thread_parties", "resource_id", "thread_id", LINK_OF_KIND | LINK_SHARED},
	{"proposals", "contact_id", "id", LINK_WAITING},
	{"proposals", "target_id", "id", LINK_OF_KIND | LINK_WAITING},
};

const struct resource contacts_resource = {
	.name = "contacts",
	.singular = "contact",
	.title = "Contact",
	.fields = fields,
	.nfields = FIELD_COUNT(fields),
	LABEL_SQL("SELECT name FROM contacts_live WHERE id = "),
	.options_sql = "SELECT id, name FROM contacts_live ORDER BY name COLLATE NOCASE LIMIT ?1",
	.named_sql = "SELECT id FROM contacts_live WHERE name = ?1 COLLATE NOCASE LIMIT 2",
	.write_list = write_list,
	.read_list = read_list,
	.links = links,
	.nlinks = FIELD_COUNT(links),
	.has_merge_page = true,
};

static void labels(struct rows *t)
{
	rows_kinds(t, kinds, kind_labels);
	rows_urls(t, "/contacts");
}

/* The column of the cursor. */
static const char *order(struct list *l)
{
	if (str_eq(l->column, "last_touch")) {
		list_order(l, "c.last_at", "c.contact_id");
		return "last_at";
	}
	if (str_eq(l->column, "updated")) {
		list_order(l, "c.updated_at", "c.contact_id");
		return "updated_at";
	}
	list_order(l, "c.name", "c.contact_id");
	return "name";
}

/* The people of an organization are few: they lead to their rows, whatever else is asked for. */
static void from(struct list *l)
{
	int64_t organization = list_ref(l, "organization_id", "Organization", NULL);
	if (organization)
		query_add(&l->query,
			"(SELECT DISTINCT contact_id FROM contact_organizations WHERE organization_id = ? AND ?"
			" BETWEEN from_on AND to_on) b CROSS JOIN contacts_cache c ON c.contact_id = b.contact_id",
			organization, day_after(l->r, 0));
	else
		query_add(&l->query, "contacts_cache c");
}

static void filters(struct list *l)
{
	struct query *q = &l->query;
	const char *kind = list_choice(l, "kind", "Kind", kinds, kind_labels, "Any kind", NULL);
	int64_t owner = list_ref(
		l, "owner_id", "Owner", "SELECT id, name FROM users WHERE role <> 'agent' ORDER BY name LIMIT 100");
	if (kind)
		query_add(q, " AND c.kind = ?", kind);
	if (owner)
		query_add(q, " AND c.owner_id = ?", owner);
	if (l->typed)
		directory_filter(&l->r->op, q, "c.contact_id", "c.words", "contacts", l->typed);
}

enum status contacts_list(struct req *r)
{
	struct list l;
	list_open(&l, r, "/contacts", record_sorts);
	query_add(&l.query,
		"SELECT c.contact_id AS id, c.version, c.name, c.title, c.kind, NULL AS kind_label, c.organization_id,"
		" c.organization_name, c.email, c.owner_id, u.name AS owner_name, c.is_do_not_contact,"
		" nullif(c.last_at, '') AS last_at, c.last_in_at, c.last_out_at, c.communications, c.updated_at,"
		" NULL AS url FROM ");
	from(&l);
	query_add(&l.query, " LEFT JOIN users u ON u.id = c.owner_id WHERE 1");
	filters(&l);
	const char *key = order(&l);
	labels(list_finish(&l, key, "id"));
	json_set_text(r->view, "title", "Contacts");
	return OK;
}

static struct json_object *load(struct req *r, int64_t id)
{
	struct rows *t = db_rows(&r->op,
		"SELECT c.id, c.name, c.title, c.kind, NULL AS kind_label, NULL AS url, c.organization_id, o.name AS "
		"organization_name,"
		" c.owner_id, u.name AS owner_name, c.is_do_not_contact, c.notes, t.last_at, t.last_in_at, "
		"t.last_out_at,"
		" coalesce(t.communications, 0) AS communications"
		" FROM contacts_live c LEFT JOIN organizations_live o ON o.id = c.organization_id LEFT JOIN users u ON "
		"u.id = c.owner_id"
		" LEFT JOIN touches t ON t.resource = 'contacts' AND t.resource_id = c.id WHERE c.id = ?",
		id);
	labels(t);
	return rows_object(t, 0);
}

static void lists(struct req *r, struct json_object *data, int64_t id)
{
	struct json_object *emails = read_list(&r->op, id, field_find(&contacts_resource, "emails"));
	struct json_object *phones = read_list(&r->op, id, field_find(&contacts_resource, "phones"));
	json_set(data, "emails", json_object_get(emails));
	json_set(data, "phones", json_object_get(phones));
	set_has(data, "has_emails", json_len(emails) > 0);
	set_has(data, "has_phones", json_len(phones) > 0);
	json_set_text(data, "email", json_len(emails) ? json_object_get_string(json_at(emails, 0)) : NULL);
}

enum status contacts_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	enum status st = item_load(r, &contacts_resource, load(r, id));
	if (st || r->location)
		return st;
	struct json_object *data = json_get(r->out, "data");
	int64_t organization = json_int(data, "organization_id");
	lists(r, data, id);
	json_set_text(data, "organization_url", resource_url(r->op.pool, "organizations", organization));
	set_has(data, "has_organization", json_text(data, "organization_name") != NULL);
	json_set_text(data, "log_url", pool_printf(r->op.pool, "/communications/new?contact_id=%lld", (long long)id));
	contact_bounces(&r->op, data, id);
	related_investor(r, data, organization, id);
	related_affiliations(r, data, id);
	related_people(r, data, organization, id);
	related_threads(r, data, "contacts", id);
	related_files(r, data, "contacts", id);
	related_known_by(r, data, "contacts", id);
	related_tasks(r, data, "contacts", id);
	lookback_contact(r, data, id);
	timeline_fill(r, data, "contacts", id, json_text(data, "url"));
	return OK;
}

enum status contacts_new(struct req *r)
{
	int64_t organization = in_int(r, "organization_id", 0, 1, INT64_MAX);
	struct json_object *preset = json_obj(r->op.pool);
	if (organization)
		json_set_int(preset, "organization_id", organization);
	return item_form(r, &contacts_resource, 0, preset);
}

enum status contacts_edit(struct req *r)
{
	int64_t id = in_id(r, "id");
	return id ? item_form(r, &contacts_resource, id, NULL) : r->op.fault.status;
}

enum status contacts_create(struct req *r)
{
	return item_create(r, &contacts_resource);
}

enum status contacts_update(struct req *r)
{
	return item_update(r, &contacts_resource);
}

enum status contacts_delete(struct req *r)
{
	return item_delete(r, &contacts_resource);
}

enum status contacts_restore(struct req *r)
{
	return item_restore(r, &contacts_resource);
}
