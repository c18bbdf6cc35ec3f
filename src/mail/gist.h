/* What a mail says, in one line: what is new in it, without greeting and sign-off. Lists show it, and notes that are proposed
 * are made of it. Pure, linear time; runs in the parse child; fuzzed (t/fuzz/mail_quote.c). */
#ifndef MAIL_GIST_H
#define MAIL_GIST_H

#include "mail/message.h"

/* At most MAIL_SNIPPET_CHARS characters of the reply segments, of the whole text when there are none; "…" at the end, after a
 * whole word where one ends near, when there was more. writer: the name of who wrote it, NULL when unknown. Of m: text,
 * segments, and the recipients' names, by which greetings are known. "" for an empty text. */
char *gist_line(struct pool *p, const struct mail_message *m, const char *writer);

#endif
