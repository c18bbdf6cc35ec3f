/* Any bytes as text with links, read in the web worker: what is found lies in the text and leads to a web host. */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "fuzz.h"
#include "mail/links.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	const char *text = utf8_repair(p, (const char *)data, n);
	size_t len = strlen(text), count, end = 0;
	struct web_link *l = links_find(p, text, len, &count);
	PROMISE(count <= LINKS_MAX);
	for (size_t i = 0; i < count; i++) {
		PROMISE(l[i].start >= end && l[i].len <= LINK_MAX && l[i].start + l[i].len <= len);
		PROMISE(str_starts(l[i].url, "http://") || str_starts(l[i].url, "https://"));
		PROMISE(strlen(l[i].url) == l[i].len && *l[i].host && !strpbrk(l[i].url, " \t\r\n\"<>"));
		end = l[i].start + l[i].len;
	}
	pool_free(p);
	return 0;
}
