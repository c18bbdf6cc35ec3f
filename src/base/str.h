/* Small things about text: parsing numbers strictly, UTF-8, case folding, comparing. No function here allocates
 * without a pool. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

bool str_eq(const char *a, const char *b);  /* NULL equals only NULL */
bool str_ieq(const char *a, const char *b); /* ASCII case */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_blank(const char *s); /* NULL, empty or only white space */

/* The whole string, decimal, in range: "12", "-3". False for "", " 1", "1x", "1e3", overflow. */
bool str_i64(const char *s, int64_t min, int64_t max, int64_t *out);

/* n in decimal, put at the end of `text`: where it begins. */
#define INT_SIZE sizeof "-9223372036854775808"
const char *str_int(char text[static INT_SIZE], int64_t n);

/* The character at s: its length in bytes and *c, or 0 for a malformed sequence, NUL or the end. */
size_t utf8_next(const char *s, size_t n, uint32_t *c);
bool utf8_valid(const char *s, size_t n); /* RFC 3629: no surrogates, no overlongs; NUL bytes are refused */
size_t utf8_clip(const char *s, size_t n, size_t max);      /* the most bytes <= max that end on a character */
char *utf8_repair(struct pool *p, const char *s, size_t n); /* invalid bytes and NUL become U+FFFD */

char *str_trim(struct pool *p, const char *s);
char *str_squeeze(struct pool *p, const char *s); /* trimmed, runs of white space and controls become one space */
char *str_lower(struct pool *p, const char *s);   /* ASCII only */
char *str_fold(struct pool *p, const char *s);    /* NFKC + full case folding (libunistring): for comparing names */

/* The words of a text as they are compared: letters and digits only, full case folding, without accents, one space between
 * two. "Zoë O'Brien, ZKB" gives "zoe o brien zkb". */
char *str_words(struct pool *p, const char *s);

/* The next run of letters and digits at or after s: where it starts and, in *n, its bytes; NULL when there is none. Valid
 * UTF-8. A word in this sense is one word of str_words(), but for characters that come apart under NFKD. */
const char *str_word_next(const char *s, size_t *n);

/* Splits at any of `seps`, trims each piece, drops empty ones; returns a NULL-terminated array. */
char **str_split(struct pool *p, const char *s, const char *seps, size_t *count);

int hex_digit(char c); /* what it counts; -1 when it is none */

#endif
