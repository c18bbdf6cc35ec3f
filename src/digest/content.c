/* Owns what a digest says: SQL to a document, and the document through two templates. Complete without any model.
 * Tests: t/50-digest.t */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "db/db.h"
#include "digest/digest.h"
#include "web/tmpl.h"
#include "base/banned.h"

#define DIGEST_MAX ((size_t)2 << 20)

struct window {
	const char *from, *until, *base; /* instants; the installation's address */
};

static void count(struct op *op, struct json_object *o, const char *key, int64_t n)
{
	(void)op;
	json_set_int(o, key, n);
}

static void counts(struct op *op, struct json_object *doc, const struct window *w)
{
	struct json_object *o = json_add_obj(doc, "counts");
	int64_t n = 0;
	db_one_int(op, &n, "SELECT count(*) FROM messages WHERE created_at >= ? AND created_at < ?", w->from, w->until);
	count(op, o, "captured", n);
	db_one_int(
		op, &n, "SELECT count(*) FROM proposals WHERE created_at >= ? AND created_at < ?", w->from, w->until);
	count(op, o, "proposed", n);
	db_one_int(op, &n,
		"SELECT count(*) FROM proposals WHERE decided_at >= ? AND decided_at < ? AND state IN ('approved', "
		"'edited')",
		w->from, w->until);
	count(op, o, "countersigned", n);
	db_one_int(op, &n,
		"SELECT count(*) FROM proposals WHERE decided_at >= ? AND decided_at < ? AND state = 'dismissed'",
		w->from, w->until);
	count(op, o, "dismissed", n);
	db_one_int(op, &n, "SELECT count(*) FROM contacts_live WHERE created_at >= ? AND created_at < ?", w->from,
		w->until);
	count(op, o, "contacts", n);
	db_one_int(op, &n, "SELECT count(*) FROM communications_live WHERE occurred_at >= ? AND occurred_at < ?",
		w->from, w->until);
	count(op, o, "recorded", n);
}

static void put(struct json_object *doc, const char *key, const char *has, struct json_object *rows)
{
	json_set(doc, key, json_object_get(rows));
	json_set_bool(doc, has, json_len(rows) > 0);
}

static void urls(struct op *op, struct json_object *rows, const char *base, const char *path)
{
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		json_set_text(
			row, "url", pool_printf(op->pool, "%s%s/%lld", base, path, (long long)json_int(row, "id")));
	}
}

/* By member of the team, then by whom it was with; a line each. */
static void activity(struct op *op, struct json_object *doc, const struct window *w)
{
	struct json_object *rows = db_array(op,
		"SELECT c.id, c.kind, c.subject, c.occurred_at, coalesce((SELECT u.name FROM "
		"communication_parties_live p JOIN users u"
		" ON u.id = p.resource_id WHERE p.communication_id = c.id AND p.resource = 'users' ORDER BY u.id LIMIT "
		"1), x.name, 'The team')"
		" AS member, coalesce((SELECT o.name FROM communication_parties_live p JOIN organizations_live o ON "
		"o.id = p.resource_id"
		" WHERE p.communication_id = c.id AND p.resource = 'organizations' LIMIT 1), (SELECT k.name FROM "
		"communication_parties_live p"
		" JOIN contacts_live k ON k.id = p.resource_id WHERE p.communication_id = c.id AND p.resource = "
		"'contacts' LIMIT 1), 'Others')"
		" AS party, (SELECT k.name FROM communication_parties_live p JOIN contacts_live k ON k.id = "
		"p.resource_id"
		" WHERE p.communication_id = c.id AND p.resource = 'contacts' LIMIT 1) AS contact FROM "
		"communications_live c"
		" LEFT JOIN users x ON x.id = c.created_by WHERE c.occurred_at >= ? AND c.occurred_at < ?"
		" ORDER BY member, party, c.occurred_at LIMIT 200",
		w->from, w->until);
	urls(op, rows, w->base, "/communications");
	const char *member = NULL;
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		json_set_bool(row, "is_member_start", !str_eq(member, json_text(row, "member")));
		member = json_text(row, "member");
	}
	put(doc, "activity", "has_activity", rows);
}

static void waiting(struct op *op, struct json_object *doc, const struct window *w)
{
	int64_t n = 0;
	db_one_int(op, &n, "SELECT count(*) FROM proposals WHERE state = 'pending'");
	json_set_int(doc, "pending", n);
	json_set_bool(doc, "has_pending", n > 0);
	json_set_bool(doc, "is_one_pending", n == 1);
	json_set_text(doc, "review_url", pool_printf(op->pool, "%s/review", w->base));
	db_one_int(op, &n, "SELECT count(*) FROM outbox WHERE state = 'unknown'");
	json_set_int(doc, "unknown", n);
	json_set_bool(doc, "has_unknown", n > 0);
}

