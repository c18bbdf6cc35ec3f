/* Owns the commands that look after the whole: directories, audit verify, search rebuild, seed. Tests: t/30-cli.t */
#include <stdio.h>
#include <sys/types.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "core/audit.h"
#include "demo/demo.h"
#include "demo/history.h"
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

enum status command_seed(struct program *p, int argc, char **argv)
{
	struct demo_options o = {.mail_root = conf_data_path(p->pool, "mail/demo")};
	const char *scale = option_value(p, &argc, argv, "--scale");
	bool history = option_flag(&argc, argv, "--history"), without_mail = option_flag(&argc, argv, "--without-mail");
	int64_t n = 0;
	if (argc != 2 || (scale && !str_i64(scale, 0, 1000, &n)))
		return E_SYNTAX;
	o.scale = (int)n;
	o.is_without_mail = without_mail;
	if (history)
		return demo_history(&p->op);
	p->op.actor.user_id = 1;
	p->op.actor.username = "ada";
	p->op.actor.name = "Ada Nowak";
	return demo_seed(&p->op, &o);
}
