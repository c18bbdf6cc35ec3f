/* Every handler of this room, as the route tables name them. */
#ifndef CRM_HANDLERS_H
#define CRM_HANDLERS_H

#include "web/req.h"

#define ROUTE(page_verb, page_path, api_verb, api_path, access, handler, template) enum status handler(struct req *r);
#include "routes.def"
#include "routes_admin.def"
#undef ROUTE

#endif
