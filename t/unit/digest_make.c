/* What a digest says, from rows made here: the figures and their rows, the quiet day, who waits, how upkeep stands. */
#include <sys/stat.h>

#include "base/conf.h"
#include "base/file.h"
#include "digestkit.h"

static void quiet(void)
{
	struct digest d = make("2026-03-04T09:00:00Z", "2026-03-04");
	is(d.headline, "a quiet day", "nothing at all is a quiet day");
	is(d.subject, "[Countersign] Wednesday 2026-03-04 \xe2\x80\x94 a quiet day", "so says the subject");
	ok(strstr(d.text, "nothing waits"), "and one line of the text");
	ok(!strstr(d.text, "RECORDED") && !strstr(d.text, "IN NUMBERS"), "without empty headings");
	ok(!strstr(d.html, "<h2>Recorded") && !strstr(d.html, "In numbers"), "nor in HTML");
	ok(!json_true(d.document, "has_narrative"), "and without a summary of nothing");
	is(d.window.from_at, "2026-03-03T00:00:00Z", "it is about the day before");
	is(d.window.until_at, "2026-03-04T00:00:00Z", "to its end");
	d = make("2026-03-09T09:00:00Z", "2026-03-09");
	is(d.window.from_at, "2026-03-06T00:00:00Z", "on a Monday about the weekend too");
	ok(strstr(d.text, "About 6 Mar 2026 to 8 Mar 2026"), "and it says so");
	ok(digest_make(op, templates, "2026-03-10", NULL, &d) == E_INPUT, "there is none of tomorrow");
}

/* One of each on 3 March, and one on each side of the window that must not count. */
static void figures_of_the_day(void)
{
	DO("INSERT INTO organizations (name) VALUES ('Elm & Co')");
	DO("INSERT INTO contacts (name, organization_id, created_at) VALUES ('Jonas <Elm>', 1, "
	   "'2026-03-03T10:00:00Z'), ('Old', 1, '2026-03-02T23:59:59Z'), ('New', 1, '2026-03-04T00:00:00Z')");
	DO("INSERT INTO communications (kind, direction, occurred_at, subject, created_by, created_at) VALUES ('call', "
	   "'out', '2026-03-03T11:00:00Z', 'A subject that is much longer than one line of the text part may ever be, "
	   "I "
	   "fear', 1, '2026-03-03T11:30:00Z'), ('call', 'out', '2026-03-02T11:00:00Z', 'Before', 1, "
	   "'2026-03-02T11:30:00Z'), ('note', NULL, '2026-03-03T12:00:00Z', 'Deleted', 1, '2026-03-03T12:00:00Z')");
	DO("UPDATE communications SET deleted_at = ctx_now() WHERE subject = 'Deleted'");
	DO("INSERT INTO communication_parties (communication_id, resource, resource_id, occurred_at) SELECT 1, value, "
	   "1, '2026-03-03T11:00:00Z' FROM json_each('[\"organizations\", \"contacts\", \"users\"]')");
	DO("INSERT INTO investors (organization_id, cadence_days) VALUES (1, 1)");
	struct digest d = make("2026-03-04T09:00:00Z", "2026-03-04");
	is_int(number(&d, "figures", "contacts"), 1, "new contacts of the day alone");
	is_int(number(&d, "figures", "recorded"), 1, "17: what was recorded, without the deleted");
	ok(strstr(d.text, "\nAda Nowak\n  Elm & Co\n    A subject that is much longer"), "by member, then by investor");
	ok(strstr(d.text, "...\n"), "a long subject is cut");
	ok(!strstr(d.text, "Before") && !strstr(d.text, "Deleted") && !strstr(d.html, "Deleted"), "17: nothing else");
	ok(strstr(d.html, "Jonas &lt;Elm&gt;") && !strstr(d.html, "<Elm>"), "names are escaped in HTML");
	ok(strstr(json_text(d.document, "narrative"),
		   "1 conversation or note of Ada Nowak with Elm & Co was recorded."),
		"the summary counts right");
	ok(strstr(d.html, "/investors/1\""), "it leads to the investor");
	ok(!strstr(d.headline, "quiet"), "the day is not quiet");
	d = make("2026-03-09T09:00:00Z", "2026-03-09");
	ok(strstr(d.text, "TIME TO BE IN TOUCH (1)") && strstr(d.text, "Elm & Co: every 1 days"),
		"a cadence that was missed");
}

