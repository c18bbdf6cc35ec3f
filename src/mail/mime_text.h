/* Charsets, file names and media types of parts, made safe. For mime.c only; in the parse child. */
#ifndef MAIL_MIME_TEXT_H
#define MAIL_MIME_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct mail_message;
struct pool;

/* Loads the converters of every charset met in mail and keeps them: after the sandbox there are no files. */
void charsets_warm(void);

/* The bytes of a text part as UTF-8 without NUL, *len bytes. charset as declared, NULL: not declared (HTML may then say it
 * itself). What cannot be right is read as Windows-1252, or has U+FFFD in it, with the defect "bad-charset". */
const char *text_decode(struct pool *p, struct mail_message *m, const char *charset, const char *s, size_t n,
	bool is_html, size_t *len);

/* A name to save a file under: no path, no controls, no tricks with direction, no leading dot, at most MAIL_NAME_MAX
 * bytes; "unnamed" with the type's suffix when nothing is left. given may be NULL or any bytes. */
const char *file_name(struct pool *p, const char *given, const char *type);

/* "text/plain" from its two halves, lower-case; "application/octet-stream" when that is no media type. */
const char *media_type(struct pool *p, const char *type, const char *subtype);

#endif
