/* Owns accounts: who there is, what a password must be, which addresses are ours. Tests: t/unit/core_user.c */
#include "core/user.h"

#include <string.h>

#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/audit.h"
#include "core/record.h"
#include "core/settings.h"
#include "db/db.h"
#include "mail/addr.h"
#include "base/banned.h"

#define ALIASES_MAX 20

static bool username_valid(const char *s)
{
	size_t n = strlen(s);
	return n >= 1 && n <= 64 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n && s[0] >= 'a' &&
	       s[0] <= 'z';
}

static const char *const roles[] = {"admin", "member", "agent", NULL};

static bool role_valid(const char *s)
{
	for (const char *const *r = roles; *r; r++)
		if (str_eq(*r, s))
			return true;
	return false;
}

/* The commonest that are long enough to pass the length rule. */
static bool is_common(const char *folded)
{
	static const char *const common[] = {"123456789012", "1234567890123", "qwertyuiopas", "password1234",
		"passwordpassword", "correcthorsebatterystaple", "iloveyou1234", "administrator", "changemeplease",
		"letmeinplease", "qwerty123456", "welcome12345", "countersign12", "countersigncountersign"};
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		if (str_eq(common[i], folded))
			return true;
	return false;
}

enum status password_acceptable(struct op *op, const char *username, const char *password)
{
	size_t n = strlen(password);
	if (n < 12)
		return fail(op, E_INPUT, "password", "is too short: 12 characters or more, a few words are fine");
	if (n > 1024)
		return fail(op, E_INPUT, "password", "is longer than 1024 bytes");
	const char *folded = str_fold(op->pool, password);
	const char *fund = str_fold(op->pool, setting_text(op, "fund_name"));
	bool repeats = strspn(folded, (char[]){folded[0], 0}) == strlen(folded);
	if (is_common(folded) || repeats || str_eq(folded, fund) ||
		(username && strlen(username) > 3 && strstr(folded, username)))
		return fail(op, E_INPUT, "password", "is too easy to guess");
	return OK;
}

/* Two with one address: of its mail nobody could say whose it is. */
static bool is_others(struct op *op, const char *email, int64_t id)
{
	int64_t other;
	return db_one_int(op, &other, "SELECT user_id FROM user_emails WHERE email = ? AND user_id <> ?", email, id);
}

enum status user_add(struct op *op, const char *username, const char *name, const char *email, const char *role,
	const char *password, int64_t *id)
{
	const char *mail = email ? addr_normalise(op->pool, email) : NULL;
	username = username ? str_lower(op->pool, str_trim(op->pool, username)) : "";
	name = name ? str_squeeze(op->pool, name) : "";
	if (!username_valid(username))
		fail(op, E_INPUT, "username", "is 1 to 64 of a-z 0-9 . _ - and begins with a letter");
	if (!*name || strlen(name) > 200)
		fail(op, E_INPUT, "name", *name ? "is longer than 200 bytes" : "is required");
	if (!mail)
		fail(op, E_INPUT, "email", "is not an e-mail address");
	if (mail && is_others(op, mail, 0))
		fail(op, E_CONFLICT, "email", "is a user's address already");
	if (!role_valid(role))
		fail(op, E_INPUT, "role", "is admin, member or agent");
	if (password)
		password_acceptable(op, username, password);
	if (op->fault.status)
		return op->fault.status;
	enum status st = db_run(op,
		"INSERT INTO users (username, name, email, role, wants_digest, password_hash) VALUES"
		" (?, ?, ?, ?, ?, ?)",
		username, name, mail, role, str_eq(role, "admin"), password ? password_hash(op->pool, password) : NULL);
	*id = st ? 0 : db_last_id(op);
	return st;
}

enum status user_set_password(struct op *op, int64_t id, const char *password)
{
	const char *username = db_one_text(op, "SELECT username FROM users WHERE id = ?", id);
	if (!username)
		return fail(op, E_NOT_FOUND, NULL, "there is no such user");
	enum status st = password_acceptable(op, username, password);
	return st ? st
		  : db_run(op,
			    "UPDATE users SET password_hash = ?, updated_at = ctx_now(), version = version + 1 WHERE "
			    "id = ?",
			    password_hash(op->pool, password), id);
}

/* An installation without an administrator cannot be run. */
static enum status admin_stays(struct op *op, int64_t id, const char *field)
{
	int64_t others = 0, is_admin = 0;
	db_one_int(op, &is_admin, "SELECT role = 'admin' AND is_active = 1 FROM users WHERE id = ?", id);
	db_one_int(op, &others, "SELECT count(*) FROM users WHERE role = 'admin' AND is_active = 1 AND id <> ?", id);
	return is_admin && !others ? fail(op, E_CONFLICT, field, "is the last administrator, who must stay") : OK;
}

