/* Many processes on one database (security checks R7 and R8).
 *
 *   storm wal SECONDS [--no-lock]   four writers and three checkpointers; prints rows acknowledged, lost, and the
 *                                   integrity check's finding. --no-lock is the control: it must lose rows.
 *   storm busy WRITES               sixteen writers, eight readers that hold their snapshot; prints the failures.
 *
 * SQLite's WAL-reset bug needs a writer to start the WAL over between a checkpointer's look at the header and its use.
 * SQLite calls the VFS's xUnfetch just there, so a VFS that naps in it makes the race wide without touching SQLite. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit/dbkit.h"

#include "base/clock.h"
#include "db/handle.h"

#define PROCESSES 32

struct shared {
	int64_t acknowledged[PROCESSES]; /* last sequence number whose commit returned OK */
	int64_t failures, checkpoints;
	bool stop;
};

static struct shared *shared;
static sqlite3_vfs naps, *real;
static sqlite3_io_methods methods;

static int nap(sqlite3_file *f, sqlite3_int64 at, void *page)
{
	(void)f, (void)at, (void)page;
	nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
	return SQLITE_OK;
}

static int naps_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
	(void)vfs;
	int rc = real->xOpen(real, name, f, flags, out);
	if (rc == SQLITE_OK && f->pMethods && (flags & SQLITE_OPEN_MAIN_DB)) {
		methods = *f->pMethods;
		methods.xUnfetch = nap;
		f->pMethods = &methods;
	}
	return rc;
}

static void naps_register(void)
{
	real = sqlite3_vfs_find(NULL);
	naps = *real;
	naps.zName = "naps";
	naps.pNext = NULL;
	naps.xOpen = naps_open;
	sqlite3_vfs_register(&naps, 1);
}

static struct op *storm_open(bool locked)
{
	struct op *op = dbkit_open(DB_OWNER, &ADA);
	if (!locked) {
		close(op->db->lock_fd);
		op->db->lock_fd = -1;
	}
	return op;
}

/* Units of work have their own pool, as in the programs. */
static enum status write_one(struct db *db, int who, int64_t seq)
{
	struct pool *p = pool_new();
	struct op op;
	op_init(&op, p, db, &ADA, "storm");
	enum status st = db_begin(&op);
	if (!st)
		st = db_run(&op, "INSERT INTO storm (writer, seq, filler) VALUES (?, ?, hex(zeroblob(500)))", who, seq);
	if (!st)
		st = db_commit(&op);
	else
		db_rollback(&op);
	if (st)
		fprintf(stderr, "# writer %d: %s\n", who, op.fault.items ? op.fault.items->message : "failed");
	pool_free(p);
	return st;
}

static void writer(int who, bool locked, int64_t count)
{
	struct op *op = storm_open(locked);
	for (int64_t seq = 1; !__atomic_load_n(&shared->stop, __ATOMIC_RELAXED) && seq <= count; seq++) {
		enum status st = write_one(op->db, who, seq);
		/* Three checkpointers that nap with the lock can keep a writer out for long on a busy machine. That is no loss;
		 * whether anybody is told busy in real use is what the other storm is about. */
		if (st == E_BUSY && count == INT64_MAX) {
			seq--;
			continue;
		}
		if (st) {
			__atomic_add_fetch(&shared->failures, 1, __ATOMIC_RELAXED);
			break;
		}
		__atomic_store_n(&shared->acknowledged[who], seq, __ATOMIC_RELEASE);
	}
	db_close(op->db);
}

static void checkpointer(bool locked)
{
	struct op *op = storm_open(locked);
	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
		if (db_checkpoint(op->db, 0) == OK)
			__atomic_add_fetch(&shared->checkpoints, 1, __ATOMIC_RELAXED);
		/* Three of them without a pause would hold the lock all the time and leave nothing to lose. */
		nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
	}
	db_close(op->db);
}

