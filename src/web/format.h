/* Formatters of templates: a value as a person reads it. */
#ifndef WEB_FORMAT_H
#define WEB_FORMAT_H

#include <stdint.h>

#include "base/rows.h"
#include "web/tmpl_node.h"

struct buf;

struct format_env {
	int64_t now;
	const char *zone;
};

/* Writes v to out, escaped for HTML when `escape`. A value that does not fit its formatter is written as it is. */
void format_write(struct buf *out, enum format how, const struct cell *v, const struct format_env *env, bool escape);

#endif
