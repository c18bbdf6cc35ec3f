/* Text as 7-bit mail: RFC 2047 words, folded header fields, RFC 2045 bodies. For compose.c only. Every function writes the
 * same bytes for the same input. */
#ifndef MAIL_ENCODE_H
#define MAIL_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

#define LINE_SOFT 78  /* RFC 5322 2.1.1: should; lines are folded at it */
#define LINE_HARD 998 /* and must */

/* A header field being written: the name stands there, words follow. */
struct field_writer {
	struct buf *out;
	size_t column;
	bool begun; /* a word stands there */
};

void field_begin(struct field_writer *w, struct buf *out, const char *name);
/* One unbreakable word, after a blank or, when the line would be too long, after a fold. The first word stays on the
 * name's line: a fold right after the colon trips old readers. */
void field_word(struct field_writer *w, const char *word, size_t n);
/* Unstructured text: words as they are, or RFC 2047 encoded when they could not be written so. UTF-8 without controls. */
void field_text(struct field_writer *w, const char *text);
/* A display name: atoms, a quoted string, or RFC 2047 encoded. */
void field_phrase(struct field_writer *w, const char *name);
void field_end(struct field_writer *w);

/* The body of a part with its Content-Transfer-Encoding field and the empty line: 7bit where it can be, else
 * quoted-printable, base64 where most of it is not ASCII. Any line end becomes CRLF, and the last line has one. */
void body_encode(struct buf *out, const char *text);

#endif
