/* Owns what stands beside a record: people, threads, who on the team knows them, the timeline. Reads only; each part is
 * one bounded query. Tests: t/60-pages.t */
#include "crm/crm.h"

#include <string.h>

#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define TIMELINE_PAGE 30
#define THREADS_READ 50 /* for ten to show: some were merged */
#define FILES_READ 20   /* newest threads whose files are looked for */

static struct rows *put(struct json_object *data, const char *key, const char *has, struct rows *rows)
{
	json_set_rows(data, key, rows);
	set_has(data, has, rows->n > 0);
	return rows;
}

void related_people(struct req *r, struct json_object *data, int64_t organization_id, int64_t but_contact_id)
{
	struct rows *rows = db_rows(&r->op,
		"SELECT c.id, c.name, p.title, (SELECT e.email FROM contact_emails_live e WHERE e.contact_id = c.id"
		" ORDER BY e.position LIMIT 1) AS email, t.last_at, NULL AS url, p.is_beside, p.role, p.from_on,"
		" p.to_on, p.is_ended FROM (SELECT * FROM (SELECT id, title, NULL AS role, NULL AS from_on, NULL AS"
		" to_on, 0 AS is_beside, 0 AS is_ended FROM contacts_live WHERE organization_id = ?1 AND id <> ?2"
		" ORDER BY name COLLATE NOCASE LIMIT 100) UNION ALL SELECT * FROM (SELECT f.contact_id, NULL,"
		" f.role, f.from_on, f.to_on, 1, coalesce(f.to_on < ?3, 0) FROM affiliations_live f JOIN"
		" contacts_live n ON n.id = f.contact_id WHERE f.organization_id = ?1 AND f.contact_id <> ?2 AND"
		" n.organization_id IS NOT ?1 ORDER BY 7, n.name COLLATE NOCASE, f.id LIMIT 100)) p CROSS JOIN"
		" contacts_live c ON c.id = p.id LEFT JOIN touches t ON t.resource = 'contacts' AND t.resource_id ="
		" c.id",
		organization_id, but_contact_id, day_after(r, 0));
	rows_urls(put(data, "people", "has_people", rows), "/contacts");
}

void related_threads(struct req *r, struct json_object *data, const char *resource, int64_t id)
{
	struct rows *rows = db_rows(&r->op,
		"SELECT t.id, t.subject, t.last_at, t.messages, t.messages > 1 AS is_several, t.last_direction, NULL "
		"AS url FROM thread_parties_seen "
		"p JOIN "
		"threads_seen t "
		"ON t.id = p.thread_id"
		" WHERE p.resource = ?1 AND p.resource_id = ?2 AND t.merged_into IS NULL AND +p.thread_id IN (SELECT"
		" thread_id FROM thread_party_places WHERE resource = ?1 AND resource_id = ?2 ORDER BY last_at DESC,"
		" thread_id DESC LIMIT " LOOKED_OF("?3", "?4") ") ORDER BY p.last_at DESC, p.thread_id DESC LIMIT 10",
		resource, id, LOOKED_MAX / 2, THREADS_READ);
	rows_urls(put(data, "threads", "has_threads", rows), "/mail");
}

/* What came or went with the mail of the newest threads. */
void related_files(struct req *r, struct json_object *data, const char *resource, int64_t id)
{
	struct rows *rows = db_rows(&r->op,
		"SELECT a.id, coalesce(a.name, 'unnamed') AS name, a.size, a.is_stored, m.sent_at, m.thread_id, NULL "
		"AS "
		"url, NULL AS thread_url FROM (SELECT thread_id FROM thread_party_places WHERE resource = ? AND "
		"resource_id = ? ORDER BY last_at DESC, thread_id DESC LIMIT ?) p CROSS JOIN messages_seen m ON "
		"m.thread_id = p.thread_id AND m.has_attachments = 1 CROSS JOIN attachments_seen a ON a.message_id = "
		"m.id AND a.is_inline = 0 ORDER BY m.sent_at DESC, a.id LIMIT 10",
		resource, id, FILES_READ);
	put(data, "files", "has_files", rows);
	for (size_t i = 0; i < rows->n; i++) {
		struct pool *p = r->op.pool;
		rows_set_text(
			rows, i, "thread_url", pool_printf(p, "/mail/%lld", (long long)rows_int(rows, i, "thread_id")));
		if (rows_int(rows, i, "is_stored"))
			rows_set_text(rows, i, "url",
				pool_printf(p, "/attachments/%lld", (long long)rows_int(rows, i, "id")));
	}
}

