/* Owns which lines of a mail are new. Doubt goes to reply: what is folded must be a quotation. Tests: t/unit/mail_quote.c */
#include "mail/quote.h"

#include <string.h>
#include <strings.h>

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

struct line {
	const char *s;
	size_t len;  /* without the line end */
	size_t next; /* offset of the line after */
};

struct split {
	const char *text;
	size_t n;
	struct quote_segment *out;
	size_t count;
};

const char *quote_kind_name(enum quote_kind kind)
{
	static const char *const names[] = {"reply", "quote", "signature", "forward"};
	return names[kind];
}

static struct line line_at(const char *text, size_t n, size_t at)
{
	const char *nl = memchr(text + at, '\n', n - at);
	size_t end = nl ? (size_t)(nl - text) : n;
	return (struct line){text + at, end - at, nl ? end + 1 : n};
}

static bool is_blank(struct line l)
{
	for (size_t i = 0; i < l.len; i++)
		if (l.s[i] != ' ' && l.s[i] != '\t')
			return false;
	return true;
}

static bool starts(struct line l, const char *prefix)
{
	size_t n = strlen(prefix);
	return l.len >= n && !strncasecmp(l.s, prefix, n);
}

static bool ends_with(struct line l, const char *suffix)
{
	size_t n = strlen(suffix);
	while (l.len && (l.s[l.len - 1] == ' ' || l.s[l.len - 1] == '\t'))
		l.len--;
	return l.len >= n && !strncasecmp(l.s + l.len - n, suffix, n);
}

static bool is_quoted(struct line l)
{
	return l.len && l.s[0] == '>';
}

/* "On Tue, … wrote:", perhaps over two lines, in the languages met most; itself perhaps quoted by Apple Mail. */
static bool is_intro(struct split *s, size_t at)
{
	static const char *const begins[] = {"On ", "Am ", "Le ", "El ", "Il ", "Op ", "Den "};
	static const char *const ends[] = {
		"wrote:", "schrieb:", "a écrit :", "a écrit:", "escribió:", "ha scritto:", "schreef:", "skrev:"};
	struct line l = line_at(s->text, s->n, at);
	if (starts(l, "> "))
		l.s += 2, l.len -= 2;
	bool begun = false;
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		begun |= starts(l, begins[i]);
	for (int tries = 0; begun && tries < 3; tries++) {
		for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
			if (ends_with(l, ends[i]))
				return true;
		size_t next = (size_t)(l.s - s->text) + l.len + 1;
		if (next >= s->n)
			return false;
		l = line_at(s->text, s->n, next);
	}
	return false;
}

/* Outlook: a rule or nothing, then From:, Sent: or Date:, To:, Subject: in lines of their own. */
static bool is_outlook(struct split *s, size_t at)
{
	static const char *const froms[] = {"From:", "Von:", "De :", "De:", "Da:", "Van:", "*From:*"};
	static const char *const others[] = {
		"Sent:", "Date:", "To:", "Subject:", "Gesendet:", "An:", "Betreff:", "Envoyé", "À", "Objet", "Enviado",
		"Para:", "Asunto:", "Inviato:", "A:", "Oggetto:", "Verzonden:", "Aan:", "Onderwerp:", "*Sent:*",
		"*To:*", "Cc:"};
	struct line l = line_at(s->text, s->n, at);
	if (starts(l, "-----Original Message-----") || starts(l, "-----Ursprüngliche Nachricht-----") ||
		starts(l, "________________________________"))
		return starts(l, "-----") || (l.next < s->n && is_outlook(s, l.next));
	bool from = false;
	for (size_t i = 0; i < sizeof froms / sizeof *froms; i++)
		from |= starts(l, froms[i]);
	int found = 0;
	for (int i = 0; from && i < 5 && l.next < s->n; i++) {
		l = line_at(s->text, s->n, l.next);
		for (size_t k = 0; k < sizeof others / sizeof *others; k++)
			if (starts(l, others[k])) {
				found++;
				break;
			}
	}
	return found >= 2;
}

static bool is_forward(struct line l)
{
	return starts(l, "---------- Forwarded message") || starts(l, "Begin forwarded message:") ||
	       starts(l, "-------- Forwarded Message") || starts(l, "-------- Weitergeleitete Nachricht");
}

