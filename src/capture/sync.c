/* Owns one run over one mailbox: list, fetch, parse two at a time, store in batches, newest first. The cursor and the
 * ledger move only with their batch's transaction, so a crash anywhere loses nothing and doubles nothing. A message whose
 * batch cannot be written is found by going on one by one, and set aside. Tests: t/40-capture*.t */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/load.h"
#include "core/settings.h"
#include "db/db.h"
#include "source/labels.h"
#include "base/banned.h"

#define BATCH_MESSAGES 400
#define AGAIN_MAX 20000 /* messages looked at again in one run */

struct capture {
	struct op *op; /* of the whole run; each batch has one of its own */
	int lock;
	struct mailbox box;
	struct feed feed; /* what is not accounted for yet */
	const struct capture_options *o;
	struct capture_report *report;
	struct own *own;
	struct rules *rules; /* of the batch under way, in its pool */
	const char *zone;
	int64_t attachment_max, propose_from;
	struct source_item *items;
	size_t count, cap;
	bool complete, has_sent_folder;
	const char *cursor;
	size_t at;          /* how far the run is with its feed */
	int64_t began_us;   /* on the monotonic clock, when all was listed */
	struct load *ahead; /* the batch after the one under way; NULL: none */
	size_t again_count;
	int64_t lookback_id; /* 0: nobody asked */
	const char *again_until;
	bool is_again_left;  /* more than one run takes */
	size_t single_until; /* up to here messages go one by one: one of them stopped its batch */
};

/* ---- listing ---- */
static bool collect(void *arg, const struct source_item *item)
{
	struct capture *r = arg;
	if (r->count == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 1024;
		struct source_item *more = pool_array(r->op->pool, cap, sizeof *more);
		if (r->count)
			memcpy(more, r->items, r->count * sizeof *more);
		r->items = more;
		r->cap = cap;
	}
	r->items[r->count++] = *item;
	r->has_sent_folder |= folder_is_sent(item->folder);
	return true;
}

