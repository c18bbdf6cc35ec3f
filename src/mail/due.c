/* Owns reading a day out of a sentence (due.h). Never guesses: what can be read in two ways is none, except that a weekday is
 * the next one. Tests: t/unit/mail_ask.c, t/fuzz/mail_ask.c */
#include "mail/due.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define NONE INT64_MIN
#define LATEST_DAYS 400 /* nobody asks for something so far ahead */
#define DAY_SECONDS 86400

/* Days are counted since 1970-01-01, a Thursday; weekdays from 0 = Monday. */
struct sentence {
	struct pool *p;
	char **words;
	size_t n;
	int64_t today;
};

static int weekday_of(int64_t day)
{
	return (int)((day + 3) % 7);
}

static int64_t day_number(const char *day)
{
	int64_t t = 0;
	char instant[INSTANT_SIZE];
	if (!day_valid(day))
		return NONE;
	snprintf(instant, sizeof instant, "%.10sT00:00:00Z", day);
	return instant_parse(instant, &t) ? t / DAY_SECONDS : NONE;
}

static int64_t calendar_day(const struct sentence *s, int64_t year, int month, int64_t day)
{
	return day_number(pool_printf(s->p, "%04d-%02d-%02d", (int)year, month, (int)day));
}

/* Of the day a number is: "2026", or its month. */
static int64_t part_of(const struct sentence *s, int64_t day, int from, int n)
{
	char at[INSTANT_SIZE];
	int64_t value = 0;
	instant_format(day * DAY_SECONDS, at);
	str_i64(pool_printf(s->p, "%.*s", n, at + from), 0, 9999, &value);
	return value;
}

/* ---- words ---- */
static const char *word(const struct sentence *s, size_t i)
{
	return i < s->n ? s->words[i] : "";
}

static bool is_any(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (str_eq(word, *list))
			return true;
	return false;
}
#define ANY(word, ...) is_any((word), (const char *const[]){__VA_ARGS__, NULL})

/* Which of the names it is, counted from 0; each place may have several, separated by bars. -1: none. */
static int place_of(const char *word, const char *const *names)
{
	size_t n = strlen(word);
	for (int i = 0; names[i] && n; i++)
		for (const char *at = names[i]; *at; at += at[0] == '|') {
			size_t len = strcspn(at, "|");
			if (len == n && !memcmp(at, word, n))
				return i;
			at += len;
		}
	return -1;
}

static int month_of(const char *word)
{
	static const char *const names[] = {"january|jan|januar", "february|feb|februar", "march|mar|marz", "april|apr",
		"may|mai", "june|jun|juni", "july|jul|juli", "august|aug", "september|sep|sept",
		"october|oct|oktober|okt", "november|nov", "december|dec|dezember|dez", NULL};
	return place_of(word, names) + 1;
}

/* Short forms only where they are no other word: "sat" and "sun" are. */
static int weekday_named(const char *word)
{
	static const char *const names[] = {"monday|montag", "tuesday|tue|tues|dienstag", "wednesday|mittwoch",
		"thursday|thu|thur|thurs|donnerstag", "friday|fri|freitag", "saturday|samstag", "sunday|sonntag", NULL};
	return place_of(word, names);
}

/* "12", "12th", "two", "zwei"; 0: no number. */
static int64_t number_of(const struct sentence *s, const char *word)
{
	static const char *const names[] = {"", "one|a|an|ein|eine|einem|einer", "two|zwei", "three|drei", "four|vier",
		"five|funf", "six|sechs", "seven|sieben", "eight|acht", "nine|neun", "ten|zehn", NULL};
	size_t digits = strspn(word, "0123456789");
	int64_t n = 0;
	if (!digits) {
		int place = place_of(word, names);
		return place > 0 ? place : 0;
	}
	if (word[digits] && !ANY(word + digits, "st", "nd", "rd", "th"))
		return 0;
	return str_i64(pool_strndup(s->p, word, digits), 1, 9999, &n) ? n : 0;
}

static bool is_ordinal(const char *word)
{
	size_t digits = strspn(word, "0123456789");
	return digits && ANY(word + digits, "st", "nd", "rd", "th");
}

