/* Owns HTML to readable text (html_to_text() of text.h). Gumbo builds the tree; this walks it without recursion, so that
 * no nesting can exhaust the stack. Never makes HTML. Runs in the parse child only. Tests: t/unit/mail_text.c */
#include <gumbo.h>
#include <setjmp.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/text.h"
#include "base/banned.h"

#define QUOTE_DEPTH_MAX 10
#define TREE_DEPTH_MAX 2000 /* deeper content is left out: no mail program makes it */
#define LINK_MAX 500
#define LEAST_READ 1024                /* bytes of HTML below which no beginning is tried */
#define TREE_MEMORY ((size_t)96 << 20) /* of the 256 MiB a worker has */

struct out {
	struct pool *p;
	struct buf *b;
	size_t wanted; /* line ends to be written before the next text; 0 on a line that has begun */
	size_t quotes; /* blockquotes around */
	size_t marked; /* quote marks on the line last begun */
	size_t pre;    /* <pre> around */
	bool begun;    /* something stands on this line */
	bool gap;      /* a blank waits */
	bool cut;
};

static void want_lines(struct out *o, size_t n)
{
	if (!n)
		return;
	if (o->b->len && n > o->wanted)
		o->wanted = n;
	o->gap = false;
}

static void quote_marks(struct out *o, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_char(o->b, '>');
	if (n)
		buf_char(o->b, ' ');
}

/* Begins a line, if one is wanted, with its quote marks. An empty line before it is quoted when both neighbours are. */
static void line_start(struct out *o)
{
	if (o->begun && !o->wanted)
		return;
	size_t marks = o->quotes < QUOTE_DEPTH_MAX ? o->quotes : QUOTE_DEPTH_MAX;
	for (; o->wanted; o->wanted--) {
		buf_char(o->b, '\n');
		if (o->wanted > 1)
			quote_marks(o, marks < o->marked ? marks : o->marked);
	}
	quote_marks(o, marks);
	o->marked = marks;
	o->begun = true;
}

static void put_text(struct out *o, const char *s)
{
	for (size_t n; *s; s += n) {
		uint32_t c = 0;
		n = utf8_next(s, strnlen(s, 4), &c);
		if (!n) {
			n = 1;
			continue;
		}
		if (o->pre && c == '\n') {
			o->wanted++;
			o->gap = false;
		} else if (o->pre && c == ' ') {
			line_start(o);
			buf_char(o->b, ' ');
		} else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == 0xa0) {
			o->gap = o->begun && !o->wanted;
		} else {
			line_start(o);
			if (o->gap)
				buf_char(o->b, ' ');
			o->gap = false;
			buf_add(o->b, s, n);
		}
	}
	o->cut |= o->b->full;
}

static const char *attribute(const GumboElement *e, const char *name)
{
	const GumboAttribute *a = gumbo_get_attribute(&e->attributes, name);
	return a ? a->value : NULL;
}

/* Does a style say it plainly: `property` followed by : and `value`? Blanks and case do not matter. */
static bool style_says(const char *style, const char *property, const char *value)
{
	const char *at = style;
	while ((at = strcasestr(at, property))) {
		bool whole = at == style || strchr("; \t\n", at[-1]);
		at += strlen(property);
		const char *c = at + strspn(at, " \t\n");
		if (!whole || *c != ':')
			continue;
		c++;
		c += strspn(c, " \t\n");
		if (strncasecmp(c, value, strlen(value)) == 0 &&
			(!c[strlen(value)] || strchr("; \t\n!p", c[strlen(value)])))
			return true;
	}
	return false;
}

/* Hidden by its own attribute or style: preheaders, tracking text, what a reader never saw. */
static bool is_hidden(const GumboElement *e)
{
	if (attribute(e, "hidden"))
		return true;
	const char *style = attribute(e, "style");
	return style && (style_says(style, "display", "none") || style_says(style, "visibility", "hidden") ||
				style_says(style, "mso-hide", "all") || style_says(style, "font-size", "0") ||
				style_says(style, "max-height", "0") || style_says(style, "opacity", "0"));
}

