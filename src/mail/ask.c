/* Owns finding asks and promises (ask.h). Never decides whose they are: that is the mail's addresses.
 * Tests: t/unit/mail_ask.c, t/fuzz/mail_ask.c */
#include "mail/ask.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/due.h"
#include "base/banned.h"

/* ---- the rules ---- */
/* A pattern is matched against the words of a sentence (str_words: no case, no accents, "I'll" is "i ll"), anywhere in it.
 * Bars separate alternatives, @name stands for a list below, * for up to three words of courtesy, ..N for up to N words. */
enum { DATED = 1, QUESTION = 2 }; /* only with a day in the sentence; only when it ends with a question mark */

static const struct rule {
	enum ask_kind kind;
	unsigned needs;
	const char *pattern;
} rules[] = {
	{ASK_REQUEST, 0, "could|can|would|will you * @do|say|tell|make|give|add|look|take|put"},
	{ASK_REQUEST, 0, "would you mind * @doing"},
	{ASK_REQUEST, 0, "would you be able to * @do"},
	{ASK_REQUEST, 0, "are you able to * @do"},
	{ASK_REQUEST, 0, "would|is it be|possible possible|to|for ..3 @do"},
	{ASK_REQUEST, 0, "please|kindly * @do"},
	{ASK_REQUEST, 0, "please|kindly let me|us|him|her|them know when|which|what|who|how|by|your|whether|until"},
	{ASK_REQUEST, 0, "could|may|can|might i|we * have|get|receive|see|obtain"},
	{ASK_REQUEST, 0, "i|we * need|require ..8 from you"},
	{ASK_REQUEST, 0, "need|like|want|ask you to * @do"},
	{ASK_REQUEST, 0, "if you could|would|can * @do"},
	{ASK_REQUEST, 0, "would help us|me|them ..2 to have|get|receive|see"},
	{ASK_REQUEST, DATED | QUESTION, "are|can|could|do|would|will|shall|may you|we|i"},
	{ASK_REQUEST, DATED | QUESTION, "does|would|will|is ..8 work|suit|good|convenient|possible|fine"},
	{ASK_PROMISE, 0, "i will|ll|shall * @give"},
	{ASK_PROMISE, 0, "we will|ll|shall * @give you"},
	{ASK_PROMISE, 0, "we will|ll|shall * @give ..6 to|with you"},
	{ASK_PROMISE, DATED, "we will|ll|shall * @give"},
	{ASK_PROMISE, DATED, "i|we will|ll|shall * @act"},
	{ASK_PROMISE, 0, "i|we will|ll|shall * get|come|circle|revert|report back"},
	{ASK_PROMISE, 0, "i|we will|ll|shall * let you know"},
	{ASK_PROMISE, 0, "let me * check|ask|confirm|find|look ..12 get|come|let|circle|revert"},
	{ASK_PROMISE, DATED, "you will|ll|should|shall * have|receive|get"},
	{ASK_REQUEST, 0, "konnten|wurden|konnen|konntest|kannst|wurdest sie|du ..12 @tun"},
	{ASK_REQUEST, 0, "bitte * senden|schicken|bestatigen|prufen|ubermitteln|unterschreiben|teilen|sagen sie"},
	{ASK_REQUEST, 0, "bitte * sende|schicke|schick|bestatige|prufe|unterschreibe|sag mir|uns"},
	{ASK_PROMISE, 0, "ich|wir werde|werden ihnen|dir|euch ..12 @tun"},
	{ASK_PROMISE, 0, "ich|wir sende|schicke|senden|schicken ihnen|dir|euch"},
	{ASK_PROMISE, DATED, "ich|wir melde|melden mich|uns"},
};

static const struct word_list {
	const char *name, *words;
} word_lists[] = {
	{"@do", "send|share|forward|provide|confirm|sign|return|review|complete|fill|check|update|prepare|draft|"
		"introduce|"
		"connect|arrange|schedule|book|resend|upload|attach|advise|call|email|wire|countersign|clarify|explain|"
		"circulate|submit|pass|elaborate"},
	{"@doing", "sending|sharing|forwarding|providing|confirming|signing|returning|reviewing|completing|filling|"
		   "checking|"
		   "updating|introducing|connecting|arranging|scheduling|resending|uploading|attaching|explaining|"
		   "clarifying"},
	{"@give", "send|share|forward|provide|circulate|return|resend|upload|introduce|deliver|submit|pass"},
	{"@act", "confirm|write|call|ask|check|make|prepare|arrange|update|follow|draft|review|sign|look|speak|try|"
		 "organise|"
		 "organize|complete|email|schedule"},
	{"@tun", "senden|schicken|zusenden|zuschicken|ubermitteln|bestatigen|mitteilen|weiterleiten|prufen|"
		 "unterschreiben|"
		 "zukommen|nachreichen|bereitstellen|sagen|geben"},
	{"*", "please|kindly|also|then|perhaps|possibly|maybe|just|quickly|briefly|both|already|still|either|gladly|"
	      "happily|"
	      "certainly|of|course|therefore|now|me|bitte|gerne|noch|auch|mal|kurz|be|able|to|happy|separately|"
	      "personally"},
};

