/* Owns rendering and the set of compiled templates. Never escapes less than HTML needs. Tests: t/20-mustache.t */
#include "web/tmpl.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/rows.h"
#include "base/str.h"
#include "web/format.h"
#include "web/tmpl_node.h"
#include "base/banned.h"

#define STACK_MAX 64
#define PARTIAL_MAX 16
#define INDENT_MAX 128
#define TEXT_MAX ((size_t)1 << 20)

struct tmpl {
	const char *name;
	struct node *root; /* NULL: malformed, error says how */
	const char *error;
	bool escape;
	struct timespec changed;
	struct pool *pool;
	struct tmpl *next;
};

struct tmpl_set {
	struct pool *pool;
	const char *dir;
	bool reload;
	struct json_object *partials; /* official cases: texts instead of files */
	bool raw;
	uint64_t renderings; /* so far: tables are told apart within one */
	struct tmpl *all;
};

/* A value as a template meets it: a scalar or JSON in a cell, a table, or one of its rows. */
struct value {
	enum { VALUE_CELL, VALUE_ROWS, VALUE_ROW } kind;
	union {
		struct cell cell;
		struct {
			const struct rows *rows;
			size_t row;
		};
	};
};

struct render {
	struct tmpl_set *set;
	const struct tmpl_env *env;
	struct format_env format;
	struct buf *out;
	const char *error;
	struct value stack[STACK_MAX]; /* outermost first */
	const struct node
		*parents[PARTIAL_MAX]; /* whose blocks replace those met now; the outermost has the last word */
	int depth, partials, nparents;
	char indent[INDENT_MAX]; /* put before each line; usually nothing */
	size_t indent_len;
	bool line_start, escape;
};

/* ---- the set ---- */
static const char *file_of(struct tmpl_set *set, struct pool *p, const char *name)
{
	return pool_printf(p, "%s/%s%s", set->dir, name, strchr(name, '.') ? "" : ".html");
}

static bool text_of(struct tmpl_set *set, struct tmpl *t, const char **text)
{
	if (set->partials) {
		*text = json_text(set->partials, t->name);
		return *text != NULL;
	}
	char *data;
	size_t n;
	const char *path = file_of(set, t->pool, t->name);
	struct stat st;
	if (stat(path, &st) || file_read(t->pool, path, TEXT_MAX, &data, &n))
		return false;
	t->changed = st.st_mtim;
	*text = data;
	return true;
}

static void tmpl_load(struct tmpl_set *set, struct tmpl *t)
{
	const char *text;
	pool_free(t->pool);
	t->pool = pool_new();
	t->root = NULL;
	t->escape = !str_ends(t->name, ".txt");
	if (text_of(set, t, &text))
		t->root = tmpl_parse(t->pool, text, set->raw, &t->error);
	else
		t->error = "no such template";
}

static bool is_stale(struct tmpl_set *set, struct tmpl *t)
{
	struct stat st;
	return set->reload && !set->partials && stat(file_of(set, t->pool, t->name), &st) == 0 &&
	       (st.st_mtim.tv_sec != t->changed.tv_sec || st.st_mtim.tv_nsec != t->changed.tv_nsec);
}

static struct tmpl *tmpl_find(struct tmpl_set *set, const char *name)
{
	struct tmpl *t = set->all;
	while (t && !str_eq(t->name, name))
		t = t->next;
	if (!t) {
		t = pool_alloc(set->pool, sizeof *t);
		*t = (struct tmpl){.name = pool_strdup(set->pool, name), .pool = NULL, .next = set->all};
		set->all = t;
		tmpl_load(set, t);
	} else if (is_stale(set, t)) {
		tmpl_load(set, t);
	}
	return t;
}

struct tmpl_set *tmpl_open(const char *dir, bool reload)
{
	struct pool *p = pool_new();
	struct tmpl_set *set = pool_alloc(p, sizeof *set);
	*set = (struct tmpl_set){.pool = p, .dir = pool_strdup(p, dir), .reload = reload};
	return set;
}

