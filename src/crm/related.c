/* Owns what stands beside a record: people, threads, who on the team knows them, the timeline. Reads only; each part is
 * one bounded query. Tests: t/60-pages.t */
#include "crm/crm.h"

#include <string.h>

#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define TIMELINE_PAGE 30

static void put(struct json_object *data, const char *key, const char *has, struct json_object *rows)
{
	json_set(data, key, json_object_get(rows));
	set_has(data, has, json_len(rows) > 0);
}

static void urls(struct req *r, struct json_object *rows, const char *base)
{
	for (size_t i = 0; i < json_len(rows); i++)
		set_url(r->op.pool, json_at(rows, i), base, json_int(json_at(rows, i), "id"));
}

void related_people(struct req *r, struct json_object *data, int64_t organization_id, int64_t but_contact_id)
{
	struct json_object *rows = db_array(&r->op,
		"SELECT c.id, c.name, c.title, (SELECT e.email FROM contact_emails_live e WHERE e.contact_id = c.id "
		"ORDER BY e.position"
		" LIMIT 1) AS email, t.last_at FROM contacts_live c LEFT JOIN touches t ON t.resource = 'contacts' AND "
		"t.resource_id = c.id"
		" WHERE c.organization_id = ? AND c.id <> ? ORDER BY c.name COLLATE NOCASE LIMIT 100",
		organization_id, but_contact_id);
	urls(r, rows, "/contacts");
	put(data, "people", "has_people", rows);
}

void related_threads(struct req *r, struct json_object *data, const char *resource, int64_t id)
{
	struct json_object *rows = db_array(&r->op,
		"SELECT t.id, t.subject, t.last_at, t.messages, t.last_direction FROM thread_parties_seen p JOIN "
		"threads_seen t "
		"ON t.id = p.thread_id"
		" WHERE p.resource = ? AND p.resource_id = ? AND t.merged_into IS NULL ORDER BY p.last_at DESC, "
		"p.thread_id DESC LIMIT 10",
		resource, id);
	urls(r, rows, "/mail");
	put(data, "threads", "has_threads", rows);
}

void related_known_by(struct req *r, struct json_object *data, const char *resource, int64_t id)
{
	put(data, "known_by", "has_known_by",
		db_array(&r->op,
			"SELECT u.id AS user_id, u.name, k.communications, k.last_at FROM acquaintances_cache k JOIN "
			"users u"
			" ON u.id = k.user_id WHERE k.resource = ? AND k.resource_id = ?"
			" ORDER BY k.communications DESC, u.name LIMIT 10",
			resource, id));
}

void related_investor(struct req *r, struct json_object *data, int64_t organization_id, int64_t contact_id)
{
	/* Each half is one look into an index; an OR over both would read all investors. */
	struct json_object *row = db_object(&r->op,
		"SELECT i.id, coalesce(o.name, c.name) AS label, i.priority, u.name AS lead_name, i.is_graveyard FROM"
		" (SELECT id, 0 AS rank FROM investors_live WHERE contact_id = ?2 UNION ALL"
		" SELECT id, 1 AS rank FROM investors_live WHERE organization_id = ?1 ORDER BY rank LIMIT 1) f"
		" JOIN investors_live i ON i.id = f.id LEFT JOIN organizations_live o ON o.id = i.organization_id"
		" LEFT JOIN contacts_live c ON c.id = i.contact_id LEFT JOIN users u ON u.id = i.lead_id",
		organization_id, contact_id);
	if (row)
		set_url(r->op.pool, row, "/investors", json_int(row, "id"));
	json_set(data, "investor", json_object_get(row));
}

/* ---- timeline: threads that nobody recorded yet and what stands on the record, newest first ---- */
struct place {
	const char *at;
	int64_t kind, id; /* 0 communication, 1 thread, 2 task, 3 change: the order within one instant */
};

static struct place place_read(struct req *r)
{
	struct place p = {"9999", 9, INT64_MAX};
	const char *after = in_text(r, "after", 200), *why;
	size_t n;
	if (!after)
		return p;
	unsigned char *bytes = base64url_decode(r->op.pool, after, strlen(after), &n);
	struct json_object *o = NULL;
	if (!bytes || json_parse(r->op.pool, (const char *)bytes, n, &o, &why) || !json_text(o, "a"))
		fail(&r->op, E_SYNTAX, "after", "is not a place on this timeline");
	else
		p = (struct place){json_text(o, "a"), json_int(o, "k"), json_int(o, "i")};
	if (p.kind == 1)
		p.at = thread_place(&r->op, p.id, p.at);
	return p;
}

