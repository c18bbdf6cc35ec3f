/* Pools: alignment, zeroed memory, order of the deferred calls. */
#include "../tap.h"

#include <stdalign.h>
#include <stddef.h>

#include "base/pool.h"

static int order[4], calls;

static void note_call(void *arg)
{
	order[calls++] = *(int *)arg;
}

int main(void)
{
	struct pool *p = pool_new();
	bool zeroed = true, aligned = true;
	for (size_t n = 0; n < 20000; n = n * 3 / 2 + 1) {
		char *mem = pool_alloc(p, n);
		aligned &= (uintptr_t)mem % alignof(max_align_t) == 0;
		for (size_t i = 0; i < n; i++)
			zeroed &= mem[i] == 0;
		memset(mem, 0xff, n);
	}
	ok(zeroed, "memory is zeroed, whatever its size");
	ok(aligned, "and aligned for any type");
	is(pool_strdup(p, "abc"), "abc", "a copy");
	is(pool_strdup(p, NULL), NULL, "of NULL is NULL");
	is(pool_strndup(p, "abcdef", 3), "abc", "a part");
	is(pool_strndup(p, "ab", 9), "ab", "never past the end");
	is(pool_printf(p, "%d-%s", 7, "x"), "7-x", "formatted");
	ok(!memcmp(pool_dup(p, "a\0b", 3), "a\0b", 3), "bytes");
	static int one = 1, two = 2;
	pool_defer(p, note_call, &one);
	pool_defer(p, note_call, &two);
	pool_clear(p);
	ok(calls == 2 && order[0] == 2 && order[1] == 1, "deferred calls run when it goes, last first");
	for (int round = 0; round < 3; round++) {
		char *again = pool_alloc(p, 6000);
		bool clean = true;
		for (int i = 0; i < 6000; i++)
			clean &= !again[i];
		memset(again, 0xff, 6000);
		char *small = pool_alloc(p, 100);
		clean &= !small[0] && !small[99];
		memset(small, 0xff, 100);
		ok(clean, "a cleared pool gives zeroed memory again");
		pool_clear(p);
	}
	is_int(calls, 2, "and its deferred calls have run once");
	pool_free(p);
	pool_free(NULL);
	return tap_done();
}
