/* The first page: what waits for me, what moved, how capture is. Reads only.
 *
 * home  data: {
 *   pending      number of pending proposals   has_pending, pending_more (not all were looked at, see list_look)
 *   proposals    newest five: [{id, title, kind_label, author_name, occurred_at, url}]
 *   tasks        due until today for me or for the whole team, ten: [task row, see tasks.c]  tasks_due (in all) has_tasks
 *   unanswered   they wrote last, newest ten: [{contact_id, name, organization_name, last_in_at, url}]  has_unanswered
 *   overdue      investors whose cadence was missed, ten: [{id, name, last_at, cadence_days, url}]     has_overdue
 *   recent       newest ten communications: [{id, kind, kind_label, subject, occurred_at, direction, party_name, url}]
 *                has_recent, recent_since: how many since yesterday began
 *   pending, tasks_due and recent_since end at 1000 and have a _label ("1,000+")
 *   X_count, X_more   how many rows unanswered, overdue, recent and mailboxes have here; there may be more
 *   in_sync      how many of the mailboxes are
 *   mailboxes    [{id, address, is_in_sync, is_running, missing, failed, complete_at, error, retry_at,
 *                has_error, url}]  has_mailboxes
 *   is_new       nothing has been recorded yet: show what to do first
 *   today        local day
 * }
 * Tests: t/60-pages.t */
#include "crm/crm.h"

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define NEWEST 5 /* proposals */

/* `key`, has_`key`, and how many: lists end at ten rows, so ten means ten or more */
static void put(struct req *r, struct json_object *data, const char *key, struct json_object *rows)
{
	json_set(data, key, json_object_get(rows));
	set_has(data, pool_printf(r->op.pool, "has_%s", key), json_len(rows) > 0);
	json_set_int(data, pool_printf(r->op.pool, "%s_count", key), (int64_t)json_len(rows));
	json_set_bool(data, pool_printf(r->op.pool, "%s_more", key), json_len(rows) >= 10);
}

static void waiting(struct req *r, struct json_object *data)
{
	bool more;
	int64_t pending = proposals_waiting(r, &more);
	char now[INSTANT_SIZE];
	instant_format(r->op.now, now);
	struct json_object *rows = db_array(&r->op,
		"SELECT id, title, kind, author_name, occurred_at FROM proposals_seen WHERE id IN (SELECT id FROM"
		" proposal_places WHERE state = 'pending' AND coalesce(snoozed_until, '') <= ? ORDER BY occurred_at "
		"DESC,"
		" id DESC LIMIT " LOOKED ") ORDER BY occurred_at DESC, id DESC LIMIT ?",
		(const char *)now, LOOKED_MAX, NEWEST, NEWEST);
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *p = json_at(rows, i);
		json_set_text(p, "kind_label", proposal_kind_label(json_text(p, "kind")));
		json_set_text(p, "url", pool_printf(r->op.pool, "/review?selected=%lld", (long long)json_int(p, "id")));
	}
	set_count(r->op.pool, data, "pending", pending, more);
	json_set_bool(data, "pending_more", more);
	set_has(data, "has_pending", pending > 0);
	json_set(data, "proposals", json_object_get(rows));
}

static void unanswered(struct req *r, struct json_object *data)
{
	struct json_object *rows =
		db_array(&r->op, "SELECT c.id AS contact_id, c.name, o.name AS organization_name, t.last_in_at FROM "
				 "touches t CROSS JOIN contacts_live c"
				 " ON c.id = t.resource_id LEFT JOIN organizations_live o ON o.id = c.organization_id"
				 " WHERE t.resource = 'contacts' AND t.last_in_at > coalesce(t.last_out_at, '')"
				 " ORDER BY t.last_in_at DESC, t.resource_id DESC LIMIT 10");
	for (size_t i = 0; i < json_len(rows); i++)
		set_url(r->op.pool, json_at(rows, i), "/contacts", json_int(json_at(rows, i), "contact_id"));
	put(r, data, "unanswered", rows);
}

