/* The guard and the functions of the schema: what each mode is refused, whatever its SQL. */
#include "../tap.h"
#include "dbkit.h"

#include "db/handle.h"

static bool refused(struct op *op, enum status st, struct stmt *q)
{
	bool no = op->fault.status == E_FORBIDDEN && (st || !q);
	db_done(q);
	fault_init(&op->fault, op->pool);
	return no;
}
/* The macro wants a literal, and so does this. */
#define QUERY_REFUSED(op, sql) ok(refused(op, E_FORBIDDEN, db_query(op, sql)), "refused: %s", sql)
#define QUERY_RUNS(op, sql) ok(!refused(op, E_FORBIDDEN, db_query(op, sql)), "runs: %s", sql)
#define RUN_REFUSED(op, sql) ok(refused(op, db_run(op, sql), NULL), "refused: %s", sql)
#define RUN_RUNS(op, sql) ok(!refused(op, db_run(op, sql), NULL), "runs: %s", sql)

static void soft_deleted(struct op *op)
{
	QUERY_REFUSED(op, "SELECT name FROM contacts");
	QUERY_REFUSED(op, "SELECT count(*) FROM contacts");
	QUERY_REFUSED(op, "SELECT 1 FROM users WHERE EXISTS (SELECT 1 FROM contacts)");
	QUERY_REFUSED(op, "WITH c AS (SELECT name FROM contacts) SELECT name FROM c");
	QUERY_REFUSED(op, "SELECT n FROM (SELECT name AS n FROM contacts)");
	QUERY_REFUSED(op, "SELECT l.name FROM contacts_live l JOIN contacts c ON c.id = l.id");
	QUERY_RUNS(op, "SELECT name FROM contacts_live");
	QUERY_RUNS(op, "SELECT count(*) FROM contacts_live");
	QUERY_RUNS(op, "SELECT name FROM contacts_trash");
}

/* Mail is read through the views that ask who may read it. */
static void restricted(struct op *op)
{
	QUERY_REFUSED(op, "SELECT subject FROM messages");
	QUERY_REFUSED(op, "SELECT count(*) FROM messages");
	QUERY_REFUSED(op, "SELECT subject FROM messages_inner");
	QUERY_REFUSED(op, "SELECT s.subject FROM threads_seen s JOIN threads t ON t.id = s.id WHERE t.subject <> ''");
	QUERY_REFUSED(op, "SELECT 1 FROM users WHERE EXISTS (SELECT 1 FROM proposals WHERE title = 'x')");
	QUERY_REFUSED(op, "SELECT changes_json FROM audit");
	QUERY_REFUSED(op, "SELECT source_id FROM mailbox_items");
	QUERY_RUNS(op, "SELECT subject FROM messages_seen");
	QUERY_RUNS(op, "SELECT count(*) FROM messages_seen");
	QUERY_RUNS(op, "SELECT 1 FROM users WHERE EXISTS (SELECT 1 FROM proposals_seen WHERE id = 1)");
	QUERY_RUNS(op, "SELECT t.id FROM threads_seen t WHERE EXISTS (SELECT 1 FROM thread_parties_seen p WHERE "
		       "p.thread_id = t.id)");
	QUERY_RUNS(op, "SELECT changes_json FROM audit_seen");
}

static void nobody(struct op *op)
{
	QUERY_REFUSED(op, "PRAGMA journal_mode = delete");
	QUERY_REFUSED(op, "ATTACH '/tmp/x' AS x");
	QUERY_REFUSED(op, "CREATE TABLE x (y)");
	QUERY_REFUSED(op, "DROP TABLE users");
	ok(!db_row(db_query(op, "SELECT load_extension('x')")) && op->fault.status, "no load_extension()");
	fault_init(&op->fault, op->pool);
	ok(!db_row(db_query(op, "SELECT name FROM pragma_table_info('users')")) && op->fault.status,
		"no pragma by function");
	fault_init(&op->fault, op->pool);
	QUERY_REFUSED(op, "DELETE FROM contacts");
	QUERY_REFUSED(op, "DELETE FROM users");
	QUERY_REFUSED(op, "DELETE FROM messages");
	QUERY_REFUSED(op, "DELETE FROM message_bodies");
	QUERY_REFUSED(op, "DELETE FROM purges");
	QUERY_REFUSED(op, "INSERT INTO audit (id) VALUES (1)");
	QUERY_REFUSED(op, "UPDATE audit SET why = 'x'");
}

