/* The pages of admin.cgi: settings and users.
 *
 * admin/show  data: {
 *   settings   all but the digest's (digest_settings.c): [{key, label, value, help, default, error (or null), has_error,
 *              type ("text", "date", "number"), is_lines (several), options [{value, label, is_selected}] of a choice, has_options, id
 *              ("s-fund_name")}]
 *              POST /admin/settings with any of the keys
 *   users      [{id, username, name, email, role, is_active, wants_digest, has_password, is_self, created_at, url
 *              ("/admin/users/3"), aliases_text (further addresses, one a line), role_options [{value, label, is_selected}]}]
 *              POST /admin/users/:id with any of name, email, role, is_active, wants_digest, aliases (one a line), password
 *   disk       {free (bytes, where the data is), is_known, is_low (less than `countersign doctor` wants)}
 *   }
 *   view.add   what was typed for a new user: {username, name, email, role_options, wants_digest,
 *              errors {username, name, email, role, password} (texts or null)}    POST /admin/users
 *   view.error_user  id of the user whose change failed, or null      view.errors [{field, message}]   view.has_errors
 * API: PATCH /api/admin/settings {key: value}, POST /api/admin/users, PATCH /api/admin/users/:id
 * Tests: t/60-pages.t, t/60-full.t */
#include "crm/crm.h"

#include "base/buf.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "core/user.h"
#include "base/banned.h"

#define SETTING_MAX 16384

static const char *const roles[] = {"admin", "member", "agent", NULL};
static const char *const role_labels[] = {"Administrator", "Member", "Agent (a program)", NULL};

static const char *error_of(struct req *r, const char *field)
{
	for (struct fault_item *i = r->op.fault.items; i; i = i->next)
		if (str_eq(i->field, field))
			return i->message;
	return NULL;
}

static void options(struct json_object *o, const char *key, const char *const *values, const char *const *labels,
	const char *current)
{
	struct json_object *list = json_add_arr(o, key);
	for (size_t i = 0; values && values[i]; i++) {
		struct json_object *option = json_push_obj(list);
		json_set_text(option, "value", values[i]);
		json_set_text(option, "label", labels[i]);
		json_set_bool(option, "is_selected", str_eq(values[i], current));
	}
}

static void role_options(struct json_object *o, const char *current)
{
	options(o, "role_options", roles, role_labels, current);
}

/* What a person sends for a setting: lines end as they are kept. NULL: nothing. */
static const char *typed_for(struct req *r, const struct setting *s)
{
	const char *value = json_text(r->in, s->key);
	if (!value || !str_eq(s->type, "lines"))
		return value;
	size_t n;
	char **lines = str_split(r->op.pool, value, "\r\n", &n);
	struct buf *b = buf_new(r->op.pool, SETTING_MAX);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s%s", i ? "\n" : "", lines[i]);
	return b->data;
}

static void settings_document(struct req *r, struct json_object *data)
{
	struct json_object *list = json_add_arr(data, "settings");
	for (const struct setting *s = settings; s->key; s++) {
		if (!s->label || str_starts(s->key, "digest_")) /* the digest has a page of its own */
			continue;
		struct json_object *o = json_push_obj(list);
		const char *typed = r->verb == GET ? NULL : typed_for(r, s), *error = error_of(r, s->key);
		json_set_text(o, "key", s->key);
		json_set_text(o, "label", s->label);
		const char *value = typed ? typed : setting_text(&r->op, s->key);
		json_set_text(o, "value", value);
		json_set_text(o, "type", s->type ? s->type : "text");
		json_set_bool(o, "is_lines", str_eq(s->type, "lines"));
		options(o, "options", s->choices, s->labels, value);
		set_has(o, "has_options", s->choices != NULL);
		json_set_text(o, "help", s->help);
		json_set_text(o, "default", s->def);
		json_set_text(o, "error", error);
		set_has(o, "has_error", error != NULL);
		json_set_text(o, "id", pool_printf(r->op.pool, "s-%s", s->key));
	}
}

static void users_document(struct req *r, struct json_object *data)
{
	struct json_object *rows = db_array(&r->op, "SELECT id, username, name, email, role, is_active, wants_digest, "
						    "password_hash IS NOT NULL AS has_password, created_at, "
						    "coalesce((SELECT group_concat(email, char(10)) FROM "
						    "user_aliases_live WHERE user_id = users.id), '') AS aliases_text"
						    " FROM users ORDER BY name LIMIT 200");
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *u = json_at(rows, i);
		json_set_bool(u, "wants_digest", json_int(u, "wants_digest") != 0);
		json_set_bool(u, "is_self", json_int(u, "id") == r->op.actor.user_id);
		set_url(r->op.pool, u, "/admin/users", json_int(u, "id"));
		role_options(u, json_text(u, "role"));
	}
	json_set(data, "users", json_object_get(rows));
}

/* A full disk stops writing and capture, so who looks after the machine sees it before. */
static void disk_document(struct json_object *data)
{
	struct json_object *disk = json_add_obj(data, "disk");
	int64_t left = 0;
	bool known = disk_free(conf_data(), &left);
	json_set_int(disk, "free", left);
	json_set_bool(disk, "is_known", known);
	json_set_bool(disk, "is_low", known && left < DISK_LOW);
}

