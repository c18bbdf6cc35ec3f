/* Owns the JSON Schema of a resource, from its declaration (OpenAPI 3.1 uses JSON Schema 2020-12 as it is).
 * Tests: t/unit/core_form.c, t/60-openapi.t */
#include "base/pool.h"
#include "core/record.h"
#include "base/banned.h"

static void nullable(struct json_object *o, const char *type, bool required)
{
	if (required) {
		json_set_text(o, "type", type);
		return;
	}
	struct json_object *types = json_add_arr(o, "type");
	json_push_text(types, type);
	json_push_text(types, "null");
}

static void choice_schema(struct json_object *o, const struct field *f, bool required)
{
	nullable(o, "string", required);
	if (!f->choices)
		return;
	struct json_object *values = json_add_arr(o, "enum");
	for (const char *const *c = f->choices; *c; c++)
		json_push_text(values, *c);
	if (!required)
		json_object_array_add(values, NULL);
}

static void list_schema(struct json_object *o, const struct field *f)
{
	json_set_text(o, "type", "array");
	struct json_object *items = json_add_obj(o, "items");
	json_set_text(items, "type", f->type == F_IDS ? "integer" : "string");
}

static void field_schema(struct pool *p, struct json_object *o, const struct field *f)
{
	bool required = f->flags & FIELD_REQUIRED;
	json_set_text(o, "description", f->label);
	switch (f->type) {
	case F_INT:
	case F_MONEY:
	case F_REF:
		nullable(o, "integer", required);
		if (f->type == F_MONEY)
			json_set_text(o, "description", pool_printf(p, "%s, in hundredths of the currency", f->label));
		if (f->type != F_REF && f->max)
			json_set_int(o, "maximum", (int64_t)f->max);
		break;
	case F_BOOL:
		json_set_text(o, "type", "boolean");
		break;
	case F_CHOICE:
		choice_schema(o, f, required);
		break;
	case F_EMAILS:
	case F_LIST:
	case F_IDS:
		list_schema(o, f);
		break;
	default:
		nullable(o, "string", required);
		if (f->type == F_DAY || f->type == F_INSTANT)
			json_set_text(o, "format", f->type == F_DAY ? "date" : "date-time");
		if (f->max)
			json_set_int(o, "maxLength", (int64_t)f->max);
	}
}

static void members(struct pool *p, struct json_object *schema, const struct resource *res)
{
	json_set_text(schema, "type", "object");
	struct json_object *properties = json_add_obj(schema, "properties");
	for (size_t i = 0; i < res->nfields; i++)
		field_schema(p, json_add_obj(properties, res->fields[i].name), &res->fields[i]);
}

void record_schema(struct pool *p, const struct resource *res, struct json_object *schemas)
{
	struct json_object *item = json_add_obj(schemas, pool_strdup(p, res->title));
	members(p, item, res);
	struct json_object *properties = json_get(item, "properties"), *required = json_add_arr(item, "required");
	json_set_text(json_add_obj(properties, "id"), "type", "integer");
	json_set_text(json_add_obj(properties, "version"), "type", "integer");
	json_push_text(required, "id");
	json_push_text(required, "version");
	members(p, json_add_obj(schemas, pool_printf(p, "%sChange", res->title)), res);
}
