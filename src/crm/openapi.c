/* Owns /api/openapi.json (OpenAPI 3.1): made from the route table and the resources' declarations, so that it cannot
 * say anything else than they do. Tests: t/60-openapi.t */
#include <string.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "config.h"
#include "crm/crm.h"
#include "web/route.h"
#include "base/banned.h"

static const char *const verbs[] = {"get", "post", "patch", "put", "delete"};

/* "/contacts/:id" → "/api/contacts/{id}" */
static const char *template_path(struct pool *p, const char *path)
{
	struct buf *b = buf_new(p, 300);
	buf_str(b, "/api");
	for (const char *s = path; *s;) {
		size_t n = strcspn(s, "/");
		if (*s == ':')
			buf_printf(b, "{%.*s}", (int)n - 1, s + 1);
		else
			buf_add(b, s, n);
		s += n;
		if (*s == '/')
			buf_char(b, *s++);
	}
	return b->data;
}

static const struct resource *resource_of(struct pool *p, const char *path)
{
	const struct resource *res = resource_find(pool_strndup(p, path + 1, strcspn(path + 1, "/")));
	return res && res->nfields ? res : NULL;
}

static void parameter(struct json_object *list, const char *name, const char *in, const char *type)
{
	struct json_object *o = json_push_obj(list);
	json_set_text(o, "name", name);
	json_set_text(o, "in", in);
	json_set_bool(o, "required", str_eq(in, "path"));
	json_set_text(json_add_obj(o, "schema"), "type", type);
}

/* Answers with one document though no :id says so. */
static bool is_single(const struct route *row)
{
	static const char *const paths[] = {"/home", "/auth/me", "/digests/preview", "/rules/preview", "/pipeline"};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (str_eq(row->api_path, paths[i]))
			return true;
	return false;
}

static void parameters(struct json_object *operation, const struct route *row)
{
	struct json_object *list = json_add_arr(operation, "parameters");
	bool one = strstr(row->api_path, ":id") != NULL;
	if (one)
		parameter(list, "id", "path", "integer");
	if (strstr(row->api_path, ":version"))
		parameter(list, "version", "path", "integer");
	if (row->api_verb == PATCH)
		parameter(list, "If-Match", "header", "string");
	if (row->api_verb != GET || one || is_single(row) || row->access == PUBLIC)
		return;
	parameter(list, "q", "query", "string");
	if (str_eq(row->api_path, "/search")) {
		parameter(list, "kind", "query", "string");
		parameter(list, "limit", "query", "integer");
		return;
	}
	parameter(list, "limit", "query", "integer");
	parameter(list, "after", "query", "string");
	parameter(list, "sort", "query", "string");
}

/* Something done to a record, or asked of it, that is not the record itself: "/contacts/:id/merge". */
static bool is_beside(const struct route *row)
{
	return strstr(row->api_path, ":id/") != NULL && !str_ends(row->api_path, "/restore");
}

static void content(struct json_object *o, const char *type, const char *ref)
{
	struct json_object *schema = json_add_obj(json_add_obj(json_add_obj(o, "content"), type), "schema");
	json_set_text(schema, "$ref", ref);
}

static void responses(
	struct pool *p, struct json_object *operation, const struct route *row, const struct resource *res)
{
	struct json_object *all = json_add_obj(operation, "responses");
	bool one = strstr(row->api_path, ":id") != NULL, creates = res && row->api_verb == POST && !one;
	struct json_object *good = json_add_obj(all, creates ? "201" : row->api_verb == DELETE ? "204" : "200");
	json_set_text(good, "description", "OK");
	const char *shape = row->access == PUBLIC                    ? "Anything"
			    : is_beside(row)                         ? "Item"
			    : res && one                             ? pool_printf(p, "%sItem", res->title)
			    : one || creates || row->api_verb != GET ? "Item"
								     : "List";
	if (creates && res)
		shape = pool_printf(p, "%sItem", res->title);
	if (is_single(row))
		shape = "Item";
	if (row->api_verb != DELETE && !str_ends(row->api_path, "/logout"))
		content(good, "application/json", pool_printf(p, "#/components/schemas/%s", shape));
	if (row->access == WRITER && row->api_verb != GET)
		json_set_text(json_add_obj(all, "202"), "description", "What an agent writes waits as a proposal");
	struct json_object *bad = json_add_obj(all, "default");
	json_set_text(bad, "description", "A problem (RFC 9457)");
	content(bad, "application/problem+json", "#/components/schemas/Problem");
}

