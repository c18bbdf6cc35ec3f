/* Owns the form of a bearer token: made, taken apart, its signature checked. Never says who may have one, and keeps none.
 * Tests: t/30-token.t */
#include "web/token.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/banned.h"

#define KEY_BYTES 32
/* RFC 7519; the algorithm is not negotiable, so the header is compared, never read. */
#define JWT_HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

static const char *signature(struct pool *p, struct blob key, const char *signed_part, size_t n)
{
	unsigned char mac[32];
	hmac_sha256(key.data, key.len, signed_part, n, mac);
	return base64url(p, mac, sizeof mac);
}

struct json_object *token_claims(struct pool *p, const char *jwt)
{
	const char *header = base64url(p, JWT_HEADER, strlen(JWT_HEADER));
	size_t n = strlen(header), len;
	if (strncmp(jwt, header, n) != 0 || jwt[n] != '.')
		return NULL;
	const char *dot = strchr(jwt + n + 1, '.');
	if (!dot)
		return NULL;
	unsigned char *payload = base64url_decode(p, jwt + n + 1, (size_t)(dot - jwt - (ptrdiff_t)n - 1), &len);
	struct json_object *claims;
	const char *why;
	if (!payload || json_parse(p, (const char *)payload, len, &claims, &why))
		return NULL;
	return claims;
}

bool token_is_signed(struct pool *p, const char *jwt, struct blob key)
{
	const char *dot = strrchr(jwt, '.');
	return dot && secret_eq(signature(p, key, jwt, (size_t)(dot - jwt)), dot + 1);
}

enum status token_issue(
	struct op *op, int64_t user_id, int64_t seconds, const char *address, const char *user_agent, struct token *out)
{
	struct pool *p = op->pool;
	unsigned char key[KEY_BYTES];
	random_bytes(key, sizeof key);
	*out = (struct token){.expires = op->now + seconds};
	char expires[INSTANT_SIZE];
	instant_format(out->expires, expires);
	enum status st = db_run(op,
		"INSERT INTO sessions (user_id, kind, jwt_key, created_at, expires_at, address, user_agent)"
		" VALUES (?, 'token', ?, ctx_now(), ?, ?, ?)",
		user_id, ((struct blob){key, sizeof key}), (const char *)expires, address, user_agent);
	if (st)
		return st;
	out->id = db_last_id(op);
	const char *payload = pool_printf(p, "{\"sub\":\"%lld\",\"sid\":%lld,\"iat\":%lld,\"exp\":%lld}",
		(long long)user_id, (long long)out->id, (long long)op->now, (long long)out->expires);
	const char *head = pool_printf(
		p, "%s.%s", base64url(p, JWT_HEADER, strlen(JWT_HEADER)), base64url(p, payload, strlen(payload)));
	out->jwt = pool_printf(p, "%s.%s", head, signature(p, (struct blob){key, sizeof key}, head, strlen(head)));
	return OK;
}
