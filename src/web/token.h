/* Bearer tokens, for the two that hand them out: the API's login and the shell. */
#ifndef WEB_TOKEN_H
#define WEB_TOKEN_H

#include <stdint.h>

#include "db/op.h"

struct token {
	const char *jwt; /* shown once, kept nowhere */
	int64_t id;      /* its session: revoking that ends it */
	int64_t expires;
};

/* A token (RFC 7519, HS256 with a key of its own) for this account, good for so many seconds. address and user_agent say
 * who asked for it; NULL is fine. Inside a transaction; everything in op->pool. */
enum status token_issue(struct op *op, int64_t user_id, int64_t seconds, const char *address, const char *user_agent,
	struct token *out);

#endif
