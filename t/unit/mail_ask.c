/* Asks, promises and days out of sentences; what is none stays none. Written on Wednesday 2026-03-04. */
#include "../tap.h"

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/ask.h"
#include "mail/due.h"

static struct pool *p;
static const char today[] = "2026-03-04";

/* "request 2026-03-06: sentence" for each, one a line. */
static const char *found(const char *text)
{
	size_t count;
	struct quote_segment *segments = quote_split(p, text, strlen(text), "A subject", &count);
	struct ask asks[3];
	struct buf *b = buf_new(p, 4000);
	size_t n = ask_find(p, text, segments, count, today, asks, 3);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s%s %s: %s", i ? "\n" : "", asks[i].kind == ASK_REQUEST ? "request" : "promise",
			asks[i].has_day ? asks[i].day : "-", asks[i].sentence);
	return b->data;
}
#define FOUND(text, want) is(found(text), want, text)

static void requests(void)
{
	FOUND("Hi Ada,\n\nCould you send us the DDQ by Friday?\n\nBest,\nMaria\n",
		"request 2026-03-06: Could you send us the DDQ by Friday?");
	FOUND("Thank you for the call, could you please also share the last three\nquarterly reports of Fund I?\n",
		"request -: Thank you for the call, could you please also share the last three quarterly reports of "
		"Fund I?");
	FOUND("Please send the subscription documents to Paul and me.",
		"request -: Please send the subscription documents to Paul and me.");
	FOUND("Please confirm that a side letter would carry the clause.",
		"request -: Please confirm that a side letter would carry the clause.");
	FOUND("Would you mind forwarding the model?", "request -: Would you mind forwarding the model?");
	FOUND("Would it be possible to send the accounts before 20 March?",
		"request 2026-03-20: Would it be possible to send the accounts before 20 March?");
	FOUND("We would appreciate it if you could return the signed form.",
		"request -: We would appreciate it if you could return the signed form.");
	FOUND("Could we get the wire details?", "request -: Could we get the wire details?");
	FOUND("It would help us to have it back within two weeks.",
		"request 2026-03-18: It would help us to have it back within two weeks.");
	FOUND("Our meeting is on the 11th. Could you send a one-page summary until\nthen?",
		"request -: Could you send a one-page summary until then?");
	FOUND("Please let us know by 12 March which class you prefer.",
		"request 2026-03-12: Please let us know by 12 March which class you prefer.");
	FOUND("If possible, could you send the deck today?", "request 2026-03-04: If possible, could you send the deck "
							     "today?");
	FOUND("Are you free on Tuesday?", "request 2026-03-10: Are you free on Tuesday?");
	FOUND("Would Thursday at 15:00 suit you?", "request 2026-03-05: Would Thursday at 15:00 suit you?");
	FOUND("We need two things:\n- please send the W-8\n- could you confirm the address?\n",
		"request -: - please send the W-8\nrequest -: - could you confirm the address?");
	FOUND("Could Mr. Keller join? Can you ask and confirm with No. 3, i.e. him?", "");
}

static void promises(void)
{
	FOUND("I will send you the signed form by Friday.", "promise 2026-03-06: I will send you the signed form by "
							    "Friday.");
	FOUND("Tuesday is perfect. I'll send a dial-in.", "promise -: I'll send a dial-in.");
	FOUND("We will share the report with you.", "promise -: We will share the report with you.");
	FOUND("You will have it by Friday of next week.",
		"promise 2026-03-13: You will have it by Friday of next week.");
	FOUND("I will write to all three today.", "promise 2026-03-04: I will write to all three today.");
	FOUND("Let me check with the team and get back to you.",
		"promise -: Let me check with the team and get back to "
		"you.");
	FOUND("We will come back to you next week.", "promise 2026-03-13: We will come back to you next week.");
	FOUND("I'll let you know.", "promise -: I'll let you know.");
}

