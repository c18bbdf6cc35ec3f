/* Where mail comes from, behind one small interface. A source only reads: it never marks, moves or deletes. */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/op.h"

struct source; /* an open mailbox */

struct source_item {
	const char *
		id; /* stable within the mailbox: maildir base name without flags and new/cur; mbox: hash of the bytes */
	const char *was; /* the id that an earlier version of this program gave it; NULL */
	const char *
		folder; /* "INBOX", "Sent", …, UTF-8; where a message has labels, all of them, one a line; NULL unknown */
	const char *flags; /* maildir letters; NULL */
	int64_t at;        /* when the source got it: orders the first back-fill, newest first; 0 unknown */
	const char
		*skip; /* "draft", "spam" (trash too): listed, never fetched, and left out by that rule; NULL: mail */
	bool is_gone;  /* listed before, not there any more */
};

struct source_kind {
	const char *name; /* "maildir" */
	/* E_NOT_FOUND, E_FORBIDDEN with a message that names the path and what to do. */
	enum status (*open)(struct op *op, const char *path, struct source **out);
	/* Calls each(arg, item) for everything the source holds now, each id once. `cursor` is what the last complete listing
	 * that was accounted for left in *next_cursor, NULL without one: it allows a short cut that reports only what
	 * changed; *complete says whether the listing was whole. Stops when each returns false. */
	enum status (*list)(struct op *op, struct source *s, const char *cursor,
		bool (*each)(void *arg, const struct source_item *item), void *arg, bool *complete,
		const char **next_cursor);
	/* The raw message. E_NOT_FOUND when it went away; E_TOO_LARGE past max. */
	enum status (*fetch)(struct op *op, struct source *s, const char *id, size_t max, char **raw, size_t *len);
	void (*close)(struct source *s);
};

extern const struct source_kind source_maildir, source_mbox;
const struct source_kind *source_kind_find(const char *name);

#endif
