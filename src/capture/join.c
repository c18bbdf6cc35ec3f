/* Owns which thread a message belongs to: by Message-ID, References, In-Reply-To (RFC 5322 3.6.4), never by subject, and
 * never against what a person arranged. Tests: t/40-capture.t, t/40-threads.t */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "db/db.h"
#include "mail/addr.h"
#include "mail/thread.h"
#include "base/banned.h"

#define PEOPLE_MAX 500 /* addresses of a thread that are compared */

struct joining {
	struct op *op;
	const struct judged *j;
	const char **ids; /* what it refers to, oldest first */
	size_t n;
	int64_t into; /* 0: not known yet */
	bool is_own;  /* into follows from its own Message-ID */
};

/* What becomes of an id: it leads where it led, or here; that thread waits for its mail; it is taken from a stranger. */
enum lead { LEADS, WAITS, TAKEN };

static int64_t thread_of(struct op *op, const char *message_id)
{
	int64_t id = 0;
	if (message_id)
		db_one_int(op, &id, "SELECT thread_id FROM thread_refs WHERE message_id = ?", message_id);
	return id;
}

/* ---- joining ---- */
/* What `from` holds goes to `into`; `from` stays as a signpost. */
static enum status merge(struct op *op, int64_t into, int64_t from)
{
	enum status st = db_run(op, "UPDATE messages SET thread_id = ? WHERE thread_id = ?", into, from);
	if (!st)
		st = db_run(op, "UPDATE thread_refs SET thread_id = ? WHERE thread_id = ?", into, from);
	if (!st)
		st = db_run(op, "UPDATE proposals SET thread_id = ? WHERE thread_id = ?", into, from);
	if (!st)
		st = db_run(op, "UPDATE threads SET merged_into = ? WHERE id = ?", into, from);
	return st ? st : db_run(op, "INSERT INTO threads_summary (thread_id) VALUES (?), (?)", into, from);
}

static bool is_arranged(struct op *op, int64_t a, int64_t b)
{
	int64_t found;
	return db_one_int(op, &found, "SELECT id FROM threads WHERE id IN (?, ?) AND is_arranged = 1", a, b);
}

/* One more thread that the message leads to. */
static enum status connect(struct joining *g, int64_t other)
{
	if (!other || other == g->into)
		return OK;
	if (!g->into || is_arranged(g->op, g->into, other)) {
		if (!g->is_own)
			g->into = other; /* of those that a person keeps apart, the one named last */
		return g->op->fault.status;
	}
	int64_t older = g->into < other ? g->into : other, newer = g->into < other ? other : g->into;
	g->into = older;
	return merge(g->op, older, newer);
}

/* ---- newsletters ---- */
#define WAITING                                                                                                        \
	"SELECT coalesce(t.merged_into, t.id) AS id FROM thread_refs_queue q JOIN threads t ON t.id = q.thread_id"     \
	" WHERE q.message_id = ?"

/* Did a person write the mail of that id, as far as we have seen it? */
static bool is_persons(struct op *op, const char *message_id)
{
	int64_t id;
	return db_one_int(
		op, &id, "SELECT id FROM messages WHERE coalesce(message_id, '') = ? AND is_automated = 0", message_id);
}

static bool names(const struct judged *j, const char *email)
{
	for (size_t i = 0; i < j->m->addr_count; i++)
		if (str_eq(j->m->addrs[i].email, email))
			return true;
	return false;
}

static bool is_party(struct op *op, const char *resource, const int64_t *ids, size_t n, int64_t thread)
{
	int64_t found;
	for (size_t i = 0; i < n; i++)
		if (db_one_int(op, &found,
			    "SELECT thread_id FROM thread_parties WHERE resource = ? AND resource_id = ? AND thread_id "
			    "= ?",
			    resource, ids[i], thread))
			return true;
	return false;
}

