/* Organizations: the firms. Owns their declaration, list, pages and domains.
 *
 * organizations/list  data: [{id, version, name, kind, kind_label, domain (first), owner_id, owner_name,
 *                     people (how many belong there now), last_at, last_in_at, last_out_at, communications, updated_at, url}]
 *                     parameters: q, kind, owner_id, sort (name -name -last_touch last_touch -updated), limit, after
 * organizations/show  data: record item (shapes.h) and name, kind, kind_label, website, domains [text], has_domains,
 *                     is_domain_captured (POST capture: is_captured), address, owner_id, owner_name, introduced_by, notes, last_at, last_in_at,
 *                     last_out_at, communications
 *                     investor  null or {id, label, priority, lead_name, is_graveyard, url}
 *                     people    [{id, name, title, email, last_at, url, is_beside, role, from_on, to_on, is_ended}], first
 *                               100 by name; then who belongs there beside another (affiliations.c), what ended last
 *                     has_people  people_url
 *                     threads   newest ten: [{id, subject, last_at, messages, is_several, last_direction, url}]  has_threads
 *                     files     as a contact's                                                             has_files
 *                     known_by  [{user_id, name, communications, last_at}]  has_known_by
 *                     timeline  (shapes.h)
 *                     log_url   "/communications/new?organization_id=12"
 *                     new_contact_url "/contacts/new?organization_id=12"
 *                     new_affiliation_url "/affiliations/new?organization_id=12"
 * organizations/form  data: form (shapes.h)
 * Tests: t/60-pages.t */
#include "crm/crm.h"

#include "base/pool.h"
#include "base/str.h"
#include "core/directory.h"
#include "mail/addr.h"
#include "base/banned.h"

static const char *const kinds[] = {"fund_of_funds", "family_office", "pension", "endowment", "corporate", "bank",
	"ria", "vehicle", "service_provider", "other", NULL};
static const char *const kind_labels[] = {"Fund of funds", "Family office", "Pension fund", "Endowment", "Corporate",
	"Bank", "Adviser (RIA)", "Vehicle", "Service provider", "Other", NULL};

static const struct field fields[] = {
	{.name = "name", .label = "Name", .type = F_TEXT, .flags = FIELD_REQUIRED, .max = 200},
	{.name = "kind",
		.label = "Kind",
		.type = F_CHOICE,
		.flags = FIELD_REQUIRED,
		.choices = kinds,
		.labels = kind_labels},
	{.name = "domains",
		.label = "Mail domains",
		.type = F_LIST,
		.flags = FIELD_OWN_TABLE,
		.max = 20,
		.help = "One a line. People who write from them are proposed as contacts here."},
	{.name = "website", .label = "Website", .type = F_URL, .max = 500},
	{.name = "address", .label = "Address", .type = F_LONG, .max = 1000},
	{.name = "owner_id", .label = "Owner", .type = F_REF, .ref = "users"},
	{.name = "introduced_by", .label = "Introduced by", .type = F_TEXT, .max = 200},
	{.name = "notes", .label = "Notes", .type = F_LONG, .privacy = PRIVATE_DATA},
};

static enum status write_list(struct op *op, int64_t id, const struct field *f, struct json_object *list)
{
	struct json_object *lower = json_arr(op->pool);
	for (size_t i = 0; i < json_len(list); i++)
		json_push_text(lower, str_lower(op->pool, json_object_get_string(json_at(list, i))));
	enum status st = children_write(op, "organization_domains", "organization_id", "domain", id, lower);
	if (st == E_CONFLICT) {
		fault_init(&op->fault, op->pool);
		return fail(op, E_CONFLICT, f->name, "another organization has one of these domains already");
	}
	return st;
}

static struct json_object *read_list(struct op *op, int64_t id, const struct field *f)
{
	(void)f;
	return children_read(op, "organization_domains", "organization_id", "domain", id);
}

