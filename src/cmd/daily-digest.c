/* daily-digest: makes the day's digest, once, and puts it into the outbox. Started by cron every quarter of an hour.
 * Tests: t/50-digest.t */
#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/pool.h"
#include "base/str.h"
#include "cmd/program.h"
#include "core/settings.h"
#include "digest/digest.h"
#include "digest/narrative.h"
#include "send/transport.h"
#include "web/tmpl.h"
#include "base/banned.h"

static const char usage[] =
	"Usage: daily-digest [--date YYYY-MM-DD] [--dry-run] [--to USER] [--resend]\n"
	"Makes the digest of a day (default: today, from the configured hour on) and delivers it to the team.\n"
	"A second run on the same day does nothing. Exit status 75: try again later; 78: there is no user yet.\n"
	"  --dry-run  prints it, stores and sends nothing\n"
	"  --to USER  to one user alone; the others get it in their turn\n"
	"  --resend   delivers the stored day again\n";

static enum status send(struct program *p, struct tmpl_set *templates, struct digest *d, const char *to, bool resend)
{
	int queued = 0, sent = 0, failed = 0;
	enum status st = digest_store(&p->op, templates, d, to, resend, &queued);
	if (st)
		return st;
	printf("%s: %s; %d message%s queued\n", d->window.day, d->headline, queued, queued == 1 ? "" : "s");
	if (queued)
		st = deliver_all(&p->op, &sent, &failed);
	/* They wait in the outbox; outbox-send tries again. */
	return !st && failed ? fail(&p->op, E_BUSY, NULL, "%d could not be delivered yet", failed) : st;
}

/* Once more when there is somebody to tell it better. */
static enum status make(struct program *p, struct tmpl_set *templates, const char *day, struct digest *d)
{
	enum status st = digest_make(&p->op, templates, day, NULL, d);
	const char *told = st ? NULL : narrative_told(&p->op, d->document, narrator_built_in);
	return told ? digest_make(&p->op, templates, day, told, d) : st;
}

static enum status run(struct program *p, const char *day, const char *to, bool dry, bool resend)
{
	struct digest d;
	struct tmpl_set *templates = tmpl_open(conf_share_path(p->pool, "templates"), false);
	enum status st = make(p, templates, day, &d);
	if (!st && dry)
		fputs(d.text, stdout);
	else if (!st)
		st = send(p, templates, &d, to, resend);
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
	program_open(&p, DB_DIGEST, &digest);
	zone_day(setting_text(&p.op, "time_zone"), p.op.now, today);
	const char *day = date ? date : today;
	int64_t users = 0;
	if (db_one_int(&p.op, &users, "SELECT count(*) FROM users WHERE is_active = 1 AND role <> 'agent'") && !users) {
		fprintf(stderr, "daily-digest: there is no user yet\n");
		program_end(&p, OK);
		return EX_CONFIG;
	}
	if (!date && !dry && !resend && !to && (!digest_is_due(&p.op) || digest_is_done(&p.op, day)))
		return program_end(&p, OK);
	return program_end(&p, run(&p, day, to, dry, resend));
}
