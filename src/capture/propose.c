/* Owns proposing activity: one for a thread and day. Never decides. Tests: t/40-parties.t, t/40-capture.t */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "core/proposal.h"
#include "db/db.h"
#include "base/banned.h"

#define BODY_MAX 4000

int64_t investor_of(struct op *op, int64_t organization, int64_t contact)
{
	int64_t id = 0;
	if (organization)
		db_one_int(op, &id, "SELECT id FROM investors_live WHERE organization_id = ?", organization);
	if (!id && contact)
		db_one_int(op, &id, "SELECT id FROM investors_live WHERE contact_id = ?", contact);
	return id;
}

int64_t investor_near(struct op *op, int64_t *organization, int64_t contact)
{
	int64_t id = investor_of(op, *organization, contact);
	char now[INSTANT_SIZE];
	instant_format(op->now, now);
	struct json_object *other =
		id || !contact
			? NULL
			: db_object(op,
				  "SELECT i.id, b.organization_id FROM contact_organizations b JOIN investors_live i ON"
				  " i.organization_id = b.organization_id WHERE b.contact_id = ? AND substr(?, 1, 10)"
				  " BETWEEN b.from_on AND b.to_on ORDER BY b.is_beside, i.id LIMIT 1",
				  contact, (const char *)now);
	if (!other)
		return id;
	*organization = json_int(other, "organization_id");
	return json_int(other, "id");
}

/* ---- activity ---- */
struct day {
	int64_t thread_id;
	const char *from, *until, *day;
};

/* The mail of a thread's day that nobody has decided about. Of a decided activity whose words were purged, its evidence
 * tells what it spoke of. */
static struct json_object *undecided(struct op *op, const struct day *d)
{
	return db_array(op,
		"SELECT m.id, m.sent_at, m.direction, m.from_name, m.from_email, m.snippet, m.authenticity FROM "
		"messages m WHERE"
		" m.thread_id = ? AND m.sent_at >= ? AND m.sent_at < ? AND m.is_automated = 0 AND NOT EXISTS (SELECT 1 "
		"FROM"
		" proposal_evidence e JOIN proposals p ON p.id = e.proposal_id WHERE e.message_id = m.id AND p.kind ="
		" 'activity' AND p.state IN ('approved', 'edited', 'dismissed') AND (p.change_json = '{}' OR EXISTS"
		" (SELECT 1 FROM json_each(p.change_json, '$.message_ids') j WHERE j.value = m.id)))"
		" ORDER BY m.sent_at, m.id LIMIT 100",
		d->thread_id, d->from, d->until);
}

/* messages: a JSON list of their ids. */
static void contacts_of(struct op *op, struct json_object *change, const char *messages)
{
	struct json_object *list = json_add_arr(change, "contact_ids");
	for (struct stmt *q = db_query(op,
		     "SELECT DISTINCT c.id FROM json_each(?) j CROSS JOIN message_addresses a ON a.message_id = j.value"
		     " JOIN contact_emails_live e ON e.email = a.email JOIN contacts_live c ON c.id = e.contact_id "
		     "ORDER BY 1",
		     messages);
		db_row(q);)
		json_push_int(list, db_int(q, 0));
}

/* Where they work now, and where else they belonged on the day of the message, in this order. Of a firm whose whole domain is
 * captured, anybody there stands for it (thread_people has the same), unless it is one of us. */
static void organizations_of(struct op *op, struct json_object *change, const char *messages)
{
	struct json_object *list = json_add_arr(change, "organization_ids");
	for (struct stmt *q = db_query(op,
		     "SELECT b.organization_id FROM (SELECT p.organization_id, p.is_beside FROM json_each(?1) j CROSS"
		     " JOIN messages m ON m.id = j.value CROSS JOIN message_addresses a ON a.message_id = m.id JOIN"
		     " contact_emails_live e ON e.email = a.email JOIN contact_organizations p ON p.contact_id ="
		     " e.contact_id AND substr(m.sent_at, 1, 10) BETWEEN p.from_on AND p.to_on"
		     " UNION ALL SELECT d.organization_id, 0 FROM json_each(?1) j CROSS JOIN message_addresses a ON"
		     " a.message_id = j.value JOIN organization_domains_live d ON d.domain ="
		     " substr(a.email, instr(a.email, '@') + 1) AND d.is_captured = 1 WHERE NOT EXISTS"
		     " (SELECT 1 FROM user_emails u WHERE u.email = a.email)) b JOIN organizations_live o ON o.id ="
		     " b.organization_id GROUP BY b.organization_id ORDER BY min(b.is_beside), b.organization_id",
		     messages);
		db_row(q);)
		json_push_int(list, db_int(q, 0));
}

static void users_of(struct op *op, struct json_object *change, const char *messages)
{
	struct json_object *list = json_add_arr(change, "user_ids");
	for (struct stmt *q = db_query(op,
		     "SELECT DISTINCT u.user_id FROM json_each(?) j CROSS JOIN message_addresses a ON a.message_id = "
		     "j.value JOIN user_emails u ON u.email = a.email ORDER BY u.user_id",
		     messages);
		db_row(q);)
		json_push_int(list, db_int(q, 0));
}

/* One line a message: who wrote what. */
static void body_line(struct buf *b, struct json_object *m)
{
	const char *who = json_text(m, "from_name"), *snippet = json_text(m, "snippet");
	who = who ? who : json_text(m, "from_email");
	buf_printf(b, "%s%s: %s", b->len ? "\n" : "", who ? who : "Somebody", *snippet ? snippet : "(no text)");
}