void tmpl_close(struct tmpl_set *set)
{
	if (!set)
		return;
	for (struct tmpl *t = set->all; t; t = t->next)
		pool_free(t->pool);
	pool_free(set->pool);
}

/* ---- looking names up ---- */
static struct value value_of(struct json_object *o)
{
	const struct rows *rows = json_rows(o);
	return rows ? (struct value){.kind = VALUE_ROWS, .rows = rows} : (struct value){.cell = cell_of(o)};
}

static bool step_json(struct json_object *in, struct part *part, struct value *out)
{
	struct json_object *o;
	if (!json_find(in, part->name, &part->hash, &o))
		return false;
	*out = value_of(o);
	return true;
}

/* A table's rows come one after the other: where the part stood in the last, or that it did not, holds for the next. */
static int column_of(struct render *r, struct part *part, const struct rows *t)
{
	if (part->table != t || part->rendering != r->set->renderings) {
		part->column = rows_find(t, part->name, part->column);
		part->table = t;
		part->rendering = r->set->renderings;
	}
	return part->column;
}

static bool step_row(struct render *r, struct part *part, const struct value *in, struct value *out)
{
	int column = column_of(r, part, in->rows);
	if (column < 0)
		return false;
	const struct cell *c = &in->rows->cells[in->row * in->rows->columns + (size_t)column];
	*out = c->type == CELL_ROW ? (struct value){.kind = VALUE_ROW, .rows = c->t, .row = c->len}
				   : (struct value){.cell = *c};
	return true;
}

static bool step(struct render *r, struct part *part, const struct value *in, struct value *out)
{
	if (in->kind == VALUE_ROW)
		return step_row(r, part, in, out);
	return in->kind == VALUE_CELL && in->cell.type == CELL_JSON && step_json(in->cell.o, part, out);
}

/* From the innermost context outwards. */
static bool lookup_first(struct render *r, struct part *part, struct value *out)
{
	for (int i = r->depth; i-- > 0;)
		if (step(r, part, &r->stack[i], out))
			return true;
	for (int i = 0; i < TMPL_DOCS; i++)
		if (step_json(r->env->docs[i], part, out))
			return true;
	return false;
}

/* What follows the first part is looked for inside what that found. */
static bool lookup_rest(struct render *r, struct node *n, struct value *out)
{
	bool found = true;
	for (size_t i = 1; i < n->path_len && found; i++) {
		struct value in = *out;
		found = (in.kind == VALUE_CELL && in.cell.type == CELL_NULL) || step(r, &n->path[i], &in, out);
	}
	return found;
}

static bool lookup(struct render *r, struct node *n, struct value *out)
{
	if (n->path_len)
		return lookup_first(r, &n->path[0], out) && (n->path_len == 1 || lookup_rest(r, n, out));
	*out = r->depth ? r->stack[r->depth - 1] : value_of(r->env->docs[0]);
	return true;
}

static bool value_find(struct render *r, struct node *n, struct value *out)
{
	if (lookup(r, n, out))
		return true;
	*out = (struct value){.cell = {.type = CELL_NULL}};
	if (!r->env->strict)
		return true;
	r->error = pool_printf(r->set->pool, "no such name: %s", n->text);
	return false;
}

static bool is_true(const struct value *v)
{
	if (v->kind != VALUE_CELL)
		return v->kind == VALUE_ROW || v->rows->n > 0;
	switch (v->cell.type) {
	case CELL_NULL:
		return false;
	case CELL_BOOL:
	case CELL_INT:
		return v->cell.i != 0;
	case CELL_TEXT:
		return v->cell.len > 0;
	case CELL_JSON:
		return !json_object_is_type(v->cell.o, json_type_array) || json_len(v->cell.o) > 0;
	default:
		return true;
	}
}

