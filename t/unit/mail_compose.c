/* Outbound messages: exact bytes, limits of lines, what is refused, and that the parser reads back what was written. */
#include "../tap.h"

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/compose.h"
#include "mail/message.h"
#include "mail/mime.h"

static struct pool *p;
static const struct mail_addr jo = {.name = "Jo Frei", .email = "jo@fund.example"};
static const struct mail_addr maria = {.name = "Keller, Maria", .email = "maria@lp.example"};

static struct compose plain(void)
{
	return (struct compose){.from = jo,
		.to = &maria,
		.to_count = 1,
		.subject = "Call",
		.text = "Hello\nMaria\n",
		.message_id = "1@fund.example",
		.date = 1795183509};
}

static const char *composed(struct compose c)
{
	struct fault f;
	char *bytes = NULL;
	size_t n = 0;
	fault_init(&f, p);
	if (compose_message(&f, p, &c, &bytes, &n) != OK)
		return pool_printf(p, "!%s %s", f.items->field, f.items->message);
	return strlen(bytes) == n ? bytes : "!length";
}

/* 7 bits, CRLF only, no line over 78 unless it cannot be folded; the longest line's length, 0 when something is wrong. */
static size_t longest(const char *s)
{
	size_t most = 0;
	while (*s) {
		size_t n = strcspn(s, "\r\n");
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)s[i] >= 0x7f)
				return 0;
		if (s[n] != '\r' || s[n + 1] != '\n')
			return 0;
		most = n > most ? n : most;
		s += n + 2;
	}
	return most;
}

static struct mail_message *parsed(const char *bytes)
{
	struct mail_message *m = message_new(p);
	mime_parse(p, pool_strdup(p, bytes), strlen(bytes), m);
	return m;
}

static void exact(void)
{
	is(composed(plain()),
		"Date: Fri, 20 Nov 2026 14:05:09 +0000\r\nFrom: Jo Frei <jo@fund.example>\r\n"
		"To: \"Keller, Maria\" <maria@lp.example>\r\nSubject: Call\r\nMessage-ID: <1@fund.example>\r\n"
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
		"7bit\r\n\r\n"
		"Hello\r\nMaria\r\n",
		"a plain message, byte for byte");
	struct compose c = plain();
	c.html = "<p>Hello</p>";
	const char *first = composed(c);
	is(composed(c), first, "the same struct gives the same bytes");
	ok(strstr(first, "multipart/alternative; boundary=\"=_"), "alternatives");
	struct mail_message *m = parsed(first);
	is(m->text, "Hello\nMaria", "text read back");
	is(m->html, "<p>Hello</p>\r\n", "HTML read back");
	is_int(m->defect_count, 0, "without defects");
	ok(m->has_date && m->date == 1795183509, "date read back");
}

static void round_trip(const char *subject, const char *name, const char *text)
{
	struct compose c = plain();
	struct mail_addr to = {.name = name, .email = "maria@lp.example"};
	c.subject = subject;
	c.to = &to;
	c.text = text;
	const char *bytes = composed(c);
	struct mail_message *m = parsed(bytes);
	is(m->subject, subject, "subject");
	is(m->addrs[1].name, name, "name");
	is(m->addrs[1].email, "maria@lp.example", "address");
	is(m->text, text, "text");
	size_t most = longest(bytes);
	ok(most > 0 && most <= 78, "lines: %zu", most);
}

static void round_trips(void)
{
	struct buf *long_text = buf_new(p, 10000), *umlauts = buf_new(p, 10000);
	for (int i = 0; i < 90; i++)
		buf_str(long_text, i % 30 == 29 ? "=x.\n" : "word ");
	buf_str(long_text, "end");
	for (int i = 0; i < 60; i++)
		buf_str(umlauts, "Überlänge ");
	buf_str(umlauts, "ß");
	round_trip("Capital call", "Maria Keller", "one\n\ntwo");
	round_trip("Grüße aus Zürich – 中文 and some more text that makes it long enough for two lines of it",
		"Jörg Müller", "Grüße\n\nZürich");
	round_trip("=?utf-8?q?not_encoded?=", "\"Maria\" \\ Keller", "From here\n.dot\n..\nFrom there");
	round_trip("a long ASCII subject with many words that has to be folded somewhere along its way to the reader",
		"Maria Anna Sophia Theresia Elisabeth Keller-Meierhans von und zu Bad Homburg", long_text->data);
	round_trip("x: y", "М", "Привет, как дела? Это длинный текст по-русски, который надо закодировать.");
	char *word = pool_alloc(p, 301);
	memset(word, 'w', 300);
	round_trip(word, "O'Neil (LP) <x>", word);
	round_trip(pool_strndup(p, umlauts->data, 599), "a", umlauts->data);
	round_trip("tabs", "a", "a\tb =3D = \tc");
}

