/* Owns what a parse worker may do: compute, and talk over one socket. Everything else is refused by the kernel, because
 * the bytes it reads were written by strangers. Never opens, forks or connects. Tests: t/unit/mail_parser.c */
#include "mail/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/pool.h"
#include "config.h"
#include "mail/message.h"
#include "mail/mime.h"
#include "mail/parser.h"
#include "mail/wire.h"
#include "base/banned.h"

#define ALLOW(...) (seccomp_rule_add(filter, SCMP_ACT_ALLOW, __VA_ARGS__) == 0)

/* What allocating, dying and answering need. Refusals are errors, not kills: a library that asks for a file then does
 * without, and the self-test can ask for one thing after the other. */
static bool allow_calls(scmp_filter_ctx filter, int fd)
{
	static const int calls[] = {SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
		SCMP_SYS(futex), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
		SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(getpid),
		SCMP_SYS(gettid), SCMP_SYS(sched_yield), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall)};
	bool good = true;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		good &= ALLOW(calls[i], 0);
	/* Memory of its own, never a file's and never to be executed. */
	good &= ALLOW(SCMP_SYS(mmap), 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
		SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
	good &= ALLOW(SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	good &= ALLOW(SCMP_SYS(read), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fd));
	good &= ALLOW(SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fd));
#ifdef WITH_SANITIZERS /* their reports */
	good &= ALLOW(SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO));
#endif
	return good;
}

static bool sandbox(int fd)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return false;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool good = filter && allow_calls(filter, fd) && seccomp_load(filter) == 0;
	if (filter)
		seccomp_release(filter);
	return good;
}

static bool limit(int what, rlim_t most)
{
	return setrlimit(what, &(struct rlimit){most, most}) == 0;
}

static bool limits(void)
{
	bool good = limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, 0);
#ifndef WITH_SANITIZERS /* AddressSanitizer reserves terabytes */
	good = good && limit(RLIMIT_AS, PARSER_MEMORY);
#endif
	return good;
}

/* Most pieces of an answer are a few bytes: they are gathered, for each write wakes the parent. */
struct gather {
	int fd;
	bool good;
	size_t n;
	char data[32768];
};

static void gather_flush(struct gather *g)
{
	g->good = g->good && file_write_all(g->fd, g->data, g->n);
	g->n = 0;
}

static void gather_put(struct gather *g, const void *data, size_t n)
{
	if (n > sizeof g->data - g->n)
		gather_flush(g);
	if (n > sizeof g->data) {
		g->good = g->good && file_write_all(g->fd, data, n);
		return;
	}
	if (n)
		memcpy(g->data + g->n, data, n);
	g->n += n;
}

static bool answer(int fd, uint32_t kind, const struct iovec *pieces, int count, size_t total)
{
	struct wire_head head = {.kind = kind, .len = (uint32_t)total};
	struct gather g = {.fd = fd, .good = true};
	gather_put(&g, &head, sizeof head);
	for (int i = 0; i < count; i++)
		gather_put(&g, pieces[i].iov_base, pieces[i].iov_len);
	gather_flush(&g);
	return g.good;
}

static bool answer_parse(int fd, struct pool *p, char *raw, size_t n)
{
	struct mail_message *m = message_new(p);
	int count;
	size_t total;
	mime_parse(p, raw, n, m);
	struct iovec *pieces = wire_encode(p, m, &count, &total);
	return answer(fd, WIRE_PARSE, pieces, count, total);
}

static void report(struct buf *b, const char *name, long result)
{
	if (result == -1 && errno == EPERM)
		buf_printf(b, "%s=ok\n", name);
	else
		buf_printf(b, "%s=FAIL %d\n", name, result == -1 ? errno : 0);
}

/* Each of these must fail, and because it is not allowed. */
static bool answer_selftest(int fd, struct pool *p)
{
	static char program[] = "/bin/true";
	struct buf *b = buf_new(p, 4096);
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	report(b, "open", open("/etc/passwd", O_RDONLY | O_CLOEXEC));
	report(b, "socket", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	report(b, "unix-socket", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	report(b, "fork", fork());
	report(b, "kill", kill(getppid(), 0));
	report(b, "unlink", unlink("/nowhere/at-all"));
	report(b, "execve", execve(program, (char *[]){program, NULL}, (char *[]){NULL}));
	report(b, "dumpable", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	report(b, "read-other", read(fd + 1, &(char){0}, 1));
	report(b, "write-other", write(fd + 1, "x", 1));
	report(b, "make-code", mprotect(page, 4096, PROT_READ | PROT_EXEC));
	bool mapped = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
	report(b, "map-code", mapped ? 0 : -1);
	return answer(fd, WIRE_SELFTEST, &(struct iovec){b->data, b->len}, 1, b->len);
}

/* One request; false when the socket has ended. */
static bool serve(int fd)
{
	struct wire_head head;
	if (!file_read_all(fd, &head, sizeof head) || head.len > MAIL_RAW_MAX)
		return false;
	struct pool *p = pool_new();
	char *raw = pool_alloc(p, head.len + (size_t)1);
	bool good = file_read_all(fd, raw, head.len) &&
		    (head.kind == WIRE_SELFTEST ? answer_selftest(fd, p) : answer_parse(fd, p, raw, head.len));
	pool_free(p);
	return good;
}

void worker_run(int fd)
{
	if (!limits() || !sandbox(fd))
		_exit(EX_NOPERM);
	while (serve(fd)) {
	}
	_exit(0);
}
