/* Owns telling what is new in a mail from what it quotes (quote.h). Never removes a byte; in doubt a line is new.
 * The words of other languages are in quote_words.c. Tests: t/unit/mail_quote.c, t/fuzz/mail_quote.c */
#include "mail/quote.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/quote_words.h"
#include "mail/thread.h"
#include "base/banned.h"

#define ATTRIBUTION_LINES 4 /* "On … wrote:" is wrapped by some programs */
#define ATTRIBUTION_MAX 400 /* bytes of it */
#define HEADER_LINES 8      /* From/Sent/To/Subject stand within so many lines */
#define SIGNATURE_LINES 15  /* a longer one is not believed */
#define SIGNATURE_MAX 1500  /* bytes of it */

enum line_class { LINE_TEXT, LINE_BLANK, LINE_QUOTED };

struct line {
	const char *s; /* without leading blanks and asterisks (bold in plain text) */
	size_t n;      /* without its line end and trailing blanks */
	size_t start;  /* offset of the line in the text */
	uint8_t class, kind;
};

struct split {
	const char *text;
	struct line *lines;
	size_t count;
	bool forward_subject;
	bool text_before; /* a line of the sender's own was seen */
	bool comments_inside;
};

const char *quote_kind_name(enum quote_kind kind)
{
	static const char *const names[QUOTE_KIND_COUNT] = {"reply", "quote", "signature", "forward"};
	return names[kind];
}

static void line_classify(struct line *l, const char *s, size_t n)
{
	while (n && strchr(" \t\r", s[n - 1]) && s[n - 1])
		n--;
	while (n && (*s == ' ' || *s == '\t'))
		s++, n--;
	l->class = !n ? LINE_BLANK : *s == '>' && !(n > 6 && memcmp(s, ">From ", 6) == 0) ? LINE_QUOTED : LINE_TEXT;
	while (n && *s == '*')
		s++, n--;
	l->s = s;
	l->n = n;
}

static void lines_split(struct pool *p, struct split *q, size_t n)
{
	size_t most = 1;
	for (size_t i = 0; i < n; i++)
		most += q->text[i] == '\n';
	q->lines = pool_array(p, most, sizeof *q->lines);
	for (size_t at = 0; at < n;) {
		const char *nl = memchr(q->text + at, '\n', n - at);
		size_t len = nl ? (size_t)(nl - q->text) - at : n - at;
		struct line *l = &q->lines[q->count++];
		l->start = at;
		line_classify(l, q->text + at, len);
		at += len + (nl != NULL);
	}
}

/* ---- what one line says ---- */
static bool starts(const char *s, size_t n, const char *word)
{
	size_t len = strlen(word);
	return n >= len && strncasecmp(s, word, len) == 0;
}

static bool contains(const char *s, size_t n, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i + len <= n; i++)
		if (strncasecmp(s + i, word, len) == 0)
			return true;
	return false;
}

static bool starts_any(const struct line *l, const char *const *words)
{
	for (; *words; words++)
		if (starts(l->s, l->n, *words))
			return true;
	return false;
}

static bool contains_any(const char *s, size_t n, const char *const *words)
{
	for (; *words; words++)
		if (contains(s, n, *words))
			return true;
	return false;
}

static bool has_digit_or_at(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((s[i] >= '0' && s[i] <= '9') || s[i] == '@')
			return true;
	return false;
}

static bool ends_with_colon(const char *s, size_t n)
{
	return n && (s[n - 1] == ':' || (n >= 3 && memcmp(s + n - 3, "\xef\xbc\x9a", 3) == 0));
}

static bool all_of(const struct line *l, char c, size_t least)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->s[i] != c)
			return false;
	return l->n >= least;
}

/* "---- words ----" with one of these words inside. */
static bool is_banner(const struct line *l, const char *const *words)
{
	size_t n = l->n, lead = 0;
	if (n < 8 || n > 120)
		return false;
	while (lead < n && l->s[lead] == '-')
		lead++;
	const char *s = l->s + lead;
	n -= lead;
	while (n && *s == ' ')
		s++, n--;
	if (lead < 2)
		return false;
	for (; *words; words++)
		if (starts(s, n, *words))
			return true;
	return false;
}

static size_t next_text(const struct split *q, size_t i)
{
	while (i < q->count && q->lines[i].class == LINE_BLANK)
		i++;
	return i;
}

static bool is_quoted(const struct split *q, size_t i)
{
	return i < q->count && q->lines[i].class == LINE_QUOTED;
}

/* ---- "On …, … wrote:" ---- */

/* Lines of the attribution that begins at i; 0 when none does. One that begins and ends as a language has it stands for
 * itself, another line with a colon only before quoted lines. */
