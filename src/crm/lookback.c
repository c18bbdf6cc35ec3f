/* What becomes of a mailbox's older mail: looking again at what was left out because nobody known took part, and from when on
 * mail makes proposals. Only asks: mail-sync does it.
 *
 * data.lookback of capture/show  {count (up to 1000), count_label, has_some, is_open, total, done, percent}
 * data.lookbacks of contacts/show [{mailbox_id, address, count, count_label, is_open, total, done, url}]: mailboxes that left
 *                something out before the contact's newest address was known  has_lookbacks  lookback_email (that address)
 * POST again     contact_id (optional: back to that page)
 * POST cutoff    propose_from (a day; empty: as the setting says), by the mailbox's user or an administrator
 * Tests: t/40-lookback.t */
#include "crm/crm.h"

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

static void counted(struct req *r, struct json_object *o)
{
	int64_t n = json_int(o, "count"), total = json_int(o, "total"), done = json_int(o, "done");
	set_count(r->op.pool, o, "count", n, false);
	json_set_int(o, "percent", total ? done * 100 / total : 0);
	set_has(o, "has_some", n > 0);
}

void lookback_mailbox(struct req *r, struct json_object *data, int64_t mailbox_id)
{
	struct json_object *o = db_object(&r->op,
		"SELECT (SELECT count(*) FROM (SELECT 1 FROM left_out WHERE mailbox_id = b.id LIMIT ?)) AS count,"
		" l.id IS NOT NULL AS is_open, coalesce(l.total, 0) AS total, coalesce(l.done, 0) AS done"
		" FROM mailboxes_live b LEFT JOIN lookbacks l ON l.mailbox_id = b.id AND l.ended_at IS NULL WHERE b.id "
		"= ?",
		COUNT_MAX + 1, mailbox_id);
	counted(r, o);
	json_set(data, "lookback", json_object_get(o));
}

/* Mailboxes that left something out before that instant. */
static struct json_object *left_out_before(struct req *r, const char *at)
{
	return db_array(&r->op,
		"SELECT b.id AS mailbox_id, b.address, (SELECT count(*) FROM (SELECT 1 FROM left_out i WHERE "
		"i.mailbox_id ="
		" b.id AND i.seen_at < ?1 LIMIT ?2)) AS count, l.id IS NOT NULL AS is_open, coalesce(l.total, 0) AS "
		"total,"
		" coalesce(l.done, 0) AS done FROM mailboxes_live b LEFT JOIN lookbacks l ON l.mailbox_id = b.id AND"
		" l.ended_at IS NULL WHERE b.state = 'active' AND EXISTS (SELECT 1 FROM left_out i WHERE i.mailbox_id "
		"= b.id"
		" AND i.seen_at < ?1) ORDER BY b.address LIMIT 50",
		at, COUNT_MAX + 1);
}

void lookback_contact(struct req *r, struct json_object *data, int64_t contact_id)
{
	struct json_object *email = db_object(&r->op,
		"SELECT email, created_at FROM contact_emails_live WHERE contact_id = ? ORDER BY created_at DESC, id "
		"DESC "
		"LIMIT 1",
		contact_id);
	struct json_object *rows = email ? left_out_before(r, json_text(email, "created_at")) : json_arr(r->op.pool);
	for (size_t i = 0; i < json_len(rows); i++) {
		counted(r, json_at(rows, i));
		set_url(r->op.pool, json_at(rows, i), "/capture", json_int(json_at(rows, i), "mailbox_id"));
	}
	json_set(data, "lookbacks", json_object_get(rows));
	set_has(data, "has_lookbacks", json_len(rows) > 0);
	json_set_text(data, "lookback_email", email ? json_text(email, "email") : NULL);
}

enum status mailboxes_again(struct req *r)
{
	int64_t id = in_id(r, "id"), contact = in_int(r, "contact_id", 0, 1, INT64_MAX), there = 0;
	if (!id || !db_one_int(&r->op, &there, "SELECT 1 FROM mailboxes_live WHERE id = ?", id))
		return fail(&r->op, E_NOT_FOUND, NULL, "there is no such mailbox");
	if (contact && !db_one_int(&r->op, &there, "SELECT 1 FROM contacts_live WHERE id = ?", contact))
		return fail(&r->op, E_INPUT, "contact_id", "is no contact");
	enum status st =
		db_run(&r->op, "INSERT INTO lookbacks (mailbox_id, contact_id, asked_by) VALUES (?, nullif(?, 0), ?)",
			id, contact, r->op.actor.user_id);
	if (st == E_CONFLICT) {
		fault_init(&r->op.fault, r->op.pool);
		return fail(&r->op, E_CONFLICT, NULL, "the mailbox is being looked at again already");
	}
	static const char said[] = "It is looked at again with the next capture run";
	return st        ? st
	       : contact ? reply_see(r, said, "/contacts/%lld", (long long)contact)
			 : reply_see(r, said, "/capture/%lld", (long long)id);
}

enum status mailboxes_cutoff(struct req *r)
{
	int64_t id = in_id(r, "id");
	const char *day = in_day(r, "propose_from");
	struct json_object *box = id ? db_object(&r->op, "SELECT user_id FROM mailboxes_live WHERE id = ?", id) : NULL;
	if (!box)
		return fail(&r->op, E_NOT_FOUND, NULL, "there is no such mailbox");
	if (r->op.actor.role != ROLE_ADMIN && json_int(box, "user_id") != r->op.actor.user_id)
		return fail(&r->op, E_FORBIDDEN, NULL, "this is for the mailbox's user or an administrator to say");
	enum status st =
		db_run(&r->op, "UPDATE mailboxes SET propose_from = ?, updated_at = ctx_now() WHERE id = ?", day, id);
	return st ? st : reply_see(r, "Saved", "/capture/%lld", (long long)id);
}
