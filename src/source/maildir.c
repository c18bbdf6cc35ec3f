/* Owns reading a Maildir (https://cr.yp.to/proto/maildir.html, Maildir++ folders). Never marks, moves or deletes.
 * Tests: t/40-capture.t */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pool.h"
#include "base/str.h"
#include "source/labels.h"
#include "source/source.h"
#include "base/banned.h"

struct entry {
	const char *id, *folder, *flags, *path, *skip;
	int64_t at;
};

struct source {
	const char *path;
	struct entry *known; /* as listed, in the order of ids */
	size_t known_count;
};

struct listing {
	struct pool *pool;
	struct entry *all;
	size_t count, cap;
};

static enum status maildir_open(struct op *op, const char *path, struct source **out)
{
	struct stat st;
	const char *cur = pool_printf(op->pool, "%s/cur", path);
	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return fail(op, E_NOT_FOUND, "path", "is not a directory: %s", path);
	if (stat(cur, &st) || !S_ISDIR(st.st_mode))
		return fail(op, E_NOT_FOUND, "path", "is not a Maildir (no cur/ in it): %s", path);
	if (access(cur, R_OK | X_OK))
		return fail(op, E_FORBIDDEN, "path", "cannot be read: %s", path);
	*out = pool_alloc(op->pool, sizeof **out);
	**out = (struct source){.path = pool_strdup(op->pool, path)};
	return OK;
}

static void entry_add(struct listing *l, struct entry e)
{
	if (l->count == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 1024;
		struct entry *more = pool_array(l->pool, cap, sizeof *more);
		if (l->count)
			memcpy(more, l->all, l->count * sizeof *more);
		l->all = more;
		l->cap = cap;
	}
	l->all[l->count++] = e;
}

/* A folder as its directory has it, and as it is for people. */
struct folder {
	const char *dir, *name, *skip;
};

/* The flags D and T are a draft's and the trash's, wherever it lies. */
static const char *flags_skip(const char *flags)
{
	return !flags ? NULL : strchr(flags, 'D') ? SKIP_DRAFT : strchr(flags, 'T') ? SKIP_SPAM : NULL;
}

/* "1700000000.M1P2.host:2,S" → id without its flags; the number in front is when it was delivered. */
static void file_add(struct listing *l, const char *dir, const struct folder *folder, const char *name)
{
	const char *info = strstr(name, ":2,");
	char *id = pool_strndup(l->pool, name, info ? (size_t)(info - name) : strlen(name));
	int64_t at = 0;
	str_i64(pool_strndup(l->pool, name, strspn(name, "0123456789")), 0, 32503680000, &at);
	entry_add(l, (struct entry){
			     .id = *folder->dir ? pool_printf(l->pool, "%s/%s", folder->dir, id) : id,
			     .folder = folder->name,
			     .flags = info ? pool_strdup(l->pool, info + 3) : NULL,
			     .skip = folder->skip ? folder->skip : flags_skip(info ? info + 3 : NULL),
			     .path = pool_printf(l->pool, "%s/%s", dir, name),
			     .at = at,
		     });
}

static bool part_list(struct listing *l, const char *path, const struct folder *folder, const char *below)
{
	const char *dir = pool_printf(l->pool, "%s/%s", path, below);
	DIR *d = opendir(dir);
	if (!d)
		return errno == ENOENT;
	for (struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.' && utf8_valid(e->d_name, strlen(e->d_name)))
			file_add(l, dir, folder, e->d_name);
	closedir(d);
	return true;
}

/* Folders are sub-directories that begin with a dot. */
static bool folders_list(struct listing *l, const char *path)
{
	DIR *d = opendir(path);
	bool whole = d != NULL;
	for (struct dirent *e; d && (e = readdir(d));) {
		if (e->d_name[0] != '.' || str_eq(e->d_name, ".") || str_eq(e->d_name, "..") ||
			!utf8_valid(e->d_name, strlen(e->d_name)))
			continue;
		struct folder folder = {.dir = pool_strdup(l->pool, e->d_name + 1)};
		const char *sub = pool_printf(l->pool, "%s/%s", path, e->d_name);
		folder.name = folder_name(l->pool, folder.dir);
		folder.skip = folder_skip(l->pool, folder.name);
		whole &= part_list(l, sub, &folder, "cur") && part_list(l, sub, &folder, "new");
	}
	if (d)
		closedir(d);
	return whole;
}

/* Newest first: what matters today is there first. */
static int newest_first(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	return x->at != y->at ? (x->at < y->at ? 1 : -1) : strcmp(x->id, y->id);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->id, ((const struct entry *)b)->id);
}

