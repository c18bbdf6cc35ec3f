/* Owns the form document of a record: one for every resource, from its declaration (crm/shapes.h says what is in it).
 * Never writes. Tests: t/unit/core_form.c */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "core/record.h"
#include "core/value.h"
#include "db/db.h"
#include "base/banned.h"

#define SELECT_MAX 60 /* more records than these are not offered but found as one types */

static void option(struct json_object *options, const char *value, const char *label, bool selected)
{
	struct json_object *o = json_push_obj(options);
	json_set_text(o, "value", value);
	json_set_text(o, "label", label);
	json_set_bool(o, "is_selected", selected);
}

static void choices(struct op *op, struct json_object *options, const struct field *f, const char *value)
{
	const char *const *all = value_choices(op, f);
	if (!(f->flags & FIELD_REQUIRED))
		option(options, "", "", !*value);
	for (size_t i = 0; all[i]; i++)
		option(options, all[i], f->labels ? f->labels[i] : all[i], str_eq(all[i], value));
}

/* The records a reference can name, the present one among them; false when there are more than a form offers. One of a
 * list has its id behind a mark, which value.c reads back. */
static bool references(struct op *op, struct json_object *options, const struct field *f, const char *value)
{
	const struct resource *res = resource_find(f->ref);
	bool found = !*value, marked = f->type == F_IDS;
	if (!res || !res->options_sql)
		return false;
	struct json_object *all = db_array_(op, res->options_sql, BINDS(SELECT_MAX + 1));
	if (json_len(all) > SELECT_MAX)
		return false;
	if (!marked)
		option(options, "", "", !*value);
	for (size_t i = 0; i < json_len(all); i++) {
		const char *label = json_text(json_at(all, i), "name");
		const char *id = pool_printf(op->pool, "%lld", (long long)json_int(json_at(all, i), "id"));
		found |= str_eq(id, value);
		option(options, marked ? pool_printf(op->pool, "%s #%s", label, id) : id, label, str_eq(id, value));
	}
	int64_t id;
	if (!found && str_i64(value, 1, INT64_MAX, &id))
		option(options, value, record_label(op, res, id), true);
	return true;
}

static const char *reference_text(struct op *op, const struct field *f, const char *value)
{
	const struct resource *res = resource_find(f->ref);
	int64_t id;
	if (!res || !str_i64(value, 1, INT64_MAX, &id))
		return value;
	return pool_printf(op->pool, "%s #%s", record_label(op, res, id), value);
}

static const char *error_of(struct op *op, const char *field)
{
	for (struct fault_item *i = op->fault.items; i; i = i->next)
		if (str_eq(i->field, field))
			return i->message;
	return NULL;
}

static const char *input_type(const struct field *f)
{
	switch (f->type) {
	case F_URL:
		return "url";
	case F_INT:
		return "number";
	case F_DAY:
		return "date";
	case F_INSTANT:
		return "datetime-local";
	default:
		return "text";
	}
}

static void kind_flags(struct json_object *o, const struct field *f, bool is_pick)
{
	bool list = f->type == F_EMAILS || f->type == F_LIST || f->type == F_IDS;
	bool choose = f->type == F_CHOICE || (f->type == F_REF && !is_pick);
	json_set_text(o, "type", input_type(f));
	json_set_bool(o, "is_text", !list && !choose && f->type != F_LONG && f->type != F_BOOL);
	json_set_bool(o, "is_long", list || f->type == F_LONG);
	json_set_int(o, "rows", list ? 3 : 6);
	json_set_bool(o, "is_select", choose);
	json_set_bool(o, "is_check", f->type == F_BOOL);
	json_set_bool(o, "is_number", f->type == F_INT);
	json_set_bool(o, "is_day", f->type == F_DAY);
	json_set_bool(o, "is_instant", f->type == F_INSTANT);
	json_set_bool(o, "is_url", f->type == F_URL);
	json_set_bool(o, "is_list", list);
	json_set_bool(o, "is_pick", is_pick);
	json_set_bool(o, "is_many", f->type == F_IDS);
	json_set_bool(o, "is_short",
		choose || f->type == F_DAY || f->type == F_INSTANT || f->type == F_INT || f->type == F_MONEY);
	json_set_bool(o, "is_required", f->flags & FIELD_REQUIRED);
}

