/* Capture health: what each mailbox held and what became of it; of what failed, the decision to try again or not.
 *
 * capture/list  data: [{id, address, user_id, user_name, source, state, is_paused, visibility, visibility_label, can_share
 *               (the reader is the one to change it), listed, stored, excluded, failed,
 *               gone, ever_listed (listed now or gone since), accounted (the four together; the same when nothing is
 *               missing), missing (listed now and in no state), is_in_sync, is_running, is_stopped (a run died),
 *               run_total, run_done, percent (0..100), rate ("12.5 a second") and remaining ("3 min"; both null unless
 *               known), run_started_at, run_ended_at, complete_at (or null), error, error_at, retry_at (null: with the next
 *               run), has_error, has_failed, url}]
 *               view.summary {mailboxes, in_sync, failed, missing, running, is_running, is_empty}
 * capture/show  data: the row's names and path, propose_from, created_at
 *               rules   excluded by rule: [{rule, rule_label, count}]           has_rules
 *               items   newest failed, at most 100: [{source_id, reason, attempts, folder, sent_at, seen_at}]  has_items
 *               Of a mailbox that is not open to the reader no rules and no items; view.visibility its options
 * update        visibility (everyone subject metadata private), by its owner; of a shared one by an administrator
 * retry, skip   source_id
 * Tests: t/60-pages.t, t/40-capture.t */
#include "crm/crm.h"

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/audit.h"
#include "core/settings.h"
#include "base/banned.h"

#define COLUMNS                                                                                                        \
	"b.id, b.address, b.user_id, u.name AS user_name, b.source, b.state, b.state = 'paused' AS is_paused, "        \
	"b.visibility, "                                                                                               \
	"b.listed,"                                                                                                    \
	" coalesce(k.stored, 0) AS stored, coalesce(k.excluded, 0) AS excluded, coalesce(k.failed, 0) AS failed,"      \
	" coalesce(k.gone, 0) AS gone,"                                                                                \
	" b.run_total, b.run_done, b.run_started_at, b.run_ended_at, b.complete_at, b.error, b.error_at, b.retry_at, " \
	"b.path,"                                                                                                      \
	" b.propose_from, b.created_at, b.updated_at FROM mailboxes_live b LEFT JOIN users u ON u.id = b.user_id"      \
	" LEFT JOIN mailbox_counts k ON k.mailbox_id = b.id"

#define SILENCE 900 /* seconds without a batch after which a run is taken for dead */

/* How far the run is, how fast, and how long it will take at that rate. */
static void progress(struct req *r, struct json_object *b)
{
	int64_t total = json_int(b, "run_total"), done = json_int(b, "run_done"), started = 0, seen = 0;
	const char *at = json_text(b, "run_started_at"), *beat = json_text(b, "updated_at");
	bool open = at && !json_text(b, "run_ended_at") && instant_parse(at, &started);
	bool runs = open && beat && instant_parse(beat, &seen) && r->op.now - seen < SILENCE;
	runs = runs && seen <= r->op.now + CLOCK_AHEAD; /* a beat of a clock that was ahead is none */
	int64_t taken = r->op.now > started ? r->op.now - started : 1;
	json_set_bool(b, "is_running", runs);
	json_set_bool(b, "is_stopped", open && !runs);
	json_set_int(b, "percent", total > 0 ? (done > total ? 100 : done * 100 / total) : 100);
	json_set_text(b, "rate",
		runs && done ? pool_printf(r->op.pool, "%.1f a second", (double)done / (double)taken) : NULL);
	char left[DURATION_SIZE];
	bool knows = runs && done && total > done;
	if (knows)
		duration_format((total - done) * taken / done, left);
	json_set_text(b, "remaining", knows ? left : NULL);
	json_object_object_del(b, "updated_at");
}

/* ---- who reads it ---- */

static void visibility(struct req *r, struct json_object *b)
{
	const struct actor *a = &r->op.actor;
	const char *now = json_text(b, "visibility");
	int64_t owner = json_int(b, "user_id");
	for (size_t i = 0; visibilities[i]; i++)
		if (str_eq(visibilities[i], now))
			json_set_text(b, "visibility_label", visibility_labels[i]);
	json_set_bool(b, "can_share", actor_may_sign(a) && (owner ? owner == a->user_id : a->role == ROLE_ADMIN));
}

static void figures(struct req *r, struct json_object *b)
{
	int64_t here = json_int(b, "stored") + json_int(b, "excluded") + json_int(b, "failed"),
		listed = json_int(b, "listed");
	int64_t missing = listed > here ? listed - here : 0;
	json_set_int(b, "accounted", here + json_int(b, "gone"));
	json_set_int(b, "missing", missing);
	json_set_int(b, "ever_listed", listed + json_int(b, "gone"));
	progress(r, b);
	json_set_bool(b, "is_in_sync",
		json_text(b, "complete_at") && !missing && !json_text(b, "error") && !json_int(b, "failed"));
	set_has(b, "has_error", json_text(b, "error") != NULL);
	set_has(b, "has_failed", json_int(b, "failed") > 0);
	visibility(r, b);
	set_url(r->op.pool, b, "/capture", json_int(b, "id"));
}

