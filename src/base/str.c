/* Owns small questions about text. Never guesses: numbers and UTF-8 are judged strictly. Tests: t/unit/base_str.c */
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "base/log.h"
#include "base/pool.h"
#include "base/banned.h"

bool str_eq(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int ascii_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

bool str_ieq(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	while (*a && ascii_lower(*a) == ascii_lower(*b)) {
		a++;
		b++;
	}
	return ascii_lower(*a) == ascii_lower(*b);
}

bool str_starts(const char *s, const char *prefix)
{
	return s && strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = s ? strlen(s) : 0, m = strlen(suffix);
	return s && n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool str_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = s && *s == '-';
	if (!s || !s[negative])
		return false;
	int64_t value = 0;
	for (s += negative; *s; s++) {
		/* Counts downwards: the smallest number has no positive twin. */
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(value, 10, &value) ||
			__builtin_sub_overflow(value, *s - '0', &value))
			return false;
	}
	if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
		return false;
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

const char *str_int(char text[static INT_SIZE], int64_t n)
{
	char *at = &text[INT_SIZE - 1];
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
	*at = 0;
	do {
		*--at = (char)('0' + left % 10);
	} while (left /= 10);
	if (n < 0)
		*--at = '-';
	return at;
}

/* RFC 3629 section 4: the table of well-formed sequences. */
size_t utf8_next(const char *s, size_t n, uint32_t *c)
{
	const unsigned char *u = (const unsigned char *)s;
	if (!n || !u[0])
		return 0;
	if (u[0] < 0x80) {
		*c = u[0];
		return 1;
	}
	size_t len = u[0] >= 0xc2 && u[0] <= 0xdf   ? 2
		     : (u[0] & 0xf0) == 0xe0        ? 3
		     : u[0] >= 0xf0 && u[0] <= 0xf4 ? 4
						    : 0;
	if (!len || len > n)
		return 0;
	uint32_t value = u[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (u[i] & 0x3f);
	}
	if ((len == 3 && value < 0x800) || (len == 4 && value < 0x10000) || value > 0x10ffff ||
		(value >= 0xd800 && value <= 0xdfff))
		return 0;
	*c = value;
	return len;
}

bool utf8_valid(const char *s, size_t n)
{
	uint32_t c;
	for (size_t step; n; s += step, n -= step)
		if (!(step = utf8_next(s, n, &c)))
			return false;
	return true;
}

size_t utf8_clip(const char *s, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max && ((unsigned char)s[max] & 0xc0) == 0x80)
		max--;
	return max;
}

char *utf8_repair(struct pool *p, const char *s, size_t n)
{
	static const char replacement[] = "\xef\xbf\xbd";
	/* A bad byte becomes three. */
	char *out = pool_array(p, n + 1, 3), *at = out;
	for (size_t step; n; s += step, n -= step) {
		uint32_t c;
		if ((step = utf8_next(s, n, &c))) {
			memcpy(at, s, step);
			at += step;
		} else {
			memcpy(at, replacement, 3);
			at += 3;
			step = 1;
		}
	}
	return out;
}

