/* Owns reading a mail's date (mail_date_parse() of headers.h). Never reads a clock or a zone file.
 * Tests: t/unit/mail_headers.c */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "mail/headers.h"
#include "base/banned.h"

#define DATE_MAX 200 /* bytes that are looked at */

struct parts {
	int day, month, year, hour, minute, second;
	int offset; /* minutes east of UTC */
	bool has_time, has_zone;
};

/* Days since 1970-01-01 of a Gregorian day (H. Hinnant's civil algorithm: years begin in March). */
static int64_t days_of(int y, int m, int d)
{
	y -= m <= 2;
	int64_t era = y / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int month_of(const char *s, size_t n)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	char low[4] = {0};
	if (n < 3)
		return 0;
	for (int i = 0; i < 3; i++)
		low[i] = (char)(s[i] | 0x20);
	for (int i = 0; i < 12; i++)
		if (memcmp(names + 3 * (size_t)i, low, 3) == 0)
			return i + 1;
	return 0;
}

/* Up to four digits at *s; -1 when there is none. */
static int number(const char **s, const char *end)
{
	int n = 0, digits = 0;
	while (*s < end && **s >= '0' && **s <= '9' && digits++ < 4)
		n = n * 10 + (*(*s)++ - '0');
	return digits ? n : -1;
}

/* hh:mm[:ss]; the leap second is taken for the one before it. */
static bool take_time(struct parts *t, const char *s, const char *end)
{
	t->hour = number(&s, end);
	if (s == end || (*s != ':' && *s != '.'))
		return false;
	s++;
	t->minute = number(&s, end);
	if (s < end && (*s == ':' || *s == '.')) {
		s++;
		t->second = number(&s, end);
	}
	t->second -= t->second == 60;
	t->has_time = true;
	return t->hour >= 0 && t->hour < 24 && t->minute >= 0 && t->minute < 60 && t->second >= 0 && t->second < 60;
}

/* RFC 5322 3.3 and 4.3: +hhmm, or a name of which only the North American ones say something. */
static bool take_zone(struct parts *t, const char *s, size_t n)
{
	static const struct {
		const char *name;
		int hours;
	} names[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8},
		{"PDT", -7}, {"CET", 1}, {"MET", 1}, {"CEST", 2}, {"MEST", 2}, {"BST", 1}, {"JST", 9}};
	t->has_zone = true;
	if (*s == '+' || *s == '-') {
		const char *at = s + 1;
		int hhmm = number(&at, s + n);
		if (hhmm >= 0 && at < s + n && *at == ':') {
			at++;
			int mm = number(&at, s + n);
			hhmm = hhmm * 100 + mm;
		}
		if (hhmm < 0 || hhmm % 100 >= 60 || hhmm / 100 > 14)
			return true; /* nonsense counts as UTC: the day is right */
		t->offset = (hhmm / 100 * 60 + hhmm % 100) * (*s == '-' ? -1 : 1);
		return true;
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i].name) == n && strncmp(names[i].name, s, n) == 0)
			t->offset = names[i].hours * 60;
	return true;
}

static bool take_number(struct parts *t, const char *s, size_t n)
{
	const char *at = s;
	int value = number(&at, s + n);
	if (at != s + n)
		return false;
	if (!t->day && n <= 2)
		return (t->day = value) >= 1 && value <= 31;
	if (t->year)
		return true;
	/* RFC 5322 4.3: two and three digits. */
	t->year = n <= 2 ? value + (value < 50 ? 2000 : 1900) : n == 3 ? value + 1900 : value;
	return true;
}

static bool take_word(struct parts *t, const char *s, size_t n)
{
	bool sign = *s == '+' || *s == '-', letter = (*s | 0x20) >= 'a' && (*s | 0x20) <= 'z';
	if (memchr(s, ':', n) && !sign)
		return t->has_time || take_time(t, s, s + n);
	if (!t->has_time && letter) {
		int month = month_of(s, n);
		if (month && !t->month)
			t->month = month;
		return true; /* a day's name, or noise */
	}
	if (t->has_time && (sign || letter))
		return t->has_zone || take_zone(t, s, n);
	return *s >= '0' && *s <= '9' ? take_number(t, s, n) : true;
}

/* Words between blanks and commas, before the time also hyphens; comments left out. */
static bool take_words(struct parts *t, const char *s)
{
	int depth = 0;
	while (*s) {
		if (*s == '(' || *s == ')') {
			depth += *s == '(' ? 1 : depth > 0 ? -1 : 0;
			s++;
			continue;
		}
		bool gap =
			*s == ' ' || *s == '\t' || *s == ',' || *s == '\r' || *s == '\n' || (*s == '-' && !t->has_time);
		if (depth || gap) {
			s++;
			continue;
		}
		size_t n = strcspn(s, t->has_time ? " \t\r\n,()" : " \t\r\n,()-");
		/* The time and its zone written together: 10:00:00+0200, 10:00:00-0500. */
		size_t zone = strcspn(s, "+-");
		if (!t->has_time && zone && zone < n && memchr(s, ':', zone))
			n = zone;
		if (!take_word(t, s, n))
			return false;
		s += n;
	}
	return true;
}

bool mail_date_parse(const char *s, int64_t *out)
{
	static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct parts t = {0};
	int64_t at;
	if (!s || strnlen(s, DATE_MAX + 1) > DATE_MAX)
		return false;
	if (!instant_parse(s, &at)) {
		if (!take_words(&t, s) || !t.day || !t.month || t.day > lengths[t.month - 1] || t.year < 1970 ||
			t.year > 2100)
			return false;
		at = days_of(t.year, t.month, t.day) * 86400 + t.hour * 3600 + t.minute * 60 + t.second - t.offset * 60;
	}
	/* In UTC: a zone leads past the last hours of the last year. */
	if (at < 0 || at >= days_of(2101, 1, 1) * 86400)
		return false;
	*out = at;
	return true;
}
