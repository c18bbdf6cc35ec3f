/* Any text as a date: of a message, of an RFC 3339 instant, of a day in a form. What is taken is within its years, and
 * written down it is read as the same. */
#include <string.h>

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "fuzz.h"
#include "mail/headers.h"

static void check(int64_t t)
{
	int64_t again;
	char text[INSTANT_SIZE];
	instant_format(t, text);
	PROMISE(strlen(text) == INSTANT_SIZE - 1);
	PROMISE(instant_parse(text, &again) && again == t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	int64_t t = 0;
	const char *text = pool_strndup(p, (const char *)data, n);
	if (mail_date_parse(text, &t)) {
		PROMISE(t >= 0 && t < INT64_C(4133980800)); /* 1970 to 2100 */
		check(t);
	}
	if (instant_parse(text, &t))
		check(t);
	if (day_valid(text))
		PROMISE(strlen(text) == DAY_SIZE - 1 && instant_parse(pool_printf(p, "%sT00:00:00Z", text), &t));
	pool_free(p);
	return 0;
}
