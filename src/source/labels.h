/* What a folder's name or a message's labels say of it: where it lies, how it is marked, and whether it is mail at all. */
#ifndef SOURCE_LABELS_H
#define SOURCE_LABELS_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* The ledger's rule for what is listed and never fetched. */
#define SKIP_DRAFT "draft"
#define SKIP_SPAM "spam" /* trash too */

struct labels {
	const char *folder; /* all but what `flags` says, one a line; NULL: none */
	const char *flags;  /* Maildir letters: S unless "Unread", F for "Starred" */
	const char *skip;   /* SKIP_…; NULL: mail */
};

/* The value of a X-Gmail-Labels field (Google Takeout), as it stands in the header: names with commas between, of which
 * those with a comma inside are quoted, in encoded words where they are not ASCII. Lives in p. */
void labels_read(struct pool *p, const char *value, size_t n, struct labels *out);

/* SKIP_… when a folder of that name, or one that it lies in, is for drafts, spam or trash; NULL when it is for mail. `name`
 * is UTF-8, its parts have . or / between them. */
const char *folder_skip(struct pool *p, const char *name);

/* Is it one for what its owner sent, or a list of labels, one a line, with one? NULL is none. */
bool folder_is_sent(const char *folder);

/* A folder's name on the disk as UTF-8: IMAP servers keep it in modified UTF-7 (RFC 3501 5.1.3). A name that is none is
 * taken as it stands. */
const char *folder_name(struct pool *p, const char *name);

#endif
