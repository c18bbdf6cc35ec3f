/* Two records that are one: which values stay, what moves, where a number leads, and that it can be taken back exactly. */
#include "../tap.h"
#include "corekit.h"

#include "core/approval.h"
#include "core/merge.h"
#include "core/proposal.h"

static struct op *op, *capture;
static int made;

static const char *values(const char *into, const char *from)
{
	struct json_object *all = merge_values(op, &kit_contacts, kit_json(op, into), kit_json(op, from));
	static const char *const shown[] = {"name", "title", "emails", "is_do_not_contact", "notes"};
	struct json_object *some = json_obj(op->pool);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		json_set(some, shown[i], json_object_get(json_get(all, shown[i])));
	return kit_text(op, some);
}

static void which_values(void)
{
	is(values("{'name':'M. Keller','title':'CIO','emails':['a@x.example'],'is_do_not_contact':false,'notes':''}",
		   "{'name':'Maria "
		   "Keller','title':'Head','emails':['b@x.example','a@x.example'],'is_do_not_contact':true,"
		   "'notes':'Skis.'}"),
		"{'name':'M. Keller','title':'CIO','emails':['a@x.example','b@x.example'],'is_do_not_contact':true,"
		"'notes':'Skis.'}",
		"the one that stays goes first, lists hold both, what is lacking is filled, and who is not contacted "
		"stays so");
	is(values("{'name':'A','title':null,'emails':[],'notes':'Likes tea.'}",
		   "{'name':'B','title':'CIO','emails':[],'notes':'Skis.'}"),
		"{'name':'A','title':'CIO','emails':[],'is_do_not_contact':null,'notes':'Likes tea.\\n\\nSkis.'}",
		"long texts hold both");
	is(values("{'name':'A','notes':'Likes tea. Skis.'}", "{'name':'B','notes':'Skis.'}"),
		"{'name':'A','title':null,'emails':null,'is_do_not_contact':null,'notes':'Likes tea. Skis.'}",
		"but nothing twice");
	is(values("{'name':'A','notes':'Skis.'}", "{'name':'B','notes':'Likes tea. Skis.'}"),
		"{'name':'A','title':null,'emails':null,'is_do_not_contact':null,'notes':'Likes tea. Skis.'}",
		"whichever of them says more");
}

/* ---- merging ---- */
static int64_t person(const char *text)
{
	db_begin(op);
	int64_t id = kit_put(op, &kit_contacts, 0, text);
	return db_commit(op) ? 0 : id;
}

static int64_t version_of(int64_t id)
{
	return json_int(record_fields(op, &kit_contacts, id), "version");
}

static int64_t proposed(int64_t into, int64_t from)
{
	struct proposal p = {.kind = "merge",
		.resource = "contacts",
		.target_id = into,
		.title = "One and the same",
		.change = proposal_merge(capture, from, version_of(from), version_of(into)),
		.key = pool_printf(capture->pool, "merge %d", ++made)};
	int64_t id = 0;
	return db_begin(capture) || proposal_put(capture, &p, &id) || db_commit(capture) ? 0 : id;
}

static int ends(enum status st)
{
	return kit_status(op, db_end(op, st));
}

static int approve(int64_t id, const char *chosen)
{
	int64_t record;
	const char *sha256 = db_one_text(op, "SELECT sha256 FROM proposals_seen WHERE id = ?", id);
	db_begin(op);
	return ends(approval_approve(op, id, sha256, -1, chosen ? kit_json(op, chosen) : NULL, &record));
}

static int undo(int64_t id)
{
	db_begin(op);
	return ends(approval_undo(op, id));
}

static const char *shown(int64_t id)
{
	struct json_object *row = record_fields(op, &kit_contacts, id);
	if (row)
		json_object_object_del(row, "version");
	return kit_text(op, row);
}

static const char *task_of(int64_t task)
{
	return db_one_text(op, "SELECT contact_id || ' in version ' || version FROM tasks_live WHERE id = ?", task);
}