/* Holds one snapshot after another, each over many rows. */
static void reader(void)
{
	struct op *op = dbkit_open(DB_READ, &ADA);
	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
		struct stmt *q = db_query(op, "SELECT a.seq FROM storm a, storm b ORDER BY b.seq, a.seq LIMIT 20000");
		while (db_row(q)) {
		}
		if (op->fault.status)
			__atomic_add_fetch(&shared->failures, 1, __ATOMIC_RELAXED);
		fault_init(&op->fault, op->pool);
	}
	db_close(op->db);
}

/* How many acknowledged rows a fresh connection does not find; -1 when the file is not sound. */
static int64_t lost(int writers)
{
	struct op *op = storm_open(true);
	int64_t missing = 0;
	for (int w = 0; w < writers; w++) {
		int64_t want = __atomic_load_n(&shared->acknowledged[w], __ATOMIC_ACQUIRE), have = 0;
		db_one_int(op, &have, "SELECT count(*) FROM storm WHERE writer = ? AND seq <= ?", w, want);
		missing += want - have;
	}
	bool sound = db_integrity(op) == OK;
	db_close(op->db);
	return sound ? missing : -1;
}

static void child(void (*fn)(int, bool, int64_t), int who, bool locked, int64_t count)
{
	fflush(NULL);
	if (fork() == 0) {
		fn(who, locked, count);
		_exit(0);
	}
}

static void checkpointer_child(int who, bool locked, int64_t count)
{
	(void)who, (void)count;
	checkpointer(locked);
}

static void reader_child(int who, bool locked, int64_t count)
{
	(void)who, (void)locked, (void)count;
	reader();
}

static void join(void)
{
	while (wait(NULL) > 0 || errno == EINTR) {
	}
}

static int storm_wal(int seconds, bool locked)
{
	naps_register();
	for (int i = 0; i < 4; i++)
		child(writer, i, locked, INT64_MAX);
	for (int i = 0; i < 3; i++)
		child(checkpointer_child, i, locked, 0);
	int64_t found = 0, until = clock_mono_us() + seconds * 1000000LL;
	/* The control may stop at the first loss. */
	do {
		nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
		found = lost(4);
	} while (!found && clock_mono_us() < until);
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
	join();
	int64_t total = 0;
	for (int i = 0; i < 4; i++)
		total += shared->acknowledged[i];
	if (!found)
		found = lost(4);
	printf("acknowledged %lld\ncheckpoints %lld\nlost %lld\nfailures %lld\n", (long long)total,
		(long long)shared->checkpoints, (long long)found, (long long)shared->failures);
	return 0;
}

static int storm_busy(int64_t writes)
{
	for (int i = 0; i < 8; i++)
		child(reader_child, i, true, 0);
	pid_t writers = fork();
	if (writers == 0) {
		for (int i = 0; i < 16; i++)
			child(writer, i, true, writes);
		join();
		_exit(0);
	}
	while (waitpid(writers, NULL, 0) < 0 && errno == EINTR) {
	}
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
	join();
	int64_t total = 0;
	for (int i = 0; i < 16; i++)
		total += shared->acknowledged[i];
	printf("acknowledged %lld\nlost %lld\nfailures %lld\n", (long long)total, (long long)lost(16),
		(long long)shared->failures);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 64;
	dbkit_start();
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct op *op = dbkit_open(DB_OWNER, &ADA);
	db_exec_unguarded(op->db,
		"CREATE TABLE storm (id INTEGER PRIMARY KEY, writer INTEGER, seq INTEGER, filler TEXT);"
		" CREATE INDEX storm_writer ON storm (writer, seq)");
	db_close(op->db);
	if (!strcmp(argv[1], "busy"))
		return storm_busy(atoll(argv[2]));
	return storm_wal((int)atoll(argv[2]), argc < 4 || strcmp(argv[3], "--no-lock") != 0);
}
