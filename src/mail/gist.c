/* Owns the gist of a mail (gist.h). Doubt keeps a line: a greeting that is shown costs a glance, an answer that is not costs
 * the answer. Tests: t/unit/mail_gist.c */
#include "mail/gist.h"

#include <string.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/sentence.h"
#include "base/banned.h"

#define LINES_MAX 100   /* more than a gist has room for; where a mail is longer nobody looks for its end */
#define LINE_MAX 100    /* bytes of a greeting or a sign-off */
#define LOOKED_MAX 8192 /* bytes, of which a gist is what is left without white space */

/* As str_words() writes them. */
static const char *const greetings[] = {"hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening",
	"good day", "greetings", "hallo", "liebe", "lieber", "liebes", "guten tag", "guten morgen", "guten abend",
	"gruezi", "gruss gott", "sehr geehrte", "sehr geehrter", "werte", "werter", "moin", "servus", "bonjour",
	"bonsoir", "salut", "cher", "chere", "chers", "cheres", "madame", "monsieur", "madame monsieur", "hola",
	"buenos dias", "buenas tardes", "estimado", "estimada", "estimados", "querido", "querida", "ciao", "buongiorno",
	"buonasera", "caro", "cara", "cari", "gentile", "egregio", "salve", "ola", "bom dia", "boa tarde", "prezado",
	"prezada", "prezados", "hej", "hei", "kære", "kjære", "basta", "god dag", "goddag", "beste", "geachte", "dag",
	"goedemorgen", "goedemiddag", "czesc", "dzien dobry", "szanowny", "szanowna", "szanowni", "drogi", "droga",
	"dobry den", "vazeny", "vazena", "kedves", "tisztelt", "merhaba", "sayın", "sayin", "уважаемыи", "уважаемая",
	"уважаемые", "здравствуите", "добрыи день", "доброе утро", "привет", "дорогои", "дорогая", "αγαπητε", "αγαπητη",
	NULL};

/* Whom one greets, other than by name. */
static const char others[] = "all|both|team|everyone|everybody|folks|friends|there|again|together|colleagues|sir|madam|"
			     "sirs|mr|mrs|ms|dr|prof|or|and|alle|zusammen|beide|ihr|herr|frau|damen|herren|und|"
			     "kollegen|kolleginnen|tous|toutes|et|y|todos|a|tutti|e|og|och|en|i";

static const char *const closings[] = {"best", "best regards", "best wishes", "all the best", "all best",
	"kind regards", "kindest regards", "warm regards", "warmly", "warmest regards", "with best regards",
	"with kind regards", "regards", "many thanks", "many thanks and best regards", "thanks", "thanks again",
	"thanks a lot", "thanks and regards", "thank you", "thank you again", "cheers", "sincerely", "yours",
	"yours sincerely", "yours faithfully", "yours truly", "sincerely yours", "take care", "talk soon", "speak soon",
	"see you soon", "br", "kr", "gruss", "grusse", "beste grusse", "viele grusse", "liebe grusse",
	"herzliche grusse", "herzlichen gruss", "freundliche grusse", "mit freundlichen grussen", "mit besten grussen",
	"mit herzlichen grussen", "schone grusse", "mit freundlichem gruss", "lg", "vg", "mfg", "danke", "vielen dank",
	"besten dank", "danke und gruss", "cordialement", "bien cordialement", "tres cordialement", "bien a vous",
	"bien a toi", "amicalement", "merci", "merci beaucoup", "merci d avance", "salutations",
	"meilleures salutations", "sinceres salutations", "saludos", "un saludo", "saludos cordiales", "atentamente",
	"un abrazo", "gracias", "muchas gracias", "saluti", "cordiali saluti", "distinti saluti", "un caro saluto",
	"a presto", "grazie", "grazie mille", "groet", "groeten", "vriendelijke groet", "vriendelijke groeten",
	"met vriendelijke groet", "met vriendelijke groeten", "hartelijke groet", "mvg", "bedankt", "halsningar",
	"vanliga halsningar", "med vanliga halsningar", "mvh", "tack", "hilsen", "venlig hilsen", "med venlig hilsen",
	"vennlig hilsen", "med vennlig hilsen", "tak", "takk", "terveisin", "ystavallisin terveisin", "atenciosamente",
	"cumprimentos", "com os melhores cumprimentos", "abraco", "abracos", "obrigado", "obrigada", "pozdrawiam",
	"z powazaniem", "s pozdravem", "udvozlettel", "saygılarımla", "saygilarimla", "с уважением", "спасибо",
	"με εκτιμηση", NULL};

