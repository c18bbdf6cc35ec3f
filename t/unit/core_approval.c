/* The countersign: who may, bound to what was shown, once; and that the schema refuses the same without this code. */
#include "../tap.h"
#include "corekit.h"

#include "core/approval.h"
#include "core/audit.h"
#include "core/proposal.h"
#include "core/value.h"

static struct op *op, *capture;
static int made;

static int64_t propose_by(struct op *author, int64_t target, const char *change)
{
	struct proposal p = {.kind = "record",
		.resource = "contacts",
		.target_id = target,
		.title = "A contact",
		.change = kit_json(author, change),
		.key = pool_printf(author->pool, "key %d", ++made)};
	int64_t id = 0;
	if (target)
		p.basis = record_fields_of(author, &kit_contacts, target, p.change);
	if (db_begin(author) || proposal_put(author, &p, &id) || db_commit(author))
		return 0;
	return id;
}

static const char *sha_of(int64_t id)
{
	const char *s = db_one_text(op, "SELECT sha256 FROM proposals_seen WHERE id = ?", id);
	return s ? s : "";
}

static const char *state_of(int64_t id)
{
	const char *s = db_one_text(op, "SELECT state FROM proposals_seen WHERE id = ?", id);
	return s ? s : "";
}

/* Tries, and takes it all back when it failed, as a request does. */
static int approve(int64_t id, const char *sha256, const char *edited, int64_t *record)
{
	int64_t none;
	db_begin(op);
	enum status st =
		approval_approve(op, id, sha256, -1, edited ? kit_json(op, edited) : NULL, record ? record : &none);
	if (st)
		db_rollback(op);
	else
		st = db_commit(op);
	return kit_status(op, st);
}

static int64_t contacts(void)
{
	int64_t n = -1;
	db_one_int(op, &n, "SELECT count(*) FROM contacts_live");
	return n;
}

static void approved(void)
{
	int64_t id = propose_by(capture, 0, "{'name':'Maria Keller','emails':['m@a.example']}"), record = 0;
	is_int(contacts(), 0, "a proposal is no record");
	is_int(approve(id, sha_of(id), NULL, &record), 200, "a person countersigns");
	struct json_object *row = db_object(op,
		"SELECT c.name, c.source, c.proposal_id, c.created_by, p.state, p.decided_by, p.result_id, "
		"p.decided_change_json"
		" FROM contacts_live c JOIN proposals_seen p ON p.id = c.proposal_id WHERE c.id = ?",
		record);
	is(kit_text(op, row),
		pool_printf(op->pool,
			"{'name':'Maria Keller','source':'capture','proposal_id':%d,'created_by':1,'state':'approved',"
			"'decided_by':1,'result_id':%d,'decided_change_json':null}",
			(int)id, (int)record),
		"the record says where it is from, the proposal who decided and what came of it");
	is(kit_text(op, json_get(record_fields(op, &kit_contacts, record), "emails")), "['m@a.example']",
		"lists land too");
	is(db_one_text(op,
		   "SELECT group_concat(action || ' ' || resource, ', ') FROM (SELECT action, resource FROM audit_seen"
		   " WHERE proposal_id = ? OR (resource = 'proposals' AND resource_id = ?) ORDER BY id)",
		   id, id),
		"propose proposals, approve proposals, create contacts, update contacts",
		"the audit log ties it together");
	is_int(approve(id, sha_of(id), NULL, NULL), 409, "nobody decides twice");
	is_int(contacts(), 1, "and nothing landed twice");
}

static void edited(void)
{
	int64_t id = propose_by(capture, 0, "{'name':'P. Meier','title':'CIO'}"), record = 0;
	is_int(approve(id, sha_of(id), "{'name':''}", NULL), 422, "an edit is validated");
	is(state_of(id), "pending", "and a refused one leaves the proposal as it was");
	is_int(approve(id, sha_of(id), "{'name':'Paul Meier','nonsense':1}", &record), 200, "edited, then approved");
	is(state_of(id), "edited", "the state says so");
	is(db_one_text(op, "SELECT decided_change_json FROM proposals_seen WHERE id = ?", id),
		"{\"name\":\"Paul Meier\",\"title\":\"CIO\"}", "what was applied is kept beside what was proposed");
	is(record_label(op, &kit_contacts, record), "Paul Meier", "and it is what landed");
	id = propose_by(capture, record, "{'title':'CEO'}");
	is_int(approve(id, sha_of(id), "{'title':'CEO'}", NULL), 200, "an edit that changes nothing");
	is(state_of(id), "approved", "is an approval");
}