/* Where each was, for fetching: a directory is not searched for every message of it. */
static void remember(struct source *s, const struct listing *l)
{
	s->known_count = l->count;
	s->known = pool_array(l->pool, l->count + 1, sizeof *s->known);
	if (!l->count)
		return;
	memcpy(s->known, l->all, l->count * sizeof *l->all);
	qsort(s->known, l->count, sizeof *s->known, by_id);
}

static struct listing list_all(struct pool *p, struct source *s, bool *complete)
{
	static const struct folder inbox = {.dir = "", .name = "INBOX"};
	struct listing l = {.pool = p};
	*complete = part_list(&l, s->path, &inbox, "cur");
	*complete = part_list(&l, s->path, &inbox, "new") && *complete;
	*complete = folders_list(&l, s->path) && *complete;
	if (l.count)
		qsort(l.all, l.count, sizeof *l.all, newest_first);
	return l;
}

static enum status maildir_list(struct op *op, struct source *s, const char *cursor,
	bool (*each)(void *arg, const struct source_item *item), void *arg, bool *complete, const char **next_cursor)
{
	(void)cursor; /* a listing is cheap beside what it lists */
	struct listing l = list_all(op->pool, s, complete);
	remember(s, &l);
	for (size_t i = 0; i < l.count; i++) {
		const struct entry *e = &l.all[i];
		struct source_item item = {
			.id = e->id, .folder = e->folder, .flags = e->flags, .at = e->at, .skip = e->skip};
		if (!each(arg, &item))
			break;
	}
	*next_cursor = pool_printf(op->pool, "%zu", l.count);
	return OK;
}

/* Flags may have changed since the listing: the name begins with the id, whatever follows. */
static const char *find(struct pool *p, const char *dir, const char *base)
{
	size_t n = strlen(base);
	DIR *d = opendir(dir);
	const char *found = NULL;
	for (struct dirent *e; d && !found && (e = readdir(d));)
		if (!strncmp(e->d_name, base, n) && (!e->d_name[n] || e->d_name[n] == ':'))
			found = pool_printf(p, "%s/%s", dir, e->d_name);
	if (d)
		closedir(d);
	return found;
}

static enum status maildir_fetch(struct op *op, struct source *s, const char *id, size_t max, char **raw, size_t *len)
{
	static const char *const below[] = {"cur", "new"};
	struct entry wanted = {.id = id}, *known = NULL;
	if (s->known_count)
		known = bsearch(&wanted, s->known, s->known_count, sizeof *s->known, by_id);
	enum status st = known ? file_read(op->pool, known->path, max, raw, len) : E_NOT_FOUND;
	if (st != E_NOT_FOUND)
		return st;
	const char *slash = strrchr(id, '/'), *base = slash ? slash + 1 : id;
	const char *dir = slash ? pool_printf(op->pool, "%s/.%.*s", s->path, (int)(slash - id), id) : s->path;
	for (size_t i = 0; i < 2; i++) {
		const char *path = find(op->pool, pool_printf(op->pool, "%s/%s", dir, below[i]), base);
		if (path)
			return file_read(op->pool, path, max, raw, len);
	}
	return E_NOT_FOUND;
}

static void maildir_close(struct source *s)
{
	(void)s;
}

const struct source_kind source_maildir = {"maildir", maildir_open, maildir_list, maildir_fetch, maildir_close};

const struct source_kind *source_kind_find(const char *name)
{
	static const struct source_kind *const kinds[] = {&source_maildir, &source_mbox};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_eq(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}
