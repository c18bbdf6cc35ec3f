/* The sentences of what a sender wrote themselves, and rules about the words in one: what asks, promises and warnings are found
 * by. Never looks at quotations, signatures and forwards. Pure, linear time; fuzzed (t/fuzz/mail_ask.c). */
#ifndef MAIL_SENTENCE_H
#define MAIL_SENTENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "mail/quote.h"

struct pool;

/* Each sentence as written, in one line, until take() returns false. One of more than `longest` bytes is passed over. It lives
 * in p. */
void sentences_each(struct pool *p, const char *text, const struct quote_segment *segments, size_t count,
	size_t longest, bool (*take)(void *arg, const char *sentence), void *arg);

struct words {
	char **at;
	size_t n;
};
struct words words_of(struct pool *p, const char *sentence); /* those of str_words() */

/* Named lists of words; ends with name NULL. */
struct word_list {
	const char *name, *words; /* "@do", "send|share" */
};

/* Does the pattern match, anywhere in them? Bars separate alternatives, @name stands for a list, * for up to three words of the
 * list "*", ..N for up to N words. */
bool words_match(const struct word_list *lists, const char *pattern, const struct words *w);
/* Is the word one of "a|b"? */
bool word_is_any(const char *word, const char *alternatives);

#endif
