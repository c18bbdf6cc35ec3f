/* The header block as bytes: where it ends, one field's value, the block for "show headers", and the little that can be
 * read from it without a MIME parser. This code runs outside the sandbox on hostile bytes: no recursion, no decoding
 * beyond UTF-8 repair, everything bounded, fuzzed (t/fuzz/headers.c). */
#ifndef MAIL_HEADERS_H
#define MAIL_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mail_message;
struct pool;

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
