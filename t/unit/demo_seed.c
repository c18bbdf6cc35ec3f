/* The demo lands in an empty database, once, and is the same each time. */
#include "../tap.h"
#include "dbkit.h"

#include <dirent.h>

#include "base/crypto.h"
#include "base/file.h"
#include "demo/demo.h"

static int only_files(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Names and bytes of a Maildir's messages. */
static const char *digest_of(const char *dir, int *count)
{
	struct dirent **files;
	int n = scandir(dir, &files, only_files, alphasort);
	struct sha256 *h = sha256_new(dbkit_pool);
	for (int i = 0; i < n; i++) {
		char *data;
		size_t len;
		if (file_read(dbkit_pool, pool_printf(dbkit_pool, "%s/%s", dir, files[i]->d_name), 1 << 20, &data,
			    &len) == OK)
			sha256_add(h, data, len);
		free(files[i]);
	}
	free(files);
	char *hex = pool_alloc(dbkit_pool, SHA256_HEX);
	sha256_end(h, hex);
	*count = n;
	return hex;
}

static enum status seed(const char *below, const char **digest, int *count)
{
	const char *root = pool_printf(dbkit_pool, "%s/%s", dbkit_dir, below);
	struct op *op = dbkit_open(DB_OWNER, &ADA);
	op->now = 1790000000;
	migrate(op, dbkit_migrations(), -1);
	enum status st = demo_seed(op, &(struct demo_options){.mail_root = root});
	for (struct fault_item *i = op->fault.items; i; i = i->next)
		note("%s: %s", i->field ? i->field : "", i->message);
	*digest = digest_of(pool_printf(dbkit_pool, "%s/ada/cur", root), count);
	ok(db_integrity(op) == OK, "the database is sound");
	int64_t n = 0;
	db_one_int(op, &n, "SELECT count(*) FROM investors_live");
	ok(n == 40, "forty investors");
	db_close(op->db);
	return st;
}

int main(void)
{
	dbkit_start();
	const char *one, *two;
	int n, m;
	ok(seed("one", &one, &n) == OK, "the demo is written");
	ok(n > 100, "with mail in ada's mailbox (%d)", n);
	struct op *op = dbkit_open(DB_OWNER, &ADA);
	ok(demo_seed(op, &(struct demo_options){.mail_root = "unused"}) == E_CONFLICT, "not a second time");
	db_close(op->db);
	unlink(dbkit_path());
	unlink(pool_printf(dbkit_pool, "%s-wal", dbkit_path()));
	unlink(pool_printf(dbkit_pool, "%s-shm", dbkit_path()));
	ok(seed("two", &two, &m) == OK, "on an empty database again");
	is(two, one, "the same mail");
	return tap_done();
}
