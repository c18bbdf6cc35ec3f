/* Investors: who invests, an organization or a person. Owns their declaration, list and pages.
 *
 * investors/list  data: [{id, version, name, kind ("organization" or "person"), organization_id, contact_id, party_url,
 *                 lead_id, lead_name, priority, is_high, is_low, is_graveyard, cadence_days, last_at, last_in_at,
 *                 last_out_at, communications, days_since (whole days since last_at or null), is_overdue (cadence missed),
 *                 updated_at, url}]
 *                 parameters: q, lead_id, priority, is_graveyard (default 0), sort (name -name -last_touch last_touch -updated), limit, after
 * investors/show  data: record item (shapes.h) and the row's names, notes and
 *                 contact_name, organization_name (one of them null)
 *                 positions, has_positions, commit_url (commitments.c)
 *                 opportunities, has_opportunities, opportunity_url (opportunities.c)
 *                 people, threads, known_by, timeline, log_url as an organization's (or the person's own)
 * investors/form  data: form (shapes.h)
 * Tests: t/60-pages.t */
#include "crm/crm.h"

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

static const char *const priorities[] = {"high", "normal", "low", NULL};
static const char *const priority_labels[] = {"High", "Normal", "Low", NULL};

static const struct field fields[] = {
	{.name = "organization_id",
		.label = "Organization",
		.type = F_REF,
		.ref = "organizations",
		.help = "Who invests: an organization, or below a person in their own name."},
	{.name = "contact_id", .label = "Person", .type = F_REF, .ref = "contacts"},
	{.name = "lead_id",
		.label = "Lead",
		.type = F_REF,
		.ref = "users",
		.help = "Who on the team looks after them."},
	{.name = "priority",
		.label = "Priority",
		.type = F_CHOICE,
		.flags = FIELD_REQUIRED,
		.choices = priorities,
		.labels = priority_labels},
	{.name = "cadence_days",
		.label = "Contact every (days)",
		.type = F_INT,
		.max = 3650,
		.help = "After this many days without contact the digest says so."},
	{.name = "is_graveyard", .label = "Not pursued any more", .type = F_BOOL},
	{.name = "notes", .label = "Notes", .type = F_LONG, .privacy = PRIVATE_DATA},
};

static enum status check(struct op *op, int64_t id, struct json_object *all)
{
	(void)id;
	bool organization = json_get(all, "organization_id") != NULL, person = json_get(all, "contact_id") != NULL;
	if (organization == person)
		return fail(op, E_INPUT, "organization_id",
			organization ? "and a person cannot both be the investor"
				     : "or a person is needed: who invests?");
	if (json_get(all, "cadence_days") && json_int(all, "cadence_days") < 1)
		return fail(op, E_INPUT, "cadence_days", "must be 1 or more");
	return OK;
}

static const struct link links[] = {
	{"tasks", "investor_id", "id", LINK_SOFT | LINK_RECORD},
	{"commitments", "investor_id", "id", LINK_SOFT | LINK_RECORD},
	{"opportunities", "investor_id", "id", LINK_SOFT | LINK_RECORD | LINK_SHARED},
	{"proposals", "investor_id", "id", LINK_WAITING},
	{"proposals", "target_id", "id", LINK_OF_KIND | LINK_WAITING},
};

const struct resource investors_resource = {
	.name = "investors",
	.singular = "investor",
	.title = "Investor",
	.fields = fields,
	.nfields = FIELD_COUNT(fields),
	LABEL_SQL("SELECT coalesce(o.name, c.name, 'Investor') FROM investors_live i LEFT JOIN organizations_live o"
		  " ON o.id = i.organization_id LEFT JOIN contacts_live c ON c.id = i.contact_id WHERE i.id = "),
	.options_sql = "SELECT investor_id AS id, name FROM investors_cache WHERE is_graveyard IN (0, 1)"
		       " ORDER BY name COLLATE NOCASE LIMIT ?1",
	.named_sql = "SELECT investor_id FROM investors_cache WHERE is_graveyard IN (0, 1) AND name = ?1 COLLATE"
		     " NOCASE LIMIT 2",
	.check = check,
	.settle = ledger_settle,
	.links = links,
	.nlinks = FIELD_COUNT(links),
};

static void labels(struct rows *t, size_t row, int64_t now)
{
	const char *last = rows_text(t, row, "last_at");
	int64_t at, organization = rows_int(t, row, "organization_id"), contact = rows_int(t, row, "contact_id");
	bool known = last && instant_parse(last, &at);
	int64_t days = known ? (now - at) / 86400 : 0, cadence = rows_int(t, row, "cadence_days");
	rows_set_text(t, row, "kind", organization ? "organization" : "person");
	rows_set_text(t, row, "party_url",
		organization ? resource_url(t->pool, "organizations", organization)
			     : resource_url(t->pool, "contacts", contact));
	if (known)
		rows_set_int(t, row, "days_since", days < 0 ? 0 : days);
	rows_set_bool(t, row, "is_overdue", cadence && !rows_int(t, row, "is_graveyard") && (!known || days > cadence));
}

