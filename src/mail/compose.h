/* Outbound messages: a struct in, exact bytes out. The same struct gives the same bytes, always: a countersignature
 * covers their hash. Runs where mail is queued or sent, on our own data. */
#ifndef MAIL_COMPOSE_H
#define MAIL_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "mail/addr.h"

struct pool;

struct compose_header {
	const char *name, *value; /* UTF-8; encoded as RFC 2047 when it is not ASCII */
};

struct compose {
	struct mail_addr from;           /* email required; role is ignored in all addresses here */
	const struct mail_addr *to, *cc; /* at least one in `to`. There is no Bcc: who is not named is not written to */
	size_t to_count, cc_count;
	const char *subject;
	const char *text;       /* required */
	const char *html;       /* NULL: text only; otherwise multipart/alternative */
	const char *message_id; /* without <>; required, made by the caller: it is the idempotency key */
	int64_t date;
	const char *in_reply_to;       /* without <>; NULL */
	const char *const *references; /* without <>; the middle of a very long chain is left out */
	size_t references_count;
	const char
		*auto_submitted; /* "auto-generated" adds X-Auto-Response-Suppress and Precedence; NULL: a person's */
	const char *list_id;     /* "Name <id.domain>" or "<id.domain>"; NULL */
	const struct compose_header *headers; /* more of them, e.g. X-Countersign-Id */
	size_t header_count;
};

/* *bytes: complete message with CRLF line ends, 7-bit, lines <= 78 where they can be folded and never over 998; *len
 * bytes and a NUL. E_INPUT naming the field for an address that is not addr_valid(), a control character in any header
 * value (CR, LF, NUL most of all), a bad Message-ID, a forbidden extra header (one this struct has a field for, or
 * Bcc), text that is not UTF-8. */
enum status compose_message(struct fault *f, struct pool *p, const struct compose *c, char **bytes, size_t *len);

#endif
