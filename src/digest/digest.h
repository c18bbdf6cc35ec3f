/* The daily digest: what was recorded, what waits, who should be answered, how capture is. For the team alone. */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

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

/* Everything in it, computed for the local day `day`: the day before, on a Monday the weekend too. */
enum status digest_make(struct op *op, struct tmpl_set *templates, const char *day, struct digest *out);

/* Stores it and puts one message for each recipient into the outbox, in one transaction. When the day has one already:
 * OK with *id of it and nothing written (resend: new messages for it). `only`: a user name, or NULL for all who want it. */
enum status digest_store(
	struct op *op, const struct digest *d, const char *only, bool resend, int64_t *id, int *queued);

#endif
