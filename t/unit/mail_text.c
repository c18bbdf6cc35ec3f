/* HTML to text, tidying. */
#include "../tap.h"

#include "base/buf.h"
#include "base/pool.h"
#include "mail/message.h"
#include "mail/quote.h"
#include "mail/text.h"

static struct pool *p;

static void html(const char *in, const char *want)
{
	is(html_to_text(p, in, strlen(in), 100000, NULL), want, in);
}

static void pages(void)
{
	html("<p>Hello</p><p>world</p>", "Hello\n\nworld");
	html("a<br>b<br><br>c", "a\nb\n\nc");
	html("<div>a</div><div>b</div>", "a\nb");
	html("  a \n b&nbsp;c &amp; d ", "a b c & d");
	html("<b>bo</b>ld <i>it</i>", "bold it");
	html("<ul><li>a<li>b</ul>c", "- a\n- b\n\nc");
	html("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a b\nc d");
	html("<pre>a\n  b</pre>", "a\n  b");
	html("<title>t</title><style>x</style><script>y</script><p>z", "z");
	html("<!-- c -->a<p hidden>b<p style='Display : none'>c<p style='display:block'>d", "a\n\nd");
	html("<span style='font-size:0px'>x</span><span style='font-size:0.9em'>y</span>", "y");
	html("<a href='https://a.example/x'>see</a> it", "see <https://a.example/x> it");
	html("<a href='https://a.example'>a.example</a>", "a.example");
	html("<a href='https://a.example/'>https://a.example/</a>", "https://a.example/");
	html("<a href='mailto:m@b.example?subject=x'>m@b.example</a>", "m@b.example");
	html("<a href='javascript:alert(1)'>x</a>", "x");
	html("<img src=x alt='Our logo'><img src=y alt=''>", "[Our logo]");
	html("Yes.<div>On 1 Nov, M wrote:<blockquote>When?<p>Where?<blockquote>x</blockquote></blockquote></div>after",
		"Yes.\nOn 1 Nov, M wrote:\n\n> When?\n>\n> Where?\n>\n>> x\n\nafter");
	html("a<hr>b", "a\n\n---\n\nb");
	html("", "");
	html("<<<>>>&#0;&#x110000;<a", "<<<>>>\xef\xbf\xbd\xef\xbf\xbd");
}

static void depths(void)
{
	struct buf *b = buf_new(p, 1 << 20);
	for (int i = 0; i < 30000; i++)
		buf_str(b, "<div>");
	buf_str(b, "deep");
	bool cut = false;
	char *text = html_to_text(p, b->data, b->len, 1000, &cut);
	ok(cut && !*text, "too deep is left out and said");
	cut = false;
	text = html_to_text(p, "<p>12345 6789", 13, 5, &cut);
	ok(cut, "a limit is said");
	is(text, "12345", "and kept");
	b = buf_new(p, 1 << 20);
	for (int i = 0; i < 1500; i++)
		buf_printf(b, "<font color=c%d>", i);
	for (int i = 0; i < 1500; i++)
		buf_str(b, "<p>x");
	cut = false;
	html_to_text(p, b->data, b->len, 1000, &cut);
	ok(cut, "a tree that would be too big is left out and said");
	html_to_text(p, "<p>12345", 8, 5, &cut);
	ok(!cut, "just enough is not cut");
}

static void tidy(const char *in, const char *want)
{
	size_t len;
	is(text_tidy(p, in, strlen(in), 100000, &len, NULL), want, want);
	is_int(len, strlen(want), "its length");
}

static void tidying(void)
{
	tidy("a\r\nb\rc\n\n\n\n\nd  \n\n", "a\nb\nc\n\n\nd");
	tidy("\n\n  a", "  a");
	tidy("a \t b", "a \t b");
	tidy("a\x01\x1b[0mb\x7f", "a[0mb");
	tidy("a\xe2\x80\x8b\xe2\x80\xae"
	     "b \xef\xbb\xbf c",
		"ab c");
	tidy("a\xffz", "a\xef\xbf\xbdz");
	bool cut;
	is(text_tidy(p, "aé", 3, 2, NULL, &cut), "a", "cut on a character");
	ok(cut, "and said");
}

int main(void)
{
	p = pool_new();
	pages();
	depths();
	tidying();
	pool_free(p);
	return tap_done();
}
