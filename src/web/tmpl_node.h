/* A compiled template, between tmpl_parse.c and tmpl.c. */
#ifndef WEB_TMPL_NODE_H
#define WEB_TMPL_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;
struct rows;

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
	FORMAT_MONEY,
	FORMAT_DATE,
	FORMAT_TIME,
	FORMAT_AGO,
	FORMAT_BYTES,
	FORMAT_HREF,
	FORMAT_LINES,
	FORMAT_WRAP,
	FORMAT_JSON,
};

/* A part of a name, and where it was found last: json_find()'s hash; its column in a table (-1: none), which holds for
 * that table in that rendering. */
struct part {
	const char *name;
	unsigned long hash;
	const struct rows *table;
	uint64_t rendering;
	int column;
};

struct node {
	enum node_kind kind;
	enum format format;
	const char *text; /* NODE_TEXT: its bytes; else the name as written */
	size_t len;
	struct part *path; /* the name's parts; none for ".", nor for a partial that the template itself names */
	size_t path_len;
	const char *indent; /* partial, block, parent: put before each line of what takes its place; "" for none */
	struct node *first, *next;
};

/* Compiles `text` (NUL-terminated, outlives the nodes). NULL with *error. `raw`: {{{x}}} allowed everywhere. */
struct node *tmpl_parse(struct pool *p, const char *text, bool raw, const char **error);

#endif
