/* The one growing byte buffer. It belongs to a pool, always holds a NUL after its last byte (data is never NULL) and
 * has a ceiling given at birth: past it the buffer turns `full`, keeps what it has and takes nothing more, so a
 * producer can write freely and ask once at the end. Not for secrets (growth leaves copies behind). */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct pool;

struct buf {
	char *data;
	size_t len;      /* < cap */
	size_t cap, max; /* cap <= max + 1 */
	bool full;       /* a write did not fit under max */
};

struct buf *buf_new(struct pool *p, size_t max);
void buf_grow_add(struct buf *b, const void *src, size_t n); /* buf_add() where there is no room yet */

/* A page is thousands of these: no call where there is room. */
static inline void buf_add(struct buf *b, const void *src, size_t n)
{
	if (b->full || n >= b->cap - b->len) {
		buf_grow_add(b, src, n);
	} else if (n) {
		memcpy(b->data + b->len, src, n);
		b->len += n;
		b->data[b->len] = 0;
	}
}

static inline void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

static inline void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_int(struct buf *b, int64_t n);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_clear(struct buf *b); /* empty again; keeps its memory, clears full */

void buf_html(struct buf *b, const char *s, size_t n); /* & < > " ' as entities */
void buf_json(struct buf *b, const char *s, size_t n); /* a JSON string with its quotes; s is UTF-8 */
void buf_url(struct buf *b, const char *s, size_t n);  /* percent-encodes all but RFC 3986 unreserved */
void buf_hex(struct buf *b, const void *src, size_t n);

#endif
