/* Owns backup and restore. A backup is one file with its SHA-256 beside it; it is never written to, also not to be
 * checked: all looking happens in a copy, and that copy is what becomes the database. Tests: t/30-backup.t */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "core/audit.h"
#include "base/banned.h"

static const char *side(struct program *p, const char *path, const char *suffix)
{
	return pool_printf(p->pool, "%s%s", path, suffix);
}

/* Every byte once: hashed, and written to `out` unless that is negative. */
static enum status pass(struct program *p, const char *from, int out, char sha256[static SHA256_HEX])
{
	char piece[65536];
	ssize_t n;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return fail(&p->op, E_NOT_FOUND, NULL, "%s cannot be read: %s", from, strerror(errno));
	struct sha256 *h = sha256_new(p->pool);
	bool good = true;
	while (good && (n = read(in, piece, sizeof piece)) != 0) {
		good = n > 0 && (out < 0 || file_write_all(out, piece, (size_t)n));
		if (good)
			sha256_add(h, piece, (size_t)n);
	}
	good = good && (out < 0 || fsync(out) == 0);
	enum status st = good              ? OK
			 : errno == ENOSPC ? fail(&p->op, E_FULL, NULL, "no space left for a copy of %s", from)
					   : fail(&p->op, E_INTERNAL, NULL, "%s: %s", from, strerror(errno));
	sha256_end(h, sha256);
	close(in);
	return st;
}

enum status command_backup(struct program *p, int argc, char **argv)
{
	char at[INSTANT_SIZE], sha256[SHA256_HEX];
	if (argc > 2)
		return E_SYNTAX;
	instant_format(p->op.now, at);
	const char *path =
		argc == 2 ? argv[1]
			  : pool_printf(p->pool, "%s/countersign-%s.db", conf_data_path(p->pool, "backups"), at);
	/* The old hash must not stand beside the new file. */
	unlink(side(p, path, ".sha256"));
	enum status st = db_snapshot(&p->op, path);
	if (!st)
		st = pass(p, path, -1, sha256);
	if (st)
		return st;
	const char *slash = strrchr(path, '/');
	const char *line = pool_printf(p->pool, "%s  %s\n", sha256, slash ? slash + 1 : path);
	if (file_replace(side(p, path, ".sha256"), line, strlen(line), 0640))
		return fail(&p->op, E_INTERNAL, NULL, "%s.sha256 cannot be written", path);
	printf("%s\n", path);
	return OK;
}

/* ---- restore ---- */
static void forget(struct program *p, const char *copy)
{
	unlink(copy);
	unlink(side(p, copy, "-wal"));
	unlink(side(p, copy, "-shm"));
}

/* The backup's bytes as they are now, compared with the hash that was written down when they were made. */
static enum status take_copy(struct program *p, const char *path, const char *copy)
{
	char sha256[SHA256_HEX], *noted;
	size_t n;
	struct stat st_wal;
	if (stat(side(p, path, "-wal"), &st_wal) == 0 && st_wal.st_size > 0)
		return fail(
			&p->op, E_INPUT, "file", "is a database in use, not a backup: %s-wal holds a part of it", path);
	forget(p, copy);
	int out = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
	if (out < 0)
		return fail(&p->op, E_INTERNAL, NULL, "%s cannot be made: %s", copy, strerror(errno));
	enum status st = pass(p, path, out, sha256);
	close(out);
	if (st || file_read(p->pool, side(p, path, ".sha256"), 4096, &noted, &n))
		return st; /* without the note the checks below must do */
	return n > 64 && secret_eq(pool_strndup(p->pool, noted, 64), sha256)
		       ? OK
		       : fail(&p->op, E_INPUT, "file", "is not what was backed up: %s.sha256 says otherwise", path);
}

