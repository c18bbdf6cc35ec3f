/* Owns a digest's row, its editions and who gets it. One for each day, however often it is asked for.
 * Tests: t/unit/digest_store.c, t/50-digest.t */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "db/db.h"
#include "digest/digest.h"
#include "digest/letter.h"
#include "base/banned.h"

#define RECIPIENTS                                                                                                     \
	"users u WHERE u.is_active = 1 AND u.role <> 'agent' AND (u.wants_digest = 1 OR (u.role = 'admin' AND ?1 = "   \
	"'admins'))"

/* ---- who gets it ---- */
struct json_object *digest_recipients(struct op *op)
{
	return db_array(op, "SELECT u.id, u.username, u.name, u.email FROM " RECIPIENTS " ORDER BY u.id LIMIT 1000",
		setting_text(op, "digest_recipients"));
}

/* All who get it, or one active user whether they want it or not. */
static enum status recipients(struct op *op, const char *only, struct json_object **users)
{
	*users = !only ? digest_recipients(op)
		       : db_array(op,
				 "SELECT id, username, name, email FROM users WHERE username = ? AND is_active = 1 AND "
				 "role <> 'agent'",
				 only);
	if (!op->fault.status && only && !json_len(*users))
		return fail(op, E_NOT_FOUND, NULL, "there is no active user %s", only);
	return op->fault.status;
}

/* The next day's digest stands for this day's too: a clock set back by some hours makes none for a day that was over. One
 * of a day further ahead was made by a clock that was wrong, and keeps nobody from today's. */
bool digest_is_done(struct op *op, const char *day)
{
	int64_t found;
	return db_one_int(op, &found,
		"SELECT 1 FROM digests d WHERE d.done_at IS NOT NULL AND (d.day = date(?2, '+1 day') OR (d.day = ?2 "
		"AND NOT EXISTS "
		"(SELECT 1 FROM " RECIPIENTS " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.digest_id = d.id AND "
		"instr(o.message_id, 'digest.' || d.day || '.' || u.username || '@') = 1)))) LIMIT 1",
		setting_text(op, "digest_recipients"), day);
}

/* ---- what was stored ---- */
static void fill(struct digest *d, struct json_object *row)
{
	d->headline = json_text(row, "headline");
	d->subject = json_text(row, "subject");
	d->document = json_get(row, "document_json");
	d->text = json_text(row, "text");
	d->html = json_text(row, "html");
}

static void load(struct op *op, int64_t id, struct digest *d)
{
	struct json_object *row = db_object(op,
		"SELECT from_at, until_at, headline, subject, document_json, text, html FROM digests WHERE id = ?", id);
	if (!row)
		return;
	fill(d, row);
	d->window.from_at = json_text(row, "from_at");
	d->window.until_at = json_text(row, "until_at");
}

/* The user's own edition, or everybody's. */
static struct digest edition_load(struct op *op, int64_t id, const struct digest *d, int64_t user_id)
{
	struct digest own = *d;
	struct json_object *row = db_object(op,
		"SELECT headline, subject, document_json, text, html FROM digest_editions WHERE digest_id = ? AND "
		"user_id = ?",
		id, user_id);
	if (row)
		fill(&own, row);
	return own;
}

/* ---- editions ---- */
/* The day's digest as that user reads it. The unit of work stays the caller's; only who reads is another. */
static enum status edition_make(
	struct op *op, struct tmpl_set *templates, const struct digest *d, int64_t user_id, struct digest *own)
{
	struct actor program = op->actor;
	op->actor.user_id = user_id;
	op->actor.viewer_id = 0;
	enum status st = digest_make(op, templates, d->window.day, d->told, own);
	op->actor = program;
	return st;
}

