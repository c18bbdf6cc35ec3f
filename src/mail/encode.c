/* Owns text as 7-bit mail (encode.h). Never decides what a message says. Tests: t/unit/mail_compose.c */
#include "mail/encode.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/banned.h"

#define WORD_MAX 75   /* RFC 2047 2: an encoded word with its delimiters */
#define QP_LINE 76    /* RFC 2045 6.7 (5), with the soft break's = */
#define B64_LINE 76   /* RFC 2045 6.8 */
#define NAME_PLAIN 60 /* a longer ASCII name is encoded, because a quoted string cannot be folded well */

static const char hex[] = "0123456789ABCDEF";

static void base64_add(struct buf *out, const unsigned char *s, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		unsigned v =
			(unsigned)s[i] << 16 | (left > 1 ? (unsigned)s[i + 1] << 8 : 0) | (left > 2 ? s[i + 2] : 0);
		char four[4] = {digits[v >> 18], digits[v >> 12 & 63], left > 1 ? digits[v >> 6 & 63] : '=',
			left > 2 ? digits[v & 63] : '='};
		buf_add(out, four, 4);
	}
}

static bool is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static size_t count_8bit(const char *s, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += (unsigned char)s[i] >= 0x80;
	return count;
}

/* ---- header fields ---- */
void field_begin(struct field_writer *w, struct buf *out, const char *name)
{
	*w = (struct field_writer){.out = out, .column = strlen(name) + 1};
	buf_printf(out, "%s:", name);
}

void field_word(struct field_writer *w, const char *word, size_t n)
{
	if (w->begun && w->column + 1 + n > LINE_SOFT) {
		buf_str(w->out, "\r\n");
		w->column = 0;
	}
	buf_char(w->out, ' ');
	buf_add(w->out, word, n);
	w->column += n + 1;
	w->begun = true;
}

void field_end(struct field_writer *w)
{
	buf_str(w->out, "\r\n");
}

/* RFC 2047 5 (3): what may stand in a phrase's Q word as it is. */
static bool q_plain(unsigned char c)
{
	return is_alnum(c) || (c && strchr("!*+-/", c));
}

/* Bytes of the longest piece at s, on a character's border, whose encoded word is at most max long. */
static size_t piece_length(const char *s, size_t n, bool base64, size_t max)
{
	size_t used = strlen("=?utf-8?Q?"
			     "?="),
	       taken = 0, bytes = 0;
	while (taken < n) {
		uint32_t c;
		size_t step = utf8_next(s + taken, n - taken, &c), cost = 0;
		for (size_t i = 0; i < step; i++)
			cost += q_plain((unsigned char)s[taken + i]) || s[taken + i] == ' ' ? 1 : 3;
		size_t next = base64 ? (taken + step + 2) / 3 * 4 : bytes + cost;
		if (used + next > max)
			break;
		bytes = next;
		taken += step;
	}
	return taken;
}

static void encoded_word(struct buf *word, const char *s, size_t n, bool base64)
{
	buf_clear(word);
	buf_str(word, base64 ? "=?utf-8?B?" : "=?utf-8?Q?");
	if (base64)
		base64_add(word, (const unsigned char *)s, n);
	for (size_t i = 0; i < n && !base64; i++) {
		unsigned char c = (unsigned char)s[i];
		char three[3] = {'=', hex[c >> 4], hex[c & 15]};
		if (c == ' ')
			buf_char(word, '_');
		else if (q_plain(c))
			buf_char(word, s[i]);
		else
			buf_add(word, three, 3);
	}
	buf_str(word, "?=");
}

static void field_encoded(struct field_writer *w, const char *text)
{
	char bytes[WORD_MAX + 1]; /* on the stack: under its max the buffer never grows */
	struct buf word = {.data = bytes, .cap = sizeof bytes, .max = WORD_MAX};
	size_t n = strlen(text);
	bool base64 = count_8bit(text, n) > n / 2;
	while (n) {
		/* What is left of the line, when that is worth a word; else a line of its own. */
		size_t room = w->column + 1 < LINE_SOFT ? LINE_SOFT - 2 - w->column : 0;
		size_t take = room >= 30 ? piece_length(text, n, base64, room < WORD_MAX ? room : WORD_MAX) : 0;
		if (!take)
			take = piece_length(text, n, base64, WORD_MAX);
		encoded_word(&word, text, take, base64);
		field_word(w, word.data, word.len);
		text += take;
		n -= take;
	}
}

/* Can text stand in a field as it is? ASCII, nothing that reads as an encoded word, no word that cannot be folded. */
static bool is_plain_text(const char *text)
{
	if (count_8bit(text, strlen(text)) || strstr(text, "=?") || strstr(text, "  ") || *text == ' ' ||
		(*text && text[strlen(text) - 1] == ' '))
		return false;
	for (const char *at = text; *at;) {
		size_t n = strcspn(at, " ");
		if (n > LINE_SOFT - 10)
			return false;
		at += n + (at[n] == ' ');
	}
	return true;
}

