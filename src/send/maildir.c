/* Owns the transport that sends nothing to the world: a Maildir for each recipient below DATA/mail/out. The file's name
 * follows from Message-ID and recipient, so that delivering twice is delivering once. Tests: t/50-digest.t */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/str.h"
#include "send/transport.h"
#include "base/banned.h"

static enum status folders(struct op *op, const char *dir)
{
	static const char *const below[] = {"tmp", "new", "cur"};
	enum status st = OK;
	for (size_t i = 0; i < 3 && !st; i++)
		st = dir_make(pool_printf(op->pool, "%s/%s", dir, below[i]), 0700);
	return st;
}

static enum status deliver_one(struct op *op, const struct letter *l, const char *to)
{
	const char *dir = pool_printf(op->pool, "%s/%s", conf_data_path(op->pool, "mail/out"), to);
	const char *key = pool_printf(op->pool, "%s %s", l->message_id, to);
	const char *path =
		pool_printf(op->pool, "%s/new/%.40s.countersign", dir, sha256_str(op->pool, key, strlen(key)));
	enum status st = folders(op, dir);
	if (!st && access(path, F_OK) != 0)
		st = file_replace(path, l->bytes, l->len, 0600);
	return st;
}

static enum delivery maildir_send(struct op *op, const struct letter *l, const char **reply)
{
	for (const char *const *to = l->to; *to; to++) {
		enum status st = strchr(*to, '/') ? E_INPUT : deliver_one(op, l, *to);
		if (st) {
			*reply = pool_printf(
				op->pool, "%s: %s", *to, st == E_INPUT ? "not a name for a folder" : strerror(errno));
			return st == E_INPUT ? REFUSED : RETRY;
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
