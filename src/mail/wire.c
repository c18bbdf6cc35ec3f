/* Owns the format between worker and parent: records of tag, length and bytes. The decoder trusts nothing.
 * Tests: t/unit/mail_wire.c, t/fuzz/mail_wire.c */
#include "mail/wire.h"

#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/message.h"
#include "mail/signature.h"
#include "mail/thread.h"
#include "base/banned.h"

enum tag {
	TAG_NUMBERS = 1, /* once, first */
	TAG_MESSAGE_ID,
	TAG_SUBJECT,
	TAG_LIST_ID,
	TAG_REASON,
	TAG_BOUNCE_MESSAGE_ID,
	TAG_COUNTERSIGN_ID,
	TAG_TEXT,
	TAG_HTML,
	TAG_SNIPPET,
	TAG_SENDER_TITLE,
	TAG_SENDER_PHONE,
	TAG_ORIGINAL, /* as TAG_ADDR */
	TAG_ONCE_END, /* those above at most once */
	TAG_IN_REPLY_TO,
	TAG_REFERENCE,
	TAG_BOUNCE,     /* email or \1, NUL, status or \1 */
	TAG_ADDR,       /* role, then name or \1, NUL, email or \1 */
	TAG_SEGMENT,    /* struct segment */
	TAG_ATTACHMENT, /* is_inline, name NUL type NUL content id or \1 NUL bytes */
	TAG_DEFECT,
	TAG_END,
};

struct numbers {
	int64_t date, received;
	uint8_t has_date, has_received, is_automated, is_list, is_list_only, is_bounce, pad[2];
};

struct segment {
	uint64_t start, len;
	uint32_t kind, pad;
};

struct record {
	uint32_t tag, len;
};

#define SEGMENTS_MAX QUOTE_SEGMENTS_MAX
#define NONE "\1" /* stands for NULL where a string may be absent: no clean string holds it */

/* ---- encoding ---- */
struct encoder {
	struct pool *pool;
	struct iovec *iov;
	int count;
	size_t total;
};

static void put(struct encoder *e, uint32_t tag, const void *data, size_t n)
{
	struct record r = {tag, (uint32_t)n};
	e->iov[e->count++] = (struct iovec){pool_dup(e->pool, &r, sizeof r), sizeof r};
	e->iov[e->count++] = (struct iovec){(void *)(uintptr_t)data, n};
	e->total += sizeof r + n;
}

static void put_text(struct encoder *e, uint32_t tag, const char *s)
{
	if (s)
		put(e, tag, s, strlen(s));
}

static void put_addr(struct encoder *e, uint32_t tag, const struct mail_addr *a)
{
	const char *name = a->name ? a->name : NONE, *email = a->email ? a->email : NONE;
	size_t n = strlen(name), m = strlen(email);
	char *bytes = pool_alloc(e->pool, n + m + 2);
	bytes[0] = (char)a->role;
	memcpy(bytes + 1, name, n + 1);
	memcpy(bytes + 2 + n, email, m);
	put(e, tag, bytes, n + m + 2);
}

static void put_bounce(struct encoder *e, const struct mail_bounce *b)
{
	const char *email = b->email ? b->email : NONE, *status = b->status ? b->status : NONE;
	size_t n = strlen(email), m = strlen(status);
	char *bytes = pool_alloc(e->pool, n + m + 1);
	memcpy(bytes, email, n + 1);
	memcpy(bytes + n + 1, status, m);
	put(e, TAG_BOUNCE, bytes, n + m + 1);
}

static void put_attachment(struct encoder *e, const struct mail_attachment *a)
{
	const char *cid = a->content_id ? a->content_id : NONE;
	size_t n = strlen(a->name) + 1, t = strlen(a->type) + 1, c = strlen(cid) + 1;
	char *head = pool_alloc(e->pool, 1 + n + t + c);
	head[0] = (char)a->is_inline;
	memcpy(head + 1, a->name, n);
	memcpy(head + 1 + n, a->type, t);
	memcpy(head + 1 + n + t, cid, c);
	struct record r = {TAG_ATTACHMENT, (uint32_t)(1 + n + t + c + a->len)};
	e->iov[e->count++] = (struct iovec){pool_dup(e->pool, &r, sizeof r), sizeof r};
	e->iov[e->count++] = (struct iovec){head, 1 + n + t + c};
	e->iov[e->count++] = (struct iovec){(void *)(uintptr_t)a->data, a->len};
	e->total += sizeof r + r.len;
}

