/* What a mail says in one line: without greeting and sign-off, never without what it says. */
#include "../tap.h"

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/gist.h"

static struct pool *p;

/* Of a mail to Ada Nowak and Grace Okafor. */
static const char *gist(const char *writer, const char *text)
{
	struct mail_message *m = message_new(p);
	message_add_addr(p, m, MAIL_FROM, "Hello World", "x@example.org");
	message_add_addr(p, m, MAIL_TO, "Ada Nowak", "ada@example.org");
	message_add_addr(p, m, MAIL_CC, "Grace Okafor", "grace@example.org");
	m->text = text;
	m->text_len = strlen(text);
	m->segments = quote_split(p, text, m->text_len, "", &m->segment_count);
	return gist_line(p, m, writer);
}

/* Nothing of it is left out. */
static void kept(const char *text)
{
	is(gist("Maria Keller", text), str_squeeze(p, text), str_squeeze(p, text));
}

static void greetings(void)
{
	static const char *const known[] = {"Hi Ada,", "hi ada", "Hello!", "Dear all,", "Dear Dr. Nowak:", "Ada,",
		"Ada and Grace,", "Hi Bob,", "Good morning", "Sehr geehrte Frau Nowak,", "Liebe Ada",
		"Guten Tag Herr Ott,", "Madame, Monsieur,", "Bonjour Ada,", "Добрый день!", "Hej Ada!",
		"Grüezi Frau Nowak", "Dear Ada", "Ada -"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		is(gist("Maria Keller", pool_printf(p, "%s\n\nWe are in.\n", known[i])), "We are in.", known[i]);
	is(gist(NULL, "\n\nHi Ada,\nWe\tare\n\nin.\n"), "We are in.", "of a writer without a name");
	kept("Hi, we signed!\nMore soon.");
	kept("Good news: we are in.\nMore soon.");
	kept("Good news\n\nWe are in.");
	kept("Hi, Yes!\n\nMore soon.");
	kept("Hello from us\n\nMore soon.");
	kept("Ada will call.\n\nMore soon.");
	kept("Dear Ada, we are in.\n\nMore soon.");
	kept("World,\n\nour greatest market"); /* is no recipient */
	kept("Hi Ada,");
	kept("Thanks, Maria");
	kept("Hi Ada,\n\nMaria");
}

static void sign_offs(void)
{
	static const char *const known[] = {"Best, Maria", "Best,\nMaria", "Best regards,\n\nMaria Keller", "Maria",
		"M.", "- Maria", "Kind regards", "Many thanks,\nMK", "Thank you very much indeed,\nMaria",
		"Viele Grüße\nMaria", "Mit freundlichen Grüßen\nMaria Keller", "LG Maria",
		"Bien cordialement,\nMaria Keller", "С уважением,\nMaria", "Thanks!\nM"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		bool initials = str_ends(known[i], "MK");
		is(gist(initials ? "MK" : "Maria Keller", pool_printf(p, "We are in.\n\n%s\n", known[i])), "We are in.",
			str_squeeze(p, known[i]));
	}
	is(gist(NULL, "We are in.\nBest,\n"), "We are in.", "of a writer without a name");
	is(gist("Maria Keller", "Hi Ada,\n\nWe are in.\n\nBest,\nMaria\n\n> Are you in?\n"), "We are in.",
		"above what is quoted");
	kept("We are in.\nThanks, Ada");
	kept("We are in.\nAda");
	kept("of all there are this is the\nbest");
	kept("We are in.\nMaria will call.");
	kept("Two of us:\nPaul,\nGrace");
}

static void lengths(void)
{
	const char *text = "On 1 Nov wrote:\n> old\nNew  text\nhere\n";
	struct quote_segment s[] = {{0, 22, QUOTE_QUOTE}, {22, 15, QUOTE_REPLY}};
	struct mail_message *m = message_new(p);
	m->text = text;
	m->text_len = strlen(text);
	m->segments = s;
	m->segment_count = 2;
	is(gist_line(p, m, NULL), "New text here", "what is new");
	m->segment_count = 1;
	is(gist_line(p, m, NULL), "On 1 Nov wrote: > old New text here", "everything when nothing is new");
	is(gist("Maria", ""), "", "nothing");
	is(gist("Maria", "wide\xe2\x80\x81  blanks\xc2\xa0too"), "wide blanks too", "all kinds of blanks are one");
	is(gist("Maria", "\xc2\xa0\n-- \nMaria\n"), "-- Maria", "and a line of them says nothing");
	struct buf *b = buf_new(p, 10000);
	for (int i = 0; i < 100; i++)
		buf_str(b, "é ");
	is_int(strlen(gist(NULL, b->data)), 299,
		"two hundred characters with those between them, and no blank at the end");
	buf_str(b, "more");
	ok(str_ends(gist(NULL, b->data), "é…"), "what is longer ends with a sign");
	buf_clear(b);
	for (int i = 0; i < 300; i++)
		buf_str(b, "é");
	const char *long_word = gist(NULL, b->data);
	is_int(strlen(long_word), 2 * 199 + 3, "a word that never ends is cut on a character");
	ok(str_ends(long_word, "é…"), "with the sign");
	buf_clear(b);
	for (int i = 0; i < 39; i++)
		buf_str(b, "word ");
	buf_str(b, "another more");
	ok(str_ends(gist(NULL, b->data), "word…"), "else after a word");
	buf_clear(b);
	for (int i = 0; i < 200; i++)
		buf_printf(b, "%d\n", i);
	buf_str(b, "Best,\nMaria");
	ok(str_starts(gist("Maria", b->data), "0 1 2 3"), "of a long mail the beginning");
	buf_clear(b);
	for (int i = 0; i < 210; i++)
		buf_str(b, "\xf0\x9f\x8e\x89");
	ok(strlen(gist(NULL, b->data)) <= 4 * MAIL_SNIPPET_CHARS, "never more bytes than the parser's wire takes");
}

int main(void)
{
	p = pool_new();
	greetings();
	sign_offs();
	lengths();
	pool_free(p);
	return tap_done();
}
