/* Owns Mustache's grammar. Never sees a document. Tests: t/20-mustache.t */
#include <ctype.h>
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "web/tmpl_node.h"
#include "base/banned.h"

#define DEPTH_MAX 32

struct parser {
	struct pool *pool;
	const char *start, *at;
	char open[8], close[8];
	bool raw;
	const char *error;
	bool blank; /* nothing but space and tags of inheritance stands between the line's start and `at` */
	struct open {
		struct node *node;
		const char *at; /* behind its tag */
		bool alone;     /* the tag ended its line */
	} open_at[DEPTH_MAX];
	struct node **tail[DEPTH_MAX + 1];
	int depth;
};

static bool fail_at(struct parser *s, const char *what, const char *where)
{
	int line = 1;
	for (const char *c = s->start; c < where; c++)
		line += *c == '\n';
	if (!s->error)
		s->error = pool_printf(s->pool, "line %d: %s", line, what);
	return false;
}

static struct node *node_add(struct parser *s, enum node_kind kind, const char *text, size_t len)
{
	struct node *n = pool_alloc(s->pool, sizeof *n);
	*n = (struct node){.kind = kind, .text = text, .len = len, .indent = ""};
	*s->tail[s->depth] = n;
	s->tail[s->depth] = &n->next;
	return n;
}

static void text_add(struct parser *s, const char *from, const char *to)
{
	if (to > from)
		node_add(s, NODE_TEXT, from, (size_t)(to - from));
}

/* "a.b|date" → path and format. */
static bool name_set(struct parser *s, struct node *n, const char *name)
{
	static const struct {
		const char *name;
		enum format format;
	} formats[] = {{"count", FORMAT_COUNT}, {"money", FORMAT_MONEY}, {"date", FORMAT_DATE}, {"time", FORMAT_TIME},
		{"ago", FORMAT_AGO}, {"bytes", FORMAT_BYTES}, {"href", FORMAT_HREF}, {"lines", FORMAT_LINES},
		{"wrap", FORMAT_WRAP}, {"json", FORMAT_JSON}};
	n->text = name;
	const char *bar = strchr(name, '|');
	if (bar) {
		for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
			if (str_eq(formats[i].name, bar + 1))
				n->format = formats[i].format;
		if (!n->format)
			return fail_at(s, "unknown formatter", s->at);
		n->text = name = pool_strndup(s->pool, name, (size_t)(bar - name));
	}
	if (str_eq(name, "."))
		return true;
	size_t count;
	char **names = str_split(s->pool, name, ".", &count);
	n->path = pool_array(s->pool, count, sizeof *n->path);
	for (size_t i = 0; i < count; i++)
		n->path[i] = (struct part){.name = names[i], .column = -1};
	n->path_len = count;
	return count > 0 || fail_at(s, "a tag without a name", s->at);
}

static bool node_open(struct parser *s, struct node *n, const char *behind, bool alone)
{
	if (s->depth == DEPTH_MAX)
		return fail_at(s, "sections too deep", s->at);
	s->open_at[s->depth] = (struct open){n, behind, alone};
	s->tail[++s->depth] = &n->first;
	return true;
}

static bool section_open(struct parser *s, enum node_kind kind, const char *name)
{
	struct node *n = node_add(s, kind, NULL, 0);
	return name_set(s, n, name) && node_open(s, n, s->at, false);
}

static struct open *innermost(struct parser *s)
{
	return s->depth ? &s->open_at[s->depth - 1] : NULL;
}

static bool section_close(struct parser *s, const char *name)
{
	struct open *o = innermost(s);
	if (!o || !str_eq(o->node->text, name))
		return fail_at(s, pool_printf(s->pool, "{{/%s}} closes nothing", name), s->at);
	s->depth--;
	return true;
}

static bool raw_add(struct parser *s, const char *name)
{
	if (!s->raw)
		return fail_at(s, pool_printf(s->pool, "raw output of %s", name), s->at);
	return name_set(s, node_add(s, NODE_RAW, NULL, 0), name);
}