/* ---- output ---- */
static void text(struct render *r, const char *s, size_t n)
{
	if (!r->indent_len) {
		buf_add(r->out, s, n);
		return;
	}
	while (n) {
		const char *end = memchr(s, '\n', n);
		size_t len = end ? (size_t)(end - s) + 1 : n;
		if (r->line_start)
			buf_add(r->out, r->indent, r->indent_len);
		buf_add(r->out, s, len);
		r->line_start = end != NULL;
		s += len;
		n -= len;
	}
}

/* What a value holds keeps its own lines (specification, partials: "Standalone Indentation"). */
static bool value(struct render *r, struct node *n)
{
	struct value v;
	if (!value_find(r, n, &v))
		return false;
	if (r->indent_len && r->line_start)
		buf_add(r->out, r->indent, r->indent_len);
	r->line_start = false;
	if (v.kind == VALUE_CELL)
		format_write(r->out, n->format, &v.cell, &r->format, r->escape && n->kind == NODE_VALUE);
	return true;
}

/* ---- sections ---- */
static bool nodes(struct render *r, struct node *first);

static bool push(struct render *r, const struct value *v, struct node *body)
{
	if (r->depth == STACK_MAX) {
		r->error = "sections too deep";
		return false;
	}
	r->stack[r->depth++] = *v;
	bool good = nodes(r, body);
	r->depth--;
	return good;
}

static bool each_row(struct render *r, const struct rows *t, struct node *body)
{
	struct value v = {.kind = VALUE_ROW, .rows = t};
	for (; v.row < t->n; v.row++)
		if (!push(r, &v, body))
			return false;
	return true;
}

static bool each_item(struct render *r, struct json_object *array, struct node *body)
{
	for (size_t i = 0; i < json_len(array); i++) {
		struct value v = value_of(json_at(array, i));
		if (!push(r, &v, body))
			return false;
	}
	return true;
}

static bool section(struct render *r, struct node *n)
{
	struct value v;
	if (!value_find(r, n, &v))
		return false;
	if (n->kind == NODE_INVERTED)
		return is_true(&v) || nodes(r, n->first);
	if (!is_true(&v))
		return true;
	if (v.kind == VALUE_ROWS)
		return each_row(r, v.rows, n->first);
	if (v.kind == VALUE_CELL && v.cell.type == CELL_BOOL)
		return nodes(r, n->first);
	if (v.kind == VALUE_CELL && v.cell.type == CELL_JSON && json_object_is_type(v.cell.o, json_type_array))
		return each_item(r, v.cell.o, n->first);
	return push(r, &v, n->first);
}

/* ---- partials, parents, blocks ---- */
/* The nodes with the indentation of where they stand added to that of what is around it. */
static bool indented(struct render *r, struct node *first, const char *indent)
{
	size_t outer = r->indent_len, more = strlen(indent);
	if (more > INDENT_MAX - outer) {
		r->error = "indented too deep";
		return false;
	}
	memcpy(r->indent + outer, indent, more);
	r->indent_len += more;
	r->line_start |= more > 0;
	bool good = nodes(r, first);
	r->indent_len = outer;
	return good;
}

static bool partial(struct render *r, struct node *n)
{
	struct value named = {.cell = cell_text(n->text)};
	if (n->path && !value_find(r, n, &named))
		return false;
	const char *name = named.kind == VALUE_CELL && named.cell.type == CELL_TEXT ? named.cell.s : "";
	if (r->partials == PARTIAL_MAX) {
		r->error = "partials too deep";
		return false;
	}
	r->partials++;
	struct tmpl *t = tmpl_find(r->set, name);
	/* A partial that is not there renders as nothing in the official cases; here it is an error. */
	bool good = t->root ? indented(r, t->root->first, n->indent) : r->set->partials != NULL;
	if (!good && !r->error)
		r->error = pool_printf(r->set->pool, "%s: %s", name, t->error);
	r->partials--;
	return good;
}

