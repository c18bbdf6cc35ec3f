/* Owns what a reader is told about a message beside its words: whose it is, what to be careful with, what came back, where
 * its links lead. Reads only. Tests: t/40-authenticity.t, t/40-bounce.t */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "crm/crm.h"
#include "mail/links.h"
#include "base/banned.h"

/* ---- whose it is ---- */
static const char *warning_text(const char *word)
{
	static const char *const texts[][2] = {
		{"ours", "It says that one of us wrote it, but nothing shows that it was sent from here"},
		{"name-address", "The sender's name contains another address than the one it came from"},
		{"known-name", "Somebody's name from your records, under an address that is not on record"},
		{"look-alike", "The sender's domain looks like one you know, but is another"},
		{"disguised", "The sender's domain uses letters that look like others"},
		{"reply-to", "An answer would go to another domain than it came from"},
		{"account", "It speaks of a changed bank account: check it by a call to a number you know"}};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (str_eq(texts[i][0], word))
			return texts[i][1];
	return word;
}

static const char *authenticity_label(const char *authenticity)
{
	return str_eq(authenticity, "verified")     ? "sender verified"
	       : str_eq(authenticity, "failed")     ? "sender failed verification"
	       : str_eq(authenticity, "unverified") ? "sender not verified"
						    : NULL;
}

static const char *automated_label(const char *reason)
{
	static const char *const labels[][2] = {{"bounce", "delivery report"}, {"report", "receipt"},
		{"auto-submitted", "automatic reply"}, {"own", "sent by Countersign"}, {"list", "mailing list"},
		{"precedence", "bulk mail"}, {"responder", "automatic reply"}, {"suppress", "sent by a program"},
		{"null-sender", "sent by a program"}, {"machine-sender", "sent by a program"},
		{"calendar", "calendar answer"}};
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (str_eq(labels[i][0], reason))
			return labels[i][1];
	return "automatic";
}

/* ---- what came back ---- */
static bool is_delay(const char *status)
{
	return status && *status == '4';
}

static void report_link(struct op *op, struct json_object *b)
{
	json_set_bool(b, "is_delay", is_delay(json_text(b, "status")));
	json_set_text(b, "url", resource_url(op->pool, "threads", json_int(b, "thread_id")));
	json_object_object_del(b, "thread_id");
}

static void set_reports(struct op *op, struct json_object *data, struct json_object *rows)
{
	for (size_t i = 0; i < json_len(rows); i++)
		report_link(op, json_at(rows, i));
	json_set(data, "bounces", json_object_get(rows));
	set_has(data, "has_bounces", json_len(rows) > 0);
}

static struct json_object *with_id(struct json_object *list, int64_t id)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (json_int(json_at(list, i), "id") == id)
			return json_at(list, i);
	return NULL;
}

#define REPORTS_SHOWN 20 /* of one message */

/* A row of a report, the worst first: the report is what its first row says, with a list of all. */
static void report_add(struct op *op, struct json_object *m, struct json_object *row)
{
	struct json_object *report = json_get(m, "report");
	report_link(op, row);
	if (!report) {
		report = row;
		json_add_arr(report, "recipients");
		json_set(m, "report", json_object_get(report));
	}
	struct json_object *one = json_push_obj(json_get(report, "recipients"));
	json_set_text(one, "email", json_text(row, "email"));
	json_set_text(one, "status", json_text(row, "status"));
	json_set_bool(one, "is_delay", json_true(row, "is_delay"));
}

