/* Threads arranged by a person: the rest of one split off, a message moved to another, two made one, and each of that taken
 * back. What is done here capture leaves alone (threads.is_arranged). Owns thread_moves; everything is done in the request's
 * transaction and audited by its triggers.
 *
 * mail/arrange  data: {id, subject, count, url, message (null, or {id, sentence, sent_at, snippet}), has_message, q, action
 *               threads: where it could go, [{id, subject, last_at, messages, is_several, parties}], at most 20   has_threads}
 *               parameters: message (id: that one moves; none: all of the thread), q (words of a subject, or a number)
 * split         message_id: it and all later ones become a thread of their own
 * move          message_id, into (thread)         merge  into (thread)         undo  move (id of thread_moves)
 * Tests: t/40-threads.t */
#include "crm/crm.h"

#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/thread.h"
#include "base/banned.h"

#define NEAR_MAX 20
#define SEARCHED_MAX 5000 /* newest threads whose subjects are looked through */

/* ---- what moves ---- */
struct move {
	struct op *op;
	int64_t id, from, into;
};

static enum status move_open(struct move *m, const char *kind)
{
	enum status st = db_run(
		m->op, "INSERT INTO thread_moves (kind, from_id, into_id) VALUES (?, ?, ?)", kind, m->from, m->into);
	m->id = db_last_id(m->op);
	return st;
}

/* Their ids lead where they go. */
static enum status take_refs(struct move *m)
{
	return db_run(m->op,
		"INSERT INTO thread_move_refs (move_id, message_id) SELECT DISTINCT ?1, r.message_id FROM "
		"thread_move_messages t"
		" JOIN messages_seen m ON m.id = t.message_id JOIN thread_refs r ON r.message_id = m.message_id"
		" WHERE t.move_id = ?1 AND r.thread_id = ?2",
		m->id, m->from);
}

/* A thread that nothing is left of points to where it went. */
static enum status shift(struct move *m, int64_t from, int64_t into)
{
	struct op *op = m->op;
	enum status st = db_run(op,
		"UPDATE messages SET thread_id = ? WHERE id IN (SELECT message_id FROM thread_move_messages WHERE "
		"move_id = ?)",
		into, m->id);
	if (!st)
		st = db_run(op,
			"UPDATE thread_refs SET thread_id = ? WHERE message_id IN (SELECT message_id FROM "
			"thread_move_refs"
			" WHERE move_id = ?)",
			into, m->id);
	if (!st)
		st = db_run(op,
			"UPDATE proposals SET thread_id = ? WHERE thread_id = ? AND message_id IN (SELECT message_id"
			" FROM thread_move_messages WHERE move_id = ?)",
			into, from, m->id);
	if (!st)
		st = db_run(op, "UPDATE threads SET merged_into = NULL WHERE id = ?", into);
	if (!st)
		st = db_run(op, "INSERT INTO threads_summary (thread_id) VALUES (?), (?)", from, into);
	return st ? st : db_run(op, "UPDATE threads SET merged_into = ? WHERE id = ? AND messages = 0", into, from);
}

static enum status keep_apart(struct move *m)
{
	return db_run(m->op, "UPDATE threads SET is_arranged = 1 WHERE id IN (?, ?)", m->from, m->into);
}

/* The message, or it and all later ones of its thread. */
static enum status take_messages(struct move *m, int64_t message, bool and_later)
{
	return db_run(m->op,
		"INSERT INTO thread_move_messages (move_id, message_id) SELECT ?1, id FROM messages_seen WHERE "
		"thread_id = ?2"
		" AND (id = ?3 OR (?4 AND (sent_at, id) > (SELECT sent_at, id FROM messages_seen WHERE id = ?3)))",
		m->id, m->from, message, and_later);
}

/* Goes there, with the ids that lead to it, and stays. */
static enum status move_messages(struct move *m, const char *kind, int64_t message, bool and_later)
{
	enum status st = move_open(m, kind);
	if (!st)
		st = take_messages(m, message, and_later);
	if (!st)
		st = take_refs(m);
	if (!st)
		st = shift(m, m->from, m->into);
	return st ? st : keep_apart(m);
}

