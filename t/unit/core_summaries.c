/* What triggers keep for lists, Home and capture health is what the records add up to, whatever happens to them. */
#include "../tap.h"
#include "corekit.h"

static struct op *op;

static void step(const char *what)
{
	int64_t differ = -1;
	db_one_int(op, &differ,
		"SELECT count(*) FROM (SELECT * FROM (SELECT investor_id, is_graveyard, name, last_at, due_at, "
		"lead_id, priority FROM"
		" investors_summary EXCEPT SELECT investor_id, is_graveyard, name, last_at, due_at, lead_id, priority "
		"FROM "
		"investors_cache)"
		" UNION ALL SELECT * FROM (SELECT investor_id, is_graveyard, name, last_at, due_at, lead_id, priority "
		"FROM investors_cache"
		" EXCEPT SELECT investor_id, is_graveyard, name, last_at, due_at, lead_id, priority FROM "
		"investors_summary))");
	ok(differ == 0, "the investors' summary after %s", what);
	db_one_int(op, &differ,
		"SELECT count(*) FROM (SELECT * FROM (SELECT resource, resource_id, user_id, communications, last_at "
		"FROM"
		" acquaintances EXCEPT SELECT resource, resource_id, user_id, communications, last_at FROM "
		"acquaintances_cache)"
		" UNION ALL SELECT * FROM (SELECT resource, resource_id, user_id, communications, last_at FROM"
		" acquaintances_cache EXCEPT SELECT resource, resource_id, user_id, communications, last_at FROM "
		"acquaintances))");
	ok(differ == 0, "who knows whom after %s", what);
	db_one_int(op, &differ,
		"SELECT count(*) FROM (SELECT * FROM (SELECT * FROM contacts_summary EXCEPT SELECT * FROM "
		"contacts_cache)"
		" UNION ALL SELECT * FROM (SELECT * FROM contacts_cache EXCEPT SELECT * FROM contacts_summary))");
	ok(differ == 0, "the list of contacts after %s", what);
	is(kit_faults(op), "", "and no fault");
}

static const char *kept(int64_t investor, const char *what)
{
	char *s = db_one_text(op,
		"SELECT name || '/' || is_graveyard || '/' || last_at || '/' || coalesce(due_at, 'never') FROM"
		" investors_cache WHERE investor_id = ?",
		investor);
	return s ? s : what;
}

static void communication(int64_t organization, const char *at)
{
	db_run(op,
		"INSERT INTO communications (kind, direction, occurred_at, subject) VALUES ('call', 'out', ?, 'A "
		"call')",
		at);
	int64_t id = db_last_id(op);
	db_run(op,
		"INSERT INTO communication_parties (communication_id, resource, resource_id, occurred_at) VALUES"
		" (?1, 'users', 1, ?3), (?1, 'organizations', ?2, ?3), (?1, 'users', 2, ?3)",
		id, organization, at);
}

static void investors(void)
{
	int64_t firm = kit_put(op, &kit_organizations, 0, "{'name':'Alpine Pension Fund'}");
	int64_t person = kit_put(op, &kit_contacts, 0, "{'name':'Zoë Meier'}");
	db_run(op, "INSERT INTO investors (organization_id, cadence_days) VALUES (?, 30)", firm);
	int64_t investor = db_last_id(op);
	step("a firm became an investor");
	is(kept(investor, "gone"), "Alpine Pension Fund/0//2000-01-31T00:00:00Z", "nobody ever spoke with them: due");
	db_run(op, "INSERT INTO investors (contact_id) VALUES (?)", person);
	int64_t angel = db_last_id(op);
	step("a person did");
	is(kept(angel, "gone"), "Zoë Meier/0//never", "without a cadence nobody is due");
	communication(firm, "2026-03-01T10:00:00Z");
	step("a call");
	is(kept(investor, "gone"), "Alpine Pension Fund/0/2026-03-01T10:00:00Z/2026-03-31T10:00:00Z", "30 days later");
	communication(firm, "2026-02-01T10:00:00Z");
	step("an older call");
	kit_put(op, &kit_organizations, firm, "{'name':'Alpine Foundation'}");
	kit_put(op, &kit_contacts, person, "{'name':'Zoë Keller'}");
	step("new names");
	is(kept(angel, "gone"), "Zoë Keller/0//never", "which the lists show");
	db_run(op, "UPDATE investors SET is_graveyard = 1 WHERE id = ?", investor);
	step("the graveyard");
	is(kept(investor, "gone"), "Alpine Foundation/1/2026-03-01T10:00:00Z/never",
		"whoever is not pursued is not due");
	db_run(op, "UPDATE investors SET is_graveyard = 0, cadence_days = 7 WHERE id = ?", investor);
	step("another cadence");
	db_run(op, "UPDATE investors SET deleted_at = ctx_now() WHERE id = ?", investor);
	step("a deletion");
	is(kept(investor, "gone"), "gone", "who is deleted is in no list");
	db_run(op, "UPDATE investors SET deleted_at = NULL WHERE id = ?", investor);
	step("a restoration");
	db_run(op, "UPDATE communications SET deleted_at = ctx_now() WHERE occurred_at = '2026-03-01T10:00:00Z'");
	step("the newest call was deleted");
	is(kept(investor, "gone"), "Alpine Foundation/0/2026-02-01T10:00:00Z/2026-02-08T10:00:00Z",
		"the older one counts");
	is(db_one_text(op,
		   "SELECT group_concat(user_id || ' ' || communications || ' ' || last_at) FROM acquaintances_cache"),
		"1 1 2026-02-01T10:00:00Z,2 1 2026-02-01T10:00:00Z", "for who was in touch too");
	db_run(op, "UPDATE communications SET deleted_at = ctx_now() WHERE deleted_at IS NULL");
	step("the other one too");
	is(db_one_text(op, "SELECT user_id FROM acquaintances_cache"), NULL, "nobody knows anybody");
}

