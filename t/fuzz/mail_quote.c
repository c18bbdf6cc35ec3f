/* Any text to the splitting of quotations: the segments must cover it, in order; and to the gist of it. */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "fuzz.h"
#include "mail/gist.h"
#include "mail/quote.h"
#include "mail/text.h"
#include "mail/thread.h"

/* One line of it, that the parser's wire takes, and something wherever it says something. */
static void gist_of(struct pool *p, const char *text, size_t n)
{
	struct mail_message *m = message_new(p);
	message_add_addr(p, m, MAIL_TO, "Ada Nowak", "ada@example.org");
	m->text = text;
	m->text_len = n;
	m->segments = quote_split(p, text, n, "Fwd: x", &m->segment_count);
	const char *gist = gist_line(p, m, "Maria Keller"), *squeezed = str_squeeze(p, gist);
	PROMISE(strlen(gist) <= 4 * MAIL_SNIPPET_CHARS && utf8_valid(gist, strlen(gist)));
	PROMISE(!strchr(gist, '\n') && str_eq(gist, squeezed));
	PROMISE(*gist || str_blank(str_squeeze(p, text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	const char *text = (const char *)data;
	size_t count, at = 0, len;
	bool cut;
	struct quote_segment *s = quote_split(p, text, n, NULL, &count);
	PROMISE(count <= QUOTE_SEGMENTS_MAX && (count == 0) == (n == 0));
	for (size_t i = 0; i < count; i++) {
		PROMISE(s[i].start == at && s[i].len && s[i].kind < QUOTE_KIND_COUNT);
		at += s[i].len;
	}
	PROMISE(at == n);
	const char *tidy = text_tidy(p, text, n, 1000, &len, &cut);
	PROMISE(len <= 1000 && strlen(tidy) == len && utf8_valid(tidy, len));
	/* Tidying what is tidy changes nothing. */
	PROMISE(str_eq(text_tidy(p, tidy, len, 1000, NULL, NULL), tidy));
	gist_of(p, tidy, len);
	subject_is_reply(tidy);
	PROMISE(subject_base(p, tidy) != NULL);
	pool_free(p);
	return 0;
}
