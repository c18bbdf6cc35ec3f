/* Owns `countersign doctor`: looks for what is wrong and says what to do about it. Changes nothing. Tests: t/30-doctor.t */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "cmd/commands.h"
#include "core/audit.h"
#include "core/settings.h"
#include "base/banned.h"

#define BACKUP_DAYS 2
#define SYNC_HOURS 24

struct doctor {
	struct program *p;
	struct json_object *findings; /* with --json */
	int bad;
};

static void finding(struct doctor *d, bool good, const char *what, const char *advice)
{
	d->bad += !good;
	if (d->findings) {
		struct json_object *o = json_push_obj(d->findings);
		json_set_bool(o, "ok", good);
		json_set_text(o, "check", what);
		json_set_text(o, "advice", good ? NULL : advice);
	} else {
		printf("%-4s %s%s%s\n", good ? "ok" : "BAD", what, good ? "" : ": ", good ? "" : advice);
	}
}

/* The highest number among the migrations this program came with. */
static int newest_schema(struct program *p)
{
	int newest = 0;
	size_t count;
	char **files = dir_list(p->pool, conf_share_path(p->pool, "migrations"), &count);
	for (; files && *files; files++) {
		int64_t n;
		if (str_ends(*files, ".up.sql") && str_i64(pool_strndup(p->pool, *files, 4), 1, 9999, &n))
			newest = (int)n;
	}
	return newest;
}

static bool has_recent_backup(struct program *p)
{
	char since[INSTANT_SIZE];
	bool found = false;
	instant_format(p->op.now - BACKUP_DAYS * 86400, since);
	const char *oldest = pool_printf(p->pool, "countersign-%s.db", since);
	size_t n;
	char **files = dir_list(p->pool, conf_data_path(p->pool, "backups"), &n);
	for (; files && *files && !found; files++)
		found = str_starts(*files, "countersign-") && str_ends(*files, ".db") && strcmp(*files, oldest) >= 0;
	return found;
}

static void files(struct doctor *d)
{
	struct program *p = d->p;
	struct stat secrets;
	bool closed = stat(conf_data_path(p->pool, "secrets"), &secrets) == 0 && !(secrets.st_mode & 0077);
	int64_t left;
	bool space = disk_free(conf_data(), &left) && left >= DISK_LOW;
	int newest = newest_schema(p);
	int64_t strays = 0;
	finding(d, db_integrity(&p->op) == OK, "the database file is sound", "restore a backup");
	finding(d, newest && migrate_version(&p->op) == newest, "the schema is this program's",
		newest ? "run countersign migrate" : "no migrations are there: where is COUNTERSIGN_SHARE?");
	finding(d, closed, "secrets/ is closed to others", "chmod 700");
	finding(d, space, "the disk has space", "less than 512 MB are free");
	finding(d, blobs_strays(&p->op, false, &strays) == OK && !strays, "every stored file belongs to a message",
		"mail-sync --full removes the others");
	finding(d, has_recent_backup(p), "there is a backup of the last two days",
		"run countersign backup every night");
}

