/* Owns forms sent as multipart/form-data (RFC 7578), strictly: delimiter, headers, empty line, value, and nothing besides.
 * Text only: a file is refused by name until a page takes one. Tests: t/unit/web_multipart.c, t/60-input.t */
#include <string.h>
#include <strings.h>

#include "base/pool.h"
#include "base/str.h"
#include "web/inside.h"
#include "base/banned.h"

#define HEAD_MAX 4096   /* bytes of one part's headers */
#define BOUNDARY_MAX 70 /* RFC 2046 5.1.1 */

static const char token_chars[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char boundary_chars[] = "'()+_,-./:=? 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

struct form {
	struct op *op;
	const char *at, *end;
	const char *delimiter; /* CRLF "--" boundary */
	size_t delimiter_len;
};

struct part {
	const char *name; /* NULL: no Content-Disposition yet */
	bool is_file, is_text;
};

static enum status broken(struct form *f, const char *why)
{
	return fail(f->op, E_SYNTAX, NULL, "the multipart form is not well-formed: %s", why);
}

/* ---- header fields ---- */
struct parameter {
	const char *name, *value;
};

/* A quoted-string behind its first quote (RFC 9110 5.6.4); NULL without a closing one. */
static const char *quoted_next(struct pool *p, const char **s)
{
	char *value = pool_alloc(p, strlen(*s) + 1), *to = value;
	for (const char *c = *s; *c; c++) {
		if (*c == '"') {
			*s = c + 1;
			return value;
		}
		if (*c == '\\' && c[1])
			c++;
		*to++ = *c;
	}
	return NULL;
}

/* The next ";name=value" at *s (RFC 9110 5.6.6). False at the end, where **s is NUL, and where it is broken. */
static bool parameter_next(struct pool *p, const char **s, struct parameter *out)
{
	const char *at = *s + strspn(*s, " \t");
	if (*at != ';') {
		*s = at;
		return false;
	}
	*s = at; /* a broken one leaves *s here */
	at += 1 + strspn(at + 1, " \t");
	size_t n = strspn(at, token_chars);
	if (!n || at[n] != '=')
		return false;
	out->name = pool_strndup(p, at, n);
	at += n + 1;
	if (*at == '"') {
		at++;
		out->value = quoted_next(p, &at);
	} else {
		n = strspn(at, token_chars);
		out->value = n ? pool_strndup(p, at, n) : NULL;
		at += n;
	}
	if (!out->value)
		return false;
	*s = at;
	return true;
}

/* Where a value's parameters begin; NULL when the value is another. */
static const char *value_is(const char *value, const char *want)
{
	size_t n = strlen(want);
	return !strncasecmp(value, want, n) && (!value[n] || strchr("; \t", value[n])) ? value + n : NULL;
}

static enum status disposition_take(struct form *f, const char *value, struct part *part)
{
	struct parameter one;
	const char *s = value_is(value, "form-data");
	if (!s || part->name)
		return broken(f, "a part has another Content-Disposition than one form-data");
	while (parameter_next(f->op->pool, &s, &one)) {
		if (str_ieq(one.name, "name") && part->name)
			return broken(f, "a part has two names");
		if (str_ieq(one.name, "name"))
			part->name = one.value;
		if (str_ieq(one.name, "filename") || str_ieq(one.name, "filename*"))
			part->is_file = true;
	}
	if (*s || !part->name)
		return broken(f, "a part's Content-Disposition has no name, or cannot be read");
	return OK;
}

/* text/plain in UTF-8, or what is a part of it. */
static bool type_is_text(struct pool *p, const char *value)
{
	struct parameter one;
	const char *s = value_is(value, "text/plain");
	while (s && parameter_next(p, &s, &one))
		if (str_ieq(one.name, "charset") && !str_ieq(one.value, "utf-8") && !str_ieq(one.value, "us-ascii"))
			return false;
	return s && !*s;
}

static enum status header_take(struct form *f, const char *line, struct part *part)
{
	struct pool *p = f->op->pool;
	size_t n = strspn(line, token_chars);
	if (!n || line[n] != ':' || strpbrk(line, "\r\n"))
		return broken(f, "a part has a line that is no header");
	const char *name = pool_strndup(p, line, n), *value = str_trim(p, line + n + 1);
	if (str_ieq(name, "Content-Disposition"))
		return disposition_take(f, value, part);
	if (str_ieq(name, "Content-Type"))
		part->is_text = type_is_text(p, value);
	/* RFC 7578 4.7: nobody should send one; what says that nothing was done to the bytes is let through. */
	if (str_ieq(name, "Content-Transfer-Encoding") && !str_ieq(value, "8bit") && !str_ieq(value, "7bit") &&
		!str_ieq(value, "binary"))
		part->is_text = false;
	return OK; /* RFC 7578 4.8: others are ignored */
}

/* ---- parts ---- */
/* From behind the delimiter to the value. */
static enum status head_take(struct form *f, struct part *part)
{
	size_t left = (size_t)(f->end - f->at);
	const char *blank = memmem(f->at, left < HEAD_MAX ? left : HEAD_MAX, "\r\n\r\n", 4);
	if (left < 2 || memcmp(f->at, "\r\n", 2) != 0)
		return broken(f, "a delimiter is not alone on its line");
	if (!blank)
		return broken(f, "a part's headers do not end, or are too long");
	*part = (struct part){.is_text = true};
	const char *line = f->at + 2;
	enum status st = OK;
	if (blank > f->at && !utf8_valid(line, (size_t)(blank - line)))
		return broken(f, "a part's headers are not UTF-8");
	while (!st && line < blank) {
		const char *end = memmem(line, (size_t)(blank - line), "\r\n", 2);
		end = end ? end : blank;
		st = header_take(f, pool_strndup(f->op->pool, line, (size_t)(end - line)), part);
		line = end + 2;
	}
	f->at = blank + 4;
	if (!st && !part->name)
		return broken(f, "a part has no Content-Disposition");
	return st;
}

/* The value up to the next delimiter, and the field with it. */
static enum status value_take(struct form *f, const struct part *part, struct json_object *to)
{
	const char *end = memmem(f->at, (size_t)(f->end - f->at), f->delimiter, f->delimiter_len);
	if (!end)
		return broken(f, "it ends before its last delimiter");
	size_t n = (size_t)(end - f->at);
	const char *value = utf8_valid(f->at, n) ? pool_strndup(f->op->pool, f->at, n) : NULL;
	f->at = end + f->delimiter_len;
	enum status st = field_add(f->op, to, part->name, part->is_file || !part->is_text ? "" : value);
	if (!st && part->is_file)
		return fail(f->op, E_MEDIA, part->name, "is a file; only text is taken here");
	if (!st && !part->is_text)
		return fail(f->op, E_MEDIA, part->name, "is not text/plain in UTF-8");
	return st;
}

/* The delimiter before each part but the first is what ends the value before it (RFC 2046 5.1.1). */
static enum status parts_take(struct form *f, struct json_object *to)
{
	enum status st = OK;
	for (int count = 0; !st; count++) {
		size_t left = (size_t)(f->end - f->at);
		if (left >= 2 && !memcmp(f->at, "--", 2)) {
			bool alone = left == 2 || (left == 4 && !memcmp(f->at + 2, "\r\n", 2));
			return alone ? OK : broken(f, "something follows its last delimiter");
		}
		if (count == FIELDS_MAX)
			return fail(f->op, E_SYNTAX, NULL, "there are more than %d fields", FIELDS_MAX);
		struct part part = {0};
		st = head_take(f, &part);
		if (!st)
			st = value_take(f, &part, to);
	}
	return st;
}

static const char *boundary_of(struct pool *p, const char *type)
{
	struct parameter one;
	const char *boundary = NULL, *s = type + strcspn(type, ";");
	while (parameter_next(p, &s, &one)) {
		if (!str_ieq(one.name, "boundary"))
			continue;
		if (boundary)
			return NULL;
		boundary = one.value;
	}
	size_t n = boundary && !*s ? strlen(boundary) : 0;
	return n && n <= BOUNDARY_MAX && strspn(boundary, boundary_chars) == n && boundary[n - 1] != ' ' ? boundary
													 : NULL;
}

enum status multipart_parse(struct op *op, const char *type, const char *data, size_t n, struct json_object *to)
{
	const char *boundary = boundary_of(op->pool, type);
	struct form f = {.op = op, .at = data, .end = data + n};
	if (!boundary)
		return broken(&f, "its Content-Type names no boundary");
	f.delimiter = pool_printf(op->pool, "\r\n--%s", boundary);
	f.delimiter_len = strlen(f.delimiter);
	/* The first delimiter begins the body: a preamble is for mail programs. */
	if (n < f.delimiter_len - 2 || memcmp(data, f.delimiter + 2, f.delimiter_len - 2) != 0)
		return broken(&f, "it does not begin with its delimiter");
	f.at += f.delimiter_len - 2;
	return parts_take(&f, to);
}
