/* Owns hashes, random bytes and passwords. Never logs what it is given. Tests: t/unit/base_crypto.c */
#include "base/crypto.h"

#include <argon2.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/banned.h"

#define SHA256_BYTES 32

static void must(int gnutls_result)
{
	if (gnutls_result < 0)
		die(EX_SOFTWARE, "cryptography failed: %s", gnutls_strerror(gnutls_result));
}

static void hex(const unsigned char *in, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		*out++ = digits[in[i] >> 4];
		*out++ = digits[in[i] & 15];
	}
	*out = 0;
}

void sha256_hex(const void *data, size_t n, char out[static SHA256_HEX])
{
	unsigned char digest[SHA256_BYTES];
	must(gnutls_hash_fast(GNUTLS_DIG_SHA256, n ? data : "", n, digest));
	hex(digest, sizeof digest, out);
}

char *sha256_str(struct pool *p, const void *data, size_t n)
{
	char *out = pool_alloc(p, SHA256_HEX);
	sha256_hex(data, n, out);
	return out;
}

struct sha256 {
	gnutls_hash_hd_t handle; /* NULL once ended */
};

static void sha256_drop(void *arg)
{
	struct sha256 *h = arg;
	if (h->handle)
		gnutls_hash_deinit(h->handle, NULL);
	h->handle = NULL;
}

struct sha256 *sha256_new(struct pool *p)
{
	struct sha256 *h = pool_alloc(p, sizeof *h);
	must(gnutls_hash_init(&h->handle, GNUTLS_DIG_SHA256));
	pool_defer(p, sha256_drop, h);
	return h;
}

void sha256_add(struct sha256 *h, const void *data, size_t n)
{
	if (!h->handle)
		BUG("sha256_add after sha256_end");
	if (n)
		must(gnutls_hash(h->handle, data, n));
}

void sha256_end(struct sha256 *h, char out[static SHA256_HEX])
{
	if (!h->handle)
		BUG("sha256_end twice");
	unsigned char digest[SHA256_BYTES];
	gnutls_hash_deinit(h->handle, digest);
	h->handle = NULL;
	hex(digest, sizeof digest, out);
}

void hmac_sha256(const void *key, size_t key_len, const void *data, size_t n, unsigned char out[static 32])
{
	must(gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, key_len, n ? data : "", n, out));
}

void random_bytes(void *out, size_t n)
{
	must(gnutls_rnd(GNUTLS_RND_KEY, out, n));
}

char *random_hex(struct pool *p, size_t bytes)
{
	unsigned char *raw = pool_alloc(p, bytes);
	char *out = pool_alloc(p, bytes * 2 + 1);
	random_bytes(raw, bytes);
	hex(raw, bytes, out);
	return out;
}

bool bytes_equal(const void *a, const void *b, size_t n)
{
	return gnutls_memcmp(a, b, n) == 0;
}

bool secret_eq(const char *a, const char *b)
{
	return a && b && strlen(a) == strlen(b) && bytes_equal(a, b, strlen(a));
}

