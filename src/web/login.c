/* Owns logging in and out, throttling and the first administrator. Tests: t/unit/web_login.c,
 * t/60-login.t */
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/db.h"
#include "web/inside.h"
#include "web/login.h"
#include "base/banned.h"

#define FAILURES_FREE 5 /* per account and address, then each further one doubles the wait */
#define WAIT_FIRST 30   /* seconds */
#define WAIT_MAX 900
#define ADDRESS_FAILURES_MINUTE 20

enum status (*login_create_admin)(
	struct op *op, const char *username, const char *name, const char *email, const char *password, int64_t *id);

static const char *instant_text(struct pool *p, int64_t t)
{
	char text[INSTANT_SIZE];
	instant_format(t, text);
	return pool_strdup(p, text);
}

/* ---- throttling: by account *and* address, so that an attacker elsewhere does not lock the owner out. What a clock that was
 * ahead left behind counts for nothing: nobody waits for a year that was never there ---- */
static enum status throttled(struct req *r, const char *username)
{
	struct op *op = &r->op;
	int64_t failures = 0, in_minute = 0, last = 0;
	const char *until = instant_text(op->pool, op->now + CLOCK_AHEAD);
	db_one_int(op, &failures,
		"SELECT count(*) FROM login_attempts WHERE username = ? AND address = ? AND at > ? AND at <= ?",
		username, r->address, instant_text(op->pool, op->now - LOGIN_FAILURE_SECONDS), until);
	const char *at =
		db_one_text(op, "SELECT max(at) FROM login_attempts WHERE username = ? AND address = ? AND at <= ?",
			username, r->address, until);
	db_one_int(op, &in_minute, "SELECT count(*) FROM login_attempts WHERE address = ? AND at > ? AND at <= ?",
		r->address, instant_text(op->pool, op->now - 60), until);
	int64_t wait = 0;
	if (failures >= FAILURES_FREE && at && instant_parse(at, &last)) {
		int64_t over = failures - FAILURES_FREE;
		int64_t delay = over > 5 ? WAIT_MAX : (int64_t)WAIT_FIRST << over;
		wait = last + (delay > WAIT_MAX ? WAIT_MAX : delay) - op->now;
	}
	if (in_minute >= ADDRESS_FAILURES_MINUTE && wait < 60)
		wait = 60;
	if (wait <= 0)
		return OK;
	op->fault.retry_after = (int)wait;
	return fail(op, E_RATE, NULL, "too many failed logins; try again in %lld seconds", (long long)wait);
}

/* Whose password it is; id 0: nobody's. Takes as long for a name nobody has. */
struct proof {
	int64_t id;
	const char *phc;    /* what it was held against */
	const char *better; /* its hash anew, while the password is at hand; NULL: as good as any */
};

static struct proof proven(struct req *r, const char *username, const char *password)
{
	static const char nobody[] = "$argon2id$v=19$m=65536,t=3,p=1$bm9ib2R5bm9ib2R5bm9ib2R5$"
				     "A6mTbxoKcM1o8ZbLsT0gTqjKX1tH0dXw6JcXyW0gq0E";
	struct proof proof = {.phc = nobody};
	struct json_object *u = db_object(&r->op,
		"SELECT id, password_hash FROM users WHERE username = ? AND password_hash IS NOT NULL", username);
	if (u)
		proof.phc = json_text(u, "password_hash");
	if (!password_verify(proof.phc, password) || !u)
		return proof;
	proof.id = json_int(u, "id");
	if (password_outdated(proof.phc))
		proof.better = password_hash(r->op.pool, password);
	return proof;
}

/* Nothing may have changed about the account while its password was hashed. */
static enum status judged(struct req *r, const struct proof *proof, const char *username, int64_t *id)
{
	db_one_int(&r->op, id, "SELECT id FROM users WHERE id = ? AND password_hash = ? AND is_active = 1", proof->id,
		proof->phc);
	if (!*id)
		return db_run(&r->op, "INSERT INTO login_attempts (at, username, address) VALUES (ctx_now(), ?, ?)",
			username, r->address);
	enum status st =
		db_run(&r->op, "DELETE FROM login_attempts WHERE username = ? AND address = ?", username, r->address);
	if (!st && proof->better) /* triggers then end the other sessions */
		st = db_run(&r->op, "UPDATE users SET password_hash = ? WHERE id = ?", proof->better, *id);
	return st;
}

/* One try. Wrong: the attempt is stored, *id is 0 and the result OK, so that it is committed.
 *
 * A hash takes a third of a second, in which nobody may be kept from writing: the transaction that came with the request,
 * in which nothing was written, ends before it, and another one counts and judges. Who failed meanwhile is counted there,
 * so of many tries at once no more are answered than of as many one after the other. */
static enum status attempt(struct req *r, int64_t *id)
{
	const char *username = in_text(r, "username", 64);
	struct json_object *p = json_get(r->in, "password"); /* taken as it is, spaces too */
	const char *password = json_object_is_type(p, json_type_string) ? json_object_get_string(p) : "";
	struct proof proof = {.phc = ""};
	*id = 0;
	if (r->op.fault.status)
		return r->op.fault.status;
	username = username ? str_lower(r->op.pool, username) : "";
	enum status st = throttled(r, username);
	if (st)
		return st;
	db_rollback(&r->op);
	if (strlen(password) <= 1024)
		proof = proven(r, username, password);
	st = db_begin(&r->op);
	if (!st)
		st = throttled(r, username);
	return st ? st : judged(r, &proof, username, id);
}

