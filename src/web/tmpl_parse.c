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
	struct node *section[DEPTH_MAX]; /* the open ones */
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
	*n = (struct node){.kind = kind, .text = text, .len = len};
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
	} formats[] = {{"count", FORMAT_COUNT}, {"date", FORMAT_DATE}, {"time", FORMAT_TIME}, {"ago", FORMAT_AGO},
		{"bytes", FORMAT_BYTES}, {"href", FORMAT_HREF}, {"lines", FORMAT_LINES}, {"json", FORMAT_JSON}};
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
	n->path = (const char **)str_split(s->pool, name, ".", &count);
	n->path_len = count;
	return count > 0 || fail_at(s, "a tag without a name", s->at);
}

static bool section_open(struct parser *s, enum node_kind kind, const char *name)
{
	struct node *n = node_add(s, kind, NULL, 0);
	if (!name_set(s, n, name))
		return false;
	if (s->depth == DEPTH_MAX)
		return fail_at(s, "sections too deep", s->at);
	s->section[s->depth] = n;
	s->tail[++s->depth] = &n->first;
	return true;
}

static bool section_close(struct parser *s, const char *name)
{
	if (s->depth == 0 || !str_eq(s->section[s->depth - 1]->text, name))
		return fail_at(s, pool_printf(s->pool, "{{/%s}} closes nothing", name), s->at);
	s->depth--;
	return true;
}

static bool raw_add(struct parser *s, const char *name)
{
	if (!s->raw && !str_eq(name, "body") && !str_starts(name, "html_"))
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
		return true;
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

/* From the opening delimiter at `tag`; text before it, from s->at on, is not added yet. */
static bool tag_parse(struct parser *s, const char *tag)
{
	const char *inside = tag + strlen(s->open);
	char sigil = *inside && strchr("!#^/>={&", *inside) ? *inside++ : 0;
	const char *closing = sigil == '='   ? pool_printf(s->pool, "=%s", s->close)
			      : sigil == '{' ? pool_printf(s->pool, "}%s", s->close)
					     : s->close;
	const char *stop = strstr(inside, closing);
	if (!stop)
		return fail_at(s, "a tag is not closed", tag);
	const char *end = stop + strlen(closing), *from, *to;
	char *name = str_trim(s->pool, pool_strndup(s->pool, inside, (size_t)(stop - inside)));
	bool alone = sigil && strchr("!#^/>=", sigil) && standalone(s, tag, end, &from, &to) && from >= s->at;
	text_add(s, s->at, alone ? from : tag);
	const char *indent = alone ? pool_strndup(s->pool, from, (size_t)(tag - from)) : "";
	s->at = tag;
	if (!tag_add(s, sigil, name, indent))
		return false;
	s->at = alone ? to : end;
	return true;
}

struct node *tmpl_parse(struct pool *p, const char *text, bool raw, const char **error)
{
	struct node *root = pool_alloc(p, sizeof *root);
	struct parser s = {.pool = p, .start = text, .at = text, .open = "{{", .close = "}}", .raw = raw};
	s.tail[0] = &root->first;
	const char *tag;
	while ((tag = strstr(s.at, s.open)))
		if (!tag_parse(&s, tag))
			break;
	if (!s.error)
		text_add(&s, s.at, s.at + strlen(s.at));
	if (!s.error && s.depth)
		fail_at(&s, pool_printf(p, "{{#%s}} is not closed", s.section[s.depth - 1]->text), s.at);
	*error = s.error;
	return s.error ? NULL : root;
}
