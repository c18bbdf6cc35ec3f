/* daily-digest: makes the day's digest, once, and puts it into the outbox. Started by cron every quarter of an hour.
 * Tests: t/50-digest.t */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/pool.h"
#include "base/str.h"
#include "cmd/program.h"
#include "core/settings.h"
#include "digest/digest.h"
#include "send/transport.h"
#include "web/tmpl.h"
#include "base/banned.h"

static const char usage[] =
	"Usage: daily-digest [--date YYYY-MM-DD] [--dry-run] [--to USER] [--resend] [--json]\n"
	"Makes the digest of a day (default: today, from the configured hour on) and delivers it to the team.\n"
	"A second run on the same day does nothing.\n"
	"  --dry-run  prints it, stores and sends nothing\n"
	"  --to USER  for one user instead of all who want it\n"
	"  --resend   delivers the stored day again\n";

static const char *const day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

/* Is it time? Without --date the hour and the days that were set decide. */
static bool is_due(struct op *op)
{
	const char *zone = setting_text(op, "time_zone"), *days = setting_text(op, "digest_days");
	return zone_hour(zone, op->now) >= setting_int(op, "digest_hour") &&
	       strstr(days, day_names[zone_weekday(zone, op->now)]);
}

static bool is_made(struct op *op, const char *day)
{
	int64_t id;
	return db_one_int(op, &id, "SELECT id FROM digests WHERE day = ?", day);
}

static enum status run(struct program *p, const char *day, const char *to, bool dry, bool resend)
{
	struct digest d;
	struct tmpl_set *templates = tmpl_open(conf_share_path(p->pool, "templates"), false);
	int64_t id;
	int queued = 0, sent, failed;
	enum status st = digest_make(&p->op, templates, day, &d);
	if (!st && dry)
		fputs(d.text, stdout);
	if (!st && !dry)
		st = digest_store(&p->op, &d, to, resend, &id, &queued);
	if (!st && !dry)
		printf("%s: %s; %d message%s queued\n", day, d.headline, queued, queued == 1 ? "" : "s");
	if (!st && queued)
		st = deliver_all(&p->op, &sent, &failed);
	tmpl_close(templates);
	return st;
}

int main(int argc, char **argv)
{
	static const struct actor digest = {
		.kind = ACTOR_SYSTEM, .via = VIA_CRON, .username = "digest", .name = "Digest"};
	struct program p;
	char today[DAY_SIZE];
	program_start(&p, "daily-digest", usage, argc, argv);
	const char *date = option_value(&p, &argc, argv, "--date"), *to = option_value(&p, &argc, argv, "--to");
	bool dry = option_flag(&argc, argv, "--dry-run"), resend = option_flag(&argc, argv, "--resend");
	if (argc > 1)
		return program_misused(&p, "it takes no other words");
	if (date && !day_valid(date))
		return program_misused(&p, "--date takes a day, YYYY-MM-DD");
	program_open(&p, DB_SYSTEM, &digest);
	zone_day(setting_text(&p.op, "time_zone"), p.op.now, today);
	const char *day = date ? date : today;
	if (!date && !dry && !resend && (!is_due(&p.op) || is_made(&p.op, day)))
		return program_end(&p, OK);
	return program_end(&p, run(&p, day, to, dry, resend));
}