/* Of a report: what it is about. Of what we sent: who it did not reach. */
void message_bounces(struct op *op, struct json_object *list, const char *ids)
{
	for (size_t i = 0; i < json_len(list); i++) {
		json_set(json_at(list, i), "report", NULL);
		json_add_arr(json_at(list, i), "bounces");
	}
	struct json_object *rows = db_array(op,
		"SELECT b.message_id, b.email, b.status, m.subject, m.thread_id FROM bounces_seen b LEFT JOIN "
		"messages_seen m"
		" ON m.id = b.of_message_id WHERE b.message_id IN (SELECT value FROM json_each(?)) ORDER BY "
		"b.message_id, b.position LIMIT 1000",
		ids);
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i), *m = with_id(list, json_int(row, "message_id"));
		json_object_object_del(row, "message_id");
		if (m)
			report_add(op, m, row);
	}
	rows = db_array(op,
		"SELECT b.of_message_id, b.email, b.status, b.at, m.thread_id FROM bounces_seen b JOIN messages_seen m"
		" ON m.id = b.message_id WHERE b.of_message_id IN (SELECT value FROM json_each(?)) ORDER BY b.at DESC, "
		"b.message_id, b.position "
		"LIMIT 1000",
		ids);
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		struct json_object *bounces = json_get(with_id(list, json_int(row, "of_message_id")), "bounces");
		json_object_object_del(row, "of_message_id");
		report_link(op, row);
		if (bounces && json_len(bounces) < REPORTS_SHOWN)
			json_object_array_add(bounces, json_object_get(row));
	}
	for (size_t i = 0; i < json_len(list); i++)
		set_has(json_at(list, i), "has_bounces", json_len(json_get(json_at(list, i), "bounces")) > 0);
}

void contact_bounces(struct op *op, struct json_object *data, int64_t contact)
{
	set_reports(op, data,
		db_array(op,
			"SELECT b.email, b.status, max(b.at) AS at, m.thread_id FROM contact_emails_live e"
			" JOIN bounces_seen b ON b.email = e.email JOIN messages_seen m ON m.id = b.message_id WHERE "
			"e.contact_id = ?"
			" AND NOT EXISTS (SELECT 1 FROM message_addresses_seen a JOIN messages_seen n ON n.id = "
			"a.message_id"
			" WHERE a.email = b.email AND a.role = 'from' AND n.sent_at > b.at AND n.is_automated = 0)"
			" GROUP BY b.email ORDER BY b.email LIMIT 20",
			contact));
}

void message_marks(struct op *op, struct json_object *data)
{
	static const char *const states[][2] = {
		{"verified", "is_verified"}, {"unverified", "is_unverified"}, {"failed", "is_failed"}};
	const char *authenticity = json_text(data, "authenticity"), *words = json_text(data, "warnings");
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		json_set_bool(data, states[i][1], str_eq(authenticity, states[i][0]));
	json_set_text(data, "authenticity_label", authenticity_label(authenticity));
	size_t n = 0;
	char **list = str_split(op->pool, words ? words : "", " ", &n);
	struct json_object *warnings = json_add_arr(data, "warnings");
	for (size_t i = 0; i < n; i++) {
		struct json_object *w = json_push_obj(warnings);
		json_set_text(w, "word", list[i]);
		json_set_text(w, "text", warning_text(list[i]));
	}
	set_has(data, "has_warnings", n > 0);
	json_set_text(data, "automated_label",
		json_true(data, "is_automated") ? automated_label(json_text(data, "automated")) : NULL);
	json_object_object_del(data, "automated");
}

/* ---- where its links lead ---- */
static struct json_object *part(
	struct op *op, struct json_object *list, const char *text, size_t n, const struct web_link *l)
{
	struct json_object *o = json_push_obj(list);
	json_set_text(o, "text", pool_strndup(op->pool, text, n));
	json_set_text(o, "url", l ? l->url : NULL);
	json_set_bool(o, "is_link", l != NULL);
	json_set_text(o, "warning",
		!l                ? NULL
		: l->is_mismatch  ? pool_printf(op->pool, "leads to %s, not where it says", l->host)
		: l->is_disguised ? pool_printf(op->pool, "letters that look like others: %s", l->host)
				  : NULL);
	return o;
}

void text_parts(struct op *op, struct json_object *segment, const char *text)
{
	size_t count, at = 0;
	struct web_link *links = links_find(op->pool, text, strlen(text), &count);
	struct json_object *list = json_add_arr(segment, "parts");
	for (size_t i = 0; i < count; i++) {
		if (links[i].start > at)
			part(op, list, text + at, links[i].start - at, NULL);
		at = links[i].start + links[i].len;
		part(op, list, text + links[i].start, links[i].len, &links[i]);
	}
	if (text[at])
		part(op, list, text + at, strlen(text) - at, NULL);
}
