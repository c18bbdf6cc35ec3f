/* Any bytes as a worker's answer. What is accepted keeps the promises that the database relies on. */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "fuzz.h"
#include "mail/message.h"
#include "mail/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	struct mail_message *m = message_new(p);
	if (wire_decode(p, pool_dup(p, data, n), n, m)) {
		PROMISE(utf8_valid(m->text, m->text_len) && strlen(m->text) == m->text_len);
		PROMISE(!m->html || strlen(m->html) == m->html_len);
		for (size_t i = 0; i < m->segment_count; i++)
			PROMISE(m->segments[i].start + m->segments[i].len <= m->text_len);
		for (size_t i = 0; i < m->attachment_count; i++)
			PROMISE(*m->attachments[i].name && !strchr(m->attachments[i].name, '/') &&
				m->attachments[i].len <= n);
		for (size_t i = 0; i < m->addr_count; i++)
			PROMISE(!m->addrs[i].email || addr_valid(m->addrs[i].email));
		PROMISE(!m->original.email || addr_valid(m->original.email));
		message_defects(p, m);
	}
	pool_free(p);
	return 0;
}