static bool delimiters_set(struct parser *s, const char *inside)
{
	size_t n;
	char **both = str_split(s->pool, inside, " \t\r\n", &n);
	if (n != 2 || strlen(both[0]) >= sizeof s->open || strlen(both[1]) >= sizeof s->close || strchr(both[0], '=') ||
		strchr(both[1], '='))
		return fail_at(s, "bad delimiters", s->at);
	memcpy(s->open, both[0], strlen(both[0]) + 1);
	memcpy(s->close, both[1], strlen(both[1]) + 1);
	return true;
}

/* Is the tag that stands from `tag` to `end` alone on its line? Then *from and *to span the whole line. */
static bool standalone(const struct parser *s, const char *tag, const char *end, const char **from, const char **to)
{
	const char *a = tag, *z = end;
	while (a > s->start && (a[-1] == ' ' || a[-1] == '\t'))
		a--;
	if (a > s->start && a[-1] != '\n')
		return false;
	while (*z == ' ' || *z == '\t')
		z++;
	if (*z == '\r' && z[1] == '\n')
		z++;
	if (*z && *z != '\n')
		return false;
	*from = a;
	*to = *z ? z + 1 : z;
	return true;
}

static bool tag_add(struct parser *s, char sigil, const char *name, const char *indent)
{
	switch (sigil) {
	case '!':
		return true;
	case '#':
		return section_open(s, NODE_SECTION, name);
	case '^':
		return section_open(s, NODE_INVERTED, name);
	case '/':
		return section_close(s, name);
	case '>': {
		struct node *n = node_add(s, NODE_PARTIAL, name, strlen(name));
		n->indent = indent;
		return *name != '*' || name_set(s, n, str_trim(s->pool, name + 1));
	}
	case '=':
		return delimiters_set(s, name);
	case '{':
	case '&':
		return raw_add(s, name);
	default:
		return name_set(s, node_add(s, NODE_VALUE, NULL, 0), name);
	}
}

/* ---- inheritance: blocks and parents, which share lines and carry indentation ---- */
static size_t space(const char *from, const char *to)
{
	size_t n = 0;
	while (from + n < to && (from[n] == ' ' || from[n] == '\t'))
		n++;
	return n;
}

/* The space in front of `tag` on its line; NULL when something else stands there too. */
static const char *blank_before(const struct parser *s, const char *tag)
{
	const char *from = tag;
	while (from > s->at && from[-1] != '\n')
		from--;
	bool whole = from > s->at || from == s->start || from[-1] == '\n' || s->blank;
	return whole && from + space(from, tag) == tag ? from : NULL;
}

/* Behind the line break that follows `end`, or `end` when the line goes on. */
static const char *line_end(const char *end)
{
	const char *z = end + strspn(end, " \t");
	z += *z == '\r' && z[1] == '\n';
	return *z == '\n' ? z + 1 : *z ? end : z;
}

/* Takes up to n bytes of space from the start of each line. */
static void text_dedent(struct parser *s, struct node *text, size_t n, bool *at_start)
{
	char *to = pool_alloc(s->pool, text->len + 1);
	size_t len = 0;
	for (const char *from = text->text, *end = from + text->len; from < end;) {
		size_t skip = *at_start ? space(from, end) : 0;
		from += skip < n ? skip : n;
		const char *newline = memchr(from, '\n', (size_t)(end - from)), *stop = newline ? newline + 1 : end;
		memcpy(to + len, from, (size_t)(stop - from));
		len += (size_t)(stop - from);
		from = stop;
		*at_start = newline != NULL;
	}
	text->text = to;
	text->len = len;
}

static void dedent(struct parser *s, struct node *first, size_t n, bool *at_start)
{
	for (struct node *c = first; c; c = c->next) {
		if (c->kind == NODE_TEXT) {
			text_dedent(s, c, n, at_start);
		} else if (c->kind == NODE_SECTION || c->kind == NODE_INVERTED) {
			dedent(s, c->first, n, at_start);
		} else if (*c->indent) {
			size_t had = strlen(c->indent);
			c->indent += had < n ? had : n;
		} else {
			*at_start = false;
		}
	}
}