/* ---- the forms; each gives the day it finds at word i, or NONE ---- */
static int64_t near_day(const struct sentence *s, size_t i)
{
	const char *w = word(s, i);
	if (ANY(w, "today", "tonight", "heute", "eod", "cob"))
		return s->today;
	if (str_eq(w, "tomorrow") || (str_eq(w, "morgen") && !(i && ANY(word(s, i - 1), "guten", "jeden"))))
		return s->today + 1;
	if (str_eq(w, "end") && str_eq(word(s, i + 1), "of")) {
		size_t what = i + 2 + ANY(word(s, i + 2), "the", "this");
		if (ANY(word(s, what), "day", "business") && weekday_named(word(s, what + 1)) < 0 &&
			!str_eq(word(s, what + 1), "tomorrow"))
			return s->today;
	}
	return NONE;
}

static bool is_next(const char *w)
{
	return ANY(w, "next", "nachste", "nachsten", "nachster", "kommende", "kommenden", "kommender");
}

/* The weekday of this week or the one after. */
static int64_t weekday_form(const struct sentence *s, size_t i)
{
	int wanted = weekday_named(word(s, i));
	if (wanted < 0)
		return NONE;
	const char *before = i ? word(s, i - 1) : "";
	if (ANY(before, "last", "past", "letzten", "vergangenen", "every", "each", "jeden"))
		return NONE;
	int64_t monday = s->today - weekday_of(s->today);
	size_t then = i + 1 + str_eq(word(s, i + 1), "of");
	if (is_next(before) || (is_next(word(s, then)) && ANY(word(s, then + 1), "week", "woche")))
		return monday + 7 + wanted;
	int64_t day = monday + wanted;
	return day > s->today ? day : day + 7;
}

/* A week is over on its Friday. */
static int64_t week_form(const struct sentence *s, size_t i)
{
	if (!ANY(word(s, i), "week", "woche", "wochenende") || !i)
		return NONE;
	const char *before = word(s, i - 1), *first = i > 1 ? word(s, i - 2) : "";
	int64_t friday = s->today - weekday_of(s->today) + 4;
	if (is_next(before))
		return friday + 7;
	bool is_end = ANY(first, "of", "ende") && ANY(before, "the", "der", "dieser");
	if (is_end || ANY(before, "this", "diese", "dieser"))
		return friday >= s->today ? friday : friday + 7;
	return NONE;
}

static int64_t month_end(const struct sentence *s, int64_t year, int month)
{
	int64_t first = month == 12 ? calendar_day(s, year + 1, 1, 1) : calendar_day(s, year, month + 1, 1);
	return first == NONE ? NONE : first - 1;
}

static int64_t month_form(const struct sentence *s, size_t i)
{
	int64_t year = part_of(s, s->today, 0, 4);
	int now = (int)part_of(s, s->today, 5, 2);
	if (str_eq(word(s, i), "monatsende"))
		return month_end(s, year, now);
	if (!ANY(word(s, i), "end", "ende"))
		return NONE;
	i += 1 + str_eq(word(s, i + 1), "of");
	i += ANY(word(s, i), "the", "this", "des", "dieses");
	if (ANY(word(s, i), "month", "monats"))
		return month_end(s, year, now);
	int month = month_of(word(s, i));
	return month ? month_end(s, year + (month < now), month) : NONE;
}

/* "15 March", "15th of March 2026", "March 15", "15. März". */
static int64_t date_form(const struct sentence *s, size_t i)
{
	size_t next = i + 1 + str_eq(word(s, i + 1), "of");
	int month = month_of(word(s, i));
	int64_t day, year;
	if (month) {
		next = i + 1;
		day = number_of(s, word(s, next));
	} else {
		day = number_of(s, word(s, i));
		month = month_of(word(s, next));
	}
	if (!month || day < 1 || day > 31 || !isdigit((unsigned char)word(s, month_of(word(s, i)) ? next : i)[0]))
		return NONE;
	if (strlen(word(s, next + 1)) == 4 && str_i64(word(s, next + 1), 1990, 2200, &year))
		return calendar_day(s, year, month, day);
	/* Without a year: this one, unless that is months ago. */
	year = part_of(s, s->today, 0, 4);
	int64_t found = calendar_day(s, year, month, day);
	return found != NONE && found < s->today - 60 ? calendar_day(s, year + 1, month, day) : found;
}

/* "by the 9th": the next such day. */
static int64_t ordinal_form(const struct sentence *s, size_t i)
{
	if (!is_ordinal(word(s, i)) || i < 2 || !str_eq(word(s, i - 1), "the") ||
		!ANY(word(s, i - 2), "by", "on", "until", "before") ||
		ANY(word(s, i + 1), "quarter", "close", "time", "floor", "of"))
		return NONE;
	int64_t day = number_of(s, word(s, i)), year = part_of(s, s->today, 0, 4);
	int month = (int)part_of(s, s->today, 5, 2);
	int64_t found = calendar_day(s, year, month, day);
	if (found != NONE && found >= s->today)
		return found;
	return calendar_day(s, year + (month == 12), month % 12 + 1, day);
}

