/* Mustache (the specification's core: interpolation, sections, inverted sections, partials, comments, delimiters; and of
 * its optional parts inheritance, {{<layout}}{{$block}}...{{/block}}{{/layout}}, and dynamic names, {{>*name}}: the
 * partial that the document names) plus a closed list of formatters: {{n|count}} {{day|date}} {{at|date}} {{at|time}} {{at|ago}} {{size|bytes}} {{url|href}}
 * {{text|lines}} {{doc|json}}. Values are escaped for HTML, except in templates whose name ends in .txt; raw {{{x}}} is
 * refused. A name absent from the document (absent, not null)
 * is an error when strict: how tests run; otherwise it is logged once and renders as nothing. */
#ifndef WEB_TMPL_H
#define WEB_TMPL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

struct buf;

struct tmpl_set; /* the compiled templates of one directory; lives as long as the process */
/* reload: look at each file's time of change (development). */
struct tmpl_set *tmpl_open(const char *dir, bool reload);
void tmpl_close(struct tmpl_set *set);

#define TMPL_DOCS 4
struct tmpl_env {
	struct json_object *docs[TMPL_DOCS]; /* looked up in order, innermost first; NULL ones are passed over */
	int64_t now;                         /* for ago */
	const char *zone;                    /* for date and time; NULL = UTC */
	bool strict;
	bool spec; /* the official cases: {{{x}}} and {{&x}} allowed everywhere */
};

/* Renders `name` ("contacts/list": dir/contacts/list.html; "digest/text.txt" as it is) to out. False with *error (in
 * out's pool or static) when the template is missing or malformed, a name is absent (strict) or out is full. */
bool tmpl_render(
	struct tmpl_set *set, const char *name, const struct tmpl_env *env, struct buf *out, const char **error);
/* The same for a template given as text, with partials from a JSON object {name: text}: the official cases. */
bool tmpl_render_text(const char *text, struct json_object *partials, const struct tmpl_env *env, struct buf *out,
	const char **error);
/* Parses every template below dir; prints "file: problem" to stderr; returns their number, -1 without a template. */
int tmpl_check(const char *dir);

#endif
