/* Owns reading signatures (signature.h). Never decides whom they are about: that is the sender's address.
 * Tests: t/unit/mail_signature.c, t/20-signature.t */
#include "mail/signature.h"

#include <ctype.h>
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define LINES_MAX 14 /* a signature is short: the last so many lines of what was written */
#define WORDS_MAX 9  /* a title is no sentence */

struct lines {
	const char *at[LINES_MAX];
	size_t n;
	bool marked; /* they stand under a signature mark */
};

/* The lines that are not empty, the last LINES_MAX of them. */
static void lines_add(struct pool *p, struct lines *l, const char *s, size_t n)
{
	for (const char *end = s + n; s < end;) {
		const char *stop = memchr(s, '\n', (size_t)(end - s));
		size_t len = (size_t)((stop ? stop : end) - s);
		const char *line = len <= 300 ? str_squeeze(p, pool_strndup(p, s, len)) : "";
		if (*line && l->n == LINES_MAX)
			memmove(l->at, l->at + 1, --l->n * sizeof *l->at);
		if (*line)
			l->at[l->n++] = line;
		s += len + 1;
	}
}

/* The last signature, or the end of what the sender wrote. */
static struct lines lines_of(struct pool *p, const char *text, const struct quote_segment *segments, size_t count)
{
	struct lines l = {.n = 0};
	for (size_t i = 0; i < count; i++)
		if (segments[i].kind == QUOTE_SIGNATURE) {
			l = (struct lines){.marked = true};
			lines_add(p, &l, text + segments[i].start, segments[i].len);
		}
	for (size_t i = count; !l.n && i-- > 0;)
		if (segments[i].kind == QUOTE_REPLY)
			lines_add(p, &l, text + segments[i].start, segments[i].len);
	return l;
}

/* ---- the sender's own line ---- */
/* Do all words of the name, initials aside, stand in the line? */
static bool has_name(struct pool *p, const char *line, const char *name)
{
	size_t n, counted = 0;
	char **words = str_split(p, str_words(p, name ? name : ""), " ", &n);
	const char *in = pool_printf(p, " %s ", str_words(p, line));
	for (size_t i = 0; i < n; i++) {
		if (strlen(words[i]) < 2)
			continue;
		if (!strstr(in, pool_printf(p, " %s ", words[i])))
			return false;
		counted++;
	}
	return counted > 0;
}

/* Where the signature begins: its name (not an address made of it), else its first line when a mark stands above it. -1: none. */
static int name_line(struct pool *p, const struct lines *l, const char *name)
{
	for (size_t i = l->n; i-- > 0;)
		if (strlen(l->at[i]) <= 100 && !strchr(l->at[i], '@') && has_name(p, l->at[i], name))
			return (int)i;
	return l->marked ? 0 : -1;
}

/* ---- titles ---- */
static bool is_title_word(const char *word)
{
	static const char *const words[] = {"director", "directors", "partner", "manager", "officer", "president",
		"head", "analyst", "associate", "principal", "founder", "cofounder", "chief", "ceo", "cfo", "coo",
		"cio", "cto", "chair", "chairman", "chairwoman", "chairperson", "trustee", "counsel", "advisor",
		"adviser", "engineer", "consultant", "secretary", "assistant", "treasurer", "controller", "comptroller",
		"lead", "owner", "administrator", "specialist", "coordinator", "researcher", "professor", "economist",
		"attorney", "lawyer", "accountant", "strategist", "vp", "svp", "evp", "md", "developer", "architect",
		"editor", "representative", "geschäftsführer", "geschaftsfuhrer", "leiter", "leiterin", "directeur",
		"directrice", "gérant", "gerant"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eq(words[i], word))
			return true;
	return false;
}

/* A few words, one of them a rank, none of what sentences, addresses and slogans are made of. */
static bool is_title(struct pool *p, const char *s)
{
	static const char not_here[] = "@/\\:;!?\"<>=*_~#()[]{}";
	size_t n, len = strlen(s);
	if (len < 2 || len > SIGNATURE_MAX || strpbrk(s, not_here) || strstr(s, "www.") || s[len - 1] == '.' ||
		s[len - 1] == ',')
		return false;
	if (islower((unsigned char)s[0]) || strcspn(s, "0123456789") < len)
		return false;
	char **words = str_split(p, str_words(p, s), " ", &n);
	bool ranked = false;
	for (size_t i = 0; i < n; i++) {
		static const char *const prose[] = {"i", "you", "we", "your", "our", "my", "is", "are", "was", "will",
			"please", "thanks", "thank", "with", "me"};
		for (size_t k = 0; k < sizeof prose / sizeof *prose; k++)
			if (str_eq(words[i], prose[k]))
				return false;
		ranked |= is_title_word(words[i]);
	}
	return ranked && n <= WORDS_MAX;
}

