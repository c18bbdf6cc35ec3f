/* The countersign. A decision names the SHA-256 its maker saw; it is checked, written, applied and audited in one
 * transaction, and only by a person in a browser session (or at the shell). The database's triggers refuse the same
 * things again. */
#ifndef CORE_APPROVAL_H
#define CORE_APPROVAL_H

#include "base/json.h"
#include "db/op.h"

/* All inside the caller's transaction. E_FORBIDDEN: not a person, or the author itself. E_NOT_FOUND. E_CONFLICT: decided
 * already, or changed since (`sha256` differs): fault.detail holds the proposal as it is now. Applying can fail as
 * record_write does. */

/* `edited` NULL: applies the stored bytes, state `approved`; else applies stored bytes overlaid with these fields, state
 * `edited`. *record_id: the record created or changed. */
enum status approval_approve(
	struct op *op, int64_t proposal_id, const char *sha256, struct json_object *edited, int64_t *record_id);
enum status approval_dismiss(struct op *op, int64_t proposal_id, const char *sha256, const char *reason);

/* Within 24 hours: what an approval created is deleted, what it changed has its old values again, and the proposal is
 * pending once more. E_CONFLICT when the record is no longer as the approval left it (fault.detail: as it is now), when it
 * is too late, or when nothing was decided. */
enum status approval_undo(struct op *op, int64_t proposal_id);

#endif
