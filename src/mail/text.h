/* HTML → readable text, tidied. html_to_text() uses gumbo and runs in the parse child only; the
 * rest is safe anywhere. */
#ifndef MAIL_TEXT_H
#define MAIL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* Text as a person would read it: paragraphs, lists, table rows, links as `text <target>` when they differ, quoted
 * blocks with "> ". No script, style, comments, hidden elements (preheaders). At most max bytes; *is_cut (may be NULL)
 * says whether something was left out. html is UTF-8; any bytes are safe. Never NULL. */
char *html_to_text(struct pool *p, const char *html, size_t n, size_t max, bool *is_cut);

/* Line ends to \n, controls but tab and newline dropped, trailing blanks dropped, at most two empty lines in a row,
 * invisible and direction-changing characters (U+200B…F, U+202A…E, U+2066…9, U+FEFF, U+E0000…7F) dropped. */
char *text_tidy(struct pool *p, const char *s, size_t n, size_t max, size_t *len, bool *is_cut);

#endif
