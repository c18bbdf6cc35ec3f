/* Owns the digest's figures: what each counts, and the rows behind it. Both are put together from one source, so a figure
 * and the list it leads to cannot differ. Tests: t/unit/digest_make.c, t/50-digest-pages.t */
#include "base/str.h"
#include "db/db.h"
#include "digest/digest.h"
#include "base/banned.h"

/* `columns` are title, detail and target, the id of what base shows; `binds` are the source's values in order, see value(). */
#define FIGURE(name, title, at, id, columns, source, binds, base, is_of_now)                                           \
	{                                                                                                              \
		name, title, base, is_of_now, "SELECT " id " AS id, " at " AS at, NULL AS url, " columns, source,      \
			binds, " AND (" at ", " id ") < (?, ?)", " AND (" at ", " id ") >= (?, ?)",                    \
			" ORDER BY " at " DESC, " id " DESC", NULL, NULL                                               \
	}
/* Of what not everybody reads; `places`: the view of all its rows (migration kept). */
#define FIGURE_SEEN(name, title, at, id, columns, seen, places, where, binds, base, is_of_now)                         \
	{                                                                                                              \
		name, title, base, is_of_now, "SELECT " id " AS id, " at " AS at, NULL AS url, " columns,              \
			" FROM " seen where, binds, " AND (" at ", " id ") < (?, ?)",                                  \
			" AND (" at ", " id ") >= (?, ?)", " ORDER BY " at " DESC, " id " DESC",                       \
			"SELECT " at ", " id " FROM " places where, "SELECT " at " FROM " places " WHERE " id " = ?"   \
	}
#define MESSAGES "messages_seen m", "message_places m"
#define PROPOSALS "proposals_seen p", "proposal_places p"
#define FIGURE_OF(...) FIGURE_SEEN(__VA_ARGS__)

#define INVESTOR_NAMES                                                                                                 \
	" LEFT JOIN organizations_live o ON o.id = i.organization_id LEFT JOIN contacts_live c ON c.id = i.contact_id"

const struct figure figures[] = {
	FIGURE_OF("captured", "Mails captured", "m.created_at", "m.id",
		"m.subject AS title, coalesce(m.from_name, m.from_email) AS detail, m.thread_id AS target", MESSAGES,
		" WHERE m.created_at >= ? AND m.created_at < ?", "fu", "/mail", false),
	FIGURE("recorded", "Recorded", "c.occurred_at", "c.id",
		"c.subject AS title, (SELECT k.name FROM communication_parties_live p JOIN contacts_live k ON k.id = "
		"p.resource_id WHERE p.communication_id = c.id AND p.resource = 'contacts' ORDER BY k.id LIMIT 1) AS "
		"detail, c.id AS target",
		/* What happened in the time, and what happened before it and was recorded after the last digest. */
		" FROM communications_live c WHERE ((c.occurred_at >= ? AND c.occurred_at < ? AND c.created_at <= ?)"
		" OR (c.created_at > ? AND c.created_at <= ? AND c.occurred_at < ?))",
		"fumsmf", "/communications", false),
	FIGURE_OF("proposed", "Proposals made", "p.created_at", "p.id",
		"p.title AS title, p.author_name AS detail, p.id AS target", PROPOSALS,
		" WHERE p.created_at >= ? AND p.created_at < ?", "fu", "/review", false),
	FIGURE_OF("countersigned", "Proposals countersigned", "p.decided_at", "p.id",
		"p.title AS title, (SELECT u.name FROM users u WHERE u.id = p.decided_by) AS detail, p.id AS target",
		PROPOSALS,
		" WHERE p.decided_at >= ? AND p.decided_at < ? AND p.state IN ('approved', "
		"'edited')",
		"fu", "/review", false),
	FIGURE_OF("dismissed", "Proposals dismissed", "p.decided_at", "p.id",
		"p.title AS title, (SELECT u.name FROM users u WHERE u.id = p.decided_by) AS detail, p.id AS target",
		PROPOSALS, " WHERE p.decided_at >= ? AND p.decided_at < ? AND p.state = 'dismissed'", "fu", "/review",
		false),
	FIGURE("contacts", "New contacts", "c.created_at", "c.id",
		"c.name AS title, (SELECT o.name FROM organizations_live o WHERE o.id = c.organization_id) AS detail, "
		"c.id AS target",
		" FROM contacts_live c WHERE c.created_at >= ? AND c.created_at < ?", "fu", "/contacts", false),
	FIGURE("moves", "Stage moves", "m.moved_at", "m.id",
		"k.name AS title, m.title || coalesce(', ' || m.about, '') AS detail, m.opportunity_id AS target",
		" FROM stage_moves_said m CROSS JOIN investors_cache k ON k.investor_id = m.investor_id WHERE "
		"m.moved_at "
		">= ? AND m.moved_at < ?",
		"fu", "/opportunities", false),
	FIGURE("commitments", "Commitments changed", "c.created_at", "c.id",
		"k.name AS title, c.title AS detail, c.id AS target",
		" FROM commitments_said c CROSS JOIN investors_cache k ON k.investor_id = c.investor_id WHERE "
		"c.created_at >= ? AND c.created_at < ?",
		"fu", "/commitments", false),
	FIGURE("ageing", "Opportunities that have not moved for 30 days", "o.staged_at", "o.id",
		"k.name AS title, o.stage || ', ' || f.name AS detail, o.id AS target",
		" FROM opportunities_live o CROSS JOIN investors_cache k ON k.investor_id = o.investor_id CROSS JOIN "
		"funds_live f ON f.id = o.fund_id WHERE o.staged_at < ? AND o.stage NOT IN (SELECT value FROM "
		"json_each(?))",
		"ao", "/opportunities", true),
	FIGURE_OF("pending", "Proposals to countersign", "p.occurred_at", "p.id",
		"p.title AS title, p.author_name AS detail, p.id AS target", PROPOSALS,
		" WHERE p.state = 'pending' AND coalesce(p.snoozed_until, '') <= ?", "m", "/review", true),
	FIGURE("drafts", "Drafts to look at", "o.created_at", "o.id",
		"o.subject AS title, o.to_json ->> '$[0]' AS detail, o.id AS target",
		" FROM outbox o WHERE o.state = 'draft'", "", NULL, true),
	FIGURE("outbox", "Mail that has not left", "o.updated_at", "o.id",
		"o.subject AS title, coalesce(o.error, o.to_json ->> '$[0]') AS detail, o.id AS target",
		" FROM outbox o WHERE (o.state = 'unknown' OR (o.state = 'failed' AND o.updated_at >= ?) OR (o.state "
		"IN ('pending', 'countersigned') AND o.origin <> 'digest'))",
		"f", NULL, true),
	/* A snoozed task is open again on its day. */
	FIGURE("tasks", "Tasks due or overdue", "t.due_on", "t.id",
		"t.title AS title, coalesce(u.name, 'the whole team') AS detail, t.id AS target",
		" FROM tasks_live t LEFT JOIN users u ON u.id = t.assignee_id WHERE t.due_on <= ? AND t.state IN "
		"('open', 'snoozed') AND (t.state = 'open' OR t.snoozed_until <= ?)",
		"dd", "/tasks", true),
	FIGURE("unanswered", "Investors who wait for an answer", "t.last_in_at", "i.id",
		"coalesce(o.name, c.name) AS title, coalesce(c.name, (SELECT k.name FROM contacts_live k CROSS JOIN "
		"touches "
		"x ON x.resource = 'contacts' AND x.resource_id = k.id WHERE k.organization_id = o.id ORDER BY "
		"x.last_in_at DESC LIMIT 1)) AS detail, i.id AS target",
		" FROM investors_cache d CROSS JOIN investors_live i ON i.id = d.investor_id CROSS JOIN touches t ON "
		"t.resource = iif(i.organization_id IS NULL, 'contacts', 'organizations') AND t.resource_id = "
		"coalesce(i.organization_id, i.contact_id)" INVESTOR_NAMES
		" WHERE d.is_graveyard = 0 AND t.last_in_at > coalesce(t.last_out_at, '') AND t.last_in_at < ?",
		"q", "/investors", true),
	FIGURE("cadence", "Investors nobody has talked to in time", "d.due_at", "i.id",
		"coalesce(o.name, c.name) AS title, 'every ' || i.cadence_days || ' days' AS detail, i.id AS target",
		" FROM investors_cache d CROSS JOIN investors_live i ON i.id = d.investor_id" INVESTOR_NAMES
		" WHERE d.due_at < ?",
		"m", "/investors", true),
	{0},
};

