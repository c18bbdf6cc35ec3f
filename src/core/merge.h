/* Two records that are one and the same. What hangs on the one that goes moves to the one that stays (struct link, record.h),
 * the one that stays gets the values a person chose, the other is soft-deleted and its number leads to the one that stays.
 * All in the caller's transaction; for a day it can be taken back exactly.
 *
 * It is proposed like any change (kind "merge", target: the one that stays) and done by approval.c. */
#ifndef CORE_MERGE_H
#define CORE_MERGE_H

#include "core/proposal.h"
#include "core/record.h"

/* Every field of the record to be, unless a person chooses otherwise: the one that stays goes first, the other fills what
 * it lacks; lists and long texts hold both. */
struct json_object *merge_values(
	struct op *op, const struct resource *res, struct json_object *into, struct json_object *from);

/* For approval.c. `change` as proposal_merge() makes it, overlaid with what was chosen. E_CONFLICT: one of them is gone, or changed since. */
enum status merge_apply(
	struct op *op, const struct resource *res, int64_t into_id, struct json_object *change, int64_t proposal_id);
/* E_CONFLICT: the record that stayed changed since (fault.detail), or what was moved cannot go back. */
enum status merge_undo(struct op *op, int64_t proposal_id);

/* Where a number that is no longer there leads: the live record at the end of its merges; 0: nowhere. */
int64_t merge_survivor(struct op *op, const char *resource, int64_t id);

#endif