/* "in two weeks", "within 10 days". */
static int64_t span_form(const struct sentence *s, size_t i)
{
	if (!ANY(word(s, i), "in", "within", "innerhalb", "binnen"))
		return NONE;
	i += 1 + ANY(word(s, i + 1), "the", "von", "der");
	i += str_eq(word(s, i), "next");
	int64_t n = number_of(s, word(s, i));
	if (n < 1 || n > 60)
		return NONE;
	i += 1 + ANY(word(s, i + 1), "business", "working");
	if (ANY(word(s, i), "day", "days", "tag", "tagen", "tage"))
		return s->today + n;
	return ANY(word(s, i), "week", "weeks", "woche", "wochen") ? s->today + 7 * n : NONE;
}

static int64_t form_at(const struct sentence *s, size_t i)
{
	static int64_t (*const forms[])(const struct sentence *, size_t) = {
		date_form, weekday_form, week_form, month_form, ordinal_form, span_form, near_day};
	for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
		int64_t day = forms[k](s, i);
		if (day != NONE && day >= s->today && day <= s->today + LATEST_DAYS)
			return day;
	}
	return NONE;
}

/* ---- figures: 2026-03-12 (ISO 8601), 12.3.2026, 13/3/2026 ---- */
static size_t figures(const char *at, size_t most, int64_t *value)
{
	size_t n = 0;
	for (*value = 0; n < most && isdigit((unsigned char)at[n]); n++)
		*value = *value * 10 + (at[n] - '0');
	return isdigit((unsigned char)at[n]) ? 0 : n;
}

static int64_t figures_at(const struct sentence *s, const char *at)
{
	int64_t a, b, c;
	size_t n = figures(at, 4, &a);
	char sep = at[n];
	if (!n || !strchr("-./", sep) || !sep)
		return NONE;
	size_t m = figures(at + n + 1, 2, &b);
	if (!m || at[n + 1 + m] != sep)
		return NONE;
	size_t k = figures(at + n + m + 2, 4, &c);
	if (sep == '-')
		return n == 4 && k ? calendar_day(s, a, (int)b, c) : NONE;
	if (n > 2 || (k != 4 && k != 2))
		return NONE;
	c += k == 2 ? 2000 : 0;
	/* 3/12 is a day in March for some and in December for others. */
	if (sep == '/' && a <= 12 && b <= 12 && a != b)
		return NONE;
	return sep == '/' && b > 12 ? calendar_day(s, c, (int)a, b) : calendar_day(s, c, (int)b, a);
}

static int64_t figures_find(const struct sentence *s, const char *text)
{
	for (const char *at = text; *at; at++) {
		if (!isdigit((unsigned char)*at) || (at > text && (isalnum((unsigned char)at[-1]) || at[-1] == '.')))
			continue;
		int64_t day = figures_at(s, at);
		if (day != NONE && day >= s->today && day <= s->today + LATEST_DAYS)
			return day;
	}
	return NONE;
}

static bool is_limit(const struct sentence *s, size_t i)
{
	for (size_t k = i < 4 ? 0 : i - 4; k < i; k++)
		if (ANY(word(s, k), "by", "until", "till", "before", "due", "latest", "than", "bis", "spatestens"))
			return true;
	return false;
}

bool due_find(struct pool *p, const char *sentence, const char *today, char day[static DAY_SIZE])
{
	struct sentence s = {.p = p, .today = day_number(today)};
	if (s.today == NONE)
		return false;
	s.words = str_split(p, str_words(p, sentence), " ", &s.n);
	int64_t found = figures_find(&s, sentence);
	bool limited = found != NONE;
	for (size_t i = 0; i < s.n && !limited; i++) {
		int64_t at = form_at(&s, i);
		limited = at != NONE && is_limit(&s, i);
		if (at != NONE && (found == NONE || limited))
			found = at;
	}
	if (found == NONE)
		return false;
	char instant[INSTANT_SIZE];
	instant_format(found * DAY_SECONDS, instant);
	memcpy(day, instant, DAY_SIZE - 1);
	day[DAY_SIZE - 1] = 0;
	return true;
}
