/* Two resources on the real tables for the tests of the core room, which knows no noun by itself: contacts with a list
 * of their own (addresses), organizations without. */
#ifndef T_UNIT_COREKIT_H
#define T_UNIT_COREKIT_H

#include "base/json.h"
#include "base/str.h"
#include "core/record.h"
#include "dbkit.h"

static const char *const kit_kinds[] = {"investor", "prospect", "advisor", "other", NULL};
static const char *const kit_kind_labels[] = {"Investor", "Prospect", "Advisor", "Other", NULL};

static const struct field kit_organization_fields[] = {
	{.name = "name", .label = "Name", .type = F_TEXT, .flags = FIELD_REQUIRED, .max = 60},
	{.name = "website", .label = "Website", .type = F_URL},
	{.name = "notes", .label = "Notes", .type = F_LONG, .help = "For the team only."},
};
static const struct resource kit_organizations = {
	.name = "organizations",
	.singular = "organization",
	.title = "Organization",
	.fields = kit_organization_fields,
	.nfields = FIELD_COUNT(kit_organization_fields),
	LABEL_SQL("SELECT name FROM organizations_live WHERE id = "),
	.options_sql = "SELECT id, name FROM organizations_live ORDER BY name LIMIT ?1",
	.named_sql = "SELECT id FROM organizations_live WHERE name = ?1 COLLATE NOCASE LIMIT 2",
};

static const struct field kit_contact_fields[] = {
	{.name = "name", .label = "Name", .type = F_TEXT, .flags = FIELD_REQUIRED, .max = 60},
	{.name = "title", .label = "Title", .type = F_TEXT},
	{.name = "organization_id", .label = "Organization", .type = F_REF, .ref = "organizations"},
	{.name = "kind", .label = "Kind", .type = F_CHOICE, .choices = kit_kinds, .labels = kit_kind_labels},
	{.name = "emails", .label = "E-mail", .type = F_EMAILS, .flags = FIELD_OWN_TABLE, .max = 3},
	{.name = "is_do_not_contact", .label = "Do not contact", .type = F_BOOL, .flags = FIELD_LASTING},
	{.name = "notes", .label = "Notes", .type = F_LONG},
};

static struct json_object *kit_read(struct op *op, int64_t id, const struct field *f)
{
	(void)f;
	struct json_object *list = json_arr(op->pool);
	for (struct stmt *q = db_query(
		     op, "SELECT email FROM contact_emails_live WHERE contact_id = ? ORDER BY position", id);
		db_row(q);)
		json_push_text(list, db_text(q, 0));
	return list;
}

static enum status kit_write(struct op *op, int64_t id, const struct field *f, struct json_object *list)
{
	(void)f;
	enum status st = db_run(
		op, "UPDATE contact_emails SET deleted_at = ctx_now() WHERE contact_id = ? AND deleted_at IS NULL", id);
	for (size_t i = 0; i < json_len(list) && !st; i++)
		st = db_run(op, "INSERT INTO contact_emails (contact_id, email, position) VALUES (?, ?, ?)", id,
			json_object_get_string(json_at(list, i)), i);
	return st;
}

/* A rule over two fields: whoever is not to be contacted is not a prospect. */
static enum status kit_check(struct op *op, int64_t id, struct json_object *all)
{
	(void)id;
	if (json_true(all, "is_do_not_contact") && str_eq(json_text(all, "kind"), "prospect"))
		return fail(op, E_INPUT, "kind", "a prospect can be contacted");
	return OK;
}

static const struct link kit_contact_links[] = {
	{"contact_emails", "contact_id", "id", LINK_SOFT | LINK_OWNED},
	{"tasks", "contact_id", "id", LINK_SOFT | LINK_RECORD},
	{"communication_parties", "resource_id", "communication_id", LINK_OF_KIND | LINK_SOFT | LINK_SHARED},
};

static const struct resource kit_contacts = {
	.name = "contacts",
	.singular = "contact",
	.title = "Contact",
	.fields = kit_contact_fields,
	.nfields = FIELD_COUNT(kit_contact_fields),
	LABEL_SQL("SELECT name FROM contacts_live WHERE id = "),
	.check = kit_check,
	.write_list = kit_write,
	.read_list = kit_read,
	.links = kit_contact_links,
	.nlinks = FIELD_COUNT(kit_contact_links),
};
const struct resource *const resources[] = {&kit_organizations, &kit_contacts, NULL};

/* A document from text with ' for ". */
__attribute__((unused)) static struct json_object *kit_json(struct op *op, const char *text)
{
	char *s = pool_strdup(op->pool, text);
	for (char *c = s; *c; c++)
		if (*c == '\'')
			*c = '"';
	struct json_object *o;
	const char *why;
	if (json_parse(op->pool, s, strlen(s), &o, &why))
		abort();
	return o;
}

/* The same back, so that a document can be compared with a literal. */
__attribute__((unused)) static const char *kit_text(struct op *op, struct json_object *o)
{
	size_t n;
	char *s = pool_strdup(op->pool, o ? json_bytes(op->pool, o, &n) : "null");
	for (char *c = s; *c; c++)
		if (*c == '"')
			*c = '\'';
	return s;
}

/* "field: message; …" of what went wrong, then nothing has. */
__attribute__((unused)) static const char *kit_faults(struct op *op)
{
	const char *all = "";
	for (struct fault_item *i = op->fault.items; i; i = i->next)
		all = pool_printf(op->pool, "%s%s%s: %s", all, *all ? "; " : "", i->field ? i->field : "-", i->message);
	fault_init(&op->fault, op->pool);
	return all;
}

/* The status of what was tried, then nothing went wrong. */
__attribute__((unused)) static int kit_status(struct op *op, enum status st)
{
	fault_init(&op->fault, op->pool);
	return st ? status_http(st) : 200;
}

/* Writes and gives the id; 0 when that failed (its fault stays) or became a proposal. */
__attribute__((unused)) static int64_t kit_put(struct op *op, const struct resource *res, int64_t id, const char *text)
{
	int64_t record, proposal;
	return record_write(op, res, id, kit_json(op, text), NULL, &record, &proposal) ? 0 : record;
}

#endif
