/* Owns what foreign mail looks like: Gmail's, Outlook's and Apple Mail's ways to quote, plain and HTML bodies, encoded
 * words, attachments. Not for mail that is sent: that is mail/compose.h. Tests: t/unit/demo_seed.c */
#include "demo/letters.h"

#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/gist.h"
#include "mail/message.h"
#include "mail/signature.h"
#include "mail/text.h"
#include "base/banned.h"

/* The format must be a literal, as the compiler wants it. */
#define TIME_TEXT(p, t, format)                                                                                        \
	({                                                                                                             \
		char text_[128];                                                                                       \
		time_t when_ = (time_t)(t);                                                                            \
		struct tm tm_;                                                                                         \
		gmtime_r(&when_, &tm_);                                                                                \
		strftime(text_, sizeof text_, format, &tm_);                                                           \
		pool_strdup(p, text_);                                                                                 \
	})

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if (*s & 0x80)
			return false;
	return true;
}

/* RFC 2047 Q encoding of a short name. */
static void word(struct buf *b, const char *s)
{
	if (is_ascii(s)) {
		const char *quote = strpbrk(s, ",.'") ? "\"" : "";
		buf_printf(b, "%s%s%s", quote, s, quote);
		return;
	}
	buf_str(b, "=?utf-8?Q?");
	for (; *s; s++)
		if ((*s & 0x80) || *s == '=' || *s == '?' || *s == '_')
			buf_printf(b, "=%02X", (unsigned char)*s);
		else
			buf_char(b, *s == ' ' ? '_' : *s);
	buf_str(b, "?=");
}

static void addresses(struct buf *b, const char *field, const struct person *const *who, size_t n)
{
	if (!n)
		return;
	buf_printf(b, "%s: ", field);
	for (size_t i = 0; i < n; i++) {
		buf_str(b, i ? ",\r\n " : "");
		word(b, who[i]->name);
		buf_printf(b, " <%s>", who[i]->email);
	}
	buf_str(b, "\r\n");
}

static const char *subject_of(struct pool *p, const struct letter *l)
{
	if (!l->answers)
		return l->subject;
	return pool_printf(p, "%s %s", l->from->client == CLIENT_OUTLOOK ? "RE:" : "Re:", l->subject);
}

static const char *names(struct pool *p, const struct person *const *who, size_t n)
{
	const char *all = "";
	for (size_t i = 0; i < n; i++)
		all = pool_printf(p, "%s%s%s <%s>", all, i ? "; " : "", who[i]->name, who[i]->email);
	return all;
}

static const char *own_text(struct pool *p, const struct letter *l)
{
	if (l->list_id)
		return l->text;
	return pool_printf(p, "Hi %s,\n\n%s\n\n%s\n%s", l->to[0]->first, l->text,
		l->from->client == CLIENT_OUTLOOK ? "Kind regards," : "Best,", l->from->first);
}

/* One in four gives a number, from the range that is kept free for fiction in London. */
static const char *telephone(struct pool *p, const struct person *who)
{
	unsigned sum = 0;
	for (const char *s = who->email; *s; s++)
		sum = sum * 31 + (unsigned char)*s;
	return sum % 4 ? "" : pool_printf(p, "\nTel. +44 20 7946 0%03u", sum / 4 % 1000);
}

static const char *signature(struct pool *p, const struct letter *l)
{
	const char *at = strchr(l->from->email, '@');
	switch (l->from->client) {
	case CLIENT_OUTLOOK:
		return pool_printf(p, "\n\n%s\n%s\n%s%s", l->from->name, l->from->title, at + 1, telephone(p, l->from));
	case CLIENT_APPLE:
		return "\n\nSent from my iPhone";
	default:
		return pool_printf(
			p, "\n\n-- \n%s | %s\n%s%s", l->from->name, l->from->title, at + 1, telephone(p, l->from));
	}
}

static const char *quote_intro(struct pool *p, const struct letter *l)
{
	const struct letter *a = l->answers;
	switch (l->from->client) {
	case CLIENT_OUTLOOK:
		return pool_printf(p,
			"\n\n-----Original Message-----\nFrom: %s <%s>\nSent: %s\nTo: %s\nSubject: %s\n\n",
			a->from->name, a->from->email, TIME_TEXT(p, a->date, "%A, %d %B %Y %H:%M"),
			names(p, a->to, a->to_count), subject_of(p, a));
	case CLIENT_APPLE:
		return pool_printf(p, "\n\n> On %s, %s <%s> wrote:\n> \n", TIME_TEXT(p, a->date, "%-d %b %Y, at %H:%M"),
			a->from->name, a->from->email);
	default:
		return pool_printf(p, "\n\nOn %s %s <%s> wrote:\n\n",
			TIME_TEXT(p, a->date, "%a, %b %-d, %Y at %-I:%M %p"), a->from->name, a->from->email);
	}
}

