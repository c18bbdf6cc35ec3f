/* Owns finding asks and promises (ask.h). Never decides whose they are: that is the mail's addresses.
 * Tests: t/unit/mail_ask.c, t/fuzz/mail_ask.c */
#include "mail/ask.h"

#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/due.h"
#include "mail/sentence.h"
#include "base/banned.h"

/* ---- the rules ---- */
/* Patterns as words_match() has them, with the lists below; * is courtesy. "I'll" is "i ll". */
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

static const struct word_list word_lists[] = {
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
	{NULL, NULL},
};

/* What stands in every other mail and asks nothing. */
static const char *const formulas[] = {"if you have any", "if you need", "if you require", "should you",
	"any questions", "any further questions", "hesitate", "unsubscribe", "feel free", "click", "browser",
	"intended recipient", "in error", "the environment", "past performance", "confidential", "regards to",
	"hello to", "if you would like to", "if you no longer", "falls sie fragen", "bei fragen", "bei ruckfragen",
	"wenn sie fragen", "fur ruckfragen", NULL};

/* ---- one sentence ---- */
/* "If we go ahead, I will send …" promises nothing yet; "If you could send …" asks. */
static bool is_condition(const struct words *w)
{
	if (w->n < 3 || !word_is_any(w->at[0], "if|unless|falls|wenn|sollten"))
		return false;
	return !(str_eq(w->at[1], "you") && word_is_any(w->at[2], "could|would|can")) &&
	       !word_is_any(w->at[1], "possible|convenient|moglich");
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
	struct words w = words_of(p, sentence);
	if (w.n < 3 || is_condition(&w) || is_formula(p, str_words(p, sentence)))
		return false;
	bool question = strchr(sentence, '?') != NULL;
	const struct rule *found = NULL;
	struct ask ask = {.sentence = sentence};
	ask.has_day = due_find(p, sentence, today, ask.day);
	for (size_t i = 0; i < sizeof rules / sizeof *rules && !found; i++) {
		const struct rule *r = &rules[i];
		if ((r->needs & DATED && !ask.has_day) || (r->needs & QUESTION && !question))
			continue;
		if (words_match(word_lists, r->pattern, &w))
			found = r;
	}
	if (!found)
		return false;
	ask.kind = found->kind;
	*out = ask;
	return true;
}

struct asks {
	struct pool *p;
	const char *today;
	struct ask *out;
	size_t n, max;
};

static bool take(void *arg, const char *sentence)
{
	struct asks *a = arg;
	if (a->n < a->max)
		a->n += judge(a->p, sentence, a->today, &a->out[a->n]);
	return a->n < a->max;
}

size_t ask_find(struct pool *p, const char *text, const struct quote_segment *segments, size_t count, const char *today,
	struct ask *out, size_t max)
{
	struct asks a = {p, today, out, 0, max};
	if (max)
		sentences_each(p, text, segments, count, ASK_SENTENCE_MAX, take, &a);
	return a.n;
}
