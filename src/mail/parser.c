/* Owns the processes that parse, seen from the parent: the nursery, a worker for each slot, deadlines, and what becomes of
 * a message whose worker failed (parser.h). Never parses and never trusts an answer. Tests: t/unit/mail_parser.c */
#include "mail/parser.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "config.h"
#include "mail/headers.h"
#include "mail/message.h"
#include "mail/mime.h"
#include "mail/wire.h"
#include "mail/worker.h"
#include "base/banned.h"

#define SOCKET_FD 3             /* where nursery and worker have their socket; they have nothing above it */
#define ANSWER_GRACE_US 2000000 /* for reading an answer that was ready long ago */

struct slot {
	int fd;          /* -1: no worker */
	int served;      /* messages it has parsed */
	const char *raw; /* being parsed; NULL: free */
	size_t len;
	int64_t deadline;
};

struct parser {
	int nursery; /* -1: gone */
	pid_t nursery_pid;
	struct slot slots[PARSER_SLOTS];
};

/* What the nursery answers, with the new worker's socket: how the slot's last worker ended. */
struct birth {
	int32_t has_old, old_status;
};

/* ---- the nursery ---- */
static bool send_birth(int to, int fd, const struct birth *birth)
{
	char control[CMSG_SPACE(sizeof fd)] = {0};
	struct iovec iov = {(void *)(uintptr_t)birth, sizeof *birth};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(to, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof *birth;
}

static int receive_birth(int from, struct birth *birth)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = {birth, sizeof *birth};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	ssize_t n;
	do
		n = recvmsg(from, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	struct cmsghdr *c = n == (ssize_t)sizeof *birth ? CMSG_FIRSTHDR(&msg) : NULL;
	int fd = -1;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

/* Nothing but the socket, at SOCKET_FD; no terminal to write to, and no signals meant for the parent. */
static void keep_only(int fd, bool keep_stderr)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
		(!keep_stderr && dup2(null, STDERR_FILENO) < 0) || (fd != SOCKET_FD && dup2(fd, SOCKET_FD) < 0) ||
		close_range(SOCKET_FD + 1, ~0u, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		_exit(EX_NOPERM);
}

static void end_child(pid_t child, int *status)
{
	kill(child, SIGKILL);
	while (waitpid(child, status, 0) < 0 && errno == EINTR) {
	}
}

static bool give_birth(pid_t *child, const struct birth *birth)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	*child = fork();
	if (*child == 0) {
#ifdef WITH_SANITIZERS
		keep_only(pair[1], true);
#else
		keep_only(pair[1], false);
#endif
		worker_run(SOCKET_FD);
	}
	bool good = *child > 0 && send_birth(SOCKET_FD, pair[0], birth);
	close(pair[0]);
	close(pair[1]);
	return good;
}

/* A slot's number asks for a worker for it; the one it had is ended first. It stays a zombie until here, so that its
 * process id is no one else's. The end of the socket is the end of all. */
static void __attribute__((noreturn)) nursery_run(int fd)
{
	pid_t children[PARSER_SLOTS] = {0};
	unsigned char slot;
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	keep_only(fd, true);
	setpriority(PRIO_PROCESS, 0, 10); /* who stores what they parsed goes first: it is what they wait for */
	mime_warm();
	while (file_read_all(SOCKET_FD, &slot, 1) && slot < PARSER_SLOTS) {
		struct birth birth = {.has_old = children[slot] > 0};
		if (birth.has_old)
			end_child(children[slot], &birth.old_status);
		if (!give_birth(&children[slot], &birth))
			break;
	}
	for (int i = 0; i < PARSER_SLOTS; i++)
		if (children[i] > 0)
			end_child(children[i], NULL);
	_exit(0);
}

/* ---- the parent ---- */

/* Waits until the socket is ready, at most until the deadline. */
static bool wait_for(int fd, short events, int64_t deadline)
{
	for (;;) {
		int64_t left = deadline - clock_mono_us();
		if (left <= 0)
			return false;
		struct pollfd ready = {.fd = fd, .events = events};
		int n = poll(&ready, 1, (int)(left / 1000 + 1));
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

enum moved { MOVED, MOVED_LATE, MOVED_ENDED };

static enum moved read_by(struct slot *s, void *to, size_t n)
{
	for (char *at = to; n;) {
		ssize_t got = recv(s->fd, at, n, 0);
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
			return MOVED_ENDED;
		} else if (errno == EAGAIN && !wait_for(s->fd, POLLIN, s->deadline)) {
			return MOVED_LATE;
		}
	}
	return MOVED;
}

static enum moved write_by(struct slot *s, const void *from, size_t n)
{
	for (const char *at = from; n;) {
		ssize_t put = send(s->fd, at, n, MSG_NOSIGNAL);
		if (put > 0) {
			at += put;
			n -= (size_t)put;
		} else if (errno != EAGAIN && errno != EINTR) {
			return MOVED_ENDED;
		} else if (errno == EAGAIN && !wait_for(s->fd, POLLOUT, s->deadline)) {
			return MOVED_LATE;
		}
	}
	return MOVED;
}

static void slot_close(struct slot *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* A fresh worker for the slot; *old says how the one before ended. False when there is no nursery any more. */
static bool slot_renew(struct parser *p, int slot, struct birth *old)
{
	struct slot *s = &p->slots[slot];
	unsigned char ask = (unsigned char)slot;
	slot_close(s);
	if (p->nursery >= 0 && send(p->nursery, &ask, 1, MSG_NOSIGNAL) == 1)
		s->fd = receive_birth(p->nursery, old);
	s->served = 0;
	if (s->fd < 0 || fcntl(s->fd, F_SETFL, O_NONBLOCK) != 0) {
		log_error("the parser's nursery has gone", NULL);
		slot_close(s);
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
	struct birth old;
	struct parser *p = pool_alloc(pool, sizeof *p);
	*p = (struct parser){.nursery = -1, .slots = {{.fd = -1}, {.fd = -1}}};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return fault_add(f, E_INTERNAL, NULL, "the parser gets no socket: %s", strerror(errno));
	p->nursery_pid = fork();
	if (p->nursery_pid == 0)
		nursery_run(pair[1]);
	close(pair[1]);
	if (p->nursery_pid < 0) {
		close(pair[0]);
		return fault_add(f, E_INTERNAL, NULL, "the parser gets no process: %s", strerror(errno));
	}
	p->nursery = pair[0];
	pool_defer(pool, stop_deferred, p);
	for (int i = 0; i < PARSER_SLOTS; i++)
		if (!slot_renew(p, i, &old))
			return fault_add(f, E_INTERNAL, NULL, "the parser does not start");
	/* Where the kernel does not refuse what it should, no mail is read at all. */
	if (parser_selftest_sandbox(p, buf_new(pool, 4096)) != 0)
		return fault_add(f, E_INTERNAL, NULL, "the parser's sandbox does not hold on this machine");
	*out = p;
	return OK;
}

/* The request goes out as far as it can; a worker that failed meanwhile is noticed when its answer does not come. */
static void slot_send(struct slot *s, uint32_t kind)
{
	struct wire_head head = {.kind = kind, .len = (uint32_t)s->len};
	s->deadline = clock_mono_us() + PARSER_WALL_MS * INT64_C(1000);
	if (write_by(s, &head, sizeof head) == MOVED)
		write_by(s, s->raw, s->len);
}

enum status parser_submit(struct parser *p, int slot, const char *raw, size_t n)
{
	struct slot *s = &p->slots[slot];
	if (s->raw)
		BUG("slot %d is taken", slot);
	if (p->nursery < 0 || s->fd < 0)
		return E_INTERNAL;
	s->raw = raw;
	s->len = n;
	if (n <= MAIL_RAW_MAX)
		slot_send(s, WIRE_PARSE);
	return OK;
}

/* The answer's bytes into data; its head must be of this kind and no longer than max. */
static enum moved read_answer(struct slot *s, struct pool *pool, uint32_t kind, size_t max, char **data, size_t *n)
{
	struct wire_head head;
	int64_t soon = clock_mono_us() + ANSWER_GRACE_US;
	if (s->deadline < soon)
		s->deadline = soon;
	enum moved how = read_by(s, &head, sizeof head);
	if (how != MOVED)
		return how;
	*data = NULL;
	if (head.kind != kind || head.len > max)
		return MOVED;
	*n = head.len;
	char *bytes = pool_alloc(pool, *n + 1);
	how = read_by(s, bytes, *n);
	*data = how == MOVED ? bytes : NULL;
	return how;
}

static const char *end_reason(struct pool *pool, const struct birth *old)
{
	/* SIGKILL is the nursery's own, for one that had only closed its socket. */
	if (old->has_old && WIFSIGNALED(old->old_status) && WTERMSIG(old->old_status) != SIGKILL)
		return pool_printf(pool, "parser ended by signal %d", WTERMSIG(old->old_status));
	if (old->has_old && WIFEXITED(old->old_status) && WEXITSTATUS(old->old_status) == EX_OSERR)
		return "parser ran out of memory";
	return "parser ended";
}

/* NULL with a message in *m, or why there is none. Sets *gone when there is no nursery any more. */
static const char *slot_answer(struct parser *p, int slot, struct pool *pool, struct mail_message **m, bool *gone)
{
	struct slot *s = &p->slots[slot];
	struct birth old = {0};
	char *data = NULL;
	size_t n = 0;
	if (s->len > MAIL_RAW_MAX)
		return "too large";
	enum moved how = read_answer(s, pool, WIRE_PARSE, WIRE_ANSWER_MAX, &data, &n);
	bool worn = s->served > 0;
	if (how == MOVED && data && wire_decode(pool, data, n, *m)) {
		s->served++;
		return NULL;
	}
	*gone = !slot_renew(p, slot, &old);
	if (*gone || how == MOVED_LATE)
		return "parser took longer than 10 s";
	if (how == MOVED)
		return "parser gave a malformed answer";
	if (!worn)
		return end_reason(pool, &old);
	/* It may have been an earlier message that spoilt this worker: one more try in a fresh one. */
	*m = message_new(pool);
	slot_send(s, WIRE_PARSE);
	return slot_answer(p, slot, pool, m, gone);
}

bool parser_has_answer(const struct parser *p, int slot)
{
	struct pollfd ready = {.fd = p->slots[slot].fd, .events = POLLIN};
	return poll(&ready, 1, 0) > 0;
}

enum status parser_result(struct parser *p, int slot, struct pool *pool, struct mail_message **out)
{
	struct slot *s = &p->slots[slot];
	if (!s->raw)
		BUG("nothing was submitted to slot %d", slot);
	const char *raw = s->raw;
	struct mail_message *m = message_new(pool);
	bool gone = false;
	const char *reason = slot_answer(p, slot, pool, &m, &gone);
	s->raw = NULL;
	if (gone)
		return E_INTERNAL;
	if (reason) {
		m = message_new(pool);
		headers_scan(pool, raw, s->len, reason, m);
	}
	for (size_t i = 0; i < m->attachment_count; i++)
		sha256_hex(m->attachments[i].data, m->attachments[i].len, m->attachments[i].sha256);
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
	struct pool *pool = pool_new();
	char *data = NULL;
	size_t n = 0;
	int failed = -1;
	s->raw = "";
	s->len = 0;
	if (s->fd >= 0) {
		slot_send(s, WIRE_SELFTEST);
		if (read_answer(s, pool, WIRE_SELFTEST, 4096, &data, &n) == MOVED && data) {
			buf_add(out, data, n);
			failed = 0;
			for (const char *at = data; (at = strstr(at, "=FAIL")); at++)
				failed++;
		}
	}
	s->raw = NULL;
	pool_free(pool);
	return failed;
}

void parser_stop(struct parser *p)
{
	if (!p || p->nursery < 0)
		return;
	for (int i = 0; i < PARSER_SLOTS; i++)
		slot_close(&p->slots[i]);
	close(p->nursery);
	p->nursery = -1;
	while (waitpid(p->nursery_pid, NULL, 0) < 0 && errno == EINTR) {
	}
}
