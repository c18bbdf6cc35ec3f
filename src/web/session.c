/* Owns who asks: browser sessions, bearer tokens, CSRF tokens. Only hashes and per-session keys are in the database.
 * Tests: t/60-access.t, t/60-headers.t */
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/db.h"
#include "web/inside.h"
#include "web/token.h"
#include "base/banned.h"

#define SECRET_BYTES 32
#define SESSION_SECONDS (14 * 86400)
#define TOKEN_SECONDS (12 * 3600)
/* Not ended, and begun before now: what a clock that was ahead began would last until that clock's date. */
#define GOOD "s.revoked_at IS NULL AND s.expires_at > ? AND s.created_at <= ?"

static const char *cookie_name(struct req *r)
{
	return r->is_tls ? "__Host-cs" : "cs";
}

static const char *pre_name(struct req *r)
{
	return r->is_tls ? "__Host-cs_pre" : "cs_pre";
}

static const char *instant_text(struct pool *p, int64_t t)
{
	char text[INSTANT_SIZE];
	instant_format(t, text);
	return pool_strdup(p, text);
}

static void actor_set(struct req *r, struct json_object *row, enum actor_via via)
{
	const char *role = json_text(row, "role");
	struct actor *a = &r->op.actor;
	a->role = str_eq(role, "admin") ? ROLE_ADMIN : str_eq(role, "member") ? ROLE_MEMBER : ROLE_AGENT;
	a->kind = a->role == ROLE_AGENT ? ACTOR_AGENT : ACTOR_HUMAN;
	a->via = via;
	a->user_id = json_int(row, "user_id");
	a->username = json_text(row, "username");
	a->name = json_text(row, "name");
	r->session_id = json_int(row, "id");
	r->login = a->username;
}

/* What is read is read as the other user, with no more rights than both have; what is sent is one's own. */
static void look_as(struct req *r, struct json_object *row)
{
	struct actor *a = &r->op.actor, self = *a;
	if (!json_int(row, "as_id"))
		return;
	r->looks_as = json_text(row, "as_name");
	if (r->verb != GET)
		return;
	a->viewer_id = self.user_id;
	a->user_id = json_int(row, "as_id");
	a->username = json_text(row, "as_username");
	a->name = r->looks_as;
	if (!str_eq(json_text(row, "as_role"), "admin"))
		a->role = ROLE_MEMBER;
}

static void browser(struct req *r, const char *secret)
{
	char hash[SHA256_HEX];
	sha256_hex(secret, strlen(secret), hash);
	struct json_object *row = db_object(&r->op,
		"SELECT s.id, s.user_id, u.username, u.name, u.role, v.id AS as_id, v.username AS as_username,"
		" v.name AS as_name, v.role AS as_role FROM sessions s JOIN users u ON u.id = s.user_id"
		" LEFT JOIN users v ON v.id = s.view_as_id AND v.is_active = 1 AND v.role <> 'agent'"
		" WHERE s.token_sha256 = ? AND " GOOD " AND u.is_active = 1 AND u.role <> 'agent'",
		(const char *)hash, instant_text(r->op.pool, r->op.now),
		instant_text(r->op.pool, r->op.now + CLOCK_AHEAD));
	if (!row)
		return;
	actor_set(r, row, VIA_SESSION);
	look_as(r, row);
	r->session_token = secret;
}

/* ---- bearer tokens ---- */
static bool bearer(struct req *r, const char *jwt)
{
	struct pool *p = r->op.pool;
	struct json_object *claims = strlen(jwt) < 1000 ? token_claims(p, jwt) : NULL;
	if (!claims || json_int(claims, "exp") <= r->op.now)
		return false;
	bool good = false;
	struct stmt *q =
		db_query(&r->op, "SELECT s.jwt_key FROM sessions s WHERE s.id = ? AND s.kind = 'token' AND " GOOD,
			json_int(claims, "sid"), instant_text(p, r->op.now), instant_text(p, r->op.now + CLOCK_AHEAD));
	if (db_row(q)) {
		good = token_is_signed(p, jwt, db_blob(q, 0));
		db_done(q);
	}
	struct json_object *row = !good ? NULL
					: db_object(&r->op,
						  "SELECT s.id, s.user_id, u.username, u.name, u.role FROM sessions s "
						  "JOIN users u ON u.id = s.user_id"
						  " WHERE s.id = ? AND u.is_active = 1",
						  json_int(claims, "sid"));
	if (!row)
		return false;
	actor_set(r, row, VIA_TOKEN);
	return true;
}

