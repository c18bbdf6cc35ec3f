/* Owns finding a question's words in a text again (snippet.h). FTS5's own snippet() would ask the whole question once more
 * for each row it shows. Tests: t/unit/crm_search_query.c, t/60-search.t */
#include "crm/snippet.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define BEFORE 5         /* words shown before the first hit */
#define LOOKED_AT 100000 /* bytes of a text: as many as the index has */
#define PIECE_MAX ((size_t)1 << 17)

static bool is_ascii(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] & 0x80)
			return false;
	return true;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool matches(const struct search_word *w, const char *word, size_t n)
{
	size_t len = strlen(w->text);
	if (n < len || (n > len && !w->is_beginning))
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(word[i]) != w->text[i])
			return false;
	return true;
}

static bool is_hit(struct pool *p, const struct search_query *q, const char *word, size_t n)
{
	if (!is_ascii(word, n)) {
		word = str_words(p, pool_strndup(p, word, n));
		n = strlen(word);
	}
	for (size_t i = 0; i < q->word_count; i++)
		if (matches(&q->words[i], word, n))
			return true;
	return false;
}

/* Where to begin, so that the first hit is among the words shown. */
static const char *start_of(struct pool *p, const char *text, const struct search_query *q)
{
	const char *last[BEFORE] = {NULL}, *word;
	size_t n, i = 0;
	for (const char *at = text; (word = str_word_next(at, &n)) && word - text < LOOKED_AT; at = word + n) {
		if (is_hit(p, q, word, n))
			return i < BEFORE ? text : last[i % BEFORE];
		last[i++ % BEFORE] = word;
	}
	return text;
}

struct pieces {
	struct json_object *list;
	struct buf *plain; /* waits for the next hit, or the end */
};

static void piece_put(struct pieces *to, const char *text, size_t n, bool hit)
{
	if (!n)
		return;
	struct json_object *o = json_push_obj(to->list);
	json_set(o, "text", json_object_new_string_len(text, (int)n));
	json_set_bool(o, "is_hit", hit);
}

/* What stands between two words, in one line. */
static void between(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool blank = (unsigned char)s[i] <= ' ';
		if (!blank)
			buf_char(b, s[i]);
		else if (b->len == 0 || b->data[b->len - 1] != ' ')
			buf_char(b, ' ');
	}
}

static void plain_flush(struct pieces *to)
{
	piece_put(to, to->plain->data, to->plain->len, false);
	buf_clear(to->plain);
}

struct json_object *snippet_pieces(struct pool *p, const char *text, const struct search_query *q, size_t words)
{
	struct pieces to = {json_arr(p), buf_new(p, PIECE_MAX)};
	if (str_blank(text))
		return to.list;
	const char *at = words ? start_of(p, text, q) : text, *word;
	size_t n, shown = 0;
	if (at != text)
		buf_str(to.plain, "…");
	else
		at += strspn(at, " \t\r\n");
	for (; (word = str_word_next(at, &n)) && (!words || shown < words); at = word + n, shown++) {
		between(to.plain, at, (size_t)(word - at));
		if (is_hit(p, q, word, n)) {
			plain_flush(&to);
			piece_put(&to, word, n, true);
		} else
			buf_add(to.plain, word, n);
	}
	if (word)
		buf_str(to.plain, "…");
	else
		between(to.plain, at, strlen(at));
	while (to.plain->len && to.plain->data[to.plain->len - 1] == ' ')
		to.plain->len--;
	plain_flush(&to);
	return to.list;
}
