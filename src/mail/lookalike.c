/* Owns comparing domains as a hurried reader does (lookalike.h). Tests: t/unit/mail_lookalike.c */
#include "mail/lookalike.h"

#include <string.h>
#include <strings.h>
#include <unictype.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/addr.h"
#include "base/banned.h"

/* ---- alike ---- */
/* As it looks at a glance: 0 is o, 1 and i are l, rn is m, vv is w, hyphens are not seen. */
static char *skeleton(struct pool *p, const char *s)
{
	char *out = pool_alloc(p, strlen(s) + 1), *to = out;
	for (; *s; s++) {
		if (s[0] == 'r' && s[1] == 'n')
			*to++ = 'm', s++;
		else if (s[0] == 'v' && s[1] == 'v')
			*to++ = 'w', s++;
		else if (*s == '0')
			*to++ = 'o';
		else if (*s == '1' || *s == 'i')
			*to++ = 'l';
		else if (*s == '5')
			*to++ = 's';
		else if (*s != '-')
			*to++ = *s;
	}
	return out;
}

/* How many letters were changed, left out, put in, or swapped with their neighbour (Damerau's distance, each place touched
 * once), row by row; `most` + 1 when it is larger. */
static size_t distance(const char *a, const char *b, size_t most)
{
	size_t n = strlen(a), m = strlen(b), rows[3][ADDR_DOMAIN_MAX + 1];
	if (m > ADDR_DOMAIN_MAX || (n > m ? n - m : m - n) > most)
		return most + 1;
	size_t *before = rows[0], *above = rows[1], *row = rows[2];
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *oldest = before;
		before = above;
		above = row;
		row = oldest;
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t least = above[j - 1] + (a[i - 1] != b[j - 1]);
			least = above[j] < least ? above[j] + 1 : least;
			least = row[j - 1] < least ? row[j - 1] + 1 : least;
			bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
			row[j] = swapped && before[j - 2] < least ? before[j - 2] + 1 : least;
		}
	}
	return row[m];
}

static bool lies_in(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	return n > m && a[n - m - 1] == '.' && strcmp(a + n - m, b) == 0;
}

static size_t name_length(const char *domain)
{
	const char *dot = strrchr(domain, '.');
	return dot ? (size_t)(dot - domain) : strlen(domain);
}

/* A distance of at most 2, as long as that is less than half of the shorter name: of three or four letters only one may
 * differ, for two changed ones leave nothing to mistake ("ubs" and "kkr"), and of one or two none. What stands after the last
 * dot is compared, but counts for nothing in a name's length. */
bool domain_resembles(struct pool *p, const char *a, const char *b)
{
	if (strcmp(a, b) == 0 || lies_in(a, b) || lies_in(b, a))
		return false;
	if (strcmp(skeleton(p, a), skeleton(p, b)) == 0)
		return true;
	size_t n = name_length(a), m = name_length(b), name = n < m ? n : m;
	size_t most = name < 3 ? 0 : name < 5 ? 1 : 2;
	return most && distance(a, b, most) <= most;
}

/* ---- disguised ---- */
static bool is_shared(const uc_script_t *s)
{
	return !s || strcmp(s->name, "Common") == 0 || strcmp(s->name, "Inherited") == 0;
}

/* Japanese and Korean write with several scripts; mixed into Latin letters even those are odd in a domain. */
static bool is_east_asian(const uc_script_t *s)
{
	static const char *const names[] = {"Han", "Hiragana", "Katakana", "Hangul", "Bopomofo"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(s->name, names[i]) == 0)
			return true;
	return false;
}

bool domain_is_disguised(const char *domain, size_t n)
{
	const uc_script_t *script = NULL;
	bool starts = true;
	for (size_t i = 0, step; i < n; i += step) {
		uint32_t c = 0;
		if (starts && n - i >= 4 && strncasecmp(domain + i, "xn--", 4) == 0)
			return true;
		step = utf8_next(domain + i, n - i, &c);
		if (!step)
			return true;
		starts = c == '.';
		if (starts)
			script = NULL;
		const uc_script_t *this = uc_script(c);
		if (is_shared(this))
			continue;
		if (script && script != this && !(is_east_asian(script) && is_east_asian(this)))
			return true;
		script = this;
	}
	return false;
}
