/* Any text as a template over a small document: parsed or refused, and what a document says is escaped. */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "fuzz.h"
#include "web/tmpl.h"

static const char document[] = "{\"a\":\"<x>\",\"b\":{\"c\":3,\"d\":\"2026-03-01\"},\"l\":[{\"n\":1},{\"n\":\"<x>\"}],"
			       "\"t\":true,\"f\":false,\"e\":[]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	struct json_object *doc;
	const char *why, *error = NULL, *text = pool_strndup(p, (const char *)data, n);
	PROMISE(json_parse(p, document, sizeof document - 1, &doc, &why) == OK);
	struct json_object *partials = json_obj(p);
	json_set_text(partials, "p", "({{a}}{{#b}}{{c}}{{/b}})");
	struct tmpl_env env = {.docs = {doc}};
	struct buf *out = buf_new(p, 1 << 16);
	bool good = tmpl_render_text(text, partials, &env, out, &error);
	PROMISE(good ? !error : error && *error);
	PROMISE(!good || strstr(text, "<x>") || !strstr(out->data, "<x>"));
	pool_free(p);
	return 0;
}
