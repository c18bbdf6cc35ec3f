/* Search: one ranked list of people, organizations, investors, communications and mail. Reads the index that db/index.c
 * keeps; never writes. Mail is found by whoever may read all of it, by nobody else.
 *
 * search/show  parameters: q (search_query.h), kind, limit (fifty, and never more)
 *   data: [{kind, kind_label, icon, id (of the record; of mail, the thread), url, at, title, title_pieces, snippet:
 *         [{text, is_hit}], has_snippet}], the best of what was asked, so many as limit says; mail once a thread
 *   meta: {next (null: what stands further down is found by asking for less), total (or null: more than were counted),
 *         kinds: [{kind, count (of mail, threads), is_capped, messages (of mail)}]}
 *   view.search: {q, has_q, is_empty, is_cut (there is more), shown, total_text, is_by_thread (mail is shown, and more
 *         messages than threads), threads_text, messages_text, kinds: [{label, count_text, url, is_current}]}
 *
 * Two steps, so that a common word costs no more than a rare one: of each kind the newest thousand that fit are ranked, by
 * what stands in them (db/relevance.c), kind and age; titles and snippets are made for those shown. Counts end at "1,000+".
 * Tests: t/60-search.t, t/unit/crm_search_query.c */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/directory.h"
#include "crm/crm.h"
#include "crm/search_query.h"
#include "crm/snippet.h"
#include "base/banned.h"

#define CANDIDATES COUNT_MAX
#define WORDS_BEGUN 64
#define FIRMS 500
#define SHOWN 50
#define TYPED_MAX 16384
#define SNIPPET_WORDS 24
/* A row's number in the index, from the top: its kind, the minute of its `at` since 1970, its id. So the newest of a kind
 * are its last rows, and days are ranges. */
#define KIND_SHIFT 60
#define MINUTE_SHIFT 32
#define MINUTE_MAX (((int64_t)1 << 28) - 1)

static const char *const values[] = {"", "contact", "organization", "investor", "communication", "mail", NULL};
static const char *const labels[] = {"Everything", "People", "Organizations", "Investors", "Communications", "Mail"};
static const char *const singulars[] = {"", "Person", "Organization", "Investor", "Communication", "Mail"};
static const char *const bases[] = {"", "/contacts", "/organizations", "/investors", "/communications", "/mail"};
static const char *const icons[] = {"", "user", "organizations", "investors", "note", "mail"};
static const double weights[] = {0, 1.6, 1.5, 1.4, 1.1, 1.0};

struct hit {
	int64_t row;
	double score; /* the higher, the better */
};

struct hits {
	struct hit all[SHOWN * (SEARCH_KINDS - 1)];
	size_t n, limit;
	int64_t counts[SEARCH_KINDS]; /* of mail, threads */
	int64_t messages;
	bool capped[SEARCH_KINDS];
};

