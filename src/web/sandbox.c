/* Owns what a web process gives up: seccomp (libseccomp) and Landlock. Never knows which files a program needs.
 * Tests: t/60-sandbox.t, by app.fcgi --selftest-sandbox */
#include "web/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "config.h"
#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* Linux 6.2; Debian 12's header is of 6.1 */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

#include "base/log.h"
#include "base/banned.h"

static int abi_most = INT_MAX; /* no newer Landlock than this is used */
static int abi;                /* of the Landlock in force; 0: none */
static int probe = -1;         /* the self-test's own file, outside what may be written */

/* ---- Landlock: the files ---- */
#ifdef HAVE_LINUX_LANDLOCK_H
#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS                                                                                                   \
	(READ_RIGHTS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define ALL_RIGHTS                                                                                                     \
	(WRITE_RIGHTS | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_CHAR |    \
		LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |            \
		LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static bool landlock_allow(int ruleset, const char *path, __u64 rights)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT; /* what is not there needs no right */
	struct stat st;
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rights &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;
	struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
	long rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(fd);
	return rc == 0;
}

/* 0 where the kernel has none. */
static int landlock_abi(void)
{
	long have = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return have < 0 ? 0 : have < abi_most ? (int)have : abi_most;
}

static bool landlock_enter(const struct sandbox_paths *paths)
{
	abi = landlock_abi();
	/* Before ABI 3 the kernel cannot refuse truncate(): then owner and mode do. */
	__u64 truncate = abi >= 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0;
	struct landlock_ruleset_attr attr = {.handled_access_fs = ALL_RIGHTS | truncate};
	int ruleset = abi ? (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0) : -1;
	if (!abi) {
		log_warn("Landlock is not available here: file modes alone protect the secrets", NULL);
		return true;
	}
	bool good = ruleset >= 0;
	for (const char *const *p = paths->read; *p; p++)
		good &= landlock_allow(ruleset, *p, READ_RIGHTS);
	for (const char *const *p = paths->write; *p; p++)
		good &= landlock_allow(ruleset, *p, WRITE_RIGHTS | truncate);
	good = good && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	close(ruleset);
	return good;
}
#else
static bool landlock_enter(const struct sandbox_paths *paths)
{
	(void)paths;
	return true;
}
#endif

/* ---- seccomp: the calls ---- */
static bool seccomp_enter(void)
{
	static const int refused[] = {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(mount),
		SCMP_SYS(umount2), SCMP_SYS(bpf), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
		SCMP_SYS(kexec_load), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(unshare), SCMP_SYS(setns),
		SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
		SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(connect),
		SCMP_SYS(bind), SCMP_SYS(listen)};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return false;
	bool good = true;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		good &= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0) == 0;
	/* No socket but AF_UNIX, which nothing can connect: syslog's and nscd's attempts fail quietly. */
	good &= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_NE, AF_UNIX)) ==
		0;
	/* The other two ways to make a process: libc's fork() is a clone() without CLONE_THREAD. */
	good &= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
	good &= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, 0x10000, 0)) == 0;
	good = good && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return good;
}

bool sandbox_enter(const struct sandbox_paths *paths)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return false;
	return landlock_enter(paths) && seccomp_enter();
}

/* ---- from inside ---- */
static int report(const char *name, bool refused)
{
	printf("%s %s\n", name, refused ? "ok" : "FAIL it worked");
	return refused ? 0 : 1;
}

/* What only a Landlock of this ABI refuses whoever the file belongs to. */
static int report_file(const char *name, int since, bool refused)
{
	if (abi >= since || refused)
		return report(name, refused);
	printf("%s unguarded\n", name);
	return 0;
}

static bool socket_refused(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		close(fd);
	return fd < 0;
}

static bool program_refused(void)
{
	char name[] = "true", *const argv[] = {name, NULL}, *const envp[] = {NULL};
	return syscall(SYS_execve, "/bin/true", argv, envp) < 0 && errno == EPERM;
}

static bool open_refused(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd < 0;
}

/* By name, for a descriptor opened before may do more; nobody else's file is at stake. */
static bool truncate_refused(void)
{
	char path[40];
	snprintf(path, sizeof path, "/proc/self/fd/%d", probe);
	return truncate(path, 0) < 0;
}

static bool fork_refused(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return pid < 0;
}

bool sandbox_selftest_begin(const char *outside, int landlock_abi_most)
{
	abi_most = landlock_abi_most;
	probe = open(outside, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return probe >= 0;
}

int sandbox_selftest(const char *secrets_dir)
{
	int bad = 0;
	bad += report("socket-inet", socket_refused(AF_INET));
	bad += report("socket-inet6", socket_refused(AF_INET6));
	bad += report("socket-netlink", socket_refused(AF_NETLINK));
	bad += report("run-program", program_refused());
	bad += report("fork", fork_refused());
	bad += report("ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0);
	bad += report_file("secrets-directory", 1, open_refused(secrets_dir, O_RDONLY | O_DIRECTORY));
	bad += report_file("etc-passwd", 1, open_refused("/etc/passwd", O_RDONLY));
	bad += report_file("write-outside", 1, open_refused("/tmp/countersign-selftest", O_WRONLY | O_CREAT));
	bad += report_file("truncate-outside", 3, truncate_refused());
	bad += report("new-privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	return bad;
}