void related_known_by(struct req *r, struct json_object *data, const char *resource, int64_t id)
{
	put(data, "known_by", "has_known_by",
		db_rows(&r->op,
			"SELECT u.id AS user_id, u.name, k.communications, k.last_at FROM acquaintances_cache k JOIN "
			"users u"
			" ON u.id = k.user_id WHERE k.resource = ? AND k.resource_id = ?"
			" ORDER BY k.communications DESC, u.name LIMIT 10",
			resource, id));
}

void related_investor(struct req *r, struct json_object *data, int64_t organization_id, int64_t contact_id)
{
	/* Their own, else their firm's, else that of another they belong to now. Each is one look into an index; an OR would
	 * read all investors. */
	struct json_object *row = db_object(&r->op,
		"SELECT i.id, coalesce(o.name, c.name) AS label, i.priority, u.name AS lead_name, i.is_graveyard"
		" FROM investors_live i LEFT JOIN organizations_live o ON o.id = i.organization_id LEFT JOIN"
		" contacts_live c ON c.id = i.contact_id LEFT JOIN users u ON u.id = i.lead_id WHERE i.id ="
		" coalesce((SELECT id FROM investors_live WHERE contact_id = ?2 LIMIT 1), (SELECT id FROM"
		" investors_live WHERE organization_id = ?1 LIMIT 1), (SELECT n.id FROM affiliations_live f JOIN"
		" investors_live n ON n.organization_id = f.organization_id WHERE f.contact_id = ?2 AND ?3 BETWEEN"
		" coalesce(f.from_on, '') AND coalesce(f.to_on, '9') ORDER BY f.id LIMIT 1))",
		organization_id, contact_id, day_after(r, 0));
	if (row)
		set_url(r->op.pool, row, "/investors", json_int(row, "id"));
	json_set(data, "investor", json_object_get(row));
}