enum status mailboxes_list(struct req *r)
{
	struct json_object *rows = out_data(r, db_array(&r->op, "SELECT " COLUMNS " ORDER BY b.address LIMIT 200"));
	struct json_object *meta = json_add_obj(r->out, "meta"), *summary = json_add_obj(r->view, "summary");
	json_set(meta, "next", NULL);
	json_set_int(meta, "total", (int64_t)json_len(rows));
	int64_t in_sync = 0, failed = 0, missing = 0, running = 0;
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *b = json_at(rows, i);
		figures(r, b);
		in_sync += json_true(b, "is_in_sync");
		failed += json_int(b, "failed");
		missing += json_int(b, "missing");
		running += json_true(b, "is_running");
	}
	json_set_int(summary, "mailboxes", (int64_t)json_len(rows));
	json_set_int(summary, "in_sync", in_sync);
	json_set_int(summary, "failed", failed);
	json_set_int(summary, "missing", missing);
	json_set_int(summary, "running", running);
	json_set_bool(summary, "is_running", running > 0);
	json_set_bool(summary, "is_empty", json_len(rows) == 0);
	json_set_text(r->view, "title", "Capture");
	return OK;
}

static const char *rule_label(struct pool *p, const char *rule)
{
	static const char *const words[][2] = {{"internal", "Among ourselves"},
		{"stranger", "Nobody we know takes part"}, {"draft", "A draft"}, {"spam", "Spam or trash"},
		{"own", "Countersign's own mail"}, {"skipped", "Skipped by hand"}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eq(words[i][0], rule))
			return words[i][1];
	if (str_starts(rule, "rule/"))
		return pool_printf(p, "By rule %s", rule + 5);
	return rule;
}

enum status mailboxes_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	struct json_object *data = id ? db_object(&r->op, "SELECT " COLUMNS " WHERE b.id = ?", id) : NULL;
	if (!data)
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such mailbox");
	figures(r, data);
	out_options(r, "visibility", visibilities, visibility_labels, json_text(data, "visibility"));
	struct json_object *rules = db_array(&r->op,
		"SELECT rule, count(*) AS count FROM mailbox_items_seen WHERE mailbox_id = ? AND rule IS NOT NULL "
		"GROUP "
		"BY rule ORDER BY count DESC",
		id);
	for (size_t i = 0; i < json_len(rules); i++)
		json_set_text(
			json_at(rules, i), "rule_label", rule_label(r->op.pool, json_text(json_at(rules, i), "rule")));
	struct json_object *items = db_array(&r->op,
		"SELECT source_id, reason, attempts, folder, sent_at, seen_at FROM mailbox_items_seen WHERE mailbox_id "
		"= ? "
		"AND state = 'failed'"
		" ORDER BY seen_at DESC LIMIT 100",
		id);
	json_set(data, "rules", json_object_get(rules));
	set_has(data, "has_rules", json_len(rules) > 0);
	json_set(data, "items", json_object_get(items));
	set_has(data, "has_items", json_len(items) > 0);
	lookback_mailbox(r, data, id);
	out_data(r, data);
	json_set_text(r->view, "title", json_text(data, "address"));
	return OK;
}

enum status mailboxes_update(struct req *r)
{
	int64_t id = in_id(r, "id");
	int chosen = in_choice(r, "visibility", visibilities, -1);
	if (r->op.fault.status)
		return r->op.fault.status;
	if (chosen < 0)
		return fail(&r->op, E_INPUT, "visibility", "is required");
	struct json_object *b = db_object(&r->op, "SELECT user_id, visibility FROM mailboxes_live WHERE id = ?", id);
	if (!b)
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such mailbox");
	visibility(r, b);
	if (!json_true(b, "can_share")) /* a trigger holds it too */
		return fail(&r->op, E_FORBIDDEN, NULL, "only the owner of a mailbox says who reads it");
	enum status st = db_run(&r->op, "UPDATE mailboxes SET visibility = ? WHERE id = ?", visibilities[chosen], id);
	if (st)
		return st;
	return r->is_api ? mailboxes_show(r) : reply_see(r, visibility_labels[chosen], "/capture/%lld", (long long)id);
}

/* ---- what failed: once more, or never again. The ledger's row stays; only its state changes. ---- */
static bool has_failed(struct req *r, int64_t id, const char *source)
{
	int64_t there;
	if (!source)
		return fail(&r->op, E_INPUT, "source_id", "is required"), false;
	if (!db_one_int(&r->op, &there,
		    "SELECT 1 FROM mailbox_items_seen WHERE mailbox_id = ? AND source_id = ? AND state = 'failed'", id,
		    source))
		return fail(&r->op, E_NOT_FOUND, NULL, "no failed message of this mailbox has that id"), false;
	return true;
}

static enum status settled(
	struct req *r, int64_t id, const char *source, const char *what, const char *state, const char *flash)
{
	struct json_object *changes = json_obj(r->op.pool), *pair = json_add_arr(changes, source);
	json_push_text(pair, "failed");
	json_push_text(pair, state);
	enum status st = audit_event(&r->op, what, "mailboxes", id, changes);
	return st ? st : reply_see(r, flash, "/capture/%lld", (long long)id);
}

enum status mailboxes_retry(struct req *r)
{
	int64_t id = in_id(r, "id");
	const char *source = in_text(r, "source_id", 1000);
	if (!has_failed(r, id, source))
		return r->op.fault.status;
	enum status st = db_run(
		&r->op, "UPDATE mailbox_items SET attempts = 0 WHERE mailbox_id = ? AND source_id = ?", id, source);
	return st ? st : settled(r, id, source, "retry", "to be tried again", "It is tried again with the next run");
}

enum status mailboxes_skip(struct req *r)
{
	int64_t id = in_id(r, "id");
	const char *source = in_text(r, "source_id", 1000);
	if (!has_failed(r, id, source))
		return r->op.fault.status;
	enum status st = db_run(&r->op,
		"UPDATE mailbox_items SET state = 'excluded', rule = 'skipped', reason = NULL WHERE mailbox_id = ? AND "
		"source_id = ?",
		id, source);
	return st ? st : settled(r, id, source, "skip", "skipped", "Skipped");
}
