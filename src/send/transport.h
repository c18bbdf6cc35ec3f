/* The only code that can send. One transport takes a frozen message and says what became of it; only `maildir` exists
 * in this version: a fresh install sends nothing to the world and everything can be looked at. Never linked into a web
 * program (t/90-hardening.t). */
#ifndef SEND_TRANSPORT_H
#define SEND_TRANSPORT_H

#include <stddef.h>

#include "db/op.h"

enum delivery { DELIVERED, REFUSED, RETRY, UNKNOWN };

struct letter {
	const char *message_id; /* without <>: the idempotency key */
	const char *from;
	const char *const *to; /* NULL-terminated envelope: exactly these get it */
	const void *bytes;
	size_t len;
};

struct transport {
	const char *name;
	/* reply (in op->pool): the server's last line or a reason, sanitised. */
	enum delivery (*send)(struct op *op, const struct letter *letter, const char **reply);
};

extern const struct transport
	transport_maildir; /* DATA/mail/out/<recipient>/, one file per (Message-ID, recipient): twice is once */
const struct transport *transport_pick(struct op *op);

/* Claims and sends every outbox row that may leave (countersigned, or origin digest to active users only), oldest
 * first; each claim is committed before the first byte. Safe in two processes at once. *sent counts deliveries. */
enum status deliver_all(struct op *op, int *sent, int *failed);

#endif