static bool is_skipped(const GumboElement *e)
{
	switch (e->tag) {
	case GUMBO_TAG_SCRIPT:
	case GUMBO_TAG_STYLE:
	case GUMBO_TAG_HEAD:
	case GUMBO_TAG_TITLE:
	case GUMBO_TAG_TEMPLATE:
	case GUMBO_TAG_NOSCRIPT:
	case GUMBO_TAG_IFRAME:
	case GUMBO_TAG_OBJECT:
	case GUMBO_TAG_SVG:
	case GUMBO_TAG_MATH:
	case GUMBO_TAG_SELECT:
	case GUMBO_TAG_TEXTAREA:
	case GUMBO_TAG_VIDEO:
	case GUMBO_TAG_AUDIO:
		return true;
	default:
		return is_hidden(e);
	}
}

/* Line ends around an element: 2 makes a paragraph, 1 a line, 0 runs on. */
static size_t margin(GumboTag tag)
{
	switch (tag) {
	case GUMBO_TAG_P:
	case GUMBO_TAG_H1:
	case GUMBO_TAG_H2:
	case GUMBO_TAG_H3:
	case GUMBO_TAG_H4:
	case GUMBO_TAG_H5:
	case GUMBO_TAG_H6:
	case GUMBO_TAG_BLOCKQUOTE:
	case GUMBO_TAG_UL:
	case GUMBO_TAG_OL:
	case GUMBO_TAG_DL:
	case GUMBO_TAG_PRE:
	case GUMBO_TAG_TABLE:
	case GUMBO_TAG_HR:
		return 2;
	case GUMBO_TAG_DIV:
	case GUMBO_TAG_TR:
	case GUMBO_TAG_LI:
	case GUMBO_TAG_DT:
	case GUMBO_TAG_DD:
	case GUMBO_TAG_SECTION:
	case GUMBO_TAG_ARTICLE:
	case GUMBO_TAG_HEADER:
	case GUMBO_TAG_FOOTER:
	case GUMBO_TAG_ADDRESS:
	case GUMBO_TAG_CENTER:
	case GUMBO_TAG_FORM:
	case GUMBO_TAG_FIELDSET:
	case GUMBO_TAG_CAPTION:
	case GUMBO_TAG_FIGURE:
	case GUMBO_TAG_BODY:
		return 1;
	default:
		return 0;
	}
}

static void element_open(struct out *o, const GumboNode *node)
{
	const GumboElement *e = &node->v.element;
	want_lines(o, margin(e->tag) == 2 && o->pre ? 1 : margin(e->tag));
	o->quotes += e->tag == GUMBO_TAG_BLOCKQUOTE;
	o->pre += e->tag == GUMBO_TAG_PRE;
	if (e->tag == GUMBO_TAG_BR) {
		line_start(o);
		o->wanted = 1;
		o->gap = false;
	} else if (e->tag == GUMBO_TAG_LI) {
		line_start(o);
		buf_str(o->b, "- ");
	} else if (e->tag == GUMBO_TAG_HR) {
		line_start(o);
		buf_str(o->b, "---");
	} else if (e->tag == GUMBO_TAG_IMG) {
		const char *alt = attribute(e, "alt");
		if (!str_blank(alt) && strlen(alt) <= LINK_MAX) {
			put_text(o, "[");
			put_text(o, alt);
			put_text(o, "]");
		}
	} else if ((e->tag == GUMBO_TAG_TD || e->tag == GUMBO_TAG_TH) && o->begun && !o->wanted &&
		   node->index_within_parent) {
		o->gap = true;
	}
}

/* The target of a link when the text since `from` does not show it already. */
static void link_close(struct out *o, const GumboElement *e, size_t from)
{
	const char *href = attribute(e, "href");
	if (!href || strlen(href) > LINK_MAX || o->b->len <= from)
		return;
	bool mail = strncasecmp(href, "mailto:", 7) == 0;
	if (!mail && strncasecmp(href, "http://", 7) != 0 && strncasecmp(href, "https://", 8) != 0)
		return;
	const char *target = mail ? pool_strndup(o->p, href + 7, strcspn(href + 7, "?")) : href;
	const char *shown = str_squeeze(o->p, pool_strndup(o->p, o->b->data + from, o->b->len - from));
	const char *bare = strstr(target, "://");
	size_t n = strlen(shown);
	if (!n || strcasecmp(shown, target) == 0 ||
		(bare && strncasecmp(shown, bare + 3, n) == 0 && (!bare[3 + n] || strcmp(bare + 3 + n, "/") == 0)))
		return;
	line_start(o);
	buf_printf(o->b, " <%s>", str_squeeze(o->p, target));
}

