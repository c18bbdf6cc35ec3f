/* Today's digest as it would be now, and sending it by hand. Neither makes the day's digest nor takes anything from it:
 * looking reads only, and what is sent by hand belongs to no day.
 *
 * digests/preview  data: {day, subject, headline, from_at, until_at, text, document, body_url, recipients [{id, name}] (who
 *                  gets the day's), recipients_count, has_recipients, sent_url (of today's when all have it, or null)}
 * digests/send     POST {to: "me" or "all"}; data: {queued}
 * Tests: t/50-digest-pages.t */
#include "crm/crm.h"

#include <string.h>

#include "base/clock.h"
#include "base/pool.h"
#include "digest/digest.h"
#include "base/banned.h"

static const char *today(struct req *r)
{
	char day[DAY_SIZE];
	zone_day(r->zone ? r->zone : "UTC", r->op.now, day);
	return pool_strdup(r->op.pool, day);
}

static void recipients(struct req *r, struct json_object *data)
{
	struct json_object *users = digest_recipients(&r->op);
	for (size_t i = 0; i < json_len(users); i++) {
		json_object_object_del(json_at(users, i), "email");
		json_object_object_del(json_at(users, i), "username");
	}
	json_set(data, "recipients", json_object_get(users));
	json_set_int(data, "recipients_count", (int64_t)json_len(users));
	set_has(data, "has_recipients", json_len(users) > 0);
}

enum status digests_preview(struct req *r)
{
	struct digest d;
	int64_t sent = 0;
	enum status st = digest_make(&r->op, r->templates, today(r), NULL, &d);
	if (st)
		return st;
	struct json_object *data = out_data(r, json_obj(r->op.pool));
	json_set_text(data, "day", d.window.day);
	json_set_text(data, "subject", d.subject);
	json_set_text(data, "headline", d.headline);
	json_set_text(data, "from_at", d.window.from_at);
	json_set_text(data, "until_at", d.window.until_at);
	json_set_text(data, "text", d.text);
	json_set(data, "document", json_object_get(d.document));
	json_set_text(data, "body_url", "/digests/preview/body");
	recipients(r, data);
	db_one_int(&r->op, &sent, "SELECT id FROM digests WHERE day = ? AND done_at IS NOT NULL", d.window.day);
	json_set_text(data, "sent_url", resource_url(r->op.pool, "digests", sent));
	json_set_text(r->view, "title", "Preview of the digest");
	return OK;
}

enum status digests_preview_body(struct req *r)
{
	struct digest d;
	enum status st = digest_make(&r->op, r->templates, today(r), NULL, &d);
	if (!st)
		digest_frame(r, d.html);
	return st;
}

enum status digests_send(struct req *r)
{
	static const char *const whom[] = {"me", "all", NULL};
	int to = in_choice(r, "to", whom, 0), queued = 0;
	if (r->op.fault.status)
		return r->op.fault.status;
	enum status st = digest_send_now(&r->op, r->templates, today(r), to ? NULL : r->op.actor.username, &queued);
	if (st)
		return st;
	json_set_int(out_data(r, json_obj(r->op.pool)), "queued", queued);
	r->http_status = r->is_api ? 202 : 0;
	const char *flash = !to      ? "On its way to you"
			    : queued ? pool_printf(r->op.pool, "On its way to %d of the team", queued)
				     : "Nobody gets the digest: nothing was sent";
	return r->is_api ? OK : reply_see(r, flash, "/digests/preview");
}