const struct figure *figure_find(const char *name)
{
	for (const struct figure *f = figures; f->name; f++)
		if (str_eq(f->name, name))
			return f;
	return NULL;
}

static const char *value(const struct window *w, char which)
{
	switch (which) {
	case 'f':
		return w->from_at;
	case 'u':
		return w->until_at;
	case 's':
		return w->since_at;
	case 'm':
		return w->made_at;
	case 'q':
		return w->silent_at;
	case 'a':
		return w->ageing_at;
	case 'o':
		return w->archived;
	default:
		return w->day;
	}
}

static void values(struct query *q, const struct figure *f, const struct window *w)
{
	for (const char *b = f->binds; *b; b++)
		query_bind(q, bind_text(value(w, *b)));
}

static void part(struct query *q, const char *sql, const char *at, int64_t id)
{
	if (at)
		query_add_(q, sql, (const struct bind[]){bind_text(at), bind_i64(id)}, 2);
}

void figure_source(struct query *q, const struct figure *f, const struct window *w)
{
	query_add_(q, f->source, NULL, 0);
	values(q, f, w);
}

void figure_places(
	struct query *q, const struct figure *f, const struct window *w, const char *after_at, int64_t after_id)
{
	query_add_(q, f->places, NULL, 0);
	values(q, f, w);
	part(q, f->after, after_at, after_id);
	query_add_(q, f->order, NULL, 0);
}

void figure_place(struct query *q, const struct figure *f, int64_t id)
{
	query_add_(q, f->place, (const struct bind[]){bind_i64(id)}, 1);
}

void figure_until(struct query *q, const struct figure *f, const char *at, int64_t id)
{
	part(q, f->until, at, id);
}

int64_t figure_count(struct op *op, const struct figure *f, const struct window *w)
{
	struct query q;
	int64_t n = 0;
	query_init(&q, op->pool);
	query_add(&q, "SELECT count(*)");
	figure_source(&q, f, w);
	for (struct stmt *s = query_start(op, &q); db_row(s);)
		n = db_int(s, 0);
	return n;
}

void figure_query(
	struct query *q, const struct figure *f, const struct window *w, const char *after_at, int64_t after_id)
{
	query_add_(q, f->columns, NULL, 0);
	figure_source(q, f, w);
	part(q, f->after, after_at, after_id);
}

void figure_order(struct query *q, const struct figure *f, int limit)
{
	query_add_(q, f->order, NULL, 0);
	query_add(q, " LIMIT ?", limit);
}
