/* What a web process gives up before it reads its first byte: new privileges, sockets other than AF_UNIX, programs,
 * ptrace and other processes (seccomp, EPERM or kill), and by Landlock, where the kernel has it, every file but those
 * named. Without Landlock the files' owner and mode are what protects the secrets. */
#ifndef WEB_SANDBOX_H
#define WEB_SANDBOX_H

#include <stdbool.h>

struct sandbox_paths {
	const char *const *read;  /* NULL-terminated: directories and files that may be read */
	const char *const *write; /* NULL-terminated: read, write, create and remove below */
};

bool sandbox_enter(const struct sandbox_paths *paths); /* false: the kernel refused; the caller must not go on */
/* Before sandbox_enter(), for the self-test alone: makes its own nameless file in `outside`, a directory that may not be
 * written later, and goes on as if the kernel's Landlock had no newer ABI than this (0: none). False: no such file. */
bool sandbox_selftest_begin(const char *outside, int landlock_abi_most);
/* Tries from inside what must fail; prints "name ok" or "name FAIL reason" lines, and "name unguarded" for files that
 * owner and mode alone would have to protect, for want of a Landlock, and do not from this user; returns the number of failures. */
int sandbox_selftest(const char *secrets_dir);

#endif