static void put_lists(struct encoder *e, const struct mail_message *m)
{
	for (size_t i = 0; i < m->in_reply_to_count; i++)
		put_text(e, TAG_IN_REPLY_TO, m->in_reply_to[i]);
	for (size_t i = 0; i < m->references_count; i++)
		put_text(e, TAG_REFERENCE, m->references[i]);
	for (size_t i = 0; i < m->bounce_count; i++)
		put_bounce(e, &m->bounces[i]);
	for (size_t i = 0; i < m->addr_count; i++)
		put_addr(e, TAG_ADDR, &m->addrs[i]);
	for (size_t i = 0; i < m->segment_count; i++) {
		struct segment s = {m->segments[i].start, m->segments[i].len, m->segments[i].kind, 0};
		put(e, TAG_SEGMENT, pool_dup(e->pool, &s, sizeof s), sizeof s);
	}
	for (size_t i = 0; i < m->attachment_count; i++)
		put_attachment(e, &m->attachments[i]);
	for (size_t i = 0; i < m->defect_count; i++)
		put_text(e, TAG_DEFECT, m->defects[i]);
}

struct iovec *wire_encode(struct pool *p, const struct mail_message *m, int *count, size_t *total)
{
	size_t records = 18 + m->in_reply_to_count + m->references_count + m->addr_count + m->segment_count +
			 m->attachment_count + m->bounce_count + m->defect_count;
	struct encoder e = {.pool = p, .iov = pool_array(p, records * 3, sizeof(struct iovec))};
	struct numbers n = {m->date, m->received, m->has_date, m->has_received, m->is_automated, m->is_list,
		m->is_list_only, m->is_bounce, {0}};
	put(&e, TAG_NUMBERS, pool_dup(p, &n, sizeof n), sizeof n);
	put_text(&e, TAG_MESSAGE_ID, m->message_id);
	put_text(&e, TAG_SUBJECT, m->subject);
	put_text(&e, TAG_LIST_ID, m->list_id);
	put_text(&e, TAG_REASON, m->automated_reason);
	put_text(&e, TAG_BOUNCE_MESSAGE_ID, m->bounce_message_id);
	put_text(&e, TAG_COUNTERSIGN_ID, m->countersign_id);
	put(&e, TAG_TEXT, m->text, m->text_len);
	if (m->html)
		put(&e, TAG_HTML, m->html, m->html_len);
	put_text(&e, TAG_SNIPPET, m->snippet);
	put_text(&e, TAG_SENDER_TITLE, m->sender_title);
	put_text(&e, TAG_SENDER_PHONE, m->sender_phone);
	if (m->original.email)
		put_addr(&e, TAG_ORIGINAL, &m->original);
	put_lists(&e, m);
	*count = e.count;
	*total = e.total;
	return e.iov;
}

/* ---- decoding ---- */
struct decoder {
	struct pool *pool;
	struct mail_message *m;
	bool seen[TAG_ONCE_END];
	size_t counts[TAG_END]; /* of records by tag: how long the lists will be */
};

/* A clean copy with its NUL: valid UTF-8 under its limit, no controls but tab and line feed where `lines`. */
static const char *text(struct decoder *d, const char *s, size_t n, size_t max, bool lines)
{
	if (n > max || !utf8_valid(s, n))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)s[i] < 32 && !(lines && (s[i] == '\n' || s[i] == '\t'))) || s[i] == 127)
			return NULL;
	return pool_strndup(d->pool, s, n);
}

static bool numbers(struct decoder *d, const char *s, size_t len)
{
	struct numbers n;
	if (len != sizeof n)
		return false;
	memcpy(&n, s, sizeof n);
	d->m->date = n.date;
	d->m->received = n.received;
	d->m->has_date = n.has_date;
	d->m->has_received = n.has_received;
	d->m->is_automated = n.is_automated;
	d->m->is_list = n.is_list;
	d->m->is_list_only = n.is_list_only;
	d->m->is_bounce = n.is_bounce;
	const int64_t last = 4133980800; /* 2101 */
	return n.has_date <= 1 && n.has_received <= 1 && n.is_automated <= 1 && n.is_list <= 1 && n.is_list_only <= 1 &&
	       n.is_bounce <= 1 && n.date >= 0 && n.date < last && n.received >= 0 && n.received < last;
}

static const char *id(struct decoder *d, const char *s, size_t n)
{
	return message_id_valid(s, n) ? pool_strndup(d->pool, s, n) : NULL;
}

/* An address as addr_normalise() writes it. */
static const char *email(struct decoder *d, const char *s, size_t n)
{
	const char *e = text(d, s, n, ADDR_MAX, false);
	return e && str_eq(addr_normalise(d->pool, e), e) ? e : NULL;
}

