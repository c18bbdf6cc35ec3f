/* Mail about another account to pay to, and ordinary mail about payments. */
#include <string.h>

#include "../tap.h"

#include "base/pool.h"
#include "mail/account.h"

static struct pool *p;

static void says(const char *text, bool want)
{
	struct quote_segment s = {0, strlen(text), QUOTE_REPLY};
	ok(account_changes(p, text, &s, 1) == want, "%s: %s", want ? "warns" : "does not", text);
}

int main(void)
{
	static const char *const frauds[] = {"Please use the following bank account for the capital call.",
		"Our banking details have changed.", "The IBAN below replaces the previous one.",
		"Kindly remit to the updated account number.", "Please note our bank account has changed.",
		"We have moved to a new account at UBS; wire instructions attached.",
		"Unsere Bankverbindung hat sich geändert.", "Please see revised wire instructions.",
		"Please note our new bank details.", "There is a change of bank.", "We have changed our bank.",
		"Updated wiring attached.", "Our account has changed.", "Please pay to a different account.",
		"Anbei unsere neue Bankverbindung.", "Die geänderte Bankverbindung finden Sie unten.",
		"Bitte überweisen Sie auf folgendes Konto.", "Veuillez noter nos nouvelles coordonnées bancaires.",
		"Nous avons un nouveau compte.", "Notre RIB a changé.",
		"Good morning.\n\nThe bank account to which\nyou "
		"have paid until now\nwas replaced.\n\nRegards",
		"Attached are amended payment instructions."};
	static const char *const fine[] = {"Could your administrator confirm the bank details by telephone before we "
					   "release the first drawdown? Our "
					   "treasury does not accept instructions by mail alone.",
		"The wire instructions and the updated agenda are attached.", "Thank you for the swift update.",
		"We look forward to the new fund. The bank account stays as it is.",
		"The bank's new head of funds joins us.", "Please send us the wire instructions for the new closing.",
		"Our account manager has changed.", "We will wire the amount on Friday.",
		"The committee took this into account and changed its mind.", "Das neue Büro ist in Zürich.",
		"Une nouvelle version du document est jointe.", "Please update your calendar.", ""};
	p = pool_new();
	for (size_t i = 0; i < sizeof frauds / sizeof *frauds; i++)
		says(frauds[i], true);
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
		says(fine[i], false);
	const char *text = "Thanks.\n> our new bank details\n";
	struct quote_segment s[] = {{0, 8, QUOTE_REPLY}, {8, strlen(text) - 8, QUOTE_QUOTE}};
	ok(!account_changes(p, text, s, 2), "what is quoted is somebody else's");
	pool_free(p);
	return tap_done();
}
