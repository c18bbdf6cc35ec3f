/* Owns what an outbound message looks like, byte for byte (compose.h). Never sends, never makes an id, a date or a random
 * byte: the same struct gives the same message. Tests: t/unit/mail_compose.c */
#include "mail/compose.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/encode.h"
#include "mail/message.h"
#include "mail/thread.h"
#include "base/banned.h"

#define MESSAGE_MAX ((size_t)64 << 20)
#define HEADER_NAME_MAX 60

/* ---- what may not be sent ---- */

/* One line of UTF-8 without controls: nothing that could begin a header of its own. */
static bool is_line(const char *s)
{
	size_t n = strlen(s);
	if (!utf8_valid(s, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return false;
	return !strstr(s, "\xc2\x85") && !strstr(s, "\xe2\x80\xa8") && !strstr(s, "\xe2\x80\xa9");
}

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static enum status check_line(struct fault *f, const char *field, const char *s)
{
	if (s && !is_line(s))
		return fault_add(f, E_INPUT, field, "has a line break or a control character in it");
	return OK;
}

static enum status check_addr(struct fault *f, const char *field, const struct mail_addr *a)
{
	if (!addr_valid(a->email) || !is_ascii(a->email))
		return fault_add(f, E_INPUT, field, "is not an address that mail can be sent to");
	return check_line(f, field, a->name);
}

static enum status check_id(struct fault *f, const char *field, const char *id)
{
	if (!message_id_valid(id, strlen(id)))
		return fault_add(f, E_INPUT, field, "is not a message id");
	return OK;
}

/* "Name <id.domain>" or "<id.domain>" (RFC 2919 2). */
static bool list_id_valid(const char *s)
{
	const char *open = strrchr(s, '<');
	size_t n = strlen(s);
	return is_line(s) && open && n < 250 && s[n - 1] == '>' && n > (size_t)(open - s) + 2 &&
	       strspn(open + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
		       n - (size_t)(open - s) - 2;
}

static bool extra_name_valid(const char *name)
{
	static const char *const ours[] = {"From", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "In-Reply-To",
		"References", "Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "List-Id", "MIME-Version",
		"Received", "Return-Path", "DKIM-Signature"};
	size_t n = strlen(name);
	if (!n || n > HEADER_NAME_MAX || strncasecmp(name, "Content-", 8) == 0 || strncasecmp(name, "Resent-", 7) == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (name[i] <= ' ' || name[i] >= 0x7f || name[i] == ':')
			return false;
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (str_ieq(name, ours[i]))
			return false;
	return true;
}

static enum status check_people(struct fault *f, const struct compose *c)
{
	enum status st = check_addr(f, "from", &c->from);
	if (!st && !c->to_count)
		st = fault_add(f, E_INPUT, "to", "names nobody");
	for (size_t i = 0; !st && i < c->to_count; i++)
		st = check_addr(f, "to", &c->to[i]);
	for (size_t i = 0; !st && i < c->cc_count; i++)
		st = check_addr(f, "cc", &c->cc[i]);
	return st;
}

static enum status check_ids(struct fault *f, const struct compose *c)
{
	if (!c->message_id || !is_ascii(c->message_id) || !strchr(c->message_id, '@'))
		return fault_add(f, E_INPUT, "message_id", "is not a message id");
	enum status st = check_id(f, "message_id", c->message_id);
	if (!st && c->in_reply_to)
		st = check_id(f, "in_reply_to", c->in_reply_to);
	for (size_t i = 0; !st && i < c->references_count; i++)
		st = check_id(f, "references", c->references[i]);
	return st;
}

static enum status check(struct fault *f, const struct compose *c)
{
	enum status st = check_people(f, c);
	if (!st)
		st = check_line(f, "subject", c->subject);
	if (!st)
		st = check_ids(f, c);
	if (!st && (!c->text || !utf8_valid(c->text, strlen(c->text))))
		st = fault_add(f, E_INPUT, "text", "is not UTF-8 text");
	if (!st && c->html && !utf8_valid(c->html, strlen(c->html)))
		st = fault_add(f, E_INPUT, "html", "is not UTF-8 text");
	if (!st && c->list_id && !list_id_valid(c->list_id))
		st = fault_add(f, E_INPUT, "list_id", "is not a list's id");
	if (!st && c->auto_submitted &&
		(!*c->auto_submitted ||
			strspn(c->auto_submitted, "abcdefghijklmnopqrstuvwxyz-") != strlen(c->auto_submitted)))
		st = fault_add(f, E_INPUT, "auto_submitted", "is not one of its words");
	if (!st && (c->date < 0 || c->date >= INT64_C(4133980800)))
		st = fault_add(f, E_INPUT, "date", "is out of range");
	for (size_t i = 0; !st && i < c->header_count; i++) {
		if (!extra_name_valid(c->headers[i].name))
			st = fault_add(f, E_INPUT, "headers", "has a header that may not be set so");
		else
			st = check_line(f, "headers", c->headers[i].value);
	}
	return st;
}

/* ---- the header ---- */
static void put_text(struct buf *out, const char *name, const char *value)
{
	struct field_writer w;
	field_begin(&w, out, name);
	field_text(&w, value);
	field_end(&w);
}

static void put_addrs(struct buf *out, struct pool *p, const char *name, const struct mail_addr *list, size_t count)
{
	struct field_writer w;
	field_begin(&w, out, name);
	for (size_t i = 0; i < count; i++) {
		const char *comma = i + 1 < count ? "," : "";
		bool named = !str_blank(list[i].name);
		if (named)
			field_phrase(&w, str_squeeze(p, list[i].name));
		const char *word = pool_printf(p, named ? "<%s>%s" : "%s%s", list[i].email, comma);
		field_word(&w, word, strlen(word));
	}
	field_end(&w);
}

static void put_id(struct field_writer *w, struct pool *p, const char *id)
{
	/* An id beyond ASCII cannot stand in 7-bit mail; the thread's other ids tie it as well. */
	if (!is_ascii(id))
		return;
	const char *word = pool_printf(p, "<%s>", id);
	field_word(w, word, strlen(word));
}

static void put_thread(struct buf *out, struct pool *p, const struct compose *c)
{
	struct field_writer w;
	if (c->in_reply_to && is_ascii(c->in_reply_to)) {
		field_begin(&w, out, "In-Reply-To");
		put_id(&w, p, c->in_reply_to);
		field_end(&w);
	}
	size_t ascii = 0, left_out = c->references_count > MAIL_REFS_MAX ? c->references_count - MAIL_REFS_MAX : 0;
	for (size_t i = 0; i < c->references_count; i++)
		ascii += is_ascii(c->references[i]);
	if (!ascii)
		return;
	field_begin(&w, out, "References");
	for (size_t i = 0; i < c->references_count; i++)
		if (i == 0 || i > left_out)
			put_id(&w, p, c->references[i]);
	field_end(&w);
}

/* RFC 5322 3.3, in UTC. */
static void put_date(struct buf *out, int64_t t)
{
	static const char days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; /* 1970-01-01 was a Thursday */
	static const char months[][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char at[INSTANT_SIZE];
	instant_format(t, at); /* YYYY-MM-DDTHH:MM:SSZ */
	int month = (at[5] - '0') * 10 + (at[6] - '0') - 1, day = (at[8] - '0') * 10 + (at[9] - '0');
	buf_printf(out, "Date: %s, %d %s %.4s %.8s +0000\r\n", days[t / 86400 % 7], day, months[month], at, at + 11);
}

static void put_headers(struct buf *out, struct pool *p, const struct compose *c)
{
	struct field_writer w;
	put_date(out, c->date);
	put_addrs(out, p, "From", &c->from, 1);
	put_addrs(out, p, "To", c->to, c->to_count);
	if (c->cc_count)
		put_addrs(out, p, "Cc", c->cc, c->cc_count);
	put_text(out, "Subject", str_squeeze(p, c->subject ? c->subject : ""));
	field_begin(&w, out, "Message-ID");
	put_id(&w, p, c->message_id);
	field_end(&w);
	put_thread(out, p, c);
	if (c->auto_submitted) { /* RFC 3834 5; the other two are for Exchange and for older responders */
		put_text(out, "Auto-Submitted", c->auto_submitted);
		put_text(out, "X-Auto-Response-Suppress", "All");
		put_text(out, "Precedence", "bulk");
	}
	if (c->list_id) {
		const char *open = strrchr(c->list_id, '<');
		const char *name = str_trim(p, pool_strndup(p, c->list_id, (size_t)(open - c->list_id)));
		field_begin(&w, out, "List-Id");
		if (*name)
			field_phrase(&w, name);
		field_word(&w, open, strlen(open));
		field_end(&w);
	}
	for (size_t i = 0; i < c->header_count; i++)
		put_text(out, c->headers[i].name, c->headers[i].value ? c->headers[i].value : "");
	buf_str(out, "MIME-Version: 1.0\r\n");
}

/* ---- the body ---- */
static void put_part(struct buf *out, const char *type, const char *text)
{
	buf_printf(out, "Content-Type: %s; charset=utf-8\r\n", type);
	body_encode(out, text);
}

/* "=_" never occurs in quoted-printable or base64 (RFC 2045 6.7); a 7-bit text would have to know its own hash. */
static const char *boundary_of(struct pool *p, const struct compose *c)
{
	struct sha256 *h = sha256_new(p);
	char sum[SHA256_HEX];
	sha256_add(h, c->message_id, strlen(c->message_id) + 1);
	sha256_add(h, c->text, strlen(c->text) + 1);
	sha256_add(h, c->html, strlen(c->html));
	sha256_end(h, sum);
	return pool_printf(p, "=_%.40s", sum);
}

enum status compose_message(struct fault *f, struct pool *p, const struct compose *c, char **bytes, size_t *len)
{
	enum status st = check(f, c);
	if (st)
		return st;
	struct buf *out = buf_new(p, MESSAGE_MAX);
	put_headers(out, p, c);
	if (!c->html) {
		put_part(out, "text/plain", c->text);
	} else {
		const char *boundary = boundary_of(p, c);
		buf_printf(out, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary,
			boundary);
		put_part(out, "text/plain", c->text);
		buf_printf(out, "\r\n--%s\r\n", boundary);
		put_part(out, "text/html", c->html);
		buf_printf(out, "\r\n--%s--\r\n", boundary);
	}
	if (out->full)
		return fault_add(f, E_INPUT, "text", "is too long for one mail");
	*bytes = out->data;
	*len = out->len;
	return OK;
}
