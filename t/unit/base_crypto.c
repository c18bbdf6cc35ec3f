/* Hashes against published values, base64url, passwords. */
#include "../tap.h"

#include <argon2.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pool.h"
#include "base/str.h"

/* How many processes hash at the moment, and at most. */
static struct {
	atomic_int now, most;
} * hashing;

static int counted_verify(const char *phc, const void *password, size_t n)
{
	int now = atomic_fetch_add(&hashing->now, 1) + 1, most = atomic_load(&hashing->most);
	while (now > most && !atomic_compare_exchange_weak(&hashing->most, &most, now))
		;
	for (int i = 0; i < 100; i++)
		sched_yield(); /* so that others get the time to come in too, if they can */
	int rc = argon2id_verify(phc, password, n);
	atomic_fetch_sub(&hashing->now, 1);
	return rc;
}
#define argon2id_verify counted_verify
#include "../../src/base/crypto.c"

/* W16: a hundred logins at once take the memory of two. */
static void two_at_a_time(struct pool *p, const char *phc)
{
	int bad = 0, status;
	atomic_store(&hashing->most, 0);
	for (int i = 0; i < 10; i++)
		if (fork() == 0) {
			bool fits = true;
			for (int tries = 0; tries < 10; tries++)
				fits = password_verify(phc, "correct horse") && fits;
			pool_free(p); /* the child's copy, for who looks for leaks */
			_exit(!fits);
		}
	while (wait(&status) > 0)
		bad += status != 0;
	is_int(bad, 0, "a hundred passwords are checked by ten processes at once");
	ok(atomic_load(&hashing->most) >= 1 && atomic_load(&hashing->most) <= 2, "two at a time");
}

int main(void)
{
	struct pool *p = pool_new();
	char dir[] = "/tmp/countersign-unit-XXXXXX", hex[SHA256_HEX];
	hashing = mmap(NULL, sizeof *hashing, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!mkdtemp(dir))
		return 1;
	setenv("COUNTERSIGN_DATA", dir, 1);
	setenv("COUNTERSIGN_FAST_HASH", "1", 1);
	sha256_hex("abc", 3, hex); /* FIPS 180-4, example B.1 */
	is(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "SHA-256 of abc");
	struct sha256 *h = sha256_new(p);
	sha256_add(h, "a", 1);
	sha256_add(h, "bc", 2);
	sha256_end(h, hex);
	is(hex, sha256_str(p, "abc", 3), "in pieces the same");
	unsigned char mac[32]; /* RFC 4231, test case 2 */
	hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac);
	ok(mac[0] == 0x5b && mac[1] == 0xdc && mac[31] == 0x43, "HMAC-SHA-256");
	is(base64url(p, "\xfb\xff\xfe", 3), "-__-", "base64url");
	size_t n = 0;
	unsigned char *back = base64url_decode(p, "-__-", 4, &n);
	ok(back && n == 3 && !memcmp(back, "\xfb\xff\xfe", 3), "and back");
	ok(!base64url_decode(p, "+//+", 4, &n) && !base64url_decode(p, "a", 1, &n) &&
			!base64url_decode(p, "YQ==", 4, &n),
		"other alphabets, bad lengths and padding are refused");
	ok(!str_eq(random_hex(p, 16), random_hex(p, 16)) && strlen(random_hex(p, 16)) == 32, "random");
	ok(secret_eq("abc", "abc") && !secret_eq("abc", "abd") && !secret_eq("abc", "ab"), "secrets compare");

	char *phc = password_hash(p, "correct horse");
	ok(str_starts(phc, "$argon2id$"), "a password hash says what it is");
	ok(password_verify(phc, "correct horse"), "the password fits");
	ok(!password_verify(phc, "correct hors"), "another does not");
	ok(!password_verify("$argon2id$nonsense", "x") && !password_verify("", "x"), "nonsense fits nothing");
	ok(!str_eq(phc, password_hash(p, "correct horse")), "each hash has its own salt");
	two_at_a_time(p, phc);
	unsetenv("COUNTERSIGN_FAST_HASH");
	ok(password_outdated(phc), "a cheap one is to be made again");
	pool_free(p);
	return tap_done();
}
