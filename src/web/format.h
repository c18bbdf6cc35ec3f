/* Formatters of templates: a value as a person reads it. */
#ifndef WEB_FORMAT_H
#define WEB_FORMAT_H

#include <stdint.h>

#include "base/rows.h"
#include "web/tmpl_node.h"

struct buf;
struct pool;

struct format_env {
	int64_t now;
	const char *zone;
};

/* Writes v to out, escaped for HTML when `escape`. A value that does not fit its formatter is written as it is. */
void format_write(struct buf *out, enum format how, const struct cell *v, const struct format_env *env, bool escape);

/* "2026-03-03" as "3 Mar 2026", for what is shown without a template of its own; what is no day as it is. */
const char *format_day(struct pool *p, const char *day);

#endif
