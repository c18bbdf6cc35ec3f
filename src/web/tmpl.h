/* Mustache (spec v1.4: interpolation, sections, inverted, partials, comments, delimiters, inheritance) plus a closed
 * list of formatters: {{amount|money}} {{day|date}} {{at|ago}} {{at|time}} {{size|bytes}} {{url|href}} {{text|lines}}
 * {{n|count}} {{doc|json}}. Values are escaped for HTML; raw {{{x}}} is accepted only for the key `body` in the layout
 * and keys starting html_, which only tmpl's own callers may make. A name absent from the document (absent, not null)
 * is an error when strict: how tests run; otherwise it is logged once and renders as nothing. */
#ifndef WEB_TMPL_H
#define WEB_TMPL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

struct buf;
struct op;

struct tmpl_set; /* the compiled templates of one directory; lives as long as the process */
struct tmpl_set *tmpl_open(const char *dir, bool reload); /* reload: look at each file's mtime (development) */
void tmpl_close(struct tmpl_set *set);

struct tmpl_env {
	struct json_object *const *docs; /* looked up in order, innermost first */
	size_t ndocs;
	int64_t now;      /* for ago */
	const char *zone; /* for date and time; NULL = UTC */
	bool strict;
	bool spec;        /* the official cases: {{{x}}} and {{&x}} allowed everywhere */
};

/* Renders `name` ("contacts/list") to out. False with *error (static or in out's pool) when the template is missing,
 * malformed, a name is absent (strict) or out is full. */
bool tmpl_render(struct tmpl_set *set, const char *name, const struct tmpl_env *env, struct buf *out, const char **error);
/* The same for a template given as text, with partials from a JSON object {name: text}: the official cases. */
bool tmpl_render_text(const char *text, struct json_object *partials, const struct tmpl_env *env, struct buf *out,
	const char **error);
/* Parses every template below dir; prints "file:line: problem" to stderr; returns their number. For lint. */
int tmpl_check(const char *dir);

#endif
