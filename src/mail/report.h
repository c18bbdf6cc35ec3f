/* The machine's part of a delivery report (RFC 3464): whom it speaks of, and what became of the mail to each. */
#ifndef MAIL_REPORT_H
#define MAIL_REPORT_H

#include <stddef.h>

#include "mail/message.h"

/* Adds every recipient of a message/delivery-status part to m->bounces, the worst first. Those that the headers named
 * already (X-Failed-Recipients) get their status. */
void report_read(struct pool *p, struct mail_message *m, const char *s, size_t n);

#endif