static void overdue(struct req *r, struct json_object *data)
{
	char now[INSTANT_SIZE];
	instant_format(r->op.now, now);
	struct json_object *rows = db_array(&r->op,
		"SELECT i.id, coalesce(o.name, c.name) AS name, t.last_at, i.cadence_days FROM investors_cache d"
		" CROSS JOIN investors_live i ON i.id = d.investor_id LEFT JOIN organizations_live o ON o.id = "
		"i.organization_id LEFT JOIN contacts_live c ON c.id = "
		"i.contact_id"
		" LEFT JOIN touches t ON t.resource = iif(i.organization_id IS NULL, 'contacts', 'organizations')"
		" AND t.resource_id = coalesce(i.organization_id, i.contact_id)"
		" WHERE d.due_at < ? ORDER BY d.due_at, d.investor_id LIMIT 10",
		(const char *)now);
	for (size_t i = 0; i < json_len(rows); i++)
		set_url(r->op.pool, json_at(rows, i), "/investors", json_int(json_at(rows, i), "id"));
	put(r, data, "overdue", rows);
}

static void recent(struct req *r, struct json_object *data)
{
	struct json_object *rows =
		db_array(&r->op, "SELECT c.id, c.kind, c.subject, c.occurred_at, c.direction, (SELECT x.name FROM "
				 "communication_parties_live p JOIN contacts_live x"
				 " ON x.id = p.resource_id WHERE p.communication_id = c.id AND p.resource = 'contacts' "
				 "LIMIT 1) AS party_name"
				 " FROM communications_live c ORDER BY c.occurred_at DESC, c.id DESC LIMIT 10");
	for (size_t i = 0; i < json_len(rows); i++) {
		json_set_text(json_at(rows, i), "kind_label", kind_label(json_text(json_at(rows, i), "kind")));
		set_url(r->op.pool, json_at(rows, i), "/communications", json_int(json_at(rows, i), "id"));
	}
	put(r, data, "recent", rows);
	const char *zone = r->zone ? r->zone : "UTC";
	char day[DAY_SIZE], yesterday[INSTANT_SIZE];
	int64_t since = 0;
	zone_day(zone, r->op.now, day);
	instant_format(zone_day_start(zone, day, -1), yesterday);
	db_one_int(&r->op, &since,
		"SELECT count(*) FROM (SELECT 1 FROM communications_live WHERE occurred_at >= ? LIMIT ?)",
		(const char *)yesterday, COUNT_MAX + 1);
	set_count(r->op.pool, data, "recent_since", since, false);
}

static void mailboxes(struct req *r, struct json_object *data)
{
	struct json_object *rows = db_array(&r->op,
		"SELECT b.id, b.address, b.run_started_at IS NOT NULL AND b.run_ended_at IS NULL AS is_running, "
		"b.listed, b.complete_at, b.error, b.retry_at, coalesce(k.stored + k.excluded + k.failed, 0) AS here,"
		" coalesce(k.failed, 0) AS failed FROM mailboxes_live b LEFT JOIN mailbox_counts k ON k.mailbox_id = "
		"b.id"
		" ORDER BY b.address LIMIT 50");
	int64_t in_sync = 0;
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *b = json_at(rows, i);
		int64_t missing = json_int(b, "listed") - json_int(b, "here");
		json_set_int(b, "missing", missing > 0 ? missing : 0);
		set_has(b, "has_error", json_text(b, "error") != NULL);
		bool good =
			json_text(b, "complete_at") && missing <= 0 && !json_text(b, "error") && !json_int(b, "failed");
		json_set_bool(b, "is_in_sync", good);
		in_sync += good;
		set_url(r->op.pool, b, "/capture", json_int(b, "id"));
	}
	json_set_int(data, "in_sync", in_sync);
	put(r, data, "mailboxes", rows);
}

enum status home_show(struct req *r)
{
	struct json_object *data = out_data(r, json_obj(r->op.pool));
	int64_t any = 0;
	char day[DAY_SIZE];
	waiting(r, data);
	tasks_due(r, data);
	unanswered(r, data);
	overdue(r, data);
	recent(r, data);
	mailboxes(r, data);
	db_one_int(&r->op, &any,
		"SELECT EXISTS (SELECT 1 FROM contacts_live) OR EXISTS (SELECT 1 FROM organizations_live)");
	zone_day(r->zone ? r->zone : "UTC", r->op.now, day);
	json_set_bool(data, "is_new", !any);
	json_set_text(data, "today", day);
	json_set_text(r->view, "title", "Home");
	return OK;
}