static void quoted(struct buf *b, const char *text, const char *prefix)
{
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");
		buf_str(b, prefix);
		buf_add(b, line, n);
		buf_char(b, '\n');
		line += n + (line[n] == '\n');
	}
}

/* The whole readable body; quoting goes two letters deep, as threads in a mailbox do before somebody trims. */
static const char *body_text(struct pool *p, const struct letter *l, int depth)
{
	struct buf *b = buf_new(p, 1 << 16);
	buf_str(b, own_text(p, l));
	if (!l->list_id)
		buf_str(b, signature(p, l));
	if (l->answers && depth < 2) {
		buf_str(b, quote_intro(p, l));
		quoted(b, body_text(p, l->answers, depth + 1), l->from->client == CLIENT_OUTLOOK ? "" : "> ");
	}
	return b->data;
}

static void html_lines(struct buf *b, const char *text)
{
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");
		buf_str(b, "<div>");
		if (n)
			buf_html(b, line, n);
		else
			buf_str(b, "<br>");
		buf_str(b, "</div>\n");
		line += n + (line[n] == '\n');
	}
}

/* The containers are what quote folding looks for: gmail_quote, blockquote type=cite, Outlook's ruled header. */
static const char *body_html(struct pool *p, const struct letter *l)
{
	static const char *const open[CLIENT_COUNT] = {
		[CLIENT_GMAIL] = "<div class=\"gmail_quote\"><div class=\"gmail_attr\">",
		[CLIENT_OUTLOOK] =
			"<div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in\">",
		[CLIENT_APPLE] = "<blockquote type=\"cite\"><div>",
		[CLIENT_PLAIN] = "<blockquote><div>"};
	static const char *const close[CLIENT_COUNT] = {[CLIENT_GMAIL] = "</div>",
		[CLIENT_OUTLOOK] = "",
		[CLIENT_APPLE] = "</blockquote>",
		[CLIENT_PLAIN] = "</blockquote>"};
	struct buf *b = buf_new(p, 1 << 17);
	buf_str(b,
		"<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body>\n");
	html_lines(b, own_text(p, l));
	if (l->list_id)
		buf_str(b,
			"<img src=\"https://track.newsletter.example/open.gif\" width=\"1\" height=\"1\" alt=\"\">\n");
	else
		html_lines(b, signature(p, l));
	if (l->answers) {
		buf_str(b, open[l->from->client]);
		html_lines(b, str_trim(p, quote_intro(p, l)));
		buf_str(b, "</div>\n");
		html_lines(b, body_text(p, l->answers, 1));
		buf_str(b, close[l->from->client]);
	}
	buf_str(b, "</body></html>\n");
	return b->data;
}

/* RFC 2045 6.7 */
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
		if (column >= 72) {
			buf_str(b, "=\r\n");
			column = 0;
		}
		bool plain = c >= 32 && c < 127 && c != '=' && !(c == ' ' && (s[1] == '\n' || !s[1]));
		if (plain)
			buf_char(b, (char)c);
		else
			buf_printf(b, "=%02X", c);
		column += plain ? 1 : 3;
	}
	buf_str(b, "\r\n");
}

static void base64(struct buf *b, const char *s, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)(unsigned char)s[i] << 16;
		if (i + 1 < n)
			v |= (uint32_t)(unsigned char)s[i + 1] << 8;
		if (i + 2 < n)
			v |= (unsigned char)s[i + 2];
		buf_char(b, digits[v >> 18]);
		buf_char(b, digits[v >> 12 & 63]);
		buf_char(b, i + 1 < n ? digits[v >> 6 & 63] : '=');
		buf_char(b, i + 2 < n ? digits[v & 63] : '=');
		if (i % 54 == 51)
			buf_str(b, "\r\n");
	}
	buf_str(b, "\r\n");
}

static void part(struct buf *b, const char *type, const char *text)
{
	buf_printf(
		b, "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", type);
	quoted_printable(b, text);
}

static void alternative(struct pool *p, struct buf *b, const struct letter *l, const char *boundary)
{
	if (l->from->client == CLIENT_PLAIN) {
		part(b, "plain", body_text(p, l, 0));
		return;
	}
	buf_printf(b, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary);
	part(b, "plain", body_text(p, l, 0));
	buf_printf(b, "--%s\r\n", boundary);
	part(b, "html", body_html(p, l));
	buf_printf(b, "--%s--\r\n", boundary);
}

static void attachment(struct pool *p, struct buf *b, const struct letter *l)
{
	const char *type = str_ends(l->attachment, ".pdf") ? "application/pdf" : "text/csv";
	buf_printf(b,
		"Content-Type: %s; name=\"%s\"\r\nContent-Disposition: attachment; filename=\"%s\"\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\n",
		type, l->attachment, l->attachment);
	struct buf *file = buf_new(p, 1 << 16);
	buf_str(file, str_ends(l->attachment, ".pdf") ? "%PDF-1.4\n% a made-up document of the demo\n"
						      : "quarter,nav,calls\n");
	for (int i = 0; i < 40; i++)
		buf_printf(file, "%d,%d,%d\n", 2022 + i / 4, 100 + i * 3, i % 5);
	base64(b, file->data, file->len);
}

