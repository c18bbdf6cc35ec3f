/* Owns the processes that parse: a nursery forked before anything worth stealing is open, and one worker a slot that can
 * compute and talk over its socket. Tests: t/unit/mail_parser.c, t/20-mail-corpus.t */
#include "mail/parser.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "config.h"
#include "mail/headers.h"
#include "mail/message.h"
#include "mail/mime.h"
#include "mail/wire.h"
#include "base/banned.h"

struct slot {
	int fd; /* -1: no worker */
	pid_t pid;
	const char *raw; /* being parsed; NULL: free */
	size_t len;
	const char *refused; /* it was not given to the worker, and why */
};

struct parser {
	int nursery; /* -1: gone */
	pid_t nursery_pid;
	struct slot slots[PARSER_SLOTS];
};

/* ---- the worker ---- */
static bool sandbox(void)
{
	static const int allowed[] = {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(brk),
		SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(exit),
		SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(clock_gettime),
		SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(sched_yield),
		SCMP_SYS(mprotect), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall)};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool good = filter != NULL;
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed && good; i++)
		good = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
	/* Memory of its own, no file's. */
	good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
			       SCMP_A4(SCMP_CMP_MASKED_EQ, 0xffffffff, 0xffffffff)) == 0;
	good = good && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && seccomp_load(filter) == 0;
	if (filter)
		seccomp_release(filter);
	return good;
}

static void limits(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0});
#ifndef WITH_SANITIZERS /* AddressSanitizer reserves terabytes */
	setrlimit(RLIMIT_AS, &(struct rlimit){PARSER_MEMORY * 2ul, PARSER_MEMORY * 2ul});
#endif
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
}

static bool send_pieces(int fd, struct iovec *iov, int count, size_t total, uint32_t kind)
{
	struct wire_head head = {kind, (uint32_t)total};
	if (!file_write_all(fd, &head, sizeof head))
		return false;
	for (int i = 0; i < count; i++)
		if (iov[i].iov_len && !file_write_all(fd, iov[i].iov_base, iov[i].iov_len))
			return false;
	return true;
}

static bool answer_parse(int fd, const char *raw, size_t n)
{
	struct pool *p = pool_new();
	struct mail_message *m = message_new(p);
	int count;
	size_t total;
	mime_parse(p, raw, n, m);
	struct iovec *iov = wire_encode(p, m, &count, &total);
	bool sent = send_pieces(fd, iov, count, total, WIRE_PARSE);
	pool_free(p);
	return sent;
}

static bool refused(int result)
{
	return result < 0 && (errno == EPERM || errno == ENOSYS);
}

static bool answer_selftest(int fd)
{
	char text[512];
	size_t n = 0;
	const struct {
		const char *name;
		bool good;
	} tries[] = {
		{"open", refused(open("/etc/passwd", O_RDONLY | O_CLOEXEC))},
		{"socket", refused(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))},
		{"unix-socket", refused(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))},
		{"fork", refused(fork())},
		{"kill", refused(kill(getppid(), 0))},
		{"unlink", refused(unlink("/tmp/countersign-selftest"))},
		{"execve", refused(execl("/bin/true", "true", (char *)NULL))},
	};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		const char *line = tries[i].good ? "ok\n" : "FAIL\n";
		size_t a = strlen(tries[i].name), b = strlen(line);
		memcpy(text + n, tries[i].name, a);
		text[n + a] = '=';
		memcpy(text + n + a + 1, line, b);
		n += a + 1 + b;
	}
	struct iovec iov = {text, n};
	return send_pieces(fd, &iov, 1, n, WIRE_SELFTEST);
}

static void worker(int fd)
{
	limits();
	if (!sandbox())
		_exit(70);
	for (;;) {
		struct wire_head head;
		if (!file_read_all(fd, &head, sizeof head) || head.len > MAIL_RAW_MAX)
			_exit(0);
		char *raw = malloc(head.len + 1u);
		if (!raw || !file_read_all(fd, raw, head.len))
			_exit(0);
		raw[head.len] = 0;
		bool sent = head.kind == WIRE_SELFTEST ? answer_selftest(fd) : answer_parse(fd, raw, head.len);
		free(raw);
		if (!sent)
			_exit(0);
	}
}

