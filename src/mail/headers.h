/* The header block as bytes: where it ends, one field's value, the block for "show headers", and the little that can be
 * read from it without a MIME parser. This code runs outside the sandbox on hostile bytes: no recursion, no decoding
 * beyond UTF-8 repair, everything bounded, fuzzed (t/fuzz/mail_headers.c). */
#ifndef MAIL_HEADERS_H
#define MAIL_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/message.h"

struct pool;

struct header_field {
	const char *name, *value; /* not NUL-terminated; value is still folded, without its last line end */
	size_t name_len, value_len;
};

struct header_walk {
	const char *at, *end;
	size_t seen;
};

/* The fields of a block in order, at most MAIL_HEADERS_MAX; lines that are no field are passed over. */
void header_walk_init(struct header_walk *w, const char *block, size_t n);
bool header_walk_next(struct header_walk *w, struct header_field *f);
bool header_is(const struct header_field *f, const char *name);

/* The value in one line: line ends dropped, runs of blanks and controls one space, trimmed, repaired to UTF-8. */
char *header_unfold(struct pool *p, const char *value, size_t n);

/* How the two users of headers_fill() differ: the parse child decodes (mime.c), the parent does not. */
struct header_codec {
	/* Unfolded raw value to readable UTF-8. */
	const char *(*text)(struct pool *p, const char *value);
	/* Adds the addresses of one field with message_add_addr(). */
	void (*addrs)(struct pool *p, const char *value, enum mail_role role, struct mail_message *m);
};

/* Everything in m that comes from the header block. Where a field that should be single is repeated, the first counts
 * and "two-from" or "two-headers" is noted (RFC 5322 3.6). */
void headers_fill(
	struct pool *p, const char *block, size_t n, const struct header_codec *codec, struct mail_message *m);

/* Bytes of the header block, without the empty line; *body_at is where the body starts (n when there is none). A
 * leading mbox "From " line counts as part of the block. A line of only white space inside the block does not end it.
 */
size_t headers_length(const char *raw, size_t n, size_t *body_at);

/* The block repaired to UTF-8, lines ended by \n, at most MAIL_HEADER_MAX bytes. */
char *headers_text(struct pool *p, const char *raw, size_t n);

/* Value of the first field of that name, unfolded, one line, repaired to UTF-8, not decoded; NULL when absent. */
char *headers_first(struct pool *p, const char *raw, size_t n, const char *name);

/* SHA-256 of the body's raw bytes goes to out[65]. */
void headers_body_sha256(const char *raw, size_t n, char *out);

/* Fills m with what a plain scan finds: ids, date, addresses of every role, subject (not decoded), automation. Sets
 * is_unparsed and the reason, so that the privacy rule can be applied to a message the parser could not read. */
void headers_scan(struct pool *p, const char *raw, size_t n, const char *reason, struct mail_message *m);

/* RFC 5322 3.3 with the obsolete forms seen in the wild (zone names, two-digit years, no day name, missing zone = UTC).
 * False for nonsense and for years before 1970 or after 2100. */
bool mail_date_parse(const char *s, int64_t *t);

#endif