static bool subject_says_forward(const char *subject)
{
	static const char *const prefixes[] = {"fw:", "fwd:", "wg:", "tr:", "rv:"};
	for (size_t i = 0; subject && i < sizeof prefixes / sizeof *prefixes; i++)
		if (!strncasecmp(subject, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static bool is_signature(struct line l)
{
	return (l.len == 2 || (l.len == 3 && l.s[2] == ' ')) && l.s[0] == '-' && l.s[1] == '-';
}

static bool is_device(struct line l)
{
	return starts(l, "Sent from my ") || starts(l, "Von meinem iPhone") || starts(l, "Get Outlook for ") ||
	       starts(l, "Envoyé de mon ");
}

static void add(struct split *s, size_t start, size_t end, enum quote_kind kind)
{
	if (end <= start)
		return;
	if (s->count && (s->out[s->count - 1].kind == kind || s->count == QUOTE_SEGMENTS_MAX)) {
		s->out[s->count - 1].len = end - s->out[s->count - 1].start;
		return;
	}
	s->out[s->count++] = (struct quote_segment){start, end - start, kind};
}

/* Does anything unquoted follow? Then the answers stand between the lines, and nothing is folded but the marked ones. */
static bool has_reply_after(struct split *s, size_t at)
{
	while (at < s->n) {
		struct line l = line_at(s->text, s->n, at);
		if (!is_blank(l) && !is_quoted(l) && !is_intro(s, at))
			return true;
		at = l.next;
	}
	return false;
}

/* End of the run of quoted and blank lines that begins at `at`. */
static size_t quoted_run(struct split *s, size_t at)
{
	size_t end = at;
	while (at < s->n) {
		struct line l = line_at(s->text, s->n, at);
		if (is_quoted(l))
			end = l.next;
		else if (!is_blank(l))
			break;
		at = l.next;
	}
	return end;
}

static size_t intro_length(struct split *s, size_t at)
{
	for (int i = 0; i < 4 && at < s->n; i++) {
		struct line l = line_at(s->text, s->n, at);
		at = l.next;
		if (ends_with(l, ":"))
			break;
	}
	return at;
}

/* One step from the line at `at`; returns where to go on. */
static size_t step(struct split *s, size_t at, const char *subject, bool *in_signature)
{
	struct line l = line_at(s->text, s->n, at);
	enum quote_kind tail = subject_says_forward(subject) ? QUOTE_FORWARD : QUOTE_QUOTE;
	if (is_forward(l)) {
		add(s, at, s->n, QUOTE_FORWARD);
		return s->n;
	}
	if (is_outlook(s, at)) {
		add(s, at, s->n, tail);
		return s->n;
	}
	if (is_intro(s, at) && !is_quoted(l)) {
		size_t after = intro_length(s, at), end = quoted_run(s, after);
		/* No marks at all: an HTML mail's quotation made flat; the rest is it. */
		if (end <= after)
			end = s->n;
		add(s, at, end, QUOTE_QUOTE);
		*in_signature = false;
		return end;
	}
	if (is_quoted(l)) {
		size_t end = quoted_run(s, at);
		add(s, at, end > at ? end : l.next, QUOTE_QUOTE);
		*in_signature = false;
		return end > at ? end : l.next;
	}
	if ((is_signature(l) || is_device(l)) && !*in_signature)
		*in_signature = true;
	add(s, at, l.next, *in_signature ? QUOTE_SIGNATURE : QUOTE_REPLY);
	return l.next;
}

struct quote_segment *quote_split(struct pool *p, const char *text, size_t n, const char *subject, size_t *count)
{
	struct split s = {.text = text, .n = n, .out = pool_array(p, QUOTE_SEGMENTS_MAX, sizeof(struct quote_segment))};
	bool in_signature = false;
	for (size_t at = 0; at < n;)
		at = step(&s, at, subject, &in_signature);
	/* A "signature" with an answer behind it was none. */
	for (size_t i = 0; i + 1 < s.count; i++)
		if (s.out[i].kind == QUOTE_SIGNATURE && has_reply_after(&s, s.out[i].start + s.out[i].len))
			s.out[i].kind = QUOTE_REPLY;
	*count = s.count;
	return s.out;
}
