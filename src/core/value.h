/* One value of one declared field: from what came in to what is stored. Inside of the core room. */
#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include "core/record.h"

/* Parses `in` (JSON as the API sends it, or text as forms do) into a typed, normalised value: *out is a new reference,
 * NULL for "nothing". False with the failure recorded in op->fault under f->name. */
bool value_parse(struct op *op, const struct field *f, struct json_object *in, struct json_object **out);

/* Is there anything in it? NULL and empty lists are nothing; false is something. */
bool value_is_empty(struct json_object *v);

/* The entries of both lists, each once; lives in op->pool. */
struct json_object *value_join(struct op *op, struct json_object *have, struct json_object *more);

/* What a choice may be: as declared, or as a setting has it now. */
const char *const *value_choices(struct op *op, const struct field *f);

/* As a form shows it: lists one entry a line, instants in local time, references as their id. Never NULL. */
const char *value_text(struct op *op, const struct field *f, struct json_object *v);

#endif