static void person(void)
{
	struct op *op = dbkit_open(DB_HUMAN, &ADA);
	soft_deleted(op);
	restricted(op);
	nobody(op);
	db_begin(op);
	RUN_RUNS(op,
		"INSERT INTO contacts (name, source, created_by, updated_by) VALUES ('Maria Keller', 'user', 1, 1)");
	RUN_RUNS(op, "UPDATE contacts SET name = 'Maria K.' WHERE id = 1");
	is(db_one_text(op, "SELECT changes_json FROM audit_seen WHERE resource = 'contacts' ORDER BY id DESC LIMIT 1"),
		"{\"name\":[\"Maria Keller\",\"Maria K.\"]}", "an update leaves its difference in the audit log");
	RUN_RUNS(op, "DELETE FROM sessions");
	int64_t broken = -1;
	db_one_int(op, &broken,
		"SELECT count(*) FROM (SELECT hash, prev_hash, lag(hash, 1, 'genesis') OVER (ORDER BY id) AS before "
		"FROM audit_seen)"
		" WHERE prev_hash <> before OR length(hash) <> 64");
	is_int(broken, 0, "the audit rows are a chain");
	db_commit(op);
	db_close(op->db);
}

static void agent(void)
{
	struct op *op = dbkit_open(DB_AGENT, &SCOUT);
	soft_deleted(op);
	restricted(op);
	nobody(op);
	db_begin(op);
	RUN_REFUSED(op, "UPDATE contacts SET name = 'x' WHERE id = 1");
	RUN_REFUSED(op, "INSERT INTO contacts (name) VALUES ('x')");
	RUN_REFUSED(op, "UPDATE users SET role = 'admin' WHERE id = 2");
	RUN_REFUSED(op, "INSERT INTO settings (key, value) VALUES ('fund_name', 'x')");
	RUN_REFUSED(op, "UPDATE messages SET subject = 'x'");
	RUN_REFUSED(op, "INSERT INTO outbox (state) VALUES ('queued')");
	RUN_RUNS(op, "INSERT INTO login_attempts (at, username, address) VALUES ('x', 'scout', '::1')");
	db_rollback(op);
	db_close(op->db);
}

static void system_actor(enum db_mode mode)
{
	struct op *op = dbkit_open(mode, &CAPTURE);
	soft_deleted(op);
	if (mode == DB_DIGEST)
		restricted(op);
	else
		QUERY_RUNS(op, "SELECT subject FROM messages");
	nobody(op);
	db_begin(op);
	RUN_REFUSED(op, "UPDATE contacts SET name = 'x' WHERE id = 1");
	RUN_REFUSED(op, "INSERT INTO organizations (name) VALUES ('x')");
	RUN_REFUSED(op, "INSERT INTO rules (kind, value, created_by) VALUES ('automatic', '', 1)");
	RUN_REFUSED(op, "INSERT INTO purged_messages (message_id, rule_id, thread_id, sent_at) VALUES (1, 1, 1, '')");
	RUN_REFUSED(op, "UPDATE users SET role = 'admin' WHERE id = 2");
	db_rollback(op);
	db_close(op->db);
}

/* The triggers alone, without the guard: neither leans on the other. */
static void triggers(void)
{
	struct op *op = dbkit_open(DB_OWNER, &CAPTURE);
	db_begin(op);
	RUN_REFUSED(op, "UPDATE contacts SET name = 'x' WHERE id = 1");
	RUN_REFUSED(op, "INSERT INTO organizations (name, source) VALUES ('x', 'user')");
	RUN_REFUSED(op, "INSERT INTO organizations (name, source) VALUES ('x', 'capture')");
	RUN_RUNS(op, "INSERT INTO mailboxes (address, user_id, source) VALUES ('ada@fund.example', 1, 'mbox')");
	RUN_REFUSED(op, "UPDATE mailboxes SET visibility = 'private'");
	op->db->unguarded = true;
	RUN_REFUSED(op, "UPDATE audit SET why = 'x'");
	RUN_REFUSED(op, "DELETE FROM audit");
	RUN_REFUSED(op, "DELETE FROM contacts");
	op->db->unguarded = false;
	db_rollback(op);
	db_close(op->db);
}

static void reader(void)
{
	struct op *op = dbkit_open(DB_READ, &ADA);
	soft_deleted(op);
	restricted(op);
	QUERY_REFUSED(op, "UPDATE users SET name = 'x'");
	QUERY_REFUSED(op, "DELETE FROM sessions");
	ok(db_begin(op) == E_FORBIDDEN, "a reader gets no transaction");
	fault_init(&op->fault, op->pool);
	op->db->unguarded = true;
	ok(!db_row(db_query(op, "UPDATE users SET name = 'x'")) && op->fault.status,
		"query_only holds without the guard");
	op->db->unguarded = false;
	db_close(op->db);
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	person();
	agent();
	system_actor(DB_SYSTEM);
	system_actor(DB_DIGEST);
	triggers();
	reader();
	return tap_done();
}
