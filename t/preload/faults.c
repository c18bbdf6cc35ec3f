/* Preloaded into our programs by t/40-faults.t: the disk fails. Of the calls that change a file, those of the process itself
 * on what is no terminal, log or pipe, the one numbered $FAULTS_AT fails as $FAULTS_AS says: EIO, ENOSPC, or SHORT, which writes
 * half and says so. With $FAULTS_ON all that follow fail too. How many there were stands in $FAULTS_COUNT, a file of one long. With
 * $FAULTS_ACCEPT counting begins with the first accept(): a worker's requests without its start.
 * With $FAULTS_MEET, a FIFO, the first syncfs() waits until somebody has opened it for writing and closed it again: mail-sync between
 * judging a batch and writing it (t/40-rules-run.t). */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static long *count, at;
static int why;
static bool on, is_short, counting;
static const char *meet;

__attribute__((constructor)) static void begin(void)
{
	meet = getenv("FAULTS_MEET");
	const char *path = getenv("FAULTS_COUNT"), *as = getenv("FAULTS_AS"), *number = getenv("FAULTS_AT");
	if (!path || !as || !number)
		return;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || count == MAP_FAILED)
		abort();
	close(fd);
	at = strtol(number, NULL, 10);
	why = strcmp(as, "EIO") ? ENOSPC : EIO;
	is_short = !strcmp(as, "SHORT");
	on = getenv("FAULTS_ON") != NULL;
	counting = !getenv("FAULTS_ACCEPT");
}

/* Does this call fail? */
static bool fails(void)
{
	if (!counting)
		return false;
	++*count;
	if (!at || (on ? *count < at : *count != at))
		return false;
	errno = why;
	return true;
}

static bool is_file(int fd)
{
	struct stat st;
	int before = errno;
	bool file = counting && fd > 2 && fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
	errno = before;
	return file;
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t n)
{
	ssize_t (*real)(int, const void *, size_t) = REAL(write, ssize_t(*)(int, const void *, size_t));
	if (!is_file(fd) || !fails())
		return real(fd, data, n);
	return is_short && n > 1 ? real(fd, data, n / 2) : -1;
}

#define PWRITE(name)                                                                                                   \
	ssize_t name(int fd, const void *data, size_t n, off_t to)                                                     \
	{                                                                                                              \
		ssize_t (*real)(int, const void *, size_t, off_t) =                                                    \
			REAL(name, ssize_t(*)(int, const void *, size_t, off_t));                                      \
		if (!is_file(fd) || !fails())                                                                          \
			return real(fd, data, n, to);                                                                  \
		return is_short && n > 1 ? real(fd, data, n / 2, to) : -1;                                             \
	}
#define SYNC(name)                                                                                                     \
	int name(int fd)                                                                                               \
	{                                                                                                              \
		return is_file(fd) && fails() ? -1 : REAL(name, int (*)(int))(fd);                                     \
	}
#define TRUNCATE(name)                                                                                                 \
	int name(int fd, off_t to)                                                                                     \
	{                                                                                                              \
		return is_file(fd) && fails() ? -1 : REAL(name, int (*)(int, off_t))(fd, to);                          \
	}
#define OPEN(name)                                                                                                     \
	int name(const char *path, int flags, ...)                                                                     \
	{                                                                                                              \
		va_list ap;                                                                                            \
		va_start(ap, flags);                                                                                   \
		mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;                                  \
		va_end(ap);                                                                                            \
		return flags & O_CREAT && fails() ? -1                                                                 \
						  : REAL(name, int (*)(const char *, int, ...))(path, flags, mode);    \
	}

PWRITE(pwrite)
PWRITE(pwrite64)
SYNC(fsync)
SYNC(fdatasync)
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)
OPEN(open)
OPEN(open64)

int syncfs(int fd)
{
	int door = meet ? open(meet, O_RDONLY | O_CLOEXEC) : -1;
	char c;
	meet = NULL;
	while (door >= 0 && read(door, &c, 1) > 0) {
	}
	if (door >= 0)
		close(door);
	return is_file(fd) && fails() ? -1 : REAL(syncfs, int (*)(int))(fd);
}

int rename(const char *from, const char *to)
{
	return fails() ? -1 : REAL(rename, int (*)(const char *, const char *))(from, to);
}

int accept(int fd, struct sockaddr *from, socklen_t *n)
{
	int got = REAL(accept, int (*)(int, struct sockaddr *, socklen_t *))(fd, from, n);
	counting = counting || count;
	return got;
}

/* The mail parser's child writes no file, and may not even ask what a descriptor is. */
pid_t fork(void)
{
	pid_t pid = REAL(fork, pid_t(*)(void))();
	if (pid == 0)
		counting = false;
	return pid;
}
