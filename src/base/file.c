/* Owns reading whole files and replacing them so that a crash leaves the old or the new one. Never opens the database.
 * Tests: t/unit/base_file.c */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/banned.h"

static enum status failed(const char *what, const char *path)
{
	int why = errno;
	log_error(what, "path", path, "error", strerror(why), NULL);
	return why == ENOSPC || why == EDQUOT ? E_FULL : E_INTERNAL;
}

enum status file_read(struct pool *p, const char *path, size_t max, char **data, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? E_NOT_FOUND : failed("cannot open a file", path);
	struct buf *b = buf_new(p, max);
	char piece[16384];
	ssize_t n;
	do {
		n = read(fd, piece, sizeof piece);
		if (n > 0)
			buf_add(b, piece, (size_t)n);
	} while ((n > 0 && !b->full) || (n < 0 && errno == EINTR));
	enum status st = n < 0 ? failed("cannot read a file", path) : b->full ? E_TOO_LARGE : OK;
	close(fd);
	if (st)
		return st;
	*data = b->data;
	*len = b->len;
	return OK;
}

static bool sync_parent(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int n = slash ? snprintf(dir, sizeof dir, "%.*s", (int)(slash - path) + 1, path)
		      : snprintf(dir, sizeof dir, ".");
	if (n < 0 || (size_t)n >= sizeof dir) {
		errno = ENAMETOOLONG;
		return false;
	}
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool synced = fsync(fd) == 0;
	close(fd);
	return synced;
}

enum status file_replace(const char *path, const void *data, size_t n, mode_t mode)
{
	char temp[PATH_MAX];
	unsigned char salt[8];
	random_bytes(salt, sizeof salt);
	uint64_t unique;
	memcpy(&unique, salt, sizeof unique);
	int len = snprintf(temp, sizeof temp, "%s.new-%016llx", path, (unsigned long long)unique);
	if (len < 0 || (size_t)len >= sizeof temp) {
		errno = ENAMETOOLONG;
		return failed("cannot replace a file", path);
	}
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return failed("cannot create a file", temp);
	bool written = file_write_all(fd, data, n) && fsync(fd) == 0;
	int why = errno;
	close(fd);
	errno = why;
	if (!written || rename(temp, path) != 0) {
		enum status st = failed("cannot replace a file", path);
		unlink(temp);
		return st;
	}
	return sync_parent(path) ? OK : failed("cannot sync a directory", path);
}

enum status file_rename(const char *from, const char *to)
{
	if (rename(from, to) != 0)
		return failed("cannot rename a file", from);
	return sync_parent(to) ? OK : failed("cannot sync a directory", to);
}

enum status dir_make(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t n = strlen(path);
	if (n >= sizeof part) {
		errno = ENAMETOOLONG;
		return failed("cannot create a directory", path);
	}
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != 0)
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		struct stat st;
		if (mkdir(part, mode) != 0 && (errno != EEXIST || stat(part, &st) != 0 || !S_ISDIR(st.st_mode)))
			return failed("cannot create a directory", part);
	}
	return OK;
}

static int is_plain(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

char **dir_list(struct pool *p, const char *path, size_t *n)
{
	struct dirent **found;
	int count = scandir(path, &found, is_plain, alphasort);
	if (count < 0)
		return NULL;
	*n = (size_t)count;
	char **names = pool_array(p, *n + 1, sizeof *names);
	for (size_t i = 0; i < *n; i++) {
		names[i] = pool_strdup(p, found[i]->d_name);
		free(found[i]);
	}
	free(found);
	return names;
}

bool disk_free(const char *path, int64_t *bytes)
{
	struct statvfs disk;
	if (statvfs(path, &disk) != 0)
		return false;
	*bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	return true;
}

bool file_write_all(int fd, const void *data, size_t n)
{
	const char *at = data;
	while (n) {
		ssize_t done = write(fd, at, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

bool file_read_all(int fd, void *data, size_t n)
{
	char *at = data;
	while (n) {
		ssize_t done = read(fd, at, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

int file_open_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
	struct stat own, dir;
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int n = slash ? snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path) : -1;
	if (fd < 0 || n <= 0 || (size_t)n >= sizeof parent || fstat(fd, &own) || stat(parent, &dir) ||
		own.st_uid != geteuid())
		return fd;
	/* Best effort: where it fails the modes that are there must do. */
	if (own.st_uid != dir.st_uid || own.st_gid != dir.st_gid)
		(void)!fchown(fd, dir.st_uid, dir.st_gid);
	if ((own.st_mode & 0777) != 0660)
		(void)!fchmod(fd, 0660);
	return fd;
}