static bool addr(struct decoder *d, const char *s, size_t n, struct mail_addr *a)
{
	const char *nul = n > 2 ? memchr(s + 1, 0, n - 1) : NULL;
	if (!nul || (unsigned char)s[0] >= MAIL_ROLE_COUNT)
		return false;
	size_t name_len = (size_t)(nul - s - 1), email_len = n - name_len - 2;
	bool no_name = name_len == 1 && s[1] == *NONE, no_email = email_len == 1 && nul[1] == *NONE;
	*a = (struct mail_addr){.role = (enum mail_role)s[0]};
	if (!no_name && !(a->name = text(d, s + 1, name_len, ADDR_NAME_MAX, false)))
		return false;
	return no_email || (a->email = email(d, nul + 1, email_len));
}

/* A word of ours: lower-case letters and hyphens. */
static const char *word(struct decoder *d, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || s[i] == '-'))
			return NULL;
	return n && n <= 30 ? pool_strndup(d->pool, s, n) : NULL;
}

/* RFC 3463 2: "5.1.1". */
static const char *status_code(struct decoder *d, const char *s, size_t n)
{
	const char *code = text(d, s, n, 12, false);
	return code && *code && strspn(code, "0123456789.") == n ? code : NULL;
}

static bool once(struct decoder *d, uint32_t tag, char *s, size_t n)
{
	struct mail_message *m = d->m;
	switch (tag) {
	case TAG_NUMBERS:
		return numbers(d, s, n);
	case TAG_MESSAGE_ID:
		return (m->message_id = id(d, s, n)) != NULL;
	case TAG_SUBJECT:
		return (m->subject = text(d, s, n, MAIL_SUBJECT_MAX, false)) != NULL;
	case TAG_LIST_ID:
		return (m->list_id = text(d, s, n, MAIL_ID_MAX, false)) != NULL;
	case TAG_REASON:
		return (m->automated_reason = word(d, s, n)) != NULL;
	case TAG_BOUNCE_MESSAGE_ID:
		return (m->bounce_message_id = id(d, s, n)) != NULL;
	case TAG_COUNTERSIGN_ID:
		return (m->countersign_id = text(d, s, n, MAIL_ID_MAX, false)) != NULL;
	case TAG_TEXT:
		m->text_len = n;
		return (m->text = text(d, s, n, MAIL_TEXT_MAX, true)) != NULL;
	case TAG_HTML: /* any UTF-8: it is shown in a frame that can do nothing */
		m->html_len = n;
		m->html = n <= MAIL_HTML_MAX && utf8_valid(s, n) ? pool_strndup(d->pool, s, n) : NULL;
		return m->html != NULL;
	case TAG_SNIPPET:
		return (m->snippet = text(d, s, n, 4 * MAIL_SNIPPET_CHARS, false)) != NULL;
	case TAG_SENDER_TITLE:
		return (m->sender_title = text(d, s, n, SIGNATURE_MAX, false)) != NULL;
	case TAG_SENDER_PHONE:
		return (m->sender_phone = text(d, s, n, SIGNATURE_MAX, false)) != NULL;
	case TAG_ORIGINAL:
		return addr(d, s, n, &m->original) && m->original.email;
	default:
		return false;
	}
}

static bool id_add(struct decoder *d, uint32_t tag, const char ***list, size_t *count, const char *s, size_t n)
{
	if (*count == MAIL_REFS_MAX)
		return false;
	if (!*list)
		*list = pool_array(d->pool, d->counts[tag], sizeof **list);
	return ((*list)[(*count)++] = id(d, s, n)) != NULL;
}

static bool addr_add(struct decoder *d, const char *s, size_t n)
{
	struct mail_message *m = d->m;
	struct mail_addr a;
	if (m->addr_count == MAIL_ADDRS_MAX || !addr(d, s, n, &a))
		return false;
	if (!m->addrs)
		m->addrs = pool_array(d->pool, d->counts[TAG_ADDR], sizeof *m->addrs);
	m->addrs[m->addr_count++] = a;
	return true;
}

static bool bounce_add(struct decoder *d, const char *s, size_t n)
{
	struct mail_message *m = d->m;
	const char *nul = n ? memchr(s, 0, n) : NULL;
	if (!nul || m->bounce_count == MAIL_BOUNCES_MAX)
		return false;
	size_t email_len = (size_t)(nul - s), status_len = n - email_len - 1;
	bool no_email = email_len == 1 && *s == *NONE, no_status = status_len == 1 && nul[1] == *NONE;
	struct mail_bounce b = {NULL, NULL};
	if (!no_email && !(b.email = email(d, s, email_len)))
		return false;
	if (!no_status && !(b.status = status_code(d, nul + 1, status_len)))
		return false;
	if (!m->bounces)
		m->bounces = pool_array(d->pool, d->counts[TAG_BOUNCE], sizeof *m->bounces);
	m->bounces[m->bounce_count++] = b;
	return true;
}