/* ---- a word that was only begun ---- */
static size_t characters(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

/* The first words of the index that begin so, each found from the one before. */
static struct json_object *words_begun(struct op *op, const char *begun)
{
	return db_array(op,
		"WITH RECURSIVE found (word, n) AS (SELECT (SELECT term FROM search_fts_words WHERE term >= ?1 LIMIT "
		"1), 1"
		" UNION ALL SELECT (SELECT term FROM search_fts_words WHERE term >= word || char(1) LIMIT 1), n + 1"
		" FROM found WHERE word < ?2 AND n < ?3) SELECT word FROM found WHERE word < ?2",
		begun, (const char *)pool_printf(op->pool, "%s\xF4\x8F\xBF\xBF", begun), WORDS_BEGUN);
}

/* The index holds beginnings of two and three letters. For any other FTS5 gathers all rows of all words that begin so
 * before it gives the first; of whole words it reads only as many rows as are asked for. */
const char *search_match(struct op *op, const struct search_query *s)
{
	const char *space = s->begun ? strrchr(s->begun, ' ') : NULL, *last = space ? space + 1 : s->begun;
	size_t n = last ? characters(last) : 0, lead = space ? (size_t)(space + 1 - s->begun) : 0;
	if (!n || n == 2 || n == 3)
		return s->match;
	struct json_object *words = n == 1 && !last[1] ? json_arr(op->pool) : words_begun(op, last);
	struct buf *b = buf_new(op->pool, 1 << 20);
	buf_add(b, s->match, s->whole);
	buf_printf(b, "%s%s(\"%s\"", s->whole ? " AND " : "", s->begun_in, s->begun);
	for (size_t i = 0; i < json_len(words); i++)
		buf_printf(b, " OR \"%.*s%s\"", (int)lead, s->begun, json_text(json_at(words, i), "word"));
	buf_char(b, ')');
	return b->data;
}

/* ---- the best of one kind ---- */
static int64_t row_at(int kind, int64_t minute)
{
	return ((int64_t)kind << KIND_SHIFT) + (minute << MINUTE_SHIFT);
}

static int64_t minute_of(int64_t row)
{
	return row >> MINUTE_SHIFT & MINUTE_MAX;
}

/* Days as typed: of UTC, as everything in the index. */
static int64_t day_minute(const char *day, int64_t otherwise)
{
	int64_t minute = day ? zone_day_start("UTC", day, 0) / 60 : otherwise;
	return minute < 0 ? 0 : minute > MINUTE_MAX ? MINUTE_MAX : minute;
}

/* A few firms lead to their rows; of many each row is asked for its firm. */
static void firm_filter(struct op *op, struct query *q, const char *typed, int kind)
{
	struct query firms;
	query_init(&firms, op->pool);
	query_add(&firms, "SELECT id FROM organizations_live WHERE 1");
	directory_filter(op, &firms, "id", NULL, "organizations", typed);
	query_add(&firms, " LIMIT ?", FIRMS + 1);
	if (query_rows(op, &firms)->n > FIRMS)
		query_add(q,
			" AND EXISTS (SELECT 1 FROM search_firms WHERE record = search_fts.rowid & 4294967295 AND kind "
			"= ?",
			kind);
	else
		query_add(q,
			" AND rowid IN (SELECT r.docid FROM search_firms f JOIN search_rows_cache r USING (kind, "
			"record)"
			" WHERE kind = ?",
			kind);
	directory_filter(op, q, "organization_id", NULL, "organizations", typed);
	query_add(q, ")");
}

static void filters(struct op *op, struct query *q, const struct search_query *s, int kind)
{
	if (s->match)
		query_add(q, " AND search_fts MATCH ?", s->match);
	if (s->org)
		firm_filter(op, q, s->org, kind);
}

static int hit_order(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	if (x->score < y->score || x->score > y->score)
		return x->score > y->score ? -1 : 1;
	return x->row < y->row ? 1 : x->row > y->row ? -1 : 0;
}

static size_t gathered(struct req *r, const struct search_query *s, int kind, bool newest_first, struct hit *all)
{
	struct query q;
	int64_t now = r->op.now / 60;
	size_t n = 0;
	query_init(&q, r->op.pool);
	if (kind == SEARCH_MAIL)
		query_add(&q, "SELECT row, score FROM (");
	if (s->match)
		query_add(&q, "SELECT rowid AS row, relevance(search_fts, 10, 5, 5, 1) AS score");
	else
		query_add(&q, "SELECT rowid AS row, 0 AS score");
	query_add(&q, " FROM search_fts WHERE rowid >= ? AND rowid < ?", row_at(kind, day_minute(s->after, 0)),
		s->before ? row_at(kind, day_minute(s->before, 0)) : row_at(kind + 1, 0));
	filters(&r->op, &q, s, kind);
	if (kind == SEARCH_MAIL)
		query_add(&q,
			" ORDER BY rowid DESC LIMIT " LOOKED ") WHERE NOT EXISTS (SELECT 1 FROM restrictions) OR EXISTS"
			" (SELECT 1 FROM messages_seen WHERE id = row & 4294967295 AND level = 0)",
			LOOKED_MAX, CANDIDATES + 1);
	else if (newest_first)
		query_add(&q, " ORDER BY rowid DESC LIMIT ?", CANDIDATES + 1);
	else
		query_add(&q, " ORDER BY rowid LIMIT ?", CANDIDATES + 1);
	for (struct stmt *rows = query_start(&r->op, &q); db_row(rows);) {
		struct hit *hit = &all[n++];
		*hit = (struct hit){db_int(rows, 0), 0};
		double days = (double)(now > minute_of(hit->row) ? now - minute_of(hit->row) : 0) / 1440;
		hit->score = (db_real(rows, 1) + 0.001) * weights[kind] * (1 + 1 / (1 + days / 90));
	}
	return n;
}

/* Of messages, the best first, the best of each thread: how many are left. */
static size_t threads(struct op *op, struct hit *all, size_t n)
{
	struct json_object *ids = json_arr(op->pool);
	int64_t *seen = pool_array(op->pool, n + 1, sizeof *seen);
	size_t left = 0, len;
	for (size_t i = 0; i < n; i++)
		json_push_int(ids, all[i].row & UINT32_MAX);
	struct rows *places = db_rows(op,
		"SELECT m.thread_id FROM json_each(?) j LEFT JOIN message_places m ON m.id = j.value ORDER BY j.key",
		json_bytes(op->pool, ids, &len));
	for (size_t i = 0; i < n && i < places->n; i++) {
		size_t k = 0;
		seen[left] = rows_int(places, i, "thread_id");
		while (seen[k] != seen[left])
			k++;
		if (k == left)
			all[left++] = all[i];
	}
	return left;
}

/* From the newest on FTS5 passes by all mail to reach another kind, from the oldest on hardly anything: whose rows are few
 * enough to be ranked all is asked that way. */
static void candidates(struct req *r, const struct search_query *s, int kind, struct hits *h)
{
	struct hit *all = pool_array(r->op.pool, CANDIDATES + 1, sizeof *all);
	size_t n = kind == SEARCH_MAIL ? 0 : gathered(r, s, kind, false, all);
	if (kind == SEARCH_MAIL || n > CANDIDATES)
		n = gathered(r, s, kind, true, all);
	h->capped[kind] = n > CANDIDATES;
	n = n > CANDIDATES ? CANDIDATES : n;
	qsort(all, n, sizeof *all, hit_order);
	if (kind == SEARCH_MAIL) {
		h->messages = (int64_t)n;
		n = threads(&r->op, all, n);
	}
	h->counts[kind] = (int64_t)n;
	for (size_t i = 0; i < n && i < h->limit; i++)
		h->all[h->n++] = all[i];
}

/* ---- what is shown of them ---- */
/* Of all hits at once: what they say, and whether they live. Always as many numbers, for one prepared statement. */
static struct json_object *texts(struct req *r, const struct hits *h)
{
	struct query q;
	query_init(&q, r->op.pool);
	query_add(&q,
		"SELECT rowid AS row, title, body, at, CASE search_fts.rowid >> 60"
		" WHEN 1 THEN (SELECT id FROM contacts_live WHERE id = search_fts.rowid & 4294967295)"
		" WHEN 2 THEN (SELECT id FROM organizations_live WHERE id = search_fts.rowid & 4294967295)"
		" WHEN 3 THEN (SELECT id FROM investors_live WHERE id = search_fts.rowid & 4294967295)"
		" WHEN 4 THEN (SELECT id FROM communications_live WHERE id = search_fts.rowid & 4294967295)"
		" ELSE (SELECT thread_id FROM messages_seen WHERE id = search_fts.rowid & 4294967295 AND level = 0) END"
		" AS id FROM search_fts WHERE rowid IN (0");
	for (size_t i = 0; i < SHOWN; i++)
		query_add(&q, ", ?", i < h->n && i < h->limit ? h->all[i].row : (int64_t)0);
	query_add(&q, ")");
	return query_array(&r->op, &q);
}

static void result(struct req *r, const struct search_query *s, struct json_object *data, struct json_object *text)
{
	struct pool *p = r->op.pool;
	int64_t id = json_int(text, "id");
	int kind = (int)(json_int(text, "row") >> KIND_SHIFT);
	if (!id)
		return;
	const char *title = json_text(text, "title");
	title = str_blank(title) ? "(no subject)" : title;
	struct json_object *snippet = snippet_pieces(p, json_text(text, "body"), s, SNIPPET_WORDS);
	struct json_object *o = json_push_obj(data);
	json_set_text(o, "kind", values[kind]);
	json_set_text(o, "kind_label", singulars[kind]);
	json_set_text(o, "icon", icons[kind]);
	json_set_int(o, "id", id);
	json_set_text(o, "at", json_text(text, "at"));
	json_set_text(o, "title", title);
	json_set(o, "title_pieces", json_object_get(snippet_pieces(p, title, s, 0)));
	json_set(o, "snippet", json_object_get(snippet));
	set_has(o, "has_snippet", json_len(snippet) > 0);
	set_url(p, o, bases[kind], id);
}

static void results(struct req *r, const struct search_query *s, struct hits *h)
{
	struct pool *p = r->op.pool;
	struct json_object *data = out_data(r, json_arr(p));
	qsort(h->all, h->n, sizeof h->all[0], hit_order);
	size_t shown = h->n < h->limit ? h->n : h->limit;
	if (!shown)
		return;
	struct json_object *all = texts(r, h);
	for (size_t i = 0; i < shown; i++)
		for (size_t k = 0; k < json_len(all); k++)
			if (json_int(json_at(all, k), "row") == h->all[i].row)
				result(r, s, data, json_at(all, k));
}

/* ---- counts ---- */
static const char *query_escape(struct pool *p, const char *s)
{
	struct buf *b = buf_new(p, TYPED_MAX * 4);
	for (; *s; s++)
		buf_printf(b, "%%%02X", (unsigned char)*s);
	return b->data;
}

static void kind_link(
	struct req *r, struct json_object *list, int kind, const char *count, const char *typed, bool current)
{
	struct pool *p = r->op.pool;
	struct json_object *o = json_push_obj(list);
	json_set_text(o, "label", labels[kind]);
	json_set_text(o, "count_text", count);
	json_set_text(o, "url", pool_printf(p, kind ? "/search?q=%s&kind=%s" : "/search?q=%s", typed, values[kind]));
	json_set_bool(o, "is_current", current);
}

/* Of one kind, or of all: how many fit; *more: or more than that. */
static int64_t total_of(const struct hits *h, int kind, bool restricted, bool *more)
{
	int64_t total = 0;
	*more = false;
	for (int i = 1; i < SEARCH_KINDS; i++)
		if (!kind || kind == i) {
			total += h->counts[i];
			*more |= h->capped[i] || (restricted && i == SEARCH_MAIL);
		}
	return total;
}

/* A thousand and more are no number. */
static const char *total_label(struct pool *p, int64_t total, bool more)
{
	return count_label(p, more && total >= COUNT_MAX ? COUNT_MAX + 1 : total, more);
}

/* How much of it is shown, and what is counted: a reader must not take the best fifty for all there is. */
static void extent(struct req *r, const struct hits *h, int kind, bool restricted)
{
	struct pool *p = r->op.pool;
	struct json_object *view = json_get(r->view, "search"), *meta = json_get(r->out, "meta");
	int64_t shown = (int64_t)json_len(json_get(r->out, "data"));
	bool more, of_mail = !kind || kind == SEARCH_MAIL;
	int64_t total = total_of(h, kind, restricted, &more);
	json_set(meta, "total", more ? NULL : json_object_new_int64(total));
	json_set_int(view, "shown", shown);
	json_set_bool(view, "is_empty", !shown);
	json_set_bool(view, "is_cut", total > shown || (more && shown == (int64_t)h->limit));
	json_set_text(view, "total_text", total_label(p, total, more));
	json_set_bool(view, "is_by_thread", of_mail && h->messages > h->counts[SEARCH_MAIL]);
	json_set_text(view, "threads_text", total_label(p, h->counts[SEARCH_MAIL], h->capped[SEARCH_MAIL]));
	json_set_text(view, "messages_text", total_label(p, h->messages, h->capped[SEARCH_MAIL]));
}

static void counts(struct req *r, const struct hits *h, const char *typed, int kind)
{
	struct pool *p = r->op.pool;
	struct json_object *meta = json_add_obj(r->out, "meta"), *list = json_add_arr(meta, "kinds");
	struct json_object *view = json_add_obj(r->view, "search"), *links = json_add_arr(view, "kinds");
	const char *escaped = query_escape(p, typed ? typed : "");
	int64_t restricted = 0;
	db_one_int(&r->op, &restricted, "SELECT EXISTS (SELECT 1 FROM restrictions)");
	json_set_text(meta, "next", NULL);
	for (int i = 0; i < SEARCH_KINDS; i++) {
		bool more;
		int64_t count = total_of(h, i, restricted, &more);
		kind_link(r, links, i, total_label(p, count, more), escaped, kind == i);
		if (!i)
			continue;
		struct json_object *o = json_push_obj(list);
		json_set_text(o, "kind", values[i]);
		json_set_int(o, "count", count);
		json_set_bool(o, "is_capped", more);
		if (i == SEARCH_MAIL)
			json_set_int(o, "messages", h->messages);
	}
	json_set_text(view, "q", typed ? typed : "");
	set_has(view, "has_q", typed != NULL);
	extent(r, h, kind, restricted);
}

enum status search_show(struct req *r)
{
	const char *typed = in_text(r, "q", TYPED_MAX);
	int kind = in_choice(r, "kind", values, 0);
	int64_t limit = in_int(r, "limit", SHOWN, 1, LIMIT_MAX);
	if (r->op.fault.status)
		return r->op.fault.status;
	struct search_query s = search_read(r->op.pool, typed);
	if (s.match)
		s.match = search_match(&r->op, &s);
	struct hits *h = pool_alloc(r->op.pool, sizeof *h);
	*h = (struct hits){.limit = limit < SHOWN ? (size_t)limit : SHOWN};
	for (int i = 1; i < SEARCH_KINDS && !s.is_empty; i++) {
		size_t before = h->n;
		if (!s.kind || s.kind == i)
			candidates(r, &s, i, h);
		if (kind && kind != i)
			h->n = before; /* only counted */
	}
	results(r, &s, h);
	counts(r, h, typed, kind);
	json_set_text(r->view, "title", "Search");
	return r->op.fault.status;
}
