/* Any bytes as a query string: what is decoded holds no NUL, and a name comes but once. */
#include "fuzz.h"
#include "../unit/webkit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	struct webkit *k = webkit_new(p, "GET", "/contacts");
	struct json_object *in = json_obj(p), *again = json_obj(p);
	enum status st = query_parse(&k->r.op, (const char *)data, n, in);
	PROMISE(st == OK || st == E_SYNTAX);
	PROMISE(json_object_object_length(in) <= FIELDS_MAX);
	if (!st) { /* put together again, it says the same */
		struct buf *b = buf_new(p, 8 * n + 64);
		json_object_object_foreach(in, name, value)
		{
			const char *text = json_object_get_string(value);
			PROMISE(strlen(text) == (size_t)json_object_get_string_len(value));
			buf_str(b, b->len ? "&" : "");
			buf_url(b, name, strlen(name));
			buf_char(b, '=');
			buf_url(b, text, strlen(text));
		}
		PROMISE(query_parse(&k->r.op, b->data, b->len, again) == OK && json_object_equal(in, again));
	}
	pool_free(p);
	return 0;
}
