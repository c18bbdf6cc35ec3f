/* Review: the queue of proposals. Reads only; card.c shows one, decisions.c and batch.c decide.
 *
 * review/list  data: [{id, kind, kind_label, resource, target_id, title, state, state_label, is_pending, is_snoozed, sha256,
 *              author_kind, author_name, occurred_at, created_at, snoozed_until, decided_at, decided_by_name, reason,
 *              investor_id, contact_id, contact_name, organization_id, organization_name, message_id, thread_id,
 *              group (heading: the investor's, else the organization's, else the contact's name, else "Others"),
 *              is_group_start, is_selected, url ("/review?selected=12" with the filters), show_url ("/review/12")}]
 *              parameters: state (pending: waits now; snoozed: put off; approved edited dismissed expired; any;
 *              default pending), kind, author (capture agent user), age (day week older old), investor, contact,
 *              organization, mailbox (ids), q, limit, after; page only: selected (id; default the first row)
 *              The page: view.list (shapes.h) and
 *              view.selected: null or the data of review/show        view.has_selected
 *              view.pending: how many wait   view.snoozed: how many are put off (has_snoozed); both with a _label
 *              view.can_decide: the reader is a person
 *              view.from, view.then, view.tomorrow, view.next_week (review.h)
 *              view.done: null or what was just decided (?decided=ID): {title, state_label, undo_url}   view.has_done
 * Tests: t/50-review.t, t/50-review-queue.t */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "crm/review.h"
#include "base/banned.h"

static const char *now_text(struct req *r)
{
	char now[INSTANT_SIZE];
	instant_format(r->op.now, now);
	return pool_strdup(r->op.pool, now);
}

static const char *days_ago(struct req *r, int days)
{
	char at[INSTANT_SIZE];
	instant_format(r->op.now - (int64_t)days * 86400, at);
	return pool_strdup(r->op.pool, at);
}

/* ---- filters ---- */
static void filter_state(struct list *l)
{
	static const char *const states[] = {"pending", "snoozed", "approved", "edited", "dismissed", "expired", NULL};
	static const char *const labels[] = {
		"Waiting", "Put off", "Countersigned", "Countersigned with changes", "Dismissed", "Expired", NULL};
	const char *state = list_choice(l, "state", "State", states, labels, "All", "pending");
	struct query *q = &l->query;
	if (str_eq(state, "pending"))
		query_add(q, " AND p.state = 'pending' AND coalesce(p.snoozed_until, '') <= ?", now_text(l->r));
	else if (str_eq(state, "snoozed"))
		query_add(q, " AND +p.state = 'pending' AND p.snoozed_until > ?",
			now_text(l->r)); /* + : few are put off */
	else if (state)
		query_add(q, " AND p.state = ?", state);
}

static void filter_age(struct list *l)
{
	static const char *const ages[] = {"day", "week", "older", "old", NULL};
	static const char *const labels[] = {
		"Of the last 24 hours", "Of the last 7 days", "Older than 7 days", "Older than 30 days", NULL};
	const char *age = list_choice(l, "age", "Age", ages, labels, "Of any age", NULL);
	struct query *q = &l->query;
	if (str_eq(age, "day") || str_eq(age, "week"))
		query_add(q, " AND p.occurred_at >= ?", days_ago(l->r, str_eq(age, "day") ? 1 : 7));
	else if (age)
		query_add(q, " AND p.occurred_at < ?", days_ago(l->r, str_eq(age, "older") ? 7 : 30));
}

static void filter_records(struct list *l)
{
	struct query *q = &l->query;
	int64_t investor = list_ref(l, "investor", "Investor",
			"SELECT i.id, coalesce(o.name, c.name) FROM investors_live i LEFT JOIN "
			"organizations_live o"
			" ON o.id = i.organization_id LEFT JOIN contacts_live c ON c.id = i.contact_id WHERE "
			"i.id IN"
			" (SELECT investor_id FROM proposals_seen WHERE id IN (SELECT id FROM proposal_places "
			"WHERE"
			" state = 'pending' ORDER BY occurred_at DESC, id DESC LIMIT 200)) ORDER BY 2 LIMIT "
			"200"), /* of the newest */
		contact = list_ref(l, "contact", "Contact", NULL),
		organization = list_ref(l, "organization", "Organization", NULL),
		mailbox = list_ref(
			l, "mailbox", "Mailbox", "SELECT id, address FROM mailboxes_live ORDER BY address LIMIT 100");
	if (investor)
		query_add(q, " AND p.investor_id = ?", investor);
	if (contact)
		query_add(q, " AND p.contact_id = ?", contact);
	if (organization)
		query_add(q, " AND p.organization_id = ?", organization);
	if (mailbox)
		query_add(q,
			" AND EXISTS (SELECT 1 FROM mailbox_items_seen b WHERE b.message_id = p.message_id AND "
			"b.mailbox_id "
			"= "
			"?)",
			mailbox);
}

