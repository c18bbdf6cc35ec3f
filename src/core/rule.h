/* Exclusion rules: what a person wants left out of capture. This is what a rule may say and what it would do to stored mail;
 * capture judges what comes by it, and carries out what it does (capture/purge.c). */
#ifndef CORE_RULE_H
#define CORE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "db/op.h"

enum rule_kind { RULE_ADDRESS, RULE_DOMAIN, RULE_LIST, RULE_AUTOMATIC, RULE_LABEL, RULE_SIZE, RULE_KIND_COUNT };
extern const char *const rule_kinds[]; /* in that order, ends with NULL */

struct rule {
	int64_t id;      /* 0: not saved yet */
	int64_t user_id; /* whose mailboxes; 0: all of the fund's */
	enum rule_kind kind;
	const char *value;
};
struct rule rule_read(struct json_object *row); /* with id, kind, value and, where it matters, user_id */

/* An address, a domain, a List-Id (empty: any list), nothing, a folder or a flag (\Seen \Answered \Flagged), or megabytes,
 * in the form that is compared. NULL with E_INPUT "value" when it is none; what is ours is refused, for every message
 * names it. */
const char *rule_value(struct op *op, enum rule_kind kind, const char *typed);
/* The Maildir letter of a flag's name; NULL: none has that name. */
const char *rule_flag(const char *name);
/* Does a rule by label that names no flag take what lies there? Folder: one name, or labels, one a line; NULL: nowhere. */
bool rule_has_label(const struct rule *rule, const char *folder);

/* Adds a SELECT DISTINCT of mailbox_id, source_id, message_id: the copies of stored mail that the rule takes. */
void rule_copies(struct query *q, const struct rule *rule);

struct rule_effect {
	int64_t mailboxes; /* in which it takes something */
	int64_t hides;     /* messages that leave these mailboxes and stay: another one, without the rule, holds them */
	int64_t purges;    /* messages whose content goes: no other mailbox holds them */
	int64_t bytes;     /* of those */
	int64_t recorded;  /* of those: on a record already, by an approved activity, which stays */
};
enum status rule_measure(struct op *op, const struct rule *rule, struct rule_effect *out);

/* The one who writes it is the op's actor, a person; the schema sees to it that a rule for the fund is an
 * administrator's. E_CONFLICT when there is one already. Inside a transaction. */
enum status rule_save(struct op *op, struct rule *rule);
enum status rule_retract(struct op *op, int64_t id); /* E_NOT_FOUND, E_FORBIDDEN */

#endif
