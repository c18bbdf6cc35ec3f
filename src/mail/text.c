/* Owns tidying readable text (text.h). Never sees HTML. Tests: t/unit/mail_text.c */
#include "mail/text.h"

#include <string.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/message.h"
#include "base/banned.h"

/* Characters that show nothing, or turn the direction of what follows: a reader must see what is there. */
static bool is_hidden(uint32_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0xfeff || (c >= 0xe0000 && c <= 0xe007f);
}

static bool is_control(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0);
}

struct tidy {
	struct buf *out;
	size_t empty;  /* line ends waiting to be written */
	size_t blanks; /* blanks waiting: from `from`, so many bytes */
	const char *from;
};

/* Line ends and blanks are held back until something follows: so none are trailing and no more than two lines are empty. */
static void put(struct tidy *t, const char *s, size_t n)
{
	if (t->empty) {
		size_t ends = t->out->len ? (t->empty < 3 ? t->empty : 3) : 0;
		for (size_t i = 0; i < ends; i++)
			buf_char(t->out, '\n');
		t->empty = 0;
	}
	buf_add(t->out, t->from, t->blanks);
	t->blanks = 0;
	buf_add(t->out, s, n);
}

static void put_end(struct tidy *t)
{
	t->blanks = 0;
	t->empty++;
}

char *text_tidy(struct pool *p, const char *s, size_t n, size_t max, size_t *len, bool *is_cut)
{
	if (!utf8_valid(s, n)) {
		s = utf8_repair(p, s, n);
		n = strlen(s);
	}
	struct tidy t = {.out = buf_new(p, max)};
	for (size_t i = 0, step; i < n && !t.out->full; i += step) {
		uint32_t c = 0;
		step = utf8_next(s + i, n - i, &c);
		if (c == '\r' || c == '\n' || c == 0x2028 || c == 0x2029) {
			put_end(&t);
			step += c == '\r' && i + 1 < n && s[i + 1] == '\n';
		} else if (c == ' ' || c == '\t') {
			/* Blanks are contiguous unless something hidden stood between: then the latest run counts. */
			if (!t.blanks || t.from + t.blanks != s + i) {
				t.from = s + i;
				t.blanks = 0;
			}
			t.blanks++;
		} else if (!is_hidden(c) && !is_control(c)) {
			put(&t, s + i, step);
		}
	}
	if (is_cut)
		*is_cut = t.out->full;
	/* Where a write did not fit, the blanks before it may stand there alone. */
	while (t.out->full && t.out->len && strchr(" \t\n", t.out->data[t.out->len - 1]))
		t.out->data[--t.out->len] = 0;
	if (len)
		*len = t.out->len;
	return t.out->data;
}
