/* Owns what a digest says: SQL to a document, and the document through two templates. Complete without any model.
 * Tests: t/unit/digest_make.c, t/50-digest.t */
#include <dirent.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "db/db.h"
#include "digest/digest.h"
#include "send/transport.h"
#include "web/tmpl.h"
#include "base/banned.h"

#define DIGEST_MAX ((size_t)2 << 20)
#define LINE_MAX_BYTES 72 /* of the text part, with its indent below 76 columns */
#define ACTIVITY_MAX 200
#define RADAR_MAX 15
#define TASKS_MAX 30
#define BACKUP_DAYS 2

struct window {
	const char *from, *until, *base; /* instants; the installation's address */
};

static void counts(struct op *op, struct json_object *doc, const struct window *w)
{
	struct json_object *o = json_add_obj(doc, "counts");
	int64_t captured = 0, proposed = 0, countersigned = 0, dismissed = 0, contacts = 0, recorded = 0;
	db_one_int(op, &captured, "SELECT count(*) FROM messages_seen WHERE created_at >= ? AND created_at < ?",
		w->from, w->until);
	db_one_int(op, &proposed, "SELECT count(*) FROM proposals_seen WHERE created_at >= ? AND created_at < ?",
		w->from, w->until);
	db_one_int(op, &countersigned,
		"SELECT count(*) FROM proposals_seen WHERE decided_at >= ? AND decided_at < ? AND state IN "
		"('approved', "
		"'edited')",
		w->from, w->until);
	db_one_int(op, &dismissed,
		"SELECT count(*) FROM proposals_seen WHERE decided_at >= ? AND decided_at < ? AND state = 'dismissed'",
		w->from, w->until);
	db_one_int(op, &contacts, "SELECT count(*) FROM contacts_live WHERE created_at >= ? AND created_at < ?",
		w->from, w->until);
	db_one_int(op, &recorded, "SELECT count(*) FROM communications_live WHERE occurred_at >= ? AND occurred_at < ?",
		w->from, w->until);
	json_set_int(o, "captured", captured);
	json_set_int(o, "proposed", proposed);
	json_set_int(o, "countersigned", countersigned);
	json_set_int(o, "dismissed", dismissed);
	json_set_int(o, "contacts", contacts);
	json_set_int(o, "recorded", recorded);
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

/* "party: subject" in one line of the text part. */
static const char *line(struct pool *p, const char *party, const char *subject)
{
	char *s = str_squeeze(p, pool_printf(p, "%s: %s", party, subject));
	size_t n = strlen(s), fits = utf8_clip(s, n, LINE_MAX_BYTES - 3);
	return n <= LINE_MAX_BYTES ? s : pool_printf(p, "%.*s...", (int)fits, s);
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
		" ORDER BY member, party, c.occurred_at, c.id LIMIT ?",
		w->from, w->until, ACTIVITY_MAX);
	urls(op, rows, w->base, "/communications");
	const char *member = NULL;
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		json_set_bool(row, "is_member_start", !str_eq(member, json_text(row, "member")));
		member = json_text(row, "member");
		json_set_text(row, "line", line(op->pool, json_text(row, "party"), json_text(row, "subject")));
	}
	int64_t more = json_int(json_get(doc, "counts"), "recorded") - (int64_t)json_len(rows);
	json_set_int(doc, "activity_more", more);
	json_set_bool(doc, "has_more_activity", more > 0);
	put(doc, "activity", "has_activity", rows);
}

static void waiting(struct op *op, struct json_object *doc, const struct window *w)
{
	int64_t n = 0;
	db_one_int(op, &n, "SELECT count(*) FROM proposals_seen WHERE state = 'pending'");
	json_set_int(doc, "pending", n);
	json_set_bool(doc, "has_pending", n > 0);
	json_set_bool(doc, "is_one_pending", n == 1);
	json_set_text(doc, "review_url", pool_printf(op->pool, "%s/review", w->base));
	n = 0;
	db_one_int(op, &n, "SELECT count(*) FROM outbox WHERE state IN ('unknown', 'failed') AND updated_at >= ?",
		w->from);
	json_set_int(doc, "undelivered", n);
	json_set_bool(doc, "has_undelivered", n > 0);
	json_set_bool(doc, "is_one_undelivered", n == 1);
	json_set_text(doc, "digests_url", pool_printf(op->pool, "%s/digests", w->base));
}