/* ---- the nursery ---- */
static bool send_fd(int to, int fd, pid_t pid)
{
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {&pid, sizeof pid};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(to, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof pid;
}

static int receive_fd(int from, pid_t *pid)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = {pid, sizeof *pid};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	ssize_t n;
	while ((n = recvmsg(from, &msg, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
	}
	struct cmsghdr *c = n == (ssize_t)sizeof *pid ? CMSG_FIRSTHDR(&msg) : NULL;
	int fd = -1;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

static bool birth(int nursery)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		close(nursery);
		worker(pair[1]);
	}
	close(pair[1]);
	bool sent = pid > 0 && send_fd(nursery, pair[0], pid);
	close(pair[0]);
	return sent;
}

/* One byte asks for one worker; the end of the socket is the end. The kernel reaps the children. */
static void nursery(int fd)
{
	char ask;
	signal(SIGCHLD, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mime_warm();
	while (read(fd, &ask, 1) == 1)
		if (!birth(fd))
			break;
	_exit(0);
}

/* ---- the parent ---- */
static void slot_end(struct slot *s)
{
	if (s->fd < 0)
		return;
	close(s->fd);
	kill(s->pid, SIGKILL);
	s->fd = -1;
}

static bool slot_begin(struct parser *p, struct slot *s)
{
	if (s->fd >= 0)
		return true;
	if (p->nursery < 0 || !file_write_all(p->nursery, "w", 1) || (s->fd = receive_fd(p->nursery, &s->pid)) < 0) {
		log_error("the parser's nursery has gone", NULL);
		return false;
	}
	return true;
}

static void stop_deferred(void *arg)
{
	parser_stop(arg);
}

enum status parser_start(struct fault *f, struct pool *pool, struct parser **out)
{
	int pair[2];
	struct parser *p = pool_alloc(pool, sizeof *p);
	signal(SIGPIPE, SIG_IGN);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return fault_add(f, E_INTERNAL, NULL, "no socket for the parser: %s", strerror(errno));
	pid_t pid = fork();
	if (pid < 0)
		return fault_add(f, E_INTERNAL, NULL, "no process for the parser: %s", strerror(errno));
	if (pid == 0) {
		close(pair[0]);
		nursery(pair[1]);
	}
	close(pair[1]);
	*p = (struct parser){.nursery = pair[0], .nursery_pid = pid, .slots = {{.fd = -1}, {.fd = -1}}};
	pool_defer(pool, stop_deferred, p);
	for (int i = 0; i < PARSER_SLOTS; i++)
		if (!slot_begin(p, &p->slots[i]))
			return fault_add(f, E_INTERNAL, NULL, "the parser does not start");
	*out = p;
	return OK;
}

enum status parser_submit(struct parser *p, int slot, const char *raw, size_t n)
{
	struct slot *s = &p->slots[slot];
	if (s->raw)
		BUG("slot %d is taken", slot);
	s->raw = raw;
	s->len = n;
	s->refused = NULL;
	if (n > MAIL_RAW_MAX) {
		s->refused = "larger than 50 MiB";
		return OK;
	}
	if (!slot_begin(p, s))
		return E_INTERNAL;
	struct wire_head head = {WIRE_PARSE, (uint32_t)n};
	/* A worker that died between two messages is seen when its answer does not come. */
	if (!file_write_all(s->fd, &head, sizeof head) || !file_write_all(s->fd, raw, n))
		s->refused = "the parser ended";
	return OK;
}

static bool wait_readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	int n;
	while ((n = poll(&poll_fd, 1, PARSER_WALL_MS)) < 0 && errno == EINTR) {
	}
	return n > 0;
}

/* NULL, or why there is no answer. */
static const char *answer_read(struct slot *s, struct pool *pool, struct mail_message *m)
{
	struct wire_head head;
	if (s->refused)
		return s->refused;
	if (!wait_readable(s->fd))
		return "the parser took longer than 10 s";
	if (!file_read_all(s->fd, &head, sizeof head))
		return "the parser ended";
	if (head.kind != WIRE_PARSE || head.len > WIRE_ANSWER_MAX)
		return "the parser answered nonsense";
	char *data = pool_alloc(pool, head.len + 1u);
	if (!file_read_all(s->fd, data, head.len))
		return "the parser ended";
	return wire_decode(pool, data, head.len, m) ? NULL : "the parser answered nonsense";
}

enum status parser_result(struct parser *p, int slot, struct pool *pool, struct mail_message **out)
{
	struct slot *s = &p->slots[slot];
	if (!s->raw)
		BUG("nothing was submitted to slot %d", slot);
	struct mail_message *m = message_new(pool);
	const char *raw = s->raw, *why = answer_read(s, pool, m);
	s->raw = NULL;
	if (why) {
		slot_end(s);
		m = message_new(pool);
		headers_scan(pool, raw, s->len, why, m);
		if (!slot_begin(p, s))
			return E_INTERNAL;
	}
	headers_body_sha256(raw, s->len, m->body_sha256);
	*out = m;
	return OK;
}

enum status parser_parse(struct parser *p, struct pool *pool, const char *raw, size_t n, struct mail_message **out)
{
	enum status st = parser_submit(p, 0, raw, n);
	return st ? st : parser_result(p, 0, pool, out);
}

int parser_selftest_sandbox(struct parser *p, struct buf *out)
{
	struct slot *s = &p->slots[0];
	struct wire_head head = {WIRE_SELFTEST, 0};
	char text[1024] = {0};
	if (!slot_begin(p, s) || !file_write_all(s->fd, &head, sizeof head) || !wait_readable(s->fd) ||
		!file_read_all(s->fd, &head, sizeof head) || head.len >= sizeof text ||
		!file_read_all(s->fd, text, head.len))
		return -1;
	buf_str(out, text);
	int bad = 0;
	for (const char *at = text; (at = strstr(at, "FAIL")); at++)
		bad++;
	return bad;
}

void parser_stop(struct parser *p)
{
	if (!p || p->nursery < 0)
		return;
	for (int i = 0; i < PARSER_SLOTS; i++)
		slot_end(&p->slots[i]);
	close(p->nursery);
	p->nursery = -1;
	while (waitpid(p->nursery_pid, NULL, 0) < 0 && errno == EINTR) {
	}
}
