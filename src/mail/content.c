/* Owns telling two copies of one message from two messages, whatever servers on the way did to line ends and encodings.
 * Never decides by an id alone. Tests: t/unit/mail_content.c, t/40-copies.t */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/message.h"
#include "base/banned.h"

/* Ends a field: no text has a NUL, so that what ends one field never begins the next. */
static void add(struct sha256 *h, const void *data, size_t n)
{
	sha256_add(h, data, n);
	sha256_add(h, "", 1);
}

static void add_text(struct sha256 *h, const char *s)
{
	add(h, s ? s : "", s ? strlen(s) : 0);
}

/* With \n for every line end, no blanks before it, and no empty lines at the end. */
static const char *plain_lines(struct pool *p, const char *s, size_t n, size_t *len)
{
	char *out = pool_alloc(p, n + 1), *to = out, *solid = out;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n')
			to = solid;
		*to++ = s[i];
		if (s[i] == '\n' || !s[i] || !strchr(" \t\r", s[i]))
			solid = to;
	}
	while (solid > out && solid[-1] == '\n')
		solid--;
	*len = (size_t)(solid - out);
	return out;
}

static void add_lines(struct pool *p, struct sha256 *h, const char *s, size_t n)
{
	size_t len;
	const char *lines = plain_lines(p, s, n, &len);
	add(h, lines, len);
}

/* The lines of a text that is attached end as its transport ends them; other bytes are what they are. */
static void add_attachment(struct pool *p, struct sha256 *h, const struct mail_attachment *a)
{
	add_text(h, a->name);
	add_text(h, a->type);
	if (str_starts(a->type, "text/") || str_starts(a->type, "message/"))
		add_lines(p, h, (const char *)a->data, a->len);
	else
		add_text(h, a->sha256);
}

/* What was left out of it could be what differs. */
static bool is_whole(const struct mail_message *m)
{
	static const char *const cuts[] = {"truncated", "too-deep", "too-many-parts", "no-parts"};
	for (size_t i = 0; i < m->defect_count; i++)
		for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++)
			if (str_eq(m->defects[i], cuts[k]))
				return false;
	return !m->is_unparsed;
}

bool message_content_sha256(struct pool *p, const struct mail_message *m, char out[static SHA256_HEX])
{
	if (!m->message_id || !is_whole(m))
		return false;
	struct sha256 *h = sha256_new(p);
	for (size_t i = 0; i < m->addr_count; i++)
		if (m->addrs[i].role == MAIL_FROM)
			add_text(h, m->addrs[i].email ? m->addrs[i].email : m->addrs[i].name);
	add_text(h, m->has_date ? pool_printf(p, "%lld", (long long)m->date) : NULL);
	add_text(h, m->subject);
	add_lines(p, h, m->text, strlen(m->text));
	add_lines(p, h, m->html ? m->html : "", m->html ? m->html_len : 0);
	for (size_t i = 0; i < m->attachment_count; i++)
		add_attachment(p, h, &m->attachments[i]);
	sha256_end(h, out);
	return true;
}
