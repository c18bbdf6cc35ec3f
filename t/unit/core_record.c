/* The one write path: what lands, what is refused, what becomes a proposal, what the audit log says of it. */
#include "../tap.h"
#include "corekit.h"

static struct op *op;

static enum status put_at(int64_t id, int64_t version, const char *text)
{
	struct write how = {.if_version = version};
	int64_t record, proposal;
	return record_write(op, &kit_contacts, id, kit_json(op, text), &how, &record, &proposal);
}

static const char *field_of(int64_t id, const char *name)
{
	struct json_object *row = record_fields(op, &kit_contacts, id);
	return row ? kit_text(op, json_get(row, name)) : "(no row)";
}

static int64_t version_of(int64_t id)
{
	return json_int(record_fields(op, &kit_contacts, id), "version");
}

static const char *last_audit(int64_t id)
{
	const char *s = db_one_text(op,
		"SELECT action || ' ' || coalesce(changes_json, '') FROM audit_seen WHERE resource = 'contacts'"
		" AND resource_id = ? ORDER BY id DESC LIMIT 1",
		id);
	return s ? s : "";
}

static int64_t audit_rows(void)
{
	int64_t n = 0;
	db_one_int(op, &n, "SELECT count(id) FROM audit_seen");
	return n;
}

static int64_t create(void)
{
	int64_t id = kit_put(op, &kit_contacts, 0,
		"{'name':' Maria  Keller "
		"','kind':'investor','emails':['M@a.example','m2@a.example'],'id':77,'version':9,"
		"'source':'import','is_do_not_contact':true,'unknown':1}");
	ok(id > 0 && id != 77, "a person's record lands at once, with a number of the database's choice");
	is(field_of(id, "name"), "'Maria Keller'", "normalised");
	is(field_of(id, "emails"), "['m@a.example','m2@a.example']", "lists too, in their order");
	is(field_of(id, "is_do_not_contact"), "true", "a boolean is a boolean");
	is(db_one_text(op, "SELECT source || ' ' || created_by || ' ' || version FROM contacts_live WHERE id = ?", id),
		"user 1 1", "source, author and version are not the client's to set");
	is(record_label(op, &kit_contacts, id), "Maria Keller", "its label");
	is(last_audit(id), "update {\"emails\":[null,[\"m@a.example\",\"m2@a.example\"]]}",
		"the list is audited as a field");
	ok(db_one_text(op, "SELECT 'x' FROM audit_seen WHERE action = 'create' AND resource_id = ? AND actor_id = 1",
		   id) != NULL,
		"and the row by its trigger");
	return id;
}

static void change(int64_t id)
{
	int64_t before = audit_rows();
	is_int(kit_put(op, &kit_contacts, id,
		       "{'name':'Maria Keller','emails':['m@a.example','m2@a.example'],'title':''}"),
		id, "no difference is no error");
	is_int(version_of(id), 1, "and no new version");
	is_int(audit_rows(), before, "and no audit row");
	ok(put_at(id, 1, "{'title':'Partner','notes':'a\\r\\nb'}") == OK, "a change from the version that was read");
	is_int(version_of(id), 2, "counts the version up");
	is(last_audit(id), "update {\"title\":[null,\"Partner\"],\"notes\":[null,\"a\\nb\"]}",
		"old and new are audited");
	ok(put_at(id, 1, "{'title':'CEO'}") == E_STALE, "a change from an old version is refused");
	is(json_text(op->fault.detail, "title"), "Partner", "with the record as it is now");
	is_int(kit_status(op, E_STALE), 412, "as 412");
	is(field_of(id, "title"), "'Partner'", "and nothing was written");
	ok(put_at(id, 2, "{'title':null}") == OK, "null empties a field");
	is(field_of(id, "title"), "null", "it is empty");
	ok(put_at(id, 3, "{'emails':['new@a.example']}") == OK, "a list alone");
	is(field_of(id, "emails"), "['new@a.example']", "becomes what was given");
	is_int(version_of(id), 4, "and makes a new version too");
	is_int(kit_status(op, put_at(4711, -1, "{'title':'x'}")), 404, "a row that is not there");
}

