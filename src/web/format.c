/* Owns how values look: dates in the fund's zone, sizes, counts. Never looks a name up. Tests: t/unit/web_format.c */
#include "web/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "base/banned.h"

#define DAY ((int64_t)86400)

static void put(struct buf *out, const char *s, size_t n, bool escape)
{
	if (escape)
		buf_html(out, s, n);
	else
		buf_add(out, s, n);
}

static void count(struct buf *out, int64_t n)
{
	char text[INT_SIZE];
	const char *digits = str_int(text, n);
	if (n < 0)
		buf_char(out, *digits++);
	for (size_t left = strlen(digits); left; left--) {
		buf_char(out, *digits++);
		if (left > 1 && left % 3 == 1)
			buf_str(out, "\u202f"); /* narrow no-break space, ISO 80000-1 7.3.1 */
	}
}

/* Hundredths: as whole ones unless there is a part of one. */
static void money(struct buf *out, int64_t n)
{
	count(out, n / 100);
	if (n % 100)
		buf_printf(out, ".%02d", (int)llabs(n % 100));
}

static void bytes(struct buf *out, int64_t n)
{
	static const char *const units[] = {"B", "KB", "MB", "GB"};
	double size = (double)n;
	size_t unit = 0;
	while (size >= 1000 && unit + 1 < sizeof units / sizeof *units) {
		size /= 1000;
		unit++;
	}
	buf_printf(out, unit && size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

static void day_text(struct buf *out, const char *day)
{
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int month = (day[5] - '0') * 10 + day[6] - '0';
	buf_int(out, (day[8] - '0') * 10 + day[9] - '0');
	buf_char(out, ' ');
	buf_add(out, months[month - 1], 3);
	buf_char(out, ' ');
	buf_add(out, day, 4);
}

const char *format_day(struct pool *p, const char *day)
{
	if (!day_valid(day))
		return day;
	struct buf *out = buf_new(p, 32);
	day_text(out, day);
	return out->data;
}

static void instant(struct buf *out, int64_t t, const char *zone, bool with_time)
{
	char day[DAY_SIZE], clock[CLOCK_SIZE];
	zone_day(zone, t, day);
	day_text(out, day);
	if (!with_time)
		return;
	zone_clock(zone, t, clock);
	buf_str(out, ", ");
	buf_str(out, clock);
}

static void ago(struct buf *out, int64_t t, const struct format_env *env)
{
	int64_t past = env->now - t, n = llabs(past);
	if (n >= 30 * DAY) {
		instant(out, t, env->zone, false);
		return;
	}
	if (n < 60) {
		buf_str(out, "just now");
		return;
	}
	int64_t amount = n < 3600 ? n / 60 : n < DAY ? n / 3600 : n / DAY;
	const char *unit = n < 3600 ? "min" : n < DAY ? "h" : amount == 1 ? "day" : "days";
	buf_str(out, past < 0 ? "in " : "");
	buf_int(out, amount);
	buf_char(out, ' ');
	buf_str(out, unit);
	buf_str(out, past < 0 ? "" : " ago");
}

static bool when(struct buf *out, enum format how, const char *s, const struct format_env *env)
{
	const char *zone = env->zone ? env->zone : "UTC";
	int64_t t;
	if (day_valid(s)) {
		day_text(out, s);
		return true;
	}
	if (!instant_parse(s, &t))
		return false;
	if (how == FORMAT_AGO)
		ago(out, t, &(struct format_env){env->now, zone});
	else
		instant(out, t, zone, how == FORMAT_TIME);
	return true;
}

/* Only addresses that can do nothing but lead somewhere. */
static bool is_safe_link(const char *s)
{
	return str_starts(s, "https://") || str_starts(s, "http://") || str_starts(s, "mailto:") ||
	       (s[0] == '/' && s[1] != '/' && s[1] != '\\');
}

static bool ends_part(char c, bool is_address)
{
	return is_address ? c == '@' : c == '/' || c == '.';
}

/* A word that is too long for its line breaks where a reader would: an address where its domain begins, a path and a domain
 * between their parts. */
static void wrap(struct buf *out, const char *s, size_t n, bool escape)
{
	bool is_address = memchr(s, '@', n) != NULL;
	while (n) {
		size_t part = 0;
		while (part < n && !ends_part(s[part], is_address))
			part++;
		while (part < n && ends_part(s[part], is_address))
			part++;
		put(out, s, part, escape);
		s += part;
		n -= part;
		if (n && escape)
			buf_str(out, "<wbr>"); /* MARKUP: a place to break, no more */
	}
}

static void lines(struct buf *out, const char *s, bool escape)
{
	for (;;) {
		size_t n = strcspn(s, "\n");
		if (memchr(s, ' ', n))
			put(out, s, n, escape);
		else
			wrap(out, s, n, escape);
		if (!s[n])
			return;
		buf_str(out, escape ? "<br>\n" : "\n"); /* MARKUP: the one element a formatter makes */
		s += n + 1;
	}
}

static bool number(struct buf *out, enum format how, int64_t n)
{
	if (how == FORMAT_COUNT)
		count(out, n);
	else if (how == FORMAT_MONEY)
		money(out, n);
	else if (how == FORMAT_BYTES)
		bytes(out, n);
	else if (how != FORMAT_JSON)
		buf_int(out, n);
	return how != FORMAT_JSON;
}

static void text(struct buf *out, enum format how, const char *s, size_t n, const struct format_env *env, bool escape)
{
	if ((how == FORMAT_DATE || how == FORMAT_TIME || how == FORMAT_AGO) && when(out, how, s, env))
		return;
	if (how == FORMAT_LINES)
		lines(out, s, escape);
	else if (how == FORMAT_WRAP)
		wrap(out, s, n, escape);
	else if (how == FORMAT_HREF && !is_safe_link(s))
		buf_char(out, '#');
	else
		put(out, s, n, escape);
}

static void json(struct buf *out, const struct cell *v, bool escape)
{
	struct json_object *o = cell_json(v);
	const char *s = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	put(out, s, strlen(s), escape);
	json_object_put(o);
}

void format_write(struct buf *out, enum format how, const struct cell *v, const struct format_env *env, bool escape)
{
	if (v->type == CELL_NULL || (v->type == CELL_INT && number(out, how, v->i)))
		return;
	if (v->type == CELL_TEXT && how != FORMAT_JSON)
		text(out, how, v->s, v->len, env, escape);
	else
		json(out, v, escape);
}
