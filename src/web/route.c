/* Owns the way of a request from its bytes to the reply: route, actor, access, CSRF, input, transaction. Tests:
 * t/60-access.t */
#include "web/route.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/db.h"
#include "web/inside.h"
#include "base/banned.h"

struct web web;
void (*page_furniture)(struct req *r);

/* ":id" and other parameters take digits. On a match the values go into `in`, when there is one. */
static bool path_match(struct pool *p, const char *pattern, const char *path, struct json_object *in)
{
	while (*pattern && *path) {
		if (*pattern != ':') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t name = strcspn(pattern, "/"), digits = strspn(path, "0123456789");
		if (!digits || digits > 18)
			return false;
		if (in)
			json_object_object_add(in, pool_strndup(p, pattern + 1, name - 1),
				json_object_new_string_len(path, (int)digits));
		pattern += name;
		path += digits;
	}
	return !*pattern && !*path;
}

/* The verb that the row takes at this address; VERB_NONE when it is not the row's. */
static enum verb route_match(struct req *r, const struct route *row, struct json_object *in)
{
	/* A page's address with Accept: application/json is the same document. */
	if (*row->page_path && path_match(r->op.pool, row->page_path, r->path, in))
		return row->page_verb;
	if (*row->api_path && str_starts(r->path, "/api") && path_match(r->op.pool, row->api_path, r->path + 4, in))
		return row->api_verb;
	return VERB_NONE;
}

static enum status route_find(struct req *r)
{
	static const char *const names[] = {"GET", "POST", "PATCH", "PUT", "DELETE"};
	const char *allow = "";
	for (size_t i = 0; i < routes_count; i++) {
		enum verb v = route_match(r, &routes[i], NULL);
		if (v == VERB_NONE)
			continue;
		if (v == r->verb) {
			r->route = &routes[i];
			route_match(r, r->route, r->in);
			return OK;
		}
		if (!strstr(allow, names[v]))
			allow = pool_printf(r->op.pool, "%s%s%s", allow, *allow ? ", " : "", names[v]);
	}
	if (!*allow)
		return fail(&r->op, E_NOT_FOUND, NULL, "there is no such page");
	reply_allow(r, allow);
	return fail(&r->op, E_METHOD, NULL, "this address takes %s", allow);
}

static enum status access_check(struct req *r)
{
	const struct actor *a = &r->op.actor;
	enum access need = r->route->access;
	if (need == PUBLIC)
		return OK;
	if (a->kind == ACTOR_NONE)
		return fail(&r->op, E_AUTH, NULL, "log in first");
	if ((need == SIGNER || need == ADMIN) && (a->kind != ACTOR_HUMAN || a->via != VIA_SESSION))
		return fail(&r->op, E_FORBIDDEN, NULL, "this takes a person in a browser session");
	if (r->looks_as && (need == SIGNER || need == WRITER || (r->verb != GET && need != READER)))
		return fail(&r->op, E_FORBIDDEN, NULL,
			"you are looking as %s, which changes nothing: stop looking first", r->looks_as);
	if (need == ADMIN && a->role != ROLE_ADMIN)
		return fail(&r->op, E_FORBIDDEN, NULL, "this takes an administrator");
	return OK;
}

static void use(struct req *r, struct db *db)
{
	r->op.db = db;
	r->db_micros = db ? db_micros(db) : 0;
	r->db_statements = db ? db_statements(db) : 0;
	r->db_steps = db ? db_steps(db) : 0;
}

static enum status handle(struct req *r)
{
	if (r->verb != GET) {
		db_view_close(
			web.read); /* what follows reads what it writes, and a commit may want to fold the WAL back */
		use(r, r->op.actor.kind == ACTOR_AGENT ? web.agent : web.human);
		enum status st = db_begin(&r->op);
		if (st)
			return st;
	}
	enum status st = r->route->handler(r);
	if (!st)
		st = r->op.fault.status; /* getters are sticky */
	if (r->verb == GET)
		return st;
	if (st) {
		db_rollback(&r->op);
		return st;
	}
	return db_commit(&r->op);
}

/* A page nobody is logged in for leads to the login form and back. */
static bool sent_to_login(struct req *r, enum status st)
{
	if (st != E_AUTH || r->is_api || r->verb != GET)
		return false;
	struct fault none;
	fault_init(&none, r->op.pool);
	r->op.fault = none;
	const char *here = request_here(r);
	struct buf *next = buf_new(r->op.pool, 4 * NEXT_MAX);
	if (!str_eq(here, "/")) {
		buf_str(next, "?next=");
		buf_url(next, here, strlen(here));
	}
	reply_see(r, NULL, "/login%s", next->data);
	return true;
}

static enum status run(struct req *r)
{
	enum status st = request_read(r);
	if (!st)
		st = route_find(r);
	/* Who asks is needed for the error page too. */
	enum status who = session_identify(r);
	if (!st)
		st = who;
	r->zone = db_one_text(&r->op, "SELECT value FROM settings WHERE key = 'time_zone'");
	if (!st)
		st = access_check(r);
	if (!st)
		st = request_body(r);
	if (!st && r->verb != GET)
		st = session_check_csrf(r);
	if (st)
		return st;
	if (r->op.actor.kind == ACTOR_NONE && !r->is_api)
		session_prelogin(r);
	return handle(r);
}

static void log_served(struct req *r, int64_t start)
{
	struct pool *p = r->op.pool;
	const char *method = request_header(r, "REQUEST_METHOD");
	log_info("request", "method", method ? method : "", "path", r->path, "status",
		pool_printf(p, "%d", r->sent_status), "size", pool_printf(p, "%zu", r->sent_bytes), "us",
		pool_printf(p, "%lld", (long long)(clock_mono_us() - start)), "user", r->login ? r->login : "-",
		"address", r->address, NULL);
}

void route_serve(struct req *r)
{
	int64_t start = clock_mono_us();
	use(r, web.read);
	unsigned char nonce[16];
	random_bytes(nonce, sizeof nonce);
	r->nonce = base64url(r->op.pool, nonce, sizeof nonce);
	r->view = json_obj(r->op.pool);
	r->page = json_obj(r->op.pool);
	r->templates = web.templates;
	r->if_match = -1;
	enum status st = db_view_open(&r->op);
	if (!st)
		st = run(r);
	log_request(r->op.request_id);
	if (sent_to_login(r, st))
		st = OK;
	if (!r->is_api && r->op.actor.kind != ACTOR_NONE && page_furniture && !r->raw_type && !(r->location && !st))
		page_furniture(r);
	reply_send(r, st);
	db_view_close(web.read);
	log_served(r, start);
	log_request(NULL);
}
