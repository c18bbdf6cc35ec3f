/* Files: replaced whole or not at all. */
#include "../tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pool.h"

int main(void)
{
	struct pool *p = pool_new();
	char dir[] = "/tmp/countersign-unit-XXXXXX";
	if (!mkdtemp(dir))
		return 1;
	char *path = pool_printf(p, "%s/a/b/c", dir), *data;
	size_t n;
	ok(file_read(p, path, 100, &data, &n) == E_NOT_FOUND, "what is not there is not found");
	ok(file_replace(path, "x", 1, 0600) != OK, "no directory, no file");
	ok(dir_make(pool_printf(p, "%s/a/b", dir), 0700) == OK, "directories with their parents");
	ok(dir_make(pool_printf(p, "%s/a/b", dir), 0700) == OK, "an existing one is fine");
	ok(file_replace(path, "hello", 5, 0600) == OK, "a file");
	ok(file_read(p, path, 100, &data, &n) == OK && n == 5, "read back");
	is(data, "hello", "with its NUL");
	struct stat st;
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "and its mode");
	ok(file_read(p, path, 4, &data, &n) == E_TOO_LARGE, "not past the limit");
	ok(file_replace(path, "new", 3, 0600) == OK && file_read(p, path, 100, &data, &n) == OK, "replaced");
	is(data, "new", "by the new one");
	int fds[2];
	ok(pipe2(fds, O_CLOEXEC) == 0 && file_write_all(fds[1], "abc", 3), "all of it written");
	char back[4] = {0};
	ok(file_read_all(fds[0], back, 3), "all of it read");
	is(back, "abc", "the same");
	close(fds[1]);
	ok(!file_read_all(fds[0], back, 1), "nothing after the end");
	close(fds[0]);
	char *lock = pool_printf(p, "%s/a/b/lock", dir);
	umask(077);
	fds[0] = file_open_lock(lock);
	ok(fds[0] >= 0 && stat(lock, &st) == 0 && (st.st_mode & 0777) == 0660,
		"a lock is for owner and group, whatever the umask");
	close(fds[0]);
	ok(file_replace(pool_printf(p, "%s/a/b/.hidden", dir), "x", 1, 0600) == OK, "a hidden file");
	char **names = dir_list(p, pool_printf(p, "%s/a/b", dir), &n);
	ok(n == 2 && !names[2], "a directory holds what is not hidden");
	is(names[0], "c", "in the order of its names");
	is(names[1], "lock", "to the last");
	ok(!dir_list(p, pool_printf(p, "%s/none", dir), &n), "one that is not there cannot be read");
	int64_t left = -1;
	ok(disk_free(dir, &left) && left >= 0, "a disk has so much space");
	ok(!disk_free(pool_printf(p, "%s/none", dir), &left), "one that is not there has none");
	unlink(pool_printf(p, "%s/a/b/.hidden", dir));
	unlink(lock);
	unlink(path);
	rmdir(pool_printf(p, "%s/a/b", dir));
	rmdir(pool_printf(p, "%s/a", dir));
	ok(rmdir(dir) == 0, "no temporary file stays behind");
	pool_free(p);
	return tap_done();
}
