/* Owns what a browser is asked to remember of its reader: colours, and whether single letters are keys (WCAG 2.1.4 wants
 * those to have a switch). Both are cookies: they belong to the desk somebody sits at, and nothing is decided by them.
 *
 * preferences  document, on every page: theme, is_dark, is_light, has_keys
 * Tests: t/60-toasts.t */
#include "base/pool.h"
#include "base/str.h"
#include "web/inside.h"
#include "web/preferences.h"
#include "base/banned.h"

#define REMEMBERED (365 * 86400)

static const char *const themes[] = {"system", "light", "dark", NULL};
static const char *const switches[] = {"on", "off", NULL};

const char *preferences_theme(struct req *r)
{
	const char *theme = request_cookie(r, "theme");
	return str_eq(theme, "dark") ? "dark" : str_eq(theme, "light") ? "light" : "system";
}

void preferences_document(struct req *r, struct json_object *o)
{
	const char *theme = preferences_theme(r);
	json_set_text(o, "theme", theme);
	json_set_bool(o, "is_dark", str_eq(theme, "dark"));
	json_set_bool(o, "is_light", str_eq(theme, "light"));
	json_set_bool(o, "has_keys", !str_eq(request_cookie(r, "keys"), "off"));
}

enum status preferences_form(struct req *r)
{
	out_data(r, json_obj(r->op.pool));
	json_set_text(r->view, "title", "Preferences");
	return OK;
}

enum status preferences_submit(struct req *r)
{
	int theme = in_choice(r, "theme", themes, -1), keys = in_choice(r, "keys", switches, -1);
	if (theme >= 0)
		reply_cookie(r, "theme", themes[theme], REMEMBERED);
	if (keys >= 0)
		reply_cookie(r, "keys", switches[keys], REMEMBERED);
	return reply_see(r, keys >= 0 ? "Preferences saved" : NULL, "%s", in_next(r, "/"));
}