static void filters(struct list *l)
{
	static const char *const kinds[] = {"activity", "contact", "address", "field", "task", "merge", "record", NULL};
	static const char *const kind_labels[] = {
		"Activity", "New person", "New address", "Change", "Task", "Merge", "Proposed by an agent", NULL};
	static const char *const authors[] = {"capture", "agent", "user", NULL};
	static const char *const author_labels[] = {"By capture", "By an agent", "By a person", NULL};
	filter_state(l);
	const char *kind = list_choice(l, "kind", "Kind", kinds, kind_labels, "Any kind", NULL);
	const char *author = list_choice(l, "author", "Author", authors, author_labels, "By anybody", NULL);
	filter_age(l);
	filter_records(l);
	if (kind)
		query_add(&l->query, " AND p.kind = ?", kind);
	if (author)
		query_add(&l->query, " AND p.author_kind = ?", author);
	if (l->after_key && !*l->after_key) /* list_look's */
		l->after_key =
			db_one_text(&l->r->op, "SELECT occurred_at FROM proposal_places WHERE id = ?", l->after_id);
	if (l->after_key)
		query_add(&l->query, " AND (p.occurred_at, p.id) < (?, ?)", l->after_key, l->after_id);
}

/* What fits, of that what is seen, and of that what has the words. */
static void select_rows(struct list *l)
{
	struct query fits = l->query, places;
	query_init(&places, l->r->op.pool);
	query_add(&places, "SELECT p.occurred_at, p.id FROM proposal_places p WHERE 1");
	query_append(&places, &fits);
	query_add(&places, " ORDER BY p.occurred_at DESC, p.id DESC");
	list_look(l, &places);
	query_init(&l->query, l->r->op.pool);
	query_add(&l->query, "SELECT " PROPOSAL_COLUMNS PROPOSAL_TABLES " WHERE 1");
	query_append(&l->query, &fits);
	list_floor(l, "p.occurred_at", "p.id");
	if (l->q)
		query_add(&l->query, " AND p.title LIKE ? ESCAPE '\\'", l->q);
	query_add(&l->query, " ORDER BY p.occurred_at DESC, p.id DESC LIMIT ?", l->limit + 1);
}

/* ---- the page ---- */
/* Newest first, then each group's cards together, in the order of their newest. */
static struct json_object *grouped(struct pool *p, struct json_object *rows)
{
	struct json_object *out = json_arr(p);
	size_t n = json_len(rows);
	bool *taken = pool_array(p, n + 1, sizeof *taken);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n && !taken[i]; j++) {
			if (taken[j] ||
				!str_eq(json_text(json_at(rows, i), "group"), json_text(json_at(rows, j), "group")))
				continue;
			json_object_array_add(out, json_object_get(json_at(rows, j)));
			taken[j] = j != i;
		}
	return out;
}

/* The list's own parameters, this page's place in it included. */
static const char *from_of(struct list *l)
{
	const char *after = in_text(l->r, "after", 1000), *all = l->parameters->len ? l->parameters->data + 1 : "";
	if (!after || l->r->op.fault.status)
		return all;
	return pool_printf(l->r->op.pool, "%s%safter=%s", all, *all ? "&" : "", after);
}

/* What a decision on the selected card leads to: the next one, or the one before the last. */
static int64_t mark(struct req *r, struct json_object *rows, const char *from, int64_t selected)
{
	const char *group = NULL;
	size_t n = json_len(rows), at = n;
	for (size_t i = 0; i < n; i++) {
		struct json_object *row = json_at(rows, i);
		bool is_selected = json_int(row, "id") == selected;
		proposal_labels(r, row);
		json_set_bool(row, "is_group_start", !str_eq(group, json_text(row, "group")));
		json_set_bool(row, "is_selected", is_selected);
		json_set_text(row, "url",
			pool_printf(r->op.pool, "/review?%s%sselected=%lld", from, *from ? "&" : "",
				(long long)json_int(row, "id")));
		group = json_text(row, "group");
		at = is_selected ? i : at;
	}
	if (at == n) /* not among these: from the first on */
		return json_int(json_at(rows, 0), "id");
	return n < 2 ? 0 : json_int(json_at(rows, at + 1 < n ? at + 1 : at - 1), "id");
}

