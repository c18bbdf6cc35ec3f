/* Owns what an exclusion rule may say and which stored mail it takes. Never erases anything. Tests: t/40-rules.t */
#include "core/rule.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/user.h"
#include "mail/addr.h"
#include "base/banned.h"

const char *const rule_kinds[] = {"address", "domain", "list", "automatic", "label", "size", NULL};

/* RFC 9051 2.3.2 names the flags, https://cr.yp.to/proto/maildir.html gives them letters. */
static const struct {
	const char *name, *letter;
} flags[] = {{"\\Seen", "S"}, {"\\Answered", "R"}, {"\\Flagged", "F"}};

const char *rule_flag(const char *name)
{
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (str_ieq(flags[i].name, name))
			return flags[i].letter;
	return NULL;
}

bool rule_has_label(const struct rule *rule, const char *folder)
{
	size_t n = strlen(rule->value);
	for (const char *at = folder; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
		if (strncasecmp(at, rule->value, n) == 0 && (!at[n] || at[n] == '\n'))
			return true;
	return false;
}

struct rule rule_read(struct json_object *row)
{
	struct rule rule = {json_int(row, "id"), json_int(row, "user_id"), 0, json_text(row, "value")};
	for (int kind = 0; rule_kinds[kind]; kind++)
		if (str_eq(rule_kinds[kind], json_text(row, "kind")))
			rule.kind = kind;
	return rule;
}

static const char *refused(struct op *op, const char *why)
{
	fail(op, E_INPUT, "value", "%s", why);
	return NULL;
}

static const char *outside(struct op *op, const char *value, const char *address)
{
	if (own_is(own_load(op), address))
		return refused(op, "is ours: every message names it");
	return value;
}

static const char *label(struct op *op, const char *typed)
{
	if (*typed != '\\')
		return *typed && strlen(typed) <= 200 ? typed : refused(op, "is the name of a folder or a flag");
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (str_ieq(flags[i].name, typed))
			return flags[i].name;
	return refused(op, "is no flag: there are \\Seen, \\Answered and \\Flagged");
}

const char *rule_value(struct op *op, enum rule_kind kind, const char *typed)
{
	struct pool *p = op->pool;
	int64_t n;
	const char *value = str_trim(p, typed ? typed : ""), *address;
	switch (kind) {
	case RULE_ADDRESS:
		address = addr_normalise(p, value);
		return address ? outside(op, address, address) : refused(op, "is not an e-mail address");
	case RULE_DOMAIN:
		address = addr_normalise(p, pool_printf(p, "x@%s", *value == '@' ? value + 1 : value));
		return address ? outside(op, address + 2, address) : refused(op, "is not a domain");
	case RULE_LIST:
		return strlen(value) <= 250 ? str_lower(p, value) : refused(op, "is too long for a List-Id");
	case RULE_LABEL:
		return label(op, value);
	case RULE_SIZE:
		return str_i64(value, 1, 50, &n) ? pool_printf(p, "%lld", (long long)n)
						 : refused(op, "is a number of megabytes, 1 to 50");
	default:
		return "";
	}
}

static void by_address(struct query *q, const struct rule *rule)
{
	query_add(q, "rule_addresses a JOIN rule_copies c ON c.message_id = a.message_id WHERE ");
	if (rule->kind == RULE_ADDRESS)
		query_add(q, "a.email = ?", rule->value);
	else
		query_add(q, "a.domain = ?", rule->value);
}

static void by_message(struct query *q, const struct rule *rule)
{
	int64_t n = 0;
	query_add(q, "rule_messages m JOIN rule_copies c ON c.message_id = m.message_id WHERE ");
	if (rule->kind == RULE_AUTOMATIC)
		query_add(q, "m.is_automated = 1");
	else if (rule->kind == RULE_SIZE && str_i64(rule->value, 1, 50, &n))
		query_add(q, "m.size > ?", n << 20);
	else if (*rule->value)
		query_add(q, "m.list_id = ?", rule->value);
	else
		query_add(q, "m.list_id IS NOT NULL");
}

static void by_label(struct query *q, const struct rule *rule)
{
	const char *letter = rule_flag(rule->value);
	if (letter) {
		query_add(q, "rule_copies c WHERE instr(c.flags, ?) > 0", letter);
		return;
	}
	/* The one label, or one of several: each has its index. */
	query_add(q, "(SELECT * FROM rule_copies WHERE folder = ? COLLATE NOCASE", rule->value);
	query_add(q,
		" UNION ALL SELECT * FROM rule_copies WHERE instr(folder, char(10)) > 0 AND instr(char(10) || "
		"lower(folder) || char(10), char(10) || lower(?) || char(10)) > 0) c WHERE 1",
		rule->value);
}

void rule_copies(struct query *q, const struct rule *rule)
{
	static void (*const by[RULE_KIND_COUNT])(struct query *, const struct rule *) = {
		[RULE_ADDRESS] = by_address,
		[RULE_DOMAIN] = by_address,
		[RULE_LIST] = by_message,
		[RULE_AUTOMATIC] = by_message,
		[RULE_LABEL] = by_label,
		[RULE_SIZE] = by_message,
	};
	query_add(q, "SELECT DISTINCT c.mailbox_id, c.source_id, c.message_id FROM ");
	by[rule->kind](q, rule);
	if (rule->user_id)
		query_add(q, " AND c.mailbox_id IN (SELECT mailbox_id FROM rule_mailboxes WHERE user_id = ?)",
			rule->user_id);
}

enum status rule_measure(struct op *op, const struct rule *rule, struct rule_effect *out)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "WITH hits AS (");
	rule_copies(&q, rule);
	query_add(&q, "), taken AS (SELECT message_id, count(*) AS n FROM hits GROUP BY message_id),"
		      " judged AS (SELECT t.message_id, t.n = (SELECT count(*) FROM rule_copies x WHERE x.message_id ="
		      " t.message_id) AS is_purged FROM taken t)"
		      " SELECT (SELECT count(DISTINCT mailbox_id) FROM hits) AS mailboxes,"
		      " count(*) FILTER (WHERE NOT is_purged) AS hides, count(*) FILTER (WHERE is_purged) AS purges,"
		      " coalesce(sum(m.size) FILTER (WHERE is_purged), 0) AS bytes,"
		      " count(*) FILTER (WHERE is_purged AND EXISTS (SELECT 1 FROM communication_messages k"
		      " WHERE k.message_id = j.message_id)) AS recorded"
		      " FROM judged j JOIN rule_messages m ON m.message_id = j.message_id");
	struct json_object *row = json_at(query_array(op, &q), 0);
	*out = (struct rule_effect){json_int(row, "mailboxes"), json_int(row, "hides"), json_int(row, "purges"),
		json_int(row, "bytes"), json_int(row, "recorded")};
	return op->fault.status;
}

