/* Any text as a Cookie header: a value found stands in the header, right behind its name. */
#include "fuzz.h"
#include "../unit/webkit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = {"session", "flash", "s"};
	struct pool *p = pool_new();
	struct webkit *k = webkit_new(p, "GET", "/");
	const char *text = pool_strndup(p, (const char *)data, n);
	webkit_set(k, "HTTP_COOKIE", text);
	for (size_t i = 0; i < 3; i++) {
		const char *value = request_cookie(&k->r, names[i]);
		PROMISE(!value || (!strchr(value, ';') && strstr(text, pool_printf(p, "%s=%s", names[i], value))));
	}
	pool_free(p);
	return 0;
}
