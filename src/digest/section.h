/* What the digest's sections share while one is made. */
#ifndef DIGEST_SECTION_H
#define DIGEST_SECTION_H

#include "digest/digest.h"

struct making {
	struct op *op;
	struct json_object *doc;
	struct window w;
	const char *base; /* the installation's address: what links begin with */
	const char *zone;
	bool is_quiet; /* nothing so far that anybody should know of */
};

/* Each fills its own names of the document, empty ones when the fund leaves the section out (setting digest_sections). */
void counts_add(struct making *m);               /* counts.c */
void waiting_add(struct making *m, bool wants);  /* counts.c */
void radar_add(struct making *m, bool wants);    /* counts.c */
void pipeline_add(struct making *m, bool wants); /* counts.c */
void activity_add(struct making *m, bool wants);
void health_add(struct making *m, bool wants);

/* In one line of the text part, indented by `indent`: clipped to stay within 76 columns. */
const char *section_line(struct making *m, int indent, const char *text);
/* The same text in as many lines as it takes, the second and later ones indented: never clipped, a long word stands out. */
const char *section_wrapped(struct pool *p, int indent, const char *text);
/* `key` and has_`key`, which the templates ask. */
void section_put(struct making *m, const char *key, const char *has, struct json_object *rows);
const char *section_url(struct making *m, const char *path, int64_t id);

#endif
