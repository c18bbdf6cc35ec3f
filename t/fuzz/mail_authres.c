/* Any bytes as an Authentication-Results field, read beside the database: nothing of it makes a verdict unless the name of
 * the server that is believed stands in front. */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "fuzz.h"
#include "mail/authres.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	struct authres a;
	const char *value = utf8_repair(p, (const char *)data, n);
	if (authres_parse(p, value, &a)) {
		PROMISE(a.dkim_count <= AUTHRES_DKIM_MAX);
		PROMISE(!a.authserv_id || *a.authserv_id);
	}
	const char *raw = pool_printf(p, "Authentication-Results: mx.fund.example; dmarc=fail\n%s\n\n", value);
	PROMISE(authres_judge(p, raw, strlen(raw), "mx.fund.example", "lp.example") != AUTH_VERIFIED);
	raw = pool_printf(p, "Authentication-Results: other.example; %s\n\n", value);
	PROMISE(authres_judge(p, raw, strlen(raw), "mx.fund.example", "lp.example") != AUTH_VERIFIED ||
		strstr(str_lower(p, value), "mx.fund.example"));
	authres_judge(p, (const char *)data, n, "mx.fund.example", "lp.example");
	pool_free(p);
	return 0;
}