static size_t attribution_length(const struct split *q, size_t i)
{
	const struct line *first = &q->lines[i];
	for (const struct quote_attribution *a = quote_attributions; a->begin; a++) {
		if (!starts(first->s, first->n, a->begin))
			continue;
		for (size_t k = 0; k < ATTRIBUTION_LINES && i + k < q->count; k++) {
			const struct line *l = &q->lines[i + k];
			size_t n = (size_t)(l->s + l->n - first->s);
			if (n > ATTRIBUTION_MAX || l->class != LINE_TEXT)
				break;
			if (ends_with_colon(l->s, l->n) && contains(first->s, n, a->verb) &&
				has_digit_or_at(first->s, n))
				return k + 1;
		}
	}
	return 0;
}

static bool is_loose_attribution(const struct split *q, size_t i)
{
	const struct line *l = &q->lines[i];
	if (l->n > ATTRIBUTION_MAX || !ends_with_colon(l->s, l->n) || !is_quoted(q, next_text(q, i + 1)))
		return false;
	return memchr(l->s, '@', l->n) || contains_any(l->s, l->n, quote_verbs);
}

/* ---- From: / Sent: / To: / Subject: ---- */
static bool is_label(const struct line *l, const char *const *labels)
{
	for (; *labels; labels++) {
		size_t n = strlen(*labels);
		if (!starts(l->s, l->n, *labels))
			continue;
		const char *c = l->s + n, *end = l->s + l->n;
		while (c < end && (*c == ' ' || *c == '*' || *c == '\t'))
			c++;
		if (c < end && ends_with_colon(l->s, (size_t)(c - l->s) + 1))
			return true;
		if (end - c >= 3 && memcmp(c, "\xef\xbc\x9a", 3) == 0)
			return true;
	}
	return false;
}

/* Lines of the header block that begins at i, 0 when none does: a From, then within a few lines a date and a To or
 * Subject. Mails in plain text also wrap the values. */
static size_t header_block_length(const struct split *q, size_t i)
{
	if (!is_label(&q->lines[i], quote_from))
		return 0;
	bool date = false, to = false, subject = false;
	size_t last = 0;
	for (size_t k = 1; k < HEADER_LINES && i + k < q->count; k++) {
		const struct line *l = &q->lines[i + k];
		bool is_date = is_label(l, quote_date), is_to = is_label(l, quote_to),
		     is_subject = is_label(l, quote_subject);
		date |= is_date;
		to |= is_to;
		subject |= is_subject;
		if (is_date || is_to || is_subject)
			last = k + 1;
		if (l->class != LINE_TEXT && last)
			break;
	}
	return date && (to || subject) ? last : 0;
}

/* Lines of what introduces a whole mail below it: a rule or "-----Original Message-----", and its headers. */
static size_t original_length(const struct split *q, size_t i)
{
	const struct line *l = &q->lines[i];
	bool banner = is_banner(l, quote_originals);
	if (!banner && !all_of(l, '_', 5) && !all_of(l, '-', 3))
		return header_block_length(q, i);
	size_t next = next_text(q, i + 1), block = next < q->count ? header_block_length(q, next) : 0;
	if (block)
		return next + block - i;
	return banner ? 1 : 0;
}

static bool is_forward_mark(const struct line *l)
{
	return is_banner(l, quote_forwards) || (starts_any(l, quote_forward_begins) && ends_with_colon(l->s, l->n));
}

/* ---- signatures ---- */
static bool is_delimiter(const struct line *l)
{
	return (l->n == 2 && memcmp(l->s, "--", 2) == 0) || (l->n == 3 && memcmp(l->s, "\xe2\x80\x94", 3) == 0);
}

static bool ends_own_text(const struct split *q, size_t i)
{
	const struct line *l = &q->lines[i];
	return l->class == LINE_QUOTED || attribution_length(q, i) || original_length(q, i) || is_forward_mark(l) ||
	       is_loose_attribution(q, i);
}

/* Lines of the signature that begins at i, up to quoted text or the end; 0 when none does. */
static size_t signature_length(const struct split *q, size_t i)
{
	const struct line *l = &q->lines[i];
	if (!is_delimiter(l) && !starts_any(l, quote_devices))
		return 0;
	size_t lines = is_delimiter(l) ? SIGNATURE_LINES : 2, k = 1, used = 0;
	for (; i + k < q->count && !ends_own_text(q, i + k); k++) {
		const struct line *more = &q->lines[i + k];
		used += more->class == LINE_TEXT;
		if (used > lines || more->start + more->n - l->start > SIGNATURE_MAX)
			return 0;
	}
	return k;
}

