/* Any bytes as a JSON document. What is taken comes out as bytes that are taken again and come out the same. */
#include <string.h>

#include "base/json.h"
#include "base/pool.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	struct json_object *doc = NULL, *again = NULL;
	const char *why = NULL;
	size_t len, len_again;
	enum status st = json_parse(p, (const char *)data, n, &doc, &why);
	PROMISE(st == OK || (st == E_SYNTAX && why && *why));
	if (!st) {
		const char *bytes = json_bytes(p, doc, &len);
		PROMISE(json_parse(p, bytes, len, &again, &why) == OK);
		const char *twice = json_bytes(p, again, &len_again);
		PROMISE(len == len_again && !memcmp(bytes, twice, len));
	}
	pool_free(p);
	return 0;
}