/* ---- what was asked for ---- */
static int64_t live_thread(struct req *r, int64_t id)
{
	int64_t found = 0;
	if (!id || !db_one_int(&r->op, &found, "SELECT id FROM threads_seen WHERE id = ? AND merged_into IS NULL", id))
		fail(&r->op, E_NOT_FOUND, NULL, "there is no such thread");
	return found;
}

static int64_t other_thread(struct req *r, int64_t from)
{
	int64_t into = in_int(r, "into", 0, 1, INT64_MAX), found = 0;
	if (!into)
		fail(&r->op, E_INPUT, "into", "is required");
	else if (into == from)
		fail(&r->op, E_INPUT, "into", "is this thread itself");
	else if (!db_one_int(&r->op, &found, "SELECT id FROM threads_seen WHERE id = ? AND merged_into IS NULL", into))
		fail(&r->op, E_INPUT, "into", "there is no such thread");
	return found;
}

static int64_t message_of(struct req *r, int64_t thread)
{
	int64_t id = in_int(r, "message_id", 0, 1, INT64_MAX), found = 0;
	if (!id)
		fail(&r->op, E_INPUT, "message_id", "is required");
	else if (!db_one_int(&r->op, &found, "SELECT id FROM messages_seen WHERE id = ? AND thread_id = ?", id, thread))
		fail(&r->op, E_INPUT, "message_id", "is no message of this thread");
	return found;
}

static enum status done(struct req *r, int64_t thread, const char *flash)
{
	return reply_see(r, flash, r->is_api ? "/api/threads/%lld" : "/mail/%lld", (long long)thread);
}

/* ---- split ---- */
static enum status thread_for(struct op *op, int64_t message, int64_t *id)
{
	struct json_object *m = db_object(op, "SELECT subject, sent_at FROM messages_seen WHERE id = ?", message);
	const char *subject = subject_base(op->pool, json_text(m, "subject"));
	enum status st = db_run(op, "INSERT INTO threads (subject, first_at, last_at) VALUES (?1, ?2, ?2)",
		*subject ? subject : "(no subject)", json_text(m, "sent_at"));
	*id = db_last_id(op);
	return st;
}

enum status threads_split(struct req *r)
{
	struct move m = {.op = &r->op, .from = live_thread(r, in_id(r, "id"))};
	int64_t message = m.from ? message_of(r, m.from) : 0, before = 0;
	if (!message)
		return r->op.fault.status;
	if (!db_one_int(&r->op, &before,
		    "SELECT id FROM messages_seen WHERE thread_id = ?1 AND (sent_at, id) < (SELECT sent_at, id FROM "
		    "messages_seen"
		    " WHERE id = ?2) LIMIT 1",
		    m.from, message))
		return fail(&r->op, E_INPUT, "message_id", "is the first of its thread: nothing would be left of it");
	enum status st = thread_for(&r->op, message, &m.into);
	if (!st)
		st = move_messages(&m, "split", message, true);
	return st ? st : done(r, m.into, "A thread of its own from here on");
}

/* ---- move and merge ---- */
enum status threads_move(struct req *r)
{
	struct move m = {.op = &r->op, .from = live_thread(r, in_id(r, "id"))};
	int64_t message = m.from ? message_of(r, m.from) : 0;
	m.into = message ? other_thread(r, m.from) : 0;
	if (!m.into)
		return r->op.fault.status;
	enum status st = move_messages(&m, "move", message, false);
	return st ? st : done(r, m.into, "Moved to this thread");
}

