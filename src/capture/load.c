/* Owns fetching and parsing a batch beside other work. Never judges and never stores. Tests: t/40-capture*.t */
#include "capture/load.h"

#include "base/pool.h"
#include "base/banned.h"

#define BATCH_BYTES ((size_t)24 << 20)

struct load *load_begin(struct op *run, const struct feed *feed, size_t from, size_t most)
{
	struct pool *pool = pool_new();
	struct load *l = pool_alloc(pool, sizeof *l);
	most = most < feed->count - from ? most : feed->count - from;
	*l = (struct load){.feed = feed, .from = from, .most = most};
	l->pieces = pool_array(pool, most + 1, sizeof *l->pieces);
	op_init(&l->op, pool, run->db, &run->actor, run->request_id);
	return l;
}

static void fetch(struct load *l, struct piece *p)
{
	struct op *op = &l->op;
	char *raw;
	size_t n;
	enum status st = l->feed->kind->fetch(op, l->feed->source, p->item->id, MAIL_RAW_MAX, &raw, &n);
	if (st) {
		p->is_passing = st != E_TOO_LARGE;
		p->failure = st == E_TOO_LARGE   ? "larger than 50 MiB"
			     : st == E_NOT_FOUND ? "it went away while it was fetched"
						 : "it could not be read, and is tried again with each run";
		fault_init(&op->fault, op->pool);
		return;
	}
	p->j.raw = raw;
	p->j.len = n;
	l->bytes += n;
}

static bool is_fetched(const struct load *l)
{
	return l->n == l->most || l->bytes >= BATCH_BYTES || l->st;
}

/* The next one that there is anything to parse of; NULL when all are fetched. */
static struct piece *next(struct load *l)
{
	while (!is_fetched(l)) {
		struct piece *p = &l->pieces[l->n];
		p->item = l->feed->wanted[l->from + l->n];
		p->is_again = l->feed->is_again[l->from + l->n++];
		if (!p->item->skip)
			fetch(l, p);
		if (p->j.raw)
			return p;
	}
	return NULL;
}

static void gone(struct load *l, enum status st)
{
	if (st && !l->st)
		l->st = fail(&l->op, st, NULL, "the mail parser has gone");
}

static void take(struct load *l, int slot)
{
	gone(l, parser_result(l->feed->parser, slot, l->op.pool, &l->at_work[slot]->j.m));
	l->at_work[slot] = NULL;
}

/* A slot whose answer is taken gets its next message at once, so that the workers are never idle for long. */
static void serve(struct load *l, int slot, bool wait)
{
	if (l->at_work[slot] && !wait && !parser_has_answer(l->feed->parser, slot))
		return;
	if (l->at_work[slot])
		take(l, slot);
	struct piece *p = next(l);
	if (!p)
		return;
	gone(l, parser_submit(l->feed->parser, slot, p->j.raw, p->j.len));
	l->at_work[slot] = l->st ? NULL : p;
}

void load_pump(struct load *l)
{
	for (int slot = 0; l && slot < PARSER_SLOTS; slot++)
		serve(l, slot, false);
}

void load_pause(struct load *l)
{
	for (int slot = 0; l && slot < PARSER_SLOTS; slot++)
		if (l->at_work[slot])
			take(l, slot);
}

enum status load_finish(struct load *l)
{
	while (!is_fetched(l))
		for (int slot = 0; slot < PARSER_SLOTS; slot++)
			serve(l, slot, true);
	load_pause(l);
	return l->st;
}

void load_free(struct load *l)
{
	load_pause(l);
	if (l)
		pool_free(l->op.pool);
}
