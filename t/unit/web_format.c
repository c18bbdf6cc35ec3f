/* How a value looks in a template. */
#include "../tap.h"

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "web/format.h"

#define NOON INT64_C(1772625600) /* 2026-03-04T12:00:00Z */

static struct pool *p;
static const struct format_env env = {NOON, "Europe/Berlin"};

static const char *written(enum format how, const struct cell *v)
{
	struct buf *b = buf_new(p, 1 << 16);
	format_write(b, how, v, &env, true);
	return b->data;
}

static const char *text(enum format how, const char *s)
{
	return written(how, &(struct cell){.type = CELL_TEXT, .s = s, .len = strlen(s)});
}

static const char *number(enum format how, int64_t n)
{
	return written(how, &(struct cell){.type = CELL_INT, .i = n});
}

static void numbers(void)
{
	is(number(FORMAT_COUNT, 0), "0", "nothing");
	is(number(FORMAT_COUNT, 999), "999", "three digits");
	is(number(FORMAT_COUNT, 1234567), "1\u202f234\u202f567", "in threes from the right");
	is(number(FORMAT_COUNT, -1000), "-1\u202f000", "below nothing");
	is(number(FORMAT_COUNT, INT64_MIN + 1), "-9\u202f223\u202f372\u202f036\u202f854\u202f775\u202f807",
		"the least");
	is(number(FORMAT_MONEY, 250000000), "2\u202f500\u202f000", "whole ones of a currency");
	is(number(FORMAT_MONEY, 1205), "12.05", "with their hundredths");
	is(number(FORMAT_BYTES, 999), "999 B", "bytes");
	is(number(FORMAT_BYTES, 1500), "1.5 KB", "a few thousand");
	is(number(FORMAT_BYTES, 25000000), "25 MB", "some million");
	is(number(FORMAT_BYTES, INT64_C(5000000000000)), "5000 GB", "more than there are units for");
	is(written(FORMAT_COUNT, &(struct cell){.type = CELL_NULL}), "", "null is nothing");
}

static void times(void)
{
	is(text(FORMAT_DATE, "2026-03-09"), "9 Mar 2026", "a day");
	is(text(FORMAT_DATE, "2026-02-30"), "2026-02-30", "what is no day stays as it is");
	is(text(FORMAT_DATE, "2026-03-04T23:30:00Z"), "5 Mar 2026", "an instant is on the fund's day");
	is(text(FORMAT_TIME, "2026-03-04T23:30:00Z"), "5 Mar 2026, 00:30", "at the fund's hour");
	is(text(FORMAT_TIME, "2026-03-29T01:30:00Z"), "29 Mar 2026, 03:30", "after the hour that summer time skips");
	is(text(FORMAT_TIME, "2026-10-25T01:30:00Z"), "25 Oct 2026, 02:30", "in the hour that comes twice");
	is(text(FORMAT_AGO, "2026-03-04T11:59:30Z"), "just now", "half a minute");
	is(text(FORMAT_AGO, "2026-03-04T11:00:01Z"), "59 min ago", "an hour less a second");
	is(text(FORMAT_AGO, "2026-03-03T12:00:00Z"), "1 day ago", "a day");
	is(text(FORMAT_AGO, "2026-02-03T12:00:00Z"), "29 days ago", "29 days");
	is(text(FORMAT_AGO, "2026-02-02T12:00:00Z"), "2 Feb 2026", "30 are a date");
	is(text(FORMAT_AGO, "2026-03-04T14:00:00Z"), "in 2 h", "what is still to come");
	is(text(FORMAT_AGO, "<soon>"), "&lt;soon&gt;", "what is no time stays as it is, escaped");
}

static void links(void)
{
	static const char *const bad[] = {"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:x",
		"data:text/html,x", "//evil.example", "/\\evil.example", "vbscript:x", "file:///etc/passwd", "",
		"relative"};
	is(text(FORMAT_HREF, "https://a.example/?a=1&b=\"2\""), "https://a.example/?a=1&amp;b=&quot;2&quot;", "https");
	is(text(FORMAT_HREF, "mailto:a@b.example"), "mailto:a@b.example", "mailto");
	is(text(FORMAT_HREF, "/contacts/1"), "/contacts/1", "a path of ours");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(str_eq(text(FORMAT_HREF, bad[i]), "#"), "not '%s'", bad[i]);
}

static void texts(void)
{
	is(text(FORMAT_NONE, "<a title='x'>&"), "&lt;a title=&#39;x&#39;&gt;&amp;", "escaped for HTML");
	is(text(FORMAT_WRAP, "ada@<x>.example"), "ada@<wbr>&lt;x&gt;.example",
		"an address breaks where its domain begins");
	is(text(FORMAT_WRAP, "https://a.example/b"), "https://<wbr>a.<wbr>example/<wbr>b", "a link between its parts");
	is(text(FORMAT_WRAP, "ada"), "ada", "and nothing else does");
	is(text(FORMAT_WRAP, "a@"), "a@", "nor where nothing follows");
	is(text(FORMAT_LINES, "a@b.example\nsee b.example"), "a@<wbr>b.example<br>\nsee b.example",
		"a line of one word breaks as such a word does");
	is(format_day(p, "2026-03-09"), "9 Mar 2026", "a day outside of a template");
	is(format_day(p, "soon"), "soon", "or what is none");
	is(text(FORMAT_LINES, "a\n<b>\n"), "a<br>\n&lt;b&gt;<br>\n", "lines, escaped all the same");
	is(text(FORMAT_COUNT, "<7>"), "&lt;7&gt;", "a text where a number was meant");
	is(text(FORMAT_JSON, "</script>"), "&quot;&lt;/script&gt;&quot;", "JSON in an attribute");
}

int main(void)
{
	p = pool_new();
	numbers();
	times();
	links();
	texts();
	pool_free(p);
	return tap_done();
}
