/* The header block as bytes, dates, addresses, and what a plain scan makes of a message. */
#include "../tap.h"

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/headers.h"
#include "mail/message.h"

static struct pool *p;

static const char *date_of(const char *s)
{
	static char out[INSTANT_SIZE];
	int64_t t;
	if (!mail_date_parse(s, &t))
		return "no";
	instant_format(t, out);
	return out;
}
#define DATE(in, want) is(date_of(in), want, in)

static void dates(void)
{
	DATE("Fri, 20 Nov 2026 14:05:09 +0100", "2026-11-20T13:05:09Z");
	DATE("20 Nov 2026 14:05 -0530", "2026-11-20T19:35:00Z");
	DATE("Fri, 20 Nov 2026 14:05:09 EST (Eastern, really)", "2026-11-20T19:05:09Z");
	DATE("Fri, 20 Nov 2026 14:05:09 GMT", "2026-11-20T14:05:09Z");
	DATE("Fri, 20 Nov 2026 14:05:09", "2026-11-20T14:05:09Z");
	DATE("Fri, 20 Nov 26 14:05:09 +0000", "2026-11-20T14:05:09Z");
	DATE("Mon, 3 Jan 94 14:05:09 +0000", "1994-01-03T14:05:09Z");
	DATE("Mon, 3 Jan 102 14:05:09 +0000", "2002-01-03T14:05:09Z");
	DATE("Fri Nov 20 14:05:09 2026", "2026-11-20T14:05:09Z");
	DATE("Fri Nov 20 14:05:09 CET 2026", "2026-11-20T13:05:09Z");
	DATE("20-Nov-2026 14:05:09 +0000", "2026-11-20T14:05:09Z");
	DATE("2026-11-20T14:05:09+01:00", "2026-11-20T13:05:09Z");
	DATE("Fri, 20 Nov 2026 14:05:09+0100", "2026-11-20T13:05:09Z");
	DATE("Wed, 31 Dec 2008 23:59:60 +0000", "2008-12-31T23:59:59Z");
	DATE("Sat, 29 Feb 2020 00:00:00 +0000", "2020-02-29T00:00:00Z");
	DATE("Fri, 20 Nov 2026 14:05:09 +9999", "2026-11-20T14:05:09Z");
	DATE("Fri, 32 Nov 2026 14:05:09 +0000", "no");
	DATE("Fri, 31 Nov 2026 14:05:09 +0000", "no");
	DATE("Fri, 20 Nov 2026 25:05:09 +0000", "no");
	DATE("Fri, 20 Nov 1901 14:05:09 +0000", "no");
	DATE("Fri, 20 Nov 2901 14:05:09 +0000", "no");
	DATE("Thu, 1 Jan 1970 00:00:00 +0100", "no");
	DATE("Fri, 31 Dec 2100 20:09:06 -0500", "no");
	DATE("Fri, 31 Dec 2100 18:59:59 -0500", "2100-12-31T23:59:59Z");
	DATE("yesterday", "no");
	DATE("", "no");
	DATE("((((((", "no");
}

static void address(const char *in, const char *want)
{
	is(addr_normalise(p, in), want, in);
}

static void addresses(void)
{
	address(" <Maria.Keller@Example.COM> ", "maria.keller@example.com");
	address("a+b@x-y.example", "a+b@x-y.example");
	address("jörg@müller.example", "jörg@müller.example");
	static const char *const bad[] = {"", "a", "a@b", "@b.example", "a@", "a..b@c.example", ".a@c.example",
		"a.@c.example", "a b@c.example", "\"a b\"@c.example", "a@[127.0.0.1]", "a@127.0.0.1", "a@-b.example",
		"a@b-.example", "a@b..example", "a@b.example.", "a@b.example\n", "a\r\nBcc: x@y.example",
		"a(c)@b.example", "a@b,c.example", "a\xe2\x80\x8b@b.example", "a\xff@b.example", "a@b@c.example\t"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!addr_valid(bad[i]), "refused: %s", str_squeeze(p, bad[i]));
	static const char *const machines[] = {"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply",
		"donot-reply", "do-notreply", "do_not_reply", "alerts-noreply", "alerts.do-not-reply", "noreply+1"};
	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
		ok(addr_refuses_replies(pool_printf(p, "%s@b.example", machines[i])), "no person: %s", machines[i]);
	static const char *const people[] = {
		"reply", "casanoreply", "noreplyson", "no", "not-reply", "maria.noreply.keller"};
	for (size_t i = 0; i < sizeof people / sizeof *people; i++)
		ok(!addr_refuses_replies(pool_printf(p, "%s@noreply.example", people[i])), "a person: %s", people[i]);
	char local[100] = {0};
	memset(local, 'a', 65);
	ok(!addr_valid(pool_printf(p, "%s@b.example", local)), "a local part of 65");
	ok(addr_valid(pool_printf(p, "%s@b.example", local + 1)), "one of 64");

	struct mail_addr a = {0};
	ok(addr_parse_one(p, "\"Keller, Maria\" <M@b.example>", &a), "quoted name");
	is(a.name, "Keller, Maria", "its name");
	is(a.email, "m@b.example", "its address");
	ok(addr_parse_one(p, "m@b.example", &a) && !a.name, "no name");
	ok(!addr_parse_one(p, "Keller, Maria <m@b.example>", &a), "a bare comma is two addresses");
	ok(!addr_parse_one(p, "a@b.example, c@d.example", &a), "two");
	ok(!addr_parse_one(p, "A <a@b.example> x", &a), "something after it");
	ok(!addr_parse_one(p, "A\r\nBcc: <a@b.example>", &a), "a line break");
	is(addr_domain("a@b.example"), "b.example", "the domain");
}

