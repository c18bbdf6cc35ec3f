/* MIME by GMime. Runs in the parse child only. */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include <stddef.h>

struct mail_message;
struct pool;

void mime_warm(void); /* before the sandbox: GMime's tables and the converters of the charsets met in mail */

/* Fills m from the raw message. Whatever the bytes are, m is then within its limits; what was wrong is in its defects. */
void mime_parse(struct pool *p, const char *raw, size_t n, struct mail_message *m);

#endif
