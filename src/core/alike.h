/* How like each other two names, addresses and numbers are: the pure half of finding duplicates. What says nothing (legal
 * forms, "Capital", "Partners", "Group") is left out of a name first, so that "X Investment Group" is not like every other. */
#ifndef CORE_ALIKE_H
#define CORE_ALIKE_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* The words of a name, folded (str_words), sorted, each once. */
struct tokens {
	char **at;
	size_t n;
};
struct tokens alike_person(struct pool *p, const char *name);       /* without titles */
struct tokens alike_firm(struct pool *p, const char *name);         /* without legal forms */
struct tokens alike_distinctive(struct pool *p, struct tokens all); /* of a firm: without what many are called */
const char *alike_text(struct pool *p, struct tokens t);            /* "keller maria" */

/* Words in common of all words, in percent (Jaccard); 0 when one side has none. */
int alike_share(struct tokens a, struct tokens b);

/* Can at most `most` letters be put in, left out or changed to make b of a? (Levenshtein; most <= 8) */
bool alike_within(const char *a, const char *b, size_t most);

/* "M. Keller" and "Keller, Maria": the same last name, and one first name is only the other's initial. */
bool alike_initial(struct pool *p, const char *a, const char *b);

/* The digits by which a telephone number is known however it is written: its last eight. NULL for fewer than seven. */
const char *alike_number(struct pool *p, const char *phone);

/* "Keller, Maria" as "Maria Keller", folded: the last word is the last name. */
const char *alike_in_order(struct pool *p, const char *name);

#endif
