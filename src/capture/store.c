/* Owns a message's rows. One message is stored once, however many mailboxes hold it. Never judges.
 * Tests: t/40-capture.t */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "db/db.h"
#include "mail/headers.h"
#include "mail/quote.h"
#include "base/banned.h"

static bool is_kept(const struct mail_attachment *a, int64_t max)
{
	return (int64_t)a->len <= max;
}

/* Before the transaction: what a row names is on the disk already. */
enum status store_blobs(struct op *op, struct judged *j, int64_t attachment_max)
{
	enum status st = blob_put(op, j->raw, j->len, j->raw_sha256);
	j->has_files = true;
	for (size_t i = 0; i < j->m->attachment_count && !st; i++)
		if (is_kept(&j->m->attachments[i], attachment_max))
			st = blob_put(
				op, j->m->attachments[i].data, j->m->attachments[i].len, j->m->attachments[i].sha256);
	return st;
}

static const struct mail_addr *from_of(const struct mail_message *m)
{
	static const struct mail_addr nobody = {.role = MAIL_FROM};
	for (size_t i = 0; i < m->addr_count; i++)
		if (m->addrs[i].role == MAIL_FROM)
			return &m->addrs[i];
	return &nobody;
}

/* NULL for what we sent: no server had anything to find out. */
static const char *verdict(const struct judged *j)
{
	return j->is_sent && j->authenticity == AUTH_UNKNOWN ? NULL : authenticity_name(j->authenticity);
}

static const char *direction(const struct judged *j)
{
	return j->is_out ? "out" : "in";
}

static enum status message_row(struct op *op, const struct judged *j, int64_t thread_id, int64_t *id)
{
	const struct mail_message *m = j->m;
	const struct mail_addr *from = from_of(m);
	char at[INSTANT_SIZE];
	instant_format(j->sent_at, at);
	size_t files = 0;
	for (size_t i = 0; i < m->attachment_count; i++)
		files += !m->attachments[i].is_inline;
	const char *defects = message_defects(op->pool, m);
	enum status st = db_run(op,
		"INSERT INTO messages (thread_id, message_id, body_sha256, raw_sha256, subject, snippet, sent_at, "
		"direction, from_name,"
		" from_email, is_automated, list_id, is_unparsed, has_attachments, size, defects, automated, "
		"authenticity, warnings, content_sha256)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, nullif(?, ''), ?)",
		thread_id, m->message_id, (const char *)m->body_sha256, j->raw_sha256, m->subject, m->snippet,
		(const char *)at, direction(j), from->name, from->email, m->is_automated,
		m->is_list ? str_lower(op->pool, m->list_id ? m->list_id : "") : NULL, m->is_unparsed, files > 0,
		j->len, defects, m->automated_reason, verdict(j), j->warnings, j->content_sha256);
	*id = db_last_id(op);
	return st;
}

static const char *segments_json(struct op *op, const struct mail_message *m)
{
	struct json_object *list = json_arr(op->pool);
	size_t n;
	for (size_t i = 0; i < m->segment_count; i++) {
		struct json_object *o = json_push_obj(list);
		json_set_int(o, "start", (int64_t)m->segments[i].start);
		json_set_int(o, "len", (int64_t)m->segments[i].len);
		json_set_text(o, "kind", quote_kind_name(m->segments[i].kind));
	}
	return json_bytes(op->pool, list, &n);
}

static enum status body_row(struct op *op, const struct judged *j, int64_t id)
{
	return db_run(op,
		"INSERT INTO message_bodies (message_id, headers, text, segments_json, html) VALUES (?, ?, ?, ?, ?)",
		id, (const char *)headers_text(op->pool, j->raw, j->len), j->m->text, segments_json(op, j->m),
		j->m->html);
}

/* Of those who take part; of one role, or of all with MAIL_ROLE_COUNT. */
static enum status address_rows(struct op *op, const struct judged *j, int64_t id, enum mail_role only)
{
	const struct mail_message *m = j->m;
	int position[MAIL_ROLE_COUNT] = {0};
	enum status st = OK;
	for (size_t i = 0; i < m->addr_count && !st; i++) {
		const struct mail_addr *a = &m->addrs[i];
		if (takes_part(j, a) && (only == MAIL_ROLE_COUNT || a->role == only))
			st = db_run(op,
				"INSERT OR IGNORE INTO message_addresses (message_id, role, position, email, name) "
				"VALUES (?, ?, "
				"?, ?, ?)",
				id, mail_role_name(a->role), position[a->role]++, a->email, a->name);
	}
	return st;
}

static enum status blob_row(struct op *op, const char *sha256, size_t n)
{
	return db_run(op, "INSERT OR IGNORE INTO blobs (sha256, size) VALUES (?, ?)", sha256, n);
}

static enum status attachment_rows(struct op *op, const struct mail_message *m, int64_t id, int64_t max)
{
	enum status st = OK;
	for (size_t i = 0; i < m->attachment_count && !st; i++) {
		const struct mail_attachment *a = &m->attachments[i];
		st = db_run(op,
			"INSERT INTO attachments (message_id, position, name, type, size, sha256, content_id, "
			"is_inline, is_stored)"
			" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			id, i, a->name, a->type, a->len, (const char *)a->sha256, a->content_id, a->is_inline,
			is_kept(a, max));
		if (!st && is_kept(a, max))
			st = blob_row(op, a->sha256, a->len);
	}
	return st;
}

