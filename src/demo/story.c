/* Owns when who writes to whom, and the Maildirs (https://cr.yp.to/proto/maildir.html) that result. Never writes to the
 * database. Tests: t/unit/demo_seed.c */
#include "demo/story.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/op.h"
#include "demo/letters.h"
#include "demo/plots.h"
#include "base/banned.h"

#define DAY ((int64_t)86400)

static const char *const boxes[TEAM] = {"ada", "grace", "ir"};

enum status story_open(struct story *s)
{
	static const char *const below[] = {"cur", "new", "tmp"};
	for (size_t i = 0; i < TEAM && !s->o->take; i++)
		for (size_t j = 0; j < sizeof below / sizeof *below; j++) {
			const char *dir = pool_printf(s->op->pool, "%s/%s/%s", s->o->mail_root, boxes[i], below[j]);
			if (dir_make(dir, 0700))
				return fail(s->op, E_INTERNAL, NULL, "%s cannot be made", dir);
		}
	return OK;
}

/* Made-up mail can be made again: no fsync. */
static enum status file_put(struct story *s, const char *path, const struct buf *b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool done = fd >= 0 && file_write_all(fd, b->data, b->len);
	if (fd >= 0)
		close(fd);
	return done ? OK : fail(s->op, E_INTERNAL, NULL, "%s cannot be written", path);
}

static bool is_in(const struct letter *l, const struct person *who)
{
	bool found = l->from == who;
	for (size_t i = 0; i < l->to_count; i++)
		found |= l->to[i] == who;
	for (size_t i = 0; i < l->cc_count; i++)
		found |= l->cc[i] == who;
	return found;
}

/* A copy for each of ours who wrote or received it; servers put their own line on top, so copies differ in their bytes.
 */
static enum status file_copies(struct story *s, struct pool *p, const struct post *post)
{
	enum status st = OK;
	for (size_t i = 0; i < TEAM && !st; i++) {
		if (!(post->boxes & 1u << i))
			continue;
		struct buf *b = buf_new(p, 1 << 20);
		if (post->letter->from != &team[i])
			buf_printf(b, "Delivered-To: %s\r\n", team[i].email);
		buf_add(b, post->written->data, post->written->len);
		st = file_put(s, pool_printf(p, "%s/%s/cur/%s:2,S", s->o->mail_root, boxes[i], post->name), b);
	}
	return st;
}

static enum status deliver(struct story *s, const struct letter *l)
{
	struct pool *p = pool_new();
	struct buf *written = buf_new(p, 1 << 20);
	letter_write(p, written, l);
	struct post post = {.letter = l,
		.written = written,
		.name = pool_printf(p, "%lld.%u.demo", (long long)l->date, s->written++)};
	for (size_t i = 0; i < TEAM; i++)
		post.boxes |= (unsigned)is_in(l, &team[i]) << i;
	enum status st = s->o->take ? s->o->take(s->o->arg, &post) : file_copies(s, p, &post);
	pool_free(p);
	return st;
}

/* $F, $C, $N */
static const char *spoken(struct pool *p, const char *text, const struct firm *f, const struct person *colleague)
{
	struct buf *b = buf_new(p, 1 << 14);
	for (const char *c = text; *c; c++) {
		if (*c != '$') {
			buf_char(b, *c);
			continue;
		}
		c++;
		buf_str(b, *c == 'F' ? f->name : *c == 'C' ? f->city : colleague->first);
	}
	return b->data;
}

/* Nobody of them writes at three at night or on a Sunday. 1970-01-01 was a Thursday. */
static int64_t office_time(struct dice *d, int64_t t)
{
	int64_t day = t / DAY;
	int weekday = (int)((day + 4) % 7);
	if (weekday == 0 || weekday == 6)
		day -= weekday == 0 ? 2 : 1;
	return day * DAY + 7 * 3600 + (int64_t)roll(d, 10 * 3600);
}

struct parts {
	const struct firm *firm;
	const struct person *we, *other_partner, *they, *colleague;
};

static void participants(struct letter *l, const struct parts *who, const struct line *line)
{
	l->from = line->who == WE ? who->we : line->who == THEY ? who->they : who->colleague;
	l->to[l->to_count++] = line->who == WE ? who->they : who->we;
	if (line->who == COLLEAGUE)
		l->cc[l->cc_count++] = who->they;
	else if ((line->flags & WITH_COLLEAGUE) && who->colleague != who->they)
		l->cc[l->cc_count++] = who->colleague;
	if (line->flags & WITH_TEAM)
		l->cc[l->cc_count++] = who->other_partner;
	if (line->flags & WITH_IR)
		l->cc[l->cc_count++] = &team[2];
}