/* Those that nobody has done, until the day the digest is for. */
static void tasks(struct op *op, struct json_object *doc, const char *day, const struct window *w)
{
	struct json_object *rows = db_array(op,
		"SELECT t.id, t.title, t.due_on, t.due_on < ?1 AS is_late, coalesce(u.name, 'the whole team') AS "
		"assignee"
		" FROM tasks_live t LEFT JOIN users u ON u.id = t.assignee_id WHERE t.due_on <= ?1"
		" AND t.state IN ('open', 'snoozed') AND (t.state = 'open' OR t.snoozed_until <= ?1)"
		" ORDER BY t.due_on, t.id LIMIT ?2",
		day, TASKS_MAX);
	urls(op, rows, w->base, "/tasks");
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		json_set_text(row, "line", line(op->pool, json_text(row, "assignee"), json_text(row, "title")));
	}
	put(doc, "tasks", "has_tasks", rows);
	json_set_text(doc, "tasks_url", pool_printf(op->pool, "%s/tasks?whose=all", w->base));
}

static void radar(struct op *op, struct json_object *doc, const struct window *w)
{
	struct json_object *rows = db_array(op,
		"SELECT c.id, c.name, o.name AS firm, t.last_in_at FROM touches t CROSS JOIN contacts_live c ON c.id = "
		"t.resource_id"
		" LEFT JOIN organizations_live o ON o.id = c.organization_id WHERE t.resource = 'contacts'"
		" AND t.last_in_at > coalesce(t.last_out_at, '') AND t.last_in_at < strftime('%Y-%m-%dT%H:%M:%SZ', ?, "
		"'-3 days')"
		" ORDER BY t.last_in_at DESC, t.resource_id DESC LIMIT ?",
		w->until, RADAR_MAX);
	urls(op, rows, w->base, "/contacts");
	put(doc, "unanswered", "has_unanswered", rows);
	rows = db_array(op,
		"SELECT i.id, coalesce(o.name, c.name) AS name, t.last_at, i.cadence_days FROM investors_cache d"
		" CROSS JOIN investors_live i ON i.id = d.investor_id LEFT JOIN organizations_live o ON o.id = "
		"i.organization_id LEFT JOIN contacts_live c ON c.id = "
		"i.contact_id"
		" LEFT JOIN touches t ON t.resource = iif(i.organization_id IS NULL, 'contacts', 'organizations')"
		" AND t.resource_id = coalesce(i.organization_id, i.contact_id) WHERE d.due_at < ?"
		" ORDER BY d.due_at, d.investor_id LIMIT ?",
		w->until, RADAR_MAX);
	urls(op, rows, w->base, "/investors");
	put(doc, "overdue", "has_overdue", rows);
}

/* The newest of the backups that `countersign backup` names by their time; "" without one. */
static const char *last_backup(struct pool *p)
{
	const char *last = "";
	DIR *d = opendir(conf_data_path(p, "backups"));
	for (struct dirent *e; d && (e = readdir(d));) {
		const char *name = e->d_name;
		int64_t at;
		if (!str_starts(name, "countersign-") || !str_ends(name, ".db"))
			continue;
		name = pool_strndup(p, name + 12, strlen(name) - 15);
		if (instant_parse(name, &at) && strcmp(name, last) > 0)
			last = name;
	}
	if (d)
		closedir(d);
	return last;
}

static void backup(struct op *op, struct json_object *doc)
{
	const char *last = last_backup(op->pool);
	int64_t at = 0;
	bool has = instant_parse(last, &at);
	json_set_text(doc, "backup_at", has ? last : NULL);
	json_set_bool(doc, "has_backup", has);
	json_set_bool(doc, "is_backup_old", has && op->now - at > BACKUP_DAYS * 86400);
}

static void health(struct op *op, struct json_object *doc, const struct window *w)
{
	struct json_object *rows =
		db_array(op, "SELECT b.id, b.address, b.complete_at, b.error, b.listed - coalesce(k.stored + "
			     "k.excluded + k.failed, 0)"
			     " AS missing, coalesce(k.failed, 0) AS failed FROM mailboxes_live b"
			     " LEFT JOIN mailbox_counts k ON k.mailbox_id = b.id ORDER BY b.address LIMIT 100");
	urls(op, rows, w->base, "/capture");
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *b = json_at(rows, i);
		bool good = json_text(b, "complete_at") && !json_text(b, "error") && json_int(b, "missing") <= 0 &&
			    !json_int(b, "failed");
		json_set_bool(b, "is_good", good);
	}
	put(doc, "mailboxes", "has_mailboxes", rows);
	backup(op, doc);
	json_set_text(doc, "transport", transport_pick(op)->name);
}

