/* Owns reading a request: target, headers, body. Never decides whether it is allowed.
 * Tests: t/unit/web_request.c, t/60-input.t */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "web/inside.h"
#include "base/banned.h"

const char *request_header(struct req *r, const char *cgi_name)
{
	return r->wire->param(r->wire, cgi_name);
}

/* RFC 6265 4.2.1. The first of a name counts, as browsers send the most specific path first. */
const char *request_cookie(struct req *r, const char *name)
{
	const char *s = request_header(r, "HTTP_COOKIE");
	size_t n = strlen(name);
	while (s && *s) {
		s += strspn(s, "; ");
		size_t len = strcspn(s, ";");
		if (len > n && s[n] == '=' && !strncmp(s, name, n))
			return pool_strndup(r->op.pool, s + n + 1, len - n - 1);
		s += len;
	}
	return NULL;
}

static enum verb verb_of(const char *method)
{
	static const char *const names[] = {"GET", "POST", "PATCH", "PUT", "DELETE"};
	for (int i = 0; method && i < VERB_NONE; i++)
		if (!strcmp(names[i], method))
			return (enum verb)i;
	return method && !strcmp(method, "HEAD") ? GET : VERB_NONE;
}

/* Nothing that could mean another path to somebody else. */
static bool path_sound(const char *path)
{
	if (path[0] != '/' || strstr(path, "//") || strchr(path, '\\') || strchr(path, ';'))
		return false;
	for (const char *s = path; (s = strchr(s, '/')); s++)
		if (s[1] == '.' && (!s[2] || s[2] == '/' || (s[2] == '.' && (!s[3] || s[3] == '/'))))
			return false;
	for (const char *s = path; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f || *s == '%')
			return false; /* a % that is left was encoded twice */
	return true;
}

static enum status target_read(struct req *r)
{
	const char *uri = request_header(r, "REQUEST_URI");
	if (!uri)
		return fail(&r->op, E_SYNTAX, NULL, "there is no request target");
	size_t n = strcspn(uri, "?");
	char *path;
	if (!percent_decode(r->op.pool, uri, n, false, &path) || !path_sound(path))
		return fail(&r->op, E_SYNTAX, NULL, "the address is not well-formed");
	r->raw_query = uri[n] ? uri + n + 1 : "";
	r->path = path;
	const char *accept = request_header(r, "HTTP_ACCEPT");
	r->is_api = str_starts(path, "/api/") || (accept && str_starts(accept, "application/json"));
	return OK;
}

static int64_t if_match(struct req *r)
{
	const char *s = request_header(r, "HTTP_IF_MATCH");
	int64_t version;
	if (!s || !strcmp(s, "*"))
		return -1;
	if (str_starts(s, "W/"))
		s += 2;
	size_t n = strlen(s);
	if (n < 3 || s[0] != '"' || s[n - 1] != '"' ||
		!str_i64(pool_strndup(r->op.pool, s + 1, n - 2), 0, INT64_MAX, &version)) {
		fail(&r->op, E_SYNTAX, "If-Match", "is not a version in quotes");
		return -1;
	}
	return version;
}

enum status request_read(struct req *r)
{
	const char *id = request_header(r, "REQUEST_ID"), *https = request_header(r, "HTTPS");
	if (id && strlen(id) == 32 && strspn(id, "0123456789abcdef") == 32)
		r->op.request_id = pool_strdup(r->op.pool, id);
	r->address = request_header(r, "REMOTE_ADDR");
	r->address = r->address ? r->address : "unknown";
	r->is_tls = https && str_eq(https, "on");
	r->is_fragment = request_header(r, "HTTP_X_FRAGMENT") != NULL;
	r->in = json_obj(r->op.pool);
	r->path = "/";
	r->raw_query = "";
	const char *accept = request_header(r, "HTTP_ACCEPT"), *uri = request_header(r, "REQUEST_URI");
	r->is_api = (uri && str_starts(uri, "/api/")) || (accept && str_starts(accept, "application/json"));
	r->verb = verb_of(request_header(r, "REQUEST_METHOD"));
	if (r->verb == VERB_NONE)
		return fail(&r->op, E_METHOD, NULL, "this method is not known here");
	enum status st = target_read(r);
	r->if_match = if_match(r);
	return st ? st : r->op.fault.status;
}

/* ---- body ---- */
static enum status body_bytes(struct req *r, size_t max, char **data, size_t *n)
{
	const char *length = request_header(r, "CONTENT_LENGTH");
	int64_t want = 0;
	*n = 0;
	if (!length || !*length)
		return OK;
	if (!str_i64(length, 0, INT64_MAX, &want))
		return fail(&r->op, E_SYNTAX, "Content-Length", "is not a number");
	if ((uint64_t)want > max)
		return fail(&r->op, E_TOO_LARGE, NULL, "the request is larger than %zu bytes", max);
	*data = pool_alloc(r->op.pool, (size_t)want + 1);
	while (*n < (size_t)want) {
		size_t got = r->wire->read(r->wire, *data + *n, (size_t)want - *n);
		if (!got)
			return fail(&r->op, E_SYNTAX, NULL, "the request ended before its body did");
		*n += got;
	}
	return OK;
}

static bool is_type(const char *given, const char *type)
{
	size_t n = strlen(type);
	return given && !strncasecmp(given, type, n) && (!given[n] || given[n] == ';' || given[n] == ' ');
}

static enum status json_body(struct req *r, const char *data, size_t n)
{
	struct json_object *doc;
	const char *why;
	if (json_parse(r->op.pool, data, n, &doc, &why))
		return fail(&r->op, E_SYNTAX, NULL, "the JSON is not well-formed: %s", why);
	if (!json_object_is_type(doc, json_type_object))
		return fail(&r->op, E_SYNTAX, NULL, "the JSON must be an object");
	json_object_object_foreach(doc, key, value)
	{
		if (json_object_object_get_ex(r->in, key, NULL))
			return fail(&r->op, E_SYNTAX, key, "is given twice");
		json_object_object_add(r->in, key, json_object_get(value));
	}
	return OK;
}

const char *request_here(struct req *r)
{
	if (r->verb != GET || strlen(r->path) + strlen(r->raw_query) >= NEXT_MAX)
		return "/";
	return *r->raw_query ? pool_printf(r->op.pool, "%s?%s", r->path, r->raw_query) : r->path;
}

enum status request_body(struct req *r)
{
	enum status st = query_parse(&r->op, r->raw_query, strlen(r->raw_query), r->in);
	if (st || r->verb == GET)
		return st;
	char *data = NULL;
	size_t n = 0;
	st = body_bytes(r, r->route->body_limit ? r->route->body_limit : BODY_MAX, &data, &n);
	if (st || !n)
		return st;
	const char *type = request_header(r, "CONTENT_TYPE");
	if (is_type(type, "application/json"))
		return json_body(r, data, n);
	if (is_type(type, "application/x-www-form-urlencoded"))
		return query_parse(&r->op, data, n, r->in);
	if (is_type(type, "multipart/form-data"))
		return multipart_parse(&r->op, type, data, n, r->in);
	return fail(&r->op, E_MEDIA, NULL, "send a form (urlencoded or multipart/form-data) or application/json");
}