/* A block alone on its line says by its first line how far it is indented: that is where the site's replacement goes,
 * and what is taken from its own lines wherever they go. */
static void block_settle(struct parser *s, struct open *o)
{
	struct node *first = o->node->first;
	if (!o->alone || !first)
		return;
	size_t n = first->kind == NODE_TEXT ? space(first->text, first->text + first->len) : strlen(first->indent);
	bool at_start = true;
	o->node->indent = first->kind == NODE_TEXT ? pool_strndup(s->pool, first->text, n) : first->indent;
	dedent(s, first, n, &at_start);
}

static bool inherit_open(struct parser *s, char sigil, const char *name, const char *tag, const char *end)
{
	const char *from = blank_before(s, tag), *next = from ? line_end(end) : end;
	text_add(s, s->at, from ? from : tag);
	struct node *n = node_add(s, sigil == '<' ? NODE_PARENT : NODE_BLOCK, name, strlen(name));
	if (from)
		n->indent = pool_strndup(s->pool, from, (size_t)(tag - from));
	s->blank = from != NULL;
	s->at = next;
	return node_open(s, n, end, next > end);
}

static bool inherit_close(struct parser *s, const char *name, const char *tag, const char *end)
{
	struct open *o = innermost(s);
	bool is_block = o->node->kind == NODE_BLOCK, other_line = memchr(o->at, '\n', (size_t)(tag - o->at)) != NULL;
	const char *from = blank_before(s, tag);
	s->blank = from != NULL;
	if (is_block && !other_line)
		from = NULL;
	text_add(s, s->at, from ? from : tag);
	if (!section_close(s, name))
		return false;
	if (is_block)
		block_settle(s, o);
	s->at = from ? line_end(end) : end;
	return true;
}

/* From the opening delimiter at `tag`; text before it, from s->at on, is not added yet. */
static bool tag_parse(struct parser *s, const char *tag)
{
	const char *inside = tag + strlen(s->open);
	char sigil = *inside && strchr("!#^/>={&<$", *inside) ? *inside++ : 0;
	const char *closing = sigil == '='   ? pool_printf(s->pool, "=%s", s->close)
			      : sigil == '{' ? pool_printf(s->pool, "}%s", s->close)
					     : s->close;
	const char *stop = strstr(inside, closing);
	if (!stop)
		return fail_at(s, "a tag is not closed", tag);
	const char *end = stop + strlen(closing), *from = tag, *to = end;
	char *name = str_trim(s->pool, pool_strndup(s->pool, inside, (size_t)(stop - inside)));
	struct open *o = innermost(s);
	if (sigil == '<' || sigil == '$')
		return inherit_open(s, sigil, name, tag, end);
	if (sigil == '/' && o && (o->node->kind == NODE_BLOCK || o->node->kind == NODE_PARENT))
		return inherit_close(s, name, tag, end);
	bool alone = sigil && strchr("!#^/>=", sigil) && standalone(s, tag, end, &from, &to) && from >= s->at;
	text_add(s, s->at, alone ? from : tag);
	const char *indent = alone ? pool_strndup(s->pool, from, (size_t)(tag - from)) : "";
	s->at = tag;
	if (!tag_add(s, sigil, name, indent))
		return false;
	s->at = alone ? to : end;
	s->blank = alone;
	return true;
}

struct node *tmpl_parse(struct pool *p, const char *text, bool raw, const char **error)
{
	struct node *root = pool_alloc(p, sizeof *root);
	struct parser s = {
		.pool = p, .start = text, .at = text, .open = "{{", .close = "}}", .raw = raw, .blank = true};
	s.tail[0] = &root->first;
	const char *tag;
	while ((tag = strstr(s.at, s.open)))
		if (!tag_parse(&s, tag))
			break;
	if (!s.error)
		text_add(&s, s.at, s.at + strlen(s.at));
	if (!s.error && s.depth)
		fail_at(&s, pool_printf(p, "{{#%s}} is not closed", innermost(&s)->node->text), s.at);
	*error = s.error;
	return s.error ? NULL : root;
}