static const struct link links[] = {
	{"organization_domains", "organization_id", "id", LINK_SOFT | LINK_OWNED},
	{"contacts", "organization_id", "id", LINK_SOFT | LINK_RECORD},
	{"affiliations", "organization_id", "id", LINK_SOFT | LINK_RECORD | LINK_SHARED},
	{"investors", "organization_id", "id", LINK_ONE | LINK_SOFT | LINK_RECORD},
	{"tasks", "organization_id", "id", LINK_SOFT | LINK_RECORD},
	{"communication_parties", "resource_id", "communication_id", LINK_OF_KIND | LINK_SOFT | LINK_SHARED},
	{"thread_parties", "resource_id", "thread_id", LINK_OF_KIND | LINK_SHARED},
	{"proposals", "organization_id", "id", LINK_WAITING},
	{"proposals", "target_id", "id", LINK_OF_KIND | LINK_WAITING},
};

const struct resource organizations_resource = {
	.name = "organizations",
	.singular = "organization",
	.title = "Organization",
	.fields = fields,
	.nfields = FIELD_COUNT(fields),
	LABEL_SQL("SELECT name FROM organizations_live WHERE id = "),
	.options_sql = "SELECT id, name FROM organizations_live ORDER BY name COLLATE NOCASE LIMIT ?1",
	.named_sql = "SELECT id FROM organizations_live WHERE name = ?1 COLLATE NOCASE LIMIT 2",
	.write_list = write_list,
	.read_list = read_list,
	.links = links,
	.nlinks = FIELD_COUNT(links),
	.has_merge_page = true,
};

static void labels(struct rows *t)
{
	rows_kinds(t, kinds, kind_labels);
	rows_urls(t, "/organizations");
}

/* The column of the cursor. */
static const char *order(struct list *l)
{
	if (str_eq(l->column, "last_touch")) {
		list_order(l, "coalesce(t.last_at, '')", "t.resource_id");
		return "last_at";
	}
	if (str_eq(l->column, "updated")) {
		list_order(l, "o.updated_at", "o.id");
		return "updated_at";
	}
	list_order(l, "o.name COLLATE NOCASE", "o.id");
	return "name";
}

static void filters(struct list *l)
{
	struct query *q = &l->query;
	const char *kind = list_choice(l, "kind", "Kind", kinds, kind_labels, "Any kind", NULL);
	int64_t owner = list_ref(
		l, "owner_id", "Owner", "SELECT id, name FROM users WHERE role <> 'agent' ORDER BY name LIMIT 100");
	if (kind)
		query_add(q, " AND o.kind = ?", kind);
	if (owner)
		query_add(q, " AND o.owner_id = ?", owner);
	if (l->typed)
		directory_filter(&l->r->op, q, "o.id", NULL, "organizations", l->typed);
}

enum status organizations_list(struct req *r)
{
	struct list l;
	list_open(&l, r, "/organizations", record_sorts);
	bool by_touch = str_eq(l.column, "last_touch");
	query_add(&l.query,
		"SELECT o.id, o.version, o.name, o.kind, NULL AS kind_label, (SELECT d.domain FROM"
		" organization_domains_live d WHERE d.organization_id = o.id ORDER BY d.position LIMIT 1) AS domain,"
		" o.owner_id, u.name AS owner_name, (SELECT count(*) FROM (SELECT id FROM contacts_live WHERE"
		" organization_id = o.id UNION SELECT c.id FROM affiliations_live f JOIN contacts_live c ON c.id ="
		" f.contact_id WHERE f.organization_id = o.id AND ? BETWEEN coalesce(f.from_on, '') AND"
		" coalesce(f.to_on, '9'))) AS people, t.last_at, t.last_in_at, t.last_out_at,"
		" coalesce(t.communications, 0) AS communications, o.updated_at, NULL AS url FROM ",
		day_after(r, 0));
	if (by_touch)
		query_add(&l.query, "touches t CROSS JOIN organizations_live o ON o.id = t.resource_id");
	else
		query_add(&l.query, "organizations_live o LEFT JOIN touches t ON t.resource = 'organizations' AND "
				    "t.resource_id = o.id");
	query_add(&l.query, " LEFT JOIN users u ON u.id = o.owner_id WHERE ");
	if (by_touch)
		query_add(&l.query, "t.resource = 'organizations'");
	else
		query_add(&l.query, "1");
	filters(&l);
	const char *key = order(&l);
	labels(list_finish(&l, key, "id"));
	json_set_text(r->view, "title", "Organizations");
	return OK;
}

