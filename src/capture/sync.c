/* Owns one run over one mailbox: list, fetch, parse two at a time, store in batches. The cursor and the ledger move only
 * with their batch's transaction, so a crash anywhere loses nothing and doubles nothing. Tests: t/40-capture*.t */
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
#include "capture/capture.h"
#include "core/settings.h"
#include "db/db.h"
#include "mail/parser.h"
#include "base/banned.h"

#define BATCH_MESSAGES 200
#define BATCH_BYTES ((size_t)48 << 20)

struct run {
	struct op *op; /* of the whole run; each batch has one of its own */
	struct parser *parser;
	struct mailbox box;
	const struct source_kind *kind;
	struct source *source;
	const struct capture_options *o;
	struct capture_report *report;
	struct own *own;
	const char *zone;
	int64_t attachment_max, propose_from;
	struct source_item *items;
	size_t count, cap;
	bool complete;
	const char *cursor;
};

/* One message of a batch. */
struct piece {
	const struct source_item *item;
	struct judged j;
	const char *failure; /* it could not be fetched */
};

/* ---- listing ---- */
static bool collect(void *arg, const struct source_item *item)
{
	struct run *r = arg;
	if (r->count == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 1024;
		struct source_item *more = pool_array(r->op->pool, cap, sizeof *more);
		if (r->count)
			memcpy(more, r->items, r->count * sizeof *more);
		r->items = more;
		r->cap = cap;
	}
	r->items[r->count++] = *item;
	return true;
}

/* ---- the mailbox's own row ---- */
static enum status commit(struct op *op, enum status st)
{
	if (st) {
		db_rollback(op);
		return st;
	}
	return db_commit(op);
}

