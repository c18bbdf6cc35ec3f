/* Owns Message-IDs as they refer to each other, and the subject without its prefixes (thread.h). Never joins threads:
 * that is capture's work. Tests: t/unit/mail_thread.c */
#include "mail/thread.h"

#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/message.h"
#include "base/banned.h"

/* Reply and forward prefixes of the mail programs in use, folded (str_fold). Two lists: only the first makes an answer. */
static const char *const replies[] = {"re", "aw", "antw", "antwort", "sv", "svar", "vs", "ref", "odp", "rif", "r",
	"bls", "res", "ynt", "cevap", "atb", "απ", "σχετ", "ответ", "на", "отв", "回复", "答复", "回覆", "回信", "返信",
	"답장", "ตอบ", "תגובה", "رد"};
static const char *const forwards[] = {"fw", "fwd", "wg", "tr", "vl", "vb", "doorst", "rv", "enc", "i", "pd", "πρθ",
	"пересл", "转发", "轉寄", "転送", "전달", "ilt", "továbbítás", "fs", "vidarebefordrat", "إعادة توجيه"};

static bool listed(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

/* A counter after the prefix: "[2]", "(2)", "^2", "*2". Returns what follows it, s when there is none. */
static const char *skip_counter(const char *s)
{
	if (!*s || !strchr("[(^*", *s))
		return s;
	size_t digits = strspn(s + 1, "0123456789");
	if (!digits || digits > 3)
		return s;
	const char *end = s + 1 + digits;
	if (*s == '[')
		return *end == ']' ? end + 1 : s;
	if (*s == '(')
		return *end == ')' ? end + 1 : s;
	return end;
}

/* What follows one prefix and its colon (also U+FF1A), or NULL when s starts with none. */
static const char *skip_prefix(struct pool *p, const char *s, bool *is_reply)
{
	size_t n = strcspn(s, ":[(^*\xef");
	if (!n || n > 40)
		return NULL;
	const char *after = skip_counter(s + n);
	if (after == s + n && strchr("[(^*", *after))
		return NULL;
	if (*after == ':')
		after++;
	else if (str_starts(after, "\xef\xbc\x9a"))
		after += 3;
	else
		return NULL;
	char *word = str_trim(p, str_fold(p, pool_strndup(p, s, n)));
	*is_reply = listed(word, replies, sizeof replies / sizeof *replies);
	return *is_reply || listed(word, forwards, sizeof forwards / sizeof *forwards) ? after : NULL;
}

char *subject_base(struct pool *p, const char *subject)
{
	char *whole = str_squeeze(p, subject ? subject : "");
	const char *at = whole, *next;
	bool is_reply;
	while ((next = skip_prefix(p, at, &is_reply)))
		for (at = next; *at == ' ';)
			at++;
	return *at ? pool_strdup(p, at) : whole;
}

bool subject_is_reply(const char *subject)
{
	struct pool *p = pool_new();
	bool is_reply = false;
	char *line = str_squeeze(p, subject ? subject : "");
	bool found = skip_prefix(p, line, &is_reply) != NULL;
	pool_free(p);
	return found && is_reply;
}

bool message_id_valid(const char *s, size_t n)
{
	if (!n || n > MAIL_ID_MAX || !utf8_valid(s, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f || s[i] == '<' || s[i] == '>')
			return false;
	return true;
}

/* The next id at *at: from < to >, or, where the rest has no <, a bare word with an @. NULL at the end; *n may be 0 for
 * something unusable. */
static const char *next_id(const char **at, size_t *n)
{
	const char *s = *at + strspn(*at, " \t\r\n,;"), *angle = strchr(s, '<');
	if (angle)
		s = angle;
	if (!*s)
		return NULL;
	if (*s == '<') {
		s++;
		*n = strcspn(s, "<>");
		*at = s + *n + (s[*n] == '>');
		return s;
	}
	*n = strcspn(s, " \t\r\n,;<");
	*at = s + *n;
	if (!memchr(s, '@', *n))
		*n = 0;
	return s;
}

const char **message_ids_parse(struct pool *p, const char *value, size_t max, size_t *count)
{
	size_t most = 0, n;
	*count = 0;
	if (!value || !max)
		return NULL;
	const char *at = value, *id;
	while ((id = next_id(&at, &n)))
		most += message_id_valid(id, n);
	const char **ids = pool_array(p, (most < max ? most : max) + 1, sizeof *ids);
	size_t seen = 0;
	/* The first, then the newest max - 1. */
	for (at = value; (id = next_id(&at, &n));)
		if (message_id_valid(id, n) && (seen++ == 0 || most - seen < max - 1))
			ids[(*count)++] = pool_strndup(p, id, n);
	return ids;
}

static bool has_id(const char **ids, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(ids[i], id) == 0)
			return true;
	return false;
}

const char **thread_ids(struct pool *p, const struct mail_message *m, size_t *count)
{
	const char **ids = pool_array(p, m->references_count + m->in_reply_to_count + 1, sizeof *ids);
	*count = 0;
	for (size_t i = 0; i < m->references_count + m->in_reply_to_count; i++) {
		const char *id = i < m->references_count ? m->references[i] : m->in_reply_to[i - m->references_count];
		if (!str_eq(id, m->message_id) && !has_id(ids, *count, id))
			ids[(*count)++] = id;
	}
	return ids;
}