enum status threads_merge(struct req *r)
{
	struct move m = {.op = &r->op, .from = live_thread(r, in_id(r, "id"))};
	m.into = m.from ? other_thread(r, m.from) : 0;
	if (!m.into)
		return r->op.fault.status;
	enum status st = move_open(&m, "merge");
	if (!st)
		st = db_run(&r->op,
			"INSERT INTO thread_move_messages (move_id, message_id) SELECT ?, id FROM messages_seen WHERE "
			"thread_id = ?",
			m.id, m.from);
	if (!st) /* what is only referred to as well: an answer to it belongs here now */
		st = db_run(&r->op,
			"INSERT INTO thread_move_refs (move_id, message_id) SELECT ?, message_id FROM thread_refs "
			"WHERE thread_id = ?",
			m.id, m.from);
	if (!st)
		st = shift(&m, m.from, m.into);
	return st ? st : done(r, m.into, "One thread now");
}

/* ---- back ---- */
/* Only what still stands as it was left: a message moved on since is somebody's later decision. */
enum status threads_undo(struct req *r)
{
	int64_t thread = live_thread(r, in_id(r, "id")), id = in_int(r, "move", 0, 1, INT64_MAX), elsewhere = 0;
	if (!thread)
		return r->op.fault.status;
	struct json_object *row = db_object(&r->op,
		"SELECT from_id, into_id FROM thread_moves WHERE id = ?1 AND undone_at IS NULL AND (from_id = ?2 OR "
		"into_id = ?2)",
		id, thread);
	if (!row)
		return fail(&r->op, E_NOT_FOUND, NULL, "nothing of this thread can be taken back by that number");
	struct move m = {&r->op, id, json_int(row, "from_id"), json_int(row, "into_id")};
	db_one_int(&r->op, &elsewhere,
		"SELECT count(*) FROM thread_move_messages t JOIN messages_seen m ON m.id = t.message_id"
		" WHERE t.move_id = ? AND m.thread_id <> ?",
		m.id, m.into);
	if (elsewhere)
		return fail(&r->op, E_CONFLICT, NULL, "its messages were moved again since; take that back first");
	enum status st = shift(&m, m.into, m.from);
	if (!st)
		st = keep_apart(&m);
	if (!st)
		st = db_run(&r->op, "UPDATE thread_moves SET undone_at = ctx_now() WHERE id = ?", m.id);
	return st ? st : done(r, m.from, "Taken back");
}

void thread_moves_fill(struct req *r, struct json_object *data, int64_t id)
{
	static const char *const labels[][2] = {
		{"split", "Split off"}, {"move", "A message moved"}, {"merge", "Merged"}};
	struct json_object *rows = db_array(&r->op,
		"SELECT v.id, v.kind, v.created_at AS at, u.name AS by_name, t.subject, iif(v.from_id = ?1, v.into_id, "
		"v.from_id)"
		" AS other_id FROM thread_moves v JOIN users u ON u.id = v.created_by"
		" LEFT JOIN threads_seen t ON t.id = iif(v.from_id = ?1, v.into_id, v.from_id)"
		" WHERE v.id IN (SELECT id FROM thread_moves WHERE from_id = ?1 UNION SELECT id FROM thread_moves "
		"WHERE into_id = ?1)"
		" AND v.undone_at IS NULL ORDER BY v.id DESC LIMIT 10",
		id);
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *v = json_at(rows, i);
		for (size_t k = 0; k < sizeof labels / sizeof *labels; k++)
			if (str_eq(json_text(v, "kind"), labels[k][0]))
				json_set_text(v, "kind_label", labels[k][1]);
		json_set_text(v, "url", resource_url(r->op.pool, "threads", json_int(v, "other_id")));
		json_set_text(v, "undo_url", pool_printf(r->op.pool, "/mail/%lld/undo", (long long)id));
	}
	json_set(data, "moves", json_object_get(rows));
	set_has(data, "has_moves", json_len(rows) > 0);
	json_set_text(data, "arrange_url", pool_printf(r->op.pool, "/mail/%lld/arrange", (long long)id));
}

