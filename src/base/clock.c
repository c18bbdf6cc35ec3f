/* Owns instants, days and local time. Never asks the locale. Tests: t/unit/base_clock.c */
#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/banned.h"

#define FIRST_YEAR 1900
#define LAST_YEAR 9999
#define FIRST_INSTANT INT64_C(-2208988800) /* 1900-01-01T00:00:00Z */
#define LAST_INSTANT INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define DAY_SECONDS 86400

int64_t clock_now(void)
{
	const char *fixed = getenv("COUNTERSIGN_NOW");
	if (!fixed || !*fixed)
		return (int64_t)time(NULL);
	int64_t t;
	if (!instant_parse(fixed, &t)) {
		/* Unset first: die() stamps its log line. */
		unsetenv("COUNTERSIGN_NOW");
		die(EX_CONFIG, "COUNTERSIGN_NOW is not an RFC 3339 time");
	}
	return t;
}

int64_t clock_mono_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* value in exactly n digits, then the byte that follows them. Returns where the next goes. */
static char *put_digits(char *at, int value, int n, char after)
{
	for (int i = n - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
	at[n] = after;
	return at + n + 1;
}

static char *day_format(const struct tm *tm, char *at, char after)
{
	at = put_digits(at, tm->tm_year + 1900, 4, '-');
	at = put_digits(at, tm->tm_mon + 1, 2, '-');
	return put_digits(at, tm->tm_mday, 2, after);
}

static time_t in_range(int64_t t)
{
	return t < FIRST_INSTANT ? FIRST_INSTANT : t > LAST_INSTANT ? LAST_INSTANT : t;
}

void instant_format(int64_t t, char out[static INSTANT_SIZE])
{
	time_t at = in_range(t);
	struct tm tm;
	gmtime_r(&at, &tm);
	char *next = day_format(&tm, out, 'T');
	next = put_digits(next, tm.tm_hour, 2, ':');
	next = put_digits(next, tm.tm_min, 2, ':');
	next = put_digits(next, tm.tm_sec, 2, 'Z');
	*next = 0;
}

/* Exactly n digits at s as a number, or -1. */
static int digits(const char *s, int n)
{
	int value = 0;
	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

/* YYYY-MM-DD at s, a day that exists. Reads no further than the first byte that does not fit. */
static bool day_read(const char *s, struct tm *tm)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (strnlen(s, 10) < 10)
		return false;
	int year = digits(s, 4), month = digits(s + 5, 2), day = digits(s + 8, 2);
	if (s[4] != '-' || s[7] != '-' || year < FIRST_YEAR || month < 1 || month > 12 || day < 1)
		return false;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (day > lengths[month - 1] + (month == 2 && leap))
		return false;
	*tm = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
	return true;
}

/* RFC 3339 section 5.6 time-offset: Z or ±hh:mm, and nothing after it. */
static bool offset_read(const char *s, int *seconds)
{
	*seconds = 0;
	if (*s == 'Z' || *s == 'z')
		return s[1] == 0;
	if ((*s != '+' && *s != '-') || strlen(s) != 6 || s[3] != ':')
		return false;
	int hours = digits(s + 1, 2), minutes = digits(s + 4, 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*seconds = (hours * 60 + minutes) * 60 * (*s == '-' ? -1 : 1);
	return true;
}

/* Days from 1970-01-01 to a day that exists, of year 1 or later: timegm() without what it does for days that do not.
 * `last` is the last year whose 29 February has been, if it has one. */
static int64_t days_to(const struct tm *tm)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int64_t year = tm->tm_year + 1900, last = year - (tm->tm_mon < 2);
	return (year - 1970) * 365 + (last / 4 - last / 100 + last / 400) - 477 + before[tm->tm_mon] + tm->tm_mday - 1;
}

bool instant_parse(const char *s, int64_t *t)
{
	struct tm tm;
	if (!s || !day_read(s, &tm) || (s[10] != 'T' && s[10] != 't') || strnlen(s + 11, 8) < 8)
		return false;
	tm.tm_hour = digits(s + 11, 2);
	tm.tm_min = digits(s + 14, 2);
	tm.tm_sec = digits(s + 17, 2);
	/* Second 60 is a leap second: it counts as the second after it. */
	if (s[13] != ':' || s[16] != ':' || tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 ||
		tm.tm_sec < 0 || tm.tm_sec > 60)
		return false;
	s += 19;
	if (*s == '.') {
		size_t n = strspn(s + 1, "0123456789");
		if (!n)
			return false;
		s += 1 + n;
	}
	int offset;
	if (!offset_read(s, &offset))
		return false;
	int64_t at = days_to(&tm) * DAY_SECONDS + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec - offset;
	if (at < FIRST_INSTANT || at > LAST_INSTANT)
		return false;
	*t = at;
	return true;
}

void duration_format(int64_t seconds, char out[static DURATION_SIZE])
{
	if (seconds < 90)
		snprintf(out, DURATION_SIZE, "%lld s", (long long)seconds);
	else if (seconds < 5400)
		snprintf(out, DURATION_SIZE, "%lld min", (long long)(seconds + 30) / 60);
	else
		snprintf(out, DURATION_SIZE, "%lld h %lld min", (long long)seconds / 3600,
			(long long)seconds % 3600 / 60);
}

bool day_valid(const char *s)
{
	struct tm tm;
	return s && day_read(s, &tm) && s[10] == 0;
}

bool zone_known(const char *zone)
{
	char path[128], magic[4];
	if (!zone || !*zone || *zone == '/' || *zone == '.' || strstr(zone, "..") ||
		zone[strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/")])
		return false;
	if (snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone) >= (int)sizeof path)
		return false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool known = read(fd, magic, sizeof magic) == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
	close(fd);
	return known;
}

/* What was asked last is kept: whoever writes an instant asks for its day, then for its time. */
static const struct tm *zone_local(const char *zone, int64_t t)
{
	static char current[128];
	static time_t last = FIRST_INSTANT - 1;
	static struct tm tm;
	time_t at = in_range(t);
	if (!zone || strcmp(zone, current) != 0) {
		setenv("TZ", zone_known(zone) ? zone : "UTC0", 1);
		tzset();
		snprintf(current, sizeof current, "%s", zone ? zone : "");
	} else if (at == last) {
		return &tm;
	}
	localtime_r(&at, &tm);
	last = at;
	return &tm;
}

void zone_day(const char *zone, int64_t t, char out[static DAY_SIZE])
{
	day_format(zone_local(zone, t), out, 0);
}

void zone_clock(const char *zone, int64_t t, char out[static CLOCK_SIZE])
{
	const struct tm *tm = zone_local(zone, t);
	put_digits(put_digits(out, tm->tm_hour, 2, ':'), tm->tm_min, 2, 0);
}

static bool is_day_or_later(const char *zone, int64_t t, const char *day)
{
	char seen[DAY_SIZE];
	zone_day(zone, t, seen);
	return strcmp(seen, day) >= 0;
}

int64_t zone_day_start(const char *zone, const char *day, int plus_days)
{
	struct tm tm;
	if (!day_read(day, &tm))
		BUG("zone_day_start: not a day");
	tm.tm_mday += plus_days;
	int64_t utc = (int64_t)timegm(&tm); /* normalises tm */
	char wanted[DAY_SIZE];
	day_format(&tm, wanted, 0);
	/* The first instant whose local day is that day or later. Asking for it so, and not for 00:00, is right also
	 * where midnight does not exist (clocks going forward at 00:00) or happens twice. Nearly always it is where the
	 * day's noon says; else it is searched for. */
	int64_t before = utc - DAY_SECONDS, from = utc + DAY_SECONDS;
	int64_t likely = utc - zone_local(zone, utc + DAY_SECONDS / 2)->tm_gmtoff;
	if (is_day_or_later(zone, likely, wanted) && !is_day_or_later(zone, likely - 1, wanted))
		return likely;
	while (from - before > 1) {
		int64_t middle = before + (from - before) / 2;
		if (is_day_or_later(zone, middle, wanted))
			from = middle;
		else
			before = middle;
	}
	return from;
}

int zone_hour(const char *zone, int64_t t)
{
	return zone_local(zone, t)->tm_hour;
}

int zone_weekday(const char *zone, int64_t t)
{
	return zone_local(zone, t)->tm_wday;
}