/* What stands in every other mail and asks nothing. */
static const char *const formulas[] = {"if you have any", "if you need", "if you require", "should you",
	"any questions", "any further questions", "hesitate", "unsubscribe", "feel free", "click", "browser",
	"intended recipient", "in error", "the environment", "past performance", "confidential", "regards to",
	"hello to", "if you would like to", "if you no longer", "falls sie fragen", "bei fragen", "bei ruckfragen",
	"wenn sie fragen", "fur ruckfragen", NULL};

/* ---- matching ---- */
struct words {
	char **at;
	size_t n;
};

/* Is the word one of "a|b|@list"? */
static bool is_one_of(const char *word, const char *alternatives, size_t len);

static bool is_in_list(const char *word, const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof word_lists / sizeof *word_lists; i++)
		if (strlen(word_lists[i].name) == len && !memcmp(word_lists[i].name, name, len))
			return is_one_of(word, word_lists[i].words, strlen(word_lists[i].words));
	return false;
}

static bool is_one_of(const char *word, const char *alternatives, size_t len)
{
	size_t n = strlen(word);
	for (const char *s = alternatives, *end = s + len; s < end;) {
		const char *bar = memchr(s, '|', (size_t)(end - s));
		size_t one = (size_t)((bar ? bar : end) - s);
		if (*s == '@' ? is_in_list(word, s, one) : one == n && !memcmp(s, word, n))
			return true;
		s += one + 1;
	}
	return false;
}

static bool is_any_of(const char *word, const char *alternatives)
{
	return is_one_of(word, alternatives, strlen(alternatives));
}

/* Does the pattern match from word i on? A skip gives way one word at a time; there is at most one in a row. */
static bool matches_at(const char *pattern, const struct words *w, size_t i)
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
				if (matches_at(rest, w, i + skipped))
					return true;
				if (i + skipped < w->n && !any && !is_in_list(w->at[i + skipped], "*", 1))
					return false;
			}
			return false;
		}
		if (i >= w->n || !is_one_of(w->at[i], pattern, len))
			return false;
		i++;
		pattern = rest;
	}
	return true;
}

static bool matches(const char *pattern, const struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (matches_at(pattern, w, i))
			return true;
	return false;
}

/* "If we go ahead, I will send …" promises nothing yet; "If you could send …" asks. */
static bool is_condition(const struct words *w)
{
	if (w->n < 3 || !is_any_of(w->at[0], "if|unless|falls|wenn|sollten"))
		return false;
	return !(str_eq(w->at[1], "you") && is_any_of(w->at[2], "could|would|can")) &&
	       !is_any_of(w->at[1], "possible|convenient|moglich");
}

static bool is_formula(struct pool *p, const char *words)
{
	const char *padded = pool_printf(p, " %s ", words);
	for (const char *const *f = formulas; *f; f++)
		if (strstr(padded, pool_printf(p, " %s ", *f)))
			return true;
	return false;
}

static bool judge(struct pool *p, const char *sentence, const char *today, struct ask *out)
{
	const char *plain = str_words(p, sentence);
	struct words w;
	w.at = str_split(p, plain, " ", &w.n);
	if (w.n < 3 || is_condition(&w) || is_formula(p, plain))
		return false;
	bool question = strchr(sentence, '?') != NULL;
	const struct rule *found = NULL;
	struct ask ask = {.sentence = sentence};
	ask.has_day = due_find(p, sentence, today, ask.day);
	for (size_t i = 0; i < sizeof rules / sizeof *rules && !found; i++) {
		const struct rule *r = &rules[i];
		if ((r->needs & DATED && !ask.has_day) || (r->needs & QUESTION && !question))
			continue;
		if (matches(r->pattern, &w))
			found = r;
	}
	if (!found)
		return false;
	ask.kind = found->kind;
	*out = ask;
	return true;
}

/* ---- sentences ---- */
struct reader {
	struct pool *p;
	struct buf *sentence;
	const char *today;
	struct ask *out;
	size_t n, max;
};

static void sentence_end(struct reader *r)
{
	if (r->sentence->len && !r->sentence->full && r->n < r->max) {
		const char *text = str_squeeze(r->p, r->sentence->data);
		r->n += judge(r->p, text, r->today, &r->out[r->n]);
	}
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
	for (const char *end = s + n; s < end && r->n < r->max;) {
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

size_t ask_find(struct pool *p, const char *text, const struct quote_segment *segments, size_t count, const char *today,
	struct ask *out, size_t max)
{
	struct reader r = {p, buf_new(p, ASK_SENTENCE_MAX), today, out, 0, max};
	for (size_t i = 0; i < count && r.n < max; i++)
		if (segments[i].kind == QUOTE_REPLY)
			segment_read(&r, text + segments[i].start, segments[i].len);
	return r.n;
}