static const char *place_make(struct req *r, struct json_object *row)
{
	struct json_object *o = json_obj(r->op.pool);
	size_t n;
	json_set_text(o, "a", json_text(row, "at"));
	json_set_int(o, "k", json_int(row, "rank"));
	json_set_int(o, "i", json_int(row, "id"));
	const char *bytes = json_bytes(r->op.pool, o, &n);
	return base64url(r->op.pool, bytes, n);
}

/* What may be asked for with ?show=; the union below has a branch for each source of items. */
static const char *const shows[] = {"all", "mail", "calls", "meetings", "notes", "tasks", "changes", NULL};
static const char *const show_labels[] = {"All", "Mail", "Calls", "Meetings", "Notes", "Tasks", "Changes", NULL};

static struct json_object *items(
	struct req *r, const char *resource, int64_t id, int64_t investor, struct place p, const char *show)
{
	return db_array(&r->op,
		"SELECT * FROM (SELECT t.last_at AS at, tp.last_at AS sort_at, 1 AS rank, t.id, 'thread' AS kind, "
		"t.subject AS title,"
		" (SELECT m.snippet FROM messages_seen m WHERE m.thread_id = t.id ORDER BY m.sent_at DESC, m.id DESC "
		"LIMIT "
		"1) AS snippet,"
		" t.last_direction AS direction, (SELECT coalesce(m.from_name, m.from_email) || ' wrote' FROM "
		"messages_seen m"
		" WHERE m.thread_id = t.id ORDER BY m.sent_at DESC, m.id DESC LIMIT 1) AS who, t.messages AS count,"
		" NULL AS source, NULL AS proposal_id, NULL AS by_name, t.level, t.audience FROM thread_parties_seen "
		"tp JOIN threads_seen t ON "
		"t.id = "
		"tp.thread_id"
		" WHERE ?7 IN ('all', 'mail') AND tp.resource = ?1 AND tp.resource_id = ?2 AND tp.last_at <= ?3"
		" AND (tp.last_at, 1, tp.thread_id) < (?3, ?4, ?5)"
		" AND t.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM communications_live c WHERE c.thread_id = "
		"t.id)"
		" ORDER BY tp.last_at DESC, tp.thread_id DESC LIMIT ?6)"
		" UNION ALL SELECT * FROM (SELECT c.occurred_at AS at, c.occurred_at AS sort_at, 0 AS rank, c.id, "
		"c.kind, c.subject AS title,"
		" substr(c.body, 1, 200) AS snippet, c.direction, NULL AS who, NULL AS count, c.source,"
		" (SELECT id FROM proposals_seen WHERE id = c.proposal_id) AS proposal_id, u.name AS by_name, 0, 0 "
		"FROM communication_parties_live cp JOIN communications_live c ON c.id ="
		" cp.communication_id LEFT JOIN users u ON u.id = c.created_by"
		" WHERE cp.resource = ?1 AND cp.resource_id = ?2 AND cp.occurred_at <= ?3"
		" AND (cp.occurred_at, 0, cp.communication_id) < (?3, ?4, ?5)"
		" AND ?7 IN ('all', CASE c.kind WHEN 'email' THEN 'mail' ELSE c.kind || 's' END)"
		" ORDER BY cp.occurred_at DESC, cp.communication_id DESC LIMIT ?6)"
		" UNION ALL SELECT * FROM (SELECT t.created_at AS at, t.created_at, 2 AS rank, t.id, 'task', t.title, "
		"substr(t.note, "
		"1, "
		"200),"
		" NULL, NULL, NULL, t.source, (SELECT id FROM proposals_seen WHERE id = t.proposal_id), u.name, 0, 0 "
		"FROM tasks_live t LEFT JOIN users u ON u.id = "
		"t.created_by"
		" WHERE ?7 IN ('all', 'tasks') AND t.id IN (SELECT id FROM tasks_live WHERE ?1 = 'contacts' AND"
		" contact_id = ?2 UNION ALL SELECT id FROM tasks_live WHERE ?1 = 'organizations' AND organization_id = "
		"?2"
		" UNION ALL SELECT id FROM tasks_live WHERE investor_id = ?8)"
		" AND (t.created_at, 2, t.id) < (?3, ?4, ?5) ORDER BY t.created_at DESC, t.id DESC LIMIT ?6)"
		" UNION ALL SELECT * FROM (SELECT a.at, a.at, 3 AS rank, a.id, 'change', coalesce(a.actor_name, "
		"a.actor_kind),"
		" a.action, NULL, NULL, NULL, iif(a.proposal_id IS NULL, 'user', 'agent'), (SELECT id FROM "
		"proposals_seen WHERE id = a.proposal_id),"
		" a.actor_name, 0, 0"
		" FROM audit_seen a WHERE ?7 = 'changes' AND a.resource = iif(?8, 'investors', ?1)"
		" AND a.resource_id = iif(?8, ?8, ?2) AND (a.at, 3, a.id) < (?3, ?4, ?5) ORDER BY a.id DESC LIMIT ?6)"
		" ORDER BY sort_at DESC, rank DESC, id DESC LIMIT ?6",
		resource, id, p.at, p.kind, p.id, TIMELINE_PAGE + 1, show, investor);
}

