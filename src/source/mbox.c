/* Owns reading an mbox file (RFC 4155, with mboxrd quoting undone). Never writes to it. A message's id is the hash of its
 * bytes, so that it stays the same however the file is rewritten. Tests: t/40-capture.t */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/headers.h"
#include "source/source.h"
#include "base/banned.h"

struct message {
	const char *start;
	size_t len;
	const char *id;
	int64_t at;
};

struct source {
	char *map;
	size_t size;
	struct message *all;
	size_t count, cap, at;
	struct pool *pool;
};

static void unmap(void *arg)
{
	struct source *s = arg;
	if (s->map)
		munmap(s->map, s->size);
	s->map = NULL;
}

static void message_add(struct source *s, const char *start, const char *end)
{
	if (s->count == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 256;
		struct message *more = pool_array(s->pool, cap, sizeof *more);
		if (s->count)
			memcpy(more, s->all, s->count * sizeof *more);
		s->all = more;
		s->cap = cap;
	}
	struct message m = {.start = start, .len = (size_t)(end - start)};
	m.id = sha256_str(s->pool, m.start, m.len);
	struct pool *p = pool_new();
	const char *date = headers_first(p, m.start, m.len, "Date");
	if (date)
		mail_date_parse(date, &m.at);
	pool_free(p);
	s->all[s->count++] = m;
}

/* A "From " line begins a message at the start of the file and after an empty line. */
static void index_make(struct source *s)
{
	const char *at = s->map, *end = s->map + s->size;
	while (at < end && end - at > 5 && !memcmp(at, "From ", 5)) {
		const char *line = memchr(at, '\n', (size_t)(end - at)), *start = line ? line + 1 : end;
		const char *next = start < end ? memmem(start, (size_t)(end - start), "\nFrom ", 6) : NULL;
		while (next && !(next[-1] == '\n' || (next[-1] == '\r' && next > start + 1 && next[-2] == '\n')))
			next = memmem(next + 1, (size_t)(end - next - 1), "\nFrom ", 6);
		if (start < end)
			message_add(s, start, next ? next : end);
		at = next ? next + 1 : end;
	}
}

static enum status mbox_open(struct op *op, const char *path, struct source **out)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail(op, errno == EACCES ? E_FORBIDDEN : E_NOT_FOUND, "path", "cannot be read: %s", path);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return fail(op, E_NOT_FOUND, "path", "is not a file: %s", path);
	}
	struct source *s = pool_alloc(op->pool, sizeof *s);
	*s = (struct source){.size = (size_t)st.st_size, .pool = op->pool};
	s->map = s->size ? mmap(NULL, s->size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	close(fd);
	if (s->map == MAP_FAILED) {
		s->map = NULL;
		return fail(op, E_INTERNAL, "path", "cannot be mapped: %s", path);
	}
	pool_defer(op->pool, unmap, s);
	if (s->size && memcmp(s->map, "From ", s->size < 5 ? s->size : 5) != 0)
		return fail(op, E_INPUT, "path", "is not an mbox file (it does not begin with \"From \"): %s", path);
	if (s->size)
		index_make(s);
	*out = s;
	return OK;
}

static enum status mbox_list(struct op *op, struct source *s, const char *cursor,
	bool (*each)(void *arg, const struct source_item *item), void *arg, bool *complete, const char **next_cursor)
{
	(void)cursor;
	*complete = true;
	for (size_t i = s->count; i-- > 0;) { /* appended to: the newest are last */
		struct source_item item = {.id = s->all[i].id, .at = s->all[i].at};
		if (!each(arg, &item))
			break;
	}
	*next_cursor = pool_printf(op->pool, "%zu", s->size);
	return OK;
}

/* ">From " → "From ", ">>From " → ">From " (mboxrd). */
static char *unquoted(struct pool *p, const struct message *m, size_t *len)
{
	char *raw = pool_alloc(p, m->len + 1), *out = raw;
	for (const char *at = m->start, *end = m->start + m->len; at < end;) {
		const char *nl = memchr(at, '\n', (size_t)(end - at)), *next = nl ? nl + 1 : end;
		size_t marks = 0;
		while (at + marks < next && at[marks] == '>')
			marks++;
		bool quoted = marks && (size_t)(next - at) > marks + 5 && !memcmp(at + marks, "From ", 5);
		memcpy(out, at + quoted, (size_t)(next - at) - quoted);
		out += (size_t)(next - at) - quoted;
		at = next;
	}
	*len = (size_t)(out - raw);
	return raw;
}

static enum status mbox_fetch(struct op *op, struct source *s, const char *id, size_t max, char **raw, size_t *len)
{
	/* Asked for in the order of the listing: the next is the one before the last. */
	for (size_t tries = 0; tries < s->count; tries++) {
		s->at = s->at ? s->at - 1 : s->count - 1;
		const struct message *m = &s->all[s->at];
		if (!str_eq(m->id, id))
			continue;
		if (m->len > max)
			return E_TOO_LARGE;
		*raw = unquoted(op->pool, m, len);
		return OK;
	}
	return E_NOT_FOUND;
}

static void mbox_close(struct source *s)
{
	unmap(s);
}

const struct source_kind source_mbox = {"mbox", mbox_open, mbox_list, mbox_fetch, mbox_close};