static void operation(struct pool *p, struct json_object *paths, const struct route *row)
{
	const char *path = template_path(p, row->api_path);
	struct json_object *at = json_get(paths, path);
	if (!at)
		at = json_add_obj(paths, path);
	const struct resource *res = resource_of(p, row->api_path);
	struct json_object *o = json_add_obj(at, verbs[row->api_verb]);
	json_push_text(json_add_arr(o, "tags"), pool_strndup(p, row->api_path + 1, strcspn(row->api_path + 1, "/")));
	if (row->access == SIGNER || row->access == ADMIN)
		json_set_text(o, "description", "Takes a person's browser session and its CSRF token.");
	parameters(o, row);
	if (res && (row->api_verb == POST || row->api_verb == PATCH) && !is_beside(row) &&
		!str_ends(row->api_path, "/restore"))
		content(json_add_obj(o, "requestBody"), "application/json",
			pool_printf(p, "#/components/schemas/%sChange", res->title));
	responses(p, o, row, res);
	if (row->access == PUBLIC)
		json_add_arr(o, "security");
}

static void object_schema(struct json_object *schemas, const char *name, const char *member, const char *type)
{
	struct json_object *o = json_add_obj(schemas, name);
	json_set_text(o, "type", "object");
	if (!member)
		return;
	json_set_text(json_add_obj(json_add_obj(o, "properties"), member), "type", type);
	json_push_text(json_add_arr(o, "required"), member);
}

static void schemas(struct pool *p, struct json_object *all)
{
	for (const struct resource *const *res = resources; *res; res++) {
		if (!(*res)->nfields)
			continue;
		record_schema(p, *res, all);
		struct json_object *item = json_add_obj(all, pool_printf(p, "%sItem", (*res)->title));
		json_set_text(item, "type", "object");
		json_set_text(json_add_obj(json_add_obj(item, "properties"), "data"), "$ref",
			pool_printf(p, "#/components/schemas/%s", (*res)->title));
		json_push_text(json_add_arr(item, "required"), "data");
	}
	object_schema(all, "Anything", NULL, NULL);
	object_schema(all, "Item", "data", "object");
	object_schema(all, "List", "data", "array");
	json_push_text(json_get(json_get(all, "List"), "required"), "meta");
	json_set_text(json_add_obj(json_get(json_get(all, "List"), "properties"), "meta"), "type", "object");
	object_schema(all, "Problem", "type", "string");
	static const char *const texts[] = {"title", "detail", "request_id"};
	struct json_object *problem = json_get(all, "Problem"), *properties = json_get(problem, "properties");
	for (size_t i = 0; i < 3; i++)
		json_set_text(json_add_obj(properties, texts[i]), "type", "string");
	json_set_text(json_add_obj(properties, "status"), "type", "integer");
	json_set_text(json_add_obj(properties, "errors"), "type", "array");
	json_push_text(json_get(problem, "required"), "status");
}

enum status openapi_show(struct req *r)
{
	struct pool *p = r->op.pool;
	r->is_api = true;
	struct json_object *doc = r->out = json_obj(p);
	json_set_text(doc, "openapi", "3.1.0");
	struct json_object *info = json_add_obj(doc, "info");
	json_set_text(info, "title", "Countersign");
	json_set_text(info, "version", PACKAGE_VERSION);
	struct json_object *paths = json_add_obj(doc, "paths");
	for (size_t i = 0; i < routes_count; i++)
		if (routes[i].api_verb != VERB_NONE)
			operation(p, paths, &routes[i]);
	struct json_object *components = json_add_obj(doc, "components");
	schemas(p, json_add_obj(components, "schemas"));
	struct json_object *bearer = json_add_obj(json_add_obj(components, "securitySchemes"), "bearer");
	json_set_text(bearer, "type", "http");
	json_set_text(bearer, "scheme", "bearer");
	json_set_text(bearer, "bearerFormat", "JWT");
	json_add_arr(json_push_obj(json_add_arr(doc, "security")), "bearer");
	return OK;
}
