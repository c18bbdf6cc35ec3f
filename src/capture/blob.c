/* Owns the content store: files named by their SHA-256, written whole or not at all. Never removes one.
 * Tests: t/40-capture.t */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/pool.h"
#include "capture/capture.h"
#include "base/banned.h"

enum status blob_put(struct op *op, const void *data, size_t n, char sha256[static SHA256_HEX])
{
	struct stat st;
	sha256_hex(data, n, sha256);
	const char *dir = pool_printf(op->pool, "%s/%.2s", conf_data_path(op->pool, "mail/store"), sha256);
	const char *path = pool_printf(op->pool, "%s/%s", dir, sha256);
	if (stat(path, &st) == 0 && (size_t)st.st_size == n)
		return OK;
	enum status made = dir_make(dir, 0770);
	if (!made)
		made = file_replace(path, data, n, 0640);
	return made ? fail(op, made, NULL, "the content store cannot be written: %s", strerror(errno)) : OK;
}