/* Where it came from, and by whom it stands here. */
static void source(struct req *r, struct json_object *row)
{
	const char *from = json_text(row, "source"), *by = json_text(row, "by_name");
	int64_t proposal = json_int(row, "proposal_id"), id = json_int(row, "id");
	struct json_object *source = json_obj(r->op.pool);
	by = by ? by : "nobody known";
	json_set_text(source, "label",
		!from                    ? "captured mail"
		: str_eq(from, "user")   ? pool_printf(r->op.pool, "typed by %s", by)
		: str_eq(from, "import") ? pool_printf(r->op.pool, "imported by %s", by)
					 : pool_printf(r->op.pool, "proposal countersigned by %s", by));
	json_set_text(source, "url",
		from ? resource_url(r->op.pool, "proposals", proposal) : resource_url(r->op.pool, "threads", id));
	set_has(source, "has_url", !from || proposal > 0);
	json_set(row, "source", json_object_get(source));
	json_object_object_del(row, "by_name");
	json_object_object_del(row, "sort_at");
}

static void item(struct req *r, struct json_object *row, const char *history_url)
{
	static const char *const kinds[] = {"thread", "email", "call", "meeting", "note", "task", "change"};
	static const char *const flags[] = {
		"is_thread", "is_email", "is_call", "is_meeting", "is_note", "is_task", "is_change"};
	static const char *const bases[] = {"/communications", "/mail", "/tasks"};
	const char *kind = json_text(row, "kind");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		json_set_bool(row, flags[i], str_eq(kind, kinds[i]));
	json_set_text(row, "kind_label", kind_label(kind));
	source(r, row);
	json_set_text(row, "sight", sight_label(json_int(row, "level"), json_int(row, "audience")));
	if (json_true(row, "is_change")) {
		json_set_text(row, "snippet", action_label(json_text(row, "snippet")));
		json_set_text(row, "url", history_url);
	} else
		set_url(r->op.pool, row, bases[json_int(row, "rank")], json_int(row, "id"));
}

static void filters(struct req *r, struct json_object *timeline, const char *show, const char *url)
{
	struct json_object *list = json_add_arr(timeline, "filters");
	for (size_t i = 0; shows[i]; i++) {
		struct json_object *o = json_push_obj(list);
		json_set_text(o, "label", show_labels[i]);
		json_set_text(o, "url", i ? pool_printf(r->op.pool, "%s?show=%s", url, shows[i]) : url);
		json_set_bool(o, "is_current", str_eq(shows[i], show));
	}
}

void timeline_fill(struct req *r, struct json_object *data, const char *resource, int64_t id, const char *url)
{
	struct place p = place_read(r);
	const char *show = shows[in_choice(r, "show", shows, 0)];
	int64_t investor = str_starts(url, "/investors/") ? json_int(data, "id") : 0;
	struct json_object *rows =
		r->op.fault.status ? json_arr(r->op.pool) : items(r, resource, id, investor, p, show);
	struct json_object *timeline = json_add_obj(data, "timeline");
	filters(r, timeline, show, url);
	json_set_bool(timeline, "is_filtered", show != shows[0]);
	json_set_text(timeline, "all_url", url);
	json_set_text(data, "note_field", str_eq(resource, "contacts") ? "note_contact_id" : "note_organization_id");
	json_set_int(data, "note_record", id);
	bool more = json_len(rows) > TIMELINE_PAGE;
	if (more)
		json_object_array_del_idx(rows, TIMELINE_PAGE, json_len(rows) - TIMELINE_PAGE);
	for (size_t i = 0; i < json_len(rows); i++)
		item(r, json_at(rows, i), json_text(data, "history_url"));
	const char *next = more ? place_make(r, json_at(rows, TIMELINE_PAGE - 1)) : NULL;
	json_set(timeline, "items", json_object_get(rows));
	json_set_text(timeline, "next", next);
	json_set_text(
		timeline, "next_url", next ? pool_printf(r->op.pool, "%s?show=%s&after=%s", url, show, next) : NULL);
	set_has(timeline, "has_next", more);
	json_set_bool(timeline, "is_empty", json_len(rows) == 0);
	json_set_bool(timeline, "is_first", str_eq(p.at, "9999"));
}
