/* The first page: what waits for me, what moved, how capture is. Reads only.
 *
 * home  data: {
 *   pending      number of pending proposals   has_pending, pending_more (not all were looked at, see list_look)
 *   proposals    newest five: [{id, title, kind_label, author_name, occurred_at, url}]
 *   tasks        due until today for me or for the whole team, ten: [task row, see tasks.c]  tasks_due (in all) has_tasks
 *   unanswered   investors who wrote last, more than unanswered_days ago, newest ten: [{id, name, contact_name, last_in_at,
 *                url}]  has_unanswered; the digest's figure of that name has the same
 *   overdue      investors whose cadence was missed, ten: [{id, name, last_at, cadence_days, url}]     has_overdue
 *   recent       newest ten communications: [{id, kind, kind_label, subject, occurred_at, direction, party_name, url}]
 *                has_recent, recent_since: how many since yesterday began
 *   pending, tasks_due and recent_since end at 1000 and have a _label ("1,000+")
 *   X_count, X_more   how many rows unanswered, overdue, recent and mailboxes have here; there may be more
 *   in_sync      how many of the mailboxes are
 *   raises       the funds that are being raised (funds.c): a list row of funds each   has_raises
 *   moves        stages that changed since yesterday (pipeline.c), five   has_moves, moves_more
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
#include "digest/digest.h"
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

/* The investors that the digest's figure counts, found from the newest on: of firms and of people so many who wrote last are
 * looked at, and whether they invest. The figure's own page has all of them. */
#define WROTE_LOOKED 200
#define WROTE_LAST                                                                                                     \
	"(SELECT resource_id, last_in_at FROM touches WHERE last_in_at > coalesce(last_out_at, '') AND last_in_at < "  \
	"?1 AND resource = "
#define WROTE_NEWEST " ORDER BY last_in_at DESC, resource_id DESC LIMIT ?2)"
#define WROTE_NEXT " ORDER BY last_in_at DESC, resource_id DESC LIMIT 1 OFFSET ?2)"
static void unanswered(struct req *r, struct json_object *data)
{
	char today[DAY_SIZE];
	int64_t days;
	zone_day(r->zone ? r->zone : "UTC", r->op.now, today);
	const char *silent_at = digest_silent_at(&r->op, today, &days);
	struct json_object *rows = db_array(&r->op,
		"SELECT u.id, u.name, u.last_in_at, coalesce(u.person, (SELECT c.name FROM contacts_live c CROSS JOIN "
		"touches x "
		"ON x.resource = 'contacts' AND x.resource_id = c.id WHERE c.organization_id = u.organization_id ORDER "
		"BY "
		"x.last_in_at DESC LIMIT 1)) AS contact_name FROM ("
		"SELECT i.id, o.name, t.last_in_at, NULL AS person, i.organization_id FROM " WROTE_LAST
		"'organizations'" WROTE_NEWEST " t CROSS JOIN investors_live i ON i.organization_id = t.resource_id"
		" CROSS JOIN organizations_live o ON o.id = t.resource_id WHERE i.is_graveyard = 0 UNION ALL "
		"SELECT i.id, c.name, t.last_in_at, c.name, NULL FROM " WROTE_LAST "'contacts'" WROTE_NEWEST
		" t CROSS JOIN investors_live i ON i.contact_id = t.resource_id"
		" CROSS JOIN contacts_live c ON c.id = t.resource_id WHERE i.is_graveyard = 0"
		" ORDER BY 3 DESC, 1 DESC LIMIT 10) u",
		silent_at, WROTE_LOOKED);
	for (size_t i = 0; i < json_len(rows); i++)
		set_url(r->op.pool, json_at(rows, i), "/investors", json_int(json_at(rows, i), "id"));
	put(r, data, "unanswered", rows);
	json_set_int(data, "unanswered_days", days);
	int64_t is_cut = 0; /* nobody in view says that there is nobody */
	if (json_len(rows) < 10)
		db_one_int(&r->op, &is_cut,
			"SELECT EXISTS " WROTE_LAST "'organizations'" WROTE_NEXT " OR EXISTS " WROTE_LAST
			"'contacts'" WROTE_NEXT,
			silent_at, WROTE_LOOKED);
	if (is_cut)
		json_set_bool(data, "unanswered_more", true);
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
	raises_fill(r, data);
	moves_fill(r, data);
	db_one_int(&r->op, &any,
		"SELECT EXISTS (SELECT 1 FROM contacts_live) OR EXISTS (SELECT 1 FROM organizations_live)");
	zone_day(r->zone ? r->zone : "UTC", r->op.now, day);
	json_set_bool(data, "is_new", !any);
	json_set_text(data, "today", day);
	json_set_text(r->view, "title", "Home");
	return OK;
}