/* Is anybody from outside in both? Who merely sent a newsletter shares it with all who answer. */
static bool shares_people(struct op *op, const struct judged *j, int64_t thread)
{
	if (is_party(op, "contacts", j->contacts, j->contact_count, thread) ||
		is_party(op, "organizations", j->organizations, j->organization_count, thread))
		return true;
	bool found = false;
	for (struct stmt *q = db_query(op,
		     "SELECT a.email FROM messages m JOIN message_addresses a ON a.message_id = m.id WHERE m.thread_id "
		     "= ?"
		     " AND NOT (m.is_automated = 1 AND a.role IN ('from', 'sender', 'reply_to')) LIMIT ?",
		     thread, PEOPLE_MAX);
		db_row(q);)
		found = found || (!own_is(j->own, db_text(q, 0)) && names(j, db_text(q, 0)));
	return found;
}

/* ---- strangers ---- */
static const char *sender(const struct mail_message *m)
{
	for (size_t i = 0; i < m->addr_count; i++)
		if (m->addrs[i].role == MAIL_FROM && m->addrs[i].email)
			return m->addrs[i].email;
	return NULL;
}

static bool is_recorded(struct op *op, const char *email)
{
	int64_t found;
	return db_one_int(op, &found, "SELECT contact_id FROM contact_emails_live WHERE email = ?", email) ||
	       db_one_int(op, &found, "SELECT organization_id FROM organization_domains_live WHERE domain = ?",
		       addr_domain(email));
}

/* One address, or two at one firm. */
static bool is_akin(const char *a, const char *b)
{
	if (!a || !b)
		return false;
	const char *domain = addr_domain(a);
	return str_eq(a, b) || (domain && !addr_is_public(domain) && str_eq(domain, addr_domain(b)));
}

static bool is_introduced(struct op *op, const char *email, int64_t thread)
{
	bool found = false;
	for (struct stmt *q = db_query(op,
		     "SELECT a.email FROM messages m JOIN message_addresses a ON a.message_id = m.id WHERE m.thread_id "
		     "= ? LIMIT ?",
		     thread, PEOPLE_MAX);
		db_row(q);)
		found = found || is_akin(email, db_text(q, 0));
	return found;
}

/* Whoever has seen an id can refer to it, and naming somebody of the thread proves no more: a person whom neither we nor the
 * thread know begins a thread of his own, until one of them answers in it. Machines' mail decides nothing, and is let in. */
static bool is_stranger(const struct joining *g, int64_t thread)
{
	const char *from = sender(g->j->m);
	if (g->j->m->is_automated || (from && (own_is(g->j->own, from) || is_recorded(g->op, from))))
		return false;
	return !from || !is_introduced(g->op, from, thread);
}

static bool is_named(const struct judged *j, const char *email)
{
	bool found = own_is(j->own, email);
	for (size_t i = 0; i < j->m->addr_count && !found; i++)
		found = is_akin(email, j->m->addrs[i].email);
	return found;
}

/* The same the other way round, where mail came before what it refers to: did only such people write in that thread whom
 * neither we nor this message know? */
static bool is_strangers(const struct joining *g, int64_t thread)
{
	bool some = false, known = false;
	for (struct stmt *q = db_query(g->op,
		     "SELECT DISTINCT m.from_email, EXISTS (SELECT 1 FROM contact_emails_live e WHERE e.email = "
		     "m.from_email)"
		     " OR EXISTS (SELECT 1 FROM organization_domains_live d WHERE d.domain = substr(m.from_email, "
		     "instr(m.from_email, '@') + 1)) FROM messages m WHERE m.thread_id = ? AND m.is_automated = 0 "
		     "LIMIT ?",
		     thread, PEOPLE_MAX);
		db_row(q);) {
		some = true;
		known = known || db_int(q, 1) || (!db_is_null(q, 0) && is_named(g->j, db_text(q, 0)));
	}
	return some && !known;
}

/* Where a reference leads; 0 for nowhere yet, and for a stranger. Of the threads that name mail not seen, or a newsletter, to
 * the one with somebody in common; without one this thread waits as well. What only a stranger referred to is not his. */
