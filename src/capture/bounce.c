/* Owns what a delivery report (RFC 3464) says: which mail came back, from whose address. Never believes that an address is
 * dead unless the report names a mail we sent. Tests: t/40-bounce.t */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "core/proposal.h"
#include "db/db.h"
#include "base/banned.h"

/* RFC 3463: there is no such mailbox or domain, it is disabled, or a permanent failure nobody explains. Full mailboxes and
 * refused content say nothing about the address. */
static bool is_dead(const char *status)
{
	return status && (str_starts(status, "5.1.") || str_eq(status, "5.2.1") || str_eq(status, "5.0.0"));
}

/* The address goes, the others stay. */
static struct json_object *without(struct op *op, int64_t contact, const char *email)
{
	struct json_object *change = json_obj(op->pool), *left = json_add_arr(change, "emails");
	for (struct stmt *q = db_query(
		     op, "SELECT email FROM contact_emails_live WHERE contact_id = ? ORDER BY position", contact);
		db_row(q);)
		if (!str_eq(db_text(q, 0), email))
			json_push_text(left, db_text(q, 0));
	return change;
}

/* Of a row of a report that is linked: the address it calls dead. */
static enum status propose_one(struct op *op, int64_t report, struct json_object *b)
{
	if (!is_dead(json_text(b, "status")) || str_eq(json_text(b, "authenticity"), "failed"))
		return OK;
	const char *email = json_text(b, "email");
	int64_t contact = json_int(b, "id"), organization = json_int(b, "organization_id"), id;
	int64_t investor = investor_near(op, &organization, contact);
	struct json_object *evidence = json_obj(op->pool);
	json_push_int(json_add_arr(evidence, "message_ids"), report);
	json_set_text(
		evidence, "excerpt", pool_printf(op->pool, "%s: %s", json_text(b, "status"), json_text(b, "snippet")));
	json_set_text(evidence, "authenticity", json_text(b, "authenticity"));
	struct proposal p = {
		.kind = "address",
		.resource = "contacts",
		.target_id = contact,
		.title = pool_printf(op->pool, "Address of %s bounced: %s", json_text(b, "name"), email),
		.change = without(op, contact, email),
		.evidence = evidence,
		.message_id = report,
		.thread_id = json_int(b, "thread_id"),
		.investor_id = investor,
		.organization_id = organization,
		.contact_id = contact,
		.key = pool_printf(op->pool, "bounce/%lld/%s", (long long)contact, email),
		.occurred_at = json_text(b, "at"),
	};
	return proposal_put(op, &p, &id);
}

static enum status propose_removal(struct op *op, int64_t report)
{
	struct json_object *rows = db_array(op,
		"SELECT b.email, b.status, b.at, m.thread_id, m.snippet, m.authenticity, c.id, c.name, "
		"c.organization_id"
		" FROM bounces b JOIN messages m ON m.id = b.message_id JOIN contact_emails_live e ON e.email = b.email"
		" JOIN contacts_live c ON c.id = e.contact_id WHERE b.message_id = ? AND b.of_message_id IS NOT NULL"
		" ORDER BY b.position LIMIT 100",
		report);
	enum status st = op->fault.status;
	for (size_t i = 0; i < json_len(rows) && !st; i++)
		st = propose_one(op, report, json_at(rows, i));
	return st;
}

/* What a report says of one recipient, linked to what it is about when that is stored. */
static enum status note(
	struct op *op, const struct judged *j, const struct stored *s, const struct mail_bounce *b, size_t position)
{
	char at[INSTANT_SIZE];
	instant_format(j->sent_at, at);
	return db_run(op,
		"INSERT INTO bounces (message_id, position, wanted_id, email, status, at, of_message_id) VALUES (?1, "
		"?2, ?3, ?4, ?5, ?6,"
		" (SELECT id FROM messages WHERE coalesce(message_id, '') = ?3 AND direction = 'out'))",
		s->message_id, position, j->m->bounce_message_id, b->email, b->status, (const char *)at);
}

enum status bounce_note(struct op *op, const struct judged *j, const struct stored *s, int64_t propose_from)
{
	static const struct mail_bounce nobody = {NULL, NULL};
	const struct mail_message *m = j->m;
	enum status st = OK;
	if (!m->is_bounce)
		return OK;
	if (!m->bounce_count && m->bounce_message_id)
		st = note(op, j, s, &nobody, 0);
	for (size_t i = 0; i < m->bounce_count && !st; i++) {
		const struct mail_bounce *b = &m->bounces[i];
		bool arrived = b->status && *b->status == '2', says = b->email || m->bounce_message_id;
		st = says && !arrived ? note(op, j, s, b, i) : OK;
	}
	return st || j->sent_at < propose_from ? st : propose_removal(op, s->message_id);
}

enum status bounce_found(struct op *op, const struct judged *j, const struct stored *s, int64_t propose_from)
{
	if (!j->is_out || !j->m->message_id)
		return OK;
	char from[INSTANT_SIZE];
	instant_format(propose_from, from);
	struct json_object *reports = db_array(op,
		"SELECT DISTINCT message_id AS id, at >= ? AS is_recent FROM bounces WHERE wanted_id = ? AND "
		"of_message_id IS "
		"NULL LIMIT 20",
		(const char *)from, j->m->message_id);
	enum status st = op->fault.status;
	for (size_t i = 0; i < json_len(reports) && !st; i++) {
		int64_t report = json_int(json_at(reports, i), "id");
		st = db_run(op, "UPDATE bounces SET of_message_id = ? WHERE message_id = ?", s->message_id, report);
		if (!st && json_true(json_at(reports, i), "is_recent"))
			st = propose_removal(op, report);
	}
	return st;
}
