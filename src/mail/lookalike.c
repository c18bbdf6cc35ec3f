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

/* Levenshtein's distance, one row at a time; `most` + 1 when it is larger. */
static size_t distance(const char *a, const char *b, size_t most)
{
	size_t n = strlen(a), m = strlen(b), row[ADDR_DOMAIN_MAX + 1];
	if (m > ADDR_DOMAIN_MAX || (n > m ? n - m : m - n) > most)
		return most + 1;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t above = row[0];
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t change = above + (a[i - 1] != b[j - 1]);
			above = row[j];
			size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
			row[j] = change < least ? change : least;
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

/* Short names are alike by chance: "abc" and "abd". What stands after the last dot is compared, but counts for nothing. */
bool domain_resembles(struct pool *p, const char *a, const char *b)
{
	if (strcmp(a, b) == 0 || lies_in(a, b) || lies_in(b, a))
		return false;
	if (strcmp(skeleton(p, a), skeleton(p, b)) == 0)
		return true;
	size_t n = name_length(a), m = name_length(b), name = n < m ? n : m;
	size_t most = name < 5 ? 0 : name < 8 ? 1 : 2;
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