/* ---- pages ---- */
static void login_document(struct req *r, const char *error)
{
	struct json_object *data = out_data(r, json_obj(r->op.pool));
	const char *demo = db_one_text(&r->op, "SELECT value FROM settings WHERE key = 'is_demo'");
	json_set_text(data, "username", json_text(r->in, "username") ? json_text(r->in, "username") : "");
	json_set_text(data, "next", in_next(r, "/"));
	json_set_bool(data, "is_demo", demo && str_eq(demo, "1"));
	json_set_text(data, "error", error);
	json_set_bool(data, "has_error", error != NULL);
	json_set_text(r->view, "title", "Log in");
}

static bool has_users(struct req *r)
{
	int64_t n = 0;
	return db_one_int(&r->op, &n, "SELECT 1 FROM users LIMIT 1");
}

enum status login_form(struct req *r)
{
	if (!has_users(r))
		return reply_see(r, NULL, "/setup");
	if (r->op.actor.kind != ACTOR_NONE)
		return reply_see(r, NULL, "%s", in_next(r, "/"));
	login_document(r, NULL);
	return OK;
}

enum status login_submit(struct req *r)
{
	int64_t id;
	enum status st = attempt(r, &id);
	if (st && st != E_RATE)
		return st;
	int64_t is_agent = 0;
	if (id && db_one_int(&r->op, &is_agent, "SELECT 1 FROM users WHERE id = ? AND role = 'agent'", id))
		id = 0; /* an agent has tokens, never a browser */
	if (!id) {
		login_document(r, st ? r->op.fault.items->message : "The name or the password is wrong.");
		r->http_status = st ? 429 : 422;
		fault_init(&r->op.fault, r->op.pool);
		return OK;
	}
	st = session_start(r, id);
	return st ? st : reply_see(r, NULL, "%s", in_next(r, "/"));
}

enum status logout_submit(struct req *r)
{
	enum status st = session_end(r);
	return st ? st : reply_see(r, NULL, "/login");
}

/* ---- the first administrator, as long as there is nobody ---- */
static void setup_document(struct req *r)
{
	static const char *const names[] = {"username", "name", "email"};
	struct json_object *data = out_data(r, json_obj(r->op.pool)), *errors = json_add_obj(data, "errors");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		json_set_text(data, names[i], json_text(r->in, names[i]) ? json_text(r->in, names[i]) : "");
	static const char *const fields[] = {"username", "name", "email", "password"};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const char *message = NULL;
		for (struct fault_item *f = r->op.fault.items; f; f = f->next)
			if (str_eq(f->field, fields[i]))
				message = f->message;
		json_set_text(errors, fields[i], message);
	}
	json_set_bool(data, "has_errors", r->op.fault.items != NULL);
	json_set_text(r->view, "title", "First administrator");
}

enum status setup_form(struct req *r)
{
	if (has_users(r))
		return reply_see(r, NULL, "/login");
	setup_document(r);
	return OK;
}

enum status setup_submit(struct req *r)
{
	r->form = setup_document;
	if (has_users(r))
		return fail(&r->op, E_FORBIDDEN, NULL, "there is an administrator already");
	struct json_object *p = json_get(r->in, "password");
	const char *username = in_text(r, "username", 64), *name = in_text(r, "name", 200),
		   *email = in_text(r, "email", 254);
	int64_t id;
	enum status st = login_create_admin(&r->op, username, name, email,
		json_object_is_type(p, json_type_string) ? json_object_get_string(p) : "", &id);
	if (!st)
		st = session_start(r, id);
	return st ? st : reply_see(r, "Welcome. Next: your own domains, then a mailbox.", "/admin");
}

/* ---- API ---- */
enum status auth_login(struct req *r)
{
	int64_t id, expires;
	const char *jwt;
	enum status st = attempt(r, &id);
	if (st)
		return st;
	r->out = json_obj(r->op.pool);
	if (!id) {
		/* Committed with the attempt: a problem by hand. */
		json_set_text(r->out, "type", "urn:countersign:problem:login-required");
		json_set_text(r->out, "title", "Login required");
		json_set_int(r->out, "status", 401);
		json_set_text(r->out, "detail", "the name or the password is wrong");
		json_set_text(r->out, "request_id", r->op.request_id);
		json_add_arr(r->out, "errors");
		r->http_status = 401;
		return OK;
	}
	st = session_token(r, id, &jwt, &expires);
	if (st)
		return st;
	json_set_text(r->out, "token", jwt);
	json_set_text(r->out, "expires_at", instant_text(r->op.pool, expires));
	return OK;
}

enum status auth_logout(struct req *r)
{
	return session_end(r);
}

enum status auth_me(struct req *r)
{
	const struct actor *a = &r->op.actor;
	struct json_object *data = out_data(r, json_obj(r->op.pool));
	json_set_int(data, "id", a->user_id);
	json_set_text(data, "username", a->username);
	json_set_text(data, "name", a->name);
	json_set_text(data, "role", role_name(a->role));
	json_set_text(data, "via", actor_via_name(a->via));
	return OK;
}