/* The thread's first letter leaves at `start`; what would lie in the future has not been written yet. */
static enum status thread(struct story *s, const struct plot *plot, const struct parts *who, int64_t start)
{
	struct pool *p = pool_new();
	struct letter letters[LINES_MAX] = {0};
	enum status st = OK;
	int64_t at = office_time(&s->dice, start);
	for (int i = 0; i < LINES_MAX && plot->lines[i].text && !st; i++) {
		const struct line *line = &plot->lines[i];
		struct letter *l = &letters[i];
		at = line->hours ? at + line->hours * 3600 + (int64_t)roll(&s->dice, 2400) : at;
		if (at > s->now)
			break;
		participants(l, who, line);
		l->subject = spoken(p, plot->subject, who->firm, who->colleague);
		l->text = spoken(p, line->text, who->firm, who->colleague);
		l->date = at;
		l->answers = i ? &letters[i - 1] : NULL;
		l->attachment = line->attachment;
		l->message_id = pool_printf(
			p, "%u.%08x@%s", s->written, roll(&s->dice, UINT32_MAX), strchr(l->from->email, '@') + 1);
		st = deliver(s, l);
	}
	pool_free(p);
	return st;
}

enum status story_firm(struct story *s, const struct firm *f, int threads)
{
	struct dice *d = &s->dice;
	const struct person *we = &team[roll(d, 2)];
	struct parts who = {
		.firm = f, .we = we, .other_partner = we == &team[0] ? &team[1] : &team[0], .they = &f->people[0]};
	/* Later threads are about later things; the last one is of the past days, often still open. */
	for (int i = 0; i < threads; i++) {
		size_t used = roll(d, (uint32_t)plot_count);
		int stage = i == threads - 1 ? 2 : i == 0 ? 0 : 1;
		do
			used = (used + 1) % plot_count;
		while (plots[used].stage != stage);
		who.colleague = f->count > 1 ? &f->people[1 + roll(d, (uint32_t)f->count - 1)] : who.they;
		int64_t back = stage == 2 ? 1 + roll(d, 12) : (threads - i) * 25 + roll(d, 20);
		enum status st = thread(s, &plots[used], &who, s->now - back * DAY);
		if (st)
			return st;
	}
	return OK;
}

static enum status internal(struct story *s, int64_t start)
{
	const struct plot *plot = &internal_plots[roll(&s->dice, (uint32_t)internal_count)];
	struct firm ours = {.name = "Larkspur", .city = "Zurich"};
	struct parts who = {
		.firm = &ours, .we = &team[0], .they = &team[1], .colleague = &team[1], .other_partner = &team[1]};
	return thread(s, plot, &who, start);
}

static enum status stranger(struct story *s, int64_t start)
{
	static const struct person people[] = {
		{.name = "Office World", .first = "team", .email = "orders@office-world.example", .title = "Sales"},
		{.name = "Dr. Winter", .first = "Doctor", .email = "reception@dr-winter.example", .title = "Practice"},
		{.name = "Chad Booster", .first = "Chad", .email = "chad@pipeline-booster.example", .title = "Growth"},
	};
	size_t i = roll(&s->dice, (uint32_t)stranger_count);
	struct firm none = {.name = "", .city = ""};
	struct parts who = {.firm = &none,
		.we = &team[roll(&s->dice, 2)],
		.they = &people[i],
		.colleague = &people[i],
		.other_partner = &team[1]};
	return thread(s, &stranger_plots[i], &who, start);
}

static enum status newsletter(struct story *s, int64_t at)
{
	static const struct person editor = {.name = "Private Markets Daily",
		.first = "reader",
		.email = "editor@newsletter.example",
		.title = "Editor",
		.client = CLIENT_GMAIL};
	struct pool *p = pool_new();
	const struct plot *plot = &newsletters[roll(&s->dice, (uint32_t)newsletter_count)];
	struct letter l = {.from = &editor,
		.to = {&team[roll(&s->dice, TEAM)]},
		.to_count = 1,
		.subject = plot->subject,
		.text = plot->lines[0].text,
		.date = office_time(&s->dice, at),
		.list_id = "news.newsletter.example",
		.message_id = pool_printf(p, "%u.issue@newsletter.example", s->written)};
	enum status st = deliver(s, &l);
	pool_free(p);
	return st;
}

enum status story_noise(struct story *s, int count)
{
	enum status (*const kinds[])(struct story *, int64_t) = {internal, stranger, newsletter, newsletter};
	enum status st = OK;
	for (int i = 0; i < count && !st; i++)
		st = kinds[i % 4](s, s->now - (int64_t)(1 + roll(&s->dice, 90)) * DAY);
	return st;
}
