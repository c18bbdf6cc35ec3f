/* Owns the unit of work and the names of who does it. Never decides who may do what. Tests: t/unit/db_stmt.c */
#include "db/op.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/banned.h"

const char *actor_kind_name(enum actor_kind k)
{
	static const char *const names[] = {"none", "human", "agent", "system"};
	return names[k];
}

const char *actor_via_name(enum actor_via v)
{
	static const char *const names[] = {"none", "session", "token", "cli", "cron"};
	return names[v];
}

const char *role_name(enum actor_role r)
{
	static const char *const names[] = {"none", "member", "admin", "agent"};
	return names[r];
}

void op_init(struct op *op, struct pool *p, struct db *db, const struct actor *actor, const char *request_id)
{
	*op = (struct op){.pool = p, .db = db, .now = clock_now()};
	op->request_id = request_id ? request_id : random_hex(p, 8);
	if (actor)
		op->actor = *actor;
	fault_init(&op->fault, p);
}

enum status fail(struct op *op, enum status st, const char *field, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *text = pool_vprintf(op->pool, fmt, ap);
	va_end(ap);
	return fault_add(&op->fault, st, field, "%s", text);
}