static enum status run_begin(struct run *r, size_t wanted)
{
	enum status st = db_begin(r->op);
	return st ? st
		  : commit(r->op, db_run(r->op,
					  "UPDATE mailboxes SET run_total = ?, run_done = 0, run_started_at = "
					  "ctx_now(), run_ended_at = NULL,"
					  " updated_at = ctx_now() WHERE id = ?",
					  wanted, r->box.id));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum status run_complete(struct run *r)
{
	const char **ids = pool_array(r->op->pool, r->count + 1, sizeof *ids);
	for (size_t i = 0; i < r->count; i++)
		ids[i] = r->items[i].id;
	if (r->count)
		qsort(ids, r->count, sizeof *ids, by_text);
	enum status st = db_begin(r->op);
	if (st)
		return st;
	st = r->complete ? ledger_gone(r->op, r->box.id, ids, r->count) : OK;
	if (!st)
		st = db_run(r->op,
			"UPDATE mailboxes SET run_ended_at = ctx_now(), cursor = ?, listed = ?, complete_at = iif(?, "
			"ctx_now(), complete_at),"
			" error = NULL, error_at = NULL, updated_at = ctx_now() WHERE id = ?",
			r->cursor, r->count, r->complete, r->box.id);
	return commit(r->op, st);
}

/* The run stops here; the mailbox says why. A failure to say so is only logged. */
static void run_failed(struct run *r, enum status st)
{
	struct op op;
	const char *why = r->op->fault.items ? r->op->fault.items->message : status_title(st);
	op_init(&op, r->op->pool, r->op->db, &r->op->actor, r->op->request_id);
	if (db_begin(&op))
		return;
	commit(&op,
		db_run(&op,
			"UPDATE mailboxes SET run_ended_at = ctx_now(), error = ?, error_at = ctx_now() WHERE id = ?",
			why, r->box.id));
}

/* ---- one batch ---- */
static void fetch(struct run *r, struct op *op, struct piece *p)
{
	char *raw;
	size_t n;
	enum status st = r->kind->fetch(op, r->source, p->item->id, MAIL_RAW_MAX, &raw, &n);
	if (st) {
		p->failure = st == E_TOO_LARGE   ? "larger than 50 MiB"
			     : st == E_NOT_FOUND ? "it went away while it was fetched"
						 : "it cannot be read";
		fault_init(&op->fault, op->pool);
		return;
	}
	p->j.raw = raw;
	p->j.len = n;
}

/* All of a message that needs no transaction. */
static enum status piece_prepare(struct run *r, struct op *op, struct piece *p)
{
	judge(op, r->own, p->item, &p->j);
	enum status st = p->j.rule ? OK : store_blobs(op, &p->j, r->attachment_max);
	return st ? st : op->fault.status;
}

/* At most one answer is outstanding a slot; a slot that has answered gets its next message before the answer is looked
 * at, so that workers parse while this process judges and writes files. */
static enum status parse_batch(struct run *r, struct op *op, struct piece *pieces, size_t n)
{
	struct piece *waiting[PARSER_SLOTS] = {NULL};
	enum status st = OK;
	size_t turn = 0;
	for (size_t i = 0; i < n + PARSER_SLOTS && !st; i++) {
		struct piece *p = i < n ? &pieces[i] : NULL;
		if (p && !p->j.raw)
			continue;
		int slot = (int)(turn++ % PARSER_SLOTS);
		struct piece *done = waiting[slot];
		enum status gone = done ? parser_result(r->parser, slot, op->pool, &done->j.m) : OK;
		waiting[slot] = p;
		if (!gone && p)
			gone = parser_submit(r->parser, slot, p->j.raw, p->j.len);
		if (gone)
			st = fail(op, gone, NULL, "the mail parser has gone");
		else if (done)
			st = piece_prepare(r, op, done);
	}
	return st;
}

static enum status piece_store(struct run *r, struct op *op, struct piece *p)
{
	struct stored s = {0};
	int64_t at = p->j.m ? p->j.sent_at : p->item->at;
	if (p->item->is_skipped)
		return ledger_put(op, r->box.id, p->item, "excluded", "draft", NULL, 0, at);
	if (p->failure)
		return ledger_put(op, r->box.id, p->item, "failed", NULL, p->failure, 0, at);
	if (p->j.rule)
		return ledger_put(op, r->box.id, p->item, "excluded", p->j.rule, NULL, 0, at);
	enum status st = store_message(op, &p->j, r->attachment_max, &s);
	if (!st)
		st = ledger_put(op, r->box.id, p->item, "stored", NULL, p->j.m->unparsed_reason, s.message_id, at);
	if (st || !s.is_new || p->j.m->is_automated || at < r->propose_from)
		return st;
	r->report->fresh++;
	st = propose_activity(op, s.thread_id, at, r->zone);
	return st ? st : propose_people(op, r->own, &p->j, &s);
}

static enum status batch_write(struct run *r, struct op *op, struct piece *pieces, size_t n)
{
	enum status st = blob_sync(op);
	if (!st)
		st = db_begin(op);
	if (st)
		return st;
	for (size_t i = 0; i < n && !st; i++)
		st = piece_store(r, op, &pieces[i]);
	if (!st)
		st = db_run(op, "UPDATE mailboxes SET run_done = run_done + ? WHERE id = ?", n, r->box.id);
	return commit(op, st);
}

/* From items[*at] on: as many as fit. */
static enum status batch(struct run *r, const struct source_item **wanted, size_t count, size_t *at)
{
	struct pool *pool = pool_new();
	struct op op;
	op_init(&op, pool, r->op->db, &r->op->actor, r->op->request_id);
	struct piece *pieces = pool_array(pool, BATCH_MESSAGES, sizeof *pieces);
	size_t n = 0, bytes = 0;
	while (*at < count && n < BATCH_MESSAGES && bytes < BATCH_BYTES) {
		struct piece *p = &pieces[n++];
		p->item = wanted[(*at)++];
		if (!p->item->is_skipped)
			fetch(r, &op, p);
		bytes += p->j.len;
	}
	enum status st = db_view_open(&op);
	if (!st)
		st = parse_batch(r, &op, pieces, n);
	db_view_close(op.db);
	if (!st)
		st = batch_write(r, &op, pieces, n);
	if (st)
		fail(r->op, st, NULL, "%s", op.fault.items ? op.fault.items->message : status_title(st));
	pool_free(pool);
	return st;
}

/* ---- the run ---- */
static enum status run_all(struct run *r)
{
	const struct source_item **wanted = pool_array(r->op->pool, r->count + 1, sizeof *wanted);
	size_t n = 0, at = 0;
	enum status st = db_view_open(r->op);
	for (size_t i = 0; i < r->count && !st; i++)
		if (ledger_wants(r->op, r->box.id, r->items[i].id, r->o->full))
			wanted[n++] = &r->items[i];
	db_view_close(r->op->db);
	st = st ? st : r->op->fault.status;
	if (!st)
		st = run_begin(r, n);
	while (!st && at < n) {
		st = batch(r, wanted, n, &at);
		if (r->o->progress)
			r->o->progress(r->o->arg, r->box.address, (int64_t)at, (int64_t)n);
	}
	return st ? st : run_complete(r);
}

static enum status run_open(struct run *r, int64_t id)
{
	struct json_object *row = db_object(r->op,
		"SELECT id, address, source, path, propose_from FROM mailboxes_live WHERE id = ? AND state = 'active'",
		id);
	if (!row)
		return r->op->fault.status ? r->op->fault.status
					   : fail(r->op, E_NOT_FOUND, NULL, "there is no such mailbox");
	r->box = (struct mailbox){id, json_text(row, "address"), json_text(row, "source"), json_text(row, "path"),
		json_text(row, "propose_from")};
	r->kind = source_kind_find(r->box.source);
	if (!r->kind)
		return fail(r->op, E_INPUT, "source", "%s is not known to this program", r->box.source);
	r->own = own_load(r->op);
	r->zone = setting_text(r->op, "time_zone");
	r->attachment_max = setting_int(r->op, "attachment_max_mb") << 20;
	const char *from = r->box.propose_from ? r->box.propose_from : setting_text(r->op, "propose_from");
	r->propose_from = day_valid(from) ? zone_day_start(r->zone, from, 0) : 0;
	enum status st = r->kind->open(r->op, r->box.path ? r->box.path : "", &r->source);
	return st ? st : r->kind->list(r->op, r->source, NULL, collect, r, &r->complete, &r->cursor);
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

enum status capture_mailbox(struct op *op, struct parser *parser, int64_t mailbox_id, const struct capture_options *o,
	struct capture_report *report)
{
	struct run r = {.op = op, .parser = parser, .o = o, .report = report};
	*report = (struct capture_report){0};
	int lock = lock_take(op, mailbox_id);
	if (lock < 0) {
		report->was_locked = true;
		return OK;
	}
	enum status st = run_open(&r, mailbox_id);
	report->listed = (int64_t)r.count;
	if (!st && !o->verify)
		st = run_all(&r);
	if (st && !o->verify)
		run_failed(&r, st);
	if (r.source)
		r.kind->close(r.source);
	ledger_count(op, mailbox_id, report);
	close(lock);
	return st;
}
