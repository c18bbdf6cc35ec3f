/* The countersign. A decision names the SHA-256 its maker saw; it is checked, written, applied and audited in one
 * transaction, and only by a person in a browser session (or at the shell). The database's triggers refuse the same
 * things again. */
#ifndef CORE_APPROVAL_H
#define CORE_APPROVAL_H

#include <stdbool.h>

#include "base/json.h"
#include "db/op.h"

/* All inside the caller's transaction. E_FORBIDDEN: not a person, or the author itself. E_NOT_FOUND. E_CONFLICT: decided
 * already, changed since (`sha256` differs), or the record changed since: fault.detail holds the proposal as it is now,
 * with `record` as it is now when that is why; fault.shown what was decided on: {title, sha256, change_json} as they were,
 * or the record's fields as they were. Applying can fail as record_write does. */

/* `edited` NULL: applies the stored bytes, state `approved`; else applies stored bytes overlaid with these fields, state
 * `edited`. `version` >= 0: the record was shown in this version, so what changed on it since the proposal is known; < 0:
 * that is a conflict. *record_id: the record created or changed. */
enum status approval_approve(struct op *op, int64_t proposal_id, const char *sha256, int64_t version,
	struct json_object *edited, int64_t *record_id);
/* What is proposed as new is this record: it gets what it lacks (entries of lists, fields that hold nothing), state
 * `edited`. E_INPUT under the noun's own reference ("contact_id") when there is no such record. */
enum status approval_same_as(struct op *op, int64_t proposal_id, const char *sha256, int64_t record_id);
enum status approval_dismiss(struct op *op, int64_t proposal_id, const char *sha256, const char *reason);

/* Does the record (its fields) hold anything else than when the proposal was made, in what it would change? `basis` is
 * the proposal's basis_json; NULL: nobody knows, so no. */
bool approval_is_overtaken(struct json_object *basis, struct json_object *record);

/* Puts off what waits until then, an instant within a year; it waits again by itself. Decides nothing. */
enum status approval_snooze(struct op *op, int64_t proposal_id, int64_t until);

/* Takes back the last thing that was done to it. What was put off or expired waits again. Within 24 hours: what an approval created is
 * deleted, what it changed has its old values again, and the proposal is pending once more. E_CONFLICT when the record is no
 * longer as the approval left it (fault.detail: as it is now), when it is too late, or when nothing was decided. */
enum status approval_undo(struct op *op, int64_t proposal_id);

#endif
