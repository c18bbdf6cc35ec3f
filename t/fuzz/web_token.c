/* Any text as a bearer token, and any bytes as what a token says: read before its signature is looked at. What has our form
 * says what its payload says, and nobody signs without the key. */
#include <string.h>

#include "base/crypto.h"
#include "base/pool.h"
#include "fuzz.h"
#include "web/token.h"

static const unsigned char key[32] = "a key that no input knows ......";

/* As the session looks at it. */
static void claims_check(struct pool *p, const char *jwt, struct json_object *claims)
{
	PROMISE(!token_is_signed(p, jwt, (struct blob){key, sizeof key}));
	if (!claims)
		return;
	json_int(claims, "sid");
	json_int(claims, "exp");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pool *p = pool_new();
	const char *text = pool_strndup(p, (const char *)data, n), *why,
		   *header = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	claims_check(p, text, token_claims(p, text));
	const char *jwt =
		pool_printf(p, "%s.%s.x", base64url(p, header, strlen(header)), base64url(p, (const char *)data, n));
	struct json_object *claims = token_claims(p, jwt), *payload = NULL;
	bool good = json_parse(p, (const char *)data, n, &payload, &why) == OK;
	PROMISE(good ? json_object_equal(claims, payload) : !claims);
	claims_check(p, jwt, claims);
	pool_free(p);
	return 0;
}
