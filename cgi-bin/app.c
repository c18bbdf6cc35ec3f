/* app.fcgi: the worker. Owns nothing but the table of its routes. */
#include "core/user.h"
#include "crm/crm.h"
#include "web/login.h"
#include "web/preferences.h"
#include "web/route.h"
#include "web/serve.h"

#define ROUTE(page_verb, page_path, api_verb, api_path, access, handler, template)                                     \
	{page_verb, page_path, api_verb, api_path, access, handler, template, 0},
static const struct route table[] = {
#include "routes.def"
};
#undef ROUTE

const struct route *const routes = table;
const size_t routes_count = sizeof table / sizeof *table;

static enum status create_admin(
	struct op *op, const char *username, const char *name, const char *email, const char *password, int64_t *id)
{
	return user_add(op, username, name, email, "admin", password, id);
}

int main(int argc, char **argv)
{
	page_furniture = page_fill;
	login_create_admin = create_admin;
	return serve_fastcgi(argc, argv);
}
