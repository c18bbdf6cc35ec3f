/* Owns how amounts of money are read and written. Knows no currency. Tests: t/unit/base_money.c */
#include "base/money.h"

#include <stdio.h>
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define DIGITS "0123456789"
#define LENGTH_MAX 40

/* The letters behind the number say how many of them there are. */
static bool unit(const char *s, int64_t *times)
{
	static const struct {
		const char *name;
		int64_t times;
	} units[] = {{"", 1}, {"k", 1000}, {"m", 1000000}, {"mn", 1000000}, {"million", 1000000}, {"b", 1000000000},
		{"bn", 1000000000}, {"billion", 1000000000}};
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (str_ieq(s, units[i].name)) {
			*times = units[i].times;
			return true;
		}
	return false;
}

/* Spaces, also those that do not break, and apostrophes only part thousands. What is left is digits, marks and a unit. */
static bool squeeze(const char *s, char out[static LENGTH_MAX])
{
	static const char *const fillers[] = {" ", "'", "\u00a0", "\u202f", "\u2019"};
	size_t n = 0;
	while (*s) {
		size_t skip = 0;
		for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++)
			if (str_starts(s, fillers[i]))
				skip = strlen(fillers[i]);
		if (!skip && n + 1 == LENGTH_MAX)
			return false;
		if (!skip)
			out[n++] = *s;
		s += skip ? skip : 1;
	}
	out[n] = 0;
	return n > 0;
}

/* Where the decimals begin: at the last mark, unless it parts thousands. NULL for none. */
static const char *decimal(const char *number, bool has_unit)
{
	const char *last = NULL;
	size_t same = 0, other = 0;
	for (const char *c = number; *c; c++)
		if (*c == '.' || *c == ',') {
			bool is_same = !last || *last == *c;
			same = is_same ? same + 1 : 1;
			other += !is_same;
			last = c;
		}
	if (!last || same > 1)
		return NULL;
	return other || has_unit || strlen(last + 1) != 3 ? last : NULL;
}

/* Digits in threes from the right when a mark parts them, always the same one. */
static bool whole(const char *s, const char *end, int64_t *out)
{
	int64_t n = 0;
	size_t run = 0;
	char mark = 0;
	for (const char *c = s; c < end; c++) {
		if (*c == '.' || *c == ',') {
			bool fits = mark ? run == 3 : run >= 1 && run <= 3;
			if (!fits || (mark && mark != *c))
				return false;
			mark = *c;
			run = 0;
			continue;
		}
		n = n * 10 + (*c - '0');
		run++;
		if (n > MONEY_MAX)
			return false;
	}
	*out = n;
	return run > 0 && (!mark || run == 3);
}

bool money_parse(const char *s, int64_t *hundredths)
{
	char number[LENGTH_MAX];
	int64_t times, n, part = 0;
	if (!squeeze(s, number))
		return false;
	size_t len = strspn(number, DIGITS ".,");
	if (!len || !unit(number + len, &times))
		return false;
	number[len] = 0;
	const char *mark = decimal(number, times > 1), *end = mark ? mark : number + len;
	if (!whole(number, end, &n))
		return false;
	int64_t scale = 100 * times;
	for (const char *c = mark ? mark + 1 : ""; *c; c++) {
		scale /= 10;
		part += (*c - '0') * scale;
		if (!scale)
			return false; /* finer than hundredths */
	}
	if ((mark && !mark[1]) || n > MONEY_MAX / (100 * times))
		return false;
	*hundredths = n * 100 * times + part;
	return *hundredths <= MONEY_MAX;
}

const char *money_text(struct pool *p, int64_t hundredths)
{
	char digits[INT_SIZE];
	const char *s = str_int(digits, hundredths / 100);
	const char *out = "";
	size_t n = strlen(s), head = n % 3 ? n % 3 : 3;
	out = pool_strndup(p, s, head);
	for (size_t i = head; i < n; i += 3)
		out = pool_printf(p, "%s,%.3s", out, s + i);
	return hundredths % 100 ? pool_printf(p, "%s.%02d", out, (int)(hundredths % 100)) : out;
}