enum status rule_save(struct op *op, struct rule *rule)
{
	enum status st = db_run(op,
		"INSERT INTO rules (kind, value, user_id, created_by) VALUES (?, ?, nullif(?, 0), nullif(?, 0))",
		rule_kinds[rule->kind], rule->value, rule->user_id, op->actor.user_id);
	rule->id = db_last_id(op);
	if (st != E_CONFLICT)
		return st;
	fault_init(&op->fault, op->pool);
	return fail(op, E_CONFLICT, "value", "has a rule already");
}

enum status rule_retract(struct op *op, int64_t id)
{
	struct json_object *row = db_object(op,
		"SELECT user_id IS NULL AS is_fund FROM rules_live WHERE id = ? AND (user_id IS NULL OR user_id = ?)",
		id, op->actor.user_id);
	if (!row)
		return op->fault.status ? op->fault.status : fail(op, E_NOT_FOUND, NULL, "there is no such rule");
	if (json_true(row, "is_fund") && op->actor.role != ROLE_ADMIN)
		return fail(op, E_FORBIDDEN, NULL, "a rule of the whole fund is retracted by an administrator");
	return db_run(
		op, "UPDATE rules SET deleted_at = ctx_now(), deleted_by = ? WHERE id = ?", op->actor.user_id, id);
}
