/* The way out of the outbox: once each, to the team alone, however often a sender dies. */
#include <dirent.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/str.h"
#include "send/transport.h"
#include "../tap.h"
#include "dbkit.h"

static const struct actor SENDER = {.kind = ACTOR_SYSTEM, .via = VIA_CRON, .username = "sender", .name = "Sender"};
static struct op *op;

/* A statement in a transaction of its own. */
#define DO(...)                                                                                                        \
	do {                                                                                                           \
		fault_init(&op->fault, op->pool);                                                                      \
		if (db_begin(op) || db_run(op, __VA_ARGS__) || db_commit(op))                                          \
			bail_out(op->fault.items ? op->fault.items->message : "a statement failed");                   \
	} while (0)

static void bail_out(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(1);
}

static int64_t queue(const char *message_id, const char *to, const char *bytes, const char *frozen)
{
	char sha256[SHA256_HEX];
	sha256_hex(frozen, strlen(frozen), sha256);
	DO("INSERT INTO outbox (message_id, origin, author_kind, from_address, to_json, subject, bytes, sha256, state) "
	   "VALUES (?, 'digest', 'system', 'digest@fund.example', '[\"' || ? || '\"]', 's', ?, ?, 'pending')",
		message_id, to, ((struct blob){bytes, strlen(bytes)}), (const char *)sha256);
	return db_last_id(op);
}

static const char *state(int64_t id)
{
	const char *s = db_one_text(op, "SELECT state FROM outbox WHERE id = ?", id);
	return s ? s : "?";
}

static const char *error(int64_t id)
{
	const char *s = db_one_text(op, "SELECT error FROM outbox WHERE id = ?", id);
	return s ? s : "";
}

/* A run at this time: "sent/failed". */
static const char *run(const char *now)
{
	int sent, failed;
	setenv("COUNTERSIGN_NOW", now, 1);
	fault_init(&op->fault, op->pool);
	op->now = clock_now();
	enum status st = deliver_all(op, &sent, &failed);
	return st ? pool_printf(op->pool, "status %d: %s", (int)st, op->fault.items->message)
		  : pool_printf(op->pool, "%d/%d", sent, failed);
}

static const char *folder(const char *to, const char *name)
{
	return pool_printf(op->pool, "%s/%s/%s", conf_data_path(op->pool, "mail/out"), to, name);
}

/* How many files; *last is one of them. */
static int files(const char *path, const char **last)
{
	DIR *d = opendir(path);
	int n = 0;
	for (struct dirent *e; d && (e = readdir(d));)
		if (e->d_name[0] != '.') {
			n++;
			if (last)
				*last = pool_printf(op->pool, "%s/%s", path, e->d_name);
		}
	if (d)
		closedir(d);
	return n;
}

static void delivers_once(void)
{
	const char *file = NULL;
	char *data;
	size_t n;
	int64_t id = queue(
		"one@fund.example", "ada@fund.example", "Subject: x\r\n\r\nbody\r\n", "Subject: x\r\n\r\nbody\r\n");
	is(run("2026-03-04T09:00:00Z"), "1/0", "one message leaves");
	is(state(id), "sent", "and is marked");
	is_int(files(folder("ada@fund.example", "new"), &file), 1, "it is one file in new/");
	is_int(files(folder("ada@fund.example", "tmp"), NULL), 0, "tmp/ is empty");
	ok(file && !file_read(op->pool, file, 1000, &data, &n) && str_eq(data, "Subject: x\r\n\r\nbody\r\n"),
		"its bytes are those frozen");
	is(run("2026-03-04T09:01:00Z"), "0/0", "a second run finds nothing");

	/* The sender died after the file was in new/ and before the mark. */
	DO("UPDATE outbox SET state = 'sending', claim = 'dead' WHERE id = ?", id);
	is(run("2026-03-04T09:05:00Z"), "0/0", "a claim is respected for a while");
	is(run("2026-03-04T09:20:00Z"), "1/0", "then taken over");
	is_int(files(folder("ada@fund.example", "new"), NULL), 1, "53: and there is still one file");
	DO("UPDATE outbox SET state = 'sending', claim = 'dead' WHERE id = ?", id);
	const char *seen = pool_printf(op->pool, "%s:2,S", strrchr(file, '/') + 1);
	ok(rename(file, pool_printf(op->pool, "%s/%s", folder("ada@fund.example", "cur"), seen)) == 0,
		"its reader has seen it");
	is(run("2026-03-04T09:40:00Z"), "1/0", "taken over again");
	is_int(files(folder("ada@fund.example", "new"), NULL), 0, "53: what was read is not delivered again");
	DO("UPDATE outbox SET state = 'sending', claim = 'dead' WHERE id = ?", id);
	is(run("2026-03-04T09:38:00Z"), "0/0", "a clock set back two minutes takes nothing from who may be at it");
	is(run("2025-03-04T09:40:00Z"), "1/0", "what was claimed in a year that has not begun is nobody's");
}

