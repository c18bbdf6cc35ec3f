/* The parser's processes: sandbox, order of the slots, a worker that dies, hangs or lies, and the nursery's end. */
#include "../tap.h"

#include "mail/parser.c"

#include "base/str.h"

static struct pool *p;
static struct parser *parser;

static struct mail_message *parsed(const char *raw)
{
	struct mail_message *m = NULL;
	return parser_parse(parser, p, raw, strlen(raw), &m) == OK ? m : NULL;
}

static void start(void)
{
	struct fault f;
	fault_init(&f, p);
	if (parser_start(&f, p, &parser) != OK)
		ok(false, "start: %s", f.items->message);
}

static void normal(void)
{
	struct buf *b = buf_new(p, 4096);
	is_int(parser_selftest_sandbox(parser, b), 0, "the sandbox refuses everything");
	ok(strstr(b->data, "open=ok\n") && strstr(b->data, "execve=ok\n") && strstr(b->data, "map-code=ok\n"),
		"and says what");
	static const char a[] = "Subject: A\n\nbody", c[] = "Subject: =?iso-8859-2?q?=B1?=\n\nbody";
	struct mail_message *m = NULL;
	is_int(parser_submit(parser, 0, a, sizeof a - 1), OK, "first slot");
	is_int(parser_submit(parser, 1, c, sizeof c - 1), OK, "second slot");
	ok(parser_result(parser, 1, p, &m) == OK && str_eq(m->subject, "ą"),
		"the second's message, its charset in the sandbox");
	ok(parser_result(parser, 0, p, &m) == OK && str_eq(m->subject, "A"), "the first's");
	ok(!m->is_unparsed, "parsed");
	char want[SHA256_HEX];
	sha256_hex("body", 4, want);
	is(m->body_sha256, want, "the body's hash");
	m = parsed("Content-Type: a/b; name=x\n\nbody");
	is(m->attachments[0].sha256, want, "an attachment's hash");
}

static void large(void)
{
	size_t n = MAIL_RAW_MAX + 1;
	char *raw = pool_alloc(p, n);
	struct mail_message *m = NULL;
	memset(raw, 'a', n);
	memcpy(raw, "Subject: big\nFrom: x@y.example\nContent-Type: x/y\n\n", 50);
	is_int(parser_parse(parser, p, raw, n, &m), OK, "too large a message");
	is(m->unparsed_reason, "too large", "is not parsed");
	is(m->subject, "big", "but its headers are read");
	is_int(parser_parse(parser, p, raw, MAIL_RAW_MAX, &m), OK, "the largest");
	is(m->unparsed_reason, NULL, "is parsed");
	is_int(m->attachment_count, 1, "with its file");
}

/* What the parser does when the worker's end of the socket is this test. */
static void fake(const char *name, const void *answer, size_t n, const char *want)
{
	int pair[2];
	struct slot *s = &parser->slots[0];
	static const char raw[] = "Subject: kept\nFrom: x@y.example\n\nbody";
	struct mail_message *m = NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		BUG("socketpair");
	slot_close(s);
	s->fd = pair[0];
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	s->served = 0;
	is_int(parser_submit(parser, 0, raw, sizeof raw - 1), OK, name);
	file_write_all(pair[1], answer, n);
	close(pair[1]);
	is_int(parser_result(parser, 0, p, &m), OK, "gives a message");
	ok(m->is_unparsed && str_starts(m->unparsed_reason, want), "not parsed: %s", m->unparsed_reason);
	is(m->subject, "kept", "its headers are read");
	ok(!parsed("Subject: y\n\n")->is_unparsed, "and the next worker is a good one");
}

static void liars(void)
{
	struct wire_head huge = {WIRE_PARSE, UINT32_MAX}, other = {WIRE_SELFTEST, 0}, empty = {WIRE_PARSE, 0};
	struct {
		struct wire_head head;
		char data[8];
	} junk = {{WIRE_PARSE, 8}, "\xff\xff\xff\xff\x01"}, half = {{WIRE_PARSE, 80}, ""};
	fake("no answer", "", 0, "parser ended");
	fake("half a head", &empty, 3, "parser ended");
	fake("a huge answer", &huge, sizeof huge, "parser gave a malformed");
	fake("another kind", &other, sizeof other, "parser gave a malformed");
	fake("an empty answer", &empty, sizeof empty, "parser gave a malformed");
	fake("junk", &junk, sizeof junk, "parser gave a malformed");
	fake("half an answer", &half, sizeof half, "parser ended");
}

/* A worker that died between two messages costs nothing; one that dies on its first message is said to have ended. */
static void deaths(void)
{
	struct slot *s = &parser->slots[0];
	struct mail_message *m = NULL;
	static const char raw[] = "Subject: z\n\nbody";
	parsed(raw);
	is_int(s->served > 0, 1, "a worker that has served");
	shutdown(s->fd, SHUT_RDWR);
	is_int(parser_parse(parser, p, raw, sizeof raw - 1, &m), OK, "dies");
	ok(!m->is_unparsed, "and the message is parsed by the next one");
	s->served = 0;
	shutdown(s->fd, SHUT_RDWR);
	is_int(parser_parse(parser, p, raw, sizeof raw - 1, &m), OK, "a fresh one dies");
	is(m->unparsed_reason, "parser ended", "and the message says so");
}

static void late(void)
{
	int pair[2];
	struct slot *s = &parser->slots[0];
	struct mail_message *m = NULL;
	static const char raw[] = "Subject: slow\n\nbody";
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		BUG("socketpair");
	slot_close(s);
	s->fd = pair[0];
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	is_int(parser_submit(parser, 0, raw, sizeof raw - 1), OK, "a worker that never answers");
	s->deadline = clock_mono_us(); /* as if ten seconds had passed */
	file_write_all(pair[1], "\1", 1);
	is_int(parser_result(parser, 0, p, &m), OK, "gives a message");
	is(m->unparsed_reason, "parser took longer than 10 s", "and the reason");
	is(m->subject, "slow", "its headers are read");
	close(pair[1]);
}

static void gone(void)
{
	struct mail_message *m = NULL;
	kill(parser->nursery_pid, SIGKILL);
	waitpid(parser->nursery_pid, NULL, 0);
	shutdown(parser->slots[1].fd, SHUT_RDWR);
	is_int(parser_submit(parser, 1, "a", 1), OK, "with no nursery");
	is_int(parser_result(parser, 1, p, &m), E_INTERNAL, "the message is not judged");
	is_int(parser_submit(parser, 1, "a", 1), E_INTERNAL, "and no other is taken");
	parser_stop(parser);
	parser_stop(parser);
	parser_stop(NULL);
}

int main(void)
{
	p = pool_new();
	start();
	normal();
	large();
	liars();
	deaths();
	late();
	gone();
	start();
	ok(parsed("Subject: x\n\n") != NULL, "a second parser in the same process");
	pool_free(p);
	return tap_done();
}
