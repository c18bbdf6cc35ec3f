/* Owns the language of the search: words, "phrases", from: to: org: before: after: is:. Never asks the database.
 * Tests: t/unit/crm_search_query.c */
#include "crm/search_query.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define TERMS_MAX 16
#define TERM_BYTES 100
#define WORDS_MAX 64

struct term {
	const char *prefix; /* "from"; NULL: none */
	const char *text;
	bool is_phrase;
};

struct reader {
	struct pool *pool;
	const char *at;
	struct buf *match;
	int terms;
	size_t whole;
	const char *begun, *begun_in;
	struct search_word words[WORDS_MAX];
	size_t word_count;
};

static const char space[] = " \t\r\n\v\f";

/* At most n bytes, no character cut in two. */
static const char *cut(struct pool *p, const char *s, size_t n)
{
	if (n > TERM_BYTES) {
		n = TERM_BYTES;
		while (n && ((unsigned char)s[n] & 0xC0) == 0x80)
			n--;
	}
	return pool_strndup(p, s, n);
}

/* A quoted text up to its closing quote, or to the end when nobody closed it; else up to white space. */
static const char *text_next(struct reader *r, bool *is_phrase)
{
	*is_phrase = *r->at == '"';
	const char *start = r->at + *is_phrase;
	size_t n = strcspn(start, *is_phrase ? "\"" : space);
	r->at = start + n + (*is_phrase && start[n]);
	return cut(r->pool, start, n);
}

static const char *operator_next(struct reader *r)
{
	static const char *const names[] = {"from", "to", "org", "before", "after", "is"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t n = strlen(names[i]);
		if (!strncasecmp(r->at, names[i], n) && r->at[n] == ':' && r->at[n + 1] &&
			!strchr(space, r->at[n + 1])) {
			r->at += n + 1;
			return names[i];
		}
	}
	return NULL;
}

static bool term_next(struct reader *r, struct term *t)
{
	r->at += strspn(r->at, space);
	if (!*r->at)
		return false;
	t->prefix = operator_next(r);
	t->text = text_next(r, &t->is_phrase);
	return true;
}

/* Words of any column are marked where they are found. */
static void words_add(struct reader *r, const char *words, bool is_beginning)
{
	size_t n;
	char **all = str_split(r->pool, words, " ", &n);
	for (size_t i = 0; i < n && r->word_count < WORDS_MAX; i++)
		r->words[r->word_count++] = (struct search_word){all[i], is_beginning && i + 1 == n};
}

/* Quoted, so that nothing in it means anything to FTS5 but its words; one without any would find nothing at all. */
static void match_add(struct reader *r, const char *columns, const char *text, bool is_beginning)
{
	const char *words = str_words(r->pool, text);
	if (!*words)
		return;
	if (!*columns)
		words_add(r, words, is_beginning);
	if (is_beginning) {
		r->whole = r->match->len;
		r->begun = words;
		r->begun_in = columns;
	}
	buf_str(r->match, r->terms++ ? " AND " : "");
	buf_str(r->match, columns);
	buf_char(r->match, '"');
	for (const char *s = text; *s; s++) {
		if (*s == '"')
			buf_char(r->match, '"');
		buf_char(r->match, *s);
	}
	buf_str(r->match, is_beginning ? "\"*" : "\"");
}

static int kind_of(const char *text)
{
	static const char *const names[SEARCH_KINDS] = {
		[SEARCH_CONTACT] = "contact",
		[SEARCH_ORGANIZATION] = "organization",
		[SEARCH_INVESTOR] = "investor",
		[SEARCH_COMMUNICATION] = "communication",
		[SEARCH_MAIL] = "mail",
	};
	for (int i = 1; i < SEARCH_KINDS; i++)
		if (str_ieq(names[i], text))
			return i;
	return 0;
}

/* False: it makes no sense as an operator. */
static bool operator_apply(struct reader *r, struct search_query *q, const struct term *t, bool is_last)
{
	bool is_beginning = is_last && !t->is_phrase;
	bool has_words = *str_words(r->pool, t->text) != 0;
	if (str_eq(t->prefix, "from") && has_words)
		match_add(r, "{sender} : ", t->text, is_beginning);
	else if (str_eq(t->prefix, "to") && has_words)
		match_add(r, "{recipients} : ", t->text, is_beginning);
	else if (str_eq(t->prefix, "org") && has_words)
		q->org = q->org ? pool_printf(r->pool, "%s %s", q->org, t->text) : t->text;
	else if (str_eq(t->prefix, "before") && day_valid(t->text))
		q->before = t->text;
	else if (str_eq(t->prefix, "after") && day_valid(t->text))
		q->after = t->text;
	else if (str_eq(t->prefix, "is") && kind_of(t->text))
		q->kind = kind_of(t->text);
	else
		return false;
	return true;
}

struct search_query search_read(struct pool *p, const char *typed)
{
	struct search_query q = {0};
	struct reader *r = pool_alloc(p, sizeof *r);
	*r = (struct reader){.pool = p, .at = typed ? typed : "", .match = buf_new(p, 32768)};
	struct term t;
	for (int i = 0; i < TERMS_MAX && term_next(r, &t); i++) {
		bool is_last = !r->at[strspn(r->at, space)];
		if (t.prefix && operator_apply(r, &q, &t, is_last))
			continue;
		const char *text = t.prefix ? pool_printf(p, "%s:%s", t.prefix, t.text) : t.text;
		match_add(r, "", text, is_last && !t.is_phrase);
	}
	q.match = r->terms ? r->match->data : NULL;
	q.whole = r->whole;
	q.begun = r->begun;
	q.begun_in = r->begun_in;
	q.words = r->words;
	q.word_count = r->word_count;
	q.is_empty = !q.match && !q.before && !q.after && !q.org && !q.kind;
	return q;
}
