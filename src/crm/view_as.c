/* Looking at the program as somebody else of the team does: everything that both may see, nothing changed. The session
 * notes it; web/session.c asks as that user from then on. Tests: t/60-view-as.t
 *
 * view_as  data: [{id, name, role_label, is_self}]   POST here with user_id; POST /view-as/end stops it */
#include "crm/crm.h"

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

enum status view_as_list(struct req *r)
{
	int64_t self = r->op.actor.viewer_id ? r->op.actor.viewer_id : r->op.actor.user_id;
	struct json_object *rows = out_data(
		r, db_array(&r->op,
			   "SELECT id, name, iif(role = 'admin', 'Administrator', 'Member') AS role_label FROM users"
			   " WHERE is_active = 1 AND role <> 'agent' ORDER BY name LIMIT 200"));
	for (size_t i = 0; i < json_len(rows); i++)
		json_set_bool(json_at(rows, i), "is_self", json_int(json_at(rows, i), "id") == self);
	json_set_text(r->view, "title", "Look as somebody else");
	return OK;
}

static enum status done(struct req *r, int64_t id, const char *flash)
{
	if (!r->is_api)
		return reply_see(r, flash, "/");
	json_set(out_data(r, json_obj(r->op.pool)), "view_as_id", id ? json_object_new_int64(id) : NULL);
	return OK;
}

enum status view_as_start(struct req *r)
{
	int64_t id = in_int(r, "user_id", 0, 1, INT64_MAX), there;
	if (!id && !r->op.fault.status)
		return fail(&r->op, E_INPUT, "user_id", "is required");
	if (id == r->op.actor.user_id)
		return fail(&r->op, E_INPUT, "user_id", "is you");
	if (!db_one_int(&r->op, &there, "SELECT 1 FROM users WHERE id = ? AND is_active = 1 AND role <> 'agent'", id))
		return fail(&r->op, E_NOT_FOUND, NULL, "there is no such user");
	enum status st = db_run(&r->op, "UPDATE sessions SET view_as_id = ? WHERE id = ?", id, r->session_id);
	return st ? st : done(r, id, NULL);
}

enum status view_as_end(struct req *r)
{
	enum status st = db_run(&r->op, "UPDATE sessions SET view_as_id = NULL WHERE id = ?", r->session_id);
	return st ? st : done(r, 0, "You are yourself again");
}