/* `fits`: conditions on p, among those that are in the order of `key`, which an index has. */
#define counted(r, key, fits, more)                                                                                    \
	counted_(r, "SELECT " key ", id FROM proposal_places p WHERE ", fits, " ORDER BY " key " DESC, id DESC",       \
		" AND (" key ", id) >= (?, ?)", more)
static int64_t counted_(
	struct req *r, const char *places, const struct query *fits, const char *order, const char *until, bool *more)
{
	struct query q;
	const char *key;
	int64_t n = 0, id;
	query_init(&q, r->op.pool);
	query_add_(&q, places, NULL, 0);
	query_append(&q, fits);
	query_add_(&q, order, NULL, 0);
	*more = look_end(r, &q, &key, &id);
	query_init(&q, r->op.pool);
	query_add(&q, "SELECT count(*) FROM (SELECT 1 FROM proposals_seen p WHERE ");
	query_append(&q, fits);
	if (*more)
		query_add_(&q, until, (const struct bind[]){bind_text(key), bind_i64(id)}, 2);
	query_add(&q, " LIMIT ?)", COUNT_MAX + 1);
	for (struct stmt *rows = query_start(&r->op, &q); db_row(rows);)
		n = db_int(rows, 0);
	return n;
}

int64_t proposals_waiting(struct req *r, bool *more)
{
	struct query fits;
	query_init(&fits, r->op.pool);
	query_add(&fits, "state = 'pending' AND coalesce(snoozed_until, '') <= ?", now_text(r));
	return counted(r, "occurred_at", &fits, more);
}

static void counts(struct req *r)
{
	bool more;
	int64_t waiting = proposals_waiting(r, &more);
	set_count(r->op.pool, r->view, "pending", waiting, more);
	struct query fits;
	query_init(&fits, r->op.pool);
	query_add(&fits, "+state = 'pending' AND snoozed_until > ?", now_text(r));
	int64_t snoozed = counted(r, "snoozed_until", &fits, &more);
	set_count(r->op.pool, r->view, "snoozed", snoozed, more);
	set_has(r->view, "has_snoozed", snoozed > 0);
}

static void just_done(struct req *r)
{
	int64_t id = in_int(r, "decided", 0, 1, INT64_MAX);
	struct json_object *done =
		id ? db_object(&r->op, "SELECT id, title, state, snoozed_until FROM proposals_seen WHERE id = ?", id)
		   : NULL;
	if (done) {
		proposal_labels(r, done);
		bool can_undo = !json_true(done, "is_pending") || json_true(done, "is_snoozed");
		if (!can_undo)
			json_set_text(done, "state_label", "Waits again");
		json_set_text(done, "undo_url",
			can_undo ? pool_printf(r->op.pool, "/proposals/%lld/undo", (long long)id) : NULL);
	}
	json_set(r->view, "done", json_object_get(done));
	set_has(r->view, "has_done", done != NULL);
}

enum status proposals_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-occurred", "Newest"}, {NULL, NULL}};
	struct list l;
	list_open(&l, r, "/review", sorts);
	filters(&l);
	select_rows(&l);
	struct json_object *rows = list_objects(&l, "occurred_at", "id");
	if (!r->is_api)
		rows = out_data(r, grouped(r->op.pool, rows));
	const char *from = from_of(&l);
	int64_t selected = in_int(r, "selected", 0, 1, INT64_MAX);
	struct json_object *chosen = selected && !r->is_api ? proposal_card(r, selected, true) : NULL;
	if (!chosen)
		selected = json_int(json_at(rows, 0), "id");
	int64_t then = mark(r, rows, from, selected);
	if (r->is_api)
		return OK;
	if (!chosen && selected)
		chosen = proposal_card(r, selected, true);
	json_set(r->view, "selected", json_object_get(chosen));
	set_has(r->view, "has_selected", chosen != NULL);
	counts(r);
	just_done(r);
	review_view(r, from, then);
	json_set_bool(r->view, "can_decide", actor_may_sign(&r->op.actor));
	json_set_text(r->view, "title", "Review");
	return OK;
}
