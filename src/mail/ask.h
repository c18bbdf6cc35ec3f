/* Asks and promises in what a sender wrote themselves: "Could you send …", "I will send you … by Friday". By rules on
 * sentences, English and some German; doubt gives nothing. Never looks at quotations, signatures and forwards. Pure, linear
 * time; fuzzed (t/fuzz/mail_ask.c). */
#ifndef MAIL_ASK_H
#define MAIL_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "mail/quote.h"

struct pool;

enum ask_kind {
	ASK_REQUEST, /* the sender wants something of whom they write to */
	ASK_PROMISE, /* the sender will do something for whom they write to */
};

#define ASK_SENTENCE_MAX 400 /* bytes; a longer one is not understood */

struct ask {
	enum ask_kind kind;
	const char *sentence; /* as written, in one line */
	bool has_day;
	char day[DAY_SIZE]; /* that the sentence sets */
};

/* At most `max` of them, in their order. today: the day the mail was written. Sentences live in p. */
size_t ask_find(struct pool *p, const char *text, const struct quote_segment *segments, size_t count, const char *today,
	struct ask *out, size_t max);

#endif
