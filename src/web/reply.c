/* Owns the bytes of a reply: headers, JSON, pages, problems (RFC 9457). Never decides the outcome.
 * Tests: t/unit/web_reply.c, t/60-headers.t */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/db.h"
#include "web/inside.h"
#include "web/preferences.h"
#include "base/banned.h"

#define PAGE_MAX ((size_t)64 << 20)
#define FLASH_MAX 200

struct reply {
	struct req *r;
	struct buf *head, *body;
	int http;
	const char *type;
	int64_t render_us;
};

/* A line break in a value would begin a header of the sender's choosing (RFC 9110 5.5). */
static void header(struct buf *head, const char *name, const char *value)
{
	if (strpbrk(value, "\r\n")) {
		log_error("a header value held a line break", "header", name, NULL);
		return;
	}
	buf_str(head, name);
	buf_add(head, ": ", 2);
	buf_str(head, value);
	buf_add(head, "\r\n", 2);
}

static struct buf *extra_headers(struct req *r)
{
	if (!r->headers)
		r->headers = buf_new(r->op.pool, 16384);
	return r->headers;
}

void reply_cookie(struct req *r, const char *name, const char *value, int max_age)
{
	const char *age = max_age < 0 ? "" : pool_printf(r->op.pool, "; Max-Age=%d", max_age);
	header(extra_headers(r), "Set-Cookie",
		pool_printf(r->op.pool, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s", name, value, age,
			r->is_tls ? "; Secure" : ""));
}

void reply_allow(struct req *r, const char *verbs)
{
	header(extra_headers(r), "Allow", verbs);
}

/* ---- problems ---- */
static struct json_object *problem(struct req *r, enum status st)
{
	struct fault *f = &r->op.fault;
	struct json_object *o = json_obj(r->op.pool);
	json_set_text(o, "type", pool_printf(r->op.pool, "urn:countersign:problem:%s", status_slug(st)));
	json_set_text(o, "title", status_title(st));
	json_set_int(o, "status", status_http(st));
	json_set_text(o, "detail",
		f->items ? (f->items->field ? pool_printf(r->op.pool, "%s %s", f->items->field, f->items->message)
					    : f->items->message)
			 : status_title(st));
	json_set_text(o, "request_id", r->op.request_id);
	struct json_object *errors = json_add_arr(o, "errors");
	for (struct fault_item *i = f->items; i; i = i->next) {
		struct json_object *e = json_push_obj(errors);
		json_set_text(e, "field", i->field);
		json_set_text(e, "message", i->message);
	}
	if (f->detail)
		json_set(o, "current", json_object_get(f->detail));
	if (f->shown)
		json_set(o, "shown", json_object_get(f->shown));
	return o;
}

/* ---- pages ---- */
/* What the handler calls it, else what the record is called. A record's label comes before its title, which may be that of
 * somebody's work. */
static const char *title_of(struct req *r)
{
	static const char *const names[] = {"label", "title", "name", "subject"};
	const char *title = r->view ? json_text(r->view, "title") : NULL;
	struct json_object *data = json_get(r->out, "data");
	for (size_t i = 0; i < sizeof names / sizeof *names && !title; i++)
		title = json_text(data, names[i]);
	if (title && *title)
		return title;
	const char *first = r->path + 1;
	if (!*first)
		return "Home";
	char *word = pool_strndup(r->op.pool, first, strcspn(first, "/"));
	if (*word >= 'a' && *word <= 'z')
		*word = (char)(*word - 'a' + 'A');
	return word;
}

/* What the page before left to be said, once. A fragment is swapped into a page that stands and says nothing. */
static const char *left_behind(struct req *r, const char *name)
{
	const char *cookie = r->is_fragment ? NULL : request_cookie(r, name);
	char *text;
	if (!cookie || !percent_decode(r->op.pool, cookie, strlen(cookie), false, &text))
		return NULL;
	reply_cookie(r, name, "", 0);
	return text;
}

/* A cookie may have been planted: only an address such as undo_url has is ever made a form of. */
static const char *undo_of(struct req *r)
{
	const char *url = left_behind(r, "undo");
	bool own = url && url[0] == '/' && url[1] != '/' && !url[strspn(url, "abcdefghijklmnopqrstuvwxyz0123456789/")];
	return own ? url : NULL;
}

