/* Owns events that no trigger sees, and the check of the chain. Never changes a row. Tests: t/unit/core_audit.c */
#include "core/audit.h"

#include <stdio.h>

#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/db.h"
#include "base/banned.h"

enum status audit_event(
	struct op *op, const char *action, const char *resource, int64_t resource_id, struct json_object *changes)
{
	size_t n;
	const char *bytes = changes ? json_bytes(op->pool, changes, &n) : NULL;
	return db_run(op,
		"INSERT INTO audit_log (action, resource, resource_id, changes_json) VALUES (?, ?, nullif(?, 0), ?)",
		action, resource, resource_id, bytes);
}

enum status audit_verify(struct op *op, struct audit_check *out)
{
	char head[SHA256_HEX] = "genesis";
	*out = (struct audit_check){0};
	struct stmt *q = db_query(op,
		"SELECT id, prev_hash, hash, sha256(prev_hash, id, at, actor_kind, actor_via, actor_id, actor_name, "
		"action,"
		" resource, resource_id, changes_json, proposal_id, request_id, why) FROM audit ORDER BY id");
	while (db_row(q)) {
		out->rows++;
		bool sound = db_int(q, 0) == out->rows && str_eq(db_text(q, 1), head) &&
			     str_eq(db_text(q, 2), db_text(q, 3));
		if (!sound && !out->first_bad)
			out->first_bad = db_int(q, 0);
		snprintf(head, sizeof head, "%s", db_text(q, 2));
	}
	out->head = pool_strdup(op->pool, head);
	return op->fault.status;
}