/* What was typed, as it was typed, wins over the row. */
static const char *shown(struct op *op, const struct field *f, struct json_object *row, struct json_object *typed)
{
	struct json_object *v;
	if (typed && json_object_object_get_ex(typed, f->name, &v))
		return value_text(op, f, v);
	if (row)
		return value_text(op, f, json_get(row, f->name));
	return f->type == F_CHOICE && (f->flags & FIELD_REQUIRED) ? value_choices(op, f)[0] : "";
}

static void current(
	struct op *op, struct json_object *o, const struct field *f, struct json_object *row, const char *value)
{
	bool stale = op->fault.status == E_STALE && row;
	const char *now = stale ? value_text(op, f, json_get(row, f->name)) : NULL;
	bool other = now && !str_eq(now, value);
	json_set_text(o, "current", other ? (*now ? now : "(nothing)") : NULL);
	json_set_bool(o, "has_current", other);
}

static void field_form(
	struct op *op, struct json_object *o, const struct field *f, struct json_object *row, struct json_object *typed)
{
	const char *value = shown(op, f, row, typed), *error = error_of(op, f->name);
	json_set_text(o, "name", f->name);
	json_set_text(o, "label", f->label);
	json_set_text(o, "id", pool_printf(op->pool, "f-%s", f->name));
	json_set_text(o, "error", error);
	json_set_bool(o, "has_error", error != NULL);
	json_set_text(o, "help", f->help);
	json_set_bool(o, "has_help", f->help != NULL);
	struct json_object *options = json_add_arr(o, "options");
	bool refers = f->type == F_REF || f->type == F_IDS, offered = refers && references(op, options, f, value);
	if (f->type == F_CHOICE)
		choices(op, options, f, value);
	if (f->type == F_REF && !offered)
		value = reference_text(op, f, value);
	kind_flags(o, f, f->type == F_IDS || (refers && !offered));
	json_set_text(o, "pick_url", refers && !offered ? pool_printf(op->pool, "/api/%s", f->ref) : NULL);
	json_set_text(o, "value", value);
	json_set_bool(o, "is_checked",
		f->type == F_BOOL && (str_eq(value, "true") || str_eq(value, "1") || str_eq(value, "on")));
	json_set(o, "max", f->max && !(f->flags & FIELD_OWN_TABLE) ? json_object_new_int64((int64_t)f->max) : NULL);
	current(op, o, f, row, value);
}

static void form_state(
	struct op *op, struct json_object *form, const struct resource *res, int64_t id, struct json_object *row)
{
	bool stale = op->fault.status == E_STALE && row;
	json_set(form, "version", row ? json_object_new_int64(json_int(row, "version")) : NULL);
	json_set_bool(form, "has_version", row != NULL);
	json_set_bool(form, "has_errors", op->fault.items != NULL);
	struct json_object *errors = json_add_arr(form, "errors");
	for (struct fault_item *i = op->fault.items; i; i = i->next)
		if (!i->field || !field_find(res, i->field))
			json_set_text(json_push_obj(errors), "message",
				i->field ? pool_printf(op->pool, "%s %s", i->field, i->message) : i->message);
	json_set_bool(form, "is_stale", stale);
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "SELECT u.name AS name, r.updated_at AS at FROM ");
	query_name(&q, res->name);
	query_add(&q, "_live r LEFT JOIN users u ON u.id = r.updated_by WHERE r.id = ?", id);
	struct json_object *last = stale ? json_at(query_array(op, &q), 0) : NULL;
	json_set_text(form, "stale_by", last ? json_text(last, "name") : NULL);
	json_set_text(form, "stale_at", last ? json_text(last, "at") : NULL);
	json_add_arr(form, "hidden");
}

struct json_object *record_form(struct op *op, const struct resource *res, int64_t id, struct json_object *typed)
{
	struct json_object *form = json_obj(op->pool), *row = id ? record_fields(op, res, id) : NULL;
	form_state(op, form, res, id, row);
	struct json_object *fields = json_add_arr(form, "fields");
	for (size_t i = 0; i < res->nfields; i++)
		if (!(res->fields[i].flags & FIELD_HIDDEN))
			field_form(op, json_push_obj(fields), &res->fields[i], row, typed);
	return form;
}
