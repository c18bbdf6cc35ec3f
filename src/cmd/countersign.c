/* countersign: looking after an installation from the shell. Owns the table of commands. Tests: t/30-cli.t */
#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/pool.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "base/banned.h"

static const char usage[] =
	"Usage: countersign COMMAND …\n"
	"  migrate [--to N]                          bring the database to this program's schema, or to version N\n"
	"  user add NAME --email E [--name N] [--role admin|member|agent] [--password-file F]\n"
	"  user list | user passwd NAME [--password-file F] | user disable NAME | user enable NAME\n"
	"  user alias|unalias NAME ADDRESS           a further address that they write from, or no more\n"
	"  token add AGENT [--days N] | token list | token revoke ID\n"
	"  mailbox add ADDRESS [--user NAME] --source maildir|mbox --path P [--propose-from DAY|all]\n"
	"              [--visibility everyone|subject|metadata|private]\n"
	"  mailbox list | mailbox pause|resume|remove ADDRESS\n"
	"  mailbox authserv ADDRESS ID               whose Authentication-Results are believed; - for nobody's\n"
	"  config get [KEY] | config set KEY VALUE\n"
	"  audit verify                              recompute the audit log's chain\n"
	"  doctor                                    look for what is wrong\n"
	"  backup [FILE] | restore --check FILE | restore FILE\n"
	"  search rebuild                            make the full-text index anew\n"
	"  seed demo [--scale N] [--without-mail|--maildirs]  a made-up fund, into an empty database\n"
	"  seed demo --history                       what its people did with the proposals\n"
	"Passwords are read from --password-file or from standard input. --json prints JSON where it can.\n"
	"Environment: COUNTERSIGN_DATA, COUNTERSIGN_SHARE.\n";

static const struct command {
	const char *group, *verb; /* verb NULL: any */
	enum status (*run)(struct program *p, int argc, char **argv);
} commands[] = {
	{"user", NULL, command_user},
	{"token", NULL, command_token},
	{"mailbox", NULL, command_mailbox},
	{"config", NULL, command_config},
	{"audit", "verify", command_audit_verify},
	{"doctor", NULL, command_doctor},
	{"backup", NULL, command_backup},
	{"search", "rebuild", command_search_rebuild},
	{"seed", "demo", command_seed},
};

static int run_migrate(struct program *p, int argc, char **argv)
{
	const char *to = option_value(p, &argc, argv, "--to");
	int64_t target = -1;
	if ((to && !str_i64(to, 0, 9999, &target)) || argc > 2)
		return program_misused(p, "--to takes a number");
	struct actor shell = {
		.kind = ACTOR_HUMAN, .via = VIA_CLI, .role = ROLE_ADMIN, .username = "shell", .name = "Shell"};
	if (command_data_dirs(p))
		return program_end(p, E_INTERNAL);
	program_open(p, DB_OWNER, &shell);
	int before = migrate_version(&p->op);
	enum status st = migrate(&p->op, conf_share_path(p->pool, "migrations"), (int)target);
	int after = migrate_version(&p->op);
	if (!st)
		printf(before == after ? "schema %d\n" : "schema %d, was %d\n", after, before);
	return program_end(p, st);
}

int main(int argc, char **argv)
{
	struct program p;
	program_start(&p, "countersign", usage, argc, argv);
	p.json = option_flag(&argc, argv, "--json");
	if (argc < 2)
		return program_misused(&p, "what is to be done?");
	if (str_eq(argv[1], "migrate"))
		return run_migrate(&p, argc, argv);
	if (str_eq(argv[1], "restore"))
		return command_restore(&p, argc, argv);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct command *c = &commands[i];
		if (!str_eq(argv[1], c->group) || (c->verb && (argc < 3 || !str_eq(argv[2], c->verb))))
			continue;
		struct actor nobody = {.kind = ACTOR_NONE};
		program_open(&p, DB_OWNER, &nobody);
		p.op.actor = shell_actor(&p.op);
		enum status st = c->run(&p, argc - 1, argv + 1);
		return st == E_SYNTAX ? program_misused(&p, "that is not how it is called") : program_end(&p, st);
	}
	return program_misused(&p, "there is no such command");
}