static int64_t leads_to(struct joining *g, const char *id, enum lead *lead)
{
	int64_t first = thread_of(g->op, id), found = 0;
	if (!first || first == g->into)
		return first;
	bool seen = is_persons(g->op, id);
	if (is_stranger(g, first)) {
		*lead = seen ? LEADS : WAITS;
		return 0;
	}
	if (!seen && is_strangers(g, first))
		*lead = TAKEN;
	else if (seen || shares_people(g->op, g->j, first))
		return first;
	struct json_object *rows = db_array(g->op, WAITING " LIMIT 20", id);
	for (size_t i = 0; i < json_len(rows) && !found; i++) {
		int64_t other = json_int(json_at(rows, i), "id");
		bool joins = other == g->into || (shares_people(g->op, g->j, other) && !is_strangers(g, other));
		found = joins ? other : 0;
	}
	if (!found && *lead != TAKEN)
		*lead = WAITS;
	return found;
}

/* The threads that waited for this mail. A newsletter joins nobody. */
static enum status called_for(struct joining *g)
{
	const char *id = g->j->m->message_id;
	struct json_object *rows = db_array(g->op, WAITING " LIMIT 1000", id);
	enum status st = g->op->fault.status;
	for (size_t i = 0; i < json_len(rows) && !st && !g->j->m->is_automated; i++) {
		int64_t other = json_int(json_at(rows, i), "id");
		st = is_strangers(g, other) ? OK : connect(g, other);
	}
	return st || !json_len(rows) ? st : db_run(g->op, "DELETE FROM thread_refs_queue WHERE message_id = ?", id);
}

/* ---- the whole ---- */
static enum status thread_new(struct op *op, const struct judged *j, int64_t *id)
{
	char at[INSTANT_SIZE];
	instant_format(j->sent_at, at);
	const char *subject = subject_base(op->pool, j->m->subject);
	enum status st = db_run(op, "INSERT INTO threads (subject, first_at, last_at) VALUES (?, ?, ?)",
		*subject ? subject : "(no subject)", (const char *)at, (const char *)at);
	*id = db_last_id(op);
	return st;
}

/* The ids lead to this thread from now on, those that lead elsewhere already excepted. */
static enum status remember(struct joining *g, const enum lead *leads)
{
	enum status st = OK;
	for (size_t i = 0; i <= g->n && !st; i++) {
		const char *id = i < g->n ? g->ids[i] : g->j->m->message_id;
		if (id && leads[i] == TAKEN)
			st = db_run(g->op, "UPDATE thread_refs SET thread_id = ? WHERE message_id = ?", g->into, id);
		else if (id)
			st = db_run(g->op, "INSERT OR IGNORE INTO thread_refs (message_id, thread_id) VALUES (?, ?)",
				id, g->into);
		if (!st && leads[i] == WAITS)
			st = db_run(g->op,
				"INSERT OR IGNORE INTO thread_refs_queue (message_id, thread_id) VALUES (?, ?)", id,
				g->into);
	}
	return st;
}

/* A report belongs to what came back, though it seldom refers to it. */
static void find_ids(struct joining *g)
{
	const char **ids = thread_ids(g->op->pool, g->j->m, &g->n);
	g->ids = pool_array(g->op->pool, g->n + 1, sizeof *g->ids);
	for (size_t i = 0; i < g->n; i++)
		g->ids[i] = ids[i];
	if (g->j->m->bounce_message_id)
		g->ids[g->n++] = g->j->m->bounce_message_id;
}

enum status thread_join(struct op *op, const struct judged *j, int64_t *thread_id)
{
	struct joining g = {.op = op, .j = j, .into = thread_of(op, j->m->message_id)};
	find_ids(&g);
	enum lead *leads = pool_array(op->pool, g.n + 1, sizeof *leads); /* of its own id too, the last */
	if (g.into && is_strangers(&g, g.into)) {
		leads[g.n] = TAKEN;
		g.into = 0;
	}
	g.is_own = g.into != 0;
	enum status st = op->fault.status;
	for (size_t i = 0; i < g.n && !st; i++) {
		int64_t other = leads_to(&g, g.ids[i], &leads[i]);
		st = op->fault.status ? op->fault.status : connect(&g, other);
	}
	if (!st && j->m->message_id)
		st = called_for(&g);
	if (!st && !g.into)
		st = thread_new(op, j, &g.into);
	*thread_id = g.into;
	return st ? st : remember(&g, leads);
}