/* Bytes of the white-space character at s (Unicode's White_Space), 0 when it is another. */
static size_t space_at(const char *s, bool or_control)
{
	uint32_t c;
	size_t n = utf8_next(s, strnlen(s, 4), &c);
	if (!n)
		return 0;
	bool space = (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
		     (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
		     c == 0x3000;
	bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
	return space || (or_control && control) ? n : 0;
}

bool str_blank(const char *s)
{
	if (!s)
		return true;
	for (size_t n; (n = space_at(s, false));)
		s += n;
	return *s == 0;
}

/* The bytes from *s on without white space at either end. */
static size_t trimmed(const char **s, size_t len)
{
	const char *at = *s, *end = at + len;
	for (size_t n; at < end && (n = space_at(at, false)) && n <= (size_t)(end - at);)
		at += n;
	const char *last = at;
	for (const char *c = at; c < end;) {
		size_t n = space_at(c, false);
		c += n ? n : 1;
		if (!n)
			last = c;
	}
	*s = at;
	return (size_t)(last - at);
}

char *str_trim(struct pool *p, const char *s)
{
	size_t n = trimmed(&s, strlen(s));
	return pool_strndup(p, s, n);
}

char *str_squeeze(struct pool *p, const char *s)
{
	char *out = pool_alloc(p, strlen(s) + 1), *at = out;
	bool gap = false;
	while (*s) {
		size_t n = space_at(s, true);
		if (n) {
			gap = true;
			s += n;
			continue;
		}
		if (gap && at > out)
			*at++ = ' ';
		gap = false;
		*at++ = *s++;
	}
	return out;
}

char *str_lower(struct pool *p, const char *s)
{
	char *out = pool_strdup(p, s);
	for (char *c = out; *c; c++)
		*c = (char)ascii_lower(*c);
	return out;
}

static bool is_ascii(const char *s, size_t n)
{
	unsigned char all = 0;
	for (size_t i = 0; i < n; i++)
		all |= (unsigned char)s[i];
	return all < 0x80;
}

char *str_fold(struct pool *p, const char *s)
{
	size_t n = strlen(s);
	if (is_ascii(s, n)) /* most names: their own NFKC, and folded by small letters */
		return str_lower(p, s);
	if (!utf8_valid(s, n)) {
		s = utf8_repair(p, s, n);
		n = strlen(s);
	}
	size_t len = 0;
	uint8_t *folded = u8_casefold((const uint8_t *)s, n, NULL, UNINORM_NFKC, NULL, &len);
	if (!folded && n)
		die(EX_OSERR, "out of memory");
	char *out = pool_strndup(p, folded ? (const char *)folded : "", len);
	free(folded);
	return out;
}

static bool in_word(uint32_t c)
{
	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
	return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_M);
}

/* Letters and their accents one after the other (NFKD). */
static const char *apart(struct pool *p, const char *s, size_t *len)
{
	*len = strlen(s);
	if (is_ascii(s, *len))
		return s;
	uint8_t *decomposed = u8_normalize(UNINORM_NFKD, (const uint8_t *)s, *len, NULL, len);
	if (!decomposed)
		die(EX_OSERR, "out of memory");
	const char *copy = pool_dup(p, decomposed, *len);
	free(decomposed);
	return copy;
}

char *str_words(struct pool *p, const char *s)
{
	size_t len, at = 0, used;
	s = apart(p, str_fold(p, s), &len);
	char *out = pool_alloc(p, len + 1), *end = out;
	bool gap = false;
	for (uint32_t c; at < len && (used = utf8_next(s + at, len - at, &c)); at += used) {
		if (c >= 0x80 && uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M))
			continue;
		if (!in_word(c)) {
			gap = end > out;
			continue;
		}
		if (gap)
			*end++ = ' ';
		gap = false;
		memcpy(end, s + at, used);
		end += used;
	}
	return out;
}

const char *str_word_next(const char *s, size_t *n)
{
	const char *start = NULL;
	uint32_t c;
	for (size_t used; *s && (used = utf8_next(s, 4, &c)); s += used) {
		if (in_word(c))
			start = start ? start : s;
		else if (start)
			break;
	}
	*n = start ? (size_t)(s - start) : 0;
	return start;
}

char **str_split(struct pool *p, const char *s, const char *seps, size_t *count)
{
	size_t most = 1, n = 0;
	for (const char *c = s; *c; c++)
		most += strchr(seps, *c) != NULL;
	char **out = pool_array(p, most + 1, sizeof *out);
	while (*s) {
		size_t len = strcspn(s, seps);
		const char *piece = s;
		size_t kept = trimmed(&piece, len);
		if (kept)
			out[n++] = pool_strndup(p, piece, kept);
		s += len + (s[len] != 0);
	}
	if (count)
		*count = n;
	return out;
}

int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}
