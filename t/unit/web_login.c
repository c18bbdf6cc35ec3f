/* Who may try to log in, and how often (security check W16). What a try costs is counted in password hashes, never by the
 * clock: one for a name that is known, one for a name nobody has, none while one has to wait. */
#include "../tap.h"
#include "base/crypto.h"
#include "dbkit.h"
#include "webkit.h"

static struct db *db;
static int hashes, in_tx;
static const char *hashed;
static void (*meanwhile)(void); /* what others do while a password is hashed */

static bool counted_verify(const char *phc, const char *password)
{
	hashes++;
	hashed = phc;
	in_tx += db_in_tx(db);
	if (meanwhile)
		meanwhile();
	return !strstr(phc, "m=65536") && password_verify(phc, password); /* nobody's is as it says, and slow */
}

#define password_verify counted_verify
#include "../../src/web/login.c"
#undef password_verify

static int64_t now;

/* One try from an address; *id is who it is. Committed, as the dispatcher does. */
static enum status tries(const char *address, const char *username, const char *password, int64_t *id)
{
	struct webkit *k = webkit_new(dbkit_pool, "POST", "/login");
	struct op *op = &k->r.op;
	op->db = db;
	op->now = now;
	k->r.address = address;
	k->r.in = json_obj(dbkit_pool);
	json_set_text(k->r.in, "username", username);
	json_set_text(k->r.in, "password", password);
	hashes = 0;
	if (db_begin(op))
		abort();
	enum status st = attempt(&k->r, id);
	if (st)
		db_rollback(op);
	else if (db_commit(op))
		abort();
	return st ? st : op->fault.status;
}

static int cost(const char *username, const char *password)
{
	int64_t id;
	now += 86400; /* nothing of before counts */
	return tries("192.0.2.1", username, password, &id) ? -1 : hashes;
}

static void the_same_work(void)
{
	is_int(cost("ada", "four words are fine"), 1, "the right password is one hash");
	is_int(cost("ada", "wrong"), 1, "a wrong one too");
	is_int(cost("nobody", "wrong"), 1, "and one of somebody who is not there");
	unsetenv("COUNTERSIGN_FAST_HASH");
	ok(!password_outdated(hashed), "who costs what anybody costs outside of tests");
	setenv("COUNTERSIGN_FAST_HASH", "1", 1);
	is_int(cost("scout", "wrong"), 1, "one who has no password");
	is_int(cost("gone", "four words are fine"), 1, "one who may not log in any more");
	char *big = pool_alloc(dbkit_pool, 1026);
	for (int i = 0; i < 1025; i++)
		big[i] = 'x';
	is_int(cost("ada", big), 0, "a password longer than any is not hashed");
	is_int(cost("nobody", big), 0, "whoever it is for");
}

static enum status wrong(const char *address, const char *username)
{
	int64_t id;
	return tries(address, username, "wrong", &id);
}

/* Seconds until the next try is taken. */
static int64_t waits(const char *address, const char *username)
{
	int64_t from = now;
	while (wrong(address, username) == E_RATE)
		now++;
	return now - from;
}

static void one_account(void)
{
	int64_t id;
	now += 86400;
	int free = 0;
	while (free < 100 && !wrong("192.0.2.7", "ada"))
		free++;
	is_int(free, 5, "five tries are free");
	is_int(hashes, 0, "what is refused costs no hash");
	is_int(tries("192.0.2.7", "ada", "four words are fine", &id), E_RATE, "the right password has to wait too");
	ok(!tries("192.0.2.8", "ada", "four words are fine", &id) && id == 1, "but not from elsewhere");
	static const int64_t doubling[] = {30, 60, 120, 240, 480};
	for (size_t i = 0; i < sizeof doubling / sizeof *doubling; i++)
		is_int(waits("192.0.2.7", "ada"), doubling[i], "then the wait doubles");
	for (int i = 0; i < 3; i++)
		is_int(waits("192.0.2.7", "ada"), 900, "up to a quarter of an hour");
	now += 900;
	ok(!tries("192.0.2.7", "ada", "four words are fine", &id) && id == 1, "after which the owner is let in");
	is_int(wrong("192.0.2.7", "ada"), OK, "and what was before is forgotten");
}

static void one_address(void)
{
	int64_t id;
	now += 86400;
	int taken = 0;
	while (taken < 100 && !wrong("192.0.2.9", pool_printf(dbkit_pool, "name%d", taken)))
		taken++;
	is_int(taken, 20, "an address has twenty tries a minute, whoever they are for");
	is_int(hashes, 0, "then it costs nothing");
	is_int(tries("192.0.2.9", "ada", "four words are fine", &id), E_RATE, "for nobody");
	ok(!tries("192.0.2.10", "ada", "four words are fine", &id) && id == 1, "another address is not held up");
	now += 61;
	is_int(wrong("192.0.2.9", "fresh"), OK, "a minute later it goes on");
}

/* ---- at once ---- */
static struct op *other; /* an operator's connection beside the worker's */

static void another_fails(void)
{
	other->now = now;
	if (db_begin(other) ||
		db_run(other,
			"INSERT INTO login_attempts (at, username, address) VALUES (ctx_now(), 'ada', '192.0.2.20')") ||
		db_commit(other))
		abort();
}

static void account_is_closed(void)
{
	if (db_begin(other) || db_run(other, "UPDATE users SET is_active = 0 WHERE id = 1") || db_commit(other))
		abort();
}

static void at_once(void)
{
	int64_t id;
	is_int(in_tx, 0, "nobody is kept from writing while a password is hashed");
	now += 86400;
	for (int i = 0; i < 4; i++)
		wrong("192.0.2.20", "ada");
	meanwhile = another_fails;
	is_int(tries("192.0.2.20", "ada", "four words are fine", &id), E_RATE,
		"who failed while it was hashed counts before the answer");
	ok(id == 0, "and nobody is let in");
	now += 86400;
	meanwhile = account_is_closed;
	ok(!tries("192.0.2.20", "ada", "four words are fine", &id) && id == 0,
		"an account that is closed meanwhile lets nobody in");
	meanwhile = NULL;
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	struct op *op = dbkit_open(DB_OWNER, &ADA);
	const char *phc = password_hash(dbkit_pool, "four words are fine");
	if (db_begin(op) || db_run(op, "UPDATE users SET password_hash = ? WHERE id = 1", phc) ||
		db_run(op,
			"INSERT INTO users (username, name, email, role, password_hash, is_active)"
			" VALUES ('gone', 'Gone', 'gone@fund.example', 'member', ?, 0)",
			phc) ||
		db_commit(op))
		abort();
	db_close(op->db);
	if (db_open(dbkit_path(), DB_HUMAN, &db))
		abort();
	now = clock_now();
	the_same_work();
	one_account();
	one_address();
	other = dbkit_open(DB_OWNER, &ADA);
	at_once();
	db_close(other->db);
	db_close(db);
	return tap_done();
}
