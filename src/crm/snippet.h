/* Text as search results show it: cut down to where a word of the question stands, hits apart from the rest. */
#ifndef CRM_SNIPPET_H
#define CRM_SNIPPET_H

#include <stddef.h>

#include "crm/search_query.h"

struct json_object;
struct pool;

/* [{text, is_hit}]: all of a short text, or `words` words (0: all) from a little before the first hit, with "…" where
 * something is left out. White space is squeezed. The template marks the hits, so nothing of a mail is ever markup.
 * text NULL: []. */
struct json_object *snippet_pieces(struct pool *p, const char *text, const struct search_query *q, size_t words);

#endif
