/* Any bytes as an mbox file: its messages lie in it, in order and apart, each that is listed is had by its id, and only marks of
 * quoting are missing from it. From memory, so that a look past the end is seen, which a mapped file's last page hides. */
#include <string.h>

#include "../../src/source/mbox.c"
#include "fuzz.h"

static void message_check(struct op *op, struct source *s, const struct message *m)
{
	size_t len, again;
	char *raw = unquoted(op->pool, m, &len), *fetched;
	PROMISE(strlen(m->id) == SHA256_HEX - 1);
	PROMISE(len <= m->len && (len == m->len || memchr(m->start, '>', m->len)));
	PROMISE(mbox_fetch(op, s, m->id, m->len, &fetched, &again) == OK);
	PROMISE(len == again && !memcmp(raw, fetched, len));
	PROMISE(!m->len || mbox_fetch(op, s, m->id, m->len - 1, &fetched, &again) == E_TOO_LARGE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	struct op op;
	op_init(&op, p, NULL, &(struct actor){ACTOR_NONE}, NULL);
	struct source s = {.map = pool_dup(p, data, n), .size = n, .pool = p};
	if (n)
		index_make(&s);
	PROMISE(!s.count || !memcmp(data, "From ", 5));
	const char *at = s.map;
	for (size_t i = 0; i < s.count; i++) {
		PROMISE(s.all[i].start > at && s.all[i].start + s.all[i].len <= s.map + n);
		at = s.all[i].start + s.all[i].len;
	}
	copies_mark(&s);
	for (size_t i = s.count; i-- > 0;)
		if (!s.all[i].is_copy)
			message_check(&op, &s, &s.all[i]);
	char *none;
	size_t len;
	PROMISE(mbox_fetch(&op, &s, "", n, &none, &len) == E_NOT_FOUND);
	pool_free(p);
	return 0;
}
