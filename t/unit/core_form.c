/* The form document and the schema that follow from a declaration. */
#include "../tap.h"
#include "corekit.h"

static struct op *op;

static struct json_object *field_in(struct json_object *form, const char *name)
{
	struct json_object *fields = json_get(form, "fields");
	for (size_t i = 0; i < json_len(fields); i++)
		if (str_eq(json_text(json_at(fields, i), "name"), name))
			return json_at(fields, i);
	return NULL;
}

static const char *value_in(struct json_object *form, const char *name)
{
	return json_text(field_in(form, name), "value");
}

/* Templates are strict: what crm/shapes.h promises is in every document. */
static void complete(void)
{
	static const char *const names[] = {"name", "label", "id", "value", "error", "has_error", "help", "type",
		"is_text", "is_long", "rows", "is_select", "options", "is_check", "is_checked", "is_number", "is_day",
		"is_instant", "is_url", "is_list", "is_pick", "is_many", "pick_url", "is_short", "is_required", "max",
		"current", "has_current"};
	static const char *const of_form[] = {"version", "has_version", "has_errors", "errors", "is_stale", "stale_by",
		"stale_at", "hidden", "fields"};
	struct json_object *form = record_form(op, &kit_contacts, 0, NULL), *fields = json_get(form, "fields");
	const char *missing = "";
	for (size_t i = 0; i < json_len(fields); i++)
		for (size_t n = 0; n < sizeof names / sizeof *names; n++)
			if (!json_object_object_get_ex(json_at(fields, i), names[n], NULL))
				missing = names[n];
	for (size_t n = 0; n < sizeof of_form / sizeof *of_form; n++)
		if (!json_object_object_get_ex(form, of_form[n], NULL))
			missing = of_form[n];
	is(missing, "", "every name of the shape is there");
	is_int(json_len(fields), FIELD_COUNT(kit_contact_fields), "every field is");
}

static void empty(int64_t alpine)
{
	struct json_object *form = record_form(op, &kit_contacts, 0, NULL);
	ok(!json_true(form, "has_version") && !json_get(form, "version"), "a new record has no version");
	is(value_in(form, "name"), "", "no value");
	ok(json_true(field_in(form, "name"), "is_text") && json_true(field_in(form, "name"), "is_required"),
		"a line of text");
	ok(json_true(field_in(form, "notes"), "is_long") && json_true(field_in(form, "emails"), "is_long"),
		"long text and lists are text areas");
	ok(json_true(field_in(form, "is_do_not_contact"), "is_check"), "a boolean is a check box");
	is(kit_text(op, json_get(field_in(form, "organization_id"), "options")),
		pool_printf(op->pool,
			"[{'value':'','label':'','is_selected':true},"
			"{'value':'%d','label':'Alpine','is_selected':false}]",
			(int)alpine),
		"a reference offers what there is");
	ok(!json_get(field_in(form, "organization_id"), "pick_url"), "and needs no list");
	is(json_text(json_at(json_get(field_in(form, "kind"), "options"), 1), "label"), "Investor",
		"choices have their labels");
}

static void filled(int64_t id)
{
	struct json_object *form = record_form(op, &kit_contacts, id, NULL);
	is_int(json_int(form, "version"), 1, "the version that is shown");
	is(value_in(form, "name"), "Maria", "the row's value");
	is(value_in(form, "emails"), "m@a.example\nm2@a.example", "a list, one entry a line");
	ok(json_true(field_in(form, "is_do_not_contact"), "is_checked"), "a check box that is set");
	ok(json_true(json_at(json_get(field_in(form, "kind"), "options"), 1), "is_selected"),
		"the choice that is made");
	form = record_form(op, &kit_contacts, id, kit_json(op, "{'name':'Typed','is_do_not_contact':''}"));
	is(value_in(form, "name"), "Typed", "what was typed wins");
	ok(!json_true(field_in(form, "is_do_not_contact"), "is_checked"), "an emptied box too");
	is(value_in(form, "emails"), "m@a.example\nm2@a.example", "the row for what was not");
}