#define BLOCK(s, want)                                                                                                 \
	do {                                                                                                           \
		size_t body_at;                                                                                        \
		is_int(headers_length(s, sizeof(s) - 1, &body_at), want, "block of " #s);                              \
	} while (0)

static void blocks(void)
{
	BLOCK("A: b\r\n\r\nbody", 6);
	BLOCK("A: b\n\nbody", 5);
	BLOCK("A: b\n \nC: d\n\nbody", 12);
	BLOCK("A: b\r\n\r\r\nC: d\r\n\r\nbody", 15);
	BLOCK("A: b", 4);
	BLOCK("", 0);
	BLOCK("\nbody", 0);
	static const char m[] = "From me Mon Jan  1\nA: b\n c\nX: \xff\nbroken line\nSubject : late\n\nA: body";
	is(headers_first(p, m, sizeof m - 1, "a"), "b c", "unfolded");
	is(headers_first(p, m, sizeof m - 1, "X"), "\xef\xbf\xbd", "repaired");
	is(headers_first(p, m, sizeof m - 1, "subject"), "late", "after a broken line, with a blank before the colon");
	is(headers_first(p, m, sizeof m - 1, "Y"), NULL, "absent");
	char sum[SHA256_HEX], want[SHA256_HEX];
	headers_body_sha256(m, sizeof m - 1, sum);
	sha256_hex("A: body", 7, want);
	is(sum, want, "the body's hash is over its bytes");
	is(headers_text(p, "A: b\r\n c\r\n\r\nx", 13), "A: b\n c\n", "the block for showing");
}

static struct mail_message *scan(const char *s)
{
	struct mail_message *m = message_new(p);
	headers_scan(p, s, strlen(s), "because", m);
	return m;
}

static void scans(void)
{
	struct mail_message *m = scan(
		"From: \"Keller, M\" <M@b.example>\nTo: x@y.example (X), Team: a@b.example, <c@d.example>;\n"
		"cc: undisclosed-recipients:;\nSubject: =?utf-8?q?a?=\n b\nMessage-Id: <1@x>\n"
		"References: <a@x> junk <b@x>\nIn-Reply-To: your mail <b@x>\nDate: Fri, 20 Nov 2026 14:05:09 +0000\n"
		"Received: by a; Fri, 20 Nov 2026 14:05:10 +0000\nReceived: by b; Fri, 20 Nov 2026 14:05:00 +0000\n\n");
	ok(m->is_unparsed, "marked");
	is(m->unparsed_reason, "because", "with the reason");
	is_int(m->addr_count, 4, "people");
	is(m->addrs[0].name, "Keller, M", "a quoted comma");
	is(m->addrs[0].email, "m@b.example", "normalised");
	is(m->addrs[1].email, "x@y.example", "with a comment");
	is(m->addrs[2].email, "a@b.example", "first of a group");
	is(m->addrs[3].email, "c@d.example", "last of a group");
	is(m->subject, "=?utf-8?q?a?= b", "subject, not decoded");
	is(m->message_id, "1@x", "id");
	is_int(m->references_count, 2, "references");
	is_int(m->in_reply_to_count, 1, "in reply to");
	is_int(m->received - m->date, 1, "the topmost Received");
	is(message_defects(p, m), "", "no defects");
	ok(!m->is_automated, "a person's");
	m = scan("From: a@b.example\nFrom: c@d.example\nTo: a@b.example\nTo: e@f.example\nDate: never\n\n");
	is(message_defects(p, m), "two-from two-headers bad-date no-message-id", "defects");
	is_int(m->addr_count, 2, "the first counts");
	is(message_defects(p, scan("\n")), "no-message-id no-from no-date", "nothing at all");
}

static void automation(const char *header, const char *reason, bool list, bool bounce)
{
	struct mail_message *m = scan(pool_printf(p, "From: a@b.example\n%s\n\n", header));
	is(m->automated_reason, reason, header);
	ok(m->is_automated == (reason != NULL) && m->is_list == list && m->is_bounce == bounce, "its flags");
}

static void machines(void)
{
	automation("Auto-Submitted: no", NULL, false, false);
	automation("Auto-Submitted: no; owner=me", NULL, false, false);
	automation("Auto-Submitted: auto-replied", "auto-submitted", false, false);
	automation("Auto-Submitted: nonsense", "auto-submitted", false, false);
	automation("List-Id: Fund news <news.b.example>", "list", true, false);
	automation("List-Unsubscribe: <mailto:x@y.example>", "list", true, false);
	automation("Precedence: bulk", "precedence", true, false);
	automation("Precedence: auto_reply", "precedence", false, false);
	automation("Precedence: first-class", NULL, false, false);
	automation("X-Auto-Response-Suppress: All", "suppress", false, false);
	automation("Return-Path: <>", "null-sender", false, false);
	automation("Return-Path: <a@b.example>", NULL, false, false);
	automation("Sender: news-bounces+42@b.example", "machine-sender", false, false);
	automation("X-Countersign-Id: 17", NULL, false, false); /* anybody can write it */
	automation("X-Failed-Recipients: x@y.example", "bounce", false, true);
	automation("Content-Type: multipart/report;\n report-type=delivery-status; boundary=x", "bounce", false, true);
	automation("Content-Type: multipart/report; report-type=disposition-notification", "report", false, false);
	struct mail_message *m = scan("Return-Path: <>\nFrom: MAILER-DAEMON (Mail Delivery System)\n\n");
	ok(m->is_bounce, "a daemon without a domain and an empty Return-Path");
	m = scan("From: No-Reply@b.example\nList-Id: <x.y>\n\n");
	is(m->automated_reason, "list", "the more telling reason");
	is(m->list_id, "x.y", "list id");
}

/* What a list says of who wrote it. */
static void originals(void)
{
	struct mail_message *m =
		scan("From: X <l@b.example>\nX-Original-From: Maria <M@c.example>\nX-Original-Sender: s@c.example\n"
		     "List-Id: <l.b.example>\nPrecedence: list\n\n");
	is(m->original.email, "m@c.example", "X-Original-From");
	is(m->original.name, "Maria", "its name");
	ok(m->is_list_only, "nothing but a list");
	m = scan("From: l@b.example\nX-Original-Sender: s@c.example\nX-Original-From: Maria <m@c.example>\n\n");
	is(m->original.email, "m@c.example", "in whatever order");
	ok(!m->is_list_only, "no list at all");
	is(scan("From: l@b.example\nX-Original-Sender: s@c.example\n\n")->original.email, "s@c.example",
		"X-Original-Sender");
	ok(!scan("From: l@b.example\nX-Original-From: a@c.example, b@c.example\n\n")->original.email, "two are nobody");
	ok(!scan("List-Id: <x.y>\nAuto-Submitted: auto-replied\n\n")->is_list_only, "an answering machine in a list");
	ok(!scan("List-Id: <x.y>\nPrecedence: auto_reply\n\n")->is_list_only, "and by its Precedence");
	ok(!scan("List-Id: <x.y>\nX-Original-From: noreply@c.example\n\n")->is_list_only, "and by its writer");
}

static void limits(void)
{
	struct mail_message *m = message_new(p);
	size_t n = 3000 * 10, at = 0;
	char *big = pool_alloc(p, n + 1);
	for (int i = 0; i < 3000; i++, at += 10)
		memcpy(big + at, "X-A: yyyy\n", 10);
	headers_scan(p, big, n, "r", m);
	ok(strstr(message_defects(p, m), "too-many-headers"), "too many fields");
	char *list = pool_alloc(p, 3000 * 12 + 10);
	memcpy(list, "To: ", 4);
	for (size_t i = 0; i < 3000; i++)
		memcpy(list + 4 + 12 * i, "aa@bb.exam, ", 12);
	m = message_new(p);
	headers_scan(p, list, strlen(list), "r", m);
	is_int(m->addr_count, MAIL_ADDRS_MAX, "addresses stop at the limit");
	ok(strstr(message_defects(p, m), "truncated"), "and that is said");
	char *huge = pool_alloc(p, 400 * 1024);
	memset(huge, 'a', 400 * 1024);
	memcpy(huge, "Subject: ", 9);
	m = message_new(p);
	headers_scan(p, huge, 400 * 1024, "r", m);
	is_int(strlen(m->subject), MAIL_SUBJECT_MAX, "a subject is clipped");
}

int main(void)
{
	p = pool_new();
	dates();
	addresses();
	blocks();
	scans();
	machines();
	originals();
	limits();
	pool_free(p);
	return tap_done();
}