static void thread(void)
{
	struct compose c = plain();
	const char *refs[300];
	for (int i = 0; i < 300; i++)
		refs[i] = pool_printf(p, "ref-%d@lp.example", i);
	c.in_reply_to = refs[299];
	c.references = refs;
	c.references_count = 300;
	c.auto_submitted = "auto-generated";
	c.list_id = "Fund news <news.fund.example>";
	struct compose_header extra = {"X-Countersign-Id", "17"};
	c.headers = &extra;
	c.header_count = 1;
	const char *bytes = composed(c);
	struct mail_message *m = parsed(bytes);
	is_int(m->references_count, MAIL_REFS_MAX, "a long chain loses its middle");
	is(m->references[0], "ref-0@lp.example", "not its first");
	is(m->references[99], "ref-299@lp.example", "nor its last");
	is(m->in_reply_to[0], "ref-299@lp.example", "in reply to");
	is(m->list_id, "news.fund.example", "list id");
	is(m->countersign_id, "17", "an extra header");
	ok(m->is_automated && m->is_list, "automated");
	ok(strstr(bytes, "X-Auto-Response-Suppress: All\r\n"), "no answers from machines");
	ok(longest(bytes) <= 78, "folded");
	const char *wide[] = {"ä@b.example"};
	c.references = wide;
	c.references_count = 1;
	ok(!strstr(composed(c), "References"), "an id beyond ASCII is left out");
}

static void refused(const char *want, struct compose c)
{
	const char *got = composed(c);
	ok(*got == '!' && str_starts(got + 1, want), "refused: %s (%s)", want, got);
}
#define REFUSED(field, change)                                                                                         \
	do {                                                                                                           \
		struct compose c = plain();                                                                            \
		change;                                                                                                \
		refused(field, c);                                                                                     \
	} while (0)

static void refusals(void)
{
	static const struct mail_addr inject = {.name = "a\r\nBcc: x@y.example", .email = "a@b.example"};
	static const struct mail_addr bad = {.email = "a@b"}, wide = {.email = "ä@b.example"};
	static const char *ids[] = {"a b@c"};
	REFUSED("subject", c.subject = "a\r\nBcc: x@y.example");
	REFUSED("subject", c.subject = "a\nb");
	REFUSED("subject", c.subject = "a\x01");
	REFUSED("subject", c.subject = "a\xc2\x85");
	REFUSED("subject", c.subject = "a\xff");
	REFUSED("to", c.to = &inject);
	REFUSED("to", c.to = &bad);
	REFUSED("to", c.to = &wide);
	REFUSED("to", c.to_count = 0);
	REFUSED("cc", (c.cc = &bad, c.cc_count = 1));
	REFUSED("from", c.from = bad);
	REFUSED("text", c.text = NULL);
	REFUSED("text", c.text = "\xff");
	REFUSED("html", c.html = "\xff");
	REFUSED("message_id", c.message_id = NULL);
	REFUSED("message_id", c.message_id = "a>\r\nb@c");
	REFUSED("message_id", c.message_id = "no-at");
	REFUSED("in_reply_to", c.in_reply_to = "a\nb@c");
	REFUSED("references", (c.references = ids, c.references_count = 1));
	REFUSED("list_id", c.list_id = "x");
	REFUSED("list_id", c.list_id = "<x\r\ny>");
	REFUSED("auto_submitted", c.auto_submitted = "a b");
	static const char *const names[] = {
		"bcc", "Subject", "Content-Type", "X Y", "X:", "", "Resent-To", "MIME-version"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct compose_header h = {names[i], "x"};
		REFUSED("headers", (c.headers = &h, c.header_count = 1));
	}
	struct compose_header h = {"X-A", "x\ny"};
	REFUSED("headers", (c.headers = &h, c.header_count = 1));
}

int main(void)
{
	p = pool_new();
	mime_warm();
	exact();
	round_trips();
	thread();
	refusals();
	pool_free(p);
	return tap_done();
}
