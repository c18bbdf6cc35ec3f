/* Hashes, HMAC, random bytes, passwords. gnutls and libargon2 do the work. */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

#define SHA256_HEX 65 /* 64 lower-case digits and NUL */

void sha256_hex(const void *data, size_t n, char out[static SHA256_HEX]);
char *sha256_str(struct pool *p, const void *data, size_t n);

struct sha256; /* incremental, for files and messages in pieces */
struct sha256 *sha256_new(struct pool *p);
void sha256_add(struct sha256 *h, const void *data, size_t n);
void sha256_end(struct sha256 *h, char out[static SHA256_HEX]);

void hmac_sha256(const void *key, size_t key_len, const void *data, size_t n, unsigned char out[static 32]);
void random_bytes(void *out, size_t n); /* dies if the system has none */
char *random_hex(struct pool *p, size_t bytes);
bool bytes_equal(const void *a, const void *b, size_t n); /* constant time */
bool secret_eq(const char *a, const char *b);             /* constant time for equal lengths */

char *base64url(struct pool *p, const void *data, size_t n); /* RFC 4648 section 5, no padding */
unsigned char *base64url_decode(struct pool *p, const char *s, size_t n, size_t *len); /* NULL when malformed */

/* Argon2id, m = 64 MiB, t = 3, p = 1, PHC string. At most two hashes run at a time on the machine (flock on two slot
 * files in DATA/run), so that a flood of logins cannot eat the memory. COUNTERSIGN_FAST_HASH=1 lowers the cost, for tests. */
char *password_hash(struct pool *p, const char *password);
bool password_verify(const char *phc, const char *password);
bool password_outdated(const char *phc); /* made with weaker parameters than today's */

#endif