/* Two took part, a third wrote it down: each of the two has it, whichever came first to the fund; he has not. */
static void taken_part(void)
{
	DO("INSERT INTO users (username, name, email, role) VALUES ('zoe', 'Zoe Team', 'zoe@f.example', "
	   "'member'), ('bo', 'Bo Team', 'bo@f.example', 'member')");
	DO("INSERT INTO organizations (id, name) VALUES (91, 'Oak'), (92, 'Oak'), (93, 'A foundation whose name goes "
	   "on and on and on, further than any line of a mail should be')");
	DO("INSERT INTO communications (id, kind, occurred_at, subject, created_by, created_at) VALUES (91, 'meeting', "
	   "'2026-02-10T11:00:00Z', 'Both were there', (SELECT id FROM users WHERE username = 'bo'), "
	   "'2026-02-10T11:00:00Z'), (92, 'call', '2026-02-10T12:00:00Z', 'Of the other Oak', (SELECT id FROM users "
	   "WHERE username = 'zoe'), '2026-02-10T12:00:00Z'), (93, 'call', '2026-02-10T13:00:00Z', 'Of a long name', "
	   "(SELECT id FROM users WHERE username = 'zoe'), '2026-02-10T12:00:00Z')");
	DO("INSERT INTO communication_parties (communication_id, resource, resource_id, occurred_at) SELECT 91, "
	   "'users', id, '2026-02-10T11:00:00Z' FROM users WHERE username IN ('ada', 'zoe')");
	DO("INSERT INTO communication_parties (communication_id, resource, resource_id, occurred_at) SELECT id, "
	   "'organizations', id, occurred_at FROM communications_live WHERE id > 90");
	struct digest d = make("2026-02-11T09:00:00Z", "2026-02-11");
	ok(strstr(d.text, "\nAda Nowak\n  Oak\n    Both were there\n"), "who took part has it");
	const char *zoe = strstr(d.text, "\nZoe Team\n  Oak\n    Both were there\n");
	ok(zoe, "and so has the other");
	ok(!strstr(d.text, "\nBo Team\n"), "who wrote it down for them has not");
	ok(zoe && strstr(zoe, "\n  Oak\n    Of the other Oak\n"), "two of one name stay two");
	ok(strstr(d.text, "\n  A foundation whose name goes on and on and on, further than any line of...\n"),
		"and a long one is cut to its line");
	is(json_text(d.document, "narrative"), "3 conversations or notes of Ada Nowak and Zoe Team were recorded.",
		"the summary names who took part");
	DO("UPDATE communications SET deleted_at = ctx_now() WHERE id > 90");
	DO("UPDATE organizations SET deleted_at = ctx_now() WHERE id > 90");
}

/* What was recorded after the last digest was made, of a time that it was about. */
static void recorded_late(void)
{
	DO("INSERT INTO digests (day, from_at, until_at, headline, subject, document_json, text, html, created_at, "
	   "done_at) "
	   "VALUES ('2026-03-04', '2026-03-03T00:00:00Z', '2026-03-04T00:00:00Z', 'h', 's', '{}', 't', 'h', "
	   "'2026-03-04T07:00:00Z', '2026-03-04T07:00:00Z')");
	DO("INSERT INTO communications (kind, direction, occurred_at, subject, created_by, created_at) VALUES ('call', "
	   "'out', '2026-03-03T15:00:00Z', 'Late', 1, '2026-03-04T10:00:00Z')");
	struct digest d = make("2026-03-05T07:00:00Z", "2026-03-05");
	is_int(number(&d, "figures", "recorded"), 1, "it is in the next one");
	ok(strstr(d.text, "Late") && !strstr(d.text, "much longer"), "what the last one had is not");
	d = make("2026-03-05T07:00:00Z", "2026-03-04");
	is_int(number(&d, "figures", "recorded"), 1, "the last one stays what it was");
	DO("UPDATE digests SET day = '2026-02-01', until_at = '2026-02-01T00:00:00Z', created_at = "
	   "'2026-02-01T07:00:00Z'");
}

