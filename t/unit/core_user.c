/* Accounts: what is accepted, what a password must be, who must stay, which addresses are ours. */
#include "../tap.h"
#include "corekit.h"

#include "base/crypto.h"
#include "core/settings.h"
#include "core/user.h"

static struct op *op;

static const char *add(
	const char *username, const char *name, const char *email, const char *role, const char *password)
{
	int64_t id;
	enum status st = user_add(op, username, name, email, role, password, &id);
	return st ? kit_faults(op) : pool_printf(op->pool, "%lld", (long long)id);
}

static void adding(void)
{
	is(add(" Ben ", "Ben  Ito", "Ben@Fund.example", "member", "four words are fine"), "3", "a member");
	is(db_one_text(
		   op, "SELECT username || ' ' || name || ' ' || email || ' ' || wants_digest FROM users WHERE id = 3"),
		"ben Ben Ito ben@fund.example 0", "normalised");
	const char *hash = db_one_text(op, "SELECT password_hash FROM users WHERE id = 3");
	ok(password_verify(hash, "four words are fine") && !password_verify(hash, "four words are fin"),
		"the password is hashed");
	ok(str_starts(hash, "$argon2id$"), "with Argon2id");
	is(add("bot", "Bot", "bot@fund.example", "agent", NULL), "4", "an agent without a password");
	is(db_one_text(op, "SELECT 'none' FROM users WHERE id = 4 AND password_hash IS NULL AND wants_digest = 0"),
		"none", "it cannot log in and gets no digest");
	is(add("1x", " ", "nobody", "owner", "short"),
		"username: is 1 to 64 of a-z 0-9 . _ - and begins with a letter; name: is required;"
		" email: is not an e-mail address; role: is admin, member or agent;"
		" password: is too short: 12 characters or more, a few words are fine",
		"every bad field is reported");
	is(add(NULL, NULL, NULL, NULL, NULL),
		"username: is 1 to 64 of a-z 0-9 . _ - and begins with a letter; name: is required;"
		" email: is not an e-mail address; role: is admin, member or agent",
		"and every missing one");
	int64_t id;
	is_int(kit_status(op, user_add(op, "ben", "B", "b@fund.example", "member", NULL, &id)), 409,
		"a username is there once");
	is_int(kit_status(op, user_add(op, "b", "B", "ben@fund.example", "member", NULL, &id)), 409, "and an address");
	is_int(user_find(op, "ben"), 3, "found by username");
	is_int(user_find(op, "nobody"), 0, "or not");
	int64_t leaks = -1;
	db_one_int(op, &leaks, "SELECT count(*) FROM audit_seen WHERE changes_json LIKE '%argon2%'");
	is_int(leaks, 0, "no hash in the audit log");
}

static bool acceptable(const char *password)
{
	bool good = password_acceptable(op, "benedict", password) == OK;
	kit_faults(op);
	return good;
}

static void passwords(void)
{
	setting_set(op, "fund_name", "Northern Lights Capital");
	ok(acceptable("twelve chars"), "twelve bytes are enough");
	ok(!acceptable("eleven char"), "eleven are not");
	ok(!acceptable("Password1234"), "a common one is not");
	ok(!acceptable("aaaaaaaaaaaaaaaa"), "nor one repeated letter");
	ok(!acceptable("Benedict-2026"), "nor one with the username");
	ok(!acceptable("northern lights capital"), "nor the fund's name");
	char *longest = pool_alloc(op->pool, 1026);
	memset(longest, 'x', 1025);
	longest[0] = 'y';
	ok(!acceptable(longest), "1025 bytes are too many");
	longest[1024] = 0;
	ok(acceptable(longest), "1024 are not");
	db_run(op, "INSERT INTO sessions (user_id, kind, token_sha256, created_at, expires_at) VALUES (3, 'browser', "
		   "'x', 'a', 'b')");
	ok(user_set_password(op, 3, "another long one") == OK, "a new password");
	ok(password_verify(db_one_text(op, "SELECT password_hash FROM users WHERE id = 3"), "another long one"),
		"counts");
	is(db_one_text(op, "SELECT 'ended' FROM sessions WHERE user_id = 3 AND revoked_at IS NOT NULL"), "ended",
		"and ends the sessions of the old one");
	is(db_one_text(op, "SELECT changes_json FROM audit_seen WHERE resource = 'users' ORDER BY id DESC LIMIT 1"),
		"{\"password\":[\"old\",\"new\"]}", "the audit log says that, not what");
	is_int(kit_status(op, user_set_password(op, 99, "another long one")), 404, "of nobody");
	is_int(kit_status(op, user_set_password(op, 3, "short")), 422, "a bad one is refused");
}