static bool parent(struct render *r, struct node *n)
{
	if (r->nparents == PARTIAL_MAX) {
		r->error = "parents too deep";
		return false;
	}
	r->parents[r->nparents++] = n;
	bool good = partial(r, n);
	r->nparents--;
	return good;
}

static bool block(struct render *r, struct node *n)
{
	for (int i = 0; i < r->nparents; i++)
		for (struct node *b = r->parents[i]->first; b; b = b->next)
			if (b->kind == NODE_BLOCK && str_eq(b->text, n->text))
				return indented(r, b->first, n->indent);
	return indented(r, n->first, n->indent);
}

static bool nodes(struct render *r, struct node *first)
{
	bool good = true;
	for (struct node *n = first; n && good; n = n->next)
		switch (n->kind) {
		case NODE_TEXT:
			text(r, n->text, n->len);
			break;
		case NODE_VALUE:
		case NODE_RAW:
			good = value(r, n);
			break;
		case NODE_SECTION:
		case NODE_INVERTED:
			good = section(r, n);
			break;
		case NODE_PARTIAL:
			good = partial(r, n);
			break;
		case NODE_PARENT:
			good = parent(r, n);
			break;
		case NODE_BLOCK:
			good = block(r, n);
			break;
		}
	return good;
}

static bool render(
	struct tmpl_set *set, struct tmpl *t, const struct tmpl_env *env, struct buf *out, const char **error)
{
	struct render r = {.set = set, .env = env, .format = {env->now, env->zone}, .out = out, .escape = t->escape};
	if (!t->root) {
		*error = pool_printf(set->pool, "%s: %s", t->name, t->error);
		return false;
	}
	set->renderings++;
	bool good = nodes(&r, t->root->first);
	if (good && out->full)
		r.error = "the page is too large";
	*error = r.error ? pool_printf(set->pool, "%s: %s", t->name, r.error) : NULL;
	return good && !out->full;
}

bool tmpl_render(
	struct tmpl_set *set, const char *name, const struct tmpl_env *env, struct buf *out, const char **error)
{
	return render(set, tmpl_find(set, name), env, out, error);
}

bool tmpl_render_text(
	const char *text, struct json_object *partials, const struct tmpl_env *env, struct buf *out, const char **error)
{
	struct tmpl_set *set = tmpl_open("", false);
	set->partials = partials ? partials : json_obj(set->pool);
	set->raw = env->spec;
	struct tmpl t = {.name = "template", .escape = true, .pool = pool_new()};
	t.root = tmpl_parse(t.pool, text, set->raw, &t.error);
	bool good = render(set, &t, env, out, error);
	if (*error)
		log_debug("template", "error", *error, NULL);
	*error = good ? NULL : "the template cannot be rendered";
	pool_free(t.pool);
	tmpl_close(set);
	return good;
}

/* ---- lint ---- */
static int check_file(struct tmpl_set *set, const char *name)
{
	struct tmpl *t = tmpl_find(set, name);
	if (t->root)
		return 0;
	fprintf(stderr, "%s: %s\n", name, t->error);
	return 1;
}

static int check_below(struct tmpl_set *set, const char *below, int *files)
{
	int bad = 0;
	size_t n;
	char **all = dir_list(set->pool, pool_printf(set->pool, "%s/%s", set->dir, below), &n);
	for (; all && *all; all++) {
		const char *name = pool_printf(set->pool, "%s%s%s", below, *below ? "/" : "", *all);
		if (str_ends(name, ".html") || str_ends(name, ".txt")) {
			++*files;
			bad += check_file(set, name);
		} else if (!strchr(*all, '.')) {
			bad += check_below(set, name, files);
		}
	}
	return bad;
}

int tmpl_check(const char *dir)
{
	struct tmpl_set *set = tmpl_open(dir, false);
	int files = 0, bad = check_below(set, "", &files);
	tmpl_close(set);
	return files ? bad : -1;
}
