/* Owns the commands that look after the whole: directories, audit verify, search rebuild. Tests: t/30-cli.t */
#include <stdio.h>
#include <sys/types.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "core/audit.h"
#include "base/banned.h"

enum status command_data_dirs(struct program *p)
{
	static const struct {
		const char *name;
		mode_t mode;
	} dirs[] = {{"mail", 0770}, {"mail/store", 0770}, {"run", 0770}, {"log", 0770}, {"backups", 0700},
		{"secrets", 0700}};
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		enum status st = dir_make(conf_data_path(p->pool, dirs[i].name), dirs[i].mode);
		if (st)
			return fail(&p->op, st, NULL, "%s cannot be made", conf_data_path(p->pool, dirs[i].name));
	}
	return OK;
}

enum status command_audit_verify(struct program *p, int argc, char **argv)
{
	struct audit_check check;
	(void)argv;
	if (argc != 2)
		return E_SYNTAX;
	enum status st = audit_verify(&p->op, &check);
	if (st)
		return st;
	if (check.first_bad)
		return fail(&p->op, E_CONFLICT, NULL, "row %lld of the audit log does not fit the chain",
			(long long)check.first_bad);
	printf("%lld rows, the chain holds; head %s\n", (long long)check.rows, check.head);
	return OK;
}

enum status command_search_rebuild(struct program *p, int argc, char **argv)
{
	int64_t rows = 0;
	(void)argv;
	if (argc != 2)
		return E_SYNTAX;
	enum status st = db_begin(&p->op);
	if (!st)
		st = db_index_rebuild(&p->op);
	if (st) {
		db_rollback(&p->op);
		return st;
	}
	st = db_commit(&p->op);
	if (!st && db_one_int(&p->op, &rows, "SELECT count(*) FROM search_fts"))
		printf("%lld rows in the index\n", (long long)rows);
	return st ? st : p->op.fault.status;
}