static void wrong(int64_t id)
{
	struct json_object *typed = kit_json(op, "{'name':'','emails':'nobody'}");
	int64_t record, proposal;
	struct write how = {.if_version = -1};
	record_write(op, &kit_contacts, id, typed, &how, &record, &proposal);
	fail(op, E_INPUT, NULL, "try again");
	fail(op, E_INPUT, "sha256", "is missing");
	struct json_object *form = record_form(op, &kit_contacts, id, typed);
	ok(json_true(form, "has_errors"), "a form with errors");
	is(json_text(field_in(form, "name"), "error"), "is required", "says them at the field");
	is(value_in(form, "emails"), "nobody", "beside what was typed");
	is(kit_text(op, json_get(form, "errors")), "[{'message':'try again'},{'message':'sha256 is missing'}]",
		"and at its top what belongs to no field");
	kit_faults(op);
}

static void stale(int64_t id)
{
	kit_put(op, &kit_contacts, id, "{'title':'Partner'}");
	struct json_object *typed = kit_json(op, "{'name':'Maria','title':'CEO','notes':''}");
	int64_t record, proposal;
	struct write how = {.if_version = 1};
	ok(record_write(op, &kit_contacts, id, typed, &how, &record, &proposal) == E_STALE, "somebody saved first");
	struct json_object *form = record_form(op, &kit_contacts, id, typed);
	ok(json_true(form, "is_stale"), "the form says so");
	is(json_text(form, "stale_by"), "Ada Nowak", "who");
	ok(json_text(form, "stale_at") != NULL, "and when");
	is_int(json_int(form, "version"), 2, "sending it again is on top of that");
	is(value_in(form, "title"), "CEO", "what was typed is kept");
	is(json_text(field_in(form, "title"), "current"), "Partner", "beside what is there now");
	ok(!json_true(field_in(form, "name"), "has_current"), "where the two differ");
	kit_faults(op);
}

static void many(int64_t alpine)
{
	for (int i = 0; i < 70; i++)
		kit_put(op, &kit_organizations, 0, pool_printf(op->pool, "{'name':'Firm %02d'}", i));
	int64_t id = kit_put(op, &kit_contacts, 0,
		pool_printf(op->pool, "{'name':'P','kind':'other','organization_id':%d}", (int)alpine));
	struct json_object *field = field_in(record_form(op, &kit_contacts, id, NULL), "organization_id");
	ok(json_true(field, "is_text") && !json_true(field, "is_select") && json_true(field, "is_pick"),
		"too many choices are typed");
	is(json_text(field, "pick_url"), "/api/organizations", "and looked for in their list");
	is_int(json_len(json_get(field, "options")), 0, "none of them is sent");
	const char *shown = json_text(field, "value");
	is(shown, pool_printf(op->pool, "Alpine #%d", (int)alpine), "with the label and the number");
	ok(kit_put(op, &kit_contacts, id, pool_printf(op->pool, "{'organization_id':'%s'}", shown)) == id,
		"which are read back");
	is_int(json_int(record_fields(op, &kit_contacts, id), "version"), 1, "as the same");
}

static void schema(void)
{
	struct json_object *schemas = json_obj(op->pool);
	record_schema(op->pool, &kit_contacts, schemas);
	struct json_object *contact = json_get(json_get(schemas, "Contact"), "properties");
	is(kit_text(op, json_get(json_get(schemas, "Contact"), "required")), "['id','version']",
		"what is always there");
	is(kit_text(op, json_get(contact, "name")), "{'description':'Name','type':'string','maxLength':60}", "text");
	is(kit_text(op, json_get(contact, "kind")),
		"{'description':'Kind','type':['string','null'],'enum':['investor','prospect','advisor','other',null]}",
		"a choice");
	is(kit_text(op, json_get(contact, "emails")),
		"{'description':'E-mail','type':'array','items':{'type':'string'}}", "a list");
	ok(!json_get(json_get(json_get(schemas, "ContactChange"), "properties"), "id"), "a change has no id");
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_HUMAN, &ADA);
	db_begin(op);
	int64_t alpine = kit_put(op, &kit_organizations, 0, "{'name':'Alpine'}");
	int64_t id = kit_put(op, &kit_contacts, 0,
		"{'name':'Maria','kind':'investor','emails':['m@a.example','m2@a.example'],'is_do_not_contact':true}");
	complete();
	empty(alpine);
	filled(id);
	wrong(id);
	stale(id);
	many(alpine);
	schema();
	ok(db_commit(op) == OK, "all of it commits");
	db_close(op->db);
	return tap_done();
}
