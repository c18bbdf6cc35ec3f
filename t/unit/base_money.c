/* Amounts of money as people type them. */
#include "../tap.h"

#include "base/money.h"
#include "base/pool.h"

static void reads(const char *s, int64_t want)
{
	int64_t got = -1;
	ok(money_parse(s, &got), "'%s' is an amount", s);
	is_int(got, want, s);
}

static void refuses(const char *s)
{
	int64_t got;
	ok(!money_parse(s, &got), "'%s' is none", s);
}

int main(void)
{
	struct pool *p = pool_new();
	reads("0", 0);
	reads("2500000", 250000000);
	reads("2,500,000", 250000000);
	reads("2,500,000.00", 250000000);
	reads("2.500.000,5", 250000050);
	reads("2 500 000", 250000000);
	reads("2\u202f500\u00a0000", 250000000);
	reads("2'500'000.25", 250000025);
	reads("2,500", 250000);
	reads("2.500", 250000);
	reads("12.5", 1250);
	reads("12,05", 1205);
	reads("2.5m", 250000000);
	reads("2.5 M", 250000000);
	reads("2.125m", 212500000);
	reads("1,250.5k", 125050000);
	reads("800k", 80000000);
	reads("1 bn", 100000000000);
	reads("3 million", 300000000);
	reads("1,000,000,000,000", MONEY_MAX);
	refuses("");
	refuses(" ");
	refuses("-5");
	refuses("+5");
	refuses("abc");
	refuses("m");
	refuses(".5");
	refuses("5.");
	refuses("1.2345");
	refuses("12.345,6789");
	refuses("1,23,456");
	refuses("1,2345");
	refuses("1,234.567,8");
	refuses("1234,567.00");
	refuses("5 x");
	refuses("$5");
	refuses("1e6");
	refuses("1,000,000,000,000.01");
	refuses("1001 bn");
	refuses("99999999999999999999999");
	refuses("1111111111111111111111111111111111111111111111");
	for (int64_t n = 1; n < MONEY_MAX; n = n * 7 + 3) {
		int64_t back = -1;
		ok(money_parse(money_text(p, n), &back) && back == n, "%s reads back", money_text(p, n));
	}
	is(money_text(p, 0), "0", "nothing");
	is(money_text(p, 5), "0.05", "five hundredths");
	is(money_text(p, 1250), "12.50", "always two decimals");
	is(money_text(p, 250000000), "2,500,000", "or none");
	pool_free(p);
	return tap_done();
}
