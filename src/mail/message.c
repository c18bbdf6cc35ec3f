/* Owns the empty message and what is appended to it one by one (message.h). Never parses. Tests: t/unit/mail_headers.c */
#include "mail/message.h"

#include <string.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

struct mail_message *message_new(struct pool *p)
{
	struct mail_message *m = pool_alloc(p, sizeof *m);
	m->subject = m->text = m->snippet = "";
	m->defects = pool_array(p, MAIL_DEFECTS_MAX, sizeof *m->defects);
	return m;
}

/* Is n a full array? It is grown at each power of two from 4 on, so that the count alone says so. */
static bool is_full(size_t n)
{
	return !n || (n >= 4 && !(n & (n - 1)));
}

void message_add_addr(struct pool *p, struct mail_message *m, enum mail_role role, const char *name, const char *email)
{
	if (m->addr_count == MAIL_ADDRS_MAX) {
		message_defect(p, m, "truncated");
		return;
	}
	if (is_full(m->addr_count)) {
		struct mail_addr *more = pool_array(p, m->addr_count ? 2 * m->addr_count : 4, sizeof *more);
		if (m->addr_count)
			memcpy(more, m->addrs, m->addr_count * sizeof *more);
		m->addrs = more;
	}
	m->addrs[m->addr_count++] = (struct mail_addr){.role = role, .name = name, .email = email};
}

void message_add_bounce(struct pool *p, struct mail_message *m, const char *email, const char *status)
{
	if (m->bounce_count == MAIL_BOUNCES_MAX) {
		message_defect(p, m, "truncated");
		return;
	}
	if (is_full(m->bounce_count)) {
		struct mail_bounce *more = pool_array(p, m->bounce_count ? 2 * m->bounce_count : 4, sizeof *more);
		if (m->bounce_count)
			memcpy(more, m->bounces, m->bounce_count * sizeof *more);
		m->bounces = more;
	}
	m->bounces[m->bounce_count++] = (struct mail_bounce){email, status};
}

void message_defect(struct pool *p, struct mail_message *m, const char *word)
{
	(void)p;
	for (size_t i = 0; i < m->defect_count; i++)
		if (str_eq(m->defects[i], word))
			return;
	if (m->defect_count < MAIL_DEFECTS_MAX)
		m->defects[m->defect_count++] = word;
}

char *message_defects(struct pool *p, const struct mail_message *m)
{
	struct buf *b = buf_new(p, MAIL_DEFECTS_MAX * 64);
	for (size_t i = 0; i < m->defect_count; i++) {
		if (i)
			buf_char(b, ' ');
		buf_str(b, m->defects[i]);
	}
	return b->data;
}
