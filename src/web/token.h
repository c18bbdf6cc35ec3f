/* Bearer tokens (RFC 7519, HS256), handed out by the API's login and at the shell. */
#ifndef WEB_TOKEN_H
#define WEB_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "db/db.h"
#include "db/op.h"

struct token {
	const char *jwt; /* shown once, kept nowhere */
	int64_t id;      /* its session: revoking that ends it */
	int64_t expires;
};

/* A token with a key of its own for this account, good for so many seconds. address and user_agent say
 * who asked for it; NULL is fine. Inside a transaction; everything in op->pool. */
enum status token_issue(struct op *op, int64_t user_id, int64_t seconds, const char *address, const char *user_agent,
	struct token *out);

/* What a token says, not yet believed; NULL when it has not our form. */
struct json_object *token_claims(struct pool *p, const char *jwt);
bool token_is_signed(struct pool *p, const char *jwt, struct blob key);

#endif
