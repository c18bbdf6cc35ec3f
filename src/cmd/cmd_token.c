/* Owns `countersign token …`: bearer tokens for the accounts of agents, which have no password to log in with.
 * Tests: t/30-token.t */
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "core/audit.h"
#include "web/token.h"
#include "base/banned.h"

static enum status commit(struct op *op, enum status st)
{
	if (st) {
		db_rollback(op);
		return st;
	}
	return db_commit(op);
}

/* Who, as a row; a fault when it is no agent that may log in. */
static struct json_object *agent(struct program *p, const char *username)
{
	struct json_object *user =
		db_object(&p->op, "SELECT id, role, is_active FROM users WHERE username = ?", username);
	if (!user && !p->op.fault.status)
		fail(&p->op, E_NOT_FOUND, NULL, "there is no user %s", username);
	else if (user && (!str_eq(json_text(user, "role"), "agent") || !json_true(user, "is_active")))
		fail(&p->op, E_INPUT, "user",
			"is not an active agent: %s. A person logs in, in the browser or with POST /api/auth/login",
			username);
	return p->op.fault.status ? NULL : user;
}

static enum status add(struct program *p, int argc, char **argv)
{
	const char *days = option_value(p, &argc, argv, "--days");
	int64_t n = 90;
	struct token t;
	if (argc != 3 || (days && !str_i64(days, 1, 366, &n)))
		return E_SYNTAX;
	struct json_object *user = agent(p, argv[2]);
	if (!user)
		return p->op.fault.status;
	enum status st = db_begin(&p->op);
	if (st)
		return st;
	st = token_issue(&p->op, json_int(user, "id"), n * 86400, NULL, "countersign token", &t);
	if (!st)
		st = audit_event(&p->op, "create", "sessions", t.id, NULL);
	st = commit(&p->op, st);
	if (!st)
		puts(t.jwt);
	return st;
}

static enum status list(struct program *p)
{
	char now[INSTANT_SIZE];
	instant_format(p->op.now, now);
	struct json_object *rows = db_array(&p->op,
		"SELECT s.id, u.username AS user, s.created_at, s.expires_at, s.address FROM sessions s JOIN users u "
		"ON u.id "
		"= s.user_id WHERE s.kind = 'token' AND s.revoked_at IS NULL AND s.expires_at > ? ORDER BY s.id LIMIT "
		"1000",
		(const char *)now);
	if (p->json)
		puts(json_object_to_json_string_ext(rows, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	for (size_t i = 0; i < json_len(rows) && !p->json; i++) {
		struct json_object *s = json_at(rows, i);
		printf("%-6lld %-16s made %s  ends %s\n", (long long)json_int(s, "id"), json_text(s, "user"),
			json_text(s, "created_at"), json_text(s, "expires_at"));
	}
	return p->op.fault.status;
}

static enum status revoke(struct program *p, const char *number)
{
	int64_t id;
	if (!str_i64(number, 1, INT64_MAX, &id))
		return E_SYNTAX;
	enum status st = db_begin(&p->op);
	if (st)
		return st;
	st = db_run(&p->op,
		"UPDATE sessions SET revoked_at = ctx_now() WHERE id = ? AND kind = 'token' AND revoked_at IS NULL",
		id);
	if (!st && !db_changes(&p->op))
		st = fail(&p->op, E_NOT_FOUND, NULL, "there is no token %s", number);
	if (!st)
		st = audit_event(&p->op, "delete", "sessions", id, NULL);
	return commit(&p->op, st);
}

enum status command_token(struct program *p, int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	if (str_eq(verb, "add"))
		return add(p, argc, argv);
	if (str_eq(verb, "list") && argc == 2)
		return list(p);
	if (str_eq(verb, "revoke") && argc == 3)
		return revoke(p, argv[2]);
	return E_SYNTAX;
}
