/* The digest's settings, page of admin.cgi: when it is made, for whom, what is in it.
 *
 * admin/digest  data: {
 *   hour_options, recipients_options  [{value, label, is_selected}]
 *   time_zone, unanswered_days        texts
 *   days, sections                    [{name ("day_mon"), label, is_checked}]
 *   has_narrative                     bool
 *   recipients                        who gets it now: [{id, username, name, email}]   has_recipients
 *   errors                            {hour, time_zone, days, recipients, sections, unanswered_days}: text or null
 *   values                            {setting: value}: what the API changes
 * }
 * The form sends day_X and section_X, the API the settings themselves: PATCH {digest_days: "mon,tue", ...}
 * Tests: t/50-digest-pages.t */
#include "crm/crm.h"

#include <string.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "digest/digest.h"
#include "base/banned.h"

static const char *const keys[] = {"digest_hour", "time_zone", "digest_days", "digest_recipients", "digest_sections",
	"digest_unanswered_days", "digest_narrative"};
#define KEYS (sizeof keys / sizeof *keys)

static const char *const day_labels[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
static const char *const section_labels[] = {"What was recorded, by member and investor", "The pipeline and the ledger",
	"What waits for a person, and tasks", "Who wrote last, and who it is time to write to",
	"Capture, backups, the way mail leaves"};
static const char *const recipient_labels[] = {"Administrators, and who asked for it", "Only who asked for it"};

/* What was typed when the form comes again, else what is set. */
static const char *value_of(struct req *r, const char *key)
{
	const char *typed = r->verb == GET ? NULL : json_text(r->in, key);
	return typed ? typed : setting_text(&r->op, key);
}

/* ---- the form's checkboxes ---- */
static bool holds(struct pool *p, const char *list, const char *word)
{
	size_t n;
	char **all = str_split(p, list, ", ", &n);
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i], word))
			return true;
	return false;
}

static void boxes(struct req *r, struct json_object *data, const char *key, const char *prefix,
	const char *const *words, const char *const *labels, const char *value)
{
	struct json_object *list = json_add_arr(data, key);
	for (size_t i = 0; words[i]; i++) {
		struct json_object *o = json_push_obj(list);
		json_set_text(o, "name", pool_printf(r->op.pool, "%s_%s", prefix, words[i]));
		json_set_text(o, "label", labels[i]);
		json_set_bool(o, "is_checked", holds(r->op.pool, value, words[i]));
	}
}

/* Those that are checked, as the setting's list. */
static void boxes_read(struct req *r, const char *key, const char *prefix, const char *const *words, const char *none)
{
	struct buf *b = buf_new(r->op.pool, 4096);
	for (; *words; words++)
		if (in_bool(r, pool_printf(r->op.pool, "%s_%s", prefix, *words)))
			buf_printf(b, "%s%s", b->len ? "," : "", *words);
	json_set_text(r->in, key, b->len ? b->data : none);
}

static void form_read(struct req *r)
{
	boxes_read(r, "digest_days", "day", digest_days, "");
	boxes_read(r, "digest_sections", "section", digest_sections, "none");
	json_set_text(r->in, "digest_narrative", in_bool(r, "narrative") ? "1" : "0");
}

/* ---- the document ---- */
static void hour_options(struct req *r, struct json_object *data)
{
	struct json_object *list = json_add_arr(data, "hour_options");
	for (int hour = 0; hour < 24; hour++) {
		struct json_object *o = json_push_obj(list);
		const char *value = pool_printf(r->op.pool, "%d", hour);
		json_set_text(o, "value", value);
		json_set_text(o, "label", pool_printf(r->op.pool, "%02d:00", hour));
		json_set_bool(o, "is_selected", str_eq(value, value_of(r, "digest_hour")));
	}
}

static void recipients_options(struct req *r, struct json_object *data)
{
	struct json_object *list = json_add_arr(data, "recipients_options");
	for (size_t i = 0; digest_recipients_choices[i]; i++) {
		struct json_object *o = json_push_obj(list);
		json_set_text(o, "value", digest_recipients_choices[i]);
		json_set_text(o, "label", recipient_labels[i]);
		json_set_bool(o, "is_selected", str_eq(digest_recipients_choices[i], value_of(r, "digest_recipients")));
	}
}

static void errors(struct req *r, struct json_object *data)
{
	struct json_object *o = json_add_obj(data, "errors"), *values = json_add_obj(data, "values");
	for (size_t i = 0; i < KEYS; i++) {
		const char *message = NULL;
		for (struct fault_item *f = r->op.fault.items; f; f = f->next)
			if (str_eq(f->field, keys[i]))
				message = f->message;
		json_set_text(o, str_starts(keys[i], "digest_") ? keys[i] + 7 : keys[i], message);
		json_set_text(values, keys[i], value_of(r, keys[i]));
	}
}

static void document(struct req *r)
{
	struct json_object *data = out_data(r, json_obj(r->op.pool)), *users = digest_recipients(&r->op);
	hour_options(r, data);
	recipients_options(r, data);
	json_set_text(data, "time_zone", value_of(r, "time_zone"));
	json_set_text(data, "unanswered_days", value_of(r, "digest_unanswered_days"));
	boxes(r, data, "days", "day", digest_days, day_labels, value_of(r, "digest_days"));
	boxes(r, data, "sections", "section", digest_sections, section_labels, value_of(r, "digest_sections"));
	json_set_bool(data, "has_narrative", !str_eq(value_of(r, "digest_narrative"), "0"));
	json_set(data, "recipients", json_object_get(users));
	set_has(data, "has_recipients", json_len(users) > 0);
	errors(r, data);
	set_has(r->view, "has_errors", r->op.fault.items != NULL);
	json_set_text(r->view, "title", "Settings of the digest");
}

enum status digest_settings_show(struct req *r)
{
	document(r);
	return OK;
}

enum status digest_settings_save(struct req *r)
{
	r->form = document;
	if (!r->is_api)
		form_read(r);
	for (size_t i = 0; i < KEYS; i++) {
		struct json_object *typed = json_get(r->in, keys[i]);
		const char *value = typed ? json_object_get_string(typed) : NULL;
		if (value && !str_eq(str_trim(r->op.pool, value), setting_text(&r->op, keys[i])))
			setting_set(&r->op, keys[i], value);
	}
	if (r->op.fault.status)
		return r->op.fault.status;
	settings_undo(r);
	if (!r->is_api)
		return reply_see(r, "Settings saved", "/admin/digest");
	document(r);
	return OK;
}
