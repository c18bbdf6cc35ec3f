/* Any text as a request target, to the row of the routes it belongs to: a path that is taken has one meaning. */
#include "fuzz.h"
#include "../../src/web/route.c"
#include "../unit/webkit.h"

static void check_path(const char *path)
{
	PROMISE(*path == '/' && utf8_valid(path, strlen(path)) && !strpbrk(path, "%;\\\r\n"));
	PROMISE(!strstr(path, "//") && !strstr(path, "/../") && !strstr(path, "/./") && !str_ends(path, "/.."));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	struct webkit *k = webkit_new(p, "GET", pool_strndup(p, (const char *)data, n));
	enum status st = request_read(&k->r);
	PROMISE(st == OK || st == E_SYNTAX);
	if (!st) {
		check_path(k->r.path);
		st = route_find(&k->r);
		PROMISE(st == OK || st == E_NOT_FOUND || st == E_METHOD);
	}
	if (!st && strstr(k->r.route->page_path, ":id")) {
		const char *id = json_text(k->r.in, "id");
		PROMISE(id && *id && strlen(id) <= 18 && !id[strspn(id, "0123456789")]);
		PROMISE(in_id(&k->r, "id") > 0 || strspn(id, "0") == strlen(id) || *id == '0');
	}
	pool_free(p);
	return 0;
}
