/* Owns the growing byte buffer (buf.h). Never writes past its ceiling. Tests: t/unit/base_buf.c */
#include "base/buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define FIRST_CAP ((size_t)128)
#define SMALL ((size_t)8192) /* what grows at all is usually a page */

static void release(void *arg)
{
	struct buf *b = arg;
	free(b->data);
	b->data = NULL;
}

static void resize(struct buf *b, size_t cap)
{
	char *data = realloc(b->data, cap);
	if (!data)
		die(EX_OSERR, "out of memory");
	b->data = data;
	b->cap = cap;
}

struct buf *buf_new(struct pool *p, size_t max)
{
	struct buf *b = pool_alloc(p, sizeof *b);
	b->max = max < SIZE_MAX / 4 ? max : SIZE_MAX / 4;
	resize(b, b->max < FIRST_CAP ? b->max + 1 : FIRST_CAP);
	b->data[0] = 0;
	pool_defer(p, release, b);
	return b;
}

/* Makes room for n more bytes and the NUL, or turns the buffer full. */
static bool reserve(struct buf *b, size_t n)
{
	if (b->full || n > b->max - b->len) {
		b->full = true;
		return false;
	}
	size_t need = b->len + n + 1;
	if (need > b->cap) {
		size_t cap = b->cap * (b->cap < SMALL ? 8 : 2);
		cap = cap > need ? cap : need;
		resize(b, cap > b->max + 1 ? b->max + 1 : cap);
	}
	return true;
}

void buf_grow_add(struct buf *b, const void *src, size_t n)
{
	if (!n || !reserve(b, n))
		return;
	memcpy(b->data + b->len, src, n);
	b->len += n;
	b->data[b->len] = 0;
}

void buf_int(struct buf *b, int64_t n)
{
	char text[INT_SIZE];
	buf_str(b, str_int(text, n));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	size_t room = b->full ? 0 : b->cap - b->len; /* usually enough at once */
	int n = vsnprintf(room ? b->data + b->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("buf_printf: bad format");
	if ((size_t)n < room && (size_t)n <= b->max - b->len) {
		b->len += (size_t)n;
	} else if (reserve(b, (size_t)n)) {
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	} else {
		b->data[b->len] = 0; /* what the first try left */
	}
	va_end(again);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->full = false;
	b->data[0] = 0;
}

/* ---- escapes ---- */
/* Eight bytes at once: where a byte is 0, its highest bit is set (and perhaps that of the next ones). */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static uint64_t zeros(uint64_t word)
{
	return (word - EACH(0x01)) & ~word & EACH(0x80);
}

/* The last eight overlap those before. `are_plain` says so of eight bytes, and may say no too often. */
__attribute__((always_inline)) static inline bool plain_throughout(const char *s, size_t n, bool (*are_plain)(uint64_t))
{
	uint64_t word;
	if (n < sizeof word)
		return false;
	for (size_t i = 0; i < n - sizeof word; i += sizeof word) {
		memcpy(&word, s + i, sizeof word);
		if (!are_plain(word))
			return false;
	}
	memcpy(&word, s + n - sizeof word, sizeof word);
	return are_plain(word);
}

/* Copies s in runs; a byte that is not plain is replaced by what `escape` makes of it. Inlined into each of its callers, so
 * that none is a call. */
__attribute__((always_inline)) static inline void add_escaped(struct buf *b, const char *s, size_t n,
	bool (*is_plain)(unsigned char), const char *(*escape)(unsigned char, char *))
{
	char scratch[8];
	size_t from = 0;
	for (size_t i = 0; i < n; i++) {
		if (is_plain((unsigned char)s[i]))
			continue;
		buf_add(b, s + from, i - from);
		buf_str(b, escape((unsigned char)s[i], scratch));
		from = i + 1;
	}
	buf_add(b, s + from, n - from);
}

/* Two questions for five bytes: " & ' are 0x27 but for bits of 0x05 (and so is #), < > are 0x3e but for 0x02. */
static bool html_all_plain(uint64_t word)
{
	return !(zeros((word | EACH(0x05)) ^ EACH(0x27)) | zeros((word | EACH(0x02)) ^ EACH(0x3e)));
}

static bool html_plain(unsigned char c)
{
	static const bool special[256] = {['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true};
	return !special[c];
}

static const char *html_escape(unsigned char c, char *scratch)
{
	(void)scratch;
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return "&#39;";
	}
}

void buf_html(struct buf *b, const char *s, size_t n)
{
	if (plain_throughout(s, n, html_all_plain)) /* as most text is */
		buf_add(b, s, n);
	else
		add_escaped(b, s, n, html_plain, html_escape);
}

/* RFC 8259 section 7: quote, backslash and controls must be escaped. */
static bool json_all_plain(uint64_t word)
{
	uint64_t controls = (word - EACH(0x20)) & ~word & EACH(0x80);
	return !(controls | zeros(word ^ EACH('"')) | zeros(word ^ EACH('\\')));
}

static bool json_plain(unsigned char c)
{
	static const bool special[256] = {[0 ... 0x1f] = true, ['"'] = true, ['\\'] = true};
	return !special[c];
}

static const char *json_escape(unsigned char c, char *scratch)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		snprintf(scratch, 8, "\\u%04x", c);
		return scratch;
	}
}

void buf_json(struct buf *b, const char *s, size_t n)
{
	buf_char(b, '"');
	if (plain_throughout(s, n, json_all_plain))
		buf_add(b, s, n);
	else
		add_escaped(b, s, n, json_plain, json_escape);
	buf_char(b, '"');
}

/* RFC 3986 section 2.3: letters, digits, "-", ".", "_", "~" are unreserved. */
static bool url_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

static const char *url_escape(unsigned char c, char *scratch)
{
	snprintf(scratch, 8, "%%%02X", c);
	return scratch;
}

void buf_url(struct buf *b, const char *s, size_t n)
{
	add_escaped(b, s, n, url_plain, url_escape);
}

void buf_hex(struct buf *b, const void *src, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *in = src;
	for (size_t i = 0; i < n; i++)
		buf_add(b, (const char[]){digits[in[i] >> 4], digits[in[i] & 15]}, 2);
}
