/* Owns readable text: tidying, the snippet, and HTML made readable by gumbo. Tests: t/unit/mail_text.c */
#include "mail/text.h"

#include <gumbo.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/message.h"
#include "base/banned.h"

#define DEPTH_MAX 200

static bool is_invisible(uint32_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0xfeff || c == 0xad || (c >= 0xe0000 && c <= 0xe007f);
}

static void trim_line(struct buf *b)
{
	while (b->len && (b->data[b->len - 1] == ' ' || b->data[b->len - 1] == '\t'))
		b->data[--b->len] = 0;
}

char *text_tidy(struct pool *p, const char *s, size_t n, size_t max, size_t *len, bool *is_cut)
{
	struct buf *b = buf_new(p, max);
	int empty = 2; /* no empty lines at the start */
	while (n) {
		uint32_t c;
		size_t k = utf8_next(s, n, &c);
		if (!k) {
			k = 1;
			c = 0xfffd;
		}
		if (c == '\r' && n > 1 && s[1] == '\n') {
			/* the line feed that follows counts */
		} else if (c == '\n' || c == '\r') {
			trim_line(b);
			bool blank = !b->len || b->data[b->len - 1] == '\n';
			empty = blank ? empty + 1 : 0;
			if (empty <= 2 && b->len)
				buf_char(b, '\n');
		} else if (c == 0xa0 || c == '\t') {
			buf_char(b, c == '\t' ? '\t' : ' ');
		} else if (c >= 32 && c != 127 && !(c >= 0x80 && c < 0xa0) && !is_invisible(c)) {
			buf_add(b, c == 0xfffd ? "\xef\xbf\xbd" : s, c == 0xfffd ? 3 : k);
		}
		s += k;
		n -= k;
	}
	trim_line(b);
	while (b->len && b->data[b->len - 1] == '\n')
		b->data[--b->len] = 0;
	*len = b->len;
	if (is_cut)
		*is_cut = b->full;
	return b->data;
}

char *text_snippet(struct pool *p, const char *text, size_t n, const struct quote_segment *segments, size_t count)
{
	struct buf *b = buf_new(p, 4096);
	for (size_t i = 0; i < count && !b->full; i++)
		if (segments[i].kind == QUOTE_REPLY)
			buf_add(b, text + segments[i].start,
				segments[i].len < 2000 ? utf8_clip(text + segments[i].start, segments[i].len, 2000)
						       : utf8_clip(text + segments[i].start, 2000, 1996));
	if (str_blank(b->data))
		buf_add(b, text, n < 2000 ? n : utf8_clip(text, n, 1996));
	char *line = str_squeeze(p, utf8_repair(p, b->data, b->len));
	size_t chars = 0, at = 0, total = strlen(line);
	uint32_t c;
	while (at < total && chars < MAIL_SNIPPET_CHARS) {
		at += utf8_next(line + at, total - at, &c);
		chars++;
	}
	return pool_strndup(p, line, at);
}

/* ---- HTML ---- */
struct reader {
	struct buf *out;
	struct pool *pool;
	int quote; /* depth of quoted blocks */
	bool pre;
};

static void newline(struct reader *r, int want)
{
	int have = 0;
	struct buf *b = r->out;
	trim_line(b);
	/* A line that holds nothing but quote marks is empty too. */
	for (size_t i = b->len; i && b->data[i - 1] == '\n'; i--)
		have++;
	while (b->len && have < want) {
		buf_char(b, '\n');
		have++;
	}
}

static void line_start(struct reader *r)
{
	if (r->out->len && r->out->data[r->out->len - 1] != '\n')
		return;
	for (int i = 0; i < r->quote && i < 20; i++)
		buf_str(r->out, "> ");
}

static void text_put(struct reader *r, const char *s)
{
	struct buf *b = r->out;
	for (; *s; s++) {
		bool blank = *s == ' ' || *s == '\t' || *s == '\n' || *s == '\r';
		if (blank && !r->pre) {
			if (b->len && b->data[b->len - 1] != ' ' && b->data[b->len - 1] != '\n')
				buf_char(b, ' ');
		} else if (*s == '\n') {
			buf_char(b, '\n');
		} else {
			line_start(r);
			buf_char(b, *s);
		}
	}
}

static const char *attribute(const GumboNode *n, const char *name)
{
	GumboAttribute *a = gumbo_get_attribute(&n->v.element.attributes, name);
	return a ? a->value : NULL;
}

