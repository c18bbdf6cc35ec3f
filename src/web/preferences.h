/* What a browser remembers of its reader: the page, its form, and what every page's document says of it. */
#ifndef WEB_PREFERENCES_H
#define WEB_PREFERENCES_H

#include "web/req.h"

/* "dark", "light" or "system": the colours that this browser was told to use. */
const char *preferences_theme(struct req *r);
void preferences_document(struct req *r, struct json_object *o);

enum status preferences_form(struct req *r);
enum status preferences_submit(struct req *r);

#endif