static void german(void)
{
	FOUND("Könnten Sie uns die Unterlagen bis Ende der Woche zusenden?",
		"request 2026-03-06: Könnten Sie uns die Unterlagen bis Ende der Woche zusenden?");
	FOUND("Bitte schicken Sie mir den Vertrag bis 15. März.",
		"request 2026-03-15: Bitte schicken Sie mir den Vertrag bis 15. März.");
	FOUND("Ich schicke Ihnen den Vertrag morgen.", "promise 2026-03-05: Ich schicke Ihnen den Vertrag morgen.");
	FOUND("Wir werden Ihnen die Zahlen bis Freitag übermitteln.",
		"promise 2026-03-06: Wir werden Ihnen die Zahlen bis Freitag übermitteln.");
	FOUND("Guten Morgen Frau Keller, vielen Dank.", "");
}

static void none(void)
{
	FOUND("Please let me know if you have any questions.", "");
	FOUND("Please do not hesitate to call us.", "");
	FOUND("Please find attached our report. Please note the date of Friday.", "");
	FOUND("Should you need anything, please call me.", "");
	FOUND("If we proceed, I will send you the documents.", "");
	FOUND("I will not send it. We won't share it with you.", "");
	FOUND("We will provide quarterly reports to all investors.", "");
	FOUND("We will keep in touch with the quarterly letter.", "");
	FOUND("Please click here to confirm your subscription.", "");
	FOUND("Thank you for the invitation. I will be there.", "");
	FOUND("Did you have a good time on Friday?", "");
	FOUND("I could send you anything.", "");
	FOUND("How was your Monday? Could you believe it?", "");
	FOUND("Yes.\n\nOn Tue, Mar 3, 2026 Maria wrote:\n> Could you send the deck?\n", "");
	FOUND("Yes.\n\n-- \nMaria Keller\nPlease send mail to my new address\n", "");
	FOUND("For you.\n\n---------- Forwarded message ---------\nFrom: Maria\n\nCould you send the deck?\n", "");
	FOUND("", "");
}

static void due(const char *sentence, const char *want)
{
	char day[DAY_SIZE];
	is(due_find(p, sentence, today, day) ? day : NULL, want, sentence);
}

static void days(void)
{
	due("today", "2026-03-04");
	due("by end of day", "2026-03-04");
	due("by end of day tomorrow", "2026-03-05");
	due("on Wednesday", "2026-03-11");
	due("by next Friday", "2026-03-13");
	due("last Friday", NULL);
	due("next week", "2026-03-13");
	due("by the end of the week", "2026-03-06");
	due("by end of next week", "2026-03-13");
	due("by the end of the month", "2026-03-31");
	due("end of February", "2027-02-28");
	due("Ende April", "2026-04-30");
	due("on March 15th", "2026-03-15");
	due("the report of 31 December 2025", NULL);
	due("on 1 March", NULL);
	due("2 January", "2027-01-02");
	due("15 January", NULL);
	due("30 February", NULL);
	due("the report of 3 April, by 2026-03-12", "2026-03-12");
	due("for the call on 20 March, by Friday", "2026-03-06");
	due("bis 12.3.2026", "2026-03-12");
	due("3/12/2026", NULL);
	due("3/13/2026", "2026-03-13");
	due("clauses 8.3 and 14", NULL);
	due("8 million in 2028", NULL);
	due("you may send 3", NULL);
	due("by the 9th", "2026-03-09");
	due("by the 2nd", "2026-04-02");
	due("by the 2nd quarter", NULL);
	due("in 3 days", "2026-03-07");
	due("within ten business days", "2026-03-14");
	due("in a day or two", "2026-03-05");
	due("2026-02-30 99.99.2026 0000-00-00 2026-03-12-1", "2026-03-12");
	char day[DAY_SIZE];
	ok(!due_find(p, "tomorrow", "never", day), "a today that is no day");
}

static void hostile(void)
{
	char *s = pool_alloc(p, 400001);
	for (size_t i = 0; i + 10 < 400000; i += 10)
		memcpy(s + i, "could you ", 10);
	is(found(s), "", "400,000 bytes of one sentence");
	for (size_t i = 0; i + 10 < 400000; i += 10)
		memcpy(s + i, "Yes, no.\n\n", 10);
	is(found(s), "", "40,000 sentences");
	is(found("\xf0\x9f\x98\x80. ?!. ... Could you send it?"), "request -: Could you send it?", "signs of no words");
}

int main(void)
{
	p = pool_new();
	requests();
	promises();
	german();
	none();
	days();
	hostile();
	pool_free(p);
	return tap_done();
}
