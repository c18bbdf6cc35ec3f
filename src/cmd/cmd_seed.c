/* Owns `seed demo`: a made-up fund, small with mail in Maildirs, or at a scale with its mail stored as if captured.
 * Tests: t/30-cli.t, t/95-budgets.t */
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "cmd/commands.h"
#include "core/settings.h"
#include "db/db.h"
#include "demo/cast.h"
#include "demo/demo.h"
#include "demo/history.h"
#include "demo/letters.h"
#include "base/banned.h"

#define BATCH 10000      /* the fewer, the less often an index's page is written that many letters share */
#define PROPOSED_DAYS 10 /* of what is older nobody waits for a proposal */

/* Stores a million letters, so many in a transaction. */
struct keeper {
	struct op *whole, batch;
	struct own *own;
	struct rules *rules;
	const char *zone;
	int64_t boxes[TEAM];
	int n;
};

static enum status batch_begin(struct keeper *k)
{
	op_init(&k->batch, pool_new(), k->whole->db, &k->whole->actor, NULL);
	k->n = 0;
	return db_begin(&k->batch);
}

static enum status batch_end(struct keeper *k)
{
	enum status st = db_commit(&k->batch);
	pool_free(k->batch.pool);
	k->batch.pool = NULL;
	return st;
}

/* The mailboxes are there once the records are. */
static void boxes_find(struct keeper *k)
{
	for (int i = 0; i < TEAM; i++)
		db_one_int(k->whole, &k->boxes[i], "SELECT id FROM mailboxes_live WHERE address = ?", team[i].email);
	k->own = own_load(k->whole);
	k->rules = rules_load(k->whole, 0);
	k->zone = setting_text(k->whole, "time_zone");
}

static enum status take(void *arg, const struct post *post)
{
	struct keeper *k = arg;
	struct copy copies[TEAM];
	size_t n = 0;
	if (!k->own)
		boxes_find(k);
	enum status st = k->batch.pool ? OK : batch_begin(k);
	for (int i = 0; i < TEAM; i++)
		if (post->boxes & 1u << i)
			copies[n++] = (struct copy){k->boxes[i], post->name};
	struct judged j = {.raw = post->written->data, .len = post->written->len};
	j.m = letter_message(k->batch.pool, post->letter, post->written);
	if (!st)
		st = keep(&k->batch, k->own, k->rules, &j, copies, n, k->whole->now - PROPOSED_DAYS * 86400, k->zone);
	if (!st && ++k->n == BATCH)
		st = batch_end(k);
	return st ? fail(k->whole, st, NULL, "letter %s cannot be stored", post->name) : OK;
}

static enum status boxes_are_complete(struct op *op)
{
	enum status st = db_begin(op);
	if (!st)
		st = db_run(op, "UPDATE mailboxes SET listed = (SELECT stored + excluded FROM mailbox_counts WHERE "
				"mailbox_id = "
				"mailboxes.id), complete_at = ctx_now()");
	if (!st)
		return db_commit(op);
	db_rollback(op);
	return st;
}

static enum status seed_scaled(struct op *op, struct demo_options o)
{
	struct keeper k = {.whole = op};
	o.take = take;
	o.arg = &k;
	enum status st = demo_seed(op, &o);
	if (!st && k.batch.pool)
		st = batch_end(&k);
	return st ? st : boxes_are_complete(op);
}

enum status command_seed(struct program *p, int argc, char **argv)
{
	struct demo_options o = {.mail_root = conf_data_path(p->pool, "mail/demo")};
	const char *scale = option_value(p, &argc, argv, "--scale");
	bool history = option_flag(&argc, argv, "--history"), without_mail = option_flag(&argc, argv, "--without-mail");
	bool maildirs = option_flag(&argc, argv, "--maildirs");
	int64_t n = 0;
	if (argc != 2 || (scale && !str_i64(scale, 0, 1000, &n)))
		return E_SYNTAX;
	o.scale = (int)n;
	o.is_without_mail = without_mail;
	if (history)
		return demo_history(&p->op);
	p->op.actor.user_id = 1;
	p->op.actor.username = "ada";
	p->op.actor.name = "Ada Nowak";
	return n && !without_mail && !maildirs ? seed_scaled(&p->op, o) : demo_seed(&p->op, &o);
}
