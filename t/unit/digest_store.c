/* Who gets a digest, once each, and what the next one begins after. */
#include "digestkit.h"

static int64_t count(const char *sql)
{
	int64_t n = -1;
	db_one_int_(op, &n, sql, NULL, 0);
	return n;
}

static int queue(struct digest *d, const char *only, bool resend)
{
	int queued = -1;
	fault_init(&op->fault, op->pool);
	enum status st = digest_store(op, templates, d, only, resend, &queued);
	return st ? -(int)st : queued;
}

static void once(void)
{
	struct digest d = make("2026-03-04T09:00:00Z", "2026-03-04");
	ok(!digest_is_done(op, "2026-03-04"), "it is not done");
	is_int(queue(&d, NULL, false), 1, "to the administrator, and not to an agent");
	ok(digest_is_done(op, "2026-03-04"), "it is done");
	is_int(queue(&d, NULL, false), 0, "a second run has nobody left");
	const char *text = d.text;
	DO("INSERT INTO users (username, name, email, role) VALUES ('eve', 'Eve', 'eve@fund.example', 'member')");
	ok(digest_is_done(op, "2026-03-04"), "a member who did not ask for it is not waited for");
	DO("UPDATE users SET wants_digest = 1 WHERE username = 'eve'");
	ok(!digest_is_done(op, "2026-03-04"), "who asks for it is");
	d = make("2026-03-04T10:00:00Z", "2026-03-04");
	d.text = "another";
	is_int(queue(&d, NULL, false), 1, "and gets it");
	is(d.text, text, "as it was stored");
	is_int(queue(&d, "ada", true), 1, "again for ada alone");
	is_int(queue(&d, "scout", false), -E_NOT_FOUND, "never for an agent");
	is_int(count("SELECT count(DISTINCT message_id) FROM outbox"), 3, "each message has an id of its own");
	is_int(count("SELECT count(*) FROM digest_editions"), 0, "where all may read all, there is one edition");
}

static void who(void)
{
	is_int((int64_t)json_len(digest_recipients(op)), 2, "an administrator, and who asked");
	DO("INSERT INTO settings (key, value) VALUES ('digest_recipients', 'asked')");
	is_int((int64_t)json_len(digest_recipients(op)), 1, "or only who asked");
	DO("UPDATE users SET is_active = 0 WHERE username = 'eve'");
	is_int((int64_t)json_len(digest_recipients(op)), 0, "nobody who has left");
	DO("UPDATE users SET wants_digest = 1 WHERE role = 'agent'");
	is_int((int64_t)json_len(digest_recipients(op)), 0, "no program, whatever it wants");
	DO("UPDATE settings SET value = 'admins' WHERE key = 'digest_recipients'");
	DO("UPDATE users SET is_active = 1 WHERE username = 'eve'");
}

/* Of a week in which the machine slept, and of a clock that went wrong. */
static void windows(void)
{
	struct digest d = make("2026-03-06T10:00:00Z", "2026-03-06");
	is(d.window.from_at, "2026-03-04T00:00:00Z",
		"52: the next begins where this one ended, though a day was missed");
	d = make("2026-03-12T10:00:00Z", "2026-03-12");
	is(d.window.from_at, "2026-03-04T00:00:00Z", "52: or a week");
	d = make("2026-06-01T10:00:00Z", "2026-06-01");
	is(d.window.from_at, "2026-05-18T00:00:00Z", "but never more than two weeks");
	ok(digest_is_done(op, "2026-03-03"), "a clock set back makes no second one");
	d = make("2026-03-07T10:00:00Z", "2026-03-07");
	is_int(queue(&d, NULL, false), 2, "a clock set forward makes one");
	is(d.window.from_at, "2026-03-04T00:00:00Z", "of all the days between");
	ok(digest_is_done(op, "2026-03-06"), "a clock set back by a day makes none of that day");
	ok(!digest_is_done(op, "2026-03-05"), "but by more than that it keeps no day from its own");
}

/* For one alone on a day on which none is made, and by hand: the next one is about the same time as before. */
static void by_hand(void)
{
	struct digest d = make("2026-03-08T10:00:00Z", "2026-03-08");
	is_int(queue(&d, "eve", false), 1, "to eve alone");
	ok(!digest_is_done(op, "2026-03-08"), "51: the day is not done");
	int queued = 0;
	db_begin(op);
	enum status st = digest_send_now(op, templates, "2026-03-08", NULL, &queued);
	db_commit(op);
	ok(!st && queued == 2, "by hand to both");
	db_begin(op);
	st = digest_send_now(op, templates, "2026-03-08", "ada", &queued);
	db_commit(op);
	ok(!st && queued == 1, "and once more to ada");
	is_int(count("SELECT count(*) FROM outbox WHERE digest_id IS NULL AND origin = 'digest'"), 3,
		"they are of no day");
	is_int(count("SELECT count(*) FROM digests WHERE done_at IS NULL"), 1, "51: the day is still not done");
	d = make("2026-03-09T10:00:00Z", "2026-03-09");
	is(d.window.from_at, "2026-03-07T00:00:00Z", "51: and the next begins where the last that all had ended");
	d = make("2026-03-08T11:00:00Z", "2026-03-08");
	is_int(queue(&d, NULL, false), 1, "51: the day's own goes to who has not had it");
	ok(digest_is_done(op, "2026-03-08"), "and then it is done");
}

/* Mail that eve alone may read is counted in hers alone. */
static void editions(void)
{
	DO("INSERT INTO mailboxes (address, user_id, source, path, visibility) SELECT email, id, 'maildir', '/x', "
	   "'private' "
	   "FROM users WHERE username = 'eve'");
	DO("INSERT INTO threads (subject, first_at, last_at, messages) VALUES ('Between us', '2026-03-09T10:00:00Z', "
	   "'2026-03-09T10:00:00Z', 1)");
	DO("INSERT INTO messages (thread_id, body_sha256, raw_sha256, subject, snippet, sent_at, direction, size, "
	   "created_at) "
	   "VALUES (1, 'a', 'b', 'Between us', '', '2026-03-09T10:00:00Z', 'in', 1, '2026-03-09T10:00:00Z')");
	DO("INSERT INTO mailbox_items (mailbox_id, source_id, state, message_id) VALUES (1, '1', 'stored', 1)");
	struct digest d = make("2026-03-10T10:00:00Z", "2026-03-10");
	is_int(number(&d, "figures", "captured"), 0, "everybody's counts none");
	is_int(queue(&d, NULL, false), 2, "to ada and to eve");
	is_int(count("SELECT count(*) FROM digest_editions"), 1, "eve has an edition of her own");
	is_int(count("SELECT count(*) FROM outbox WHERE message_id LIKE 'digest.2026-03-10.eve@%' AND subject LIKE '%1 "
		     "mail "
		     "captured%'"),
		1, "which counts hers");
	is_int(count("SELECT count(*) FROM outbox WHERE message_id LIKE 'digest.2026-03-10.ada@%' AND subject NOT LIKE "
		     "'%captured%'"),
		1, "and ada's does not");
	is_int(queue(&d, "eve", true), 1, "sent again");
	is_int(count("SELECT count(*) FROM outbox WHERE message_id LIKE 'digest.2026-03-10.eve+%' AND subject LIKE '%1 "
		     "mail "
		     "captured%'"),
		1, "it is the same");
}

int main(void)
{
	digestkit_start();
	op->actor = DIGEST;
	once();
	who();
	windows();
	by_hand();
	editions();
	return digestkit_end();
}
