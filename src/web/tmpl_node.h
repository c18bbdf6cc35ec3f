/* A compiled template, between tmpl_parse.c and tmpl.c. */
#ifndef WEB_TMPL_NODE_H
#define WEB_TMPL_NODE_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

enum node_kind {
	NODE_TEXT,
	NODE_VALUE,
	NODE_RAW,
	NODE_SECTION,
	NODE_INVERTED,
	NODE_PARTIAL,
	NODE_BLOCK,  /* {{$name}}default{{/name}} */
	NODE_PARENT, /* {{<name}}blocks{{/name}}: a partial some of whose blocks are replaced by those inside */
};

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
	int column;         /* where a table had the name last time (rows_find's hint) */
	const char *indent; /* partial, block, parent: put before each line of what takes its place; "" for none */
	struct node *first, *next;
};

/* Compiles `text` (NUL-terminated, outlives the nodes). NULL with *error. `raw`: {{{x}}} allowed everywhere. */
struct node *tmpl_parse(struct pool *p, const char *text, bool raw, const char **error);

#endif
