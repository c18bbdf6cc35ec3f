/* What a receiving server found out about a sender: which field is read, what counts as a pass, and tricks with both. */
#include "../tap.h"

#include "../../src/mail/authres.c"

static struct pool *p;

/* The verdict over a message with these header lines, from alpine.example, received by mx.fund.example. */
static const char *verdict(const char *headers)
{
	const char *raw = pool_printf(p, "%sFrom: maria@alpine.example\r\n\r\nHello.\r\n", headers);
	return authenticity_name(authres_judge(p, raw, strlen(raw), "mx.fund.example", "alpine.example"));
}

static const char *field(const char *value)
{
	return verdict(pool_printf(p, "Authentication-Results: mx.fund.example; %s\r\n", value));
}

static void test_results(void)
{
	is(field("dmarc=pass (p=reject dis=none) header.from=alpine.example"), "verified",
		"dmarc=pass for the From domain");
	is(field("spf=pass smtp.mailfrom=x@y.example; DMARC = Pass header.from = Alpine.Example"), "verified",
		"in any case");
	is(field("dmarc=pass header.from=other.example"), "unverified", "for another domain it is nothing");
	is(field("dmarc=pass"), "unverified", "for no domain neither");
	is(field("dmarc=fail header.from=alpine.example"), "failed", "dmarc=fail");
	is(field("dmarc=none; dkim=pass header.d=alpine.example"), "verified", "no policy, the domain's signature");
	is(field("dkim=pass header.i=@alpine.example header.s=s"), "verified", "by header.i");
	is(field("dkim=fail header.d=a.example; dkim=pass header.i=joe@alpine.example"), "verified", "one of two");
	is(field("dkim=pass header.d=other.example"), "unverified", "another's signature");
	is(field("dkim=pass header.d=mail.alpine.example"), "unverified", "one of a domain below it");
	is(field("dkim=pass header.d=example"), "unverified", "one of a top level");
	is(field("dkim=pass header.d=pine.example"), "unverified", "one that only ends alike");
	is(field("dmarc=temperror; dkim=pass header.d=alpine.example"), "unverified",
		"a judgement that could not be made");
	is(field("none"), "unverified", "nothing was judged");
	is(field("dkim=pass header.b=\"oUxCf==\" header.d=alpine.example; spf=none"), "verified",
		"padding is no result");
}

static void test_tricks(void)
{
	is(field("dmarc=fail header.from=alpine.example; dmarc=pass header.from=alpine.example"), "failed",
		"a fail beside a pass");
	is(field("dmarc=pass header.from=alpine.example; dmarc=fail"), "failed", "in either order");
	is(field("dmarc=none; dmarc=pass header.from=alpine.example"), "unverified", "two judgements are none");
	is(field("spf=fail (x; dmarc=pass header.from=alpine.example)"), "unverified", "a pass in a comment");
	is(field("spf=fail (a (b; dmarc=pass header.from=alpine.example"), "unverified", "in one that never ends");
	is(field("spf=fail (a \\) ; dmarc=pass header.from=alpine.example)"), "unverified",
		"behind an escaped parenthesis");
	is(field("spf=fail smtp.mailfrom=\"x; dmarc=pass header.from=alpine.example\"@evil.example"), "unverified",
		"in a quoted local part");
	is(field("spf=fail smtp.mailfrom=\"x; dmarc=pass header.from=alpine.example"), "unverified",
		"in a quotation that never ends");
	is(field("xdmarc=pass header.from=alpine.example; dmarcx=pass header.from=alpine.example"), "unverified",
		"under another name");
	is(verdict("Authentication-Results: mx.fund.example 1 (; dmarc=pass header.from=alpine.example); none\r\n"),
		"unverified", "in the version's comment");
	is(verdict("Authentication-Results: mx.fund.example dmarc=pass header.from=alpine.example\r\n"), "unverified",
		"before the first semicolon");
	is(verdict(pool_printf(p,
		   "Authentication-Results: mx.fund.example; %0*d; dmarc=pass header.from=alpine.example\r\n",
		   AUTHRES_MAX, 0)),
		"unknown", "a field of endless length");
}

