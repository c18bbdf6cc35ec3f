/* Runs a fuzz target over files, as the suite does: each argument is a file, or a directory of files. Prints how many ran;
 * a sanitizer's report or an abort is the failure. With libFuzzer this file is left out. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "fuzz.h"

static long ran;

static void replay(const char *path)
{
	struct stat st;
	struct dirent **files;
	struct pool *p = pool_new();
	if (stat(path, &st) != 0)
		die(66, "%s is not there", path);
	if (S_ISDIR(st.st_mode)) {
		int n = scandir(path, &files, NULL, alphasort);
		for (int i = 0; i < n; i++) {
			if (files[i]->d_name[0] != '.')
				replay(pool_printf(p, "%s/%s", path, files[i]->d_name));
			free(files[i]);
		}
		free(files);
	} else {
		char *data;
		size_t n;
		if (file_read(p, path, (size_t)64 << 20, &data, &n) != OK)
			die(66, "%s cannot be read", path);
		/* Exactly n bytes, without the NUL that file_read() adds: an overrun by one is seen. */
		LLVMFuzzerTestOneInput(pool_dup(p, data, n), n);
		ran++;
	}
	pool_free(p);
}

int main(int argc, char **argv)
{
	log_open("replay");
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	printf("%ld\n", ran);
	return 0;
}
