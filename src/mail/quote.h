/* Which lines of a mail are new. Splits readable text into segments; nothing is removed, the segments cover the whole
 * text in order. Folding is a convenience, so doubt always goes to `reply`: interleaved answers and forwards are never
 * folded. Linear time; runs in the parse child; fuzzed (t/fuzz/mail_quote.c). */
#ifndef MAIL_QUOTE_H
#define MAIL_QUOTE_H

#include <stddef.h>

struct pool;

enum quote_kind {
	QUOTE_REPLY,     /* what the sender wrote */
	QUOTE_QUOTE,     /* the mail being answered, with its "On … wrote:" line: may be folded */
	QUOTE_SIGNATURE, /* may be folded */
	QUOTE_FORWARD,   /* a mail passed on: shown */
	QUOTE_KIND_COUNT
};

#define QUOTE_SEGMENTS_MAX 2000

struct quote_segment {
	size_t start, len; /* bytes of the text, on line borders */
	enum quote_kind kind;
};

/* "reply", "quote", "signature", "forward": as message_bodies.segments_json has it. */
const char *quote_kind_name(enum quote_kind kind);

/* Segments of text, at most QUOTE_SEGMENTS_MAX (past that the rest is one reply segment). *count is 0 only for "".
 * subject (NULL: unknown) tells a forward from an answer where the two look the same. */
struct quote_segment *quote_split(struct pool *p, const char *text, size_t n, const char *subject, size_t *count);

#endif