static void goes_on_after_the_bad(void)
{
	int64_t stranger = queue("two@fund.example", "stranger@outside.example", "x", "x");
	int64_t changed = queue("three@fund.example", "ada@fund.example", "changed", "frozen");
	int64_t good = queue("four@fund.example", "ada@fund.example", "good", "good");
	is(run("2026-03-04T10:00:00Z"), "1/1", "the good one leaves, whatever stands before it");
	is(state(stranger), "dismissed", "nothing goes to a stranger");
	ok(strstr(error(stranger), "not an active user"), "and it says why");
	is_int(files(folder("stranger@outside.example", "new"), NULL), 0, "no file for a stranger");
	is(state(changed), "failed", "changed bytes do not leave");
	is(state(good), "sent", "the good one is marked");
	/* Two recipients, one of them ours. */
	int64_t both = queue("five@fund.example", "ada@fund.example\",\"x@outside.example", "x", "x");
	run("2026-03-04T10:01:00Z");
	is(state(both), "dismissed", "nor to one of ours and a stranger");
}

static enum delivery send_to(const char *first, const char *second, const char **reply)
{
	const char *const to[] = {first, second, NULL};
	struct letter l = {
		.message_id = "many@fund.example", .from = "digest@fund.example", .to = to, .bytes = "x", .len = 1};
	return transport_maildir.send(op, &l, reply);
}

/* Of two recipients one cannot have it: that is never a success, and the other has it once. */
static void never_half_a_success(void)
{
	const char *reply;
	ok(send_to("eve@fund.example", "../eve@fund.example", &reply) == REFUSED, "54: an address that cannot be one");
	is_int(files(folder("eve@fund.example", "new"), NULL), 0, "54: and nobody has it");
	const char *in_the_way = conf_data_path(op->pool, "mail/out/dan@fund.example");
	ok(!file_replace(in_the_way, "x", 1, 0600), "a file where the second's folder should be");
	ok(send_to("eve@fund.example", "dan@fund.example", &reply) == RETRY && strstr(reply, "dan@fund.example"),
		"54: it says whom it could not reach");
	ok(unlink(in_the_way) == 0 && send_to("eve@fund.example", "dan@fund.example", &reply) == DELIVERED,
		"then both");
	is_int(files(folder("eve@fund.example", "new"), NULL), 1, "53: the first has it once");
	is_int(files(folder("dan@fund.example", "new"), NULL), 1, "and so has the second");
}

static void waits_for_a_folder(void)
{
	const char *in_the_way = conf_data_path(op->pool, "mail/out/bob@fund.example");
	ok(!file_replace(in_the_way, "x", 1, 0600), "a file where the folder should be");
	int64_t id = queue("six@fund.example", "bob@fund.example", "x", "x");
	is(run("2026-03-04T11:00:00Z"), "0/1", "it cannot be delivered");
	is(state(id), "pending", "and waits");
	ok(strstr(error(id), "bob@fund.example"), "with the reason");
	is(run("2026-03-04T11:00:30Z"), "0/0", "not tried again at once");
	is(run("2026-03-04T11:01:00Z"), "0/1", "but after a minute");
	is(run("2026-03-04T11:04:00Z"), "0/0", "then later and later");
	DO("UPDATE outbox SET attempts = 19 WHERE id = ?", id);
	is(run("2026-03-04T16:00:00Z"), "0/1", "the twentieth time");
	is(state(id), "failed", "is the last");

	int64_t next = queue("seven@fund.example", "bob@fund.example", "x", "x");
	ok(unlink(in_the_way) == 0, "the way is free");
	is(run("2026-03-04T16:01:00Z"), "1/0", "the next is delivered");
	is(state(next), "sent", "and marked");
}

static void keeps_signatures(void)
{
	int64_t id = queue("eight@fund.example", "lp@outside.example", "x", "x");
	const char *in_the_way = conf_data_path(op->pool, "mail/out/lp@outside.example");
	DO("UPDATE outbox SET state = 'countersigned', countersigned_by = 1, countersigned_at = ctx_now() WHERE id = ?",
		id);
	ok(!file_replace(in_the_way, "x", 1, 0600), "again in the way");
	is(run("2026-03-04T17:00:00Z"), "0/1", "a signed message fails");
	is(state(id), "countersigned", "it stays signed");
	ok(unlink(in_the_way) == 0, "free again");
	is(run("2026-03-04T17:05:00Z"), "1/0", "and leaves later");

	DO("UPDATE outbox SET state = 'sending', attempts = 20 WHERE id = ?", id);
	is(run("2026-03-04T18:00:00Z"), "0/0", "at which twenty senders died");
	is(state(id), "unknown", "is left to a person");
}

int main(void)
{
	dbkit_start();
	setenv("COUNTERSIGN_NOW", "2026-03-04T09:00:00Z", 1);
	dbkit_migrate();
	op = dbkit_open(DB_OWNER, &SENDER);
	if (dir_make(conf_data_path(op->pool, "mail/out"), 0700))
		bail_out("no directory");
	DO("INSERT INTO users (username, name, email, role) VALUES ('bob', 'Bob', 'bob@fund.example', 'member')");
	delivers_once();
	goes_on_after_the_bad();
	never_half_a_success();
	waits_for_a_folder();
	keeps_signatures();
	db_close(op->db);
	return tap_done();
}
