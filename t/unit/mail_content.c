/* Copies of one message, and messages that only look like one. */
#include <string.h>

#include "../tap.h"

#include "base/pool.h"
#include "mail/message.h"

static struct pool *p;

static struct mail_message *made(void)
{
	struct mail_message *m = message_new(p);
	m->message_id = "1@x.example";
	m->subject = "Call";
	m->text = "Dear Ada,\n\nwe agree.\n";
	m->date = 1772532000;
	m->has_date = true;
	message_add_addr(p, m, MAIL_FROM, "Maria", "maria@alpine.example");
	return m;
}

static void attach(struct mail_message *m, const char *type, const char *data)
{
	m->attachments = pool_array(p, 1, sizeof *m->attachments);
	m->attachments[0] = (struct mail_attachment){
		.name = "a", .type = type, .data = (const unsigned char *)data, .len = strlen(data)};
	sha256_hex(data, strlen(data), m->attachments[0].sha256);
	m->attachment_count = 1;
}

static void same(const struct mail_message *a, const struct mail_message *b, bool want, const char *what)
{
	char x[SHA256_HEX], y[SHA256_HEX];
	bool both = message_content_sha256(p, a, x) && message_content_sha256(p, b, y);
	ok(both && (strcmp(x, y) == 0) == want, "%s: %s", what, want ? "one message" : "two");
}

int main(void)
{
	p = pool_new();
	struct mail_message *m = made(), *o = made();
	same(m, o, true, "the same");
	o->text = "Dear Ada,  \r\n\r\nwe agree.";
	same(m, o, true, "line ends and blanks before them");
	o->text = "Dear Ada,\n\nwe  agree.\n";
	same(m, o, false, "blanks within a line");
	o->text = "Dear Ada,\nwe agree.\n";
	same(m, o, false, "an empty line less");
	o = made();
	o->subject = "Cal";
	same(m, o, false, "another subject");
	o = made();
	o->date++;
	same(m, o, false, "another date");
	o = made();
	o->addrs[0].email = "maria@evil.example";
	same(m, o, false, "another sender");
	o = made();
	message_add_addr(p, o, MAIL_TO, NULL, "grace@fund.example");
	same(m, o, true, "another recipient, as a list has them");
	o->html = "<p>Pay here";
	o->html_len = strlen(o->html);
	same(m, o, false, "HTML beside the same text");
	struct mail_message *h = made();
	h->html = "<p>Pay here\r\n";
	h->html_len = strlen(h->html);
	same(h, o, true, "HTML's line ends");
	o = made();
	attach(o, "application/pdf", "a\n");
	same(m, o, false, "an attachment");
	m = made();
	attach(m, "application/pdf", "a\r\n");
	same(m, o, false, "another attachment");
	m->attachments[0].type = o->attachments[0].type = "text/csv";
	same(m, o, true, "an attached text's line ends");
	char out[SHA256_HEX];
	m->message_id = NULL;
	ok(!message_content_sha256(p, m, out), "without a Message-ID nobody can say");
	m = made();
	message_defect(p, m, "truncated");
	ok(!message_content_sha256(p, m, out), "nor of what was not read whole");
	m = made();
	m->is_unparsed = true;
	ok(!message_content_sha256(p, m, out), "nor of what was not read");
	pool_free(p);
	return tap_done();
}
