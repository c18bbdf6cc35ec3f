/* Owns a digest as a whole: the sections in their order, the headline, and the document through two templates. Complete
 * without any model. Tests: t/unit/digest_make.c, t/50-digest.t */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "db/db.h"
#include "digest/narrative.h"
#include "digest/section.h"
#include "web/tmpl.h"
#include "base/banned.h"

#define DIGEST_MAX ((size_t)2 << 20)
#define LINE_WIDTH 76

const char *section_line(struct making *m, int indent, const char *text)
{
	struct pool *p = m->op->pool;
	char *s = str_squeeze(p, text);
	size_t n = strlen(s), most = LINE_WIDTH - (size_t)indent;
	return n <= most ? s : pool_printf(p, "%.*s...", (int)utf8_clip(s, n, most - 3), s);
}

const char *section_wrapped(struct pool *p, int indent, const char *text)
{
	struct buf *b = buf_new(p, 65536);
	size_t column = (size_t)indent, n;
	char **words = str_split(p, text, " ", &n);
	for (size_t i = 0; i < n; i++) {
		size_t wide = strlen(words[i]);
		bool fits = !i || column + 1 + wide <= LINE_WIDTH;
		if (!fits)
			buf_printf(b, "\n%*s", indent, "");
		else if (i)
			buf_char(b, ' ');
		buf_str(b, words[i]);
		column = !i ? column + wide : fits ? column + 1 + wide : (size_t)indent + wide;
	}
	return b->data;
}

void section_put(struct making *m, const char *key, const char *has, struct json_object *rows)
{
	json_set(m->doc, key, json_object_get(rows));
	json_set_bool(m->doc, has, json_len(rows) > 0);
}

const char *section_url(struct making *m, const char *path, int64_t id)
{
	return pool_printf(m->op->pool, "%s%s/%lld", m->base, path, (long long)id);
}

static bool wants(struct op *op, const char *section)
{
	size_t n;
	char **all = str_split(op->pool, setting_text(op, "digest_sections"), ", ", &n);
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i], section))
			return true;
	return false;
}

static const char *headline(struct making *m)
{
	struct json_object *c = json_get(m->doc, "counts");
	const struct {
		int64_t n;
		const char *what;
	} parts[] = {{json_int(c, "captured"), json_int(c, "captured") == 1 ? "mail captured" : "mails captured"},
		{json_int(c, "recorded"), "recorded"}, {json_int(c, "countersigned"), "countersigned"},
		{json_int(c, "contacts"), json_int(c, "contacts") == 1 ? "new contact" : "new contacts"},
		{json_int(c, "moves"), json_int(c, "moves") == 1 ? "stage move" : "stage moves"},
		{json_int(c, "commitments"),
			json_int(c, "commitments") == 1 ? "commitment changed" : "commitments changed"},
		{json_int(m->doc, "pending"), "waiting"}};
	struct buf *b = buf_new(m->op->pool, 4096);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i].n)
			buf_printf(b, "%s%lld %s", b->len ? ", " : "", (long long)parts[i].n, parts[i].what);
	return b->len ? b->data : m->is_quiet ? "a quiet day" : "nothing new";
}

static const char *weekday(const char *zone, int64_t t)
{
	static const char *const names[] = {
		"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
	return names[zone_weekday(zone, t)];
}

/* The first and the last local day that it is about. */
static void days(struct making *m)
{
	char first[DAY_SIZE], last[DAY_SIZE];
	int64_t from, until;
	if (!instant_parse(m->w.from_at, &from) || !instant_parse(m->w.until_at, &until))
		from = until = m->op->now;
	zone_day(m->zone, from, first);
	zone_day(m->zone, until - 1, last);
	json_set_text(m->doc, "first_day", first);
	json_set_text(m->doc, "last_day", last);
	json_set_bool(m->doc, "is_one_day", !strcmp(first, last));
}

static void head(struct making *m)
{
	json_set_text(m->doc, "fund_name", setting_text(m->op, "fund_name"));
	json_set_text(m->doc, "day", m->w.day);
	json_set_text(m->doc, "weekday", weekday(m->zone, zone_day_start(m->zone, m->w.day, 0) + 43200));
	json_set_text(m->doc, "from_at", m->w.from_at);
	json_set_text(m->doc, "until_at", m->w.until_at);
	json_set_text(m->doc, "home_url", m->base);
	json_set_text(m->doc, "digests_url", pool_printf(m->op->pool, "%s/digests", m->base));
	json_set_text(m->doc, "activity_url",
		pool_printf(m->op->pool, "%s/digests/figures?of=recorded&day=%s", m->base, m->w.day));
	days(m);
}

static enum status render(struct making *m, struct tmpl_set *templates, const char *name, const char **out)
{
	struct tmpl_env env = {
		.docs = {m->doc}, .now = m->op->now, .zone = m->zone, .strict = conf_flag("COUNTERSIGN_STRICT")};
	struct buf *b = buf_new(m->op->pool, DIGEST_MAX);
	const char *error;
	if (!tmpl_render(templates, name, &env, b, &error))
		return fail(m->op, E_INTERNAL, NULL, "the digest cannot be written: %s", error);
	*out = b->data;
	return OK;
}

static void sections(struct making *m, const char *told)
{
	head(m);
	counts_add(m);
	activity_add(m, wants(m->op, "activity"));
	pipeline_add(m, wants(m->op, "pipeline"));
	waiting_add(m, wants(m->op, "waiting"));
	radar_add(m, wants(m->op, "radar"));
	health_add(m, wants(m->op, "health"));
	json_set_text(m->doc, "headline", headline(m));
	json_set_bool(m->doc, "is_quiet", m->is_quiet);
	narrative_add(m->op, m->doc, told);
}

enum status digest_make(
	struct op *op, struct tmpl_set *templates, const char *day, const char *told, struct digest *out)
{
	struct making m = {.op = op,
		.doc = json_obj(op->pool),
		.base = setting_text(op, "base_url"),
		.zone = setting_text(op, "time_zone"),
		.is_quiet = true};
	enum status st = digest_window(op, day, &m.w);
	if (st)
		return st;
	sections(&m, told);
	*out = (struct digest){
		.window = m.w, .told = told, .document = m.doc, .headline = json_text(m.doc, "headline")};
	out->subject = pool_printf(
		op->pool, "[Countersign] %s %s \xe2\x80\x94 %s", json_text(m.doc, "weekday"), day, out->headline);
	st = op->fault.status;
	if (!st)
		st = render(&m, templates, "digest/text.txt", &out->text);
	return st ? st : render(&m, templates, "digest/mail", &out->html);
}
