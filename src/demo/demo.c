/* Owns the demo's records: team, settings, firms, people, mailboxes, calls and meetings. Proposals are not made here:
 * capture makes them from the mail, as everywhere. Tests: t/unit/demo_seed.c */
#include "demo/demo.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "db/db.h"
#include "db/op.h"
#include "demo/cast.h"
#include "demo/ledger.h"
#include "demo/pipeline.h"
#include "demo/story.h"
#include "base/banned.h"

#define DAY ((int64_t)86400)
#define SEED 20261121u

static enum status team_add(struct op *op)
{
	const char *hash = password_hash(op->pool, "demo");
	enum status st = db_run(op,
		"INSERT INTO users (id, username, name, email, role, wants_digest, password_hash) VALUES"
		" (1, 'ada', ?1, ?2, 'admin', 1, ?5), (2, 'grace', ?3, ?4, 'member', 1, ?5),"
		" (3, 'scout', 'Scout', 'scout@larkspur.example', 'agent', 0, NULL)",
		team[0].name, team[0].email, team[1].name, team[1].email, hash);
	static const char *const settings[][2] = {{"fund_name", "Larkspur Capital"},
		{"own_domains", "larkspur.example"}, {"own_addresses", "ir@larkspur.example"},
		{"time_zone", "Europe/Zurich"}, {"is_demo", "1"}};
	for (size_t i = 0; i < sizeof settings / sizeof *settings && !st; i++)
		st = db_run(op, "INSERT INTO settings (key, value, updated_by) VALUES (?, ?, 1)", settings[i][0],
			settings[i][1]);
	for (int i = 0; i < TEAM; i++)
		team[i].id = i + 1;
	return st;
}

static enum status person_add(struct op *op, struct dice *d, const struct firm *f, struct person *who)
{
	int owner = 1 + (int)roll(d, 2);
	enum status st = db_run(op,
		"INSERT INTO contacts (name, title, organization_id, kind, owner_id, created_by, updated_by)"
		" VALUES (?, ?, nullif(?, 0), ?, ?, ?5, ?5)",
		who->name, roll(d, 6) ? who->title : NULL, f->id, roll(d, 3) ? "prospect" : "investor", owner);
	who->id = db_last_id(op);
	if (!st)
		st = db_run(op, "INSERT INTO contact_emails (contact_id, email) VALUES (?, ?)", who->id, who->email);
	if (!st && roll(d, 3) == 0)
		st = db_run(op, "INSERT INTO contact_phones (contact_id, phone) VALUES (?, ?)", who->id,
			(const char *)pool_printf(op->pool, "+41 44 555 %02u %02u", roll(d, 100), roll(d, 100)));
	return st;
}

static enum status investor_add(struct op *op, struct dice *d, const struct firm *f)
{
	static const char *const priorities[] = {"high", "normal", "normal", "low"};
	static const int cadences[] = {14, 30, 60, 0};
	static const char *const notes[] = {NULL, "Prefers calls to mail.",
		"Decides in committee, last Thursday of the month.", "Met through the first fund.", NULL};
	return db_run(op,
		"INSERT INTO investors (organization_id, contact_id, lead_id, priority, is_graveyard, cadence_days, "
		"notes,"
		" created_by, updated_by) VALUES (nullif(?, 0), nullif(?, 0), ?, ?, ?, nullif(?, 0), ?, 1, 1)",
		f->is_person ? (int64_t)0 : f->id, f->is_person ? f->people[0].id : (int64_t)0, 1 + (int)roll(d, 2),
		PICK(d, priorities), roll(d, 12) == 0, PICK(d, cadences), PICK(d, notes));
}

static enum status firm_add(struct op *op, struct dice *d, struct firm *f)
{
	enum status st = OK;
	if (!f->is_person) {
		st = db_run(op,
			"INSERT INTO organizations (name, kind, website, address, owner_id, created_by, updated_by)"
			" VALUES (?, ?, ?, ?, ?, 1, 1)",
			f->name, f->kind, (const char *)pool_printf(op->pool, "https://www.%s/", f->domain), f->city,
			1 + (int)roll(d, 2));
		f->id = db_last_id(op);
		if (!st)
			st = db_run(op, "INSERT INTO organization_domains (organization_id, domain) VALUES (?, ?)",
				f->id, f->domain);
	}
	for (size_t i = 0; i < f->count && !st; i++)
		if (f->people[i].is_known)
			st = person_add(op, d, f, &f->people[i]);
	return st ? st : investor_add(op, d, f);
}