static const char *direction_of(struct json_object *messages)
{
	bool in = false, out = false;
	for (size_t i = 0; i < json_len(messages); i++) {
		bool is_out = str_eq(json_text(json_at(messages, i), "direction"), "out");
		out |= is_out;
		in |= !is_out;
	}
	return in && out ? "both" : out ? "out" : "in";
}

static const char *party_name(struct op *op, struct json_object *change)
{
	int64_t contact = json_object_get_int64(json_at(json_get(change, "contact_ids"), 0));
	int64_t organization = json_object_get_int64(json_at(json_get(change, "organization_ids"), 0));
	const char *name = contact ? db_one_text(op, "SELECT name FROM contacts_live WHERE id = ?", contact)
				   : db_one_text(op, "SELECT name FROM organizations_live WHERE id = ?", organization);
	return name ? name : "somebody at a known firm";
}

/* What is known of the least known of their senders. */
static const char *least_sure(struct json_object *messages)
{
	static const char *const worst_first[] = {"failed", "unverified", "unknown", "verified"};
	for (size_t k = 0; k < sizeof worst_first / sizeof *worst_first; k++)
		for (size_t i = 0; i < json_len(messages); i++)
			if (str_eq(json_text(json_at(messages, i), "authenticity"), worst_first[k]))
				return worst_first[k];
	return NULL;
}

static struct json_object *activity_change(
	struct op *op, const struct day *d, struct json_object *messages, struct json_object *evidence)
{
	struct json_object *change = json_obj(op->pool), *last = json_at(messages, json_len(messages) - 1);
	const char *subject = db_one_text(op, "SELECT subject FROM threads WHERE id = ?", d->thread_id);
	struct buf *body = buf_new(op->pool, BODY_MAX);
	struct json_object *ids = json_add_arr(evidence, "message_ids");
	for (size_t i = 0; i < json_len(messages); i++) {
		body_line(body, json_at(messages, i));
		json_push_int(ids, json_int(json_at(messages, i), "id"));
	}
	json_set_text(evidence, "excerpt", json_text(last, "snippet"));
	json_set_text(evidence, "authenticity", least_sure(messages));
	json_set_text(change, "subject", subject);
	json_set_text(change, "kind", "email");
	json_set_text(change, "direction", direction_of(messages));
	json_set_text(change, "occurred_at", json_text(last, "sent_at"));
	json_set_text(change, "body", body->data);
	size_t n;
	const char *these = json_bytes(op->pool, ids, &n);
	contacts_of(op, change, these);
	organizations_of(op, change, these);
	users_of(op, change, these);
	json_set_int(change, "thread_id", d->thread_id);
	json_set(change, "message_ids", json_object_get(ids));
	return change;
}

/* Under which organization it waits: the first, unless only another one invests. */
static int64_t heading(struct op *op, struct json_object *organizations, int64_t contact, int64_t *organization)
{
	*organization = json_object_get_int64(json_at(organizations, 0));
	int64_t investor = investor_of(op, *organization, contact);
	for (size_t i = 1; i < json_len(organizations) && !investor; i++) {
		int64_t other = json_object_get_int64(json_at(organizations, i));
		investor = investor_of(op, other, 0);
		if (investor)
			*organization = other;
	}
	return investor;
}

/* What waits for that day already, whichever of its mail it was made from. */
static int64_t waiting(struct op *op, const struct day *d)
{
	int64_t id = 0;
	db_one_int(op, &id,
		"SELECT id FROM proposals WHERE thread_id = ? AND +kind = 'activity' AND +state = 'pending'"
		" AND +occurred_at >= ? AND +occurred_at < ? ORDER BY id LIMIT 1",
		d->thread_id, d->from, d->until);
	return id;
}

enum status propose_activity(struct op *op, int64_t thread_id, int64_t sent_at, const char *zone, int64_t *id)
{
	char day[DAY_SIZE], from[INSTANT_SIZE], until[INSTANT_SIZE];
	zone_day(zone, sent_at, day);
	instant_format(zone_day_start(zone, day, 0), from);
	instant_format(zone_day_start(zone, day, 1), until);
	struct day d = {thread_id, from, until, day};
	struct json_object *messages = undecided(op, &d);
	*id = 0;
	if (!json_len(messages))
		return op->fault.status;
	struct json_object *evidence = json_obj(op->pool), *change = activity_change(op, &d, messages, evidence);
	struct json_object *first = json_at(messages, 0), *last = json_at(messages, json_len(messages) - 1);
	int64_t contact = json_object_get_int64(json_at(json_get(change, "contact_ids"), 0));
	int64_t organization, investor = heading(op, json_get(change, "organization_ids"), contact, &organization);
	if (!contact && !organization)
		return op->fault.status;
	struct proposal p = {
		.kind = "activity",
		.resource = "communications",
		.title = pool_printf(
			op->pool, "E-mail with %s: %s", party_name(op, change), json_text(change, "subject")),
		.change = change,
		.evidence = evidence,
		.message_id = json_int(last, "id"),
		.thread_id = thread_id,
		.investor_id = investor,
		.organization_id = organization,
		.contact_id = contact,
		.id = waiting(op, &d),
		.key = pool_printf(op->pool, "activity/%lld/%s/m%lld", (long long)thread_id, d.day,
			(long long)json_int(first, "id")),
		.occurred_at = json_text(last, "sent_at"),
	};
	return op->fault.status ? op->fault.status : proposal_put(op, &p, id);
}

enum status propose_all(
	struct op *op, const struct own *own, const struct judged *j, const struct stored *s, const char *zone)
{
	int64_t id;
	enum status st = propose_activity(op, s->thread_id, j->sent_at, zone, &id);
	if (!st)
		st = propose_people(op, own, j, s);
	return st ? st : propose_tasks(op, own, j, s, zone);
}
