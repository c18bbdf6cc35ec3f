/* Owns the answer to "are you there?". Says nothing that a stranger should not know. Tests: t/60-headers.t */
#include "config.h"
#include "crm/crm.h"

#include "base/banned.h"

enum status health_show(struct req *r)
{
	int64_t schema = 0;
	if (!db_one_int(&r->op, &schema, "SELECT max(version) FROM schema_migrations"))
		return fail(&r->op, E_BUSY, NULL, "the database is not ready");
	r->is_api = true;
	r->out = json_obj(r->op.pool);
	json_set_text(r->out, "status", "ok");
	json_set_text(r->out, "version", PACKAGE_VERSION);
	json_set_int(r->out, "schema", schema);
	return OK;
}