static void there_and_back(void)
{
	int64_t maria = person("{'name':'Maria Keller','emails':['m@a.example'],'title':'CIO'}"),
		second = person("{'name':'M. Keller','emails':['m@b.example','m@c.example'],'notes':'Skis.'}"), talk,
		task;
	db_begin(op);
	db_run(op, "INSERT INTO tasks (title, due_on, contact_id, created_by) VALUES ('Call', '2026-03-10', ?, 1)",
		second);
	task = db_last_id(op);
	db_run(op, "INSERT INTO communications (kind, subject, occurred_at, created_by) VALUES ('call', 'Both', "
		   "'2026-03-01T10:00:00Z', 1)");
	talk = db_last_id(op);
	db_run(op,
		"INSERT INTO communication_parties (communication_id, resource, resource_id, occurred_at) VALUES (?1, "
		"'contacts', ?2, '2026-03-01T10:00:00Z'), (?1, 'contacts', ?3, '2026-03-01T10:00:00Z')",
		talk, maria, second);
	ok(db_commit(op) == OK, "a task of one, a talk with both");
	const char *before[] = {shown(maria), shown(second), task_of(task)};

	int64_t p = proposed(maria, second), n = 0;
	is_int(approve(p, "{'title':'Chief'}"), 200, "a person says that they are one");
	is(kit_text(op, json_get(record_fields(op, &kit_contacts, maria), "emails")),
		"['m@a.example','m@b.example','m@c.example']", "the one that stays has all addresses");
	is(json_text(record_fields(op, &kit_contacts, maria), "title"), "Chief", "and the title that was chosen");
	is(shown(second), "null", "the other one is gone");
	is(task_of(task), pool_printf(op->pool, "%d in version 2", (int)maria), "its task has moved");
	db_one_int(op, &n, "SELECT count(*) FROM communication_parties_live WHERE communication_id = ?", talk);
	is_int(n, 1, "in the talk with both they stand once");
	is_int(merge_survivor(op, "contacts", second), maria, "its number leads on");
	is_int(merge_survivor(op, "contacts", maria), 0, "the one that stays leads nowhere");
	is_int(approve(p, NULL), 409, "nobody merges twice");

	is_int(undo(p), 200, "it is taken back");
	is(shown(maria), before[0], "the one that stayed is what it was");
	is(shown(second), before[1], "so is the other");
	is(task_of(task), pool_printf(op->pool, "%d in version 3", (int)second), "with its task");
	db_one_int(op, &n, "SELECT count(*) FROM communication_parties_live WHERE communication_id = ?", talk);
	is_int(n, 2, "and its part in the talk");
	is_int(merge_survivor(op, "contacts", second), 0, "its number is its own again");
}

static void refused(void)
{
	int64_t a = person("{'name':'Ann'}"), b = person("{'name':'Ann B.'}"), c = person("{'name':'Ann C.'}");
	int64_t stale = proposed(a, b);
	is_int(approve(proposed(a, a), NULL), 409, "nothing is merged with itself");
	db_begin(op);
	kit_put(op, &kit_contacts, b, "{'title':'CFO'}");
	db_commit(op);
	is_int(approve(stale, NULL), 409, "nor what changed since it was proposed: the one that goes");
	stale = proposed(b, c);
	db_begin(op);
	kit_put(op, &kit_contacts, b, "{'title':'COO'}");
	db_commit(op);
	is_int(approve(stale, NULL), 409, "or the one that stays");
	stale = proposed(a, c);
	db_begin(op);
	record_delete(op, &kit_contacts, c, -1);
	db_commit(op);
	is_int(approve(stale, NULL), 409, "nor what is not there any more");

	int64_t p = proposed(a, b);
	is_int(approve(p, NULL), 200, "what is as it was is merged");
	db_begin(op);
	kit_put(op, &kit_contacts, a, "{'title':'CEO'}");
	db_commit(op);
	is_int(undo(p), 409, "and is not taken back over what somebody did since");
	is(json_text(record_fields(op, &kit_contacts, a), "title"), "CEO", "which stands");
}

static void a_chain(void)
{
	int64_t a = person("{'name':'Bo'}"), b = person("{'name':'Bo B.'}"), c = person("{'name':'Bo C.'}");
	int64_t first = proposed(b, a);
	is_int(approve(first, NULL), 200, "one into the second");
	is_int(approve(proposed(c, b), NULL), 200, "the second into the third");
	is_int(merge_survivor(op, "contacts", a), c, "the first leads to the third");
	is_int(undo(first), 409, "what was merged on since cannot be taken back first");
	is_int(merge_survivor(op, "contacts", a), c, "and nothing changed");
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_HUMAN, &ADA);
	capture = dbkit_open(DB_SYSTEM, &CAPTURE);
	which_values();
	there_and_back();
	refused();
	a_chain();
	db_close(capture->db);
	db_close(op->db);
	return tap_done();
}