static void waiting(void)
{
	DO("INSERT INTO tasks (title, due_on, state) VALUES ('Call back', '2026-03-03', 'open'), ('Tomorrow', "
	   "'2026-03-05', 'open'), ('Done', '2026-03-03', 'done')");
	DO("INSERT INTO tasks (title, due_on, deleted_at) VALUES ('Gone', '2026-03-03', '2026-03-03T00:00:00Z')");
	DO("INSERT INTO outbox (message_id, origin, author_kind, from_address, to_json, subject, bytes, sha256, state) "
	   "VALUES ('a', 'person', 'human', 'a@b.c', '[\"x@y.z\"]', 'To sign', x'00', 'x', 'draft'), ('b', 'person', "
	   "'human', 'a@b.c', '[\"x@y.z\"]', 'To go', x'00', 'x', 'pending'), ('c', 'digest', 'system', 'a@b.c', "
	   "'[\"x@y.z\"]', 'A digest', x'00', 'x', 'pending')");
	struct digest d = make("2026-03-04T09:00:00Z", "2026-03-04");
	ok(strstr(d.text, "TO DO (1)\n  Call back: the whole team\n    overdue since 3 Mar 2026"),
		"a task that is overdue");
	ok(!strstr(d.text, "Tomorrow") && !strstr(d.text, "Done") && !strstr(d.text, "Gone"), "17: and no other");
	is_int(number(&d, "waiting", "drafts"), 1, "a draft waits");
	is_int(number(&d, "waiting", "outbox"), 1, "a person's mail too, the digest's own does not");
	is_int(number(&d, "waiting", "pending"), -1, "what is nothing has no line");
	ok(strstr(json_text(d.document, "narrative"), "1 task is due or overdue."), "the summary says so");
}

static void unanswered(void)
{
	DO("UPDATE communications SET direction = 'in' WHERE id = 1");
	DO("UPDATE communication_parties SET occurred_at = occurred_at WHERE communication_id = 1");
	struct digest d = make("2026-03-05T09:00:00Z", "2026-03-05");
	ok(!strstr(d.text, "THEY WROTE LAST"), "two days of silence are fine");
	d = make("2026-03-07T09:00:00Z", "2026-03-07");
	ok(strstr(d.text, "THEY WROTE LAST (1)\n  Elm & Co: Jonas <Elm>\n    3 days ago"), "more than three are not");
	ok(strstr(json_text(d.document, "narrative"), "Elm & Co waits for an answer."), "and the summary says so");
	DO("INSERT INTO settings (key, value) VALUES ('digest_unanswered_days', '30')");
	d = make("2026-03-07T09:00:00Z", "2026-03-07");
	ok(!strstr(d.text, "THEY WROTE LAST"), "unless the fund is more patient");
	DO("UPDATE investors SET is_graveyard = 1");
	d = make("2026-05-07T09:00:00Z", "2026-05-07");
	ok(!strstr(d.text, "THEY WROTE LAST") && !strstr(d.text, "TIME TO BE"), "nobody is chased from the graveyard");
	DO("UPDATE investors SET is_graveyard = 0");
}

static void upkeep(void)
{
	struct digest d = make("2026-03-04T09:00:00Z", "2026-03-04");
	ok(strstr(d.text, "There is no backup"), "no backup is said");
	ok(strstr(d.text, "No mailbox is connected"), "no mailbox is said");
	ok(strstr(d.text, "No mail has left yet"), "no transport is claimed");
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
	   "'/x', 3, '2026-03-04T08:00:00Z')");
	d = make("2026-03-04T09:00:00Z", "2026-03-04");
	ok(strstr(d.text, "a@fund.example\n    last complete 1 h ago, 3 missing, 0 failed\n"),
		"counts that do not agree");
	ok(strstr(json_text(d.document, "narrative"), "Capture of a@fund.example needs a look."), "are in the summary");
	DO("UPDATE mailboxes SET error = 'the folder /srv/mail/partners/a@fund.example/Maildir cannot be read: it is "
	   "not there any more'");
	d = make("2026-03-04T09:00:00Z", "2026-03-04");
	ok(strstr(d.text, "1 h ago, 3 missing, 0 failed\n    the folder /srv/mail/partners/a@fund.example/Maildir "
			  "cannot be read: it\n    is not there any more\n"),
		"what went wrong stands below that, in lines that fit");
	ok(strstr(d.html, "3 missing, 0 failed<br>the folder"), "in HTML too");
}

