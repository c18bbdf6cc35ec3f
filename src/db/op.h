/* One unit of work: a request, a captured message, a digest. It carries everything a rule needs to decide and to
 * leave a trace: whose it is, when it is, on which connection, and what went wrong. */
#ifndef DB_OP_H
#define DB_OP_H

#include <stdarg.h>
#include <stdint.h>

#include "base/fault.h"

struct db;
struct pool;

enum actor_kind {
	ACTOR_NONE, /* nobody logged in */
	ACTOR_HUMAN,
	ACTOR_AGENT,  /* a program with an account: may propose and draft */
	ACTOR_SYSTEM, /* capture, cron: may store mail and propose */
};
enum actor_via { VIA_NONE, VIA_SESSION, VIA_TOKEN, VIA_CLI, VIA_CRON };
enum actor_role { ROLE_NONE, ROLE_MEMBER, ROLE_ADMIN, ROLE_AGENT };

struct actor {
	enum actor_kind kind;
	enum actor_via via;
	enum actor_role role;
	int64_t user_id;      /* 0 for ACTOR_NONE and ACTOR_SYSTEM */
	int64_t viewer_id;    /* the person who looks as this user: sees what both may, changes nothing; 0: nobody */
	const char *username; /* "ada"; for a system actor its program's job: "capture", "digest" */
	const char *name;
};

/* A human in a browser session, or a person at the machine's own shell: the only actors that may countersign. Whoever
 * looks through another's eyes signs nothing. */
static inline int actor_may_sign(const struct actor *a)
{
	return a->kind == ACTOR_HUMAN && (a->via == VIA_SESSION || a->via == VIA_CLI) && !a->viewer_id;
}
const char *actor_kind_name(enum actor_kind k); /* "none" "human" "agent" "system" */
const char *actor_via_name(enum actor_via v);
const char *role_name(enum actor_role r); /* "member" "admin" "agent" */

struct op {
	struct pool *pool;
	struct db *db;
	struct actor actor;
	const char *request_id; /* ties log line, audit rows and the error page together */
	int64_t now;            /* one clock for the whole unit */
	const char *why;        /* reason given by the person, copied into the audit rows; NULL = none */
	struct fault fault;
};

/* Fills op; the request id is random unless given. db may be set later. */
void op_init(struct op *op, struct pool *p, struct db *db, const struct actor *actor, const char *request_id);

/* return fail(op, E_INPUT, "email", "is not an address"); records it and returns the status. */
enum status fail(struct op *op, enum status st, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
