/* A compiled template, between tmpl_parse.c and tmpl.c. */
#ifndef WEB_TMPL_NODE_H
#define WEB_TMPL_NODE_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

enum node_kind { NODE_TEXT, NODE_VALUE, NODE_RAW, NODE_SECTION, NODE_INVERTED, NODE_PARTIAL };

enum format {
	FORMAT_NONE,
	FORMAT_COUNT,
	FORMAT_DATE,
	FORMAT_TIME,
	FORMAT_AGO,
	FORMAT_BYTES,
	FORMAT_HREF,
	FORMAT_LINES,
	FORMAT_JSON,
};

struct node {
	enum node_kind kind;
	enum format format;
	const char *text; /* NODE_TEXT: its bytes; else the name as written */
	size_t len;
	const char **path; /* the name's parts; none for "." */
	size_t path_len;
	const char *indent; /* NODE_PARTIAL alone on its line: what stood before it, put before each of its lines */
	struct node *first, *next;
};

/* Compiles `text` (NUL-terminated, outlives the nodes). NULL with *error. `raw`: {{{x}}} allowed everywhere. */
struct node *tmpl_parse(struct pool *p, const char *text, bool raw, const char **error);

#endif
