/* What a sender's signature says of them: job title and telephone. Looks only at what the sender wrote themselves, never at
 * quoted mail; doubt gives nothing. Linear time; runs in the parse child. */
#ifndef MAIL_SIGNATURE_H
#define MAIL_SIGNATURE_H

#include <stddef.h>

#include "mail/quote.h"

struct pool;

#define SIGNATURE_MAX 120 /* bytes of a title or a telephone number */

struct signature {
	const char *title; /* "Managing Director"; NULL when none is recognised */
	const char *phone; /* as written, "+41 44 555 01 20"; NULL */
};

/* name: the sender's, from the header, or NULL. The segments are those of text. Results live in p. */
struct signature signature_read(
	struct pool *p, const char *text, const struct quote_segment *segments, size_t count, const char *name);

#endif
