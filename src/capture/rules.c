/* Owns judging what comes by the rules that people made (core/rule.h). Never touches what is stored: purge.c does.
 * Tests: t/40-rules.t */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "core/rule.h"
#include "db/db.h"
#include "base/banned.h"

struct rules {
	struct rule *all;
	size_t count;
};

struct rules *rules_load(struct op *op, int64_t user_id)
{
	struct json_object *rows = db_array(op,
		"SELECT id, kind, value FROM rules_live WHERE user_id IS NULL OR user_id = ? ORDER BY id LIMIT 10000",
		user_id);
	struct rules *rules = pool_alloc(op->pool, sizeof *rules);
	rules->all = pool_array(op->pool, json_len(rows) + 1, sizeof *rules->all);
	rules->count = json_len(rows);
	for (size_t i = 0; i < rules->count; i++)
		rules->all[i] = rule_read(json_at(rows, i));
	return rules;
}

static bool names(const struct rule *r, const struct judged *j)
{
	for (size_t i = 0; i < j->m->addr_count; i++) {
		const char *email = j->m->addrs[i].email;
		if (takes_part(j, &j->m->addrs[i]) &&
			str_eq(r->kind == RULE_ADDRESS ? email : addr_domain(email), r->value))
			return true;
	}
	return false;
}

static bool is_of_list(const struct rule *r, const struct mail_message *m)
{
	return m->is_list && (!*r->value || str_ieq(m->list_id ? m->list_id : "", r->value));
}

static bool has_label(const struct rule *r, const struct source_item *item)
{
	const char *letter = rule_flag(r->value);
	return letter ? item->flags && strstr(item->flags, letter) : rule_has_label(r, item->folder);
}

static bool takes(const struct rule *r, const struct source_item *item, const struct judged *j)
{
	int64_t megabytes;
	switch (r->kind) {
	case RULE_ADDRESS:
	case RULE_DOMAIN:
		return names(r, j);
	case RULE_LIST:
		return is_of_list(r, j->m);
	case RULE_AUTOMATIC:
		return j->m->is_automated;
	case RULE_LABEL:
		return has_label(r, item);
	case RULE_SIZE:
		return str_i64(r->value, 1, 50, &megabytes) && (int64_t)j->len > megabytes << 20;
	default:
		return false;
	}
}

int64_t rules_match(const struct rules *rules, const struct source_item *item, const struct judged *j)
{
	for (size_t i = 0; i < rules->count; i++)
		if (takes(&rules->all[i], item, j))
			return rules->all[i].id;
	return 0;
}

int64_t rules_match_label(const struct rules *rules, const struct source_item *item)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->all[i].kind == RULE_LABEL && has_label(&rules->all[i], item))
			return rules->all[i].id;
	return 0;
}

const char *rule_name(struct pool *p, int64_t id)
{
	return pool_printf(p, "rule/%lld", (long long)id);
}