static struct json_object *base_document(struct req *r, const char *template)
{
	struct json_object *o = json_obj(r->op.pool);
	const char *flash = left_behind(r, "flash"), *undo = undo_of(r);
	char now[INSTANT_SIZE];
	instant_format(r->op.now, now);
	/* Names that no other document has: these, the most asked for, are looked for first. */
	json_set_text(o, "page_template", template);
	json_set_text(o, "page_title", title_of(r));
	json_set_text(o, "csrf", session_csrf(r));
	json_set_text(o, "nonce", r->nonce);
	json_set_text(o, "assets", web.assets);
	json_set_text(o, "flash", flash);
	json_set_bool(o, "has_flash", flash != NULL);
	json_set_text(o, "flash_undo_url", flash ? undo : NULL);
	preferences_document(r, o);
	json_set_text(o, "here", request_here(r));
	json_set_text(o, "now", now);
	json_set_text(o, "request_id", r->op.request_id);
	json_set_bool(o, "is_logged_in", r->op.actor.kind != ACTOR_NONE);
	json_set(o, "view", json_object_get(r->view));
	json_set(o, "page", json_object_get(r->page));
	return o;
}

static bool page_render(struct reply *p, const char *template)
{
	struct req *r = p->r;
	const char *error;
	struct tmpl_env env = {.docs = {base_document(r, template), r->view, r->out, r->page},
		.now = r->op.now,
		.zone = r->zone,
		.strict = web.strict};
	bool good =
		tmpl_render(web.templates, r->no_layout || r->is_fragment ? template : "layout", &env, p->body, &error);
	if (!good)
		log_error("a template failed", "template", template, "error", error, NULL);
	return good;
}

static void page_error(struct reply *p, enum status st)
{
	struct req *r = p->r;
	r->out = json_obj(r->op.pool);
	struct json_object *data = problem(r, st);
	json_set_bool(data, "has_errors", r->op.fault.items != NULL);
	json_set_bool(data, "is_not_found", st == E_NOT_FOUND);
	json_set_text(data, "restore_url", r->restore_url);
	json_set_bool(data, "needs_login", st == E_AUTH);
	json_set(r->out, "data", json_object_get(data));
	r->view = json_obj(r->op.pool);
	r->no_layout = false;
	p->http = status_http(st);
	p->type = "text/html; charset=utf-8";
	buf_clear(p->body);
	if (page_render(p, "error"))
		return;
	buf_clear(p->body);
	p->type = "text/plain; charset=utf-8";
	buf_printf(p->body, "%s\nrequest %s\n", status_title(st), r->op.request_id);
}

/* ---- the four kinds of body ---- */
static void body_raw(struct reply *p)
{
	struct req *r = p->r;
	p->type = r->raw_type;
	buf_add(p->body, r->raw_data, r->raw_len);
	if (!r->raw_name)
		return;
	/* RFC 6266 with RFC 8187 for what is not ASCII; the plain form is a harmless copy. */
	struct buf *b = buf_new(r->op.pool, 4096);
	buf_str(b, "attachment; filename=\"");
	for (const char *s = r->raw_name; *s; s++)
		buf_char(b, (*s & 0x80) || *s < 0x20 || *s == '"' || *s == '\\' || *s == '/' ? '_' : *s);
	buf_str(b, "\"; filename*=UTF-8''");
	buf_url(b, r->raw_name, strlen(r->raw_name));
	header(p->head, "Content-Disposition", b->data);
}

static void body_json(struct reply *p, enum status st)
{
	struct req *r = p->r;
	p->type = st ? "application/problem+json" : "application/json";
	if (st)
		json_write(p->body, problem(r, st));
	else if (r->out)
		json_write(p->body, r->out);
	else if (!r->location)
		p->http = 204;
	if (p->body->len)
		buf_char(p->body, '\n');
}

static void body_page(struct reply *p, enum status st)
{
	struct req *r = p->r;
	bool again = st == E_INPUT || st == E_CONFLICT || st == E_STALE;
	if (st && again && r->form && r->route && r->route->template) {
		r->out = NULL;
		r->form(r);
		st = r->out ? OK : st; /* nothing to show again */
	}
	if (st || !r->route || !r->route->template) {
		page_error(p, st ? st : E_INTERNAL);
		return;
	}
	p->type = "text/html; charset=utf-8";
	if (!page_render(p, r->route->template))
		page_error(p, E_INTERNAL);
}

static void leave_behind(struct req *r, const char *name, const char *text)
{
	struct buf *b = buf_new(r->op.pool, 4 * FLASH_MAX);
	buf_url(b, text, utf8_clip(text, strlen(text), FLASH_MAX));
	reply_cookie(r, name, b->data, 60);
}