/* ---- where to ---- */
/* By words or number; else what the same firm or person wrote about last. */
static struct json_object *candidates(struct req *r, int64_t id, const char *q)
{
	struct query query;
	query_init(&query, r->op.pool);
	query_add(&query, "SELECT t.id, t.subject, t.last_at, t.messages, t.messages > 1 AS is_several, (SELECT "
			  "group_concat(name, ', ') FROM (SELECT"
			  " coalesce(c.name, o.name) AS name FROM thread_parties_seen p"
			  " LEFT JOIN contacts_live c ON p.resource = 'contacts' AND c.id = p.resource_id"
			  " LEFT JOIN organizations_live o ON p.resource = 'organizations' AND o.id = p.resource_id"
			  " WHERE p.thread_id = t.id LIMIT 4)) AS parties FROM ");
	int64_t number = 0;
	if (q && str_i64(q, 1, INT64_MAX, &number))
		query_add(&query, "threads_seen t WHERE t.id = ?", number);
	else if (q)
		query_add(&query,
			"(SELECT * FROM threads_seen WHERE id IN (SELECT thread_id FROM thread_list_places WHERE "
			"merged_into"
			" IS NULL ORDER BY last_at DESC, thread_id DESC LIMIT " LOOKED ")) t"
			" WHERE instr(lower(t.subject), lower(?)) > 0",
			LOOKED_MAX, SEARCHED_MAX, q);
	else
		query_add(&query,
			"(SELECT resource, resource_id FROM thread_parties_seen WHERE thread_id = ? ORDER BY resource "
			"DESC LIMIT 1) f"
			" JOIN thread_parties_seen n ON n.resource = f.resource AND n.resource_id = f.resource_id"
			" JOIN threads_seen t ON t.id = n.thread_id WHERE n.thread_id IN (SELECT thread_id FROM"
			" thread_party_places WHERE (resource, resource_id) = (SELECT resource, resource_id FROM"
			" thread_parties_seen WHERE thread_id = ? ORDER BY resource DESC LIMIT 1) ORDER BY last_at "
			"DESC,"
			" thread_id DESC LIMIT ?)",
			id, id, LOOKED_MAX / 2);
	query_add(&query, " AND t.id <> ? AND t.merged_into IS NULL AND t.messages > 0 ORDER BY t.last_at DESC LIMIT ?",
		id, NEAR_MAX);
	return query_array(&r->op, &query);
}

static struct json_object *message_line(struct req *r, int64_t id)
{
	struct json_object *m = message_document(&r->op, id), *o = json_obj(r->op.pool);
	static const char *const keys[] = {"sentence", "sent_at", "snippet"};
	json_set_int(o, "id", id);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		json_set_text(o, keys[i], json_text(m, keys[i]));
	return o;
}

enum status threads_arrange(struct req *r)
{
	int64_t id = live_thread(r, in_id(r, "id")), message = in_int(r, "message", 0, 1, INT64_MAX), found = 0;
	const char *q = in_text(r, "q", 200);
	struct json_object *data =
		!id ? NULL
		    : db_object(&r->op, "SELECT id, subject, messages AS count FROM threads_seen WHERE id = ?", id);
	if (!data)
		return r->op.fault.status;
	if (message &&
		!db_one_int(&r->op, &found, "SELECT id FROM messages_seen WHERE id = ? AND thread_id = ?", message, id))
		return fail(&r->op, E_NOT_FOUND, NULL, "there is no such message in this thread");
	struct json_object *threads = candidates(r, id, q);
	set_url(r->op.pool, data, "/mail", id);
	json_set_text(
		data, "action", pool_printf(r->op.pool, "/mail/%lld/%s", (long long)id, message ? "move" : "merge"));
	json_set(data, "message", message ? json_object_get(message_line(r, message)) : NULL);
	set_has(data, "has_message", message > 0);
	json_set_text(data, "q", q ? q : "");
	json_set(data, "threads", json_object_get(threads));
	set_has(data, "has_threads", json_len(threads) > 0);
	out_data(r, data);
	json_set_text(r->view, "title", message ? "Move a message" : "Merge threads");
	return OK;
}
