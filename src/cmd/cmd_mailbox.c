/* Owns `countersign mailbox …` and `countersign config …`. Tests: t/30-cli.t */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "core/settings.h"
#include "core/user.h"
#include "mail/addr.h"
#include "base/banned.h"

#define PROPOSE_ALL "1900-01-01" /* a day before all mail */

/* From when on its mail makes proposals. What was there before the mailbox was added is history, and makes none unless
 * asked: else its back-fill would flood the queue. NULL: what the setting says. */
static enum status cutoff(struct op *op, const char *asked, const char **day)
{
	char today[DAY_SIZE];
	zone_day(setting_text(op, "time_zone"), op->now, today);
	*day = str_eq(asked, "all")                ? PROPOSE_ALL
	       : asked                             ? asked
	       : *setting_text(op, "propose_from") ? NULL
						   : pool_strdup(op->pool, today);
	return !*day || day_valid(*day) ? OK : fail(op, E_INPUT, "propose-from", "is a day, YYYY-MM-DD, or all");
}

struct addition {
	const char *address, *source, *path, *propose_from, *visibility;
	int64_t user; /* 0: a shared mailbox, nobody's own */
};

static enum status insert(struct op *op, const struct addition *a)
{
	return db_run(op,
		"INSERT INTO mailboxes (address, user_id, source, path, propose_from, visibility) VALUES (?, nullif(?, "
		"0), "
		"?, ?, ?, ?)",
		a->address, a->user, a->source, a->path, a->propose_from,
		a->visibility ? a->visibility : setting_text(op, "mailbox_visibility"));
}

static enum status add(struct program *p, int argc, char **argv)
{
	const char *user = option_value(p, &argc, argv, "--user");
	const char *path = option_value(p, &argc, argv, "--path");
	const char *from = option_value(p, &argc, argv, "--propose-from");
	struct addition a = {.source = option_value(p, &argc, argv, "--source"),
		.visibility = option_value(p, &argc, argv, "--visibility")};
	char real[PATH_MAX];
	if (argc != 3 || !a.source || !path)
		return E_SYNTAX;
	a.address = addr_normalise(p->pool, argv[2]);
	if (!a.address)
		return fail(&p->op, E_INPUT, "address", "is not an e-mail address");
	if (!str_eq(a.source, "maildir") && !str_eq(a.source, "mbox"))
		return fail(&p->op, E_INPUT, "source", "is maildir or mbox");
	if (a.visibility && !visibility_valid(a.visibility))
		return fail(&p->op, E_INPUT, "visibility", "is everyone, subject, metadata or private");
	a.path = realpath(path, real);
	if (!a.path)
		return fail(&p->op, E_INPUT, "path", "is not there: %s", path);
	a.user = user ? user_find(&p->op, user) : 0;
	if (user && !a.user)
		return fail(&p->op, E_INPUT, "user",
			"is nobody: %s. `countersign user list` says who there is; a shared mailbox needs none", user);
	enum status st = cutoff(&p->op, from, &a.propose_from);
	if (!st)
		st = db_begin(&p->op);
	if (!st)
		st = db_end(&p->op, insert(&p->op, &a));
	if (!st)
		printf("mailbox %s added; mail from %s on makes proposals\n", a.address,
			a.propose_from ? a.propose_from : setting_text(&p->op, "propose_from"));
	return st;
}

static enum status list(struct program *p)
{
	struct json_object *rows = db_array(&p->op, "SELECT b.address, u.username AS user, b.source, b.path, b.state, "
						    "b.visibility, b.complete_at FROM mailboxes_live b"
						    " LEFT JOIN users u ON u.id = b.user_id ORDER BY b.address");
	if (p->json)
		puts(json_object_to_json_string_ext(rows, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	for (size_t i = 0; i < json_len(rows) && !p->json; i++) {
		struct json_object *b = json_at(rows, i);
		const char *complete = json_text(b, "complete_at"), *user = json_text(b, "user");
		printf("%-32s %-12s %-8s %-7s %-8s %s  %s\n", json_text(b, "address"), user ? user : "-",
			json_text(b, "source"), json_text(b, "state"), json_text(b, "visibility"),
			complete ? complete : "never complete", json_text(b, "path"));
	}
	return p->op.fault.status;
}

static enum status change(struct op *op, const char *verb, const char *address)
{
	enum status st = str_eq(verb, "remove") ? db_run(op,
							  "UPDATE mailboxes SET deleted_at = ctx_now(), updated_at = "
							  "ctx_now() WHERE address = ? AND"
							  " deleted_at IS NULL",
							  address)
						: db_run(op,
							  "UPDATE mailboxes SET state = ?, updated_at = ctx_now() "
							  "WHERE address = ? AND deleted_at IS NULL",
							  str_eq(verb, "pause") ? "paused" : "active", address);
	if (!st && !db_changes(op))
		return fail(op, E_NOT_FOUND, NULL, "there is no mailbox %s", address);
	return st;
}

/* A host's name, ".domain" for any host below one, "none" for a field without a name, "-" for nobody's. */
static enum status believe(struct op *op, const char *address, const char *authserv_id)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";
	if (!*authserv_id || strspn(authserv_id, allowed) != strlen(authserv_id))
		return fail(op, E_INPUT, "authserv", "is not a server's name: %s", authserv_id);
	enum status st = db_run(op,
		"UPDATE mailboxes SET authserv_id = nullif(?, '-'), updated_at = ctx_now() WHERE address = ? AND "
		"deleted_at IS NULL",
		authserv_id, address);
	return st || db_changes(op) ? st : fail(op, E_NOT_FOUND, NULL, "there is no mailbox %s", address);
}

enum status command_mailbox(struct program *p, int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	if (str_eq(verb, "add"))
		return add(p, argc, argv);
	if (str_eq(verb, "list") && argc == 2)
		return list(p);
	bool believes = str_eq(verb, "authserv") && argc == 4;
	if (!believes && (argc != 3 || (!str_eq(verb, "pause") && !str_eq(verb, "resume") && !str_eq(verb, "remove"))))
		return E_SYNTAX;
	const char *address = str_lower(p->pool, argv[2]);
	enum status st = db_begin(&p->op);
	if (st)
		return st;
	return db_end(&p->op,
		believes ? believe(&p->op, address, str_lower(p->pool, argv[3])) : change(&p->op, verb, address));
}

static bool is_setting(const char *key)
{
	for (const struct setting *s = settings; s->key; s++)
		if (str_eq(s->key, key))
			return true;
	return false;
}

enum status command_config(struct program *p, int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	if (str_eq(verb, "get") && argc == 2) {
		for (const struct setting *s = settings; s->key; s++)
			printf("%s = %s\n", s->key, setting_text(&p->op, s->key));
		return p->op.fault.status;
	}
	if (str_eq(verb, "get") && argc == 3) {
		if (!is_setting(argv[2]))
			return fail(&p->op, E_NOT_FOUND, NULL, "there is no setting %s", argv[2]);
		puts(setting_text(&p->op, argv[2]));
		return OK;
	}
	if (!str_eq(verb, "set") || argc != 4)
		return E_SYNTAX;
	enum status st = db_begin(&p->op);
	return st ? st : db_end(&p->op, setting_set(&p->op, argv[2], argv[3]));
}