struct lines {
	const char *at[LINES_MAX]; /* squeezed: "" where there was nothing but blanks */
	size_t n;
	bool is_whole; /* nothing was left out */
};

static void lines_add(struct pool *p, struct lines *l, const char *s, size_t n)
{
	for (const char *end = s + n; s < end && l->is_whole;) {
		const char *stop = memchr(s, '\n', (size_t)(end - s));
		size_t len = (size_t)((stop ? stop : end) - s);
		if (l->n == LINES_MAX)
			l->is_whole = false;
		else
			l->at[l->n++] = str_squeeze(p, pool_strndup(p, s, utf8_clip(s, len, LOOKED_MAX - 1)));
		s += len + 1;
	}
}

/* ---- the words of a short line ---- */
struct said {
	const char *raw;  /* the line */
	const char *text; /* its words, as str_words() writes them */
	char **words;
	size_t n;
};

/* Of a longer line: no words. */
static struct said said(struct pool *p, const char *line)
{
	struct said s = {.raw = strlen(line) <= LINE_MAX ? line : ""};
	s.text = str_words(p, s.raw);
	s.words = str_split(p, s.text, " ", &s.n);
	return s;
}

/* With how many of its words does it begin as one of the phrases? The longest counts. */
static size_t begins(const struct said *s, const char *const *phrases)
{
	size_t longest = 0;
	for (; *phrases; phrases++) {
		size_t n = strlen(*phrases), words = 1;
		if (strncmp(s->text, *phrases, n) != 0 || (s->text[n] && s->text[n] != ' '))
			continue;
		for (const char *c = *phrases; *c; c++)
			words += *c == ' ';
		longest = words > longest ? words : longest;
	}
	return longest;
}

/* Does it stand in the name, as a word or as the first letter of one? */
static bool names(struct pool *p, const char *name, const char *word, bool initials)
{
	size_t n;
	char **words = str_split(p, str_words(p, name ? name : ""), " ", &n);
	bool is_initial = initials && !word[1];
	for (size_t i = 0; i < n; i++)
		if (str_eq(words[i], word) || (is_initial && words[i][0] == *word))
			return true;
	return false;
}

/* ---- greetings ---- */
static bool is_recipient(struct pool *p, const struct mail_message *m, const char *word)
{
	for (size_t i = 0; i < m->addr_count && i < LINES_MAX; i++)
		if ((m->addrs[i].role == MAIL_TO || m->addrs[i].role == MAIL_CC) &&
			names(p, m->addrs[i].name, word, false))
			return true;
	return false;
}

/* "Hi Maria,"; "Maria,"; "Sehr geehrte Frau Keller"; not "Hi, we signed!" nor "Good news". */
static bool is_greeting(struct pool *p, const struct mail_message *m, const char *line)
{
	struct said s = said(p, line);
	size_t skip = begins(&s, greetings), n = 0, named = skip;
	const char *at = s.raw, *after = s.raw;
	for (size_t i = 0; (at = str_word_next(at, &n)); i++, after = at += n) {
		if (i < skip)
			continue;
		if (i == s.n || strcspn(after, ",;:!?") < (size_t)(at - after))
			return false;
		bool known = is_recipient(p, m, s.words[i]);
		if (!known && !word_is_any(s.words[i], others) && (!skip || (*at >= 'a' && *at <= 'z')))
			return false;
		named += known;
	}
	return named > 0;
}