/* Moves and entries until 3 March, on each side one that must not count, and what stands still. */
static void pipeline(void)
{
	DO("INSERT INTO organizations (id, name) VALUES (81, 'Spruce'), (82, 'Yew')");
	DO("INSERT INTO investors (id, organization_id) VALUES (81, 81), (82, 82)");
	DO("INSERT INTO funds (id, name, currency) VALUES (81, 'Fund II', 'EUR')");
	DO("INSERT INTO opportunities (id, investor_id, fund_id, stage, amount, created_at) VALUES (81, 81, 81, "
	   "'lead', "
	   "250000000, '2026-02-02T10:00:00Z'), (82, 82, 81, 'engaged', NULL, '2025-12-20T10:00:00Z')");
	DO("UPDATE opportunities SET stage = 'engaged', updated_at = '2026-02-10T23:59:59Z' WHERE id = 81");
	DO("UPDATE opportunities SET stage = 'diligence', updated_at = '2026-03-03T10:00:00Z' WHERE id = 81");
	DO("UPDATE opportunities SET stage = 'commitment', updated_at = '2026-03-04T00:00:00Z' WHERE id = 81");
	DO("INSERT INTO commitments (investor_id, fund_id, kind, amount, occurred_on, created_at) VALUES (81, 81, "
	   "'soft_circled', 100000000, '2026-02-01', '2026-03-03T11:00:00Z'), (81, 81, 'committed', 99900000, "
	   "'2026-03-03', '2026-03-04T00:00:00Z')");
	struct digest d = make("2026-03-04T09:00:00Z", "2026-03-04");
	is_int(number(&d, "figures", "moves"), 1, "a move of the day alone");
	is_int(number(&d, "figures", "commitments"), 1, "and an entry made on it, whatever its own day");
	ok(strstr(d.headline, "1 stage move, 1 commitment changed"), "both are in the headline");
	ok(strstr(d.text,
		   "MOVED IN THE PIPELINE (1)\n  Spruce: Moved from engaged to diligence, Fund II, 2,500,000 EUR\n"),
		"from, to, for what and how much");
	ok(strstr(d.text, "NEW IN THE LEDGER (1)\n  Spruce: Soft-circled 1,000,000 EUR to Fund II\n"),
		"what was promised");
	ok(strstr(d.text, "NOT MOVED FOR 30 DAYS (1)\n  Yew: engaged, Fund II\n    since 20 Dec 2025, for more than 60 "
			  "days\n"),
		"what stands still");
	ok(strstr(d.html, "/digests/figures?of=moves&amp;day=2026-03-04\"") && strstr(d.html, "/opportunities/81\"") &&
			strstr(d.html, "/digests/figures?of=ageing&amp;day=2026-03-04\""),
		"the figures lead to their rows");
	DO("UPDATE opportunities SET stage = 'lost', updated_at = '2026-01-02T00:00:00Z' WHERE id = 82");
	d = make("2026-03-04T09:00:00Z", "2026-03-04");
	ok(!strstr(d.text, "NOT MOVED"), "what is over stands still and is not said");
	DO("UPDATE investors SET deleted_at = ctx_now() WHERE id > 80");
	d = make("2026-03-04T09:00:00Z", "2026-03-04");
	is_int(number(&d, "figures", "moves"), 0, "17: what left with its investor does not count");
	is_int(number(&d, "figures", "commitments"), 0, "17: nor its entries");
	ok(!strstr(d.text, "Spruce") && !strstr(d.text, "MOVED IN") && !strstr(d.html, "Moved in"),
		"17: nor stands there");
	DO("UPDATE investors SET deleted_at = NULL WHERE id > 80");
}

static void left_out(void)
{
	DO("INSERT INTO settings (key, value) VALUES ('digest_sections', 'none'), ('digest_narrative', '0')");
	struct digest d = make("2026-03-04T09:00:00Z", "2026-03-04");
	ok(strstr(d.text, "IN NUMBERS"), "the counts stay");
	ok(number(&d, "figures", "moves") == 1 && !strstr(d.text, "MOVED IN") && !strstr(d.text, "THE LEDGER"),
		"as those of the pipeline do, without its lines");
	ok(!strstr(d.text, "RECORDED") && !strstr(d.text, "TO DO") && !strstr(d.text, "UPKEEP") &&
			!strstr(d.text, "WAITING FOR") && !json_true(d.document, "has_narrative"),
		"what the fund leaves out is left out");
	ok(!strstr(d.html, "To do") && !strstr(d.html, "upkeep"), "in HTML too");
}

int main(void)
{
	digestkit_start();
	quiet();
	figures_of_the_day();
	taken_part();
	recorded_late();
	waiting();
	unanswered();
	upkeep();
	pipeline();
	left_out();
	return digestkit_end();
}
