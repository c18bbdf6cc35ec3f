/* Owns what the digest says of the installation itself: capture, backups, the way mail leaves.
 * Tests: t/unit/digest_make.c */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/db.h"
#include "digest/section.h"
#include "base/banned.h"

#define BACKUP_DAYS 2

/* The newest of the backups that `countersign backup` names by their time; "" without one, NULL where this program may
 * not look (the web worker's sandbox). */
static const char *last_backup(struct pool *p)
{
	const char *last = "";
	size_t n;
	char **files = dir_list(p, conf_data_path(p, "backups"), &n);
	if (!files)
		return errno == ENOENT ? last : NULL;
	for (; *files; files++) {
		const char *name = *files;
		int64_t at;
		if (!str_starts(name, "countersign-") || !str_ends(name, ".db"))
			continue;
		name = pool_strndup(p, name + 12, strlen(name) - 15);
		if (instant_parse(name, &at))
			last = name;
	}
	return last;
}

static void backup(struct making *m)
{
	const char *last = last_backup(m->op->pool);
	int64_t at = 0;
	bool has = last && instant_parse(last, &at);
	json_set_text(m->doc, "backup_at", has ? last : NULL);
	json_set_bool(m->doc, "has_backup", has);
	json_set_bool(m->doc, "is_backup_unknown", !last);
	json_set_bool(m->doc, "is_backup_old", has && m->op->now - at > BACKUP_DAYS * 86400);
}

static void mailboxes(struct making *m, bool wants)
{
	struct json_object *rows =
		!wants ? json_arr(m->op->pool)
		       : db_array(m->op,
				 "SELECT b.id, b.address, b.complete_at, b.error, b.listed - coalesce(k.stored + "
				 "k.excluded + k.failed, 0) AS missing, coalesce(k.failed, 0) AS failed FROM "
				 "mailboxes_live b LEFT JOIN mailbox_counts k ON k.mailbox_id = b.id ORDER BY "
				 "b.address LIMIT 100");
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *b = json_at(rows, i);
		bool good = json_text(b, "complete_at") && !json_text(b, "error") && json_int(b, "missing") <= 0 &&
			    !json_int(b, "failed");
		json_set_bool(b, "is_good", good);
		json_set_int(b, "missing", json_int(b, "missing") > 0 ? json_int(b, "missing") : 0);
		const char *error = json_text(b, "error");
		json_set_text(b, "error_lines", error ? section_wrapped(m->op->pool, 4, error) : NULL);
		json_set_text(b, "line", section_line(m, 2, json_text(b, "address")));
		json_set_text(b, "url", section_url(m, "/capture", json_int(b, "id")));
	}
	section_put(m, "mailboxes", "has_mailboxes", rows);
}

void health_add(struct making *m, bool wants)
{
	json_set_bool(m->doc, "has_health", wants);
	mailboxes(m, wants);
	backup(m);
	/* What did send, not what would: this room cannot send, and does not know. */
	json_set_text(m->doc, "transport",
		db_one_text(m->op, "SELECT transport FROM outbox WHERE state = 'sent' ORDER BY id DESC LIMIT 1"));
}
