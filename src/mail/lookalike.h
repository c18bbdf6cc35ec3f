/* Names that are made to be taken for another: what to warn of, never what to block. Pure text, any bytes are safe. */
#ifndef MAIL_LOOKALIKE_H
#define MAIL_LOOKALIKE_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* Could a reader take one domain for the other: a letter or two changed, added or left out, digits for letters, "rn" for
 * "m"? Not when they are the same, or one lies in the other. Lower-case ASCII. */
bool domain_resembles(struct pool *p, const char *a, const char *b);

/* Does a domain show other letters than it seems to: punycode (RFC 3492 "xn--"), or scripts mixed in one label? */
bool domain_is_disguised(const char *domain, size_t n);

#endif
