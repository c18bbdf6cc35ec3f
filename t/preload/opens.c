/* Preloaded into our programs by t/60-opens.t: one line to $OPENS_LOG for each opening of the database file or a file
 * beside it ("open OBJECT PATH", OBJECT being what called), for each connection ("connect PATH") and for each fork ("fork N"
 * with N connections open). A descriptor closed behind SQLite's back would drop its locks (sqlite.org/howtocorrupt, 2.2). */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sqlite3;

static int log_fd = -1;
static int connections;

/* Before main, for the sandbox leaves no file to open. */
__attribute__((constructor)) static void begin(void)
{
	int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
	const char *path = getenv("OPENS_LOG");
	/* A number nobody else gets: the mail parser closes every descriptor that it was not given, and uses them again. */
	if (path)
		log_fd = fcntl(real(path, O_WRONLY | O_APPEND | O_CREAT, 0666), F_DUPFD_CLOEXEC, 500);
	char line[4200];
	int n = snprintf(line, sizeof line, "begin %d\n", log_fd >= 0);
	if (log_fd < 0 || write(log_fd, line, (size_t)n) != n)
		abort();
}

static void say(const char *what, const char *who, const char *path)
{
	char line[4200];
	int n = snprintf(line, sizeof line, "%s %s %s\n", what, who, path);
	/* Where the log may not be written, nothing may be opened either: the mail parser's child. */
	if (n < 0 || (size_t)n >= sizeof line ||
		(write(log_fd, line, (size_t)n) != n && errno != EBADF && errno != EPERM))
		abort();
}

/* O_PATH opens no file and its close() drops no lock: the sandbox names its files by it. */
static void note(const char *path, int flags, void *caller)
{
	Dl_info at;
	if (path && !(flags & O_PATH) && strstr(path, "countersign.db"))
		say("open", dladdr(caller, &at) && at.dli_fname ? at.dli_fname : "?", path);
}

static mode_t mode_of(int flags, va_list ap)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
}

#define OPEN(name)                                                                                                     \
	int name(const char *path, int flags, ...);                                                                    \
	int name(const char *path, int flags, ...)                                                                     \
	{                                                                                                              \
		va_list ap;                                                                                            \
		va_start(ap, flags);                                                                                   \
		mode_t mode = mode_of(flags, ap);                                                                      \
		va_end(ap);                                                                                            \
		note(path, flags, __builtin_return_address(0));                                                        \
		return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name))(path, flags, mode);                  \
	}
#define OPENAT(name)                                                                                                   \
	int name(int dir, const char *path, int flags, ...);                                                           \
	int name(int dir, const char *path, int flags, ...)                                                            \
	{                                                                                                              \
		va_list ap;                                                                                            \
		va_start(ap, flags);                                                                                   \
		mode_t mode = mode_of(flags, ap);                                                                      \
		va_end(ap);                                                                                            \
		note(path, flags, __builtin_return_address(0));                                                        \
		return ((int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, #name))(dir, path, flags, mode);        \
	}
#define CREAT(name)                                                                                                    \
	int name(const char *path, mode_t mode);                                                                       \
	int name(const char *path, mode_t mode)                                                                        \
	{                                                                                                              \
		note(path, 0, __builtin_return_address(0));                                                            \
		return ((int (*)(const char *, mode_t))dlsym(RTLD_NEXT, #name))(path, mode);                           \
	}
#define FOPEN(name)                                                                                                    \
	FILE *name(const char *path, const char *mode);                                                                \
	FILE *name(const char *path, const char *mode)                                                                 \
	{                                                                                                              \
		note(path, 0, __builtin_return_address(0));                                                            \
		return ((FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, #name))(path, mode);                 \
	}

OPEN(open)
OPEN(open64)
OPEN(__open_2)
OPEN(__open64_2)
OPENAT(openat)
OPENAT(openat64)
CREAT(creat)
CREAT(creat64)
FOPEN(fopen)
FOPEN(fopen64)

int sqlite3_open_v2(const char *path, struct sqlite3 **db, int flags, const char *vfs);
int sqlite3_open_v2(const char *path, struct sqlite3 **db, int flags, const char *vfs)
{
	int (*real)(const char *, struct sqlite3 **, int, const char *) =
		(int (*)(const char *, struct sqlite3 **, int, const char *))dlsym(RTLD_NEXT, "sqlite3_open_v2");
	int rc = real(path, db, flags, vfs);
	say("connect", "-", path);
	connections += *db != NULL;
	return rc;
}

int sqlite3_close(struct sqlite3 *db);
int sqlite3_close(struct sqlite3 *db)
{
	int rc = ((int (*)(struct sqlite3 *))dlsym(RTLD_NEXT, "sqlite3_close"))(db);
	connections -= db && !rc;
	return rc;
}

pid_t fork(void)
{
	char count[20];
	snprintf(count, sizeof count, "%d", connections);
	say("fork", count, "-");
	return ((pid_t(*)(void))dlsym(RTLD_NEXT, "fork"))();
}