static enum status thread_touch(struct op *op, const struct judged *j, int64_t thread_id)
{
	char at[INSTANT_SIZE];
	instant_format(j->sent_at, at);
	return db_run(op,
		"UPDATE threads SET messages = messages + 1, first_at = min(first_at, ?2),"
		" last_direction = CASE WHEN ?4 = 0 AND (?2 >= last_at OR last_direction IS NULL) THEN ?3 ELSE "
		"last_direction END,"
		" last_at = max(last_at, ?2) WHERE id = ?1",
		thread_id, (const char *)at, direction(j), j->m->is_automated);
}

static enum status party(struct op *op, const char *resource, int64_t id, int64_t thread_id)
{
	return db_run(op,
		"INSERT INTO thread_parties (resource, resource_id, thread_id, last_at) SELECT ?1, ?2, id, last_at "
		"FROM threads WHERE id = ?3"
		" ON CONFLICT DO NOTHING",
		resource, id, thread_id);
}

static enum status party_rows(struct op *op, const struct judged *j, int64_t thread_id)
{
	enum status st = OK;
	for (size_t i = 0; i < j->contact_count && !st; i++)
		st = party(op, "contacts", j->contacts[i], thread_id);
	for (size_t i = 0; i < j->organization_count && !st; i++)
		st = party(op, "organizations", j->organizations[i], thread_id);
	return st ? st
		  : db_run(op,
			    "UPDATE thread_parties SET last_at = (SELECT last_at FROM threads WHERE id = ?1) WHERE "
			    "thread_id = ?1",
			    thread_id);
}

/* The same bytes, or the same content, under the same Message-ID. Another body under an id is a message of its own, however
 * many somebody sends; of so many only some are looked at for their content. */
static bool find(struct op *op, const struct judged *j, struct stored *out)
{
	const char *id = j->m->message_id ? j->m->message_id : "";
	struct json_object *row = db_object(op,
		"SELECT id, thread_id FROM messages WHERE coalesce(message_id, '') = ?1 AND body_sha256 = ?2 UNION ALL "
		"SELECT id, thread_id FROM (SELECT id, thread_id, content_sha256 FROM messages WHERE "
		"coalesce(message_id, '') = ?1 AND ?3 IS NOT NULL LIMIT 20) WHERE content_sha256 = ?3 LIMIT 1",
		id, (const char *)j->m->body_sha256, j->content_sha256);
	if (row)
		*out = (struct stored){.message_id = json_int(row, "id"), .thread_id = json_int(row, "thread_id")};
	return row != NULL;
}

bool store_knows(struct op *op, const struct judged *j)
{
	struct stored s;
	return find(op, j, &s);
}

/* Another mailbox's copy may know more of its sender than the first one did, and so which way it went. What a folder or a
 * server says stands against what was supposed; nothing stands against what we sent. */
static enum status judged_later(struct op *op, const struct judged *j, struct stored *out)
{
	struct json_object *row =
		db_object(op, "SELECT direction, authenticity FROM messages WHERE id = ?", out->message_id);
	const char *was = json_text(row, "authenticity");
	bool was_out = str_eq(json_text(row, "direction"), "out"),
	     proven = j->is_sent || j->authenticity == AUTH_VERIFIED;
	bool is_open = str_eq(was, "unknown") || (!was && !was_out);
	if (!(j->is_out && proven && !was_out) && !(is_open && (j->is_sent || j->authenticity != AUTH_UNKNOWN)))
		return op->fault.status;
	out->is_turned = was_out != j->is_out;
	enum status st = db_run(op,
		"UPDATE messages SET warnings = iif(direction = ?1, warnings, nullif(?2, '')), direction = ?1, "
		"authenticity = ?3 WHERE id = ?4",
		direction(j), j->warnings, verdict(j), out->message_id);
	return st || !out->is_turned ? st
				     : db_run(op, "INSERT INTO threads_summary (thread_id) VALUES (?)", out->thread_id);
}

/* Only what its writer kept says who had a blind copy (RFC 5322 3.6.3). */
static enum status copy_tells(struct op *op, const struct judged *j, struct stored *out)
{
	enum status st = judged_later(op, j, out);
	if (!st && j->is_sent)
		st = address_rows(op, j, out->message_id, MAIL_BCC);
	return st || !j->is_sent ? st : party_rows(op, j, out->thread_id);
}

enum status store_message(struct op *op, const struct judged *j, int64_t attachment_max, struct stored *out)
{
	if (find(op, j, out))
		return copy_tells(op, j, out);
	*out = (struct stored){.is_new = true};
	enum status st = thread_join(op, j, &out->thread_id);
	if (!st)
		st = message_row(op, j, out->thread_id, &out->message_id);
	if (!st)
		st = body_row(op, j, out->message_id);
	if (!st)
		st = address_rows(op, j, out->message_id, MAIL_ROLE_COUNT);
	if (!st)
		st = attachment_rows(op, j->m, out->message_id, attachment_max);
	if (!st)
		st = thread_touch(op, j, out->thread_id);
	return st ? st : party_rows(op, j, out->thread_id);
}
