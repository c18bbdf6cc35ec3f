/* Any bytes as HTML to the reader of text. */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "fuzz.h"
#include "mail/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	const char *text = html_to_text(p, (const char *)data, n, 4000, NULL);
	PROMISE(strlen(text) <= 4000 && utf8_valid(text, strlen(text)));
	pool_free(p);
	return 0;
}
