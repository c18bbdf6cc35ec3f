/* The audit log is written by triggers; this is for events that change no table a trigger watches, and for checking
 * the chain. */
#ifndef CORE_AUDIT_H
#define CORE_AUDIT_H

#include "base/json.h"
#include "db/op.h"

/* One row; changes may be NULL. Inside a transaction. */
enum status audit_event(
	struct op *op, const char *action, const char *resource, int64_t resource_id, struct json_object *changes);

struct audit_check {
	int64_t rows;
	int64_t first_bad; /* 0: none */
	const char *head;  /* hash of the last row */
};
/* Recomputes the chain from the first row. OK when it ran (first_bad says what it found). */
enum status audit_verify(struct op *op, struct audit_check *out);

#endif
