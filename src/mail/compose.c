/* Owns the bytes of mail we send: RFC 5322 headers, MIME parts, the same bytes for the same struct. Never sends.
 * Tests: t/unit/mail_compose.c */
#include "mail/compose.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define MESSAGE_MAX ((size_t)32 << 20)
#define REFERENCES_MAX 30

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if (*s & 0x80)
			return false;
	return true;
}

/* Nothing that could end a header or hide something in it. */
static bool is_clean(const char *s)
{
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c < 32 || *c == 127)
			return false;
	return utf8_valid(s, strlen(s));
}

/* ---- headers ---- */
/* RFC 2047 encoded words of at most 75 characters, cut on characters. */
static void encoded_words(struct buf *b, const char *s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t n = strlen(s); n;) {
		size_t k = utf8_clip(s, n, 42);
		buf_str(b, "=?utf-8?B?");
		for (size_t i = 0; i < k; i += 3) {
			uint32_t v = (uint32_t)(unsigned char)s[i] << 16 |
				     (i + 1 < k ? (uint32_t)(unsigned char)s[i + 1] << 8 : 0) |
				     (i + 2 < k ? (unsigned char)s[i + 2] : 0);
			buf_char(b, digits[v >> 18]);
			buf_char(b, digits[v >> 12 & 63]);
			buf_char(b, i + 1 < k ? digits[v >> 6 & 63] : '=');
			buf_char(b, i + 2 < k ? digits[v & 63] : '=');
		}
		buf_str(b, "?=");
		s += k;
		n -= k;
		if (n)
			buf_str(b, "\r\n ");
	}
}

/* Folded at spaces once past 72 columns. */
static void folded(struct buf *b, size_t column, const char *s)
{
	while (*s) {
		size_t word = strcspn(s, " ");
		if (column > 20 && column + word > 76) {
			buf_str(b, "\r\n ");
			column = 1;
			s += *s == ' ';
			word = strcspn(s, " ");
		}
		buf_add(b, s, word);
		column += word;
		s += word;
		if (*s == ' ' && column + strcspn(s + 1, " ") < 76) {
			buf_char(b, ' ');
			column++;
			s++;
		} else if (*s == ' ') {
			buf_str(b, "\r\n ");
			column = 1;
			s++;
		}
	}
}

static void header(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "%s: ", name);
	if (is_ascii(value))
		folded(b, strlen(name) + 2, value);
	else
		encoded_words(b, value);
	buf_str(b, "\r\n");
}

static void address(struct buf *b, const struct mail_addr *a)
{
	if (a->name && *a->name && !is_ascii(a->name)) {
		encoded_words(b, a->name);
		buf_printf(b, " <%s>", a->email);
	} else if (a->name && *a->name) {
		buf_char(b, '"');
		for (const char *s = a->name; *s; s++) {
			if (*s == '"' || *s == '\\')
				buf_char(b, '\\');
			buf_char(b, *s);
		}
		buf_printf(b, "\" <%s>", a->email);
	} else {
		buf_str(b, a->email);
	}
}

static void addresses(struct buf *b, const char *name, const struct mail_addr *list, size_t n)
{
	if (!n)
		return;
	buf_printf(b, "%s: ", name);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_str(b, ",\r\n ");
		address(b, &list[i]);
	}
	buf_str(b, "\r\n");
}

static void date(struct buf *b, int64_t t)
{
	char text[64];
	struct tm tm;
	time_t when = (time_t)t;
	gmtime_r(&when, &tm);
	strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &tm);
	header(b, "Date", text);
}

static void references(struct buf *b, const struct compose *c)
{
	if (c->in_reply_to)
		buf_printf(b, "In-Reply-To: <%s>\r\n", c->in_reply_to);
	if (!c->references_count)
		return;
	buf_str(b, "References:");
	for (size_t i = 0; i < c->references_count; i++)
		if (i == 0 || i + REFERENCES_MAX > c->references_count)
			buf_printf(b, "%s<%s>", i ? "\r\n " : " ", c->references[i]);
	buf_str(b, "\r\n");
}

/* ---- bodies ---- */
/* RFC 2045 6.7; \n becomes CRLF. */
static void quoted_printable(struct buf *b, const char *s)
{
	size_t column = 0;
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '\n') {
			buf_str(b, "\r\n");
			column = 0;
			continue;
		}
		if (c == '\r')
			continue;
		bool last = !s[1] || s[1] == '\n';
		bool plain = (c >= 33 && c < 127 && c != '=') || ((c == ' ' || c == '\t') && !last);
		/* A dot alone and a "From " at a line's start are what transports trip over. */
		if (column == 0 && (c == '.' || c == 'F'))
			plain = false;
		if (column + (plain ? 1 : 3) > 75) {
			buf_str(b, "=\r\n");
			column = 0;
		}
		if (plain)
			buf_char(b, (char)c);
		else
			buf_printf(b, "=%02X", c);
		column += plain ? 1 : 3;
	}
	buf_str(b, "\r\n");
}

