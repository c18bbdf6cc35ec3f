/* The daily digest: what was recorded, what waits, who should be answered, how capture is. For the team alone. */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include <stdbool.h>

#include "base/json.h"
#include "db/op.h"

struct tmpl_set;

struct digest {
	const char *day;                /* the local day it is made on */
	const char *from_at, *until_at; /* what it covers */
	const char *headline, *subject;
	struct json_object *document;
	const char *text, *html;
};

/* Everything in it, computed for the local day `day`: since the one before it was made, else
 * the day before, on a Monday the weekend too. E_INPUT for a day that has not begun. */
enum status digest_make(struct op *op, struct tmpl_set *templates, const char *day, struct digest *out);

/* Stores it and puts one message for each recipient who has none yet into the outbox, in one transaction. When the day
 * was stored before, that is what goes out, and *d becomes it. resend: once more to all of them. `only`: a user name, or
 * NULL for all who want it. *queued: how many messages. */
enum status digest_store(struct op *op, struct digest *d, const char *only, bool resend, int *queued);

/* The day is stored and everybody who wants it has a message. */
bool digest_is_out(struct op *op, const char *day);

#endif
