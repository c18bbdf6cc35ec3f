/* Owns reading an mbox file (RFC 4155, with mboxrd quoting undone). Never writes to it. A message's id is the hash of its
 * bytes, so that it stays the same however the file is rewritten; what stands in it twice is one message.
 * Tests: t/40-capture.t, t/40-sources.t */
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
#include "source/labels.h"
#include "source/source.h"
#include "base/banned.h"

struct message {
	const char *start, *next; /* where the next one's "From " line is, or the file ends */
	size_t len;
	const char *id;
	struct labels labels;
	int64_t at;
	bool is_copy; /* of one after it in the file */
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

/* Only what whoever made the file wrote above the message as it was delivered counts as its labels: what stands below the
 * first Received is its sender's. */
static void header_read(struct source *s, struct message *m)
{
	size_t body_at;
	struct header_walk w;
	struct header_field f;
	struct pool *p = pool_new();
	bool is_top = true, has_date = false;
	header_walk_init(&w, m->start, headers_length(m->start, m->len, &body_at));
	while (header_walk_next(&w, &f)) {
		if (header_is(&f, "Received")) {
			is_top = false;
		} else if (header_is(&f, "Date") && !has_date) {
			has_date = true;
			mail_date_parse(header_unfold(p, f.value, f.value_len), &m->at);
		} else if (header_is(&f, "X-Gmail-Labels") && is_top) {
			is_top = false;
			labels_read(p, f.value, f.value_len, &m->labels);
			m->labels.folder = pool_strdup(s->pool, m->labels.folder);
			m->labels.flags = pool_strdup(s->pool, m->labels.flags);
		}
	}
	pool_free(p);
}

/* RFC 4155: an empty line ends each message. It is the file's, and counts neither for the message nor, but for the CR that
 * a file with such line ends has left in the ids ever since, for its id. */
static void message_add(struct source *s, const char *start, const char *next)
{
	if (s->count == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 256;
		struct message *more = pool_array(s->pool, cap, sizeof *more);
		if (s->count)
			memcpy(more, s->all, s->count * sizeof *more);
		s->all = more;
		s->cap = cap;
	}
	struct message m = {.start = start, .next = next, .len = (size_t)(next - start)};
	bool lf = m.len && next[-1] == '\n' && next[-2] == '\n',
	     crlf = m.len > 1 && next[-1] == '\n' && next[-2] == '\r' && next[-3] == '\n';
	m.len -= lf || crlf;
	m.id = sha256_str(s->pool, m.start, m.len);
	m.len -= crlf;
	header_read(s, &m);
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
		at = next ? next + 1 : end;
		if (start < end)
			message_add(s, start, at);
	}
}

/* Of the same id the last in the file comes first. */
static int by_id(const void *a, const void *b)
{
	const struct message *x = *(struct message *const *)a, *y = *(struct message *const *)b;
	int order = strcmp(x->id, y->id);
	return order ? order : x < y ? 1 : -1;
}

static void copies_mark(struct source *s)
{
	struct message **sorted = pool_array(s->pool, s->count + 1, sizeof *sorted);
	for (size_t i = 0; i < s->count; i++)
		sorted[i] = &s->all[i];
	if (s->count)
		qsort(sorted, s->count, sizeof *sorted, by_id);
	for (size_t i = 1; i < s->count; i++)
		sorted[i]->is_copy = str_eq(sorted[i]->id, sorted[i - 1]->id);
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
	copies_mark(s);
	*out = s;
	return OK;
}

/* What was the last message when the file was as long as the cursor says had its empty line in its id: earlier versions
 * took that for a part of it. */
static const char *id_before(struct op *op, const struct source *s, const struct message *m, int64_t size)
{
	return m->next - s->map == size ? sha256_str(op->pool, m->start, (size_t)(m->next - m->start)) : NULL;
}

static enum status mbox_list(struct op *op, struct source *s, const char *cursor,
	bool (*each)(void *arg, const struct source_item *item), void *arg, bool *complete, const char **next_cursor)
{
	int64_t size = -1;
	str_i64(cursor ? cursor : "", 0, INT64_MAX, &size);
	*complete = true;
	for (size_t i = s->count; i-- > 0;) { /* appended to: the newest are last */
		const struct message *m = &s->all[i];
		struct source_item item = {.id = m->id,
			.was = id_before(op, s, m, size),
			.folder = m->labels.folder,
			.flags = m->labels.flags,
			.at = m->at,
			.skip = m->labels.skip};
		if (!m->is_copy && !each(arg, &item))
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
		if (m->is_copy || !str_eq(m->id, id))
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