static void add_document(struct req *r)
{
	static const char *const names[] = {"username", "name", "email"}, *const fields[] = {"username", "name",
										  "email", "role", "password"};
	bool adding = r->verb == POST && str_ends(r->path, "/users");
	struct json_object *add = json_add_obj(r->view, "add"), *errors = json_add_obj(add, "errors");
	for (size_t i = 0; i < 3; i++) {
		const char *typed = adding ? json_text(r->in, names[i]) : NULL;
		json_set_text(add, names[i], typed ? typed : "");
	}
	for (size_t i = 0; i < 5; i++)
		json_set_text(errors, fields[i], adding ? error_of(r, fields[i]) : NULL);
	const char *role = adding ? json_text(r->in, "role") : NULL;
	role_options(add, role ? role : "member");
	json_set_bool(add, "wants_digest", true);
}

static void document(struct req *r)
{
	struct json_object *data = out_data(r, json_obj(r->op.pool));
	settings_document(r, data);
	users_document(r, data);
	disk_document(data);
	add_document(r);
	int64_t id = 0;
	bool changing =
		r->verb == POST && str_starts(r->path, "/admin/users/") && str_i64(r->path + 13, 1, INT64_MAX, &id);
	json_set(r->view, "error_user", changing && r->op.fault.items ? json_object_new_int64(id) : NULL);
	struct json_object *errors = json_add_arr(r->view, "errors");
	for (struct fault_item *i = r->op.fault.items; i; i = i->next) {
		struct json_object *o = json_push_obj(errors);
		json_set_text(o, "field", i->field);
		json_set_text(o, "message", i->message);
	}
	set_has(r->view, "has_errors", json_len(errors) > 0);
	json_set_text(r->view, "title", "Settings");
}

enum status admin_show(struct req *r)
{
	document(r);
	return OK;
}

static enum status done(struct req *r, const char *flash)
{
	if (!r->is_api)
		return reply_see(r, flash, "/admin");
	document(r);
	return OK;
}

enum status admin_settings(struct req *r)
{
	r->form = document;
	for (const struct setting *s = settings; s->key; s++) {
		const char *value = s->label ? typed_for(r, s) : NULL;
		if (value && !str_eq(str_trim(r->op.pool, value), setting_text(&r->op, s->key)))
			setting_set(&r->op, s->key, value);
	}
	if (r->op.fault.status)
		return r->op.fault.status;
	settings_undo(r);
	return done(r, "Settings saved");
}

void settings_undo(struct req *r)
{
	int64_t entry = settings_changed(&r->op);
	if (entry)
		r->undo_url = pool_printf(r->op.pool, "/admin/settings/revert/%lld", (long long)entry);
}

enum status admin_settings_revert(struct req *r)
{
	int64_t entry = in_id(r, "entry");
	enum status st = entry ? settings_revert(&r->op, entry) : r->op.fault.status;
	if (st)
		return st;
	settings_undo(r);
	st = done(r, "Settings put back");
	if (!st && !r->is_api)
		r->location = in_next(r, r->location);
	return st;
}

enum status admin_user_add(struct req *r)
{
	const char *username = in_text(r, "username", 64), *name = in_text(r, "name", 200),
		   *email = in_text(r, "email", 254);
	const char *role = in_text(r, "role", 20), *password = json_text(r->in, "password");
	int64_t id;
	r->form = document;
	if (r->op.fault.status)
		return r->op.fault.status;
	enum status st = user_add(&r->op, username, name, email, role, password && *password ? password : NULL, &id);
	return st ? st : done(r, "User added");
}

/* A page sends all of its form, where a box that is not ticked is absent; the API what it changes. */
static enum status change(struct req *r, int64_t id)
{
	static const char *const texts[] = {"name", "email", "role"}, *const boxes[] = {"is_active", "wants_digest"};
	struct json_object *changes = json_obj(r->op.pool);
	const char *password = json_text(r->in, "password");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *value = in_text(r, texts[i], 254);
		if (value)
			json_set_text(changes, texts[i], value);
	}
	for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
		if (!r->is_api || json_get(r->in, boxes[i]))
			json_set_bool(changes, boxes[i], in_bool(r, boxes[i]));
	if (json_get(r->in, "aliases"))
		json_set(changes, "aliases", json_object_get(json_get(r->in, "aliases")));
	const char *role = json_text(changes, "role");
	if (r->op.fault.status)
		return r->op.fault.status;
	if (role && !str_eq(role, "admin") && id == r->op.actor.user_id)
		return fail(&r->op, E_CONFLICT, "role", "is yours: another administrator changes it");
	enum status st = json_object_object_length(changes) ? user_update(&r->op, id, changes) : OK;
	return !st && password && *password ? user_set_password(&r->op, id, password) : st;
}

enum status admin_user_update(struct req *r)
{
	int64_t id = in_id(r, "id"), there = 0;
	r->form = document;
	if (!id || !db_one_int(&r->op, &there, "SELECT 1 FROM users WHERE id = ?", id))
		return fail(&r->op, E_NOT_FOUND, NULL, "there is no such user");
	enum status st = change(r, id);
	return st ? st : done(r, "User saved");
}
