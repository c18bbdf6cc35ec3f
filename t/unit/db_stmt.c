/* Statements, rows, the query builder, transactions and how SQLite's errors become ours. */
#include <stdio.h>

#include "../tap.h"
#include "dbkit.h"

#include "base/json.h"
#include "db/handle.h"

static void binds_and_columns(struct op *op)
{
	struct stmt *q = db_query(op, "SELECT ?, ?, ?, ?, ?", 7, "text", 1.5, SQL_NULL, ((struct blob){"a\0b", 3}));
	ok(db_row(q), "one row");
	is_int(db_int(q, 0), 7, "an int");
	is(db_text(q, 1), "text", "a text");
	ok(db_real(q, 2) == 1.5, "a double");
	ok(db_is_null(q, 3), "a NULL");
	is_int(db_blob(q, 4).len, 3, "a blob with its NUL");
	ok(!db_row(q), "and no second row");
	int64_t n = 0;
	ok(!db_one_int(op, &n, "SELECT 1 WHERE 0") && !op->fault.status, "no row is no failure");
	int64_t before = db_statements(op->db);
	db_one_int(op, &n, "SELECT count(*) FROM users");
	is_int(db_statements(op->db) - before, 1, "statements are counted");
}

static void rows_as_json(struct op *op)
{
	struct json_object *a =
		db_array(op, "SELECT id, username, is_active, NULL AS missing, json_array(1, 2) AS list_json"
			     " FROM users ORDER BY id");
	size_t n;
	is(json_bytes(op->pool, a, &n),
		"[{\"id\":1,\"username\":\"ada\",\"is_active\":true,\"missing\":null,\"list_json\":[1,2]},"
		"{\"id\":2,\"username\":\"scout\",\"is_active\":true,\"missing\":null,\"list_json\":[1,2]}]",
		"rows become JSON by name and type");
	ok(!db_object(op, "SELECT 1 AS one WHERE 0"), "no row is no object");
}

static void same_statement_twice(struct op *op)
{
	int outer = 0, inner = 0;
	for (struct stmt *q = db_query(op, "SELECT id FROM users"); db_row(q); outer++)
		for (struct stmt *r = db_query(op, "SELECT id FROM users"); db_row(r); inner++) {
		}
	ok(outer == 2 && inner == 4, "a statement may run inside itself");
}

static void builder(struct op *op)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "SELECT username FROM users WHERE role = ?", "agent");
	query_add(&q, " AND id > ?", 1);
	query_add(&q, " ORDER BY ");
	query_name(&q, "username");
	is_int(json_len(query_array(op, &q)), 1, "a statement from parts");
}

/* Each failure starts a fresh fault, as each request does. */
static struct op *fresh(struct op *op)
{
	fault_init(&op->fault, op->pool);
	return op;
}

static void failures(struct op *op)
{
	db_begin(fresh(op));
	enum status st = db_run(
		op, "INSERT INTO users (username, name, email, role) VALUES ('ada', 'x', 'x@y.example', 'member')");
	ok(st == E_CONFLICT, "a taken name is a conflict");
	is(op->fault.items ? op->fault.items->field : NULL, "username", "that names its field");
	fresh(op);
	st = db_run(
		op, "INSERT INTO users (username, name, email, role) VALUES ('new', NULL, 'n@y.example', 'member')");
	ok(st == E_INPUT, "a missing value is bad input");
	is(op->fault.items ? op->fault.items->field : NULL, "name", "that names its field");
	ok(db_run(fresh(op), "INSERT INTO user_aliases (user_id, email) VALUES (99, 'x@y.example')") == E_INPUT,
		"a reference to nothing is bad input");
	ok(db_run(fresh(op), "UPDATE users SET role = 'king' WHERE id = 1") == E_INPUT, "a CHECK is bad input");
	ok(db_run(fresh(op), "UPDATE users SET name = 'Ada' WHERE id = 1") == OK,
		"and after failures a good write is good");
	db_rollback(op);
	is(db_one_text(fresh(op), "SELECT name FROM users WHERE id = 1"), "Ada Nowak", "a rollback takes it back");
}

static void raised(struct op *op)
{
	db_begin(fresh(op));
	ok(db_run(op, "UPDATE proposals SET sha256 = sha256") == OK, "nothing there, nothing refused");
	db_run(op, "INSERT INTO organizations (name, source, created_by, updated_by) VALUES ('Alpine', 'user', 1, 1)");
	fresh(op);
	op->db->unguarded = true; /* past the guard, to see the trigger */
	ok(db_run(op, "DELETE FROM organizations") == E_FORBIDDEN, "a trigger's 403 is forbidden");
	op->db->unguarded = false;
	is(op->fault.items ? op->fault.items->message : NULL, "nothing is hard-deleted", "with the trigger's words");
	db_rollback(op);
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	struct op *op = dbkit_open(DB_HUMAN, &ADA);
	binds_and_columns(op);
	rows_as_json(op);
	same_statement_twice(op);
	builder(op);
	failures(op);
	raised(op);
	db_close(op->db);
	return tap_done();
}