static enum status examine(struct program *p, const char *path, const char *copy)
{
	struct db *db;
	struct audit_check check = {0};
	int64_t contacts = 0, messages = 0;
	if (db_open(copy, DB_CHECK, &db))
		return fail(&p->op, E_INPUT, "file", "is not a database of ours: %s", path);
	p->op.db = db;
	enum status st = db_integrity(&p->op);
	if (!st && migrate_version(&p->op) == 0)
		st = fail(&p->op, E_INPUT, "file", "has no schema of ours");
	if (!st)
		st = audit_verify(&p->op, &check);
	if (!st && check.first_bad)
		st = fail(&p->op, E_INPUT, "file", "has an audit log that does not fit its chain");
	if (!st && migrate_version(&p->op) >= 4) {
		db_one_int(&p->op, &contacts, "SELECT count(*) FROM contacts_live");
		db_one_int(&p->op, &messages, "SELECT count(*) FROM messages");
	}
	if (!st)
		printf("%s: sound; schema %d, %lld contacts, %lld messages, %lld audit rows\n", path,
			migrate_version(&p->op), (long long)contacts, (long long)messages, (long long)check.rows);
	db_close(db);
	p->op.db = NULL;
	return st;
}

/* Who has the database open in WAL mode holds SQLite's shared lock on it, also between transactions (512 bytes from
 * PENDING_BYTE on, sqlite3's os.h). Having it alone means: nobody is there. Gives the descriptor that holds it, or -1. */
static int alone(const char *db)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000000, .l_len = 512};
	int fd = open(db, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &all) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* What was there is kept whole, with what its -wal holds. The -wal must be gone before another file has the name:
 * SQLite would replay it into that. */
static enum status keep_old(struct program *p, const char *db)
{
	char at[INSTANT_SIZE];
	instant_format(p->op.now, at);
	const char *kept = pool_printf(
		p->pool, "%s/replaced-%s-%s.db", conf_data_path(p->pool, "backups"), at, random_hex(p->pool, 3));
	const char *wal = side(p, db, "-wal");
	if (link(db, kept) || (link(wal, side(p, kept, "-wal")) && errno != ENOENT))
		return fail(&p->op, E_INTERNAL, NULL, "%s cannot be kept as %s: %s", db, kept, strerror(errno));
	if ((unlink(wal) && errno != ENOENT) || (unlink(side(p, db, "-shm")) && errno != ENOENT))
		return fail(&p->op, E_INTERNAL, NULL, "%s cannot be removed: %s", wal, strerror(errno));
	printf("the old database is %s\n", kept);
	return OK;
}

static enum status put_in_place(struct program *p, const char *copy)
{
	const char *db = conf_db();
	int held = -1;
	if (access(db, F_OK) == 0 && (held = alone(db)) < 0)
		return fail(&p->op, E_CONFLICT, NULL, "the database is in use; stop the programs first");
	enum status st = held < 0 ? OK : keep_old(p, db);
	struct stat old;
	if (held >= 0 && fstat(held, &old) == 0 && geteuid() == 0 && chown(copy, old.st_uid, old.st_gid))
		return fail(&p->op, E_INTERNAL, NULL, "%s cannot be given to its owner", copy);
	/* The copy has none of its own: nobody wrote to it. */
	unlink(side(p, copy, "-wal"));
	unlink(side(p, copy, "-shm"));
	if (!st && file_rename(copy, db))
		st = fail(&p->op, E_INTERNAL, NULL, "%s cannot be put in place", copy);
	if (held >= 0)
		close(held);
	return st;
}

/* Logins that were ended since the backup was made do not come back to life. */
static enum status close_sessions(struct program *p)
{
	struct actor nobody = {.kind = ACTOR_NONE};
	program_open(p, DB_OWNER, &nobody);
	p->op.actor = shell_actor(&p->op);
	enum status st = db_begin(&p->op);
	if (!st)
		st = db_run(&p->op, "UPDATE sessions SET revoked_at = ctx_now() WHERE revoked_at IS NULL");
	if (!st)
		st = audit_event(&p->op, "restore", "database", 0, NULL);
	if (!st)
		return db_commit(&p->op);
	db_rollback(&p->op);
	return st;
}

int command_restore(struct program *p, int argc, char **argv)
{
	bool check = option_flag(&argc, argv, "--check");
	if (argc != 3)
		return program_misused(p, "restore takes one file");
	const char *copy = side(p, conf_db(), ".restore");
	enum status st = command_data_dirs(p);
	if (!st)
		st = take_copy(p, argv[2], copy);
	if (!st)
		st = examine(p, argv[2], copy);
	if (!st && !check)
		st = put_in_place(p, copy);
	forget(p, copy);
	if (!st && !check)
		st = close_sessions(p);
	if (!st && !check)
		printf("restored from %s\n", argv[2]);
	return program_end(p, st);
}
