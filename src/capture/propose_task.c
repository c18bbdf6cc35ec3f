/* Owns proposing tasks: what somebody asks of us or promises us, and what we ask and promise. Never decides, and never reads
 * a sentence itself: that is mail/ask.h. Tests: t/40-tasks.t */
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "core/proposal.h"
#include "db/db.h"
#include "mail/ask.h"
#include "base/banned.h"

#define TASKS_MAX 3      /* of one message; more is a list to be read, not a set of tasks */
#define ADDRESSEES_MAX 3 /* what is written to more is not asked of anybody */
#define STALE_DAYS 30    /* what was asked so long ago is settled or lost */
#define DEFAULT_DAYS 7   /* when the sentence sets no day */
#define TITLE_MAX 200    /* bytes, as the task's title has it */

/* Who stands on either side of the message. */
struct sides {
	int64_t user_id;                     /* ours; 0: nobody in particular */
	int64_t contact_id, organization_id; /* theirs */
	const char *name;
	bool is_to_us; /* somebody of ours stands in To */
	size_t addressees;
};

static int64_t user_of(struct op *op, const char *email)
{
	int64_t id = 0;
	db_one_int(op, &id,
		"SELECT u.id FROM user_emails e JOIN users u ON u.id = e.user_id WHERE e.email = ? AND u.is_active = 1",
		email);
	return id;
}

static void meet(struct op *op, const struct mail_addr *a, struct sides *s)
{
	struct json_object *row = s->contact_id
					  ? NULL
					  : db_object(op,
						    "SELECT c.id, c.name, c.organization_id FROM contact_emails_live e"
						    " JOIN contacts_live c ON c.id = e.contact_id WHERE e.email = ?",
						    a->email);
	if (!row)
		return;
	s->contact_id = json_int(row, "id");
	s->organization_id = json_int(row, "organization_id");
	s->name = json_text(row, "name");
}

static struct sides sides_of(struct op *op, const struct own *own, const struct judged *j)
{
	struct sides s = {0};
	int64_t ours = 0, users = 0;
	for (size_t i = 0; i < j->m->addr_count; i++) {
		const struct mail_addr *a = &j->m->addrs[i];
		if (!a->email || (a->role != MAIL_FROM && a->role != MAIL_TO))
			continue;
		bool is_own = own_is(own, a->email), is_here = (a->role == MAIL_FROM) == j->is_out;
		s.addressees += a->role == MAIL_TO;
		s.is_to_us |= is_own && a->role == MAIL_TO;
		if (is_own && is_here) {
			int64_t user = user_of(op, a->email);
			users += user && user != ours;
			ours = user ? user : ours;
		} else if (!is_own && !is_here) {
			meet(op, a, &s);
		}
	}
	s.user_id = users == 1 ? ours : 0; /* two of us: the whole team's */
	return s;
}

/* Has the side it is up to written since? Then they know more than this mail. */
static bool is_answered(struct op *op, const struct judged *j, const struct stored *s, enum ask_kind kind)
{
	char at[INSTANT_SIZE];
	instant_format(j->sent_at, at);
	int64_t id;
	return db_one_int(op, &id,
		"SELECT id FROM messages WHERE thread_id = ? AND sent_at > ? AND direction = ? AND is_automated = 0 "
		"LIMIT 1",
		s->thread_id, (const char *)at, j->is_out == (kind == ASK_REQUEST) ? "in" : "out");
}

static const char *title_of(struct pool *p, const struct ask *ask, bool is_out, const char *name)
{
	static const char *const words[2][2] = {
		{"%s asks: %s", "%s promised: %s"}, {"Asked %s: %s", "Promised %s: %s"}};
	const char *form = words[is_out][ask->kind == ASK_PROMISE];
	const char *begin = pool_strndup(p, form, strcspn(form, "%")), *middle = strstr(form, "%s") + 2;
	const char *title = pool_printf(p, "%s%s%.*s%s", begin, name, (int)strcspn(middle, "%"), middle, ask->sentence);
	size_t n = strlen(title);
	if (n <= TITLE_MAX)
		return title;
	return pool_printf(p, "%.*s…", (int)utf8_clip(title, n, TITLE_MAX - strlen("…")), title);
}

static enum status propose_ask(struct op *op, const struct sides *side, const struct ask *ask, const struct judged *j,
	const struct stored *s, const char *zone)
{
	struct json_object *change = json_obj(op->pool), *evidence = json_obj(op->pool);
	char at[INSTANT_SIZE], day[DAY_SIZE], due[DAY_SIZE];
	instant_format(j->sent_at, at);
	zone_day(zone, j->sent_at, day);
	zone_day(zone, zone_day_start(zone, day, DEFAULT_DAYS), due);
	const char *title = title_of(op->pool, ask, j->is_out, side->name);
	const char *words = str_words(op->pool, ask->sentence);
	int64_t organization = side->organization_id, investor = investor_near(op, &organization, side->contact_id), id;
	json_set_text(change, "title", title);
	json_set_text(change, "due_on", ask->has_day ? ask->day : due);
	if (side->user_id)
		json_set_int(change, "assignee_id", side->user_id);
	json_set_int(change, "contact_id", side->contact_id);
	if (!str_ends(title, ask->sentence))
		json_set_text(change, "note", ask->sentence);
	json_push_int(json_add_arr(evidence, "message_ids"), s->message_id);
	json_set_text(evidence, "excerpt", ask->sentence);
	json_set_text(evidence, "authenticity", authenticity_name(j->authenticity));
	struct proposal p = {
		.kind = "task",
		.resource = "tasks",
		.title = title,
		.change = change,
		.evidence = evidence,
		.message_id = s->message_id,
		.thread_id = s->thread_id,
		.investor_id = investor,
		.organization_id = organization,
		.contact_id = side->contact_id,
		/* The same words in the same thread are the same task, however often they are repeated. */
		.key = pool_printf(
			op->pool, "task/%lld/%s", (long long)s->thread_id, sha256_str(op->pool, words, strlen(words))),
		.occurred_at = at,
	};
	return proposal_put(op, &p, &id);
}

enum status propose_tasks(
	struct op *op, const struct own *own, const struct judged *j, const struct stored *s, const char *zone)
{
	char day[DAY_SIZE];
	struct ask asks[TASKS_MAX];
	if (j->authenticity == AUTH_FAILED || op->now - j->sent_at > STALE_DAYS * 86400)
		return OK;
	zone_day(zone, j->sent_at, day);
	size_t n = ask_find(op->pool, j->m->text, j->m->segments, j->m->segment_count, day, asks, TASKS_MAX);
	if (!n)
		return OK;
	struct sides side = sides_of(op, own, j);
	if (!side.contact_id || side.addressees > ADDRESSEES_MAX || (!j->is_out && !side.is_to_us))
		return op->fault.status;
	enum status st = op->fault.status;
	for (size_t i = 0; i < n && !st; i++)
		if (!is_answered(op, j, s, asks[i].kind))
			st = propose_ask(op, &side, &asks[i], j, s, zone);
	return st;
}
