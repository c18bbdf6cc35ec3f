/* What a digest says, from rows made here: the window, the figures, the quiet day, who gets it. */
#include <sys/stat.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/str.h"
#include "digest/digest.h"
#include "web/tmpl.h"
#include "../tap.h"
#include "dbkit.h"

static const struct actor DIGEST = {.kind = ACTOR_SYSTEM, .via = VIA_CRON, .username = "digest", .name = "Digest"};
static struct op *op;
static struct tmpl_set *templates;

#define DO(...)                                                                                                        \
	do {                                                                                                           \
		fault_init(&op->fault, op->pool);                                                                      \
		if (db_begin(op) || db_run(op, __VA_ARGS__) || db_commit(op)) {                                        \
			printf("Bail out! %s\n", op->fault.items ? op->fault.items->message : "a statement failed");   \
			exit(1);                                                                                       \
		}                                                                                                      \
	} while (0)

static int64_t count(const char *key, const struct digest *d)
{
	return json_int(json_get(d->document, "counts"), key);
}

static struct digest make(const char *now, const char *day)
{
	struct digest d = {0};
	fault_init(&op->fault, op->pool);
	instant_parse(now, &op->now);
	enum status st = digest_make(op, templates, day, &d);
	ok(!st, "a digest of %s%s%s", day, st ? ": " : "", st ? op->fault.items->message : "");
	return d;
}

static void quiet(void)
{
	struct digest d = make("2026-03-04T09:00:00Z", "2026-03-04");
	is(d.headline, "a quiet day", "nothing at all is a quiet day");
	is(d.subject, "[Countersign] Wednesday 2026-03-04 \xe2\x80\x94 a quiet day", "so says the subject");
	ok(strstr(d.text, "nothing waits"), "and one line of the text");
	ok(!strstr(d.text, "RECORDED") && !strstr(d.html, "<h2>Recorded"), "without empty headings");
	is(d.from_at, "2026-03-03T00:00:00Z", "it is about the day before");
	is(d.until_at, "2026-03-04T00:00:00Z", "to its end");
	d = make("2026-03-09T09:00:00Z", "2026-03-09");
	is(d.from_at, "2026-03-06T00:00:00Z", "on a Monday about the weekend too");
	ok(digest_make(op, templates, "2026-03-10", &d) == E_INPUT, "there is none of tomorrow");
}

/* One of each on 3 March, and one on each side of the window that must not count. */
static void figures(void)
{
	DO("INSERT INTO organizations (name) VALUES ('Elm & Co')");
	DO("INSERT INTO contacts (name, organization_id, created_at) VALUES ('Jonas <Elm>', 1, "
	   "'2026-03-03T10:00:00Z'), "
	   "('Old', 1, '2026-03-02T23:59:59Z'), ('New', 1, '2026-03-04T00:00:00Z')");
	DO("INSERT INTO communications (kind, direction, occurred_at, subject, created_by) VALUES ('call', 'out', "
	   "'2026-03-03T11:00:00Z', 'A subject that is much longer than one line of the text part may ever be, I "
	   "fear', 1),"
	   " ('call', 'out', '2026-03-02T11:00:00Z', 'Before', 1), ('note', NULL, '2026-03-03T12:00:00Z', 'Deleted', "
	   "1)");
	DO("UPDATE communications SET deleted_at = ctx_now() WHERE subject = 'Deleted'");
	DO("INSERT INTO communication_parties (communication_id, resource, resource_id, occurred_at) SELECT 1, value, "
	   "1, "
	   "'2026-03-03T11:00:00Z' FROM json_each('[\"organizations\", \"contacts\", \"users\"]')");
	DO("INSERT INTO investors (organization_id, cadence_days) VALUES (1, 1)");
	struct digest d = make("2026-03-04T09:00:00Z", "2026-03-04");
	is_int(count("contacts", &d), 1, "new contacts of the day alone");
	is_int(count("recorded", &d), 1, "what was recorded, without the deleted");
	ok(strstr(d.text, "Ada Nowak\n"), "by member of the team");
	ok(strstr(d.text, "Elm & Co: A subject that is much longer"), "by whom it was with");
	ok(strstr(d.text, "...\n"), "a long subject is cut");
	ok(!strstr(d.text, "Before") && !strstr(d.text, "Deleted"), "nothing else");
	ok(strstr(d.html, "Jonas &lt;Elm&gt;") && !strstr(d.html, "<Elm>"), "names are escaped in HTML");
	ok(strstr(d.text, "Jonas <Elm>"), "and not in text");
	ok(!strstr(d.headline, "quiet"), "the day is not quiet");
	d = make("2026-03-09T09:00:00Z", "2026-03-09");
	ok(strstr(d.text, "OVERDUE") && strstr(d.text, "every 1 days"), "a cadence that was missed");
}

