/* Titles and telephone numbers out of signatures; what is none stays none. */
#include "../tap.h"

#include "base/pool.h"
#include "mail/signature.h"

static struct pool *p;

static void reads(const char *text, const char *name, const char *title, const char *phone, const char *what)
{
	size_t count;
	struct quote_segment *segments = quote_split(p, text, strlen(text), "A subject", &count);
	struct signature s = signature_read(p, text, segments, count, name);
	is(s.title, title, pool_printf(p, "%s: title", what));
	is(s.phone, phone, pool_printf(p, "%s: number", what));
}

static void titles(void)
{
	reads("Yes.\n\n-- \nMaria Keller\nManaging Director\nAlpine Pension Fund\nTel. +41 44 555 01 20\n",
		"Maria Keller", "Managing Director", "+41 44 555 01 20", "the usual one");
	reads("Yes.\n\n-- \nMaria Keller, Head of Private Equity\nAlpine\n", "Maria Keller", "Head of Private Equity",
		NULL, "behind the name");
	reads("Yes.\n\n-- \nMaria Keller | Partner | Alpine AG\nm: 079 555 01 21 | o: 044 555 01 20\n", "Keller, Maria",
		"Partner", "044 555 01 20", "between bars, and the office before the mobile");
	reads("Yes.\n\nBest regards,\nMaria Keller\nDirector, Investor Relations\n", "Maria Keller",
		"Director, Investor Relations", NULL, "without a mark, found by the name");
	reads("Yes.\n\n-- \nDr. Maria Keller\nChief Investment Officer\nFax +41 44 555 01 99\nMobile: +41 79 555 01 "
	      "21\n",
		"Maria Keller", "Chief Investment Officer", "+41 79 555 01 21", "a fax is no telephone");
	reads("Ja.\n\n-- \nZoë Müller\nLeiterin Anlagen\nT +49 (0)89 555-0120\n", "Zoë Müller", "Leiterin Anlagen",
		"+49 (0)89 555-0120", "in another language");
}

static void none(void)
{
	reads("I am the director of nothing.\nCall me.\n", "Maria Keller", NULL, NULL, "prose");
	reads("Yes.\n\n-- \nMaria\n", "Maria Keller", NULL, NULL, "a bare name");
	reads("Yes.\n\nMaria Keller\nThe chief reason we ask is the date.\n", "Maria Keller", NULL, NULL,
		"a sentence below a name");
	reads("Yes.\n\n> -- \n> Paul Brand\n> Partner\n> Tel. +41 44 555 01 20\n", "Maria Keller", NULL, NULL,
		"somebody else's, quoted");
	reads("Yes.\n\n-- \nMaria Keller\nBahnhofstrasse 120, 8001 Zurich\nwww.alpine.example\n2026-03-04\n",
		"Maria Keller", NULL, NULL, "addresses, links and dates");
	reads("Yes.\n\n-- \nMaria Keller\nVAT: 1234567890\nP.O. Box 12345678 Zurich\n", "Maria Keller", NULL, NULL,
		"other numbers");
	reads("Yes.\n\n-- \nSent from my phone\n", "Maria Keller", NULL, NULL, "a telephone's own");
	reads("", "Maria Keller", NULL, NULL, "nothing");
	reads("-- \n", NULL, NULL, NULL, "a mark alone, of nobody");
	reads("Yes.\n\nChief Seattle\n555 010 2000\n", "Chief Seattle", NULL, "555 010 2000",
		"a name that sounds like a rank");
}

static void hostile(void)
{
	char *long_line = pool_alloc(p, 200001);
	memset(long_line, '7', 200000);
	memcpy(long_line, "-- \n", 4);
	reads(long_line, "Maria Keller", NULL, NULL, "200,000 digits");
	char *many = pool_alloc(p, 200001);
	for (size_t i = 0; i + 10 < 200000; i += 10)
		memcpy(many + i, "Partner, \n", 10);
	struct quote_segment whole = {0, strlen(many), QUOTE_SIGNATURE};
	struct signature s = signature_read(p, many, &whole, 1, NULL);
	is(s.title, "Partner", "20,000 lines");
}

int main(void)
{
	p = pool_new();
	titles();
	none();
	hostile();
	pool_free(p);
	return tap_done();
}
