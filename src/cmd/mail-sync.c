/* mail-sync: captures mail from every active mailbox. Started by cron; a person sees a progress bar.
 * Tests: t/40-capture*.t */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "cmd/program.h"
#include "core/proposal.h"
#include "core/settings.h"
#include "db/db.h"
#include "mail/parser.h"
#include "web/login.h"
#include "base/banned.h"

static const char usage[] =
	"Usage: mail-sync [--mailbox ADDRESS] [--full] [--verify] [--json]\n"
	"Captures mail from every active mailbox, or from one.\n"
	"  --full    try failed messages again, however often they failed\n"
	"  --verify  compare source and ledger, name what differs, change nothing; exit status 65 when they do\n";

#define BAR 12
#define LINE 80 /* columns of a terminal, the last of which stays free: a longer line would begin another */

/* How far, how fast, and how long it will take at that rate: what the health page says. */
static void bar(void *arg, const char *address, int64_t done, int64_t total, int64_t us)
{
	(void)arg;
	char line[512], left[DURATION_SIZE] = "";
	int filled = total ? (int)(done * BAR / total) : BAR;
	double rate = us > 0 ? (double)done * 1e6 / (double)us : 0;
	bool goes_on = done < total && rate > 0;
	if (goes_on)
		duration_format((int64_t)((double)(total - done) / rate), left);
	snprintf(line, sizeof line, "%-18.18s [%-*.*s] %lld/%lld, %.1f a second%s%s%s", address, BAR, filled,
		"############", (long long)done, (long long)total, rate, goes_on ? ", " : "", left,
		goes_on ? " left" : "");
	fprintf(stderr, "\r%-*.*s%s", LINE - 1, LINE - 1, line, done == total ? "\n" : "");
}

static void lines(void *arg, const char *address, int64_t done, int64_t total, int64_t us)
{
	(void)arg;
	(void)us;
	if (done == total)
		log_info("captured", "mailbox", address, NULL);
}

#define NAMED_MAX 20 /* differences that are printed; --json has more */

static void print_differences(const struct capture_report *r)
{
	static const struct {
		const char *difference, *words;
	} kinds[] = {{"missing", "listed, but not captured"}, {"left", "captured, but not listed any more"},
		{"returned", "called gone, but listed"}};
	printf("  %lld missing, %lld left, %lld returned\n", (long long)r->missing, (long long)r->left,
		(long long)r->returned);
	for (size_t i = 0; i < json_len(r->differences) && i < NAMED_MAX; i++) {
		struct json_object *d = json_at(r->differences, i);
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
			if (str_eq(json_text(d, "difference"), kinds[k].difference))
				printf("  %s: %s\n", json_text(d, "source_id"), kinds[k].words);
	}
}

static void print(struct program *p, const char *address, const struct capture_report *r)
{
	if (p->json) {
		struct json_object *o = json_obj(p->pool);
		json_set_text(o, "mailbox", address);
		json_set_int(o, "listed", r->listed);
		json_set_int(o, "stored", r->stored);
		json_set_int(o, "excluded", r->excluded);
		json_set_int(o, "failed", r->failed);
		json_set_int(o, "gone", r->gone);
		json_set_int(o, "new", r->fresh);
		json_set_bool(o, "was_locked", r->was_locked);
		if (r->differences) {
			json_set_int(o, "missing", r->missing);
			json_set_int(o, "left", r->left);
			json_set_int(o, "returned", r->returned);
			json_set(o, "differences", json_object_get(r->differences));
		}
		puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	} else if (r->was_locked) {
		printf("%s: another run is at it\n", address);
	} else {
		printf("%s: %lld listed, %lld stored, %lld excluded, %lld failed, %lld gone\n", address,
			(long long)r->listed, (long long)r->stored, (long long)r->excluded, (long long)r->failed,
			(long long)r->gone);
		if (r->differences)
			print_differences(r);
	}
}

struct box {
	struct op op;
	struct capture *run;
	struct capture_report report;
	const char *address;
	enum status st;
	bool is_open;
};

static enum status box_close(struct program *p, const struct capture_options *o, struct box *b)
{
	b->is_open = false;
	b->st = capture_close(b->run, b->st);
	if (b->st)
		fprintf(stderr, "mail-sync: %s: %s\n", b->address,
			b->op.fault.items ? b->op.fault.items->message : status_title(b->st));
	print(p, b->address, &b->report);
	const struct capture_report *r = &b->report;
	if (!b->st && o->verify && r->missing + r->left + r->returned > 0)
		b->st = E_CONFLICT;
	pool_free(b->op.pool);
	return b->st;
}

