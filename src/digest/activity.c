/* Owns what the digest says was recorded: by member of the team, then by whom it was with, a line each.
 * Tests: t/unit/digest_make.c, t/50-digest.t */
#include "base/pool.h"
#include "base/str.h"
#include "db/db.h"
#include "digest/section.h"
#include "base/banned.h"

#define LINES_MAX 200

#define PARTIES(what, join, resource)                                                                                  \
	"(SELECT " what " FROM communication_parties_live p JOIN " join " WHERE p.communication_id = c.id AND "        \
	"p.resource = '" resource "' ORDER BY p.resource_id LIMIT 1)"
#define INVESTOR(what)                                                                                                 \
	"coalesce(" PARTIES(what,                                                                                      \
		"investors_live i ON i.organization_id = p.resource_id JOIN investors_cache d ON d.investor_id = "     \
		"i.id",                                                                                                \
		"organizations") ", " PARTIES(what,                                                                    \
		"investors_live i ON i.contact_id = p.resource_id JOIN investors_cache d ON d.investor_id = i.id",     \
		"contacts") ")"

#define TEAM                                                                                                           \
	"(SELECT json_group_array(json_object('id', u.id, 'name', u.name)) FROM (SELECT x.id, x.name FROM "            \
	"communication_parties_live p JOIN users x ON x.id = p.resource_id WHERE p.communication_id = c.id AND "       \
	"p.resource = 'users' UNION SELECT x.id, x.name FROM users x WHERE x.id = c.created_by AND NOT EXISTS "        \
	"(SELECT 1 FROM communication_parties_live p WHERE p.communication_id = c.id AND p.resource = 'users') "       \
	"ORDER BY 1) u)"

/* The member of `list` that is called so, or a new one at its end. Two of one name are told apart by `key`. */
static struct json_object *named(
	struct making *m, struct json_object *list, int indent, const char *key, const char *name, const char *below)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(json_text(json_at(list, i), "key"), key))
			return json_at(list, i);
	struct json_object *o = json_push_obj(list);
	json_set_text(o, "key", key);
	json_set_text(o, "name", name);
	json_set_text(o, "line", section_line(m, indent, name));
	json_add_arr(o, below);
	return o;
}

static const char *party_url(struct making *m, struct json_object *row)
{
	static const char *const places[] = {
		"investor_id", "/investors", "organization_id", "/organizations", "contact_id", "/contacts"};
	for (size_t i = 0; i < 6; i += 2)
		if (json_int(row, places[i]))
			return section_url(m, places[i + 1], json_int(row, places[i]));
	return NULL;
}

static void item_add(struct making *m, struct json_object *member, struct json_object *row)
{
	struct pool *p = m->op->pool;
	const char *kind = json_text(row, "kind"), *contact = json_text(row, "contact"),
		   *subject = json_text(row, "subject"), *name = json_text(row, "party"), *url = party_url(m, row);
	struct json_object *party = named(m, json_get(member, "parties"), 2, url ? url : name, name, "items");
	json_set_text(party, "url", url);
	struct json_object *item = json_push_obj(json_get(party, "items"));
	if (str_eq(contact, name))
		contact = NULL;
	json_set_text(item, "kind", str_eq(kind, "email") ? "mail" : kind);
	json_set_text(item, "contact", contact);
	json_set_text(item, "subject", subject);
	json_set_text(item, "occurred_at", json_text(row, "occurred_at"));
	json_set_text(item, "line", section_line(m, 6, contact ? pool_printf(p, "%s, %s", subject, contact) : subject));
	json_set_text(item, "url", section_url(m, "/communications", json_int(row, "id")));
}

/* Everybody of the team who took part has it; who wrote it down, only where nobody is named. */
static void items_add(struct making *m, struct json_object *members, struct json_object *row)
{
	struct json_object *team = json_get(row, "team_json");
	for (size_t i = 0; i < json_len(team); i++) {
		const char *key = pool_printf(m->op->pool, "%lld", (long long)json_int(json_at(team, i), "id"));
		item_add(m, named(m, members, 0, key, json_text(json_at(team, i), "name"), "parties"), row);
	}
	if (!json_len(team))
		item_add(m, named(m, members, 0, "", "The team", "parties"), row);
}

void activity_add(struct making *m, bool wants)
{
	struct query q;
	const struct figure *recorded = figure_find("recorded");
	struct json_object *members = json_arr(m->op->pool);
	query_init(&q, m->op->pool);
	query_add(&q,
		"SELECT c.id, c.kind, c.subject, c.occurred_at, " TEAM " AS team_json, " INVESTOR(
			"i.id") " AS investor_id, coalesce(" INVESTOR("d.name") ", " PARTIES("o.name",
			"organizations_live o ON o.id = p.resource_id", "organizations") ", " PARTIES("k.name",
			"contacts_live k ON k.id = p.resource_id", "contacts") ", 'Others') AS party, " PARTIES("o.id",
			"organizations_live o ON o.id = p.resource_id",
			"organizations") " AS organization_id, " PARTIES("k.id",
			"contacts_live k ON k.id = p.resource_id", "contacts") " AS contact_id, " PARTIES("k.name",
			"contacts_live k ON k.id = p.resource_id", "contacts") " AS contact");
	figure_source(&q, recorded, &m->w);
	query_add(&q, " ORDER BY c.occurred_at DESC, c.id DESC LIMIT ?", LINES_MAX);
	struct json_object *rows = wants ? query_array(m->op, &q) : json_arr(m->op->pool);
	for (size_t i = json_len(rows); i-- > 0;) /* in the order in which it happened */
		items_add(m, members, json_at(rows, i));
	int64_t more = wants ? json_int(json_get(m->doc, "counts"), "recorded") - (int64_t)json_len(rows) : 0;
	json_set_int(m->doc, "activity_more", more);
	json_set_bool(m->doc, "has_more_activity", more > 0);
	section_put(m, "activity", "has_activity", members);
}
