/* What went wrong, said once where the fact is known and carried up unchanged. The first failure decides the status;
 * later ones of the same status add their field, so that a form shows all its errors at once. Messages are for the
 * person who reads them: no SQL, no secrets, no message bodies. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/status.h"

struct pool;
struct json_object;

struct fault_item {
	const char *field; /* NULL: about the whole request */
	const char *message;
	struct fault_item *next;
};

struct fault {
	struct pool *pool;
	enum status status;
	struct fault_item *items, **tail;
	int retry_after; /* seconds, with E_RATE and E_BUSY; 0 = none */
	struct json_object
		*detail; /* of a conflict: how it stands now; goes into the envelope as "current"; owned by pool */
	struct json_object *shown; /* and how it was when it was shown, where that is known: "shown" */
};

void fault_init(struct fault *f, struct pool *p);

/* Records the failure and returns st: `return fault_add(f, E_INPUT, "email", "is not an address")`. */
enum status fault_add(struct fault *f, enum status st, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
