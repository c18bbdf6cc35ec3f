/* Owns the content store: files named by their SHA-256. A batch's files are written first and put on the disk together
 * (syncfs), before a transaction refers to any; one by one each would cost two waits. Never removes one.
 * Tests: t/40-capture.t, t/40-capture-kill.t */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/pool.h"
#include "capture/capture.h"
#include "base/banned.h"

static enum status failed(struct op *op)
{
	int why = errno;
	return fail(op, why == ENOSPC || why == EDQUOT ? E_FULL : E_INTERNAL, NULL,
		"the content store cannot be written: %s", strerror(why));
}

/* A name of this process's own, then the final one: nobody ever sees a part of it under its hash. */
static bool put(const char *temp, const char *path, const void *data, size_t n)
{
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	bool good = fd >= 0 && file_write_all(fd, data, n);
	if (fd >= 0)
		good = close(fd) == 0 && good;
	return good && rename(temp, path) == 0;
}

enum status blob_put(struct op *op, const void *data, size_t n, char sha256[static SHA256_HEX])
{
	struct stat st;
	sha256_hex(data, n, sha256);
	const char *dir = pool_printf(op->pool, "%s/%.2s", conf_data_path(op->pool, "mail/store"), sha256);
	const char *path = pool_printf(op->pool, "%s/%s", dir, sha256);
	if (stat(path, &st) == 0 && (size_t)st.st_size == n)
		return OK;
	const char *temp = pool_printf(op->pool, "%s/new-%lld", dir, (long long)getpid());
	if (put(temp, path, data, n))
		return OK;
	/* The directory is there but for the first of its 256. */
	return errno == ENOENT && !dir_make(dir, 0770) && put(temp, path, data, n) ? OK : failed(op);
}

enum status blob_sync(struct op *op)
{
	int fd = open(conf_data_path(op->pool, "mail/store"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && syncfs(fd) == 0;
	enum status st = good || (fd < 0 && errno == ENOENT) ? OK : failed(op); /* nothing was ever stored */
	if (fd >= 0)
		close(fd);
	return st;
}