/* All of them, by turns: neither one with much to fetch nor one that fails keeps the others from theirs. */
static enum status all(
	struct program *p, struct parser *parser, const struct capture_options *o, struct json_object *rows)
{
	size_t n = json_len(rows), open = n;
	struct box *boxes = pool_array(p->pool, n, sizeof *boxes);
	enum status first = OK;
	for (size_t i = 0; i < n; i++) {
		struct box *b = &boxes[i];
		b->address = json_text(json_at(rows, i), "address");
		op_init(&b->op, pool_new(), p->op.db, &p->op.actor, NULL);
		b->st = capture_open(&b->op, parser, json_int(json_at(rows, i), "id"), o, &b->report, &b->run);
		b->is_open = true;
	}
	for (size_t i = 0; open; i = (i + 1) % n) {
		struct box *b = &boxes[i];
		if (!b->is_open)
			continue;
		if (!b->st && capture_has_more(b->run))
			b->st = capture_turn(b->run);
		if (!b->st && capture_has_more(b->run))
			continue;
		enum status st = box_close(p, o, b);
		first = first ? first : st;
		open--;
	}
	return first;
}

/* Those that can be captured now: one whose trouble somebody has to mend is tried once an hour, or when it is named. A
 * pause that is longer than there are any was measured by a clock that was ahead. */
static struct json_object *due(struct op *op, const char *only, bool full)
{
	char now[INSTANT_SIZE], last[INSTANT_SIZE];
	instant_format(op->now, now);
	instant_format(op->now + CAPTURE_PAUSE + CLOCK_AHEAD, last);
	return db_array(op,
		"SELECT id, address FROM mailboxes_live WHERE state = 'active' AND (?1 IS NULL OR address = ?1)"
		" AND (?2 OR retry_at IS NULL OR retry_at <= ?3 OR retry_at > ?4) ORDER BY complete_at, id",
		only, full || only, (const char *)now, (const char *)last);
}

/* What nobody decided for long leaves the queue, and failed logins that do not count go: the one program that runs every
 * few minutes sees to it. */
static enum status tidy(struct op *op)
{
	char since[INSTANT_SIZE], until[INSTANT_SIZE];
	int64_t n;
	instant_format(op->now - LOGIN_FAILURE_SECONDS, since);
	instant_format(op->now + CLOCK_AHEAD, until);
	enum status st = db_begin(op);
	if (st)
		return st;
	st = activities_settle(op, setting_text(op, "time_zone"));
	if (!st)
		st = proposal_expire(op, &n);
	if (!st)
		st = db_run(op, "DELETE FROM login_attempts WHERE at <= ? OR at > ?", (const char *)since,
			(const char *)until);
	return db_end(op, st);
}

int main(int argc, char **argv)
{
	static const struct actor capture = {
		.kind = ACTOR_SYSTEM, .via = VIA_CRON, .username = "capture", .name = "Capture"};
	struct program p;
	struct parser *parser;
	program_start(&p, "mail-sync", usage, argc, argv);
	p.json = option_flag(&argc, argv, "--json");
	const char *only = option_value(&p, &argc, argv, "--mailbox");
	struct capture_options o = {.full = option_flag(&argc, argv, "--full"),
		.verify = option_flag(&argc, argv, "--verify"),
		.progress = isatty(STDERR_FILENO) ? bar : lines};
	if (argc > 1)
		return program_misused(&p, "it takes no other words");
	/* Before the database is open: the children that parse must hold nothing. */
	enum status st = parser_start(&p.op.fault, p.pool, &parser);
	if (st)
		return program_end(&p, st);
	program_open(&p, DB_SYSTEM, &capture);
	struct json_object *boxes = due(&p.op, only, o.full || o.verify);
	if (only && !json_len(boxes))
		return program_end(&p, fail(&p.op, E_NOT_FOUND, NULL, "there is no active mailbox %s", only));
	st = o.verify ? OK : capture_purge(&p.op);
	if (!st)
		st = all(&p, parser, &o, boxes);
	if (!o.verify) {
		enum status this = capture_purge(&p.op); /* rules saved meanwhile */
		this = this ? this : tidy(&p.op);
		st = st ? st : this;
	}
	if (o.full && !st) {
		int64_t strays;
		st = blobs_strays(&p.op, true, &strays);
	}
	if (!only && !o.verify) {
		enum status merges = propose_merges(&p.op);
		st = st ? st : merges;
	}
	if (st && !p.op.fault.items)
		fail(&p.op, st, NULL, o.verify ? "source and ledger differ" : "not every mailbox could be captured");
	return program_end(&p, st);
}
