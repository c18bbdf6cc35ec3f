/* Owns the frame of the programs at the shell. Never knows what one does. Tests: t/30-cli.t */
#include "cmd/program.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/conf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "config.h"
#include "base/banned.h"

#define KEPT_BYTES (64 << 20)

void program_start(struct program *p, const char *name, const char *usage, int argc, char **argv)
{
	*p = (struct program){.name = name, .usage = usage, .pool = pool_new()};
	log_open(name);
	/* Each batch takes and frees the same megabytes: kept, they need not be asked of the kernel again. */
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--help")) {
			fputs(usage, stdout);
			exit(0);
		}
		if (str_eq(argv[i], "--version")) {
			printf("%s %s\n", name, PACKAGE_VERSION);
			exit(0);
		}
	}
	op_init(&p->op, p->pool, NULL, NULL, NULL);
}

void program_open(struct program *p, enum db_mode mode, const struct actor *actor)
{
	enum status st = db_open(conf_db(), mode, &p->op.db);
	if (st)
		die(st == E_NOT_FOUND ? EX_NOINPUT : EX_UNAVAILABLE, "the database %s %s", conf_db(),
			st == E_NOT_FOUND ? "is not there; run `countersign migrate`" : "cannot be opened");
	p->op.actor = *actor;
}

int program_end(struct program *p, enum status st)
{
	if (st && !p->op.fault.items)
		fprintf(stderr, "%s: %s\n", p->name, status_title(st));
	for (struct fault_item *i = p->op.fault.items; st && i; i = i->next)
		fprintf(stderr, "%s: %s%s%s\n", p->name, i->field ? i->field : "", i->field ? " " : "", i->message);
	db_close(p->op.db);
	pool_free(p->pool);
	return status_exit(st);
}

static void take(int *argc, char **argv, int at, int n)
{
	for (int i = at; i + n <= *argc; i++)
		argv[i] = argv[i + n];
	*argc -= n;
}

const char *option_value(struct program *p, int *argc, char **argv, const char *name)
{
	for (int i = 1; i < *argc; i++) {
		if (!str_eq(argv[i], name))
			continue;
		if (i + 1 >= *argc)
			die(EX_USAGE, "%s: %s needs a value", p->name, name);
		const char *value = argv[i + 1];
		take(argc, argv, i, 2);
		return value;
	}
	return NULL;
}

bool option_flag(int *argc, char **argv, const char *name)
{
	for (int i = 1; i < *argc; i++)
		if (str_eq(argv[i], name)) {
			take(argc, argv, i, 1);
			return true;
		}
	return false;
}

int program_misused(struct program *p, const char *what)
{
	fprintf(stderr, "%s: %s\n%s", p->name, what, p->usage);
	db_close(p->op.db);
	pool_free(p->pool);
	return EX_USAGE;
}

struct actor shell_actor(struct op *op)
{
	struct actor a = {
		.kind = ACTOR_HUMAN, .via = VIA_CLI, .role = ROLE_ADMIN, .username = "shell", .name = "Shell"};
	struct json_object *row = db_object(
		op, "SELECT id, username, name FROM users WHERE role = 'admin' AND is_active = 1 ORDER BY id LIMIT 1");
	if (row) {
		a.user_id = json_int(row, "id");
		a.username = json_text(row, "username");
		a.name = json_text(row, "name");
	}
	return a;
}
