/* The daily digest: what was recorded, what waits, who should be answered, how capture is. For the team alone, and each
 * reads in it what they may read elsewhere. Sends nothing: its messages wait in the outbox. */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "db/op.h"

struct query;
struct tmpl_set;

/* What a day's digest is about. Instants are text. */
struct window {
	const char *day;                /* the local day it is made on */
	const char *from_at, *until_at; /* since the last one that all had, to that day's beginning */
	const char *since_at;           /* when that last one was made: what was recorded late belongs here */
	const char *made_at;            /* when this one was made, or now */
	const char *silent_at;          /* who wrote last and before this waits too long */
	const char *ageing_at,
		*stale_at;    /* what is in its stage since before these has not moved for long, and too long */
	const char *archived; /* the stages that are over, as a JSON array */
};

/* The stored day's window, or the one that a digest of that day would have now: since the last one that all had, at
 * most two weeks; without one the day before, on a Monday the weekend too. E_INPUT for a day that has not begun. */
enum status digest_window(struct op *op, const char *day, struct window *out);
/* The window's silent_at alone, and the days that it lies before the digest was made or would be. */
const char *digest_silent_at(struct op *op, const char *day, int64_t *days);
/* The hour has come, and the day is one of those that were set. */
bool digest_is_due(struct op *op);

struct digest {
	struct window window;
	const char *told; /* the summary that was given, or NULL */
	const char *headline, *subject;
	struct json_object *document;
	const char *text, *html;
};

/* Everything in it, as op's actor may read it; a program reads what everybody may. Reads only. `told`: a summary to put
 * on top instead of our own (narrative.h), or NULL. */
enum status digest_make(
	struct op *op, struct tmpl_set *templates, const char *day, const char *told, struct digest *out);

/* Stores it and puts one message for each recipient who has none yet into the outbox, in one transaction: of two runs
 * at once the second finds what the first wrote. *d is everybody's edition; a recipient who may read more gets an
 * edition of their own. When the day was stored before, that is what goes out, and *d becomes it. resend: once more to
 * all of them. `only`: a user name, who gets it before the others or besides; NULL for all, after which the day counts as
 * done. *queued: how many messages. E_NOT_FOUND: `only` is no active user. */
enum status digest_store(
	struct op *op, struct tmpl_set *templates, struct digest *d, const char *only, bool resend, int *queued);

/* Nothing is left to do for that day: it is done, or the next day's is (a clock was set back), and who began to want it
 * meanwhile has it. */
bool digest_is_done(struct op *op, const char *day);

/* By hand: the digest of now to one user, or to all who get it (only NULL), inside the caller's transaction. Stores no
 * day, so the day's own digest is made and covers what it would have covered. */
enum status digest_send_now(struct op *op, struct tmpl_set *templates, const char *day, const char *only, int *queued);

/* Who gets it: active users who want it and, as the setting digest_recipients says, active administrators. */
struct json_object *digest_recipients(struct op *op); /* [{id, username, name, email}] */

/* ---- figures: each counts rows that a list can show, by the same SQL */
struct figure {
	const char *name, *title; /* "captured", "Mails captured" */
	const char *base;         /* a row's target is shown below it, "/mail"; NULL: nowhere */
	bool is_of_now;           /* what stands open, whenever it began */
	const char *columns, *source, *binds, *after, *until, *order; /* figures.c's own */
	const char *places, *place;                                   /* the same; NULL: everybody reads all of it */
};
extern const struct figure figures[]; /* ends with name NULL */

const struct figure *figure_find(const char *name); /* NULL: there is none */
int64_t figure_count(struct op *op, const struct figure *f, const struct window *w);
/* SELECT id, at, url (NULL), title, detail, target, after the row (after_at, after_id) when after_at is given; then, newest
 * first, so many. */
void figure_query(
	struct query *q, const struct figure *f, const struct window *w, const char *after_at, int64_t after_id);
void figure_order(struct query *q, const struct figure *f, int limit);
/* For who may not read all of it (places): SELECT at, id of all its rows, newest first; SELECT at of one; and a condition
 * for a list or a count: not after this row. */
void figure_places(
	struct query *q, const struct figure *f, const struct window *w, const char *after_at, int64_t after_id);
void figure_place(struct query *q, const struct figure *f, int64_t id);
void figure_until(struct query *q, const struct figure *f, const char *at, int64_t id);
/* " FROM … WHERE …" alone, for who selects other columns. */
void figure_source(struct query *q, const struct figure *f, const struct window *w);

#endif
