/* Many decisions at once: a page that shows exactly what will happen, then each by itself, and what became of each. The
 * hash of each goes along: what changed between page and decision is left out, and says so.
 *
 * review/batch   data: {action (approve dismiss), is_approve, count (that can be decided), has_count, items: [the card
 *                (card.c) without mail, with is_in and, when it is not done, left_out: why]}; parameters: action, pick_ID
 *                for each; view.from (review.h)
 * review/result  data: [{id, title, status (HTTP), is_ok, error (text or null), state, state_label, result_id, result_url,
 *                undo_url}]  meta: {done, failed}
 *                POST {action: approve or dismiss, items: [{id, sha256}], reason?}; a page's form sends pick_ID=sha256
 * Tests: t/50-review-batch.t */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "core/approval.h"
#include "crm/review.h"
#include "base/banned.h"

#define PICKS_MAX 100

struct pick {
	int64_t id;
	const char *sha256; /* "" when there is none */
};
struct picks {
	struct pick all[PICKS_MAX];
	size_t n;
	bool is_approve;
	const char *reason;
};

/* ---- what was picked ---- */
static void pick(struct req *r, struct picks *picks, int64_t id, const char *sha256)
{
	if (picks->n == PICKS_MAX)
		fail(&r->op, E_INPUT, "items", "are more than %d; decide them in several goes", PICKS_MAX);
	else
		picks->all[picks->n++] = (struct pick){id, sha256 ? sha256 : ""};
}

static void read_items(struct req *r, struct picks *picks, struct json_object *items)
{
	for (size_t i = 0; i < json_len(items) && !r->op.fault.status; i++) {
		struct json_object *o = json_at(items, i);
		if (json_int(o, "id") > 0 && json_text(o, "sha256"))
			pick(r, picks, json_int(o, "id"), json_text(o, "sha256"));
		else
			fail(&r->op, E_INPUT, "items", "each need an id and its sha256");
	}
}

static void read_boxes(struct req *r, struct picks *picks)
{
	json_object_object_foreach(r->in, name, value)
	{
		int64_t id;
		if (str_starts(name, "pick_") && str_i64(name + 5, 1, INT64_MAX, &id) && !r->op.fault.status)
			pick(r, picks, id, json_object_get_string(value));
	}
}

static enum status read_picks(struct req *r, struct picks *picks)
{
	static const char *const acts[] = {"approve", "dismiss", NULL};
	struct json_object *items = json_get(r->in, "items");
	int act = in_choice(r, "action", acts, -1);
	*picks = (struct picks){.is_approve = act == 0, .reason = in_text(r, "reason", 500)};
	if (act < 0 && !r->op.fault.status)
		fail(&r->op, E_INPUT, "action", "is required: approve or dismiss");
	if (items)
		read_items(r, picks, items);
	else
		read_boxes(r, picks);
	return r->op.fault.status;
}

/* ---- before: exactly what will happen ---- */
/* Why this one is not done with the others; NULL: it is. */
static const char *left_out(struct json_object *card, bool is_approve)
{
	if (!json_true(card, "can_decide"))
		return json_text(card, "state_label");
	if (is_approve && str_eq(json_text(card, "kind"), "merge"))
		return "two records that may be one are looked at by themselves";
	if (is_approve && json_true(card, "is_target_changed"))
		return "the record changed since it was proposed; look at it by itself";
	return NULL;
}

