/* Owns a digest's row and its messages in the outbox. One for each day, however often it is asked for.
 * Tests: t/unit/digest_make.c, t/50-digest.t */
#include <string.h>

#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "db/db.h"
#include "digest/digest.h"
#include "mail/compose.h"
#include "base/banned.h"

/* The sender's domain: the first own one, else what the installation is called. */
static const char *domain(struct op *op)
{
	size_t n;
	char **own = str_split(op->pool, setting_text(op, "own_domains"), ", ", &n);
	return n ? own[0] : "countersign.invalid";
}

/* By day and user name, whatever domain follows: one for each, and a number for each time it was asked for again. */
static const char *message_key(struct op *op, const struct digest *d, const char *username, int64_t again)
{
	const char *number = again ? pool_printf(op->pool, "+%lld", (long long)again) : "";
	return pool_printf(op->pool, "digest.%s.%s%s@", d->day, username, number);
}

static enum status queue_one(struct op *op, const struct digest *d, int64_t id, struct json_object *user, int64_t again)
{
	const char *host = domain(op);
	struct mail_addr to = {.role = MAIL_TO, .name = json_text(user, "name"), .email = json_text(user, "email")};
	struct compose_header own = {"X-Countersign-Id", pool_printf(op->pool, "digest/%s", d->day)};
	struct compose c = {
		.from = {.name = pool_printf(op->pool, "%s digest", setting_text(op, "fund_name")),
			.email = pool_printf(op->pool, "digest@%s", host)},
		.to = &to,
		.to_count = 1,
		.subject = d->subject,
		.text = d->text,
		.html = d->html,
		.message_id =
			pool_printf(op->pool, "%s%s", message_key(op, d, json_text(user, "username"), again), host),
		.date = op->now,
		.auto_submitted = "auto-generated",
		.list_id = pool_printf(op->pool, "Daily digest <digest.%s>", host),
		.headers = &own,
		.header_count = 1,
	};
	char *bytes, sha256[SHA256_HEX];
	size_t n;
	enum status st = compose_message(&op->fault, op->pool, &c, &bytes, &n);
	if (st)
		return st;
	sha256_hex(bytes, n, sha256);
	struct json_object *list = json_arr(op->pool);
	json_push_text(list, to.email);
	size_t len;
	return db_run(op,
		"INSERT INTO outbox (message_id, origin, digest_id, author_kind, from_address, to_json, subject, "
		"bytes, sha256, state)"
		" VALUES (?, 'digest', ?, 'system', ?, ?, ?, ?, ?, 'pending')",
		c.message_id, id, c.from.email, json_bytes(op->pool, list, &len), d->subject, ((struct blob){bytes, n}),
		(const char *)sha256);
}

static bool has_one(struct op *op, const struct digest *d, int64_t id, const char *username)
{
	int64_t found;
	return db_one_int(op, &found,
		"SELECT id FROM outbox WHERE digest_id = ?1 AND substr(message_id, 1, length(?2)) = ?2 LIMIT 1", id,
		message_key(op, d, username, 0));
}

static enum status queue_all(
	struct op *op, const struct digest *d, int64_t id, const char *only, bool resend, int *queued)
{
	int64_t again = 0;
	struct json_object *users = db_array(op,
		"SELECT username, name, email FROM users WHERE is_active = 1 AND role <> 'agent' AND ((?1 IS NULL AND "
		"wants_digest = 1) OR username = ?1) ORDER BY id",
		only);
	db_one_int(op, &again, "SELECT count(*) FROM outbox WHERE digest_id = ?", id);
	enum status st = op->fault.status;
	if (!st && only && !json_len(users))
		return fail(op, E_NOT_FOUND, NULL, "there is no active user %s", only);
	for (size_t i = 0; i < json_len(users) && !st; i++) {
		struct json_object *user = json_at(users, i);
		bool has = has_one(op, d, id, json_text(user, "username"));
		if (has && !resend)
			continue;
		st = queue_one(op, d, id, user, has ? again : 0);
		++*queued;
	}
	return st ? st : op->fault.status;
}

bool digest_is_out(struct op *op, const char *day)
{
	int64_t id;
	return db_one_int(op, &id,
		"SELECT d.id FROM digests d WHERE d.day = ? AND NOT EXISTS (SELECT 1 FROM users u WHERE u.is_active = 1"
		" AND u.role <> 'agent' AND u.wants_digest = 1 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.digest_id"
		" = d.id AND instr(o.message_id, 'digest.' || d.day || '.' || u.username || '@') = 1))",
		day);
}

static enum status insert(struct op *op, const struct digest *d, int64_t *id)
{
	size_t n;
	enum status st = db_run(op,
		"INSERT INTO digests (day, from_at, until_at, headline, subject, document_json, text, html) VALUES (?, "
		"?, ?, ?, ?, ?, ?, ?)",
		d->day, d->from_at, d->until_at, d->headline, d->subject, json_bytes(op->pool, d->document, &n),
		d->text, d->html);
	*id = db_last_id(op);
	return st;
}

static void load(struct op *op, int64_t id, struct digest *d)
{
	struct json_object *row = db_object(op,
		"SELECT from_at, until_at, headline, subject, document_json, text, html FROM digests WHERE id = ?", id);
	if (!row)
		return;
	d->from_at = json_text(row, "from_at");
	d->until_at = json_text(row, "until_at");
	d->headline = json_text(row, "headline");
	d->subject = json_text(row, "subject");
	d->document = json_get(row, "document_json");
	d->text = json_text(row, "text");
	d->html = json_text(row, "html");
}

enum status digest_store(struct op *op, struct digest *d, const char *only, bool resend, int *queued)
{
	int64_t id = 0;
	*queued = 0;
	enum status st = db_begin(op);
	if (st)
		return st;
	/* Inside the transaction: of two runs at once, the second sees what the first wrote. */
	if (db_one_int(op, &id, "SELECT id FROM digests WHERE day = ?", d->day))
		load(op, id, d);
	else if (!op->fault.status)
		insert(op, d, &id);
	st = op->fault.status;
	if (!st)
		st = queue_all(op, d, id, only, resend, queued);
	if (!st)
		return db_commit(op);
	db_rollback(op);
	*queued = 0;
	return st;
}