/* ---- sign-offs ---- */
/* "Best"; "Best, Maria"; "Maria K."; the number of words before the name in *closing. */
static bool is_sign_off(struct pool *p, const char *line, const char *writer, size_t *closing)
{
	struct said s = said(p, line);
	*closing = begins(&s, closings);
	for (size_t i = *closing; i < s.n; i++)
		if (!names(p, writer, s.words[i], true))
			return false;
	return s.n > 0;
}

/* A closing, or what stands in the place of one: "With warm regards from Zurich,". */
static bool is_closing(struct pool *p, const char *line)
{
	struct said s = said(p, line);
	return s.n && (begins(&s, closings) == s.n || (s.n <= 5 && str_ends(line, ",")));
}

/* The last line before `end` that is not empty, and after `start`; end: there is none. */
static size_t line_before(const struct lines *l, size_t start, size_t end)
{
	for (size_t i = end; i-- > start;)
		if (*l->at[i])
			return i;
	return end;
}

/* Nothing of the sentence before it: "… which we like\nbest" is none. */
static bool is_apart(const struct lines *l, size_t line)
{
	const char *before = line ? l->at[line - 1] : "";
	return !*before || strchr(".!?", before[strlen(before) - 1]);
}

static size_t without_sign_off(struct pool *p, const struct lines *l, size_t start, const char *writer)
{
	size_t closing, last = line_before(l, start, l->n);
	if (last == l->n || !is_sign_off(p, l->at[last], writer, &closing))
		return l->n;
	if (closing)
		return is_apart(l, last) ? last : l->n;
	size_t before = line_before(l, start, last);
	return before < last && is_closing(p, l->at[before]) ? before : last;
}

/* ---- the line ---- */
/* The first MAIL_SNIPPET_CHARS characters, and a sign when there are more: where a word ends, or for one character of a long
 * one. */
static char *cut(struct pool *p, const char *s)
{
	size_t n = strlen(s), at = 0, step;
	uint32_t c;
	for (size_t chars = 0; chars < MAIL_SNIPPET_CHARS && (step = utf8_next(s + at, n - at, &c)); chars++)
		at += step;
	if (at == n)
		return pool_strdup(p, s);
	size_t word = at;
	while (word > at * 3 / 4 && s[word - 1] != ' ')
		word--;
	size_t end = s[word - 1] == ' ' ? word - 1 : utf8_clip(s, at, at - 1);
	return pool_printf(p, "%.*s…", (int)end, s);
}

static char *in_one_line(struct pool *p, const struct lines *l, size_t start, size_t end)
{
	struct buf *all = buf_new(p, 2 * LOOKED_MAX);
	for (size_t i = start; i < end && all->len < LOOKED_MAX; i++) {
		if (all->len && *l->at[i])
			buf_char(all, ' ');
		buf_str(all, l->at[i]);
	}
	return cut(p, all->data);
}

char *gist_line(struct pool *p, const struct mail_message *m, const char *writer)
{
	struct lines l = {.is_whole = true}, all = l;
	size_t start = 0;
	for (size_t i = 0; i < m->segment_count; i++)
		if (m->segments[i].kind == QUOTE_REPLY)
			lines_add(p, &l, m->text + m->segments[i].start, m->segments[i].len);
	while (start < l.n && !*l.at[start])
		start++;
	if (start == l.n) { /* nothing is new */
		lines_add(p, &all, m->text, m->text_len);
		return in_one_line(p, &all, 0, all.n);
	}
	size_t said = start + is_greeting(p, m, l.at[start]);
	char *gist = in_one_line(p, &l, said, l.is_whole ? without_sign_off(p, &l, said, writer) : l.n);
	return *gist ? gist : in_one_line(p, &l, start, l.n);
}
