/* Links in text: where they begin and end, where they lead, what is wrong with them. */
#include "../tap.h"

#include "../../src/mail/links.c"

static struct pool *p;

/* "host" of each link, with ! for a mismatch and ~ for a disguise. */
static const char *found(const char *text)
{
	size_t n;
	struct web_link *l = links_find(p, text, strlen(text), &n);
	char *out = pool_strdup(p, "");
	for (size_t i = 0; i < n; i++)
		out = pool_printf(p, "%s%s%s%s%s", out, i ? " " : "", l[i].host, l[i].is_mismatch ? "!" : "",
			l[i].is_disguised ? "~" : "");
	return out;
}

static const char *first_url(const char *text)
{
	size_t n;
	struct web_link *l = links_find(p, text, strlen(text), &n);
	return n ? l[0].url : NULL;
}

static void test_extent(void)
{
	is(first_url("See https://a.example/x?y=1&z=2#f."), "https://a.example/x?y=1&z=2#f", "without the full stop");
	is(first_url("(HTTP://A.example/x_(1))"), "http://A.example/x_(1))", "parentheses that it opened itself");
	is(first_url("(https://a.example/)"), "https://a.example/", "but not those around it");
	is(first_url("<https://a.example/>,"), "https://a.example/", "in brackets");
	is(first_url("xhttps://a.example/"), NULL, "not inside a word");
	is(first_url("https://"), NULL, "nowhere");
	is(first_url("https:///x"), NULL, "to no host");
	is(first_url("javascript:alert(1) ftp://a.example data:text/html,x www.a.example"), NULL,
		"only http and https");
	is(first_url(pool_printf(p, "https://a.example/%0*d", LINK_MAX, 0)), NULL, "endless");
}

static void test_target(void)
{
	is(found("https://A.example:8080/x https://b.example?x https://c.example#y"), "a.example b.example c.example",
		"hosts");
	is(found("https://bank.example@evil.example/"), "evil.example!", "what stands before an @ is no host");
	is(found("https://bank.example\\@evil.example/"), "bank.example", "a backslash ends it, as in a browser");
	is(found("https://[2001:db8::1]:80/x"), "[2001:db8::1]", "an address");
	is(found("https://xn--bnk-0na.example/"), "xn--bnk-0na.example~", "punycode");
	is(found("https://b\xd0\xb0nk.example/"), "b\xd0\xb0nk.example~", "a Cyrillic letter among Latin ones");
}

static void test_mismatch(void)
{
	is(found("www.bank.example <https://evil.example/login>"), "evil.example!", "one address shown, another meant");
	is(found("https://bank.example/login <https://bank.example.evil.example/>"),
		"bank.example bank.example.evil.example!", "a longer name");
	is(found("bank.example <https://www.bank.example/>"), "www.bank.example", "the same site");
	is(found("bank.example <https://login.bank.example/>"), "login.bank.example", "a part of it");
	is(found("our terms <https://bank.example/>"), "bank.example", "words say nothing");
	is(found("Thanks. <https://bank.example/>"), "bank.example", "nor does the end of a sentence");
	is(found("maria@bank.example <https://evil.example/>"), "evil.example", "nor an address of mail");
	is(found("(bank.example), <https://evil.example/>"), "evil.example!", "but an address among signs does");
	is(found("bank.example\n<https://evil.example/>"), "evil.example!", "and one on the line before");
	is(found("version 1.25 <https://bank.example/>"), "bank.example", "a number is no address");
}

int main(void)
{
	p = pool_new();
	test_extent();
	test_target();
	test_mismatch();
	char *many = pool_alloc(p, LINKS_MAX * 40 + 1);
	for (int i = 0; i < LINKS_MAX * 2; i++)
		memcpy(many + i * 20, "https://a.example/x ", 20);
	size_t n;
	links_find(p, many, strlen(many), &n);
	ok(n == LINKS_MAX, "no more than can be shown");
	pool_free(p);
	return tap_done();
}