static int update(int64_t id, const char *changes)
{
	return kit_status(op, user_update(op, id, kit_json(op, changes)));
}

static void changing(void)
{
	is_int(update(3, "{'name':' Ben  Ito-Keller ','wants_digest':'','password':'x','id':9}"), 200, "some fields");
	is(db_one_text(op,
		   "SELECT name || ' ' || email || ' ' || role || is_active || wants_digest FROM users WHERE id = 3"),
		"Ben Ito-Keller ben@fund.example member10", "change, the others stay");
	is_int(update(3, "{'email':'BEN2@fund.example','role':'admin'}"), 200, "address and role");
	is(db_one_text(op, "SELECT email || role FROM users WHERE id = 3"), "ben2@fund.exampleadmin", "change");
	is_int(update(3, "{'email':'nobody'}"), 422, "no address");
	is_int(update(3, "{'role':'owner'}"), 422, "no role");
	is_int(update(3, "{'name':''}"), 422, "no name");
	is_int(update(3, "{'email':'ada@fund.example'}"), 409, "another's address");
	is_int(update(99, "{'name':'x'}"), 404, "nobody");
	is_int(update(1, "{'is_active':false}"), 200, "one of two administrators may go");
	is_int(update(3, "{'is_active':'0'}"), 409, "the last may not");
	is_int(update(3, "{'role':'member'}"), 409, "nor become a member");
	is_int(kit_status(op, user_set_active(op, 3, 0)), 409, "by no way");
	is_int(kit_status(op, user_set_active(op, 1, 1)), 200, "the first comes back");
	is_int(kit_status(op, user_set_active(op, 3, 0)), 200, "then the second may go");
	is_int(kit_status(op, user_set_active(op, 99, 0)), 404, "nobody cannot");
	is_int(update(3, "{'name':'B'}"), 200, "one who is not active is no last administrator");
}

static void ours(void)
{
	size_t n;
	setting_set(op, "own_domains", "Fund.example, fund.test");
	setting_set(op, "own_addresses", "deals@group.example");
	is_int(update(1, "{'aliases':'Ada.Private@mail.example\\n ada@old.example'}"), 200,
		"further addresses, one a line");
	is(json_bytes(op->pool, user_aliases(op, 1), &n), "[\"ada.private@mail.example\",\"ada@old.example\"]",
		"are read back");
	is(db_one_text(op, "SELECT changes_json FROM audit_seen WHERE resource = 'users' ORDER BY id DESC LIMIT 1"),
		"{\"aliases\":[[],[\"ada.private@mail.example\",\"ada@old.example\"]]}", "and audited");
	is_int(update(1, "{'name':'Ada'}"), 200, "another field");
	is_int(json_len(user_aliases(op, 1)), 2, "leaves them");
	is_int(update(3, "{'aliases':['ada.private@mail.example']}"), 409, "two of us do not share one");
	is_int(update(3, "{'aliases':['scout@fund.example']}"), 409, "nor is it another user's first one");
	is_int(update(3, "{'email':'ada.private@mail.example'}"), 409, "nor becomes that");
	is_int(update(3, "{'aliases':['ada']}"), 422, "an address it must be");
	is_int(update(99, "{'aliases':[]}"), 404, "of somebody");
	is_int(update(1, "{'aliases':['ada.private@mail.example']}"), 200, "one is taken back");
	is_int(update(3, "{'aliases':['ada@old.example']}"), 200, "and may be somebody else's");
	is(json_bytes(op->pool, user_aliases(op, 3), &n), "[\"ada@old.example\"]", "then is theirs");
	is_int(update(3, "{'aliases':[]}"), 200, "until it is nobody's");
	struct own *own = own_load(op);
	ok(own_is(own, "anybody@FUND.example") && own_is(own, "x@fund.test"), "our domains");
	ok(own_is(own, "deals@group.example") && !own_is(own, "else@group.example"), "our addresses elsewhere");
	ok(own_is(own, "ada.private+crm@mail.example"), "a user's other address, with a tag too");
	ok(!own_is(own, "ada@old.example"), "not one that was taken back");
	ok(!own_is(own, "x@notfund.example") && !own_is(own, "x@sub.fund.example"), "no part of a domain is one");
	ok(!own_is(own, "nobody") && !own_is(own, NULL) && !own_is(own, ""), "no address is not ours");
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_HUMAN, &ADA);
	db_begin(op);
	adding();
	passwords();
	changing();
	ours();
	ok(db_commit(op) == OK, "all of it commits");
	db_close(op->db);
	return tap_done();
}