static enum status party_add(struct op *op, int64_t communication, const char *resource, int64_t id, const char *at)
{
	if (!id)
		return OK;
	return db_run(op,
		"INSERT INTO communication_parties (communication_id, resource, resource_id, occurred_at) VALUES (?, "
		"?, ?, ?)",
		communication, resource, id, at);
}

/* A call, a meeting or a note that somebody typed in. */
static enum status talk_add(struct op *op, struct dice *d, const struct firm *f)
{
	static const struct {
		const char *kind, *direction, *subject, *body;
	} talks[] = {
		{"call", "both", "First call", "Went through the teaser. Likes the sector, asks about team depth."},
		{"meeting", "both", "Meeting at their office",
			"An hour with two of the team. They want to see Fund I cash flows."},
		{"call", "out", "Left a message", NULL},
		{"note", NULL, "Ticket size", "Usually 5 to 10 million; never more than 10 percent of a fund."},
		{"meeting", "both", "Coffee at the conference", "Good rapport. Will introduce us to their consultant."},
		{"call", "in", "Called about the timetable",
			"Wants to know whether first close can slip into February."},
	};
	size_t i = roll(d, sizeof talks / sizeof *talks);
	char at[INSTANT_SIZE];
	instant_format(op->now - (int64_t)(1 + roll(d, 120)) * DAY - roll(d, 30000), at);
	int by = 1 + (int)roll(d, 2);
	enum status st = db_run(op,
		"INSERT INTO communications (kind, direction, occurred_at, subject, body, created_by, updated_by)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)",
		talks[i].kind, talks[i].direction, (const char *)at, talks[i].subject, talks[i].body, by, by);
	int64_t id = db_last_id(op);
	if (!st)
		st = party_add(op, id, "contacts", f->people[0].id, at);
	if (!st)
		st = party_add(op, id, "organizations", f->id, at);
	return st ? st : party_add(op, id, "users", by, at);
}

/* What somebody promised to do: some late, some of today, some repeating. */
static enum status task_add(struct op *op, struct dice *d, const struct firm *f)
{
	static const struct {
		const char *title, *recurrence;
	} tasks[] = {
		{"Send the data room invitation", "none"},
		{"Call about the timetable", "none"},
		{"Answer the DDQ questions", "none"},
		{"Quarterly update by telephone", "quarterly"},
		{"Ask for the reference call", "none"},
	};
	size_t i = roll(d, sizeof tasks / sizeof *tasks);
	char day[DAY_SIZE];
	int by = 1 + (int)roll(d, 2);
	zone_day("UTC", op->now + ((int64_t)roll(d, 14) - 3) * DAY, day);
	return db_run(op,
		"INSERT INTO tasks (title, due_on, assignee_id, organization_id, contact_id, recurrence, created_by, "
		"updated_by)"
		" VALUES (?, ?, nullif(?, 0), nullif(?, 0), nullif(?, 0), ?, ?, ?)",
		tasks[i].title, (const char *)day, roll(d, 4) ? by : 0, f->is_person ? (int64_t)0 : f->id,
		f->is_person ? f->people[0].id : (int64_t)0, tasks[i].recurrence, by, by);
}

/* Somebody who sits on a board beside their work, and was a partner elsewhere before. */
static enum status affiliations_add(struct op *op, const struct firm *firms)
{
	static const struct {
		size_t at;
		const char *role;
		int from, to; /* days ago; 0: still */
	} of_first[] = {{9, "Investment committee", 700, 0}, {16, "Partner", 3200, 1400}};
	enum status st = OK;
	for (size_t i = 0; i < sizeof of_first / sizeof *of_first && !st; i++) {
		char from[DAY_SIZE], to[DAY_SIZE];
		zone_day("UTC", op->now - of_first[i].from * DAY, from);
		zone_day("UTC", op->now - of_first[i].to * DAY, to);
		st = db_run(op,
			"INSERT INTO affiliations (contact_id, organization_id, role, from_on, to_on, created_by, "
			"updated_by)"
			" VALUES (?, ?, ?, ?, ?, 1, 1)",
			firms[0].people[0].id, firms[of_first[i].at].id, of_first[i].role, (const char *)from,
			of_first[i].to ? (const char *)to : NULL);
	}
	return st;
}

