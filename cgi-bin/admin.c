/* admin.cgi: settings and users, one process for one request. Owns nothing but the table of its routes. */
#include "crm/crm.h"
#include "web/route.h"
#include "web/serve.h"

#define ROUTE(page_verb, page_path, api_verb, api_path, access, handler, template)                                     \
	{page_verb, page_path, api_verb, api_path, access, handler, template, 0},
static const struct route table[] = {
#include "routes_admin.def"
};
#undef ROUTE

const struct route *const routes = table;
const size_t routes_count = sizeof table / sizeof *table;

int main(int argc, char **argv)
{
	page_furniture = page_fill;
	return serve_cgi(argc, argv);
}
