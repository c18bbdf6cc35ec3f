/* One message as some person's mail program would have written it, bytes and all. */
#ifndef DEMO_LETTERS_H
#define DEMO_LETTERS_H

#include <stddef.h>
#include <stdint.h>

#include "demo/cast.h"

struct buf;
struct mail_message;

#define LETTER_TO 4

struct letter {
	const struct person *from, *to[LETTER_TO], *cc[LETTER_TO];
	size_t to_count, cc_count;
	const char *subject; /* without "Re: " */
	const char *text;    /* paragraphs apart by an empty line; greeting and signature are added */
	const char *message_id;
	int64_t date;
	const struct letter *answers; /* quoted below, as the sender's program does; NULL: the first of its thread */
	const char *attachment;       /* file name; its bytes are made up. NULL: none */
	const char *list_id;          /* a newsletter's; NULL */
};

void letter_write(struct pool *p, struct buf *out, const struct letter *l);

/* What the parser would say of these bytes, but for HTML and attachments, without parsing them: for making a million. */
struct mail_message *letter_message(struct pool *p, const struct letter *l, const struct buf *written);

#endif
