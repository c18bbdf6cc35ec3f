/* Owns the SQL functions that triggers and defaults lean on: whose work this is, when, why, and what changed. The
 * shell's sqlite3 lacks them, so a write past the program fails instead of going unrecorded. Tests: t/unit/db_guard.c
 */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/handle.h"
#include "base/banned.h"

static struct op *op_of(sqlite3_context *ctx)
{
	return ((struct db *)sqlite3_user_data(ctx))->op;
}

static void text_or_null(sqlite3_context *ctx, const char *s)
{
	if (s)
		sqlite3_result_text(ctx, s, -1, SQLITE_TRANSIENT);
	else
		sqlite3_result_null(ctx);
}

static void int_or_null(sqlite3_context *ctx, int64_t n)
{
	if (n)
		sqlite3_result_int64(ctx, n);
	else
		sqlite3_result_null(ctx);
}

static void ctx_actor_kind(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc, (void)argv;
	struct op *op = op_of(ctx);
	text_or_null(ctx, op ? actor_kind_name(op->actor.kind) : NULL);
}

static void ctx_actor_via(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc, (void)argv;
	struct op *op = op_of(ctx);
	text_or_null(ctx, op ? actor_via_name(op->actor.via) : NULL);
}

static void ctx_user(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc, (void)argv;
	struct op *op = op_of(ctx);
	int_or_null(ctx, op ? op->actor.user_id : 0);
}

/* Who reads, in a transaction or not: the views that end in _seen ask. */
static void ctx_reader(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc, (void)argv;
	struct op *op = ((struct db *)sqlite3_user_data(ctx))->asked;
	int_or_null(ctx, op ? op->actor.user_id : 0);
}

static void ctx_viewer(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc, (void)argv;
	struct op *op = ((struct db *)sqlite3_user_data(ctx))->asked;
	int_or_null(ctx, !op ? 0 : op->actor.viewer_id ? op->actor.viewer_id : op->actor.user_id);
}

static void ctx_actor_name(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc, (void)argv;
	struct op *op = op_of(ctx);
	text_or_null(ctx, !op ? NULL : op->actor.name ? op->actor.name : op->actor.username);
}

static void ctx_request(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc, (void)argv;
	struct op *op = op_of(ctx);
	text_or_null(ctx, op ? op->request_id : NULL);
}

static void ctx_now(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc, (void)argv;
	struct op *op = op_of(ctx);
	char at[INSTANT_SIZE];
	if (op)
		instant_format(op->now, at);
	text_or_null(ctx, op ? at : NULL);
}

static void ctx_why(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc, (void)argv;
	struct op *op = op_of(ctx);
	text_or_null(ctx, op ? op->why : NULL);
}

static void ctx_proposal(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc, (void)argv;
	int_or_null(ctx, ((struct db *)sqlite3_user_data(ctx))->proposal_id);
}

/* sha256(a, b, …): over each argument as text, its length and a colon before it, NULL as "-", so that no two lists of
 * arguments make the same bytes. */
static void sha256_args(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct pool *p = pool_new();
	struct sha256 *h = sha256_new(p);
	for (int i = 0; i < argc; i++) {
		const void *s = sqlite3_value_text(argv[i]);
		int n = sqlite3_value_bytes(argv[i]);
		const char *head = s ? pool_printf(p, "%d:", n) : "-";
		sha256_add(h, head, strlen(head));
		if (s)
			sha256_add(h, s, (size_t)n);
	}
	char hex[SHA256_HEX];
	sha256_end(h, hex);
	sqlite3_result_text(ctx, hex, -1, SQLITE_TRANSIENT);
	pool_free(p);
}

static void value_json(struct buf *b, sqlite3_value *v)
{
	switch (sqlite3_value_type(v)) {
	case SQLITE_NULL:
		buf_str(b, "null");
		break;
	case SQLITE_INTEGER:
		buf_int(b, sqlite3_value_int64(v));
		break;
	case SQLITE_FLOAT:
		buf_printf(b, "%.17g", sqlite3_value_double(v));
		break;
	default: {
		const char *s = (const char *)sqlite3_value_text(v);
		buf_json(b, s, (size_t)sqlite3_value_bytes(v));
	}
	}
}

/* diff(name, old, new, …) → {"name":[old,new],…} of those that differ, NULL when none does. */
static void diff(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct pool *p = pool_new();
	struct buf *all = buf_new(p, 8 << 20), *old = buf_new(p, 4 << 20), *new = buf_new(p, 4 << 20);
	for (int i = 0; i + 2 < argc; i += 3) {
		buf_clear(old);
		buf_clear(new);
		value_json(old, argv[i + 1]);
		value_json(new, argv[i + 2]);
		if (old->len == new->len && !memcmp(old->data, new->data, old->len))
			continue;
		buf_char(all, all->len ? ',' : '{');
		value_json(all, argv[i]);
		buf_printf(all, ":[%s,%s]", old->data, new->data);
	}
	buf_char(all, '}');
	if (argc % 3 || all->full || old->full || new->full)
		sqlite3_result_error_toobig(ctx);
	else if (all->len > 1)
		sqlite3_result_text(ctx, all->data, (int)all->len, SQLITE_TRANSIENT);
	pool_free(p);
}

static void is_json(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	const char *why, *s = (const char *)sqlite3_value_text(argv[0]);
	struct pool *p = pool_new();
	struct json_object *o;
	sqlite3_result_int(ctx, s && !json_parse(p, s, (size_t)sqlite3_value_bytes(argv[0]), &o, &why));
	pool_free(p);
}

/* words(text): as names are compared, for the directory's triggers. */
static void words(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	const char *s = (const char *)sqlite3_value_text(argv[0]);
	struct pool *p = pool_new();
	text_or_null(ctx, s ? str_words(p, s) : NULL);
	pool_free(p);
}

int functions_register(struct db *db)
{
	static const struct {
		const char *name;
		int args, flags;
		void (*fn)(sqlite3_context *, int, sqlite3_value **);
	} all[] = {
		{"ctx_actor_kind", 0, 0, ctx_actor_kind},
		{"ctx_actor_via", 0, 0, ctx_actor_via},
		{"ctx_user", 0, 0, ctx_user},
		{"ctx_reader", 0, 0, ctx_reader},
		{"ctx_viewer", 0, 0, ctx_viewer},
		{"ctx_actor_name", 0, 0, ctx_actor_name},
		{"ctx_request", 0, 0, ctx_request},
		{"ctx_now", 0, 0, ctx_now},
		{"ctx_why", 0, 0, ctx_why},
		{"ctx_proposal", 0, 0, ctx_proposal},
		{"diff", -1, SQLITE_DETERMINISTIC, diff},
		{"is_json", 1, SQLITE_DETERMINISTIC, is_json},
		{"sha256", -1, SQLITE_DETERMINISTIC, sha256_args},
		{"words", 1, SQLITE_DETERMINISTIC, words},
	};
	/* Innocuous: a schema with trusted_schema off may use them; they read the unit of work and change nothing. */
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		int rc = sqlite3_create_function(db->raw, all[i].name, all[i].args,
			SQLITE_UTF8 | SQLITE_INNOCUOUS | all[i].flags, db, all[i].fn, NULL, NULL);
		if (rc != SQLITE_OK)
			return rc;
	}
	return SQLITE_OK;
}
