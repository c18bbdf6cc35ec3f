/* The team's accounts. Used by the admin form, the shell and login; sending looks recipients up here. */
#ifndef CORE_USER_H
#define CORE_USER_H

#include <stdint.h>

#include "base/json.h"
#include "db/op.h"

enum status user_add(struct op *op, const char *username, const char *name, const char *email, const char *role,
	const char *password, int64_t *id); /* password NULL: cannot log in. E_INPUT / E_CONFLICT name the field */
/* Any of name, email, role, is_active, wants_digest, aliases; others are ignored. E_NOT_FOUND, E_INPUT, E_CONFLICT as above.
 * aliases: all further addresses the user sends from, a list, or text with one a line. Mail that was kept before stays as it
 * was understood then. */
enum status user_update(struct op *op, int64_t id, struct json_object *changes);
struct json_object *user_aliases(struct op *op, int64_t id); /* texts, in op->pool */
enum status user_set_password(struct op *op, int64_t id, const char *password);
enum status user_set_active(struct op *op, int64_t id, int active); /* the last active admin stays: E_CONFLICT */
int64_t user_find(struct op *op, const char *username);             /* 0: none */
/* 12 to 1024 bytes, not among the common ones, not the username or the fund's name; records E_INPUT "password". */
enum status password_acceptable(struct op *op, const char *username, const char *password);

/* The domains and addresses that are ours: settings own_domains, own_addresses and own_groups, users' addresses and aliases. */
struct own {
	char **domains;
	char **addresses;
	char **groups; /* those of ours that put themselves into From */
};
struct own *own_load(struct op *op); /* in op->pool */
int own_is(
	const struct own *own, const char *email); /* 1 when ours; compares normalised addresses, plus-tags ignored */

#endif