enum status session_identify(struct req *r)
{
	const char *authorization = request_header(r, "HTTP_AUTHORIZATION");
	if (authorization) {
		bool good = str_starts(authorization, "Bearer ") && bearer(r, authorization + 7);
		return good ? OK : fail(&r->op, E_AUTH, NULL, "the token is not valid, or not valid any more");
	}
	const char *secret = request_cookie(r, cookie_name(r));
	if (secret && strlen(secret) == 43)
		browser(r, secret);
	return r->op.fault.status;
}

static const char *new_secret(struct pool *p)
{
	unsigned char bytes[SECRET_BYTES];
	random_bytes(bytes, sizeof bytes);
	return base64url(p, bytes, sizeof bytes);
}

static const char *user_agent(struct req *r)
{
	const char *s = request_header(r, "HTTP_USER_AGENT");
	return s ? utf8_repair(r->op.pool, s, strnlen(s, 200)) : NULL;
}

enum status session_start(struct req *r, int64_t user_id)
{
	const char *secret = new_secret(r->op.pool);
	char hash[SHA256_HEX];
	sha256_hex(secret, strlen(secret), hash);
	enum status st = db_run(&r->op,
		"INSERT INTO sessions (user_id, kind, token_sha256, created_at, expires_at, address, user_agent)"
		" VALUES (?, 'browser', ?, ctx_now(), ?, ?, ?)",
		user_id, (const char *)hash, instant_text(r->op.pool, r->op.now + SESSION_SECONDS), r->address,
		user_agent(r));
	if (!st) {
		reply_cookie(r, cookie_name(r), secret, SESSION_SECONDS);
		reply_cookie(r, pre_name(r), "", 0);
	}
	return st;
}

enum status session_token(struct req *r, int64_t user_id, const char **jwt, int64_t *expires)
{
	struct token t;
	enum status st = token_issue(&r->op, user_id, TOKEN_SECONDS, r->address, user_agent(r), &t);
	*jwt = t.jwt;
	*expires = t.expires;
	return st;
}

enum status session_end(struct req *r)
{
	if (r->op.actor.via == VIA_SESSION)
		reply_cookie(r, cookie_name(r), "", 0);
	return db_run(&r->op, "UPDATE sessions SET revoked_at = ctx_now() WHERE id = ? AND revoked_at IS NULL",
		r->session_id);
}

/* ---- CSRF: a page must have been read before it can be sent ---- */
void session_prelogin(struct req *r)
{
	const char *secret = request_cookie(r, pre_name(r));
	if (!secret || strlen(secret) != 43) {
		secret = new_secret(r->op.pool);
		reply_cookie(r, pre_name(r), secret, -1);
	}
	r->session_token = secret;
}

const char *session_csrf(struct req *r)
{
	if (!r->session_token)
		return "";
	unsigned char mac[32];
	hmac_sha256(r->session_token, strlen(r->session_token), "csrf", 4, mac);
	return base64url(r->op.pool, mac, sizeof mac);
}

/* Fetch Metadata and Origin, where the browser sends them. */
static bool same_origin(struct req *r)
{
	const char *site = request_header(r, "HTTP_SEC_FETCH_SITE"), *origin = request_header(r, "HTTP_ORIGIN");
	const char *host = request_header(r, "HTTP_HOST");
	/* Under our Referrer-Policy a browser's form says `Origin: null`; Sec-Fetch-Site, which no page can forge, decides. */
	if (site)
		return str_eq(site, "same-origin") || str_eq(site, "none");
	if (!origin)
		return true;
	return host && str_eq(origin, pool_printf(r->op.pool, "%s://%s", r->is_tls ? "https" : "http", host));
}

enum status session_check_csrf(struct req *r)
{
	if (!same_origin(r))
		return fail(&r->op, E_FORBIDDEN, NULL, "this request came from another site");
	/* What carries its own credential in a header, or is about to get one as a token, cannot be forged by a page.
	 */
	bool is_token =
		r->op.actor.via == VIA_TOKEN || (r->op.actor.kind == ACTOR_NONE && str_eq(r->path, "/api/auth/login"));
	if (is_token)
		return OK;
	if (!r->session_token)
		r->session_token = request_cookie(r, pre_name(r));
	const char *given = request_header(r, "HTTP_X_CSRF_TOKEN");
	given = pool_strdup(r->op.pool, given ? given : json_text(r->in, "csrf"));
	json_object_object_del(r->in, "csrf");
	if (!r->session_token || !given || !secret_eq(given, session_csrf(r)))
		return fail(&r->op, E_FORBIDDEN, NULL, "this form has expired; load the page again");
	return OK;
}
