/* Owns the content store: files named by their SHA-256. A batch's files are written first and put on the disk together
 * (syncfs), before a transaction refers to any; one by one each would cost two waits. Removes only what a purge left
 * (blobs_queue) and what nothing refers to, and never while somebody is between writing files and the rows that refer to
 * them: a lock says so. Tests: t/40-capture.t, t/40-capture-kill.t, t/40-rules.t, t/30-doctor.t */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/pool.h"
#include "capture/capture.h"
#include "db/db.h"
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

static const char *path_of(struct pool *p, const char *sha256)
{
	return pool_printf(p, "%s/%.2s/%s", conf_data_path(p, "mail/store"), sha256, sha256);
}

enum status blob_put(struct op *op, const void *data, size_t n, const char *sha256)
{
	struct stat st;
	const char *dir = pool_printf(op->pool, "%s/%.2s", conf_data_path(op->pool, "mail/store"), sha256);
	const char *path = path_of(op->pool, sha256);
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

/* ---- removing ---- */
static int lock(struct op *op, int how)
{
	int fd = file_open_lock(pool_printf(op->pool, "%s/store.lock", conf_data_path(op->pool, "run")));
	if (fd >= 0 && flock(fd, how) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int blob_hold(struct op *op)
{
	int fd = lock(op, LOCK_SH);
	if (fd < 0)
		failed(op);
	return fd;
}

enum status blob_discard(struct op *op, const char *sha256, int64_t rule_id)
{
	return db_run(op, "INSERT INTO blobs_queue (sha256, rule_id) VALUES (?, nullif(?, 0)) ON CONFLICT DO NOTHING",
		sha256, rule_id);
}

/* Under the lock: who refers to a file has committed. Gone from the disk before it is gone from the queue. */
static enum status remove_some(struct op *op, struct json_object *waiting)
{
	for (size_t i = 0; i < json_len(waiting); i++) {
		struct json_object *b = json_at(waiting, i);
		if (!json_true(b, "is_needed") && unlink(path_of(op->pool, json_text(b, "sha256"))) && errno != ENOENT)
			return failed(op);
	}
	enum status st = blob_sync(op);
	if (!st)
		st = db_begin(op);
	if (st)
		return st;
	for (size_t i = 0; i < json_len(waiting) && !st; i++) {
		struct json_object *b = json_at(waiting, i);
		st = db_run(op, "UPDATE purges SET files = files + ? WHERE rule_id = ?", !json_true(b, "is_needed"),
			json_int(b, "rule_id"));
		if (!st)
			st = db_run(op, "DELETE FROM blobs_queue WHERE sha256 = ?", json_text(b, "sha256"));
	}
	return db_end(op, st);
}

enum status blobs_remove(struct op *op)
{
	int fd = lock(op, LOCK_EX | LOCK_NB);
	enum status st = OK;
	if (fd < 0)
		return OK;
	for (size_t n = 1; n && !st;) {
		struct json_object *waiting = db_array(op,
			"SELECT sha256, rule_id, (EXISTS (SELECT 1 FROM attachments a WHERE a.sha256 = q.sha256 AND "
			"a.is_stored = 1) OR EXISTS (SELECT 1 FROM messages m WHERE m.raw_sha256 = q.sha256)) AS "
			"is_needed FROM blobs_queue q LIMIT 500");
		n = json_len(waiting);
		st = n ? remove_some(op, waiting) : op->fault.status;
	}
	close(fd);
	return st;
}

/* ---- strays ---- */
/* What waits in the queue goes by it. A file that was not finished has a name of its own kind, and nobody is writing now. */
static bool is_stray(struct op *op, const char *name)
{
	int64_t known = 0;
	db_one_int(op, &known,
		"SELECT EXISTS (SELECT 1 FROM messages WHERE raw_sha256 = ?1) OR EXISTS (SELECT 1 FROM attachments "
		"WHERE "
		"sha256 = ?1 AND is_stored = 1) OR EXISTS (SELECT 1 FROM blobs_queue WHERE sha256 = ?1)",
		name);
	return !known && !op->fault.status;
}

static enum status strays_of(struct op *op, const char *path, bool take, int64_t *n)
{
	struct pool *pool = pool_new();
	struct op one;
	size_t count;
	op_init(&one, pool, op->db, &op->actor, op->request_id);
	char **files = dir_list(pool, path, &count);
	enum status st = files || errno == ENOENT ? OK : failed(op);
	for (; files && *files && !st; files++) {
		bool stray = is_stray(&one, *files);
		*n += stray;
		if (stray && take && unlink(pool_printf(pool, "%s/%s", path, *files)))
			st = failed(op);
		st = st ? st : one.fault.status;
	}
	pool_free(pool);
	return st;
}

enum status blobs_strays(struct op *op, bool take, int64_t *n)
{
	enum status st = OK;
	*n = 0;
	/* A lock for each directory, so that capture never waits for more than one. */
	for (unsigned i = 0; i < 256 && !st; i++) {
		int fd = lock(op, LOCK_EX);
		if (fd < 0)
			return failed(op);
		st = strays_of(
			op, pool_printf(op->pool, "%s/%02x", conf_data_path(op->pool, "mail/store"), i), take, n);
		close(fd);
	}
	return st;
}