static bool is_quiet(struct json_object *doc)
{
	struct json_object *c = json_get(doc, "counts");
	return !json_int(c, "captured") && !json_int(c, "recorded") && !json_int(c, "proposed") &&
	       !json_int(c, "countersigned") && !json_int(c, "dismissed") && !json_int(c, "contacts") &&
	       !json_true(doc, "has_pending") && !json_true(doc, "has_tasks") && !json_true(doc, "has_undelivered") &&
	       !json_true(doc, "has_unanswered") && !json_true(doc, "has_overdue");
}

static const char *headline(struct op *op, struct json_object *doc)
{
	struct json_object *c = json_get(doc, "counts");
	int64_t captured = json_int(c, "captured");
	return is_quiet(doc)
		       ? "a quiet day"
		       : pool_printf(op->pool, "%lld mail%s captured, %lld recorded, %lld countersigned, %lld waiting",
				 (long long)captured, captured == 1 ? "" : "s", (long long)json_int(c, "recorded"),
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
	struct tmpl_env env = {
		.docs = {d->document}, .now = op->now, .zone = zone, .strict = conf_flag("COUNTERSIGN_STRICT")};
	struct buf *b = buf_new(op->pool, DIGEST_MAX);
	const char *error;
	if (!tmpl_render(templates, name, &env, b, &error))
		return fail(op, E_INTERNAL, NULL, "the digest cannot be written: %s", error);
	*out = b->data;
	return OK;
}

/* From where the one before left off, so that a day on which none was made is not lost; at most two weeks. Without one:
 * the day before, on a Monday the weekend too. */
static const char *window_start(struct op *op, const char *zone, const char *day, int64_t today)
{
	int64_t before;
	char from[INSTANT_SIZE];
	const char *last = db_one_text(op, "SELECT until_at FROM digests WHERE day < ? ORDER BY day DESC LIMIT 1", day);
	if (last && instant_parse(last, &before) && before < today && before >= today - 14 * 86400)
		return last;
	int back = zone_weekday(zone, today + 43200) == 1 ? 3 : 1;
	instant_format(zone_day_start(zone, day, -back), from);
	return pool_strdup(op->pool, from);
}

static void head(struct op *op, struct json_object *doc, const struct digest *d, const char *base, const char *weekday)
{
	json_set_text(doc, "fund_name", setting_text(op, "fund_name"));
	json_set_text(doc, "day", d->day);
	json_set_text(doc, "weekday", weekday);
	json_set_text(doc, "from_at", d->from_at);
	json_set_text(doc, "until_at", d->until_at);
	json_set_text(doc, "home_url", base);
	json_set_text(doc, "mail_url", pool_printf(op->pool, "%s/mail", base));
	json_set_text(doc, "contacts_url", pool_printf(op->pool, "%s/contacts", base));
	json_set_text(doc, "communications_url", pool_printf(op->pool, "%s/communications", base));
}

enum status digest_make(struct op *op, struct tmpl_set *templates, const char *day, struct digest *out)
{
	const char *zone = setting_text(op, "time_zone");
	int64_t today = zone_day_start(zone, day, 0);
	char until[INSTANT_SIZE];
	if (today > op->now)
		return fail(op, E_INPUT, "date", "has not begun: %s", day);
	instant_format(today, until);
	*out = (struct digest){.day = day,
		.from_at = window_start(op, zone, day, today),
		.until_at = pool_strdup(op->pool, until),
		.document = json_obj(op->pool)};
	struct window w = {out->from_at, out->until_at, setting_text(op, "base_url")};
	head(op, out->document, out, w.base, weekday(zone, today + 43200));
	counts(op, out->document, &w);
	activity(op, out->document, &w);
	waiting(op, out->document, &w);
	tasks(op, out->document, day, &w);
	radar(op, out->document, &w);
	health(op, out->document, &w);
	out->headline = headline(op, out->document);
	json_set_text(out->document, "headline", out->headline);
	json_set_bool(out->document, "is_quiet", is_quiet(out->document));
	out->subject = pool_printf(op->pool, "[Countersign] %s %s \xe2\x80\x94 %s", json_text(out->document, "weekday"),
		day, out->headline);
	enum status st = op->fault.status;
	if (!st)
		st = render(op, templates, out, "digest/text.txt", zone, &out->text);
	return st ? st : render(op, templates, out, "digest/mail", zone, &out->html);
}
