/* Owns a digest's row and its messages in the outbox. One for each day, however often it is asked for.
 * Tests: t/50-digest.t */
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

static enum status queue_one(struct op *op, const struct digest *d, int64_t id, struct json_object *user, int64_t again)
{
	const char *host = domain(op), *name = json_text(user, "username");
	const char *number = again ? pool_printf(op->pool, ".%lld", (long long)again) : "";
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
		.message_id = pool_printf(op->pool, "digest.%s.%s%s@%s", d->day, name, number, host),
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

static enum status queue_all(
	struct op *op, const struct digest *d, int64_t id, const char *only, int64_t again, int *queued)
{
	struct json_object *users = db_array(op,
		"SELECT username, name, email FROM users WHERE is_active = 1 AND role <> 'agent' AND ((?1 IS NULL AND "
		"wants_digest = 1)"
		" OR username = ?1) ORDER BY id",
		only);
	enum status st = op->fault.status;
	if (!st && only && !json_len(users))
		return fail(op, E_NOT_FOUND, NULL, "there is no active user %s", only);
	for (size_t i = 0; i < json_len(users) && !st; i++, ++*queued)
		st = queue_one(op, d, id, json_at(users, i), again);
	return st;
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

enum status digest_store(struct op *op, const struct digest *d, const char *only, bool resend, int64_t *id, int *queued)
{
	*id = 0;
	*queued = 0;
	enum status st = db_begin(op);
	if (st)
		return st;
	int64_t before = 0;
	/* Inside the transaction: of two runs at once, the second sees what the first wrote. */
	bool there = db_one_int(op, id, "SELECT id FROM digests WHERE day = ?", d->day);
	if (there)
		db_one_int(op, &before, "SELECT count(*) FROM outbox WHERE digest_id = ?", *id);
	st = op->fault.status;
	if (!st && !there)
		st = insert(op, d, id);
	if (!st && (!there || resend))
		st = queue_all(op, d, *id, only, before, queued);
	if (st) {
		db_rollback(op);
		return st;
	}
	return db_commit(op);
}