/* Segments cover the text in order. */
static bool segment_add(struct decoder *d, const char *s, size_t n)
{
	struct mail_message *m = d->m;
	struct segment g;
	if (n != sizeof g || m->segment_count == SEGMENTS_MAX)
		return false;
	memcpy(&g, s, sizeof g);
	size_t expected =
		m->segment_count ? m->segments[m->segment_count - 1].start + m->segments[m->segment_count - 1].len : 0;
	if (g.kind >= QUOTE_KIND_COUNT || g.start != expected || !g.len || g.len > m->text_len ||
		g.start > m->text_len - g.len)
		return false;
	if (!m->segments)
		m->segments = pool_array(d->pool, d->counts[TAG_SEGMENT], sizeof *m->segments);
	m->segments[m->segment_count++] = (struct quote_segment){g.start, g.len, (enum quote_kind)g.kind};
	return true;
}

/* An attachment's name must not lead anywhere when somebody saves the file. */
static bool name_valid(const char *s)
{
	return *s && *s != '.' && !strpbrk(s, "/\\");
}

/* RFC 6838 4.2 restricted names, lower-case. */
static bool type_valid(const char *s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+";
	size_t n = strspn(s, allowed);
	return n && s[n] == '/' && s[n + 1] && strspn(s + n + 1, allowed) == strlen(s + n + 1);
}

static bool attachment_add(struct decoder *d, const char *s, size_t n)
{
	static const size_t limits[] = {MAIL_NAME_MAX, MAIL_NAME_MAX, MAIL_ID_MAX};
	struct mail_message *m = d->m;
	const char *parts[3], *at = s + 1, *end = s + n;
	for (int i = 0; i < 3; i++) {
		const char *nul = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
		if (!nul)
			return false;
		bool none = i == 2 && nul - at == 1 && *at == *NONE;
		parts[i] = none ? NULL : text(d, at, (size_t)(nul - at), limits[i], false);
		if (!none && !parts[i])
			return false;
		at = nul + 1;
	}
	if (m->attachment_count == MAIL_PARTS_MAX || (unsigned char)s[0] > 1 || !name_valid(parts[0]) ||
		!type_valid(parts[1]))
		return false;
	if (!m->attachments)
		m->attachments = pool_array(d->pool, d->counts[TAG_ATTACHMENT], sizeof *m->attachments);
	m->attachments[m->attachment_count++] = (struct mail_attachment){.name = parts[0],
		.type = parts[1],
		.content_id = parts[2],
		.is_inline = s[0],
		.data = (const unsigned char *)at,
		.len = (size_t)(end - at)};
	return true;
}

static bool defect_add(struct decoder *d, const char *s, size_t n)
{
	const char *w = d->m->defect_count < MAIL_DEFECTS_MAX ? word(d, s, n) : NULL;
	if (w)
		message_defect(d->pool, d->m, w);
	return w != NULL;
}

static bool record(struct decoder *d, uint32_t tag, char *s, size_t n)
{
	struct mail_message *m = d->m;
	if (tag > 0 && tag < TAG_ONCE_END) {
		if (d->seen[tag])
			return false;
		d->seen[tag] = true;
		return once(d, tag, s, n);
	}
	switch (tag) {
	case TAG_IN_REPLY_TO:
		return id_add(d, tag, &m->in_reply_to, &m->in_reply_to_count, s, n);
	case TAG_REFERENCE:
		return id_add(d, tag, &m->references, &m->references_count, s, n);
	case TAG_BOUNCE:
		return bounce_add(d, s, n);
	case TAG_ADDR:
		return addr_add(d, s, n);
	case TAG_SEGMENT:
		return segment_add(d, s, n);
	case TAG_ATTACHMENT:
		return attachment_add(d, s, n);
	case TAG_DEFECT:
		return defect_add(d, s, n);
	default:
		return false;
	}
}

/* The next record of what is left; false when there is no whole one. */
static bool next(char **data, size_t *n, struct record *r)
{
	if (*n < sizeof *r)
		return false;
	memcpy(r, *data, sizeof *r);
	if (r->tag >= TAG_END || r->len > *n - sizeof *r)
		return false;
	*data += sizeof *r + r->len;
	*n -= sizeof *r + r->len;
	return true;
}

bool wire_decode(struct pool *p, char *data, size_t n, struct mail_message *m)
{
	struct decoder d = {.pool = p, .m = m};
	struct record r;
	char *at = data;
	for (size_t left = n; left; d.counts[r.tag]++)
		if (!next(&at, &left, &r))
			return false;
	for (at = data; n && next(&at, &n, &r);)
		if (!record(&d, r.tag, at - r.len, r.len))
			return false;
	/* Segments cover the text; a reason stands where something is automated and nowhere else. */
	const struct quote_segment *last = m->segment_count ? &m->segments[m->segment_count - 1] : NULL;
	return d.seen[TAG_NUMBERS] && (last ? last->start + last->len : 0) == m->text_len &&
	       m->is_automated == (m->automated_reason != NULL);
}