static void see_other(struct reply *p)
{
	struct req *r = p->r;
	p->http = 303;
	header(p->head, "Location", r->location);
	if (!r->flash)
		return;
	leave_behind(r, "flash", r->flash);
	leave_behind(r, "undo", r->undo_url ? r->undo_url : ""); /* lest one that no page has shown stay beside it */
}

/* ---- headers ---- */
static void header_policy(struct reply *p)
{
	struct req *r = p->r;
	const char *csp =
		r->raw_csp
			? r->raw_csp
			: pool_printf(r->op.pool,
				  "default-src 'none'; script-src 'nonce-%s'; style-src 'self'; img-src 'self' data:;"
				  " font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'none';"
				  " base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
				  r->nonce);
	header(p->head, "Content-Security-Policy", csp);
	header(p->head, "X-Content-Type-Options", "nosniff");
	header(p->head, "Referrer-Policy", "no-referrer");
	header(p->head, "Cross-Origin-Opener-Policy", "same-origin");
	header(p->head, "Cross-Origin-Resource-Policy", "same-origin");
	header(p->head, "Cache-Control", "no-store");
	header(p->head, "Vary", "Accept, Cookie, X-Fragment");
	if (r->is_tls)
		header(p->head, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
}

static void headers_finish(struct reply *p)
{
	struct req *r = p->r;
	if (p->body->len || p->http == 200)
		header(p->head, "Content-Type", p->type);
	header(p->head, "Content-Length", pool_printf(r->op.pool, "%zu", p->body->len));
	header_policy(p);
	header(p->head, "X-Request-Id", r->op.request_id);
	int64_t db_us = r->op.db ? db_micros(r->op.db) - r->db_micros : 0;
	header(p->head, "Server-Timing",
		pool_printf(
			r->op.pool, "db;dur=%.3f, render;dur=%.3f", (double)db_us / 1000, (double)p->render_us / 1000));
	if (r->op.db)
		header(p->head, "X-Db-Statements",
			pool_printf(r->op.pool, "%lld", (long long)(db_statements(r->op.db) - r->db_statements)));
	if (r->op.db && web.strict)
		header(p->head, "X-Db-Steps",
			pool_printf(r->op.pool, "%lld", (long long)(db_steps(r->op.db) - r->db_steps)));
	if (r->etag)
		header(p->head, "ETag", pool_printf(r->op.pool, "\"%lld\"", (long long)r->etag));
	if (r->op.fault.retry_after)
		header(p->head, "Retry-After", pool_printf(r->op.pool, "%d", r->op.fault.retry_after));
	if (p->http == 401)
		header(p->head, "WWW-Authenticate", "Bearer");
	if (r->headers)
		buf_add(p->head, r->headers->data, r->headers->len);
	buf_str(p->head, "\r\n");
}

static const char *reason(int http, enum status st)
{
	switch (http) {
	case 201:
		return "Created";
	case 202:
		return "Accepted";
	case 204:
		return "No Content";
	case 303:
		return "See Other";
	default:
		return status_title(st);
	}
}

static bool is_head(struct req *r)
{
	const char *method = request_header(r, "REQUEST_METHOD");
	return method && !strcmp(method, "HEAD");
}

void reply_send(struct req *r, enum status st)
{
	struct reply p = {.r = r, .head = buf_new(r->op.pool, 32768), .body = buf_new(r->op.pool, PAGE_MAX)};
	int64_t start = clock_mono_us();
	p.http = st ? status_http(st) : r->http_status ? r->http_status : 200;
	p.type = "text/html; charset=utf-8";
	if (!st && r->location && r->is_api) {
		header(p.head, "Location", r->location);
		p.http = r->http_status ? r->http_status : 201;
	}
	if (!st && r->raw_type)
		body_raw(&p);
	else if (r->is_api)
		body_json(&p, st);
	else if (!st && r->location)
		see_other(&p);
	else
		body_page(&p, st);
	p.render_us = clock_mono_us() - start;
	struct buf *status_line = buf_new(r->op.pool, 100);
	buf_printf(status_line, "Status: %d %s\r\n", p.http, reason(p.http, st));
	headers_finish(&p);
	const struct iovec parts[] = {
		{status_line->data, status_line->len}, {p.head->data, p.head->len}, {p.body->data, p.body->len}};
	r->wire->write(r->wire, parts, is_head(r) ? 2 : 3);
	r->sent_status = p.http;
	r->sent_bytes = p.body->len;
}