static bool is_hidden(const GumboNode *n)
{
	const char *style = attribute(n, "style");
	if (attribute(n, "hidden"))
		return true;
	return style && (strcasestr(style, "display:none") || strcasestr(style, "display: none") ||
				strcasestr(style, "mso-hide:all"));
}

static bool is_silent(GumboTag tag)
{
	switch (tag) {
	case GUMBO_TAG_SCRIPT:
	case GUMBO_TAG_STYLE:
	case GUMBO_TAG_HEAD:
	case GUMBO_TAG_TITLE:
	case GUMBO_TAG_TEMPLATE:
	case GUMBO_TAG_NOSCRIPT:
	case GUMBO_TAG_SVG:
	case GUMBO_TAG_OBJECT:
	case GUMBO_TAG_IFRAME:
		return true;
	default:
		return false;
	}
}

/* Line breaks around an element. */
static int block_lines(GumboTag tag)
{
	switch (tag) {
	case GUMBO_TAG_P:
	case GUMBO_TAG_H1:
	case GUMBO_TAG_H2:
	case GUMBO_TAG_H3:
	case GUMBO_TAG_H4:
	case GUMBO_TAG_BLOCKQUOTE:
	case GUMBO_TAG_UL:
	case GUMBO_TAG_OL:
	case GUMBO_TAG_PRE:
	case GUMBO_TAG_HR:
		return 2;
	case GUMBO_TAG_DIV:
	case GUMBO_TAG_TR:
	case GUMBO_TAG_LI:
	case GUMBO_TAG_TABLE:
	case GUMBO_TAG_SECTION:
	case GUMBO_TAG_ARTICLE:
	case GUMBO_TAG_DT:
	case GUMBO_TAG_DD:
		return 1;
	default:
		return 0;
	}
}

static void walk(struct reader *r, const GumboNode *n, int depth);

static void children(struct reader *r, const GumboNode *n, int depth)
{
	for (unsigned i = 0; i < n->v.element.children.length && !r->out->full; i++)
		walk(r, n->v.element.children.data[i], depth + 1);
}

static void link(struct reader *r, const GumboNode *n, int depth)
{
	const char *href = attribute(n, "href");
	size_t before = r->out->len;
	children(r, n, depth);
	const char *shown = r->out->data + before;
	bool useful = href && (str_starts(href, "http://") || str_starts(href, "https://")) && strlen(href) <= 300;
	if (useful && r->out->len > before && !strstr(href, shown) && !strstr(shown, href))
		buf_printf(r->out, " <%s>", href);
}

static void element(struct reader *r, const GumboNode *n, int depth)
{
	GumboTag tag = n->v.element.tag;
	if (is_silent(tag) || is_hidden(n))
		return;
	if (tag == GUMBO_TAG_BR) {
		trim_line(r->out);
		if (r->out->len)
			buf_char(r->out, '\n');
		return;
	}
	int lines = block_lines(tag);
	bool pre = r->pre, quote = tag == GUMBO_TAG_BLOCKQUOTE;
	newline(r, lines);
	r->quote += quote;
	r->pre |= tag == GUMBO_TAG_PRE;
	if (tag == GUMBO_TAG_LI)
		text_put(r, "- ");
	if (tag == GUMBO_TAG_A)
		link(r, n, depth);
	else
		children(r, n, depth);
	if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH)
		text_put(r, " ");
	r->pre = pre;
	newline(r, lines);
	r->quote -= quote;
}

static void walk(struct reader *r, const GumboNode *n, int depth)
{
	if (depth > DEPTH_MAX)
		return;
	if (n->type == GUMBO_NODE_ELEMENT)
		element(r, n, depth);
	else if (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_WHITESPACE || n->type == GUMBO_NODE_CDATA)
		text_put(r, n->v.text.text);
	else if (n->type == GUMBO_NODE_DOCUMENT)
		children(r, n, depth);
}

char *html_to_text(struct pool *p, const char *html, size_t n, size_t max, bool *is_cut)
{
	GumboOptions options = kGumboDefaultOptions;
	options.max_errors = 0;
	struct reader r = {.out = buf_new(p, max), .pool = p};
	GumboOutput *doc = gumbo_parse_with_options(&options, html, n);
	if (doc) {
		walk(&r, doc->root, 0);
		gumbo_destroy_output(&options, doc);
	}
	if (is_cut)
		*is_cut = r.out->full;
	return r.out->data;
}
