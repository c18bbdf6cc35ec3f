/* Does a mail speak of another account to pay to? The commonest fraud is one that does. By rules on sentences, English, German
 * and French; warns rather once too often, but not of every mail about a payment. Pure. */
#ifndef MAIL_ACCOUNT_H
#define MAIL_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "mail/quote.h"

struct pool;

/* In what the sender wrote themselves, not in what they quote. */
bool account_changes(struct pool *p, const char *text, const struct quote_segment *segments, size_t count);

#endif
