/* Any text to the finding of asks, of days and of changed accounts: sentences are one line of text, days exist and lie ahead. */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "fuzz.h"
#include "mail/account.h"
#include "mail/ask.h"
#include "mail/due.h"
#include "mail/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char today[] = "2026-03-04";
	struct pool *p = pool_new();
	size_t len, count;
	/* As capture has it: tidy text. */
	const char *text = text_tidy(p, (const char *)data, n, 20000, &len, NULL);
	struct quote_segment *s = quote_split(p, text, len, NULL, &count);
	struct ask asks[3];
	size_t found = ask_find(p, text, s, count, today, asks, 3);
	PROMISE(found <= 3);
	for (size_t i = 0; i < found; i++) {
		PROMISE(strlen(asks[i].sentence) <= ASK_SENTENCE_MAX && !strchr(asks[i].sentence, '\n'));
		PROMISE(utf8_valid(asks[i].sentence, strlen(asks[i].sentence)));
		PROMISE(!asks[i].has_day || (day_valid(asks[i].day) && strcmp(asks[i].day, today) >= 0));
	}
	PROMISE(!account_changes(p, text, s, 0));
	account_changes(p, text, s, count);
	char day[DAY_SIZE];
	if (len < 2000 && due_find(p, text, today, day))
		PROMISE(day_valid(day) && strcmp(day, today) >= 0);
	pool_free(p);
	return 0;
}