static struct json_object *load(struct req *r, int64_t id)
{
	struct rows *t = db_rows(&r->op,
		"SELECT o.id, o.name, o.kind, NULL AS kind_label, NULL AS url, o.website, o.address, o.owner_id, "
		"u.name AS "
		"owner_name,"
		" o.introduced_by, o.notes, t.last_at, t.last_in_at, t.last_out_at, coalesce(t.communications, 0) AS "
		"communications,"
		" EXISTS (SELECT 1 FROM organization_domains_live d WHERE d.organization_id = o.id AND d.is_captured = "
		"1)"
		" AS is_domain_captured FROM organizations_live o LEFT JOIN users u ON u.id = o.owner_id"
		" LEFT JOIN touches t ON t.resource = 'organizations' AND t.resource_id = o.id WHERE o.id = ?",
		id);
	labels(t);
	return rows_object(t, 0);
}

enum status organizations_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	enum status st = item_load(r, &organizations_resource, load(r, id));
	if (st || r->location)
		return st;
	struct json_object *data = json_get(r->out, "data"), *domains = read_list(&r->op, id, NULL);
	json_set(data, "domains", json_object_get(domains));
	set_has(data, "has_domains", json_len(domains) > 0);
	json_set_text(data, "people_url", pool_printf(r->op.pool, "/contacts?organization_id=%lld", (long long)id));
	json_set_text(
		data, "log_url", pool_printf(r->op.pool, "/communications/new?organization_id=%lld", (long long)id));
	json_set_text(
		data, "new_contact_url", pool_printf(r->op.pool, "/contacts/new?organization_id=%lld", (long long)id));
	json_set_text(data, "new_affiliation_url",
		pool_printf(r->op.pool, "/affiliations/new?organization_id=%lld", (long long)id));
	related_investor(r, data, id, 0);
	related_people(r, data, id, 0);
	related_threads(r, data, "organizations", id);
	related_files(r, data, "organizations", id);
	related_known_by(r, data, "organizations", id);
	related_tasks(r, data, "organizations", id);
	timeline_fill(r, data, "organizations", id, json_text(data, "url"));
	return OK;
}

/* Where anybody has an address a domain says nothing of a firm, and its mail is everybody's. */
static enum status domains_are_theirs(struct op *op, int64_t id)
{
	struct json_object *domains = read_list(op, id, NULL);
	for (size_t i = 0; i < json_len(domains); i++) {
		const char *domain = json_object_get_string(json_at(domains, i));
		if (addr_is_public(domain))
			fail(op, E_CONFLICT, "domains",
				"hold %s, where anybody has an address: everybody's mail from there would be kept",
				domain);
	}
	return op->fault.status;
}

/* Whether mail with anybody at its domains is kept, or only with people who are known. A domain added later is not among
 * them until it is said again. */
enum status organizations_capture(struct req *r)
{
	int64_t id = in_id(r, "id"), there = 0;
	bool on = in_bool(r, "is_captured");
	if (!id || !db_one_int(&r->op, &there, "SELECT 1 FROM organizations_live WHERE id = ?", id))
		return fail(&r->op, E_NOT_FOUND, NULL, "there is no such organization");
	enum status st = on ? domains_are_theirs(&r->op, id) : OK;
	if (!st)
		st = db_run(&r->op,
			"UPDATE organization_domains SET is_captured = ? WHERE organization_id = ? AND deleted_at IS "
			"NULL",
			on, id);
	if (!st && !db_changes(&r->op))
		return fail(&r->op, E_CONFLICT, "domains", "are what is captured: there are none yet");
	return st ? st
		  : reply_see(r,
			    on ? "All mail with these domains is kept from now on. For earlier mail, look again on the "
				 "mailbox's page"
			       : "Only mail with known people is kept from now on",
			    "/organizations/%lld", (long long)id);
}

enum status organizations_new(struct req *r)
{
	return item_form(r, &organizations_resource, 0, NULL);
}

enum status organizations_edit(struct req *r)
{
	int64_t id = in_id(r, "id");
	return id ? item_form(r, &organizations_resource, id, NULL) : r->op.fault.status;
}

enum status organizations_create(struct req *r)
{
	return item_create(r, &organizations_resource);
}

enum status organizations_update(struct req *r)
{
	return item_update(r, &organizations_resource);
}

enum status organizations_delete(struct req *r)
{
	return item_delete(r, &organizations_resource);
}

enum status organizations_restore(struct req *r)
{
	return item_restore(r, &organizations_resource);
}