/* ---- timeline: threads that nobody recorded yet and what stands on the record, newest first ---- */
struct place {
	const char *at;
	int64_t kind,
		id; /* 0 communication, 1 thread, 2 task, 3 change, 4 commitment, 5 move: the order within one instant */
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

static const char *place_make(struct req *r, const char *at, int64_t kind, int64_t id)
{
	struct json_object *o = json_obj(r->op.pool);
	size_t n;
	json_set_text(o, "a", at);
	json_set_int(o, "k", kind);
	json_set_int(o, "i", id);
	const char *bytes = json_bytes(r->op.pool, o, &n);
	return base64url(r->op.pool, bytes, n);
}

/* What may be asked for with ?show=. */
static const char *const shows[] = {
	"all", "mail", "calls", "meetings", "notes", "tasks", "commitments", "moves", "changes", NULL};
static const char *const show_labels[] = {
	"All", "Mail", "Calls", "Meetings", "Notes", "Tasks", "Commitments", "Moves", "Changes", NULL};

/* An item: first what each query below gives, in this order, then what is made of it. Behind what is kept a query says
 * where the item came from, by whom it stands here, and its place; one of moves also whose. */
/* clang-format off */
enum {
	AT, RANK, ID, KIND, TITLE, SNIPPET, DIRECTION, WHO, COUNT, PROPOSAL, LEVEL, AUDIENCE,
	SOURCE, KIND_LABEL, SIGHT, URL, IS_KIND, IS_MOVE = IS_KIND + 7, IS_CHANGE,
	GIVEN = SOURCE, FROM = GIVEN, BY_NAME, SORT_AT, OPPORTUNITY,
};
static const char *const columns[] = {
	[AT] = "at", [RANK] = "rank", [ID] = "id", [KIND] = "kind", [TITLE] = "title", [SNIPPET] = "snippet",
	[DIRECTION] = "direction", [WHO] = "who", [COUNT] = "count", [PROPOSAL] = "proposal_id", [LEVEL] = "level",
	[AUDIENCE] = "audience", [SOURCE] = "source", [KIND_LABEL] = "kind_label", [SIGHT] = "sight", [URL] = "url",
	[IS_KIND] = "is_thread", "is_email", "is_call", "is_meeting", "is_note", "is_task", "is_commitment", "is_move", "is_change",
};
/* clang-format on */

struct timeline {
	struct req *r;
	const char *resource, *show, *history_url;
	int64_t id;
	int64_t investor; /* whose page it is; 0: the record's own */
	int64_t holder;   /* the investor that the record is; 0: it is none */
	struct place after;
	struct place floor; /* where the looking at threads ends (look_end); its id is 0 when it does not */
	struct rows *items, *sources;
};

static void look(struct timeline *t)
{
	struct query q;
	query_init(&q, t->r->op.pool);
	query_add(&q,
		"SELECT last_at, thread_id FROM thread_party_places WHERE resource = ? AND resource_id = ? AND last_at "
		"<= ?"
		" AND (last_at, 1, thread_id) < (?, ?, ?) ORDER BY last_at DESC, thread_id DESC",
		t->resource, t->id, t->after.at, t->after.at, t->after.kind, t->after.id);
	t->floor.kind = 1;
	look_end(t->r, &q, &t->floor.at, &t->floor.id);
}

static struct stmt *threads(struct timeline *t)
{
	look(t);
	return db_query(&t->r->op,
		"SELECT t.last_at, 1, t.id, 'thread', t.subject, (SELECT m.snippet FROM messages_seen m WHERE "
		"m.thread_id ="
		" t.id ORDER BY m.sent_at DESC, m.id DESC LIMIT 1), t.last_direction,"
		" (SELECT coalesce(m.from_name, m.from_email) || ' wrote' FROM messages_seen m WHERE m.thread_id = t.id"
		" ORDER BY m.sent_at DESC, m.id DESC LIMIT 1), t.messages, NULL, t.level, t.audience, NULL, NULL, "
		"tp.last_at"
		" FROM thread_parties_seen tp JOIN threads_seen t ON t.id = tp.thread_id WHERE tp.resource = ?1 AND"
		" tp.resource_id = ?2 AND tp.last_at <= ?3 AND (tp.last_at, 1, tp.thread_id) < (?3, ?4, ?5)"
		" AND t.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM communications_live c WHERE c.thread_id = "
		"t.id)"
		" AND (tp.last_at, tp.thread_id) >= (?7, ?8) ORDER BY tp.last_at DESC, tp.thread_id DESC LIMIT ?6",
		t->resource, t->id, t->after.at, t->after.kind, t->after.id, TIMELINE_PAGE + 1,
		t->floor.at ? t->floor.at : "", t->floor.id);
}

/* A note's first line is its title (communications.c), which stands there already. */
#define BELOW_ITS_TITLE                                                                                                \
	"nullif(iif(c.kind = 'note' AND substr(c.body, 1, length(c.subject)) = c.subject, ltrim(substr(c.body, "       \
	"length(c.subject) + 1), ' ' || char(13, 10)), c.body), '')"
static struct stmt *recorded(struct timeline *t)
{
	return db_query(&t->r->op,
		"SELECT c.occurred_at, 0, c.id, c.kind, c.subject, substr(" BELOW_ITS_TITLE
		", 1, 200), c.direction, NULL, NULL,"
		" (SELECT id FROM proposals_seen WHERE id = c.proposal_id), 0, coalesce((SELECT t.audience FROM "
		"threads_seen "
		"t WHERE t.id = c.thread_id), 0), c.source, u.name, c.occurred_at"
		" FROM communication_parties_live cp JOIN communications_live c ON c.id = cp.communication_id"
		" LEFT JOIN users u ON u.id = c.created_by WHERE cp.resource = ?1 AND cp.resource_id = ?2"
		" AND cp.occurred_at <= ?3 AND (cp.occurred_at, 0, cp.communication_id) < (?3, ?4, ?5)"
		" AND ?7 IN ('all', CASE c.kind WHEN 'email' THEN 'mail' ELSE c.kind || 's' END)"
		" ORDER BY cp.occurred_at DESC, cp.communication_id DESC LIMIT ?6",
		t->resource, t->id, t->after.at, t->after.kind, t->after.id, TIMELINE_PAGE + 1, t->show);
}

static struct stmt *tasks(struct timeline *t)
{
	return db_query(&t->r->op,
		"SELECT t.created_at, 2, t.id, 'task', t.title, substr(t.note, 1, 200), NULL, NULL, NULL,"
		" (SELECT id FROM proposals_seen WHERE id = t.proposal_id), 0, 0, t.source, u.name, t.created_at"
		" FROM tasks_live t LEFT JOIN users u ON u.id = t.created_by WHERE ((?1 = 'contacts' AND t.contact_id "
		"= ?2)"
		" OR (?1 = 'organizations' AND t.organization_id = ?2) OR t.investor_id = ?7)"
		" AND (t.created_at, 2, t.id) < (?3, ?4, ?5) ORDER BY t.created_at DESC, t.id DESC LIMIT ?6",
		t->resource, t->id, t->after.at, t->after.kind, t->after.id, TIMELINE_PAGE + 1, t->investor);
}

/* Their days are older than any hour of them: a day alone comes before its hours. */
static struct stmt *commitments(struct timeline *t)
{
	return db_query(&t->r->op,
		"SELECT c.occurred_on, 4, c.id, 'commitment', c.title, substr(c.evidence, 1, 200), NULL, NULL, NULL,"
		" (SELECT id FROM proposals_seen WHERE id = c.proposal_id), 0, 0, c.source, u.name, c.occurred_on"
		" FROM commitments_said c LEFT JOIN users u ON u.id = c.created_by WHERE c.investor_id = ?"
		" AND (c.occurred_on, 4, c.id) < (?, ?, ?) ORDER BY c.occurred_on DESC, c.id DESC LIMIT ?",
		t->holder, t->after.at, t->after.kind, t->after.id, TIMELINE_PAGE + 1);
}

static struct stmt *moves(struct timeline *t)
{
	return db_query(&t->r->op,
		"SELECT m.moved_at, 5, m.id, 'move', m.title, m.about, NULL, NULL, NULL, NULL, 0, 0, 'move', u.name, "
		"m.moved_at, m.opportunity_id FROM stage_moves_said m LEFT JOIN users u ON u.id = m.moved_by WHERE "
		"m.investor_id = ? AND (m.moved_at, 5, m.id) < (?, ?, ?) ORDER BY m.moved_at DESC, m.id DESC LIMIT ?",
		t->holder, t->after.at, t->after.kind, t->after.id, TIMELINE_PAGE + 1);
}

static struct stmt *changes(struct timeline *t)
{
	return db_query(&t->r->op,
		"SELECT a.at, 3, a.id, 'change', coalesce(a.actor_name, a.actor_kind), a.action, NULL, NULL, NULL,"
		" (SELECT id FROM proposals_seen WHERE id = a.proposal_id), 0, 0, iif(a.proposal_id IS NULL, 'user', "
		"'agent'),"
		" a.actor_name, a.at FROM audit_seen a WHERE a.resource = iif(?7, 'investors', ?1)"
		" AND a.resource_id = iif(?7, ?7, ?2) AND (a.at, 3, a.id) < (?3, ?4, ?5) ORDER BY a.id DESC LIMIT ?6",
		t->resource, t->id, t->after.at, t->after.kind, t->after.id, TIMELINE_PAGE + 1, t->investor);
}

static bool shown(const struct timeline *t, const char *kind)
{
	return str_eq(t->show, kind);
}

/* Where it came from, and by whom it stands here. */
static struct cell source(struct timeline *t, const struct cell *item, const char *from, const char *by)
{
	struct pool *p = t->r->op.pool;
	int64_t proposal = item[PROPOSAL].type == CELL_INT ? item[PROPOSAL].i : 0;
	struct cell *c = rows_push(t->sources);
	by = by ? by : "nobody known";
	c[0] = cell_text(!from                    ? "captured mail"
			 : str_eq(from, "user")   ? pool_printf(p, "typed by %s", by)
			 : str_eq(from, "move")   ? pool_printf(p, "moved by %s", by)
			 : str_eq(from, "import") ? pool_printf(p, "imported by %s", by)
						  : pool_printf(p, "proposal countersigned by %s", by));
	c[1] = cell_text(from ? resource_url(p, "proposals", proposal) : resource_url(p, "threads", item[ID].i));
	c[2] = cell_bool(!from || proposal > 0);
	return cell_row(t->sources, t->sources->n - 1);
}

/* The row that q stands on, as the next item. */
static void item(struct timeline *t, struct stmt *q)
{
	static const char *const kinds[] = {
		"thread", "email", "call", "meeting", "note", "task", "commitment", "move", "change"};
	static const char *const bases[] = {"/communications", "/mail", "/tasks", NULL, "/commitments"};
	struct cell *c = rows_push(t->items);
	db_cells(q, c, GIVEN);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		c[IS_KIND + i] = cell_bool(str_eq(c[KIND].s, kinds[i]));
	c[SOURCE] = source(t, c, db_text(q, FROM), db_text(q, BY_NAME));
	c[KIND_LABEL] = cell_text(kind_label(c[KIND].s));
	c[SIGHT] = cell_text(c[IS_KIND].i    ? sight_label(c[LEVEL].i, c[AUDIENCE].i)
			     : c[AUDIENCE].i ? "Not everybody reads its mail"
					     : NULL);
	if (c[IS_CHANGE].i) {
		c[SNIPPET] = cell_text(action_label(c[SNIPPET].s));
		c[URL] = cell_text(t->history_url);
	} else if (c[IS_MOVE].i)
		c[URL] = cell_text(resource_url(t->r->op.pool, "opportunities", db_int(q, OPPORTUNITY)));
	else
		c[URL] = cell_text(url_with(t->r->op.pool, bases[c[RANK].i], c[ID].i));
}

static bool is_newer(struct stmt *a, struct stmt *b)
{
	int by = strcmp(db_text(a, SORT_AT), db_text(b, SORT_AT));
	by = by ? by : db_int(a, RANK) < db_int(b, RANK) ? -1 : db_int(a, RANK) > db_int(b, RANK);
	return by ? by > 0 : db_int(a, ID) > db_int(b, ID);
}

/* What is older than the last thread that was looked at waits for the next page. */
static bool is_below(const struct timeline *t, struct stmt *q)
{
	int by = t->floor.id ? strcmp(db_text(q, SORT_AT), t->floor.at) : 1;
	return by < 0 || (!by && (db_int(q, RANK) < 1 || (db_int(q, RANK) == 1 && db_int(q, ID) < t->floor.id)));
}

/* Each source of items comes in order: always the newest of their next ones. Whether there are more. */
static bool merge(struct timeline *t, struct stmt **from, size_t n)
{
	bool more = false;
	for (size_t i = 0; i < n; i++)
		if (!db_row(from[i]))
			from[i] = NULL;
	for (;;) {
		struct stmt **newest = NULL;
		for (size_t i = 0; i < n; i++)
			if (from[i] && (!newest || is_newer(from[i], *newest)))
				newest = &from[i];
		bool below = newest ? is_below(t, *newest) : t->floor.id > 0;
		more = below || (newest && t->items->n == TIMELINE_PAGE);
		if (!newest || more)
			break;
		item(t, *newest);
		if (!db_row(*newest))
			*newest = NULL;
	}
	for (size_t i = 0; i < n; i++)
		db_done(from[i]);
	return more;
}

static bool items(struct timeline *t)
{
	static const char *const source_columns[] = {"label", "url", "has_url"};
	struct stmt *from[6];
	size_t n = 0;
	t->items = rows_new(t->r->op.pool, columns, sizeof columns / sizeof *columns);
	t->sources = rows_new(t->r->op.pool, source_columns, sizeof source_columns / sizeof *source_columns);
	if (t->r->op.fault.status)
		return false;
	if (shown(t, "all") || shown(t, "mail"))
		from[n++] = threads(t);
	if (!shown(t, "tasks") && !shown(t, "commitments") && !shown(t, "moves") && !shown(t, "changes"))
		from[n++] = recorded(t);
	if (shown(t, "all") || shown(t, "tasks"))
		from[n++] = tasks(t);
	if (t->holder && (shown(t, "all") || shown(t, "commitments")))
		from[n++] = commitments(t);
	if (t->holder && (shown(t, "all") || shown(t, "moves")))
		from[n++] = moves(t);
	if (shown(t, "changes"))
		from[n++] = changes(t);
	return merge(t, from, n);
}

/* After a full page the last item's place; else where the looking ended, which says no more than a number. */
static const char *after_all(struct timeline *t)
{
	if (t->items->n < TIMELINE_PAGE)
		return place_make(t->r, "", t->floor.kind, t->floor.id);
	size_t last = t->items->n - 1;
	return place_make(t->r, rows_text(t->items, last, "at"), rows_int(t->items, last, "rank"),
		rows_int(t->items, last, "id"));
}

static void filters(struct req *r, struct json_object *timeline, const char *show, const char *url)
{
	static const char *const names[] = {"label", "url", "is_current"};
	struct rows *list = rows_new(r->op.pool, names, sizeof names / sizeof *names);
	for (size_t i = 0; shows[i]; i++) {
		rows_push(list);
		rows_set_text(list, i, "label", show_labels[i]);
		rows_set_text(list, i, "url", i ? pool_printf(r->op.pool, "%s?show=%s", url, shows[i]) : url);
		rows_set_bool(list, i, "is_current", str_eq(shows[i], show));
	}
	json_set_rows(timeline, "filters", list);
}

static int64_t holder(struct op *op, const char *resource, int64_t id)
{
	int64_t investor = 0;
	if (str_eq(resource, "contacts"))
		db_one_int(op, &investor, "SELECT id FROM investors_live WHERE contact_id = ?", id);
	else
		db_one_int(op, &investor, "SELECT id FROM investors_live WHERE organization_id = ?", id);
	return investor;
}

void timeline_fill(struct req *r, struct json_object *data, const char *resource, int64_t id, const char *url)
{
	struct timeline t = {.r = r,
		.resource = resource,
		.id = id,
		.after = place_read(r),
		.show = shows[in_choice(r, "show", shows, 0)],
		.history_url = json_text(data, "history_url"),
		.investor = str_starts(url, "/investors/") ? json_int(data, "id") : 0};
	t.holder = t.investor ? t.investor : holder(&r->op, resource, id);
	struct json_object *timeline = json_add_obj(data, "timeline");
	bool more = items(&t);
	filters(r, timeline, t.show, url);
	json_set_bool(timeline, "is_filtered", t.show != shows[0]);
	json_set_text(timeline, "all_url", url);
	json_set_text(data, "note_field", str_eq(resource, "contacts") ? "note_contact_id" : "note_organization_id");
	json_set_int(data, "note_record", id);
	const char *next = more ? after_all(&t) : NULL;
	json_set_rows(timeline, "items", t.items);
	json_set_text(timeline, "next", next);
	json_set_text(
		timeline, "next_url", next ? pool_printf(r->op.pool, "%s?show=%s&after=%s", url, t.show, next) : NULL);
	set_has(timeline, "has_next", more);
	json_set_bool(timeline, "is_empty", t.items->n == 0);
	json_set_bool(timeline, "is_first", str_eq(t.after.at, "9999"));
}
