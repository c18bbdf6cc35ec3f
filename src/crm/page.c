/* Owns what every page of a logged-in user shows around its own content: user, navigation, how much waits. Two queries.
 * Tests: t/60-pages.t */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "crm/crm.h"
#include "base/banned.h"

struct place {
	const char *key, *label, *url;
};

static const struct place places[] = {{"home", "Home", "/"}, {"review", "Review", "/review"},
	{"contacts", "Contacts", "/contacts"}, {"organizations", "Organizations", "/organizations"},
	{"pipeline", "Pipeline", "/pipeline"}, {"investors", "Investors", "/investors"},
	{"commitments", "Commitments", "/commitments"}, {"tasks", "Tasks", "/tasks"}, {"mail", "Mail", "/mail"},
	{"digests", "Digests", "/digests"}, {"capture", "Capture", "/capture"}, {"audit", "Audit", "/audit"},
	{"trash", "Trash", "/trash"}};
static const struct place admin_places[] = {{"admin", "Settings", "/admin"}};

static bool is_under(const char *path, const char *url)
{
	size_t n = strlen(url);
	if (str_eq(url, "/"))
		return str_eq(path, "/");
	return !strncmp(path, url, n) && (!path[n] || path[n] == '/');
}

/* A page without a place of its own stands under that which leads to it. */
static bool is_current(const char *path, const char *url)
{
	return is_under(path, url) || (str_eq(url, "/capture") && is_under(path, "/rules")) ||
	       (str_eq(url, "/mail") && is_under(path, "/messages")) ||
	       (str_eq(url, "/contacts") && is_under(path, "/affiliations")) ||
	       (str_eq(url, "/commitments") && is_under(path, "/funds")) ||
	       (str_eq(url, "/pipeline") && is_under(path, "/opportunities"));
}

static void nav(struct req *r, const char *name, const struct place *all, size_t n, int64_t pending, bool more)
{
	static const char *const columns[] = {"key", "label", "url", "is_current", "count", "has_count"};
	struct rows *t = rows_new(r->op.pool, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < n; i++) {
		bool counted = pending > 0 && str_eq(all[i].key, "review");
		rows_push(t);
		rows_set_text(t, i, "key", all[i].key);
		rows_set_text(t, i, "label", all[i].label);
		rows_set_text(t, i, "url", all[i].url);
		rows_set_bool(t, i, "is_current", is_current(r->path, all[i].url));
		if (counted)
			rows_set_text(t, i, "count", count_label(r->op.pool, pending, more));
		rows_set_bool(t, i, "has_count", counted);
	}
	json_set_rows(r->page, name, t);
}

void page_fill(struct req *r)
{
	const struct actor *a = &r->op.actor;
	struct json_object *user = json_add_obj(r->page, "user");
	struct json_object *row = db_object(&r->op,
		"SELECT (SELECT email FROM users WHERE id = ?) AS email, (SELECT value FROM settings WHERE key = "
		"'fund_name') AS fund_name",
		a->user_id);
	const char *fund = json_text(row, "fund_name");
	bool more;
	int64_t pending = proposals_waiting(r, &more);
	json_set_int(user, "id", a->user_id);
	json_set_text(user, "username", a->username);
	json_set_text(user, "name", a->name);
	json_set_text(user, "role", role_name(a->role));
	json_set_text(user, "email", json_text(row, "email"));
	json_set_bool(r->page, "is_admin", a->role == ROLE_ADMIN);
	json_set_bool(r->page, "can_write", actor_may_sign(a) && !r->looks_as);
	json_set_text(r->page, "looks_as", r->looks_as);
	json_set_text(r->page, "fund_name", fund ? fund : "Countersign");
	json_set_text(r->page, "zone", r->zone ? r->zone : "UTC");
	set_count(r->op.pool, r->page, "pending", pending, more);
	nav(r, "nav", places, sizeof places / sizeof *places, pending, more);
	nav(r, "nav_admin", admin_places, a->role == ROLE_ADMIN ? 1 : 0, 0, false);
}
