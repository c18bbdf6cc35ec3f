/* Proposals: once for each piece of evidence, brought up to date while nobody decided. */
#include "../tap.h"
#include "corekit.h"

#include "base/crypto.h"
#include "core/approval.h"
#include "core/proposal.h"

static struct op *op;

static enum status put(const char *key, const char *change, const char *title, int64_t *id)
{
	struct proposal p = {.kind = "record",
		.resource = "contacts",
		.title = title,
		.change = kit_json(op, change),
		.evidence = kit_json(op, "{'message_ids':[3],'excerpt':'Kind regards'}"),
		.message_id = 3,
		.key = key,
		.occurred_at = "2026-01-02T03:04:05Z"};
	return proposal_put(op, &p, id);
}

static int64_t count(void)
{
	int64_t n = -1;
	db_one_int(op, &n, "SELECT count(*) FROM proposals_seen");
	return n;
}

static const char *column(int64_t id, const char *name)
{
	struct json_object *row = db_object(op,
		"SELECT state, sha256, title, change_json, evidence_json, message_id, target_id, target_version, "
		"author_kind,"
		" author_id, author_name, occurred_at FROM proposals_seen WHERE id = ?",
		id);
	return kit_text(op, json_get(row, name));
}

static void once(void)
{
	int64_t id = 0, again = 0;
	ok(put("mail/3", "{'name':'Maria'}", "New contact Maria", &id) == OK && id > 0, "capture proposes");
	is(column(id, "state"), "'pending'", "it waits");
	is(column(id, "author_kind"), "'capture'", "for what it is");
	is(column(id, "author_id"), "null", "without an account");
	is(column(id, "author_name"), "'Capture'", "under its name");
	is(column(id, "target_id"), "null", "for a record that is not there");
	is(column(id, "evidence_json"), "{'message_ids':[3],'excerpt':'Kind regards'}", "with its evidence");
	is(column(id, "occurred_at"), "'2026-01-02T03:04:05Z'", "when that happened");
	const char *bytes = "{\"name\":\"Maria\"}";
	is(column(id, "sha256"), pool_printf(op->pool, "'%s'", sha256_str(op->pool, bytes, strlen(bytes))),
		"the hash is that of the stored bytes");
	ok(put("mail/3", "{'name':'Maria'}", "New contact Maria", &again) == OK && again == id && count() == 1,
		"the same evidence again changes nothing");
	const char *before = column(id, "sha256");
	ok(put("mail/3", "{'name':'Maria Keller'}", "New contact Maria Keller", &again) == OK && again == id &&
			count() == 1,
		"more of it brings the proposal up to date");
	is(column(id, "title"), "'New contact Maria Keller'", "with its title");
	ok(!str_eq(before, column(id, "sha256")), "under a new hash");
	ok(put("mail/4", "{'name':'Maria Keller'}", "New contact Maria Keller", &again) == OK && again != id,
		"other evidence is another proposal");
	int64_t audited = 0;
	db_one_int(op, &audited, "SELECT count(*) FROM audit_seen WHERE action = 'propose' AND resource_id = ?", id);
	is_int(audited, 2, "making and changing it are audited");
}

static void decided(void)
{
	int64_t id = 0, again = 0;
	struct op *person = dbkit_open(DB_HUMAN, &ADA);
	put("mail/5", "{'name':'Newsletter'}", "New contact Newsletter", &id);
	db_commit(op);
	db_begin(person);
	const char *sha = db_one_text(person, "SELECT sha256 FROM proposals_seen WHERE id = ?", id);
	ok(approval_dismiss(person, id, sha, "not a person") == OK && db_commit(person) == OK,
		"a person dismisses one");
	db_begin(op);
	ok(put("mail/5", "{'name':'Newsletter 2'}", "New contact Newsletter", &again) == OK && again == id,
		"the same evidence finds the decided one");
	is(column(id, "state"), "'dismissed'", "it stays dismissed");
	is(column(id, "change_json"), "{'name':'Newsletter'}", "and as it was");
	ok(db_run(op, "UPDATE proposals SET change_json = '{}' WHERE id = ?", id) == E_CONFLICT,
		"the schema holds that too");
	kit_faults(op);
	ok(db_run(op, "UPDATE proposals SET state = 'approved' WHERE id = 1") == E_FORBIDDEN,
		"capture decides nothing");
	kit_faults(op);
	db_close(person->db);
}

static void expired(void)
{
	int64_t id = 0, again = 0, n = -1, now = op->now;
	put("mail/6", "{'name':'Old'}", "New contact Old", &id);
	ok(proposal_expire(op, &n) == OK && n == 0, "nothing expires early");
	op->now = now + 61 * 86400;
	ok(proposal_expire(op, &n) == OK && n > 0, "after sixty days what waits expires");
	is(column(id, "state"), "'expired'", "and says so");
	is(db_one_text(op, "SELECT actor_kind FROM audit WHERE action = 'expire' AND resource_id = ?", id), "system",
		"upkeep did it");
	ok(put("mail/6", "{'name':'Old'}", "New contact Old", &again) == OK && again == id, "the same evidence");
	is(column(id, "state"), "'expired'", "changes nothing");
	put("mail/6", "{'name':'Old Friend'}", "New contact Old Friend", &again);
	ok(again == id, "other evidence under the same key");
	is(column(id, "state"), "'pending'", "makes it wait again");
	is(column(id, "change_json"), "{'name':'Old Friend'}", "with what is proposed now");
	ok(db_run(op, "UPDATE proposals SET state = 'expired' WHERE state = 'dismissed'") == E_CONFLICT,
		"what was decided does not expire");
	kit_faults(op);
	op->now = now;
	db_commit(op);
	struct op *person = dbkit_open(DB_HUMAN, &ADA);
	db_begin(person);
	ok(db_run(person, "UPDATE proposals SET state = 'expired' WHERE id = ?", id) == E_FORBIDDEN,
		"nor does a person let it expire");
	kit_faults(person);
	db_rollback(person);
	db_close(person->db);
	db_begin(op);
}

static void on_a_record(void)
{
	struct op *person = dbkit_open(DB_HUMAN, &ADA), *capture = op;
	db_commit(op);
	op = person;
	db_begin(person);
	int64_t contact = kit_put(person, &kit_contacts, 0, "{'name':'Paul'}"), id = 0;
	kit_put(person, &kit_contacts, contact, "{'title':'CIO'}");
	db_commit(person);
	op = capture;
	db_begin(op);
	struct proposal p = {.kind = "field",
		.resource = "contacts",
		.target_id = contact,
		.title = "t",
		.change = kit_json(op, "{'title':'CEO'}"),
		.contact_id = contact,
		.key = "k"};
	ok(proposal_put(op, &p, &id) == OK, "a proposal on a record");
	is(column(id, "target_version"), "2", "remembers its version");
	is(column(id, "evidence_json"), "{}", "no evidence is an empty document");
	db_close(person->db);
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_SYSTEM, &CAPTURE);
	db_begin(op);
	once();
	decided();
	expired();
	on_a_record();
	ok(db_commit(op) == OK, "all of it commits");
	db_close(op->db);
	return tap_done();
}
