/* Files written so that a crash leaves the old or the new one, never half. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

struct buf;
struct pool;

/* Reads at most max bytes; E_NOT_FOUND, E_TOO_LARGE or E_INTERNAL. *data has a NUL after its len bytes. */
enum status file_read(struct pool *p, const char *path, size_t max, char **data, size_t *len);
/* temp in the same directory, write, fsync, rename, fsync of the directory. E_FULL when there is no space. */
enum status file_replace(const char *path, const void *data, size_t n, mode_t mode);
/* rename, then fsync of the directory it came to. Both on one file system. */
enum status file_rename(const char *from, const char *to);
/* A file that is only ever locked, shared by the service's user and root at the shell: whoever makes it, it belongs to
 * the owner and group of its directory and both may write it. A descriptor, or -1 with errno. */
int file_open_lock(const char *path);
enum status dir_make(const char *path, mode_t mode); /* with its parents; an existing one is fine */
/* What a directory holds, in the order of the names' bytes, but for names that begin with a dot: *n names and a NULL. NULL
 * with errno when it cannot be read. */
char **dir_list(struct pool *p, const char *path, size_t *n);
/* What is free on the disk that holds path, for whom does not own the machine; false when it cannot be known. */
#define DISK_LOW ((int64_t)512 << 20) /* with less than this somebody should make room */
bool disk_free(const char *path, int64_t *bytes);
bool file_write_all(int fd, const void *data, size_t n); /* restarts on EINTR and short writes */
bool file_read_all(int fd, void *data, size_t n);        /* false on EOF before n bytes */

#endif