static void refusals(int64_t id)
{
	int64_t before = audit_rows();
	ok(kit_put(op, &kit_contacts, 0, "{'title':7,'kind':'x','emails':['a'],'organization_id':99}") == 0,
		"bad fields");
	is(kit_faults(op),
		"name: is required; title: must be text; organization_id: does not exist; kind: is not one of the "
		"choices;"
		" emails: is not an e-mail address: a",
		"are reported all at once, by field");
	ok(put_at(id, -1, "{'name':' '}") == E_INPUT, "a required field cannot be emptied");
	is(kit_faults(op), "name: is required", "which it says");
	ok(put_at(id, -1, "{'kind':'prospect','is_do_not_contact':'1'}") == E_INPUT, "a rule over several fields");
	is(kit_faults(op), "kind: a prospect can be contacted", "names the one to change");
	ok(put_at(id, -1, "{'kind':'prospect'}") == E_INPUT, "and holds for the row as it will be");
	kit_faults(op);
	kit_put(op, &kit_contacts, 0, "{'name':'Other','kind':'other','emails':['taken@a.example']}");
	before = audit_rows();
	is_int(kit_status(op, put_at(id, -1, "{'emails':['taken@a.example']}")), 409,
		"another contact's address is a conflict");
	/* The caller rolls back; here the failed statement alone has left nothing. */
	is_int(audit_rows(), before, "what was refused left no audit row");
	ok(put_at(id, -1, "{'emails':['new@a.example']}") == OK, "(the list as it was)");
	struct json_object *o = kit_json(op, "['name']");
	int64_t record, proposal;
	is_int(kit_status(op, record_write(op, &kit_contacts, 0, o, NULL, &record, &proposal)), 422,
		"an array is no record");
}

/* Rows that left in the same second as their record return with it, so time passes between the steps. */
static void leave_and_return(int64_t id)
{
	op->now += 60;
	is_int(kit_status(op, record_delete(op, &kit_contacts, id, 1)), 412, "deleting an old version is refused");
	ok(record_delete(op, &kit_contacts, id, version_of(id)) == OK, "deleted");
	is(field_of(id, "name"), "(no row)", "it is gone for readers");
	is(record_label(op, &kit_contacts, id), "", "and has no label");
	is(last_audit(id), "delete ", "the audit log says so");
	is_int(kit_status(op, put_at(id, -1, "{'title':'x'}")), 404, "it cannot be changed");
	is_int(kit_status(op, record_delete(op, &kit_contacts, id, -1)), 404, "nor deleted twice");
	int64_t thief = kit_put(op, &kit_contacts, 0, "{'name':'Thief','emails':['new@a.example']}");
	ok(thief > 0, "its address is free meanwhile");
	is_int(kit_status(op, record_restore(op, &kit_contacts, id)), 409, "so it cannot come back with it");
	op->now += 60;
	record_delete(op, &kit_contacts, thief, -1);
	ok(record_restore(op, &kit_contacts, id) == OK, "restored when the address is free again");
	is(field_of(id, "emails"), "['new@a.example']", "with its list");
	is_int(kit_status(op, record_restore(op, &kit_contacts, id)), 404, "what is not deleted cannot be restored");
}

static void others(int64_t id)
{
	int64_t record = -1, proposal = 0;
	op = dbkit_open(DB_AGENT, &SCOUT);
	db_begin(op);
	ok(record_write(op, &kit_contacts, id, kit_json(op, "{'title':'CFO'}"), NULL, &record, &proposal) == OK,
		"an agent's change");
	ok(record == 0 && proposal > 0, "becomes a proposal");
	is(field_of(id, "title"), "null", "and does not land");
	is(db_one_text(op, "SELECT author_kind || ' ' || title || ' ' || change_json FROM proposals_seen WHERE id = ?",
		   proposal),
		"agent Change contact Maria Keller {\"title\":\"CFO\"}", "in its own name");
	ok(record_write(op, &kit_contacts, 0, kit_json(op, "{'kind':'other'}"), NULL, &record, &proposal) == E_INPUT,
		"it is validated like anybody's");
	is(kit_faults(op), "name: is required", "by the same rules");
	is_int(kit_status(op, record_write(op, &kit_contacts, 4711, kit_json(op, "{}"), NULL, &record, &proposal)), 404,
		"nothing can be proposed for what is not there");
	is_int(kit_status(op, record_delete(op, &kit_contacts, id, -1)), 403, "an agent does not delete");
	is_int(kit_status(op, record_restore(op, &kit_contacts, id)), 403, "nor restore");
	db_rollback(op);
	op->actor = (struct actor){.kind = ACTOR_NONE};
	is_int(kit_status(
		       op, record_write(op, &kit_contacts, 0, kit_json(op, "{'name':'x'}"), NULL, &record, &proposal)),
		401, "nobody writes nothing");
	db_close(op->db);
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_HUMAN, &ADA);
	struct op *person = op;
	db_begin(op);
	ok(resource_find("contacts") == &kit_contacts && !resource_find("nothing") && !resource_find(NULL),
		"resources by name");
	ok(field_find(&kit_contacts, "kind") && !field_find(&kit_contacts, "version"), "fields by name");
	int64_t id = create();
	change(id);
	refusals(id);
	leave_and_return(id);
	ok(db_commit(op) == OK, "all of it commits");
	others(id);
	db_close(person->db);
	return tap_done();
}