static void radar(struct op *op, struct json_object *doc, const struct window *w)
{
	struct json_object *rows = db_array(op,
		"SELECT c.id, c.name, o.name AS firm, t.last_in_at FROM touches t CROSS JOIN contacts_live c ON c.id = "
		"t.resource_id"
		" LEFT JOIN organizations_live o ON o.id = c.organization_id WHERE t.resource = 'contacts' AND "
		"coalesce(t.last_at, '') > ''"
		" AND t.last_in_at > coalesce(t.last_out_at, '') AND julianday(?) - julianday(t.last_in_at) > 3"
		" ORDER BY coalesce(t.last_at, '') DESC, t.resource_id DESC LIMIT 15",
		w->until);
	urls(op, rows, w->base, "/contacts");
	put(doc, "unanswered", "has_unanswered", rows);
	rows = db_array(op,
		"SELECT i.id, coalesce(o.name, c.name) AS name, t.last_at, i.cadence_days FROM investors_live i"
		" LEFT JOIN organizations_live o ON o.id = i.organization_id LEFT JOIN contacts_live c ON c.id = "
		"i.contact_id"
		" LEFT JOIN touches t ON t.resource = iif(i.organization_id IS NULL, 'contacts', 'organizations')"
		" AND t.resource_id = coalesce(i.organization_id, i.contact_id) WHERE i.cadence_days IS NOT NULL AND "
		"i.is_graveyard = 0"
		" AND julianday(?) - julianday(coalesce(t.last_at, '2000-01-01')) > i.cadence_days ORDER BY t.last_at "
		"LIMIT 15",
		w->until);
	urls(op, rows, w->base, "/investors");
	put(doc, "overdue", "has_overdue", rows);
}

static void health(struct op *op, struct json_object *doc, const struct window *w)
{
	struct json_object *rows =
		db_array(op, "SELECT b.id, b.address, b.complete_at, b.error, b.listed - (SELECT count(*) FROM "
			     "mailbox_items i WHERE i.mailbox_id = b.id"
			     " AND i.state IN ('stored', 'excluded', 'failed')) AS missing, (SELECT count(*) FROM "
			     "mailbox_items i WHERE i.mailbox_id = b.id"
			     " AND i.state = 'failed') AS failed FROM mailboxes_live b ORDER BY b.address LIMIT 100");
	urls(op, rows, w->base, "/capture");
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *b = json_at(rows, i);
		bool good = json_text(b, "complete_at") && !json_text(b, "error") && json_int(b, "missing") <= 0 &&
			    !json_int(b, "failed");
		json_set_bool(b, "is_good", good);
	}
	put(doc, "mailboxes", "has_mailboxes", rows);
	json_set_text(doc, "transport", "maildir (nothing leaves this machine)");
}

static const char *headline(struct op *op, struct json_object *doc)
{
	struct json_object *c = json_get(doc, "counts");
	if (!json_int(c, "captured") && !json_int(c, "recorded") && !json_int(c, "proposed") &&
		!json_int(doc, "pending"))
		return "a quiet day";
	return pool_printf(op->pool, "%lld mails captured, %lld recorded, %lld countersigned, %lld waiting",
		(long long)json_int(c, "captured"), (long long)json_int(c, "recorded"),
		(long long)json_int(c, "countersigned"), (long long)json_int(doc, "pending"));
}

static const char *weekday(const char *zone, int64_t t)
{
	static const char *const names[] = {
		"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
	return names[zone_weekday(zone, t)];
}

static enum status render(struct op *op, struct tmpl_set *templates, struct digest *d, const char *name,
	const char *zone, const char **out)
{
	struct tmpl_env env = {.docs = {d->document}, .now = op->now, .zone = zone};
	struct buf *b = buf_new(op->pool, DIGEST_MAX);
	const char *error;
	if (!tmpl_render(templates, name, &env, b, &error))
		return fail(op, E_INTERNAL, NULL, "the digest cannot be written: %s", error);
	*out = b->data;
	return OK;
}

enum status digest_make(struct op *op, struct tmpl_set *templates, const char *day, struct digest *out)
{
	const char *zone = setting_text(op, "time_zone");
	int64_t today = zone_day_start(zone, day, 0);
	int back = zone_weekday(zone, today + 43200) == 1 ? 3 : 1;
	char from[INSTANT_SIZE], until[INSTANT_SIZE];
	instant_format(zone_day_start(zone, day, -back), from);
	instant_format(today, until);
	*out = (struct digest){.day = day,
		.from_at = pool_strdup(op->pool, from),
		.until_at = pool_strdup(op->pool, until),
		.document = json_obj(op->pool)};
	struct window w = {out->from_at, out->until_at, setting_text(op, "base_url")};
	json_set_text(out->document, "fund_name", setting_text(op, "fund_name"));
	json_set_text(out->document, "day", day);
	json_set_text(out->document, "weekday", weekday(zone, today + 43200));
	json_set_text(out->document, "from_at", out->from_at);
	json_set_text(out->document, "until_at", out->until_at);
	json_set_text(out->document, "home_url", w.base);
	counts(op, out->document, &w);
	activity(op, out->document, &w);
	waiting(op, out->document, &w);
	radar(op, out->document, &w);
	health(op, out->document, &w);
	out->headline = headline(op, out->document);
	json_set_text(out->document, "headline", out->headline);
	json_set_bool(out->document, "is_quiet", str_eq(out->headline, "a quiet day"));
	out->subject = pool_printf(op->pool, "[Countersign] %s %s \xe2\x80\x94 %s", json_text(out->document, "weekday"),
		day, out->headline);
	enum status st = op->fault.status;
	if (!st)
		st = render(op, templates, out, "digest/text.txt", zone, &out->text);
	return st ? st : render(op, templates, out, "digest/mail", zone, &out->html);
}
