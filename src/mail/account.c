/* Owns the words of a changed bank account (account.h). Never judges a sender. Tests: t/unit/mail_account.c */
#include "mail/account.h"

#include <string.h>

#include "base/pool.h"
#include "mail/sentence.h"
#include "base/banned.h"

#define SENTENCE_MAX 2000 /* bytes: a longer one is no sentence */

/* Two words of one sentence: where to pay, and that it changes. What says so as an adjective stands before what it is about
 * ("updated wire instructions", not "wire instructions and the updated agenda"); a verb stands anywhere. */
static const struct word_list lists[] = {
	{"@bank", "bank|banking|wire|wiring|payment|remittance|settlement|transfer|beneficiary|account"},
	{"@details", "account|accounts|details|detail|information|info|instructions|instruction|coordinates|number|"
		     "numbers|data"},
	{"@konto",
		"iban|bankverbindung|bankverbindungen|kontoverbindung|kontonummer|kontodaten|bankdaten|bankkonto|konto|"
		"zahlungsdaten"},
	{"@compte", "bancaire|bancaires|rib|iban"},
	{"@new", "new|updated|update|revised|amended|corrected|different|another|changed|alternative|latest"},
	{"@changes", "change|changes|changed|changing|replace|replaces|replaced|replacing|supersede|supersedes|"
		     "superseded|switched"},
	{"@neu", "neu|neue|neuen|neuem|neuer|neues|andere|anderes|geandert|geanderte|geanderten|andert|andern|anderung|"
		 "gewechselt|aktualisiert|aktualisierte|aktualisierten|folgendes|folgende|ersetzt"},
	{"@nouveau", "nouveau|nouveaux|nouvel|nouvelle|nouvelles|change|changee|changees|changent|changement|modifie|"
		     "modifies|"
		     "modifiee|modifiees|modification|remplace|remplacent"},
	{NULL, NULL},
};

static const char *const patterns[] = {
	"@new ..3 @bank @details",
	"@new ..3 iban|wire|wiring",
	"@bank @details ..20 @changes",
	"@changes ..20 @bank @details",
	"iban ..20 @changes",
	"@changes ..20 iban",
	"use|to ..1 following|this|these|below ..2 @bank @details",
	"use|to ..1 following|this|these|below ..2 iban",
	"our account has|have changed|moved",
	"moved|switched|changed our account|accounts|bank|banks",
	"moved|switched|changed banks",
	"moved|switched to a new|different|another account|bank",
	"new bank",
	"bank has|have|was changed",
	"change|changes of|in|to ..2 bank|banks",
	"different account",
	"@konto ..20 @neu",
	"@neu ..20 @konto",
	"@compte ..20 @nouveau",
	"@nouveau ..20 @compte",
	"nouveau|nouveaux compte|comptes",
	"compte|comptes ..2 change|changes",
};

struct search {
	struct pool *p;
	bool found;
};

/* Every pattern has one of these: most sentences need no closer look, and mail is stored meanwhile. */
static bool is_of_payments(const char *sentence)
{
	static const char *const stems[] = {"bank", "account", "wire", "wiring", "iban", "payment", "remittance",
		"settlement", "transfer", "beneficiary", "konto", "zahlung", "bancaire", "compte", "rib"};
	for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
		if (strcasestr(sentence, stems[i]))
			return true;
	return false;
}

static bool take(void *arg, const char *sentence)
{
	struct search *s = arg;
	if (!is_of_payments(sentence))
		return true;
	struct words w = words_of(s->p, sentence);
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns && !s->found; i++)
		s->found = words_match(lists, patterns[i], &w);
	return !s->found;
}

bool account_changes(struct pool *p, const char *text, const struct quote_segment *segments, size_t count)
{
	struct search s = {.p = p};
	sentences_each(p, text, segments, count, SENTENCE_MAX, take, &s);
	return s.found;
}
