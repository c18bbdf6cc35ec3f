/* killat [-a] [-e] FILE N PROGRAM [ARGUMENT…]: runs a program and kills it (SIGKILL) as it enters its N'th system call of
 * those that change a file or tell somebody: a kill between two of them leaves what the next one would have found. N = 0 kills
 * nothing. How many calls were counted goes to FILE; the exit status is the program's, or 137.
 *   -a  counts from the first accept() on: a worker's requests without its start
 *   -e  counts every system call
 * 77: this machine does not let one process trace another. Used by t/40-kill-*.t. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool from_accept, every;

static bool is_one_of(unsigned long long nr, const long *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (nr == (unsigned long long)list[i])
			return true;
	return false;
}

static bool counts(const struct __ptrace_syscall_info *s)
{
	static const long changing[] = {
		SYS_write,
		SYS_pwrite64,
		SYS_writev,
		SYS_fsync,
		SYS_fdatasync,
		SYS_syncfs,
		SYS_ftruncate,
		SYS_truncate,
		SYS_fallocate,
		SYS_renameat,
		SYS_renameat2,
		SYS_unlinkat,
		SYS_linkat,
		SYS_mkdirat,
#ifdef SYS_rename /* older machines have these beside the *at() calls */
		SYS_rename,
		SYS_unlink,
		SYS_link,
		SYS_mkdir,
#endif
	};
	unsigned long long nr = s->entry.nr;
	if (every || is_one_of(nr, changing, sizeof changing / sizeof *changing))
		return true;
	return nr == SYS_openat && (s->entry.args[2] & O_CREAT);
}

static bool is_accept(const struct __ptrace_syscall_info *s)
{
#ifdef SYS_accept
	if (s->entry.nr == SYS_accept)
		return true;
#endif
	return s->entry.nr == SYS_accept4;
}

static void start(char **argv)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(77);
	raise(SIGSTOP);
	execv(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

/* From one stop to the next; the program's end gives its exit status in *status. */
static long watch(pid_t pid, long at, int *status)
{
	long seen = 0;
	bool counting = false, after_accept = !from_accept;
	int deliver = 0;
	for (;;) {
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)deliver);
		deliver = 0;
		if (waitpid(pid, status, 0) < 0 || WIFEXITED(*status) || WIFSIGNALED(*status))
			return seen;
		int signal = WSTOPSIG(*status);
		if (*status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
			counting = true;
		} else if (signal == (SIGTRAP | 0x80)) {
			struct __ptrace_syscall_info s = {0};
			ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof s, &s);
			if (s.op != PTRACE_SYSCALL_INFO_ENTRY)
				continue;
			if (counting && after_accept && counts(&s) && ++seen == at)
				kill(pid, SIGKILL);
			after_accept = after_accept || is_accept(&s);
		} else {
			deliver = signal;
		}
	}
}

int main(int argc, char **argv)
{
	int option, status = 0;
	while ((option = getopt(argc, argv, "+ae")) != -1) {
		from_accept = from_accept || option == 'a';
		every = every || option == 'e';
	}
	if (argc - optind < 3)
		return 64;
	pid_t pid = fork();
	if (pid == 0)
		start(argv + optind + 2);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
		return 77;
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL))
		return 77;
	long seen = watch(pid, strtol(argv[optind + 1], NULL, 10), &status);
	FILE *out = fopen(argv[optind], "w");
	if (!out || fprintf(out, "%ld\n", seen) < 0 || fclose(out))
		return 74;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