enum status user_set_active(struct op *op, int64_t id, int active)
{
	enum status st = active ? OK : admin_stays(op, id, "is_active");
	if (st)
		return st;
	st = db_run(op, "UPDATE users SET is_active = ?, updated_at = ctx_now(), version = version + 1 WHERE id = ?",
		active != 0, id);
	return st || db_changes(op) ? st : fail(op, E_NOT_FOUND, NULL, "there is no such user");
}

static const struct field account_fields[] = {
	{.name = "name", .type = F_TEXT, .flags = FIELD_REQUIRED},
	{.name = "email", .type = F_TEXT, .flags = FIELD_REQUIRED, .max = ADDR_MAX},
	{.name = "role", .type = F_CHOICE, .flags = FIELD_REQUIRED, .choices = roles},
	{.name = "is_active", .type = F_BOOL},
	{.name = "wants_digest", .type = F_BOOL},
	{.name = "aliases", .type = F_EMAILS, .flags = FIELD_OWN_TABLE, .max = ALIASES_MAX},
};
static const struct resource account = {.fields = account_fields, .nfields = FIELD_COUNT(account_fields)};

/* 0, 1, or -1 for what was not given. */
static int flag_of(struct json_object *typed, const char *name)
{
	return json_get(typed, name) ? json_true(typed, name) : -1;
}

struct json_object *user_aliases(struct op *op, int64_t id)
{
	struct json_object *list = json_arr(op->pool);
	for (struct stmt *q = db_query(op, "SELECT email FROM user_aliases_live WHERE user_id = ? ORDER BY email", id);
		db_row(q);)
		json_push_text(list, db_text(q, 0));
	return list;
}

/* The list, old and new, is one event, as a record's own lists are (record.c). */
static enum status aliases_write(struct op *op, int64_t id, struct json_object *list)
{
	struct json_object *old = user_aliases(op, id), *changes = json_obj(op->pool);
	size_t n;
	enum status st = op->fault.status;
	if (!st)
		st = db_run(op,
			"UPDATE user_aliases SET deleted_at = ctx_now() WHERE user_id = ?1 AND deleted_at IS NULL AND"
			" email NOT IN (SELECT value FROM json_each(?2))",
			id, json_bytes(op->pool, list, &n));
	for (size_t i = 0; i < json_len(list) && !st; i++)
		st = db_run(op,
			"INSERT INTO user_aliases (user_id, email) VALUES (?, ?) ON CONFLICT DO UPDATE SET"
			" user_id = excluded.user_id, deleted_at = NULL",
			id, json_object_get_string(json_at(list, i)));
	struct json_object *now = st ? old : user_aliases(op, id), *pair = json_add_arr(changes, "aliases");
	if (st || json_object_equal(old, now))
		return st;
	json_object_array_add(pair, json_object_get(old));
	json_object_array_add(pair, json_object_get(now));
	return audit_event(op, "update", "users", id, changes);
}

static void aliases_check(struct op *op, int64_t id, struct json_object *list)
{
	for (size_t i = 0; i < json_len(list); i++) {
		const char *email = json_object_get_string(json_at(list, i));
		if (is_others(op, email, id))
			fail(op, E_CONFLICT, "aliases", "has another user's address: %s", email);
	}
}

enum status user_update(struct op *op, int64_t id, struct json_object *changes)
{
	struct json_object *typed = record_validate(op, &account, changes, true);
	const char *email = typed ? json_text(typed, "email") : NULL, *role = typed ? json_text(typed, "role") : NULL;
	const char *mail = email ? addr_normalise(op->pool, email) : NULL;
	struct json_object *aliases = typed ? json_get(typed, "aliases") : NULL;
	if (email && !mail)
		fail(op, E_INPUT, "email", "is not an e-mail address");
	if (mail && is_others(op, mail, id))
		fail(op, E_CONFLICT, "email", "is another user's address");
	aliases_check(op, id, aliases);
	if (op->fault.status)
		return op->fault.status;
	int active = flag_of(typed, "is_active");
	enum status st = active == 0 ? admin_stays(op, id, "is_active") : OK;
	if (!st && role && !str_eq(role, "admin"))
		st = admin_stays(op, id, "role");
	if (!st)
		st = db_run(op,
			"UPDATE users SET name = coalesce(?, name), email = coalesce(?, email), role = coalesce(?, "
			"role),"
			" is_active = coalesce(nullif(?, -1), is_active),"
			" wants_digest = coalesce(nullif(?, -1), wants_digest), updated_at = ctx_now(),"
			" version = version + 1 WHERE id = ?",
			json_text(typed, "name"), mail, role, active, flag_of(typed, "wants_digest"), id);
	if (!st && !db_changes(op))
		st = fail(op, E_NOT_FOUND, NULL, "there is no such user");
	return st || !aliases ? st : aliases_write(op, id, aliases);
}

int64_t user_find(struct op *op, const char *username)
{
	int64_t id = 0;
	db_one_int(op, &id, "SELECT id FROM users WHERE username = ?", username);
	return id;
}
