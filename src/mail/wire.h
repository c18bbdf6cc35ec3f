/* What goes over a worker's socket. Request: one header, then the raw bytes. Answer: one header, then records of tag,
 * length and bytes. The encoder trusts its own struct; the decoder trusts nothing. Tests: t/unit/mail_wire.c,
 * t/fuzz/mail_wire.c. */
#ifndef MAIL_WIRE_H
#define MAIL_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct mail_message;
struct pool;

enum wire_kind { WIRE_PARSE = 1, WIRE_SELFTEST = 2 };

struct wire_head {
	uint32_t kind; /* request: enum wire_kind; answer: the same */
	uint32_t len;  /* bytes that follow */
};

/* An answer's largest length: decoded parts are never longer than the raw message, the rest has limits of its own. */
#define WIRE_ANSWER_MAX (MAIL_RAW_MAX + 2 * MAIL_TEXT_MAX + MAIL_HTML_MAX + 4u * 1024 * 1024)

/* The records of m as pieces to be written in order; big data is pointed to, not copied. *total bytes altogether. */
struct iovec *wire_encode(struct pool *p, const struct mail_message *m, int *count, size_t *total);

/* Reads records into m. Attachments point into data (n bytes, kept as long as m), strings are copied into p. False when
 * anything at all is not as wire_encode() writes it: unknown or repeated tag, wrong length, invalid UTF-8, a count or size
 * over its limit, an address that is not normalised, a segment outside the text. m is then to be thrown away. */
bool wire_decode(struct pool *p, char *data, size_t n, struct mail_message *m);

#endif