/* What is kept so that no page adds it up. */
static void figures(struct doctor *d)
{
	struct op *op = &d->p->op;
	int64_t wrong = 0;
	db_one_int(op, &wrong,
		"SELECT count(*) FROM (SELECT mailbox_id, state, count(*) FROM mailbox_items GROUP BY mailbox_id, state"
		" EXCEPT SELECT mailbox_id, state, n FROM mailbox_counts_cache)");
	finding(d, wrong == 0, "the mailboxes' figures add up", "restore a backup, and report it");
	db_one_int(op, &wrong,
		"SELECT count(*) FROM (SELECT investor_id, is_graveyard, name, last_at, due_at, lead_id, priority FROM "
		"investors_summary "
		"EXCEPT"
		" SELECT investor_id, is_graveyard, name, last_at, due_at, lead_id, priority FROM investors_cache)");
	finding(d, wrong == 0, "lists of investors say what the records say", "restore a backup, and report it");
	db_one_int(op, &wrong,
		"SELECT count(*) FROM (SELECT * FROM contacts_summary EXCEPT SELECT * FROM contacts_cache)");
	finding(d, wrong == 0, "the list of contacts says what the records say", "restore a backup, and report it");
	db_one_int(op, &wrong,
		"SELECT count(*) FROM (SELECT resource, resource_id, user_id, communications, last_at FROM "
		"acquaintances EXCEPT"
		" SELECT resource, resource_id, user_id, communications, last_at FROM acquaintances_cache)");
	finding(d, wrong == 0, "who knows whom is what was said", "restore a backup, and report it");
	db_one_int(op, &wrong,
		"SELECT (SELECT count(*) FROM (SELECT fund_id, investor_id, sum(soft_circled), sum(committed), "
		"sum(called), sum(paid) FROM commitment_steps GROUP BY fund_id, investor_id EXCEPT SELECT * FROM "
		"positions_cache)) + (SELECT count(*) FROM (SELECT fund_id, sum(soft_circled + committed > 0), "
		"sum(soft_circled), sum(committed), sum(called), sum(paid) FROM positions_cache GROUP BY fund_id "
		"EXCEPT "
		"SELECT * FROM raises_cache))");
	finding(d, wrong == 0, "what investors hold is what the ledger says", "restore a backup, and report it");
	db_one_int(op, &wrong,
		"SELECT count(*) FROM (SELECT * FROM pipeline_summary EXCEPT SELECT * FROM pipeline_cache)");
	finding(d, wrong == 0, "the pipeline's sums add up", "restore a backup, and report it");
}

static void rows(struct doctor *d)
{
	struct op *op = &d->p->op;
	struct audit_check check = {0};
	char since[INSTANT_SIZE];
	int64_t admins = 0, mailboxes = 0, failed = 0, behind = 0, undelivered = 0, astray = 1;
	instant_format(op->now - SYNC_HOURS * 3600, since);
	finding(d, audit_verify(op, &check) == OK && !check.first_bad, "the audit log's chain holds",
		"see countersign audit verify");
	db_one_int(op, &admins, "SELECT count(*) FROM users WHERE role = 'admin' AND is_active = 1");
	finding(d, admins > 0, "there is an administrator", "countersign user add NAME --role admin");
	finding(d, *setting_text(op, "own_domains") != 0, "own_domains is set", "countersign config set own_domains D");
	db_one_int(op, &mailboxes, "SELECT count(*) FROM mailboxes_live");
	finding(d, mailboxes > 0, "there is a mailbox", "countersign mailbox add");
	db_one_int(op, &behind,
		"SELECT count(*) FROM mailboxes_live WHERE state = 'active' AND coalesce(complete_at, '') < ?",
		(const char *)since);
	finding(d, behind == 0, "every active mailbox was captured within a day", "run mail-sync and see what it says");
	figures(d);
	db_one_int(op, &failed, "SELECT coalesce(sum(failed), 0) FROM mailbox_counts");
	finding(d, failed == 0, "no captured message failed", "mail-sync --full tries again");
	db_one_int(op, &astray,
		"SELECT (SELECT count(*) FROM search_all) <> (SELECT count(*) FROM search_fts)"
		" OR EXISTS (SELECT 1 FROM search_queue)");
	finding(d, astray == 0, "the search index holds every record", "run countersign search rebuild");
	db_one_int(op, &undelivered,
		"SELECT count(*) FROM outbox WHERE state IN ('failed', 'unknown') AND created_at >= ?",
		(const char *)since);
	finding(d, undelivered == 0, "every message of the last day was delivered", "see /digests for the reason");
}

enum status command_doctor(struct program *p, int argc, char **argv)
{
	struct doctor d = {.p = p, .findings = p->json ? json_arr(p->pool) : NULL};
	(void)argv;
	if (argc != 1)
		return E_SYNTAX;
	files(&d);
	rows(&d);
	if (p->json)
		puts(json_object_to_json_string_ext(
			d.findings, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	return d.bad ? fail(&p->op, E_CONFLICT, NULL, "%d finding%s", d.bad, d.bad > 1 ? "s" : "") : OK;
}
