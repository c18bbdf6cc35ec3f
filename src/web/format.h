/* Formatters of templates: a JSON value as a person reads it. */
#ifndef WEB_FORMAT_H
#define WEB_FORMAT_H

#include <stdint.h>

#include "base/json.h"
#include "web/tmpl_node.h"

struct buf;

struct format_env {
	int64_t now;
	const char *zone;
};

/* Writes v to out, escaped for HTML when `escape`. A value that does not fit its formatter is written as it is. */
void format_write(struct buf *out, enum format how, struct json_object *v, const struct format_env *env, bool escape);

#endif