static void element_close(struct out *o, const GumboNode *node, size_t from)
{
	const GumboElement *e = &node->v.element;
	if (e->tag == GUMBO_TAG_A)
		link_close(o, e, from);
	o->pre -= e->tag == GUMBO_TAG_PRE;
	want_lines(o, margin(e->tag) == 2 && o->pre ? 1 : margin(e->tag));
	o->quotes -= e->tag == GUMBO_TAG_BLOCKQUOTE;
}

struct level {
	const GumboNode *node;
	unsigned next; /* child to visit */
	size_t from;   /* length of the text when the element began */
};

static bool is_element(const GumboNode *n)
{
	return n->type == GUMBO_NODE_ELEMENT || n->type == GUMBO_NODE_TEMPLATE;
}

static void walk(struct out *o, const GumboNode *root)
{
	struct level *stack = pool_array(o->p, TREE_DEPTH_MAX, sizeof *stack);
	size_t depth = 1;
	stack[0] = (struct level){.node = root};
	while (depth && !o->b->full) {
		struct level *top = &stack[depth - 1];
		const GumboVector *children = &top->node->v.element.children;
		if (top->next == children->length) {
			element_close(o, top->node, top->from);
			depth--;
			continue;
		}
		const GumboNode *child = children->data[top->next++];
		if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE ||
			child->type == GUMBO_NODE_CDATA) {
			put_text(o, child->v.text.text);
		} else if (is_element(child) && !is_skipped(&child->v.element)) {
			if (depth == TREE_DEPTH_MAX) {
				o->cut = true;
				continue;
			}
			element_open(o, child);
			stack[depth++] = (struct level){.node = child, .from = o->b->len};
		}
	}
}

/* ---- the tree ---- */
struct tree {
	struct pool *pool;
	size_t used;
	jmp_buf too_big;
};

/* A few kilobytes of unclosed elements can make a tree of gigabytes. Past the limit Gumbo is left where it is: all it has
 * is in the pool. */
static void *tree_alloc(void *tree, size_t n)
{
	struct tree *t = tree;
	if (n > TREE_MEMORY || (t->used += n) > TREE_MEMORY)
		longjmp(t->too_big, 1);
	return pool_alloc(t->pool, n);
}

static void tree_free(void *tree, void *memory)
{
	(void)tree, (void)memory; /* goes with the pool: Gumbo's own way recurses as deep as the tree */
}

/* NULL when the tree would be too big. */
static const GumboNode *tree_parse(struct pool *p, const char *html, size_t n)
{
	struct tree *t = pool_alloc(p, sizeof *t);
	GumboOptions *options = pool_dup(p, &kGumboDefaultOptions, sizeof kGumboDefaultOptions);
	t->pool = p;
	options->max_errors = 0;
	options->allocator = tree_alloc;
	options->deallocator = tree_free;
	options->userdata = t;
	if (setjmp(t->too_big))
		return NULL;
	GumboOutput *output = gumbo_parse_with_options(options, html, n);
	return output ? output->root : NULL;
}

/* NULL when the tree would be too big. */
static char *read_text(struct pool *p, const char *html, size_t n, size_t max, bool *is_cut)
{
	struct pool *scratch = pool_new();
	struct out o = {.p = scratch, .b = buf_new(scratch, max)};
	const GumboNode *root = tree_parse(scratch, html, n);
	char *text = NULL;
	if (root) {
		walk(&o, root);
		text = text_tidy(p, o.b->data, o.b->len, max, NULL, is_cut);
		*is_cut |= o.cut || o.b->full;
	}
	pool_free(scratch);
	return text;
}

char *html_to_text(struct pool *p, const char *html, size_t n, size_t max, bool *is_cut)
{
	bool cut = false;
	char *text = read_text(p, html, n, max, &cut);
	/* Too big a tree: the beginning is worth more than nothing. */
	for (size_t less = n / 8; !text && less > LEAST_READ; less /= 8) {
		text = read_text(p, html, less, max, &cut);
		cut = true;
	}
	if (is_cut)
		*is_cut = cut || !text;
	return text ? text : pool_strdup(p, "");
}
