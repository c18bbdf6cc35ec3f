/* What the digest's unit tests share: a database, the templates, a digest made at a moment. */
#ifndef T_UNIT_DIGESTKIT_H
#define T_UNIT_DIGESTKIT_H

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "digest/digest.h"
#include "web/tmpl.h"
#include "../tap.h"
#include "dbkit.h"

static const struct actor DIGEST = {.kind = ACTOR_SYSTEM, .via = VIA_CRON, .username = "digest", .name = "Digest"};
static struct op *op;
static struct tmpl_set *templates;

/* A statement in a transaction of its own. */
#define DO(...)                                                                                                        \
	do {                                                                                                           \
		fault_init(&op->fault, op->pool);                                                                      \
		if (db_begin(op) || db_run(op, __VA_ARGS__) || db_commit(op)) {                                        \
			printf("Bail out! %s\n", op->fault.items ? op->fault.items->message : "a statement failed");   \
			exit(1);                                                                                       \
		}                                                                                                      \
	} while (0)

static void digestkit_start(void)
{
	const char *src = getenv("SRCDIR");
	dbkit_start();
	setenv("COUNTERSIGN_NOW", "2026-03-04T09:00:00Z", 1);
	setenv("COUNTERSIGN_STRICT", "1", 1);
	dbkit_migrate();
	op = dbkit_open(DB_OWNER, &ADA);
	templates = tmpl_open(pool_printf(op->pool, "%s/templates", src ? src : "."), false);
}

static int digestkit_end(void)
{
	tmpl_close(templates);
	db_close(op->db);
	return tap_done();
}

/* As a program makes it: what everybody may read. */
static struct digest make(const char *now, const char *day)
{
	struct digest d = {0};
	fault_init(&op->fault, op->pool);
	instant_parse(now, &op->now);
	struct actor before = op->actor;
	op->actor = DIGEST;
	enum status st = digest_make(op, templates, day, NULL, &d);
	op->actor = before;
	if (st) {
		printf("Bail out! no digest of %s: %s\n", day, op->fault.items->message);
		exit(1);
	}
	return d;
}

__attribute__((unused)) static int64_t number(const struct digest *d, const char *list, const char *name)
{
	struct json_object *rows = json_get(d->document, list);
	for (size_t i = 0; i < json_len(rows); i++)
		if (str_eq(json_text(json_at(rows, i), "name"), name))
			return json_int(json_at(rows, i), "n");
	return -1;
}

#endif
