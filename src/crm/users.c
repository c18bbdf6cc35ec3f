/* The team as others see it. Changing it is admin.c.
 *
 * list, show (API only)  {id, username, name, email, role, is_active, wants_digest, created_at, aliases [text]}
 * Tests: t/60-pages.t */
#include "crm/crm.h"

#include "core/user.h"
#include "base/banned.h"

enum status users_list(struct req *r)
{
	struct json_object *rows = out_data(
		r, db_array(&r->op, "SELECT id, username, name, email, role, is_active, wants_digest, created_at"
				    " FROM users ORDER BY name LIMIT 200"));
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *u = json_at(rows, i);
		json_set(u, "aliases", json_object_get(user_aliases(&r->op, json_int(u, "id"))));
	}
	struct json_object *meta = json_add_obj(r->out, "meta");
	json_set(meta, "next", NULL);
	json_set_int(meta, "total", (int64_t)json_len(rows));
	return OK;
}

enum status users_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	struct json_object *data = !id ? NULL
				       : db_object(&r->op,
						 "SELECT id, username, name, email, role, is_active, wants_digest, "
						 "created_at FROM users WHERE id = ?",
						 id);
	if (!data)
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such user");
	json_set(data, "aliases", json_object_get(user_aliases(&r->op, id)));
	out_data(r, data);
	return OK;
}
