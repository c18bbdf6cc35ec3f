/* Owns what a day's digest is about: from where the last one that all had left off, so that no day is lost and none comes
 * twice. Tests: t/unit/digest_make.c */
#include <string.h>

#include "base/clock.h"
#include "base/pool.h"
#include "core/settings.h"
#include "core/stages.h"
#include "db/db.h"
#include "digest/digest.h"
#include "base/banned.h"

#define BACK_DAYS 14       /* who was away for longer reads the archive of what was, not one endless mail */
#define NEVER "9999-12-31" /* later than any instant: nothing is late when there was none before */

static const char *instant_text(struct op *op, int64_t t)
{
	char text[INSTANT_SIZE];
	instant_format(t, text);
	return pool_strdup(op->pool, text);
}

/* Without one before it: the day before, on a Monday the weekend too. */
static const char *first_start(struct op *op, const char *zone, const char *day)
{
	int back = zone_weekday(zone, zone_day_start(zone, day, 0) + 43200) == 1 ? 3 : 1;
	return instant_text(op, zone_day_start(zone, day, -back));
}

static void start(struct op *op, const char *zone, const char *day, struct window *w)
{
	int64_t before, today = zone_day_start(zone, day, 0), earliest = zone_day_start(zone, day, -BACK_DAYS);
	struct json_object *last = db_object(op,
		"SELECT until_at, created_at FROM digests WHERE day < ? AND done_at IS NOT NULL ORDER BY day DESC "
		"LIMIT 1",
		day);
	w->since_at = last ? json_text(last, "created_at") : NEVER;
	if (!last || !instant_parse(json_text(last, "until_at"), &before) || before >= today)
		w->from_at = first_start(op, zone, day);
	else
		w->from_at = before < earliest ? instant_text(op, earliest) : json_text(last, "until_at");
}

static const char *silent(struct op *op, int64_t made, int64_t *days)
{
	*days = setting_int(op, "digest_unanswered_days");
	return instant_text(op, made - *days * 86400);
}

const char *digest_silent_at(struct op *op, const char *day, int64_t *days)
{
	int64_t made = op->now;
	const char *at = db_one_text(op, "SELECT created_at FROM digests WHERE day = ?", day);
	if (at)
		instant_parse(at, &made);
	return silent(op, made, days);
}

enum status digest_window(struct op *op, const char *day, struct window *w)
{
	const char *zone = setting_text(op, "time_zone");
	int64_t today = zone_day_start(zone, day, 0), made = op->now, days;
	if (today > op->now)
		return fail(op, E_INPUT, "date", "has not begun: %s", day);
	*w = (struct window){.day = pool_strdup(op->pool, day), .until_at = instant_text(op, today)};
	start(op, zone, day, w);
	struct json_object *stored =
		db_object(op, "SELECT from_at, until_at, created_at FROM digests WHERE day = ?", day);
	if (stored) {
		w->from_at = json_text(stored, "from_at");
		w->until_at = json_text(stored, "until_at");
		instant_parse(json_text(stored, "created_at"), &made);
	}
	w->made_at = instant_text(op, made);
	w->silent_at = silent(op, made, &days);
	w->ageing_at = instant_text(op, made - (int64_t)AGEING_DAYS * 86400);
	w->stale_at = instant_text(op, made - (int64_t)STALE_DAYS * 86400);
	w->archived = stages_archived(op, stages_now(op));
	return op->fault.status;
}

bool digest_is_due(struct op *op)
{
	const char *zone = setting_text(op, "time_zone"), *days = setting_text(op, "digest_days");
	const char *today = digest_days[(zone_weekday(zone, op->now) + 6) % 7]; /* the list begins on a Monday */
	return zone_hour(zone, op->now) >= setting_int(op, "digest_hour") && strstr(days, today);
}