static void refused(void)
{
	int64_t id = propose_by(capture, 0, "{'name':'Nobody'}"), none;
	const char *sha = sha_of(id);
	is_int(approve(4711, sha, NULL, NULL), 404, "a proposal that is not there");
	is_int(approve(id, "0000", NULL, NULL), 409, "another hash than the stored one");
	is_int(approve(id, NULL, NULL, NULL), 409, "no hash");
	const struct actor ada = op->actor;
	op->actor.via = VIA_TOKEN;
	is_int(approve(id, sha, NULL, NULL), 403, "a person's token does not countersign");
	op->actor = SCOUT;
	is_int(approve(id, sha, NULL, NULL), 403, "nor does an agent");
	op->actor.via = VIA_SESSION;
	is_int(approve(id, sha, NULL, NULL), 403, "not even in a browser session");
	op->actor = CAPTURE;
	is_int(approve(id, sha, NULL, NULL), 403, "nor does capture");
	op->actor = ada;
	db_begin(capture);
	is_int(kit_status(capture, approval_dismiss(capture, id, sha, NULL)), 403, "nor does it dismiss");
	/* A mismatch of bytes and hash is a change too, whoever made it. */
	db_run(capture, "UPDATE proposals SET change_json = '{\"name\":\"Somebody\"}' WHERE id = ?", id);
	db_commit(capture);
	is_int(approve(id, sha, NULL, NULL), 409, "bytes that are not those of the hash");
	op->actor.role = ROLE_AGENT;
	db_begin(op);
	approval_approve(op, id, sha, -1, NULL, &none);
	is(kit_faults(op), "-: only a person can decide a proposal, in a browser session",
		"the code refuses before the schema does: by role");
	op->actor = ada;
	op->actor.via = VIA_TOKEN;
	approval_approve(op, id, sha, -1, NULL, &none);
	is(kit_faults(op), "-: only a person can decide a proposal, in a browser session", "and by the way they came");
	op->actor = ada;
	approval_approve(op, id, "0000", -1, NULL, &none);
	is(json_text(op->fault.detail, "state"), "pending", "a conflict shows the proposal as it is");
	db_rollback(op);
	kit_faults(op);
	is_int(contacts(), 2, "none of it landed");
	is(state_of(id), "pending", "nor decided anything");
}

/* The application fails: the target is gone, a rule refuses, a value is taken. All or nothing. */
static void failing(void)
{
	db_begin(op);
	int64_t gone = kit_put(op, &kit_contacts, 0, "{'name':'Gone'}");
	db_commit(op);
	int64_t id = propose_by(capture, gone, "{'title':'x'}");
	db_begin(op);
	record_delete(op, &kit_contacts, gone, -1);
	db_commit(op);
	is_int(approve(id, sha_of(id), NULL, NULL), 404, "a proposal on a deleted record");
	is(state_of(id), "pending", "stays undecided");
	id = propose_by(capture, 0, "{'name':'X','emails':['m@a.example']}");
	is_int(approve(id, sha_of(id), NULL, NULL), 409, "an address that is taken");
	is(state_of(id), "pending", "leaves the proposal to be edited");
	is_int(approve(id, sha_of(id), "{'emails':['x@a.example']}", NULL), 200, "which is done");
}

static void dismissed(void)
{
	int64_t id = propose_by(capture, 0, "{'name':'Newsletter'}"), before = contacts();
	db_begin(op);
	is_int(kit_status(op, approval_dismiss(op, id, "0000", "x")), 409, "dismissing is bound to the hash as well");
	ok(approval_dismiss(op, id, sha_of(id), "not a person") == OK && db_commit(op) == OK, "dismissed");
	is_int(contacts(), before, "nothing landed");
	is(db_one_text(op, "SELECT why FROM audit_seen WHERE action = 'dismiss' AND resource_id = ?", id),
		"not a person", "the reason is audited");
	is_int(approve(id, sha_of(id), NULL, NULL), 409, "and it cannot be approved any more");
}