enum status proposals_batch_preview(struct req *r)
{
	struct picks *picks = pool_alloc(r->op.pool, sizeof *picks);
	enum status st = read_picks(r, picks);
	if (st)
		return st;
	int64_t count = 0;
	struct json_object *data = out_data(r, json_obj(r->op.pool)), *items = json_add_arr(data, "items");
	for (size_t i = 0; i < picks->n; i++) {
		struct json_object *card = proposal_card(r, picks->all[i].id, false);
		if (!card)
			continue;
		const char *why = left_out(card, picks->is_approve);
		json_set_bool(card, "is_in", !why);
		json_set_text(card, "left_out", why);
		json_object_array_add(items, json_object_get(card));
		count += !why;
	}
	json_set_text(data, "action", picks->is_approve ? "approve" : "dismiss");
	json_set_bool(data, "is_approve", picks->is_approve);
	json_set_int(data, "count", count);
	set_has(data, "has_count", count > 0);
	review_view(r, review_from(r), 0);
	json_set_text(r->view, "title", picks->is_approve ? "Countersign several" : "Dismiss several");
	return r->op.fault.status;
}

/* ---- each by itself ---- */
static enum status one(struct op *op, const struct picks *picks, const struct pick *p)
{
	int64_t record;
	enum status st = db_part_begin(op);
	if (st)
		return st;
	st = picks->is_approve ? approval_approve(op, p->id, p->sha256, -1, NULL, &record)
			       : approval_dismiss(op, p->id, p->sha256, picks->reason);
	return db_part_end(op, st);
}

static void outcome(struct req *r, struct json_object *o, enum status st, const struct fault *f)
{
	int64_t id = json_int(o, "id");
	struct json_object *row =
		db_object(&r->op, "SELECT title, state, resource, result_id FROM proposals_seen WHERE id = ?", id);
	const struct fault_item *why = f->items;
	json_set_text(o, "title", row ? json_text(row, "title") : "No such proposal");
	json_set_int(o, "status", st ? status_http(st) : 200);
	json_set_bool(o, "is_ok", st == OK);
	json_set_text(o, "error",
		!st          ? NULL
		: !why       ? status_title(st)
		: why->field ? pool_printf(r->op.pool, "%s %s", why->field, why->message)
			     : why->message);
	json_set_text(o, "state", row ? json_text(row, "state") : NULL);
	json_set_text(o, "state_label", row ? state_label(json_text(row, "state")) : NULL);
	json_set(o, "result_id", row ? json_object_get(json_get(row, "result_id")) : NULL);
	json_set_text(o, "result_url",
		row ? resource_url(r->op.pool, json_text(row, "resource"), json_int(row, "result_id")) : NULL);
	json_set_text(o, "show_url", row ? resource_url(r->op.pool, "proposals", id) : NULL);
	json_set_text(o, "undo_url", st ? NULL : pool_printf(r->op.pool, "/proposals/%lld/undo", (long long)id));
}

/* The machine's own trouble ends the whole; anything else is that proposal's. */
static bool is_fatal(enum status st)
{
	return st == E_INTERNAL || st == E_FULL || st == E_BUSY;
}

enum status proposals_batch(struct req *r)
{
	struct picks *picks = pool_alloc(r->op.pool, sizeof *picks);
	enum status st = read_picks(r, picks);
	if (!st && !picks->n)
		st = fail(&r->op, E_INPUT, "items", "are missing: which proposals");
	if (st)
		return st;
	int64_t good = 0;
	struct json_object *list = out_data(r, json_arr(r->op.pool));
	for (size_t i = 0; i < picks->n; i++) {
		struct op op = r->op;
		fault_init(&op.fault, op.pool);
		st = one(&op, picks, &picks->all[i]);
		if (is_fatal(st)) {
			const struct fault_item *why = op.fault.items;
			return fail(&r->op, st, NULL, "%s", why ? why->message : status_title(st));
		}
		struct json_object *o = json_push_obj(list);
		json_set_int(o, "id", picks->all[i].id);
		outcome(r, o, st, &op.fault);
		good += st == OK;
	}
	struct json_object *meta = json_add_obj(r->out, "meta");
	json_set_int(meta, "done", good);
	json_set_int(meta, "failed", (int64_t)picks->n - good);
	set_has(r->view, "has_failed", good < (int64_t)picks->n);
	review_view(r, review_from(r), 0);
	json_set_text(r->view, "title", picks->is_approve ? "Countersigned" : "Dismissed");
	return OK;
}
