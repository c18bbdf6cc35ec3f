/* What is new in a mail and what it quotes. A case is written as the text with a mark before each line: r(eply), q(uote),
 * s(ignature), f(orward); the split must give those kinds back. */
#include "../tap.h"

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/quote.h"

static struct pool *p;

static void split_subject(const char *name, const char *subject, const char *marked)
{
	struct buf *text = buf_new(p, 100000), *got = buf_new(p, 100000);
	for (const char *line = marked; *line;) {
		size_t n = strcspn(line, "\n");
		buf_add(text, line + 1, n - 1);
		buf_char(text, '\n');
		line += n + (line[n] != 0);
	}
	size_t count, at = 0;
	struct quote_segment *s = quote_split(p, text->data, text->len, subject, &count);
	for (size_t i = 0; i < count; i++) {
		if (s[i].start != at || !s[i].len)
			buf_str(got, "GAP");
		for (size_t end = at + s[i].len; at < end;) {
			size_t n = strcspn(text->data + at, "\n");
			buf_printf(got, "%c%.*s\n", quote_kind_name(s[i].kind)[0], (int)n, text->data + at);
			at += n + 1;
		}
	}
	is(got->data, marked, name);
}
#define SPLIT(name, marked) split_subject(name, NULL, marked)

static void quotes(void)
{
	SPLIT("plain", "rHello\nr\nrworld\n");
	SPLIT("Gmail", "rYes.\nr\nqOn Fri, Nov 20, 2026 at 2:05 PM Maria Keller <m@b.example>\nqwrote:\nq\nq> "
		       "When?\nq>\nq> Maria\n");
	SPLIT("Apple", "rYes.\nr\nqOn 20 Nov 2026, at 14:05, Maria Keller <m@b.example> wrote:\nq\nq> When?\n");
	SPLIT("German", "rJa.\nr\nqAm 20.11.2026 um 14:05 schrieb Maria Keller:\nq> Wann?\n");
	SPLIT("French", "rOui.\nr\nqLe ven. 20 nov. 2026 à 14:05, Maria <m@b.example> a écrit :\nq> Quand ?\n");
	SPLIT("Japanese", "rはい\nr\nq2026年11月20日(金) 14:05 Maria <m@b.example>:\nq> いつ\n");
	SPLIT("wrapped in the address of another language's attribution",
		"rHello\nq02.04.2012 14:20 Xyz \"m@b.example\" <\nqm@b.example> abc:\nq\nq> Hi\n");
	SPLIT("interleaved", "qMaria wrote:\nq> When?\nq\nrFriday.\nr\nq> Where?\nq\nrHere.\n");
	SPLIT("Outlook", "rYes.\nr\nq________________________________\nqFrom: Maria Keller <m@b.example>\nqSent: "
			 "Friday, November 20, "
			 "2026\nqTo: Jo\nqSubject: Call\nq\nqWhen?\n");
	SPLIT("Outlook without a rule",
		"rYes.\nr\nqFrom: Maria Keller\nqDate: Friday\nqTo: Jo\nqSubject: Call\nq\nqWhen?\n");
	SPLIT("Outlook in bold",
		"rYes.\nr\nq*From:* Maria Keller\nq*Sent:* Friday\nq*To:* Jo\nq*Subject:* Call\nq\nqWhen?\n");
	SPLIT("Outlook in German", "rJa.\nr\nqVon: Maria\nqGesendet: Freitag\nqAn: Jo\nqBetreff: Anruf\nq\nqWann?\n");
	SPLIT("Original Message", "rYes.\nr\nq-----Original Message-----\nqFrom: Maria\nqSent: Friday\nqTo: "
				  "Jo\nqSubject: x\nq\nqWhen?\n");
	SPLIT("answers said to be inside",
		"rMy comments inline.\nr\nr-----Original Message-----\nrFrom: Maria\nrSent: Friday\nrTo: Jo\nrSubject: "
		"x\nr\nrWhen? - Friday.\n");
	SPLIT("below a quoted original",
		"rYes.\nq-----Original Message-----\nqFrom: Maria\nqSent: Friday\nqTo: Jo\nq> When?\nrAnd more.\n");
	SPLIT("a question with a colon", "rMy answer to this:\nq> When?\nrFriday\n");
	SPLIT("not an attribution", "rOn Friday I wrote: let us meet.\nrMore.\n");
	SPLIT("mbox escape", "r>From here on it is new.\nrYes.\n");
	SPLIT("From: alone", "rFrom: here\nrto there\n");
	SPLIT("nothing but a quote", "r> only\nr> this\n");
	SPLIT("attribution without > after text", "rYes.\nqOn Fri, Nov 20, 2026 Maria wrote:\nqWhen?\n");
	SPLIT("attribution at the end", "rYes.\nrOn Fri, Nov 20, 2026 Maria wrote:\n");
}

static void forwards(void)
{
	SPLIT("Gmail forward",
		"rSee below.\nr\nf---------- Forwarded message ---------\nfFrom: Maria\nf\nf> old\nfWhen?\n");
	SPLIT("Apple forward", "fBegin forwarded message:\nf\nf> From: Maria\nf> When?\n");
	SPLIT("nothing above", "fFrom: Maria\nfSent: Friday\nfTo: Jo\nfSubject: x\nf\nfWhen?\n");
	split_subject("Outlook forward", "FW: Call",
		"rFor you.\nr\nfFrom: Maria\nfSent: Friday\nfTo: Jo\nfSubject: Call\nf\nfWhen?\n");
	split_subject("an answer to a forward", "Re: Fwd: Call",
		"rYes.\nr\nqFrom: Maria\nqSent: Friday\nqTo: Jo\nqSubject: Call\nq\nqWhen?\n");
}

static void signatures(void)
{
	SPLIT("delimiter", "rHello\nr\ns-- \nsMaria Keller\nsPartner\n");
	SPLIT("before a quote", "rHello\ns--\nsMaria\ns\nqOn 20 Nov 2026, Jo wrote:\nq> x\n");
	SPLIT("device", "rHello\nr\nsSent from my iPhone\ns\nq> x\n");
	SPLIT("words, not a device's", "rSent from my office:\nrthe list\nrof three\nrpapers\n");
	SPLIT("too long to be one", "r--\nra\nrb\nrc\nrd\nre\nrf\nrg\nrh\nri\nrj\nrk\nrl\nrm\nrn\nro\nrp\n");
	SPLIT("dashes inside", "ra -- b\nr-- c\n");
}

static void limits(void)
{
	size_t count;
	quote_split(p, "", 0, NULL, &count);
	is_int(count, 0, "nothing has no segments");
	struct buf *b = buf_new(p, 1 << 20);
	for (int i = 0; i < 5000; i++)
		buf_str(b, "> q\nr\n");
	struct quote_segment *s = quote_split(p, b->data, b->len, NULL, &count);
	is_int(count, QUOTE_SEGMENTS_MAX, "segments stop at the limit");
	is_int(s[count - 1].start + s[count - 1].len, b->len, "and cover all");
	is_int(s[count - 1].kind, QUOTE_REPLY, "the rest is new");
	/* No NUL after the text, no line end, odd bytes. */
	char *raw = pool_dup(p, "On 1\nwrote:\xef\xbc", 13);
	quote_split(p, raw, 13, NULL, &count);
	is_int(count, 1, "cut in a character");
}

int main(void)
{
	p = pool_new();
	quotes();
	forwards();
	signatures();
	limits();
	pool_free(p);
	return tap_done();
}
