/* A fund that does not exist: Larkspur Capital, its team, its investors and a raise in progress, with mail as Maildirs
 * that capture then finds like any other. Everything follows from the seed and the clock, so two runs are the same. */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct buf;
struct letter;
struct op;

/* A letter on its way, in who's boxes it lies (bit i: team[i] of cast.h), and the name of its file there. */
struct post {
	const struct letter *letter;
	const struct buf *written;
	unsigned boxes;
	const char *name;
};

struct demo_options {
	int scale;             /* 0: the fund of some 40 investors; N: N thousand contacts and 10 N thousand messages */
	bool is_without_mail;  /* records only: for measuring pages */
	uint64_t seed;         /* 0: the one everybody gets */
	const char *mail_root; /* Maildirs go below it: "DATA/demo"; made when missing */
	/* Takes the letters instead of the Maildirs, after the records are committed; NULL: Maildirs. */
	enum status (*take)(void *arg, const struct post *post);
	void *arg;
};

/* Writes the mail, then in one transaction users ada (admin), grace (member) and scout (agent; no password), password
 * "demo", settings, records and mailboxes. On a DB_OWNER connection, op's actor a person at the shell; ada is made
 * user 1, so op->actor.user_id should be 1. E_CONFLICT when there are users already. */
enum status demo_seed(struct op *op, const struct demo_options *o);

#endif
