/* The audit chain: what breaks it is found. */
#include "../tap.h"
#include "corekit.h"

#include "core/audit.h"
#include "db/handle.h"

static struct op *op;

static struct audit_check verify(void)
{
	struct audit_check check;
	ok(audit_verify(op, &check) == OK, "the check runs");
	return check;
}

/* Past triggers and guard, as somebody with the file could. */
static void tamper(const char *sql)
{
	op->db->unguarded = true;
	char *why = NULL;
	if (sqlite3_exec(op->db->raw, "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete", NULL, NULL, &why) ||
		sqlite3_exec(op->db->raw, sql, NULL, NULL, &why))
		note("%s", why);
	sqlite3_free(why);
	op->db->unguarded = false;
}

static void found(const char *sql, int64_t first_bad)
{
	db_begin(op);
	tamper(sql);
	is_int(verify().first_bad, first_bad, sql);
	db_rollback(op);
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_OWNER, &ADA);
	struct audit_check check = verify();
	is_int(check.rows, 2, "two users were made");
	is_int(check.first_bad, 0, "the chain is whole");
	db_begin(op);
	op->why = "asked to";
	ok(audit_event(op, "export", "contacts", 0, kit_json(op, "{'rows':[null,12]}")) == OK,
		"an event without a table");
	is(db_one_text(op,
		   "SELECT action || resource || coalesce(resource_id, 'none') || changes_json || actor_name || why"
		   " FROM audit ORDER BY id DESC LIMIT 1"),
		"exportcontactsnone{\"rows\":[null,12]}Ada Nowakasked to", "is one row, with who and why");
	audit_event(op, "login", "users", 1, NULL);
	const char *before = check.head;
	db_commit(op);
	check = verify();
	ok(check.rows == 4 && check.first_bad == 0 && !str_eq(check.head, before), "and a link of the chain");
	is(check.head, db_one_text(op, "SELECT hash FROM audit WHERE id = 4"), "whose head is the last row's hash");
	found("UPDATE audit SET changes_json = '{\"rows\":[null,13]}' WHERE id = 3", 3);
	found("UPDATE audit SET actor_name = 'Somebody' WHERE id = 2", 2);
	found("UPDATE audit SET why = NULL WHERE id = 4", 4);
	found("UPDATE audit SET hash = 'x' WHERE id = 4", 4);
	found("DELETE FROM audit WHERE id = 2", 3);
	found("DELETE FROM audit WHERE id = 1", 2);
	found("UPDATE audit SET id = 9 WHERE id = 4", 9);
	is_int(verify().first_bad, 0, "and whole again when it is taken back");
	db_close(op->db);
	return tap_done();
}