/* RFC 4648 section 5 */
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *base64url(struct pool *p, const void *data, size_t n)
{
	const unsigned char *in = data;
	char *out = pool_alloc(p, n / 3 * 4 + 5), *at = out;
	for (size_t i = 0; i < n; i += 3) {
		size_t have = n - i < 3 ? n - i : 3;
		uint32_t bits =
			(uint32_t)in[i] << 16 | (have > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (have > 2 ? in[i + 2] : 0);
		for (size_t k = 0; k <= have; k++)
			*at++ = alphabet[bits >> (18 - 6 * k) & 63];
	}
	return out;
}

unsigned char *base64url_decode(struct pool *p, const char *s, size_t n, size_t *len)
{
	if (n % 4 == 1)
		return NULL;
	unsigned char *out = pool_alloc(p, n / 4 * 3 + 3), *at = out;
	uint32_t bits = 0;
	unsigned held = 0;
	for (size_t i = 0; i < n; i++) {
		const char *digit = s[i] ? strchr(alphabet, s[i]) : NULL;
		if (!digit)
			return NULL;
		bits = bits << 6 | (uint32_t)(digit - alphabet);
		held += 6;
		if (held >= 8) {
			held -= 8;
			*at++ = (unsigned char)(bits >> held);
		}
	}
	/* RFC 4648 section 3.5: the bits left over must be zero, so that one value has one text. */
	if (bits & ((1u << held) - 1))
		return NULL;
	*len = (size_t)(at - out);
	return out;
}

/* Parameters of Argon2id; RFC 9106 section 4. */
struct cost {
	unsigned memory_kib, passes, lanes;
};

static struct cost cost_wanted(void)
{
	return conf_flag("COUNTERSIGN_FAST_HASH") ? (struct cost){256, 1, 1} : (struct cost){65536, 3, 1};
}

static bool cost_read(const char *phc, struct cost *c)
{
	return phc && sscanf(phc, "$argon2id$v=19$m=%9u,t=%9u,p=%9u$", &c->memory_kib, &c->passes, &c->lanes) == 3;
}

/* One of two places on this machine; waits for one. */
static int slot_take(void)
{
	char path[2][4096];
	int fd[2];
	snprintf(path[0], sizeof path[0], "%s/run", conf_data());
	if (dir_make(path[0], 0770))
		die(EX_CANTCREAT, "cannot create %s", path[0]);
	for (int i = 0; i < 2; i++) {
		snprintf(path[i], sizeof path[i], "%s/run/hash-%d.lock", conf_data(), i);
		fd[i] = file_open_lock(path[i]);
		if (fd[i] < 0)
			die(EX_CANTCREAT, "cannot open %s: %s", path[i], strerror(errno));
	}
	int taken = flock(fd[0], LOCK_EX | LOCK_NB) == 0 ? 0 : flock(fd[1], LOCK_EX | LOCK_NB) == 0 ? 1 : -1;
	if (taken < 0) {
		taken = getpid() & 1;
		while (flock(fd[taken], LOCK_EX) != 0)
			if (errno != EINTR)
				die(EX_OSERR, "cannot lock %s: %s", path[taken], strerror(errno));
	}
	close(fd[1 - taken]);
	return fd[taken];
}

char *password_hash(struct pool *p, const char *password)
{
	struct cost c = cost_wanted();
	unsigned char salt[16];
	random_bytes(salt, sizeof salt);
	size_t size = argon2_encodedlen(c.passes, c.memory_kib, c.lanes, sizeof salt, 32, Argon2_id);
	char *phc = pool_alloc(p, size);
	int slot = slot_take();
	int rc = argon2id_hash_encoded(
		c.passes, c.memory_kib, c.lanes, password, strlen(password), salt, sizeof salt, 32, phc, size);
	close(slot);
	if (rc != ARGON2_OK)
		die(EX_OSERR, "cannot hash a password: %s", argon2_error_message(rc));
	return phc;
}

bool password_verify(const char *phc, const char *password)
{
	struct cost c;
	/* A damaged row must not be able to ask for all memory. */
	if (!password || !cost_read(phc, &c) || c.memory_kib > 262144 || c.passes > 16 || c.lanes > 4)
		return false;
	int slot = slot_take();
	int rc = argon2id_verify(phc, password, strlen(password));
	close(slot);
	if (rc != ARGON2_OK && rc != ARGON2_VERIFY_MISMATCH)
		log_error("cannot verify a password", "error", argon2_error_message(rc), NULL);
	return rc == ARGON2_OK;
}

bool password_outdated(const char *phc)
{
	struct cost has, wanted = cost_wanted();
	return !cost_read(phc, &has) || has.memory_kib < wanted.memory_kib || has.passes < wanted.passes;
}