#define CHAIN_MAX 16

/* The ids of all letters before it, oldest first. */
static const char **references(struct pool *p, const struct letter *l, size_t *count)
{
	const char **ids = pool_array(p, CHAIN_MAX, sizeof *ids);
	size_t n = 0;
	for (const struct letter *a = l->answers; a && n < CHAIN_MAX; a = a->answers)
		ids[n++] = a->message_id;
	for (size_t i = 0; i < n / 2; i++) {
		const char *id = ids[i];
		ids[i] = ids[n - 1 - i];
		ids[n - 1 - i] = id;
	}
	*count = n;
	return ids;
}

void letter_write(struct pool *p, struct buf *b, const struct letter *l)
{
	static const char *const mailers[CLIENT_COUNT] = {[CLIENT_OUTLOOK] = "Microsoft Outlook 16.0",
		[CLIENT_APPLE] = "iPhone Mail (21H16)",
		[CLIENT_PLAIN] = "Mutt/2.2.9"};
	addresses(b, "From", &l->from, 1);
	addresses(b, "To", l->to, l->to_count);
	addresses(b, "Cc", l->cc, l->cc_count);
	buf_str(b, "Subject: ");
	const char *subject = subject_of(p, l);
	if (is_ascii(subject))
		buf_str(b, subject);
	else
		word(b, subject);
	buf_printf(b, "\r\nDate: %s\r\nMessage-ID: <%s>\r\n", TIME_TEXT(p, l->date, "%a, %d %b %Y %H:%M:%S +0000"),
		l->message_id);
	if (l->answers)
		buf_printf(b, "In-Reply-To: <%s>\r\nReferences: ", l->answers->message_id);
	size_t n;
	const char **ids = references(p, l, &n);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "<%s>%s", ids[i], i + 1 < n ? "\r\n " : "\r\n");
	if (l->list_id)
		buf_printf(b, "List-Id: <%s>\r\nList-Unsubscribe: <https://%s/leave>\r\nPrecedence: bulk\r\n",
			l->list_id, l->list_id);
	if (mailers[l->from->client])
		buf_printf(b, "X-Mailer: %s\r\n", mailers[l->from->client]);
	buf_str(b, "MIME-Version: 1.0\r\n");
	const char *boundary = pool_printf(p, "=_%08x", (unsigned)(l->date * 2654435761u));
	if (!l->attachment) {
		alternative(p, b, l, boundary);
		return;
	}
	buf_printf(b, "Content-Type: multipart/mixed; boundary=\"%s.m\"\r\n\r\n--%s.m\r\n", boundary, boundary);
	alternative(p, b, l, boundary);
	buf_printf(b, "--%s.m\r\n", boundary);
	attachment(p, b, l);
	buf_printf(b, "--%s.m--\r\n", boundary);
}

static void read_text(struct pool *p, const struct letter *l, struct mail_message *m)
{
	m->text = body_text(p, l, 0);
	m->text_len = strlen(m->text);
	m->segments = quote_split(p, m->text, m->text_len, m->subject, &m->segment_count);
	m->snippet = gist_line(p, m, l->from->name);
	if (m->is_automated)
		return;
	struct signature s = signature_read(p, m->text, m->segments, m->segment_count, l->from->name);
	m->sender_title = s.title;
	m->sender_phone = s.phone;
}

struct mail_message *letter_message(struct pool *p, const struct letter *l, const struct buf *written)
{
	struct mail_message *m = message_new(p);
	m->message_id = l->message_id;
	if (l->answers) {
		m->in_reply_to = pool_array(p, 1, sizeof *m->in_reply_to);
		m->in_reply_to[0] = l->answers->message_id;
		m->in_reply_to_count = 1;
	}
	m->references = references(p, l, &m->references_count);
	m->subject = subject_of(p, l);
	m->date = l->date;
	m->has_date = true;
	message_add_addr(p, m, MAIL_FROM, l->from->name, l->from->email);
	for (size_t i = 0; i < l->to_count; i++)
		message_add_addr(p, m, MAIL_TO, l->to[i]->name, l->to[i]->email);
	for (size_t i = 0; i < l->cc_count; i++)
		message_add_addr(p, m, MAIL_CC, l->cc[i]->name, l->cc[i]->email);
	m->list_id = l->list_id;
	m->is_list = m->is_automated = l->list_id != NULL;
	m->automated_reason = l->list_id ? "list" : NULL;
	read_text(p, l, m);
	const char *body = strstr(written->data, "\r\n\r\n");
	sha256_hex(body, strlen(body), m->body_sha256);
	return m;
}