#define COLUMNS                                                                                                        \
	"i.id, i.version, k.name, i.organization_id, i.contact_id, o.name AS "                                         \
	"organization_name,"                                                                                           \
	" c.name AS contact_name, i.lead_id, u.name AS lead_name, i.priority, i.is_graveyard, i.cadence_days, "        \
	"t.last_at,"                                                                                                   \
	" t.last_in_at, t.last_out_at, coalesce(t.communications, 0) AS communications, i.updated_at, NULL AS kind,"   \
	" NULL AS party_url, i.priority = 'high' AS is_high, i.priority = 'low' AS is_low, NULL AS days_since,"        \
	" NULL AS is_overdue, NULL AS url"
/* Which of the two drives decides which index gives the order. */
#define BY_CACHE " FROM investors_cache k CROSS JOIN investors_live i ON i.id = k.investor_id"
#define BY_RECORD " FROM investors_live i CROSS JOIN investors_cache k ON k.investor_id = i.id"
#define JOINS                                                                                                          \
	" LEFT JOIN organizations_live o ON o.id = i.organization_id LEFT JOIN contacts_live c"                        \
	" ON c.id = i.contact_id LEFT JOIN users u ON u.id = i.lead_id LEFT JOIN touches t ON t.resource ="            \
	" iif(i.organization_id IS NULL, 'contacts', 'organizations') AND t.resource_id = "                            \
	"coalesce(i.organization_id, i.contact_id)"

/* The column of the cursor. */
static const char *order(struct list *l)
{
	if (str_eq(l->column, "last_touch")) {
		list_order(l, "k.last_at", "k.investor_id");
		return "last_at";
	}
	if (str_eq(l->column, "updated")) {
		list_order(l, "i.updated_at", "i.id");
		return "updated_at";
	}
	list_order(l, "k.name COLLATE NOCASE", "k.investor_id");
	return "name";
}

enum status investors_list(struct req *r)
{
	static const char *const graveyard[] = {"0", "1", NULL}, *const graveyard_labels[] = {
									 "Pursued", "Not pursued", NULL};
	struct list l;
	list_open(&l, r, "/investors", record_sorts);
	if (str_eq(l.column, "updated"))
		query_add(&l.query, "SELECT " COLUMNS BY_RECORD JOINS " WHERE 1");
	else
		query_add(&l.query, "SELECT " COLUMNS BY_CACHE JOINS " WHERE 1");
	const char *priority =
		list_choice(&l, "priority", "Priority", priorities, priority_labels, "Any priority", NULL);
	const char *buried = list_choice(&l, "is_graveyard", "State", graveyard, graveyard_labels, "All", "0");
	int64_t lead = list_ref(
		&l, "lead_id", "Lead", "SELECT id, name FROM users WHERE role <> 'agent' ORDER BY name LIMIT 100");
	if (priority)
		query_add(&l.query, " AND k.priority = ?", priority);
	if (buried)
		query_add(&l.query, " AND k.is_graveyard = ?", str_eq(buried, "1"));
	if (lead)
		query_add(&l.query, " AND k.lead_id = ?", lead);
	if (l.q)
		query_add(&l.query, " AND k.name LIKE ? ESCAPE '\\'", l.q);
	const char *key = order(&l);
	struct rows *rows = list_finish(&l, key, "id");
	for (size_t i = 0; i < rows->n; i++)
		labels(rows, i, r->op.now);
	rows_urls(rows, "/investors");
	json_set_text(r->view, "title", "Investors");
	return OK;
}

enum status investors_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	struct rows *t = db_rows(&r->op, "SELECT " COLUMNS ", i.notes" BY_RECORD JOINS " WHERE i.id = ?", id);
	if (t->n)
		labels(t, 0, r->op.now);
	rows_urls(t, "/investors");
	enum status st = item_load(r, &investors_resource, rows_object(t, 0));
	if (st || r->location)
		return st;
	struct json_object *data = json_get(r->out, "data");
	int64_t organization = json_int(data, "organization_id"), contact = json_int(data, "contact_id");
	const char *resource = organization ? "organizations" : "contacts";
	int64_t party = organization ? organization : contact;
	json_set_text(data, "log_url",
		pool_printf(r->op.pool, "/communications/new?%s=%lld", organization ? "organization_id" : "contact_id",
			(long long)party));
	positions_fill(r, data, id);
	opportunities_fill(r, data, id);
	related_people(r, data, organization, 0);
	related_threads(r, data, resource, party);
	related_files(r, data, resource, party);
	related_known_by(r, data, resource, party);
	related_tasks(r, data, "investors", id);
	timeline_fill(r, data, resource, party, json_text(data, "url"));
	return OK;
}

enum status investors_new(struct req *r)
{
	static const char *const names[] = {"organization_id", "contact_id", NULL};
	struct json_object *preset = item_preset(r, names);
	return item_form(r, &investors_resource, 0, preset);
}

enum status investors_edit(struct req *r)
{
	int64_t id = in_id(r, "id");
	return id ? item_form(r, &investors_resource, id, NULL) : r->op.fault.status;
}

enum status investors_create(struct req *r)
{
	return item_create(r, &investors_resource);
}

enum status investors_update(struct req *r)
{
	return item_update(r, &investors_resource);
}

enum status investors_delete(struct req *r)
{
	return item_delete(r, &investors_resource);
}

enum status investors_restore(struct req *r)
{
	return item_restore(r, &investors_resource);
}
