/* Owns the digest's messages in the outbox: who they are from, by which name they are known. Delivering them is
 * somebody else's; the outbox's trigger looks each recipient up among the active users once more.
 * Tests: t/unit/digest_store.c, t/50-digest.t */
#include "digest/letter.h"

#include <string.h>

#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "db/db.h"
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
static const char *key(struct op *op, const struct digest *d, const char *username, int64_t again)
{
	const char *number = again ? pool_printf(op->pool, "+%lld", (long long)again) : "";
	return pool_printf(op->pool, "digest.%s.%s%s@", d->window.day, username, number);
}

static enum status compose(struct op *op, const struct digest *d, const struct mail_addr *to, const char *message_id,
	struct blob *bytes, const char **from)
{
	const char *host = domain(op);
	struct compose_header own = {"X-Countersign-Id", message_id};
	struct compose c = {
		.from = {.name = pool_printf(op->pool, "%s digest", setting_text(op, "fund_name")),
			.email = pool_printf(op->pool, "digest@%s", host)},
		.to = to,
		.to_count = 1,
		.subject = d->subject,
		.text = d->text,
		.html = d->html,
		.message_id = message_id,
		.date = op->now,
		.auto_submitted = "auto-generated",
		.list_id = pool_printf(op->pool, "Daily digest <digest.%s>", host),
		.headers = &own,
		.header_count = 1,
	};
	char *data;
	size_t n;
	enum status st = compose_message(&op->fault, op->pool, &c, &data, &n);
	*from = c.from.email;
	*bytes = (struct blob){data, n};
	return st;
}

/* id 0: of no row */
static enum status queue(
	struct op *op, const struct digest *d, int64_t id, struct json_object *user, const char *message_id)
{
	struct mail_addr to = {.role = MAIL_TO, .name = json_text(user, "name"), .email = json_text(user, "email")};
	struct blob bytes;
	const char *from;
	char sha256[SHA256_HEX];
	enum status st = compose(op, d, &to, message_id, &bytes, &from);
	if (st)
		return st;
	sha256_hex(bytes.data, bytes.len, sha256);
	struct json_object *list = json_arr(op->pool);
	json_push_text(list, to.email);
	size_t len;
	return db_run(op,
		"INSERT INTO outbox (message_id, origin, digest_id, author_kind, author_id, from_address, to_json, "
		"subject, "
		"bytes, sha256, state) VALUES (?, 'digest', nullif(?, 0), ctx_actor_kind(), ctx_user(), ?, ?, ?, ?, ?, "
		"'pending')",
		message_id, id, from, json_bytes(op->pool, list, &len), d->subject, bytes, (const char *)sha256);
}

enum status letter_queue(struct op *op, const struct digest *d, int64_t id, struct json_object *user, int64_t again)
{
	const char *name = key(op, d, json_text(user, "username"), again);
	return queue(op, d, id, user, pool_printf(op->pool, "%s%s", name, domain(op)));
}

enum status letter_queue_by_hand(struct op *op, const struct digest *d, struct json_object *user)
{
	return queue(op, d, 0, user,
		pool_printf(op->pool, "digest.%s.%s.%s@%s", d->window.day, json_text(user, "username"),
			random_hex(op->pool, 8), domain(op)));
}

bool letter_is_there(struct op *op, const struct digest *d, int64_t id, const char *username)
{
	int64_t found;
	return db_one_int(op, &found,
		"SELECT id FROM outbox WHERE digest_id = ?1 AND substr(message_id, 1, length(?2)) = ?2 LIMIT 1", id,
		key(op, d, username, 0));
}