/* ---- the mailbox's own row ---- */
static enum status run_begin(struct capture *r)
{
	enum status st = db_begin(r->op);
	if (st)
		return st;
	st = db_run(r->op,
		"UPDATE mailboxes SET run_total = ?, run_done = 0, run_started_at = ctx_now(), run_ended_at = NULL,"
		" listed = iif(?, ?, listed), updated_at = ctx_now() WHERE id = ?",
		r->feed.count, r->complete, r->count, r->box.id);
	if (!st && r->lookback_id)
		st = db_run(
			r->op, "UPDATE lookbacks SET total = done + ? WHERE id = ?", r->again_count, r->lookback_id);
	return db_end(r->op, st);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **sorted_ids(const struct capture *r)
{
	const char **ids = pool_array(r->op->pool, r->count + 1, sizeof *ids);
	for (size_t i = 0; i < r->count; i++)
		ids[i] = r->items[i].id;
	if (r->count)
		qsort(ids, r->count, sizeof *ids, by_text);
	return ids;
}

static enum status run_complete(struct capture *r)
{
	const char **ids = sorted_ids(r);
	enum status st = db_begin(r->op);
	if (st)
		return st;
	st = r->complete ? ledger_gone(r->op, r->box.id, ids, r->count) : OK;
	if (!st)
		st = db_run(r->op,
			"UPDATE mailboxes SET run_ended_at = ctx_now(), cursor = ?, listed = ?, complete_at = iif(?, "
			"ctx_now(), complete_at),"
			" error = NULL, error_at = NULL, retry_at = NULL, updated_at = ctx_now() WHERE id = ?",
			r->cursor, r->count, r->complete, r->box.id);
	if (!st && r->complete && !r->is_again_left)
		st = db_run(r->op, "UPDATE lookbacks SET ended_at = ctx_now() WHERE id = ? AND ended_at IS NULL",
			r->lookback_id);
	return db_end(r->op, st);
}

/* What somebody has to mend, as against what time mends. */
static bool is_hard(enum status st)
{
	return st == E_NOT_FOUND || st == E_FORBIDDEN || st == E_AUTH || st == E_INPUT;
}

/* The run stops here; the mailbox says why. It is tried again with the next run, or in an hour when that would be in
 * vain. A failure to say so is only logged. */
static void run_failed(struct capture *r, enum status st)
{
	struct op op;
	char later[INSTANT_SIZE];
	const char *why = r->op->fault.items ? r->op->fault.items->message : status_title(st);
	op_init(&op, r->op->pool, r->op->db, &r->op->actor, r->op->request_id);
	instant_format(op.now + CAPTURE_PAUSE, later);
	if (db_begin(&op))
		return;
	db_end(&op,
		db_run(&op,
			"UPDATE mailboxes SET run_ended_at = ctx_now(), error = ?, error_at = ctx_now(), retry_at = ? "
			"WHERE id = ?",
			why, is_hard(st) ? (const char *)later : NULL, r->box.id));
}

/* ---- one batch ---- */
/* All of a message that needs no transaction. */
static enum status piece_prepare(struct capture *r, struct op *op, struct piece *p)
{
	p->j.authserv_id = r->box.authserv_id;
	p->j.has_sent_folder = r->has_sent_folder;
	judge(op, r->own, r->rules, p->item, &p->j);
	bool needs = !p->j.rule && !store_knows(op, &p->j);
	enum status st = needs ? store_blobs(op, &p->j, r->attachment_max) : OK;
	return st ? st : op->fault.status;
}

static enum status prepare(struct capture *r, struct load *l)
{
	enum status st = db_view_open(&l->op);
	if (!st)
		r->rules = rules_load(&l->op, r->box.user_id);
	for (size_t i = 0; i < l->n && !st; i++) {
		if (l->pieces[i].j.m)
			st = piece_prepare(r, &l->op, &l->pieces[i]);
		load_pump(r->ahead);
	}
	db_view_close(l->op.db);
	return st;
}

/* Its files may be on the disk already; what nothing refers to goes. */
static enum status piece_discard(struct op *op, const struct piece *p, int64_t rule)
{
	enum status st = p->j.has_files ? blob_discard(op, p->j.raw_sha256, rule) : OK;
	for (size_t i = 0; p->j.has_files && i < p->j.m->attachment_count && !st; i++)
		st = blob_discard(op, p->j.m->attachments[i].sha256, rule);
	return st;
}

/* A rule that was saved since the batch was judged takes it too. */
static enum status piece_judge_again(struct capture *r, struct op *op, struct piece *p)
{
	int64_t rule = p->j.m && !p->j.rule ? rules_match(r->rules, p->item, &p->j) : 0;
	if (!rule)
		return OK;
	p->j.rule = rule_name(op->pool, rule);
	return piece_discard(op, p, rule);
}

/* On the disk before the transaction that refers to them ends. */
static enum status files_late(struct capture *r, struct op *op, struct judged *j)
{
	enum status st = store_blobs(op, j, r->attachment_max);
	return st ? st : blob_sync(op);
}

static enum status piece_store(struct capture *r, struct op *op, struct piece *p)
{
	struct stored s = {0};
	int64_t activity;
	struct entry e = {.item = p->item, .sent_at = p->j.m ? p->j.sent_at : p->item->at};
	int64_t at = e.sent_at;
	e.rule = p->item->skip ? p->item->skip : p->failure ? NULL : p->j.rule;
	e.reason = p->failure;
	e.is_passing = p->is_passing;
	e.state = e.rule ? "excluded" : "failed";
	if (e.rule || p->failure)
		return ledger_put(op, r->box.id, &e);
	enum status st = store_message(op, &p->j, r->attachment_max, &s);
	if (!st && s.is_new && !p->j.has_files) /* the copy that was known has gone since */
		st = files_late(r, op, &p->j);
	p->is_kept = true;
	e = (struct entry){p->item, "stored", NULL, p->j.m->unparsed_reason, s.message_id, at, false};
	if (!st)
		st = ledger_put(op, r->box.id, &e);
	if (!st && !s.is_new) /* what came with another copy is stored, but for the way that this one took */
		st = piece_discard(op, p, 0);
	if (!st && s.is_new)
		st = bounce_note(op, &p->j, &s, r->propose_from);
	if (!st && (s.is_new || s.is_turned))
		st = bounce_found(op, &p->j, &s, r->propose_from);
	if (st || p->j.m->is_automated || at < r->propose_from)
		return st;
	if (s.is_turned)
		return propose_activity(op, s.thread_id, at, r->zone, &activity);
	if (!s.is_new)
		return OK;
	r->report->fresh++;
	return propose_all(op, r->own, &p->j, &s, r->zone);
}

static enum status again_count(struct capture *r, struct op *op, const struct piece *pieces, size_t n)
{
	int done = 0, stored = 0;
	for (size_t i = 0; i < n; i++) {
		done += pieces[i].is_again;
		stored += pieces[i].is_again && pieces[i].is_kept;
	}
	return !done ? OK
		     : db_run(op, "UPDATE lookbacks SET done = done + ?, stored = stored + ? WHERE id = ?", done,
			       stored, r->lookback_id);
}

static enum status batch_write(struct capture *r, struct op *op, struct piece *pieces, size_t n)
{
	enum status st = blob_sync(op);
	if (!st)
		st = db_begin(op);
	if (st)
		return st;
	r->rules = rules_load(op, r->box.user_id);
	for (size_t i = 0; i < n && !st; i++) {
		st = piece_judge_again(r, op, &pieces[i]);
		if (!st)
			st = piece_store(r, op, &pieces[i]);
		load_pump(r->ahead);
	}
	if (!st)
		st = db_run(op, "UPDATE mailboxes SET run_done = run_done + ?, updated_at = ctx_now() WHERE id = ?", n,
			r->box.id);
	if (!st)
		st = again_count(r, op, pieces, n);
	if (!st)
		st = activities_settle(op, r->zone);
	return db_end(op, st);
}

/* It stopped its batch and stops itself: set aside, so that it stops nothing else. */
static enum status piece_refused(struct capture *r, struct op *op, const struct piece *p, enum status why)
{
	const char *reason = pool_printf(
		op->pool, "it could not be stored: %s", op->fault.items ? op->fault.items->message : status_title(why));
	struct entry e = {.item = p->item, .state = "failed", .reason = reason, .sent_at = p->item->at};
	fault_init(&op->fault, op->pool);
	enum status st = db_begin(op);
	return st ? st : db_end(op, ledger_put(op, r->box.id, &e));
}

/* Writes what can be written; *n is how many are done with. */
static enum status batch_settle(struct capture *r, struct op *op, struct piece *pieces, size_t *n)
{
	enum status st = batch_write(r, op, pieces, *n);
	if (!st || st == E_BUSY || st == E_FULL)
		return st;
	if (*n == 1)
		return piece_refused(r, op, pieces, st);
	r->single_until = r->at + *n;
	*n = 0;
	fault_init(&op->fault, op->pool);
	return OK;
}

static struct load *batch_begin(struct capture *r)
{
	struct load *ahead = r->ahead;
	if (ahead && ahead->from == r->at) {
		r->ahead = NULL;
		return ahead;
	}
	return load_begin(r->op, &r->feed, r->at, r->at < r->single_until ? 1 : BATCH_MESSAGES);
}

/* While it is judged and stored, the next one is loaded. */
static enum status batch_under_way(struct capture *r, struct load *l, size_t *n)
{
	int hold = blob_hold(&l->op);
	*n = l->n;
	if (!r->ahead && r->at >= r->single_until && r->at + l->n < r->feed.count)
		r->ahead = load_begin(r->op, &r->feed, r->at + l->n, BATCH_MESSAGES);
	load_pump(r->ahead);
	enum status st = hold < 0 ? l->op.fault.status : prepare(r, l);
	if (!st)
		st = batch_settle(r, &l->op, l->pieces, n);
	if (hold >= 0)
		close(hold);
	load_pause(r->ahead); /* the parser may be another mailbox's next */
	return st;
}

static enum status batch(struct capture *r)
{
	struct load *l = batch_begin(r);
	enum status st = load_finish(l);
	size_t n = 0;
	if (!st) {
		op_init(&l->op, l->op.pool, r->op->db, &r->op->actor,
			r->op->request_id); /* its time is that of its turn */
		st = batch_under_way(r, l, &n);
	}
	if (st)
		fail(r->op, st, NULL, "%s", l->op.fault.items ? l->op.fault.items->message : status_title(st));
	else
		r->at += n;
	load_free(l);
	return st;
}

/* ---- what the ledger knows already ---- */
static bool is_listed(const struct capture *r, const char *id)
{
	for (size_t i = 0; i < r->count; i++)
		if (str_eq(r->items[i].id, id))
			return true;
	return false;
}

/* What an earlier version captured by another id is not captured again by its new one. */
static enum status ids_renew(struct capture *r)
{
	enum status st = OK;
	for (size_t i = 0; i < r->count && !st; i++) {
		const struct source_item *item = &r->items[i];
		if (!item->was || !ledger_has(r->op, r->box.id, item->was) || ledger_has(r->op, r->box.id, item->id) ||
			is_listed(r, item->was))
			continue;
		st = db_begin(r->op);
		if (!st)
			st = db_end(r->op, ledger_rename(r->op, r->box.id, item));
	}
	return st ? st : r->op->fault.status;
}

/* One batch of what lies elsewhere or is marked otherwise; a rule that takes it there is carried out with this run. */
static enum status labels_batch(struct capture *r, const struct source_item *const *items, size_t n)
{
	enum status st = db_begin(r->op);
	if (st)
		return st;
	const struct rules *rules = rules_load(r->op, r->box.user_id);
	for (size_t i = 0; i < n && !st; i++) {
		int64_t rule = rules_match_label(rules, items[i]);
		st = ledger_label(r->op, r->box.id, items[i]);
		if (!st && rule)
			st = purge_again(r->op, rule);
	}
	return db_end(r->op, st);
}

static enum status labels_renew(struct capture *r, const struct source_item *const *items, size_t count)
{
	enum status st = OK;
	for (size_t at = 0, n; at < count && !st; at += n) {
		n = count - at < BATCH_MESSAGES ? count - at : BATCH_MESSAGES;
		st = labels_batch(r, items + at, n);
	}
	return st;
}

/* ---- the run ---- */
static void want_one(struct capture *r, const struct source_item *item, bool again)
{
	r->again_count += again;
	r->feed.is_again[r->feed.count] = again;
	r->feed.wanted[r->feed.count++] = item;
}

static enum status want(struct capture *r)
{
	enum status st = ids_renew(r);
	size_t moved = 0;
	const struct source_item **labels = pool_array(r->op->pool, r->count + 1, sizeof *labels);
	r->feed.wanted = pool_array(r->op->pool, r->count + 1, sizeof *r->feed.wanted);
	r->feed.is_again = pool_array(r->op->pool, r->count + 1, sizeof *r->feed.is_again);
	st = st ? st : db_view_open(r->op);
	for (size_t i = 0; i < r->count && !st; i++) {
		const struct source_item *item = &r->items[i];
		enum want want = ledger_wants(r->op, r->box.id, item, r->o->full, r->again_until);
		bool again = want == WANT_AGAIN, left = again && r->again_count == AGAIN_MAX;
		r->is_again_left |= left;
		if (want == WANT_LABELS)
			labels[moved++] = item;
		else if (want != WANT_NOT && !left)
			want_one(r, item, again);
	}
	db_view_close(r->op->db);
	st = st ? st : r->op->fault.status;
	st = st ? st : labels_renew(r, labels, moved);
	return st ? st : run_begin(r);
}

static enum status box_open(struct capture *r, int64_t id)
{
	struct json_object *row = db_object(r->op,
		"SELECT id, address, source, path, cursor, propose_from, authserv_id, user_id FROM mailboxes_live "
		"WHERE id = ?"
		" AND state = 'active'",
		id);
	if (!row)
		return r->op->fault.status ? r->op->fault.status
					   : fail(r->op, E_NOT_FOUND, NULL, "there is no such mailbox");
	r->box = (struct mailbox){id, json_text(row, "address"), json_text(row, "source"), json_text(row, "path"),
		json_text(row, "propose_from"), json_text(row, "authserv_id"), json_int(row, "user_id")};
	r->feed.kind = source_kind_find(r->box.source);
	if (!r->feed.kind)
		return fail(r->op, E_INPUT, "source", "%s is not known to this program", r->box.source);
	struct json_object *look =
		db_object(r->op, "SELECT id, asked_at FROM lookbacks WHERE mailbox_id = ? AND ended_at IS NULL", id);
	r->lookback_id = json_int(look, "id");
	r->again_until = look ? json_text(look, "asked_at") : NULL;
	r->own = own_load(r->op);
	r->zone = setting_text(r->op, "time_zone");
	r->attachment_max = setting_int(r->op, "attachment_max_mb") << 20;
	const char *from = r->box.propose_from ? r->box.propose_from : setting_text(r->op, "propose_from");
	r->propose_from = day_valid(from) ? zone_day_start(r->zone, from, 0) : 0;
	enum status st = r->feed.kind->open(r->op, r->box.path ? r->box.path : "", &r->feed.source);
	return st ? st
		  : r->feed.kind->list(
			    r->op, r->feed.source, json_text(row, "cursor"), collect, r, &r->complete, &r->cursor);
}

static int lock_take(struct op *op, int64_t id)
{
	const char *path = pool_printf(op->pool, "%s/sync-%lld.lock", conf_data_path(op->pool, "run"), (long long)id);
	int fd = file_open_lock(path);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return -1;
	}
	return fd;
}

