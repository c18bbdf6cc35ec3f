/* Owns the transport that sends nothing to the world: a Maildir for each recipient below DATA/mail/out. The file's name
 * follows from Message-ID and recipient, so that delivering twice is delivering once. Never touches the database.
 * Tests: t/unit/send_deliver.c, t/50-digest.t */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/conf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/addr.h"
#include "send/transport.h"
#include "base/banned.h"

static enum status folders(struct pool *p, const char *dir)
{
	static const char *const below[] = {"tmp", "new", "cur"};
	enum status st = OK;
	for (size_t i = 0; i < 3 && !st; i++)
		st = dir_make(pool_printf(p, "%s/%s", dir, below[i]), 0700);
	return st;
}

/* A mail program moves what it has seen to cur/ and adds ":2," and flags to its name. */
static bool is_in(const char *folder, const char *name)
{
	DIR *d = opendir(folder);
	bool found = false;
	for (struct dirent *e; d && !found && (e = readdir(d));)
		found = str_starts(e->d_name, name);
	if (d)
		closedir(d);
	return found;
}

/* tmp/ first, so that a reader of new/ never sees half of a message. */
static enum status deliver_one(struct op *op, const struct letter *l, const char *to)
{
	struct pool *p = op->pool;
	const char *dir = pool_printf(p, "%s/%s", conf_data_path(p, "mail/out"), to);
	const char *key = pool_printf(p, "%s %s", l->message_id, to);
	const char *name = pool_printf(p, "%.40s.countersign", sha256_str(p, key, strlen(key)));
	const char *temp = pool_printf(p, "%s/tmp/%s", dir, name);
	enum status st = folders(p, dir);
	if (st || is_in(pool_printf(p, "%s/new", dir), name) || is_in(pool_printf(p, "%s/cur", dir), name))
		return st;
	st = file_replace(temp, l->bytes, l->len, 0600);
	return st ? st : file_rename(temp, pool_printf(p, "%s/new/%s", dir, name));
}

/* The address becomes a folder's name. */
static bool is_folder(const char *to)
{
	return addr_valid(to) && !strchr(to, '/') && to[0] != '.';
}

/* All or nobody yet: who has it already is passed over when it is tried again. */
static enum delivery maildir_send(struct op *op, const struct letter *l, const char **reply)
{
	for (const char *const *to = l->to; *to; to++)
		if (!is_folder(*to)) {
			*reply = "an address is not a name for a folder: nobody has it";
			return REFUSED;
		}
	for (const char *const *to = l->to; *to; to++) {
		errno = 0;
		if (deliver_one(op, l, *to)) {
			*reply = pool_printf(op->pool, "%s: %s", *to, errno ? strerror(errno) : "cannot be written");
			return RETRY;
		}
	}
	*reply = "written to the Maildir below mail/out";
	return DELIVERED;
}

const struct transport transport_maildir = {"maildir", maildir_send};

const struct transport *transport_pick(struct op *op)
{
	(void)op; /* the only one in this version */
	return &transport_maildir;
}
