/* The schema's history: SHARE/migrations/NNNN_name.up.sql with a .down.sql beside each, applied in order, each in its
 * own transaction together with its row in schema_migrations (version, name, both files' SHA-256, applied_at). A file
 * that changed after it was applied is refused. Before the first change a snapshot goes to DATA/backups. */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "base/status.h"

struct op;

/* op->db is a DB_OWNER connection. target < 0: the newest. Going down runs the .down.sql files as they were stored in
 * the ledger. Two migrators at once: the second waits and finds nothing to do. Faults name the file. */
enum status migrate(struct op *op, const char *dir, int target);
int migrate_version(struct op *op); /* 0 on an empty database */

#endif
