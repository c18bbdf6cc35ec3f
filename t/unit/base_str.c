/* Text: numbers, UTF-8, folding, splitting. */
#include "../tap.h"

#include "base/pool.h"
#include "base/str.h"

static void numbers(void)
{
	static const char *const bad[] = {
		"", " 1", "1 ", "1x", "1e3", "0x1", "+1", "--1", "-", "9223372036854775808", "1.0"};
	int64_t n;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!str_i64(bad[i], INT64_MIN, INT64_MAX, &n), "\"%s\" is not a number", bad[i]);
	ok(str_i64("9223372036854775807", 0, INT64_MAX, &n) && n == INT64_MAX, "the largest");
	ok(str_i64("-9223372036854775808", INT64_MIN, 0, &n) && n == INT64_MIN, "the smallest");
	ok(str_i64("12", 1, 12, &n) && n == 12 && !str_i64("13", 1, 12, &n), "a range");
}

static void utf8(struct pool *p)
{
	static const struct {
		const char *bytes;
		const char *what;
	} bad[] = {{"\xc0\xaf", "an overlong"}, {"\xed\xa0\x80", "a surrogate"}, {"\xf4\x90\x80\x80", "past U+10FFFF"},
		{"\xff", "a byte that is never in UTF-8"}, {"\xe2\x82", "a cut sequence"},
		{"\x80", "a stray continuation"}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ok(!utf8_valid(bad[i].bytes, strlen(bad[i].bytes)), "%s is refused", bad[i].what);
		char *fixed = utf8_repair(p, bad[i].bytes, strlen(bad[i].bytes));
		ok(utf8_valid(fixed, strlen(fixed)), "and repaired");
	}
	ok(!utf8_valid("a\0b", 3), "NUL is refused");
	ok(utf8_valid("Zo\xc3\xab \xf0\x9f\x8c\xb1", 9), "good text is good");
	is_int(utf8_clip("a\xc3\xa9", 3, 2), 1, "clipped on a character");
	is_int(utf8_clip("a\xc3\xa9", 3, 3), 3, "all of it when it fits");
	uint32_t c;
	ok(utf8_next("\xe2\x82\xac", 3, &c) == 3 && c == 0x20ac, "one character");
	is_int(utf8_next("", 0, &c), 0, "none at the end");
}

static void words(struct pool *p)
{
	is(str_trim(p, "  a b\n"), "a b", "trimmed");
	is(str_words(p, "Zo\u00eb O'Brien, ZKB"), "zoe o brien zkb", "words without case, accents and punctuation");
	is(str_words(p, " \u2013 m.keller@x-y.example "), "m keller x y example", "addresses are words too");
	is(str_words(p, "Stra\u00dfe \u674e\u660e \uff21\uff11"), "strasse \u674e\u660e a1", "in any script");
	is(str_words(p, "\xff% "), "", "and nothing where there is none");
	is(str_squeeze(p, " a \t\n b\x01 c "), "a b c", "squeezed");
	is(str_lower(p, "AbC\xc3\x84"), "abc\xc3\x84", "ASCII lower case");
	is(str_fold(p, "STRA\xc3\x9f"
		       "E"),
		str_fold(p, "strasse"), "folded for comparing");
	is(str_fold(p, "\xef\xac\x81"), "fi", "ligatures too");
	size_t n;
	char **parts = str_split(p, " a, b ,,c;", ",;", &n);
	ok(n == 3 && !parts[3], "split in three");
	is(parts[1], "b", "each trimmed");
	ok(str_eq(NULL, NULL) && !str_eq(NULL, "") && str_ieq("AbC", "aBc"), "comparing");
	ok(str_starts("abc", "ab") && !str_starts("a", "ab") && str_ends("abc", "bc") && !str_ends("c", "bc"), "ends");
	ok(str_blank(NULL) && str_blank(" \n") && !str_blank(" x"), "blank");
}

int main(void)
{
	struct pool *p = pool_new();
	numbers();
	utf8(p);
	words(p);
	pool_free(p);
	return tap_done();
}