enum status capture_open(struct op *op, struct parser *parser, int64_t mailbox_id, const struct capture_options *o,
	struct capture_report *report, struct capture **out)
{
	struct capture *r = *out = pool_alloc(op->pool, sizeof *r);
	*r = (struct capture){.op = op, .feed.parser = parser, .o = o, .report = report};
	*report = (struct capture_report){0};
	r->box.id = mailbox_id;
	r->lock = lock_take(op, mailbox_id);
	if (r->lock < 0) {
		report->was_locked = true;
		return OK;
	}
	enum status st = box_open(r, mailbox_id);
	report->listed = (int64_t)r->count;
	if (!st && o->verify)
		st = ledger_compare(op, mailbox_id, sorted_ids(r), r->count, r->complete, report);
	st = st || o->verify ? st : want(r);
	r->began_us = clock_mono_us();
	return st;
}

bool capture_has_more(const struct capture *r)
{
	return r->at < r->feed.count;
}

enum status capture_turn(struct capture *r)
{
	enum status st = batch(r);
	if (!st && r->o->progress)
		r->o->progress(r->o->arg, r->box.address, (int64_t)r->at, (int64_t)r->feed.count,
			clock_mono_us() - r->began_us);
	return st;
}

enum status capture_close(struct capture *r, enum status st)
{
	bool writes = !r->report->was_locked && !r->o->verify;
	if (!st && writes)
		st = run_complete(r);
	if (st && writes)
		run_failed(r, st);
	load_free(r->ahead);
	if (r->feed.source)
		r->feed.kind->close(r->feed.source);
	if (r->report->was_locked)
		return st;
	ledger_count(r->op, r->box.id, r->report);
	close(r->lock);
	return st;
}