void field_text(struct field_writer *w, const char *text)
{
	if (!is_plain_text(text)) {
		field_encoded(w, text);
		return;
	}
	while (*text) {
		size_t n = strcspn(text, " ");
		field_word(w, text, n);
		text += n + (text[n] == ' ');
	}
}

void field_phrase(struct field_writer *w, const char *name)
{
	char quoted[2 * NAME_PLAIN + 3];
	size_t n = 0;
	bool atoms = true;
	if (!is_plain_text(name) || strlen(name) > NAME_PLAIN) {
		field_encoded(w, name);
		return;
	}
	for (const char *c = name; *c; c++) /* RFC 5322 3.2.3 */
		atoms &= is_alnum((unsigned char)*c) || strchr("!#$%&'*+-/=?^_`{|}~ ", *c);
	if (atoms) {
		field_text(w, name);
		return;
	}
	quoted[n++] = '"';
	for (const char *c = name; *c; c++) {
		if (*c == '"' || *c == '\\')
			quoted[n++] = '\\';
		quoted[n++] = *c;
	}
	quoted[n++] = '"';
	field_word(w, quoted, n);
}

/* ---- bodies ---- */

/* The line at s: its length, *next after its line end (CR LF, LF or CR). */
static size_t line_length(const char *s, const char **next)
{
	size_t n = strcspn(s, "\r\n");
	*next = s + n + (s[n] == '\r' && s[n + 1] == '\n' ? 2 : s[n] != 0);
	return n;
}

/* RFC 4155: a mailbox file's reader or writer would change a line that begins so, and with it the hash. */
static bool begins_from(const char *s, size_t n)
{
	return n >= 5 && memcmp(s, "From ", 5) == 0;
}

static bool fits_7bit(const char *text)
{
	for (const char *next; *text; text = next) {
		size_t n = line_length(text, &next);
		if (n > LINE_SOFT || begins_from(text, n) || (n && (text[0] == '.' || strchr(" \t", text[n - 1]))))
			return false;
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)text[i] >= 0x7f || ((unsigned char)text[i] < ' ' && text[i] != '\t'))
				return false;
	}
	return true;
}

/* RFC 2045 6.7. A dot and "From " at the start of a line are encoded too: transports and mailbox files change them. */
static void qp_line(struct buf *out, const char *s, size_t n)
{
	size_t column = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		bool last = i + 1 == n, blank = c == ' ' || c == '\t';
		bool literal = (c > ' ' && c < 0x7f && c != '=') || (blank && !last);
		if (i == 0 && (c == '.' || begins_from(s, n)))
			literal = false;
		size_t width = literal ? 1 : 3;
		/* Characters are not torn apart: their width as a whole counts. */
		uint32_t whole;
		size_t step = c >= 0xc0 ? utf8_next(s + i, n - i, &whole) : 1;
		if (column + (c >= 0xc0 ? 3 * step : width) > QP_LINE - 1) {
			buf_str(out, "=\r\n");
			column = 0;
		}
		if (literal)
			buf_char(out, s[i]);
		else
			buf_add(out, (char[]){'=', hex[c >> 4], hex[c & 15]}, 3);
		column += width;
	}
	buf_str(out, "\r\n");
}

static void base64_body(struct buf *out, const char *text)
{
	unsigned char line[B64_LINE / 4 * 3];
	size_t used = 0;
	/* CRLF line ends are part of what is encoded (RFC 2045 6.8). */
	for (const char *next; *text; text = next) {
		size_t n = line_length(text, &next);
		for (size_t i = 0; i < n + 2; i++) {
			line[used++] = (unsigned char)(i < n ? text[i] : i == n ? '\r' : '\n');
			if (used == sizeof line) {
				base64_add(out, line, used);
				buf_str(out, "\r\n");
				used = 0;
			}
		}
	}
	if (used) {
		base64_add(out, line, used);
		buf_str(out, "\r\n");
	}
}

void body_encode(struct buf *out, const char *text)
{
	size_t n = strlen(text);
	bool plain = fits_7bit(text), base64 = !plain && count_8bit(text, n) > n / 2;
	buf_printf(out, "Content-Transfer-Encoding: %s\r\n\r\n",
		plain    ? "7bit"
		: base64 ? "base64"
			 : "quoted-printable");
	if (base64) {
		base64_body(out, text);
		return;
	}
	for (const char *next; *text; text = next) {
		size_t len = line_length(text, &next);
		if (plain) {
			buf_add(out, text, len);
			buf_str(out, "\r\n");
		} else {
			qp_line(out, text, len);
		}
	}
}