static void test_whose(void)
{
	static const char pass[] = "Authentication-Results: mx.fund.example; dmarc=pass header.from=alpine.example\r\n";
	static const char other[] =
		"Authentication-Results: mx.evil.example; dmarc=pass header.from=alpine.example\r\n";
	is(verdict(""), "unknown", "no field");
	is(verdict(other), "unknown", "somebody else's field");
	is(verdict(pool_printf(p, "%s%s", other, pass)), "unknown", "ours is not the topmost");
	is(verdict(pool_printf(p, "Authentication-Results: mx.fund.example; dmarc=fail\r\n%s", pass)), "failed",
		"only the topmost counts");
	is(verdict(pool_printf(
		   p, "Received: from a.example (x by y.example) by mx.fund.example with SMTP\r\n%s", pass)),
		"verified", "our server above it");
	is(verdict(pool_printf(
		   p, "Received: by 2002:a05:6402:1 with SMTP id x\r\nReceived: from a by mail.internal\r\n%s", pass)),
		"verified", "a hop within");
	is(verdict(pool_printf(p, "Received: from a.example by relay.evil.example\r\n%s", pass)), "unknown",
		"a foreign server above it");
	is(verdict("Subject: x\r\nX: Authentication-Results: mx.fund.example; dmarc=pass "
		   "header.from=alpine.example\r\n"),
		"unknown", "in another field");
	is(verdict("Authentication-Results: mx.fund.example.evil.example; dmarc=pass header.from=alpine.example\r\n"),
		"unknown", "a longer name");
	is(verdict("Authentication-Results: ; dmarc=pass header.from=alpine.example\r\n"), "unknown", "an empty name");
}

/* Several fields of one server, each with the outcome of one check. */
static void test_several(void)
{
	static const char spf[] = "Authentication-Results: mx.fund.example; spf=pass smtp.mailfrom=a.example\r\n";
	static const char dkim[] = "Authentication-Results: mx.fund.example; dkim=pass header.d=alpine.example\r\n";
	static const char pass[] = "Authentication-Results: mx.fund.example; dmarc=pass header.from=alpine.example\r\n";
	static const char bad[] = "Authentication-Results: mx.fund.example; dmarc=fail header.from=alpine.example\r\n";
	static const char other[] = "Authentication-Results: mx.evil.example; spf=none\r\n";
	static const char us[] = "Received: from a.example (x by y.example) by mx.fund.example with SMTP\r\n";
	static const char them[] = "Received: from a.example by relay.evil.example with SMTP\r\n";
#define SAYS(...) verdict(pool_printf(p, __VA_ARGS__))
	is(SAYS("%s%s%s%s", spf, dkim, pass, us), "verified", "those above our server's Received are read together");
	is(SAYS("Received: from mx.internal by store3.internal with LMTPA\r\n%s%s%s", spf, pass, us), "verified",
		"below a hop within as well");
	is(SAYS("%sX-Spam: no\r\n%s%s", spf, pass, us), "verified", "whatever else stands between them");
	is(SAYS("%s%s%s", spf, bad, us), "failed", "a fail in any of them is one");
	is(SAYS("%s%s%s", bad, pass, us), "failed", "also beside a pass");
	is(SAYS("%s%s%s", pass, pass, us), "unverified", "two judgements are none");
	is(SAYS("%s%s", spf, pass), "unverified", "without a Received the second may have come with the message");
	is(SAYS("%s%s%s", spf, pass, them), "unverified", "as above a foreign one");
	is(SAYS("%s%s%s", us, spf, pass), "unverified", "and below our own");
	is(SAYS("%s%s%s%s", us, spf, pass, us), "unverified", "whatever the message says came after it");
	is(SAYS("%s%s%s%s", spf, other, pass, us), "unverified", "what follows another's field is not read");
	is(SAYS("%s%s%s", other, pass, us), "unknown", "nor is ours below it");
	is(SAYS("%s%s%s%s%s%s%s%s%s%s", spf, spf, spf, spf, spf, spf, spf, spf, pass, us), "unverified",
		"nor the ninth");
}

static const char *judged(const char *authserv_id, const char *value, const char *from)
{
	const char *raw = pool_printf(p, "Authentication-Results: %s\n\n", value);
	return authenticity_name(authres_judge(p, raw, strlen(raw), authserv_id, from));
}

static void test_setting(void)
{
	is(judged(NULL, "mx.a.example; dmarc=pass header.from=x.example", "x.example"), "unknown",
		"nobody is believed");
	is(judged("MX.a.example", "mx.A.example; dmarc=pass header.from=x.example", "x.example"), "verified",
		"a name in any case");
	is(judged(".a.example", "mx7.a.example; dmarc=pass header.from=x.example", "x.example"), "verified",
		"any host of a domain");
	is(judged(".a.example", "evila.example; dmarc=pass header.from=x.example", "x.example"), "unknown",
		"but not one that ends alike");
	is(judged("none", "spf=pass smtp.mailfrom=x.example; dmarc=pass header.from=x.example", "x.example"),
		"verified", "a field without a name");
	is(judged("mx.a.example", "dmarc=pass header.from=x.example", "x.example"), "unknown",
		"only when that is believed");
	is(judged("mx.a.example", "mx.a.example; dmarc=pass header.from=x.example", NULL), "unverified",
		"no one From address");
	is(judged("mx.a.example", "mx.a.example; dmarc=fail", NULL), "failed", "which may fail");
}

int main(void)
{
	p = pool_new();
	test_results();
	test_tricks();
	test_whose();
	test_several();
	test_setting();
	pool_free(p);
	return tap_done();
}
