/* What somebody typed into the search, read: any bytes give a question that FTS5 takes. */
#ifndef CRM_SEARCH_QUERY_H
#define CRM_SEARCH_QUERY_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

enum search_kind { SEARCH_CONTACT = 1, SEARCH_ORGANIZATION, SEARCH_INVESTOR, SEARCH_COMMUNICATION, SEARCH_MAIL };
#define SEARCH_KINDS 6 /* one more than the last */

struct search_word {
	const char *text; /* as str_words() gives it */
	bool is_beginning;
};

struct search_query {
	const char *match;          /* for MATCH, every word quoted; NULL: no words */
	size_t whole;               /* so many bytes of it speak of whole words, before the one that was only begun */
	const char *begun;          /* that one as str_words() gives it, with those it is joined to; NULL: none */
	const char *begun_in;       /* "{sender} : " or "" */
	const char *before, *after; /* days; NULL: any */
	const char *org;            /* words of an organization's name; NULL: any */
	int kind;                   /* of is:, 0: any */
	const struct search_word *words; /* of any column: what a result's text is marked by */
	size_t word_count;
	bool is_empty; /* nothing is asked */
};

/* `typed` is valid UTF-8 or NULL. Words past the sixteenth and bytes past the hundredth of a word are not looked at. An
 * operator whose value makes no sense is text like any other. Everything lives in p. */
struct search_query search_read(struct pool *p, const char *typed);

/* search.c: what to MATCH instead of s->match, which is not NULL, so that a word begun costs as little as the words it may
 * become. */
struct op;
const char *search_match(struct op *op, const struct search_query *s);

#endif
