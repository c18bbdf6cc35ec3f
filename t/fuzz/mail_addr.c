/* Any text as one address, typed by a person: what is taken is valid, has one spelling, and comes again from it. */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "fuzz.h"
#include "mail/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	struct mail_addr one, again;
	const char *text = utf8_repair(p, (const char *)data, n);
	const char *email = addr_normalise(p, text);
	if (addr_valid(text))
		PROMISE(email && addr_domain(text) && strlen(text) <= ADDR_MAX);
	if (email) {
		PROMISE(addr_valid(email) && str_eq(addr_normalise(p, email), email));
		PROMISE(!strpbrk(email, " \t\r\n<>\",;:()"));
	}
	if (addr_parse_one(p, text, &one)) {
		PROMISE(addr_valid(one.email) && str_eq(addr_normalise(p, one.email), one.email));
		PROMISE(!one.name || (utf8_valid(one.name, strlen(one.name)) && strlen(one.name) <= ADDR_NAME_MAX));
		PROMISE(!one.name || !strpbrk(one.name, "\r\n"));
		PROMISE(addr_parse_one(p, pool_printf(p, "<%s>", one.email), &again) && str_eq(again.email, one.email));
	}
	pool_free(p);
	return 0;
}