/* ---- the whole ---- */
static size_t mark(struct split *q, size_t i, size_t n, enum quote_kind kind)
{
	for (size_t k = 0; k < n && i + k < q->count; k++)
		q->lines[i + k].kind = (uint8_t)kind;
	return n;
}

/* A mail below its headers: all of it is a quote, or a forward where the subject says so or nothing stands above. With
 * '>' it goes on line by line; where the sender says that answers stand inside, it is new. Returns lines dealt with. */
static size_t mark_original(struct split *q, size_t i, size_t head)
{
	bool forward = q->forward_subject || !q->text_before;
	if (!forward && is_quoted(q, next_text(q, i + head)))
		return mark(q, i, head, QUOTE_QUOTE);
	enum quote_kind kind = forward ? QUOTE_FORWARD : q->comments_inside ? QUOTE_REPLY : QUOTE_QUOTE;
	return mark(q, i, q->count - i, kind);
}

/* The attribution of n lines at i: with what it introduces, when that is quoted line by line or all that follows. */
static size_t mark_attribution(struct split *q, size_t i, size_t n)
{
	if (is_quoted(q, next_text(q, i + n)))
		return mark(q, i, n, QUOTE_QUOTE);
	if (!q->text_before || q->forward_subject || q->comments_inside || next_text(q, i + n) == q->count) {
		q->text_before = true;
		return n;
	}
	return mark(q, i, q->count - i, QUOTE_QUOTE);
}

static size_t mark_lines(struct split *q, size_t i)
{
	struct line *l = &q->lines[i];
	size_t n;
	if (l->class == LINE_BLANK)
		return mark(q, i, 1, i ? (enum quote_kind)q->lines[i - 1].kind : QUOTE_REPLY);
	if (l->class == LINE_QUOTED)
		return mark(q, i, 1, QUOTE_QUOTE);
	if (is_forward_mark(l))
		return mark(q, i, q->count - i, QUOTE_FORWARD);
	if ((n = original_length(q, i)))
		return mark_original(q, i, n);
	if ((n = attribution_length(q, i)))
		return mark_attribution(q, i, n);
	if (is_loose_attribution(q, i)) {
		/* Wrapped inside its address: the line above belongs to it. */
		bool wrapped = i && q->lines[i - 1].class == LINE_TEXT && q->lines[i - 1].n <= ATTRIBUTION_MAX &&
			       q->lines[i - 1].n > 1 && q->lines[i - 1].s[q->lines[i - 1].n - 1] == '<';
		mark(q, i - wrapped, 1, QUOTE_QUOTE);
		return mark(q, i, 1, QUOTE_QUOTE);
	}
	if ((n = signature_length(q, i)))
		return mark(q, i, n, QUOTE_SIGNATURE);
	q->text_before = true;
	q->comments_inside |= contains_any(l->s, l->n, quote_inside);
	return 1;
}

static struct quote_segment *segments_of(struct pool *p, const struct split *q, size_t n, size_t *count)
{
	size_t runs = 0;
	for (size_t i = 0; i < q->count; i++)
		runs += !i || q->lines[i].kind != q->lines[i - 1].kind;
	if (runs > QUOTE_SEGMENTS_MAX)
		runs = QUOTE_SEGMENTS_MAX;
	struct quote_segment *out = pool_array(p, runs, sizeof *out);
	size_t k = 0;
	for (size_t i = 0; i < q->count && k < runs; i++)
		if (!i || q->lines[i].kind != q->lines[i - 1].kind)
			out[k++] = (struct quote_segment){.start = q->lines[i].start, .kind = q->lines[i].kind};
	for (size_t i = 0; i < runs; i++)
		out[i].len = (i + 1 < runs ? out[i + 1].start : n) - out[i].start;
	*count = runs;
	return out;
}

static bool is_forward_subject(struct pool *p, const char *subject)
{
	return subject && !subject_is_reply(subject) && !str_eq(subject_base(p, subject), str_squeeze(p, subject));
}

struct quote_segment *quote_split(struct pool *p, const char *text, size_t n, const char *subject, size_t *count)
{
	*count = 0;
	if (!n)
		return NULL;
	struct split q = {.text = text, .forward_subject = is_forward_subject(p, subject)};
	lines_split(p, &q, n);
	for (size_t i = 0; i < q.count;)
		i += mark_lines(&q, i);
	/* Nothing new at all? Then nothing may be folded: somebody typed it, however it looks. */
	bool any = false;
	for (size_t i = 0; i < q.count; i++)
		any |= q.lines[i].class != LINE_BLANK &&
		       (q.lines[i].kind == QUOTE_REPLY || q.lines[i].kind == QUOTE_FORWARD);
	if (!any)
		mark(&q, 0, q.count, QUOTE_REPLY);
	return segments_of(p, &q, n, count);
}
