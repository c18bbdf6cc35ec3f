/* Loading a batch: its messages are fetched and parsed by the parser's workers while this process judges and stores the
 * batch before. A load never waits unless it is told to. */
#ifndef CAPTURE_LOAD_H
#define CAPTURE_LOAD_H

#include "capture/capture.h"
#include "mail/parser.h"

/* One message of a batch. */
struct piece {
	const struct source_item *item;
	struct judged j;     /* raw, len and m, once it is loaded */
	const char *failure; /* it could not be fetched */
	bool is_passing;     /* and that may be over by the next run */
	bool is_again, is_kept;
};

/* What a run still wants, in its order. */
struct feed {
	struct parser *parser;
	const struct source_kind *kind;
	struct source *source;
	const struct source_item **wanted;
	bool *is_again; /* beside wanted: looked at again for whom asked it */
	size_t count;
};

struct load {
	struct op op; /* of the batch; its pool holds the load and all of its messages */
	const struct feed *feed;
	struct piece *pieces;
	size_t from, n; /* the first of what is wanted, and how many were fetched so far */
	size_t most, bytes;
	struct piece *at_work[PARSER_SLOTS];
	enum status st; /* the parser has gone */
};

/* A batch of at most so many from there on. run lends database and actor. */
struct load *load_begin(struct op *run, const struct feed *feed, size_t from, size_t most);
/* What can be done without waiting. NULL is fine. */
void load_pump(struct load *l);
/* All of it. E_INTERNAL with the reason in l->op when the parser has gone. */
enum status load_finish(struct load *l);
/* Waits until the parser works for somebody else. NULL is fine. */
void load_pause(struct load *l);
void load_free(struct load *l); /* paused first; NULL is fine */

#endif
