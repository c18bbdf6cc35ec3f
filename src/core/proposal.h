/* Proposals: making them (anybody but people) and keeping them unique. Deciding them is core/approval.h. */
#ifndef CORE_PROPOSAL_H
#define CORE_PROPOSAL_H

#include "base/json.h"
#include "db/op.h"

struct proposal {
	const char *kind; /* activity contact address field task merge record */
	const char *resource;
	int64_t target_id; /* 0: creates */
	const char *title;
	struct json_object *change; /* the fields, as record_write takes them */
	struct json_object
		*basis; /* what the target says now of these fields; NULL for a new record, or when not known */
	struct json_object *evidence; /* {"message_ids":[…],"excerpt":"…"}; NULL: {} */
	int64_t message_id, thread_id, investor_id, organization_id, contact_id; /* 0: none */
	int64_t id;              /* a pending one that is brought up to date, whatever its key; 0: by key */
	const char *key;         /* idempotency: the same evidence gives the same key */
	const char *occurred_at; /* instant; NULL: op->now */
};

/* Stores it, or finds what the key already led to:
 *   no row           inserted, *id set
 *   pending, same    nothing
 *   pending, other change   the row is brought up to date with a new SHA-256 (a card shown with the old one gives 409)
 *   expired, other change   the same, and it waits again
 *   decided          nothing: what was dismissed stays away; *id is the old row
 * The author is op->actor (system actors are 'capture'). */
enum status proposal_put(struct op *op, const struct proposal *p, int64_t *id);

/* Lets what waited longer than the setting proposal_days expire, a thousand at a time; *n: how many. A system actor's, in
 * a transaction. */
enum status proposal_expire(struct op *op, int64_t *n);

/* The change of a merge into its target: {"from_id", "from_version", "into_version"}. The versions stand for both records'
 * values, so that the hash covers them. */
struct json_object *proposal_merge(struct op *op, int64_t from_id, int64_t from_version, int64_t into_version);

#endif
