/* Owns where a sentence ends and what a pattern of words means (sentence.h). Never judges what one says.
 * Tests: t/unit/mail_ask.c, t/unit/mail_account.c, t/fuzz/mail_ask.c */
#include "mail/sentence.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

/* ---- words ---- */
struct words words_of(struct pool *p, const char *sentence)
{
	struct words w;
	w.at = str_split(p, str_words(p, sentence), " ", &w.n);
	return w;
}

/* Is the word one of "a|b|@list"? */
static bool is_one_of(const struct word_list *lists, const char *word, const char *alternatives, size_t len);

static bool is_in_list(const struct word_list *lists, const char *word, const char *name, size_t len)
{
	for (const struct word_list *l = lists; l && l->name; l++)
		if (strlen(l->name) == len && !memcmp(l->name, name, len))
			return is_one_of(lists, word, l->words, strlen(l->words));
	return false;
}

static bool is_one_of(const struct word_list *lists, const char *word, const char *alternatives, size_t len)
{
	size_t n = strlen(word);
	for (const char *s = alternatives, *end = s + len; s < end;) {
		const char *bar = memchr(s, '|', (size_t)(end - s));
		size_t one = (size_t)((bar ? bar : end) - s);
		if (*s == '@' ? is_in_list(lists, word, s, one) : one == n && !memcmp(s, word, n))
			return true;
		s += one + 1;
	}
	return false;
}

bool word_is_any(const char *word, const char *alternatives)
{
	return is_one_of(NULL, word, alternatives, strlen(alternatives));
}

/* Does the pattern match from word i on? A skip gives way one word at a time; there is at most one in a row. */
static bool matches_at(const struct word_list *lists, const char *pattern, const struct words *w, size_t i)
{
	while (*pattern) {
		size_t len = strcspn(pattern, " "), most = 0;
		const char *rest = pattern + len + (pattern[len] != 0);
		bool any = len > 2 && pattern[0] == '.';
		if (any)
			for (size_t k = 2; k < len; k++)
				most = most * 10 + (size_t)(pattern[k] - '0');
		else if (len == 1 && *pattern == '*')
			most = 3;
		if (most) {
			for (size_t skipped = 0; skipped <= most && i + skipped <= w->n; skipped++) {
				if (matches_at(lists, rest, w, i + skipped))
					return true;
				if (i + skipped < w->n && !any && !is_in_list(lists, w->at[i + skipped], "*", 1))
					return false;
			}
			return false;
		}
		if (i >= w->n || !is_one_of(lists, w->at[i], pattern, len))
			return false;
		i++;
		pattern = rest;
	}
	return true;
}

bool words_match(const struct word_list *lists, const char *pattern, const struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (matches_at(lists, pattern, w, i))
			return true;
	return false;
}

/* ---- sentences ---- */
struct reader {
	struct pool *p;
	struct buf *sentence;
	bool (*take)(void *arg, const char *sentence);
	void *arg;
	bool done;
};

static void sentence_end(struct reader *r)
{
	if (r->sentence->len && !r->sentence->full && !r->done)
		r->done = !r->take(r->arg, str_squeeze(r->p, r->sentence->data));
	buf_clear(r->sentence);
}

/* The dot of an abbreviation, an initial or a number ends nothing: "Mr. Keller", "15. März". */
static bool is_short(const char *line, size_t dot)
{
	static const char *const words[] = {"mr", "mrs", "ms", "dr", "prof", "no", "nr", "st", "inc", "ltd", "co",
		"corp", "approx", "ca", "bzw", NULL};
	size_t from = dot;
	while (from && (isalnum((unsigned char)line[from - 1]) || line[from - 1] & 0x80))
		from--;
	size_t n = dot - from;
	if (n <= 2 && strspn(line + from, "0123456789") >= n)
		return n > 0;
	for (const char *const *w = words; *w; w++)
		if (strlen(*w) == n && !strncasecmp(*w, line + from, n))
			return true;
	return n == 1;
}

static bool ends_sentence(const char *line, size_t n, size_t i)
{
	if (!strchr(".!?", line[i]) || !line[i])
		return false;
	size_t next = i + 1 + strspn(line + i + 1, "\")'");
	if (next < n && line[next] != ' ')
		return false;
	while (next < n && line[next] == ' ')
		next++;
	if (next < n && islower((unsigned char)line[next]))
		return false;
	return line[i] != '.' || next >= n || !is_short(line, i);
}

/* A greeting, a point of a list and a short line each stand by themselves. */
static bool begins_anew(const char *line)
{
	size_t digits = strspn(line, "0123456789");
	return strchr("-*+", *line) || !strncmp(line, "•", 3) || !strncmp(line, "–", 3) ||
	       (digits && digits < 3 && strchr(".)", line[digits]) && line[digits] && line[digits + 1] == ' ');
}

static void line_read(struct reader *r, const char *line)
{
	size_t n = strlen(line);
	if (begins_anew(line))
		sentence_end(r);
	for (size_t i = 0; i < n; i++) {
		buf_char(r->sentence, line[i]);
		if (ends_sentence(line, n, i))
			sentence_end(r);
	}
	buf_char(r->sentence, ' ');
	if (n < 40 && (line[n - 1] == ',' || line[n - 1] == ':'))
		sentence_end(r);
}

static void segment_read(struct reader *r, const char *s, size_t n)
{
	for (const char *end = s + n; s < end && !r->done;) {
		const char *stop = memchr(s, '\n', (size_t)(end - s));
		size_t len = (size_t)((stop ? stop : end) - s);
		const char *line = str_squeeze(r->p, pool_strndup(r->p, s, len));
		if (*line)
			line_read(r, line);
		else
			sentence_end(r);
		s += len + 1;
	}
	sentence_end(r);
}

void sentences_each(struct pool *p, const char *text, const struct quote_segment *segments, size_t count,
	size_t longest, bool (*take)(void *arg, const char *sentence), void *arg)
{
	struct reader r = {.p = p, .sentence = buf_new(p, longest), .take = take, .arg = arg};
	for (size_t i = 0; i < count && !r.done; i++)
		if (segments[i].kind == QUOTE_REPLY)
			segment_read(&r, text + segments[i].start, segments[i].len);
}