static void upkeep(void)
{
	struct digest d = make("2026-03-04T09:00:00Z", "2026-03-04");
	ok(strstr(d.text, "There is no backup"), "no backup is said");
	ok(strstr(d.text, "No mailbox is connected"), "no mailbox is said");
	dir_make(conf_data_path(op->pool, "backups"), 0700);
	file_replace(conf_data_path(op->pool, "backups/countersign-2026-03-01T00:00:00Z.db"), "x", 1, 0600);
	file_replace(conf_data_path(op->pool, "backups/countersign-nonsense.db"), "x", 1, 0600);
	d = make("2026-03-04T09:00:00Z", "2026-03-04");
	is(json_text(d.document, "backup_at"), "2026-03-01T00:00:00Z", "the last backup");
	ok(strstr(d.text, "too long ago"), "three days are too long");
	file_replace(conf_data_path(op->pool, "backups/countersign-2026-03-04T00:00:00Z.db"), "x", 1, 0600);
	d = make("2026-03-04T09:00:00Z", "2026-03-04");
	ok(!strstr(d.text, "too long ago"), "nine hours are not");
	DO("INSERT INTO mailboxes (address, source, path, listed, complete_at) VALUES ('a@fund.example', 'maildir', "
	   "'/x', 3, "
	   "'2026-03-04T08:00:00Z')");
	d = make("2026-03-04T09:00:00Z", "2026-03-04");
	ok(strstr(d.text, "a@fund.example: 3 missing, 0 failed"), "counts that do not agree");
}

static void stored(void)
{
	int queued;
	struct digest d = make("2026-03-04T09:00:00Z", "2026-03-04");
	DO("UPDATE users SET wants_digest = 1");
	ok(!digest_is_out(op, "2026-03-04"), "it is not out");
	ok(!digest_store(op, &d, NULL, false, &queued) && queued == 1, "to ada, and not to an agent");
	ok(digest_is_out(op, "2026-03-04"), "it is out");
	ok(!digest_store(op, &d, NULL, false, &queued) && queued == 0, "a second run has nobody left");
	const char *text = d.text;
	DO("INSERT INTO users (username, name, email, role, wants_digest) VALUES ('eve', 'Eve', 'eve@fund.example', "
	   "'member', 1)");
	ok(!digest_is_out(op, "2026-03-04"), "somebody new wants it");
	d = make("2026-03-04T10:00:00Z", "2026-03-04");
	d.text = "another";
	ok(!digest_store(op, &d, NULL, false, &queued) && queued == 1, "and gets it");
	is(d.text, text, "as it was stored");
	ok(!digest_store(op, &d, "ada", true, &queued) && queued == 1, "again for ada alone");
	ok(digest_store(op, &d, "scout", false, &queued) == E_NOT_FOUND && queued == 0, "never for an agent");
	int64_t n = 0;
	db_one_int(op, &n, "SELECT count(DISTINCT message_id) FROM outbox");
	is_int(n, 3, "each message has an id of its own");
	d = make("2026-03-06T10:00:00Z", "2026-03-06");
	is(d.from_at, "2026-03-04T00:00:00Z", "the next begins where this one ended, though a day was missed");
	d = make("2026-06-01T10:00:00Z", "2026-06-01");
	is(d.from_at, "2026-05-29T00:00:00Z", "unless that is long ago");
}

int main(void)
{
	const char *src = getenv("SRCDIR");
	dbkit_start();
	setenv("COUNTERSIGN_NOW", "2026-03-04T09:00:00Z", 1);
	setenv("COUNTERSIGN_STRICT", "1", 1);
	dbkit_migrate();
	op = dbkit_open(DB_OWNER, &ADA);
	templates = tmpl_open(pool_printf(op->pool, "%s/templates", src ? src : "."), false);
	quiet();
	op->actor = ADA;
	figures();
	upkeep();
	op->actor = DIGEST;
	stored();
	tmpl_close(templates);
	db_close(op->db);
	return tap_done();
}
