/* The pages of admin.cgi: settings and users.
 *
 * admin/show  data: {
 *   settings   [{key, label, value, help, default, error (or null), has_error, id ("s-fund_name")}]
 *              POST /admin/settings with any of the keys
 *   users      [{id, username, name, email, role, is_active, wants_digest, has_password, is_self, created_at, url
 *              ("/admin/users/3"), role_options [{value, label, is_selected}]}]
 *              POST /admin/users/:id with any of name, email, role, is_active, wants_digest, password
 *   }
 *   view.add   what was typed for a new user: {username, name, email, role_options, wants_digest,
 *              errors {username, name, email, role, password} (texts or null)}    POST /admin/users
 *   view.error_user  id of the user whose change failed, or null      view.errors [{field, message}]   view.has_errors
 * API: PATCH /api/admin/settings {key: value}, POST /api/admin/users, PATCH /api/admin/users/:id
 * Tests: t/unit/crm_admin.c */
