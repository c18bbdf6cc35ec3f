/* MIME by GMime. Runs in the parse child only. */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include <stddef.h>

struct mail_message;
struct pool;

/* Before the sandbox: GMime's tables and the converters of the charsets met in mail, which are files. */
void mime_warm(void);

/* Fills m from the raw message, which is read only but stays in use until p goes. Whatever the bytes are, m is within its
 * limits; what was wrong is in its defects. Hashes and is_unparsed are left to the parent. */
void mime_parse(struct pool *p, char *raw, size_t n, struct mail_message *m);

#endif
