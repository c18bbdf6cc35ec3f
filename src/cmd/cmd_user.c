/* Owns `countersign user …`. Passwords come from a file or standard input, never from the command line.
 * Tests: t/30-cli.t */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "core/user.h"
#include "mail/addr.h"
#include "base/banned.h"

/* The first line of the file or of standard input, which a terminal does not show. */
static const char *password_read(struct program *p, const char *file)
{
	char line[2048];
	if (file) {
		char *data;
		size_t n;
		if (file_read(p->pool, file, sizeof line, &data, &n))
			return NULL;
		data[strcspn(data, "\r\n")] = 0;
		return data;
	}
	struct termios shown, hidden;
	bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
	if (terminal) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		fputs("Password: ", stderr);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	char *got = fgets(line, sizeof line, stdin);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		fputs("\n", stderr);
	}
	if (!got)
		return NULL;
	line[strcspn(line, "\r\n")] = 0;
	return pool_strdup(p->pool, line);
}

static enum status commit(struct op *op, enum status st)
{
	if (st) {
		db_rollback(op);
		return st;
	}
	return db_commit(op);
}

static enum status add(struct program *p, int argc, char **argv)
{
	const char *email = option_value(p, &argc, argv, "--email"), *name = option_value(p, &argc, argv, "--name");
	const char *role = option_value(p, &argc, argv, "--role"),
		   *file = option_value(p, &argc, argv, "--password-file");
	if (argc != 3 || !email)
		return E_SYNTAX;
	const char *password = password_read(p, file);
	if (!password)
		return fail(&p->op, E_INPUT, "password", "is needed, in --password-file or on standard input");
	int64_t id;
	enum status st = db_begin(&p->op);
	if (!st)
		st = commit(&p->op,
			user_add(&p->op, argv[2], name ? name : argv[2], email, role ? role : "member", password, &id));
	if (!st)
		printf("user %s added\n", argv[2]);
	return st;
}

/* <ada@fund.example>, <ada@home.example> */
static void print_addresses(struct json_object *u)
{
	struct json_object *aliases = json_get(u, "aliases");
	printf("<%s>", json_text(u, "email"));
	for (size_t i = 0; i < json_len(aliases); i++)
		printf(", <%s>", json_object_get_string(json_at(aliases, i)));
	puts("");
}

static enum status list(struct program *p)
{
	struct json_object *rows =
		db_array(&p->op, "SELECT id, username, name, email, role, is_active FROM users ORDER BY username");
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *u = json_at(rows, i);
		json_set(u, "aliases", json_object_get(user_aliases(&p->op, json_int(u, "id"))));
		json_object_object_del(u, "id");
	}
	if (p->json) {
		puts(json_object_to_json_string_ext(rows, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
		return p->op.fault.status;
	}
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *u = json_at(rows, i);
		printf("%-16s %-8s %-8s %s ", json_text(u, "username"), json_text(u, "role"),
			json_true(u, "is_active") ? "active" : "disabled", json_text(u, "name"));
		print_addresses(u);
	}
	return p->op.fault.status;
}

static enum status known(struct program *p, const char *username, int64_t *id)
{
	*id = user_find(&p->op, username);
	return *id ? OK : fail(&p->op, E_NOT_FOUND, NULL, "there is no user %s", username);
}

static enum status passwd(struct program *p, int argc, char **argv)
{
	const char *file = option_value(p, &argc, argv, "--password-file");
	int64_t id;
	if (argc != 3)
		return E_SYNTAX;
	enum status st = known(p, argv[2], &id);
	const char *password = st ? NULL : password_read(p, file);
	if (!st && !password)
		st = fail(&p->op, E_INPUT, "password", "is needed, in --password-file or on standard input");
	if (!st)
		st = db_begin(&p->op);
	return st ? st : commit(&p->op, user_set_password(&p->op, id, password));
}

static enum status set_active(struct program *p, int argc, char **argv, int active)
{
	int64_t id;
	if (argc != 3)
		return E_SYNTAX;
	enum status st = known(p, argv[2], &id);
	if (!st)
		st = db_begin(&p->op);
	return st ? st : commit(&p->op, user_set_active(&p->op, id, active));
}

/* One further address more, or one less. */
static enum status alias(struct program *p, int argc, char **argv, bool more)
{
	int64_t id;
	if (argc != 4)
		return E_SYNTAX;
	const char *email = addr_normalise(p->pool, argv[3]);
	enum status st = known(p, argv[2], &id);
	if (!st)
		st = db_begin(&p->op);
	if (st)
		return st;
	struct json_object *changes = json_obj(p->pool), *list = json_add_arr(changes, "aliases");
	struct json_object *old = user_aliases(&p->op, id);
	bool had = false;
	for (size_t i = 0; i < json_len(old); i++) {
		const char *one = json_object_get_string(json_at(old, i));
		bool is_it = str_eq(one, email);
		had |= is_it;
		if (more || !is_it)
			json_push_text(list, one);
	}
	if (more)
		json_push_text(list, argv[3]); /* once: a list holds nothing twice */
	if (!more && !had)
		return commit(&p->op, fail(&p->op, E_NOT_FOUND, NULL, "%s has no such address", argv[2]));
	return commit(&p->op, user_update(&p->op, id, changes));
}

enum status command_user(struct program *p, int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	if (str_eq(verb, "add"))
		return add(p, argc, argv);
	if (str_eq(verb, "list") && argc == 2)
		return list(p);
	if (str_eq(verb, "passwd"))
		return passwd(p, argc, argv);
	if (str_eq(verb, "disable") || str_eq(verb, "enable"))
		return set_active(p, argc, argv, str_eq(verb, "enable"));
	if (str_eq(verb, "alias") || str_eq(verb, "unalias"))
		return alias(p, argc, argv, str_eq(verb, "alias"));
	return E_SYNTAX;
}