static enum status in_tx(enum status st)
{
	if (!st)
		return db_commit(op);
	db_rollback(op);
	return st;
}

static const char *record_text(int64_t id)
{
	struct json_object *row = record_fields(op, &kit_contacts, id);
	json_object_object_del(row, "version");
	return kit_text(op, row);
}

static void same_as(void)
{
	db_begin(op);
	int64_t known = kit_put(op, &kit_contacts, 0, "{'name':'Rosa Lind','emails':['rosa@a.example']}");
	db_commit(op);
	int64_t id = propose_by(capture, 0,
		"{'name':'R. Lind','title':'CFO','emails':['lind@b.example','rosa@a.example'],'kind':'prospect'}");
	const char *before = record_text(known), *sha = sha_of(id);
	db_begin(op);
	is_int(kit_status(op, in_tx(approval_same_as(op, id, "0000", known))), 409, "same-as is bound to the hash");
	db_begin(op);
	approval_same_as(op, id, sha, 4711);
	is(kit_faults(op), "contact_id: there is no such contact", "and to a record that is there");
	db_rollback(op);
	int64_t n = contacts();
	db_begin(op);
	is_int(kit_status(op, in_tx(approval_same_as(op, id, sha, known))), 200,
		"what was proposed as new is somebody known");
	is_int(contacts(), n, "nobody new is made");
	struct json_object *row = record_fields(op, &kit_contacts, known);
	is(json_text(row, "name"), "Rosa Lind", "what the record says stays");
	is(json_text(row, "title"), "CFO", "what it lacks is added");
	is(kit_text(op, json_get(row, "emails")), "['rosa@a.example','lind@b.example']", "lists get what is new");
	is(state_of(id), "edited", "the proposal is decided");
	is(db_one_text(op, "SELECT why FROM audit_seen WHERE action = 'approve' AND resource_id = ?", id),
		"Same as Rosa Lind", "and audited, with why");
	db_begin(op);
	is_int(kit_status(op, in_tx(approval_undo(op, id))), 200, "it can be undone");
	is(record_text(known), before, "and everything is as it was");
	is_int(contacts(), n, "nobody is deleted by that");
	is(state_of(id), "pending", "and it waits");
	int64_t change = propose_by(capture, known, "{'title':'CEO'}");
	db_begin(op);
	is_int(kit_status(op, in_tx(approval_same_as(op, change, sha_of(change), known))), 409,
		"a change of a record is not somebody new");
}

static void snoozed(void)
{
	int64_t id = propose_by(capture, 0, "{'name':'Later'}");
	db_begin(op);
	is_int(kit_status(op, in_tx(approval_snooze(op, id, op->now))), 422, "putting off goes forward");
	db_begin(op);
	is_int(kit_status(op, in_tx(approval_snooze(op, id, op->now + 400 * 86400))), 422, "and not for ever");
	db_begin(capture);
	is_int(kit_status(capture, approval_snooze(capture, id, op->now + 86400)), 403, "and is for people");
	is_int(kit_status(capture,
		       db_run(capture, "UPDATE proposals SET snoozed_until = '2100-01-01T00:00:00Z' WHERE id = ?", id)),
		403, "the schema says so too");
	db_rollback(capture);
	db_begin(op);
	is_int(kit_status(op, in_tx(approval_snooze(op, id, op->now + 86400))), 200, "put off until tomorrow");
	is(state_of(id), "pending", "decides nothing");
	db_begin(op);
	is_int(kit_status(op, in_tx(approval_undo(op, id))), 200, "undo brings it back");
	is_int(db_one_text(op, "SELECT snoozed_until FROM proposals_seen WHERE id = ?", id) != NULL, 0, "at once");
	is(db_one_text(op,
		   "SELECT group_concat(action, ' ') FROM audit_seen WHERE resource = 'proposals' AND resource_id = ?",
		   id),
		"propose snooze snooze", "both are audited");
	db_begin(op);
	is_int(kit_status(op, in_tx(approval_undo(op, id))), 409, "and then there is nothing to undo");
	is_int(approve(id, sha_of(id), NULL, NULL), 200, "it is decided as any other");
	db_begin(op);
	is_int(kit_status(op, in_tx(approval_snooze(op, id, op->now + 86400))), 409, "and then not put off any more");
}