/* Boxes whose mail is in no Maildir are paused: capture would find all of it gone. */
static enum status mailboxes_add(struct op *op, const char *root, bool is_paused)
{
	static const char *const dirs[TEAM] = {"ada", "grace", "ir"};
	enum status st = OK;
	for (int i = 0; i < TEAM && !st; i++)
		st = db_run(op,
			"INSERT INTO mailboxes (address, user_id, source, path, state) VALUES (?, ?, 'maildir', ?, ?)",
			team[i].email, i < 2 ? i + 1 : 1, (const char *)pool_printf(op->pool, "%s/%s", root, dirs[i]),
			is_paused ? "paused" : "active");
	return st;
}

struct size {
	size_t firms;
	int threads; /* per firm */
	int noise;
};

/* Who plays, and how often each is written to. */
struct play {
	struct firm *firms;
	int *threads;
};

static enum status records_add(struct op *op, const struct demo_options *o, const struct size *size, struct play *play)
{
	uint64_t seed = o->seed ? o->seed : SEED;
	struct dice records = {seed ^ 0x5bd1e995}, promises = {seed ^ 0x1b873593}, money = {seed ^ 0xcc9e2d51},
		    ways = {seed ^ 0x85ebca6b};
	enum status st = team_add(op);
	if (!st)
		st = ledger_open(op);
	if (!st)
		st = mailboxes_add(op, o->mail_root, o->take != NULL);
	play->firms = pool_array(op->pool, size->firms, sizeof *play->firms);
	play->threads = pool_array(op->pool, size->firms, sizeof *play->threads);
	for (size_t i = 0; i < size->firms && !st; i++) {
		struct firm *f = &play->firms[i];
		firm_make(op->pool, &records, i, f);
		st = firm_add(op, &records, f);
		int64_t investor = db_last_id(op);
		if (!st)
			st = ledger_investor(op, &money, investor);
		if (!st)
			st = pipeline_investor(op, &ways, investor);
		for (int n = (int)roll(&records, 4); n > 0 && !st; n--)
			st = talk_add(op, &records, f);
		if (!st && i % 3 == 0)
			st = task_add(op, &promises, f);
		play->threads[i] = size->threads - (o->scale || o->is_without_mail ? 0 : (int)roll(&records, 2));
	}
	return st ? st : affiliations_add(op, play->firms);
}

static enum status mail_write(
	struct op *op, const struct demo_options *o, const struct size *size, const struct play *play)
{
	struct story s = {.op = op, .dice = {o->seed ? o->seed : SEED}, .now = op->now, .o = o};
	enum status st = story_open(&s);
	for (size_t i = 0; i < size->firms && !st; i++)
		st = story_firm(&s, &play->firms[i], play->threads[i]);
	return st ? st : story_noise(&s, size->noise);
}

enum status demo_seed(struct op *op, const struct demo_options *o)
{
	/* A firm has 2.1 known people on average and a thread some 4 letters. */
	struct size size = o->scale ? (struct size){(size_t)o->scale * 1000 * 10 / 21, 5, o->scale * 400}
				    : (struct size){40, 3, 60};
	struct play play;
	enum status st = db_begin(op);
	if (st)
		return st;
	int64_t users = 0;
	db_one_int(op, &users, "SELECT count(*) FROM users");
	if (users)
		st = fail(op, E_CONFLICT, NULL, "the database has users already; the demo wants an empty one");
	if (!st)
		st = records_add(op, o, &size, &play);
	if (!st && !o->is_without_mail && !o->take)
		st = mail_write(op, o, &size, &play);
	if (st) {
		db_rollback(op);
		return st;
	}
	st = db_commit(op);
	return st || !o->take ? st : mail_write(op, o, &size, &play);
}
