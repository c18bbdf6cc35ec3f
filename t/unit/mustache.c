/* Runs Mustache cases from files in the specification's JSON form: mustache FILE… → TAP. Used by t/20-mustache.t. */
#include "../tap.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/pool.h"
#include "web/tmpl.h"

static void run_case(struct json_object *c, const char *file)
{
	struct pool *p = pool_new();
	struct buf *out = buf_new(p, 1 << 20);
	const char *error = NULL, *name = json_text(c, "name"), *want = json_text(c, "expected");
	/* A document that is no object is looked at through the implicit iterator. */
	struct tmpl_env env = {.docs = {json_get(c, "data")}, .spec = true};
	tmpl_render_text(json_text(c, "template"), json_get(c, "partials"), &env, out, &error);
	bool same = !error && !strcmp(out->data, want);
	ok(same, "%s: %s", file, name);
	if (!same)
		note("%s\n#   got:  %s\n#   want: %s", error ? error : "", out->data, want);
	pool_free(p);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct pool *p = pool_new();
		struct json_object *doc;
		const char *why;
		char *data;
		size_t n;
		if (!ok(file_read(p, argv[i], 1 << 20, &data, &n) == OK && json_parse(p, data, n, &doc, &why) == OK,
			    "%s is read", argv[i]))
			continue;
		struct json_object *tests = json_get(doc, "tests");
		for (size_t t = 0; t < json_len(tests); t++)
			run_case(json_at(tests, t), strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i]);
		pool_free(p);
	}
	return tap_done();
}
