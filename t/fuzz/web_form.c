/* Any bytes as the body of a form, through the whole of reading a request. Fields are UTF-8 without NUL. */
#include "fuzz.h"
#include "../unit/webkit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	struct webkit *k = webkit_new(p, "POST", "/contacts?from=list");
	k->r.route = &routes[2];
	webkit_body(k, "application/x-www-form-urlencoded; charset=UTF-8", (const char *)data, n);
	PROMISE(request_read(&k->r) == OK);
	enum status st = request_body(&k->r);
	PROMISE(st == OK || st == E_SYNTAX || st == E_TOO_LARGE);
	PROMISE((st == E_TOO_LARGE) == (n > routes[2].body_limit));
	if (!st) {
		json_object_object_foreach(k->r.in, name, value)
		{
			const char *text = json_object_get_string(value);
			size_t len = (size_t)json_object_get_string_len(value);
			PROMISE(*name && strlen(name) <= 100 && utf8_valid(name, strlen(name)));
			PROMISE(strlen(text) == len && utf8_valid(text, len));
		}
	}
	pool_free(p);
	return 0;
}