static enum status edition_store(struct op *op, int64_t id, const struct digest *own, int64_t user_id)
{
	size_t n;
	return db_run(op,
		"INSERT INTO digest_editions (digest_id, user_id, headline, subject, document_json, text, html) VALUES "
		"(?, ?, ?, ?, ?, ?, ?)",
		id, user_id, own->headline, own->subject, json_bytes(op->pool, own->document, &n), own->text,
		own->html);
}

/* Kept only where it says something else than everybody's. */
static enum status editions(struct op *op, struct tmpl_set *templates, const struct digest *d, int64_t id)
{
	struct json_object *users = digest_recipients(op);
	enum status st = op->fault.status;
	for (size_t i = 0; i < json_len(users) && !st; i++) {
		struct digest own;
		int64_t user_id = json_int(json_at(users, i), "id");
		st = edition_make(op, templates, d, user_id, &own);
		if (!st && strcmp(own.html, d->html) != 0)
			st = edition_store(op, id, &own, user_id);
	}
	return st;
}

static enum status insert(struct op *op, struct tmpl_set *templates, const struct digest *d, int64_t *id)
{
	size_t n;
	enum status st = db_run(op,
		"INSERT INTO digests (day, from_at, until_at, headline, subject, document_json, text, html) VALUES (?, "
		"?, ?, ?, ?, ?, ?, ?)",
		d->window.day, d->window.from_at, d->window.until_at, d->headline, d->subject,
		json_bytes(op->pool, d->document, &n), d->text, d->html);
	*id = db_last_id(op);
	return st ? st : editions(op, templates, d, *id);
}

/* ---- out ---- */
static enum status queue_all(
	struct op *op, const struct digest *d, int64_t id, const char *only, bool resend, int *queued)
{
	int64_t again = 0;
	struct json_object *users;
	enum status st = recipients(op, only, &users);
	db_one_int(op, &again, "SELECT count(*) FROM outbox WHERE digest_id = ?", id);
	for (size_t i = 0; i < json_len(users) && !st; i++) {
		struct json_object *user = json_at(users, i);
		bool has = letter_is_there(op, d, id, json_text(user, "username"));
		if (has && !resend)
			continue;
		struct digest own = edition_load(op, id, d, json_int(user, "id"));
		st = letter_queue(op, &own, id, user, has ? again : 0);
		++*queued;
	}
	return st ? st : op->fault.status;
}

static enum status store(
	struct op *op, struct tmpl_set *templates, struct digest *d, const char *only, bool resend, int *queued)
{
	int64_t id = 0;
	enum status st = OK;
	/* Inside the transaction: of two runs at once, the second sees what the first wrote. */
	if (db_one_int(op, &id, "SELECT id FROM digests WHERE day = ?", d->window.day))
		load(op, id, d);
	else if (!op->fault.status)
		st = insert(op, templates, d, &id);
	if (!st && !op->fault.status)
		st = queue_all(op, d, id, only, resend, queued);
	if (!st && !only && !op->fault.status)
		st = db_run(op, "UPDATE digests SET done_at = ctx_now() WHERE id = ? AND done_at IS NULL", id);
	return st ? st : op->fault.status;
}

enum status digest_store(
	struct op *op, struct tmpl_set *templates, struct digest *d, const char *only, bool resend, int *queued)
{
	*queued = 0;
	enum status st = db_begin(op);
	if (st)
		return st;
	st = store(op, templates, d, only, resend, queued);
	if (!st)
		return db_commit(op);
	db_rollback(op);
	*queued = 0;
	return st;
}

enum status digest_send_now(struct op *op, struct tmpl_set *templates, const char *day, const char *only, int *queued)
{
	struct json_object *users;
	struct digest d = {.window.day = day}, own;
	enum status st = recipients(op, only, &users);
	*queued = 0;
	for (size_t i = 0; i < json_len(users) && !st; i++) {
		st = edition_make(op, templates, &d, json_int(json_at(users, i), "id"), &own);
		if (!st)
			st = letter_queue_by_hand(op, &own, json_at(users, i));
		++*queued;
	}
	return st;
}