/* "Maria Keller, Managing Director | Alpine" has the title behind the name, up to the next bar. */
static const char *title_in(struct pool *p, const char *line)
{
	size_t n;
	char **pieces = str_split(p, line, "|,\t", &n);
	for (size_t i = 0; i < n; i++) {
		/* "Director, Investor Relations" is one title: try the longer reading first. */
		const char *joined =
			i + 1 < n && !strchr(line, '|') ? pool_printf(p, "%s, %s", pieces[i], pieces[i + 1]) : NULL;
		if (joined && is_title(p, pieces[i]) && is_title(p, joined) && is_title(p, pieces[i + 1]))
			return joined;
		if (is_title(p, pieces[i]))
			return pieces[i];
	}
	return NULL;
}

static const char *title_of(struct pool *p, const struct lines *l, int from, const char *name)
{
	for (size_t i = (size_t)from; i < l->n && i < (size_t)from + 4; i++) {
		const char *line = l->at[i];
		bool named = has_name(p, line, name);
		/* The line of the name counts only behind a divider: "Chief Seattle" is a person. */
		if (named && !strpbrk(line, "|,"))
			continue;
		if (!named && is_title(p, line))
			return line;
		const char *title = title_in(p, line);
		if (title && !has_name(p, title, name))
			return title;
	}
	return NULL;
}

/* ---- telephone ---- */
/* The number in a line, from its first sign to its last digit: 7 to 15 digits (ITU-T E.164) and what stands between. */
static const char *number_in(struct pool *p, const char *line)
{
	for (const char *s = line; *s; s++) {
		if (!isdigit((unsigned char)*s) && *s != '+' && *s != '(')
			continue;
		if (s > line && (isalnum((unsigned char)s[-1]) || s[-1] == '@'))
			continue;
		size_t n = strspn(s, "+0123456789 ()-./"), digits = 0, end = 0;
		for (size_t i = 0; i < n; i++)
			if (isdigit((unsigned char)s[i])) {
				digits++;
				end = i + 1;
			}
		bool date = strspn(s, "0123456789") == 4 && (s[4] == '-' || s[4] == '/') && digits == 8;
		if (digits >= 7 && digits <= 15 && end <= 30 && !date && !isalpha((unsigned char)s[end]) &&
			s[end] != '@')
			return pool_strndup(p, s, end);
		s += n ? n - 1 : 0;
	}
	return NULL;
}

enum line_kind { LINE_PLAIN, LINE_PHONE, LINE_MOBILE, LINE_OTHER };

/* What the words in front of a number say it is. */
static enum line_kind label_of(const char *line)
{
	static const struct {
		const char *word;
		enum line_kind kind;
	} words[] = {{"tel", LINE_PHONE}, {"telephone", LINE_PHONE}, {"phone", LINE_PHONE}, {"ph", LINE_PHONE},
		{"t", LINE_PHONE}, {"p", LINE_PHONE}, {"o", LINE_PHONE}, {"d", LINE_PHONE}, {"direct", LINE_PHONE},
		{"office", LINE_PHONE}, {"work", LINE_PHONE}, {"voice", LINE_PHONE}, {"m", LINE_MOBILE},
		{"mob", LINE_MOBILE}, {"mobile", LINE_MOBILE}, {"cell", LINE_MOBILE}, {"c", LINE_MOBILE},
		{"f", LINE_OTHER}, {"fax", LINE_OTHER}, {"facsimile", LINE_OTHER}, {"icq", LINE_OTHER},
		{"id", LINE_OTHER}, {"vat", LINE_OTHER}, {"no", LINE_OTHER}};
	size_t n = strcspn(line, " .:+(0123456789"), gap = strspn(line + n, " .:-");
	if (!line[n + gap] || !strchr("+(0123456789", line[n + gap]))
		return LINE_PLAIN;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == n)
			for (size_t k = 0; k <= n; k++) {
				if (k == n)
					return words[i].kind;
				if (tolower((unsigned char)line[k]) != words[i].word[k])
					break;
			}
	return LINE_PLAIN;
}

/* A number named as telephone, else a mobile one, else one that stands alone. */
static const char *phone_of(struct pool *p, const struct lines *l, int from)
{
	const char *best[LINE_OTHER] = {NULL};
	for (size_t i = (size_t)from; i < l->n; i++) {
		size_t n;
		char **pieces = str_split(p, l->at[i], "|,;", &n);
		for (size_t k = 0; k < n; k++) {
			enum line_kind kind = label_of(pieces[k]);
			const char *number = kind == LINE_OTHER ? NULL : number_in(p, pieces[k]);
			/* Without a label nothing else may stand there: house and post box numbers have words around them. */
			if (!number || (kind == LINE_PLAIN && strlen(number) + 2 < strlen(pieces[k])))
				continue;
			if (!best[kind])
				best[kind] = number;
		}
	}
	return best[LINE_PHONE] ? best[LINE_PHONE] : best[LINE_MOBILE] ? best[LINE_MOBILE] : best[LINE_PLAIN];
}

struct signature signature_read(
	struct pool *p, const char *text, const struct quote_segment *segments, size_t count, const char *name)
{
	struct lines l = lines_of(p, text, segments, count);
	int from = name_line(p, &l, name);
	if (from < 0)
		return (struct signature){NULL, NULL};
	return (struct signature){title_of(p, &l, from, name), phone_of(p, &l, from)};
}
