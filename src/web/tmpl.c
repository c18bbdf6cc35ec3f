/* Owns rendering and the set of compiled templates. Never escapes less than HTML needs. Tests: t/20-mustache.t */
#include "web/tmpl.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "web/format.h"
#include "web/tmpl_node.h"
#include "base/banned.h"

#define STACK_MAX 64
#define PARTIAL_MAX 16
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
	struct tmpl *all;
};

struct render {
	struct tmpl_set *set;
	const struct tmpl_env *env;
	struct format_env format;
	struct buf *out;
	const char *error;
	struct json_object *stack[STACK_MAX]; /* outermost first */
	int depth, partials;
	bool escape;
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
static bool step(struct json_object *in, const char *name, struct json_object **out)
{
	return json_object_is_type(in, json_type_object) && json_object_object_get_ex(in, name, out);
}

/* The first part is looked for from the innermost context outwards, the rest inside what was found. */
static bool lookup(struct render *r, const struct node *n, struct json_object **out)
{
	if (!n->path_len) {
		*out = r->depth ? r->stack[r->depth - 1] : r->env->docs[0];
		return true;
	}
	bool found = false;
	for (int i = r->depth; i-- > 0 && !found;)
		found = step(r->stack[i], n->path[0], out);
	for (int i = 0; i < TMPL_DOCS && !found; i++)
		found = step(r->env->docs[i], n->path[0], out);
	for (size_t i = 1; i < n->path_len && found; i++)
		found = *out ? step(*out, n->path[i], out) : (*out = NULL, true);
	return found;
}

static bool value_of(struct render *r, const struct node *n, struct json_object **out)
{
	*out = NULL;
	if (lookup(r, n, out))
		return true;
	*out = NULL;
	if (!r->env->strict)
		return true;
	r->error = pool_printf(r->set->pool, "no such name: %s", n->text);
	return false;
}

static bool is_true(struct json_object *v)
{
	switch (json_object_get_type(v)) {
	case json_type_null:
		return false;
	case json_type_boolean:
		return json_object_get_boolean(v);
	case json_type_array:
		return json_len(v) > 0;
	case json_type_string:
		return json_object_get_string_len(v) > 0;
	case json_type_int:
		return json_object_get_int64(v) != 0;
	default:
		return true;
	}
}

/* ---- rendering ---- */
static bool nodes(struct render *r, const struct node *first);

static bool push(struct render *r, struct json_object *v, const struct node *body)
{
	if (r->depth == STACK_MAX) {
		r->error = "sections too deep";
		return false;
	}
	r->stack[r->depth++] = v;
	bool good = nodes(r, body);
	r->depth--;
	return good;
}

static bool section(struct render *r, const struct node *n)
{
	struct json_object *v;
	if (!value_of(r, n, &v))
		return false;
	if (n->kind == NODE_INVERTED)
		return is_true(v) || nodes(r, n->first);
	if (!is_true(v))
		return true;
	if (json_object_is_type(v, json_type_boolean))
		return nodes(r, n->first);
	if (!json_object_is_type(v, json_type_array))
		return push(r, v, n->first);
	for (size_t i = 0; i < json_len(v); i++)
		if (!push(r, json_at(v, i), n->first))
			return false;
	return true;
}

static void indented(struct buf *out, const char *s, size_t n, const char *indent)
{
	while (n) {
		const char *end = memchr(s, '\n', n);
		size_t len = end ? (size_t)(end - s) + 1 : n;
		buf_str(out, indent);
		buf_add(out, s, len);
		s += len;
		n -= len;
	}
}

/* An indented partial is its own text with the indentation put before each line, then compiled (specification,
 * partials: "Standalone Indentation"); ours need no such whitespace, so only the official cases come here. */
static bool partial_indented(struct render *r, const struct node *n)
{
	const char *text = json_text(r->set->partials, n->text), *error;
	if (!text)
		return true;
	struct buf *b = buf_new(r->set->pool, TEXT_MAX);
	indented(b, text, strlen(text), n->indent);
	struct node *root = tmpl_parse(r->set->pool, b->data, r->set->raw, &error);
	return root && nodes(r, root->first);
}

static bool partial(struct render *r, const struct node *n)
{
	if (r->partials == PARTIAL_MAX) {
		r->error = "partials too deep";
		return false;
	}
	r->partials++;
	bool good;
	if (r->set->partials && *n->indent) {
		good = partial_indented(r, n);
	} else {
		struct tmpl *t = tmpl_find(r->set, n->text);
		good = t->root ? nodes(r, t->root->first) : r->set->partials != NULL;
		if (!good && !r->error)
			r->error = pool_printf(r->set->pool, "%s: %s", n->text, t->error);
	}
	r->partials--;
	return good;
}

static bool value(struct render *r, const struct node *n)
{
	struct json_object *v;
	if (!value_of(r, n, &v))
		return false;
	format_write(r->out, n->format, v, &r->format, r->escape && n->kind == NODE_VALUE);
	return true;
}

static bool nodes(struct render *r, const struct node *first)
{
	bool good = true;
	for (const struct node *n = first; n && good; n = n->next)
		switch (n->kind) {
		case NODE_TEXT:
			buf_add(r->out, n->text, n->len);
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
	DIR *d = opendir(pool_printf(set->pool, "%s/%s", set->dir, below));
	for (struct dirent *e; d && (e = readdir(d));) {
		const char *name = pool_printf(set->pool, "%s%s%s", below, *below ? "/" : "", e->d_name);
		if (e->d_name[0] == '.')
			continue;
		if (str_ends(name, ".html") || str_ends(name, ".txt")) {
			++*files;
			bad += check_file(set, name);
		} else if (!strchr(e->d_name, '.')) {
			bad += check_below(set, name, files);
		}
	}
	if (d)
		closedir(d);
	return bad;
}

int tmpl_check(const char *dir)
{
	struct tmpl_set *set = tmpl_open(dir, false);
	int files = 0, bad = check_below(set, "", &files);
	tmpl_close(set);
	return files ? bad : -1;
}