static void contacts(void)
{
	int64_t firm = kit_put(op, &kit_organizations, 0, "{'name':'Northern Endowment'}");
	int64_t person = kit_put(op, &kit_contacts, 0, "{'name':'Ida Berg'}");
	db_run(op, "UPDATE contacts SET organization_id = ? WHERE id = ?", firm, person);
	db_run(op, "INSERT INTO contact_emails (contact_id, email, position) VALUES (?, 'ida@northern.example', 1)",
		person);
	db_run(op, "INSERT INTO contact_emails (contact_id, email, position) VALUES (?, 'i.berg@home.example', 2)",
		person);
	step("a contact got addresses and a firm");
	is(db_one_text(op, "SELECT organization_name || ' ' || email FROM contacts_cache WHERE contact_id = ?", person),
		"Northern Endowment ida@northern.example", "the list shows the firm and the first address");
	db_run(op, "UPDATE contact_emails SET deleted_at = ctx_now() WHERE email = 'ida@northern.example'");
	step("the first address went");
	kit_put(op, &kit_organizations, firm, "{'name':'Northern Foundation'}");
	step("the firm was renamed");
	is(db_one_text(op, "SELECT organization_name || ' ' || email FROM contacts_cache WHERE contact_id = ?", person),
		"Northern Foundation i.berg@home.example", "and follows both");
	db_run(op, "UPDATE organizations SET deleted_at = ctx_now() WHERE id = ?", firm);
	step("the firm was deleted");
	db_run(op, "UPDATE contacts SET deleted_at = ctx_now() WHERE id = ?", person);
	step("the contact was deleted");
	db_run(op, "UPDATE contacts SET deleted_at = NULL WHERE id = ?", person);
	step("the contact was restored");
}

static void mailboxes(void)
{
	db_run(op, "INSERT INTO mailboxes (address, source, path) VALUES ('ada@fund.example', 'maildir', 'x')");
	int64_t box = db_last_id(op);
	static const char *const states[] = {"failed", "gone", "failed", "gone", "gone"};
	for (int i = 0; i < 5; i++)
		db_run(op, "INSERT INTO mailbox_items (mailbox_id, source_id, state) VALUES (?, ?, ?)", box,
			pool_printf(op->pool, "m%d", i), states[i]);
	is(db_one_text(op, "SELECT stored || ' ' || excluded || ' ' || failed || ' ' || gone FROM mailbox_counts"),
		"0 0 2 3", "the ledger's figures");
	db_run(op, "UPDATE mailbox_items SET state = 'gone' WHERE source_id = 'm0'");
	db_run(op, "UPDATE mailbox_items SET state = 'excluded', rule = 'stranger' WHERE source_id = 'm1'");
	is(db_one_text(op, "SELECT stored || ' ' || excluded || ' ' || failed || ' ' || gone FROM mailbox_counts"),
		"0 1 1 3", "follow each change");
	is(kit_faults(op), "", "without a fault");
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_HUMAN, &ADA);
	db_begin(op);
	investors();
	contacts();
	ok(db_commit(op) == OK, "all of it commits");
	db_close(op->db);
	op = dbkit_open(DB_OWNER, &ADA);
	db_begin(op);
	mailboxes();
	ok(db_commit(op) == OK, "the ledger too");
	db_close(op->db);
	return tap_done();
}
