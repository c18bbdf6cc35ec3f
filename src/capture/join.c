/* Owns which thread a message belongs to: by Message-ID, References, In-Reply-To (RFC 5322 3.6.4), never by subject.
 * Tests: t/40-capture.t */
#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "db/db.h"
#include "mail/thread.h"
#include "base/banned.h"

static int64_t thread_of(struct op *op, const char *message_id)
{
	int64_t id = 0;
	if (message_id)
		db_one_int(op, &id, "SELECT thread_id FROM thread_refs WHERE message_id = ?", message_id);
	return id;
}

/* What `from` holds goes to `into`; `from` stays as a signpost. */
static enum status merge(struct op *op, int64_t into, int64_t from)
{
	enum status st = db_run(op, "UPDATE messages SET thread_id = ? WHERE thread_id = ?", into, from);
	if (!st)
		st = db_run(op, "UPDATE thread_refs SET thread_id = ? WHERE thread_id = ?", into, from);
	if (!st)
		st = db_run(op,
			"INSERT INTO thread_parties (resource, resource_id, thread_id, last_at)"
			" SELECT resource, resource_id, ?1, last_at FROM thread_parties WHERE thread_id = ?2"
			" ON CONFLICT DO UPDATE SET last_at = max(last_at, excluded.last_at)",
			into, from);
	if (!st)
		st = db_run(op, "UPDATE proposals SET thread_id = ? WHERE thread_id = ?", into, from);
	if (!st)
		st = db_run(op,
			"UPDATE threads SET messages = messages + (SELECT messages FROM threads WHERE id = ?2),"
			" first_at = min(first_at, (SELECT first_at FROM threads WHERE id = ?2)),"
			" last_direction = CASE WHEN (SELECT last_at FROM threads WHERE id = ?2) > last_at THEN"
			" (SELECT last_direction FROM threads WHERE id = ?2) ELSE last_direction END,"
			" last_at = max(last_at, (SELECT last_at FROM threads WHERE id = ?2)) WHERE id = ?1",
			into, from);
	return st ? st : db_run(op, "UPDATE threads SET merged_into = ?, messages = 0 WHERE id = ?", into, from);
}

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

static enum status ref_add(struct op *op, const char *message_id, int64_t thread_id)
{
	return db_run(
		op, "INSERT OR IGNORE INTO thread_refs (message_id, thread_id) VALUES (?, ?)", message_id, thread_id);
}

enum status thread_join(struct op *op, const struct judged *j, int64_t *thread_id)
{
	size_t n;
	const char **ids = thread_ids(op->pool, j->m, &n);
	if (j->m->bounce_message_id) { /* a report belongs to what came back */
		const char **more = pool_array(op->pool, n + 1, sizeof *more);
		for (size_t i = 0; i < n; i++)
			more[i] = ids[i];
		more[n++] = j->m->bounce_message_id;
		ids = more;
	}
	int64_t into = thread_of(op, j->m->message_id);
	enum status st = op->fault.status;
	for (size_t i = 0; i < n && !st; i++) {
		int64_t other = thread_of(op, ids[i]);
		if (!into)
			into = other;
		else if (other && other != into)
			st = merge(op, into < other ? into : other, into < other ? other : into);
		if (other && into > other)
			into = other;
	}
	if (!st && !into)
		st = thread_new(op, j, &into);
	if (!st && j->m->message_id)
		st = ref_add(op, j->m->message_id, into);
	for (size_t i = 0; i < n && !st; i++)
		st = ref_add(op, ids[i], into);
	*thread_id = into;
	return st;
}
