/* Any bytes as a message to the header scan, which runs beside the database. */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "fuzz.h"
#include "mail/headers.h"
#include "mail/message.h"

static void check_addrs(const struct mail_message *m)
{
	PROMISE(m->addr_count <= MAIL_ADDRS_MAX && m->references_count <= MAIL_REFS_MAX);
	for (size_t i = 0; i < m->addr_count; i++) {
		const struct mail_addr *a = &m->addrs[i];
		PROMISE(!a->email || addr_valid(a->email));
		PROMISE(!a->name || (strlen(a->name) <= ADDR_NAME_MAX && utf8_valid(a->name, strlen(a->name))));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	struct mail_message *m = message_new(p);
	struct mail_addr one;
	int64_t t = 0;
	size_t body_at;
	const char *raw = (const char *)data, *text = utf8_repair(p, raw, n);
	PROMISE(headers_length(raw, n, &body_at) <= n && body_at <= n);
	headers_scan(p, raw, n, "fuzz", m);
	check_addrs(m);
	PROMISE(utf8_valid(m->subject, strlen(m->subject)) && strlen(m->subject) <= MAIL_SUBJECT_MAX);
	PROMISE(strlen(headers_text(p, raw, n)) <= MAIL_HEADER_MAX);
	PROMISE(!mail_date_parse(text, &t) || (t >= 0 && t < INT64_C(4133980800)));
	PROMISE(!addr_parse_one(p, text, &one) || addr_valid(one.email));
	pool_free(p);
	return 0;
}