static void part(struct buf *b, const char *type, const char *text)
{
	buf_printf(b, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", type);
	quoted_printable(b, text);
}

static void body(struct pool *p, struct buf *b, const struct compose *c)
{
	if (!c->html) {
		part(b, "text/plain", c->text);
		return;
	}
	const char *boundary = pool_printf(p, "=_%.40s", sha256_str(p, c->message_id, strlen(c->message_id)));
	buf_printf(b, "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary);
	part(b, "text/plain", c->text);
	buf_printf(b, "--%s\r\n", boundary);
	part(b, "text/html", c->html);
	buf_printf(b, "--%s--\r\n", boundary);
}

/* ---- checks ---- */
static void check_addresses(struct fault *f, const char *field, const struct mail_addr *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!list[i].email || !addr_valid(list[i].email) || (list[i].name && !is_clean(list[i].name)))
			fault_add(f, E_INPUT, field, "is not an address that can be written to");
}

static bool id_valid(const char *id)
{
	return id && *id && strlen(id) <= 250 && is_clean(id) && is_ascii(id) && strchr(id, '@') && !strpbrk(id, "<> ");
}

static bool is_reserved(const char *name)
{
	static const char *const names[] = {"From", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "In-Reply-To",
		"References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted", "List-Id"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcasecmp(names[i], name))
			return true;
	return false;
}

static bool is_header_name(const char *s)
{
	for (const char *c = s; *c; c++)
		if (*c <= 32 || *c >= 127 || *c == ':')
			return false;
	return *s;
}

static enum status check(struct fault *f, const struct compose *c)
{
	check_addresses(f, "from", &c->from, 1);
	check_addresses(f, "to", c->to, c->to_count);
	check_addresses(f, "cc", c->cc, c->cc_count);
	if (!c->to_count)
		fault_add(f, E_INPUT, "to", "is required");
	if (!c->subject || !is_clean(c->subject))
		fault_add(f, E_INPUT, "subject", "holds a control character");
	if (!c->text || !utf8_valid(c->text, strlen(c->text)) || (c->html && !utf8_valid(c->html, strlen(c->html))))
		fault_add(f, E_INPUT, "text", "is not UTF-8");
	if (!id_valid(c->message_id) || (c->in_reply_to && !id_valid(c->in_reply_to)))
		fault_add(f, E_INPUT, "message_id", "is not a Message-ID");
	for (size_t i = 0; i < c->references_count; i++)
		if (!id_valid(c->references[i]))
			fault_add(f, E_INPUT, "references", "holds something that is no Message-ID");
	if ((c->list_id && !is_clean(c->list_id)) || (c->auto_submitted && !is_clean(c->auto_submitted)))
		fault_add(f, E_INPUT, "headers", "hold a control character");
	for (size_t i = 0; i < c->header_count; i++)
		if (!is_header_name(c->headers[i].name) || is_reserved(c->headers[i].name) ||
			!is_clean(c->headers[i].value))
			fault_add(f, E_INPUT, "headers", "hold one that is not allowed here");
	return f->status;
}

enum status compose_message(struct fault *f, struct pool *p, const struct compose *c, char **bytes, size_t *len)
{
	if (check(f, c))
		return f->status;
	struct buf *b = buf_new(p, MESSAGE_MAX);
	addresses(b, "From", &c->from, 1);
	addresses(b, "To", c->to, c->to_count);
	addresses(b, "Cc", c->cc, c->cc_count);
	header(b, "Subject", c->subject);
	date(b, c->date);
	buf_printf(b, "Message-ID: <%s>\r\n", c->message_id);
	references(b, c);
	if (c->list_id)
		header(b, "List-Id", c->list_id);
	if (c->auto_submitted) {
		header(b, "Auto-Submitted", c->auto_submitted);
		buf_str(b, "X-Auto-Response-Suppress: All\r\nPrecedence: bulk\r\n");
	}
	for (size_t i = 0; i < c->header_count; i++)
		header(b, c->headers[i].name, c->headers[i].value);
	buf_str(b, "MIME-Version: 1.0\r\n");
	body(p, b, c);
	if (b->full)
		return fault_add(f, E_TOO_LARGE, NULL, "the message is too large");
	*bytes = b->data;
	*len = b->len;
	return OK;
}