/* Both versions, where a decision meets something that changed. */
static void conflicts(void)
{
	struct proposal p = {.kind = "record", .resource = "contacts", .title = "Ida", .key = "conflict"};
	int64_t id = 0, none;
	p.change = kit_json(capture, "{'name':'Ida'}");
	db_begin(capture);
	proposal_put(capture, &p, &id);
	db_commit(capture);
	const char *first = sha_of(id);
	db_begin(capture);
	p.change = kit_json(capture, "{'name':'Ida Berg'}");
	proposal_put(capture, &p, &id);
	db_commit(capture);
	db_begin(op);
	is_int(approval_approve(op, id, first, -1, NULL, &none), E_CONFLICT, "the hash of an earlier version");
	is(kit_text(op, json_get(op->fault.detail, "change_json")), "{'name':'Ida Berg'}",
		"shows what is proposed now");
	is(kit_text(op, json_get(op->fault.shown, "change_json")), "{'name':'Ida'}", "and what had been shown");
	kit_faults(op);
	int64_t known = kit_put(op, &kit_contacts, 0, "{'name':'Nils','title':'Clerk'}");
	db_commit(op);
	int64_t change = propose_by(capture, known, "{'title':'Partner'}"),
		other = propose_by(capture, known, "{'notes':'x'}");
	db_begin(op);
	kit_put(op, &kit_contacts, known, "{'title':'Director'}");
	db_commit(op);
	is_int(approve(other, sha_of(other), NULL, NULL), 200, "a change elsewhere on the record is no conflict");
	db_begin(op);
	is_int(approval_approve(op, change, sha_of(change), -1, NULL, &none), E_CONFLICT, "one of the same field is");
	is(json_text(json_get(op->fault.detail, "record"), "title"), "Director", "it shows the record as it is");
	is(kit_text(op, op->fault.shown), "{'title':'Clerk'}", "and as it was when the change was proposed");
	kit_faults(op);
	int64_t version = json_int(record_fields(op, &kit_contacts, known), "version");
	is_int(approval_approve(op, change, sha_of(change), version - 1, NULL, &none), E_CONFLICT,
		"an old version will not do");
	kit_faults(op);
	is_int(approval_approve(op, change, sha_of(change), version, NULL, &none), OK, "whoever saw it may go on");
	db_commit(op);
	is(json_text(record_fields(op, &kit_contacts, known), "title"), "Partner", "and it lands");
}

/* The same rules, held by triggers against a connection that may write any table. */
static void schema(void)
{
	int64_t id = propose_by(capture, 0, "{'name':'Sneak'}");
	struct op *owner = dbkit_open(DB_OWNER, &SCOUT);
	db_begin(owner);
	is_int(kit_status(owner, db_run(owner,
					 "UPDATE proposals SET state = 'approved', decided_at = ctx_now(), decided_by "
					 "= 1 WHERE id = ?",
					 id)),
		403, "the schema knows who decides");
	owner->actor = ADA;
	owner->actor.via = VIA_TOKEN;
	is_int(kit_status(owner, db_run(owner,
					 "UPDATE proposals SET state = 'approved', decided_at = ctx_now(), decided_by "
					 "= 1 WHERE id = ?",
					 id)),
		403, "and how");
	is_int(kit_status(owner,
		       db_run(owner, "INSERT INTO contacts (name, source, proposal_id) VALUES ('x', 'agent', ?)", id)),
		403, "nothing lands from an undecided proposal");
	is_int(kit_status(owner, db_run(owner, "DELETE FROM proposals WHERE id = ?", id)), 403,
		"no proposal is deleted");
	db_rollback(owner);
	struct audit_check check;
	ok(audit_verify(owner, &check) == OK && check.first_bad == 0 && check.rows > 20,
		"the audit chain holds throughout");
	db_close(owner->db);
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_HUMAN, &ADA);
	capture = dbkit_open(DB_SYSTEM, &CAPTURE);
	approved();
	edited();
	refused();
	failing();
	dismissed();
	same_as();
	snoozed();
	conflicts();
	schema();
	db_close(capture->db);
	db_close(op->db);
	return tap_done();
}
