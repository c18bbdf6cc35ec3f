/* Buffers: the ceiling, and every escape. */
#include "../tap.h"

#include "base/buf.h"
#include "base/pool.h"

/* Each byte there is, at each place of a text of three words: what the escapes do by words is what they do by bytes. */
static void test_each_byte(struct pool *p)
{
	static const char special[] = "&<>\"'\\\n\r\t";
	static const char *const html[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
	static const char *const json[] = {NULL, NULL, NULL, "\\\"", NULL, "\\\\", "\\n", "\\r", "\\t"};
	struct buf *got = buf_new(p, 1000), *want = buf_new(p, 1000);
	int bad = 0;
	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < 24; at++) {
			char text[] = "ABCDEFGHIJKLMNOPQRSTUVWX";
			text[at] = (char)c;
			const char *found = c ? strchr(special, c) : NULL;
			size_t i = found ? (size_t)(found - special) : 0;
			buf_clear(got);
			buf_clear(want);
			buf_html(got, text, 24);
			buf_json(got, text, 24);
			buf_add(want, text, at);
			if (found && i < sizeof html / sizeof *html)
				buf_str(want, html[i]);
			else
				buf_add(want, text + at, 1);
			buf_add(want, text + at + 1, 23 - at);
			buf_printf(want, "\"%.*s", (int)at, text);
			if (found && json[i])
				buf_str(want, json[i]);
			else if (c < 0x20)
				buf_printf(want, "\\u%04x", (unsigned)c);
			else
				buf_add(want, text + at, 1);
			buf_printf(want, "%s\"", text + at + 1);
			bad += got->len != want->len || memcmp(got->data, want->data, got->len) != 0;
		}
	is_int(bad, 0, "each byte at each place is escaped or not");
}

int main(void)
{
	struct pool *p = pool_new();
	test_each_byte(p);
	struct buf *b = buf_new(p, 1000);
	is(b->data, "", "an empty buffer is an empty text");
	buf_str(b, "a");
	buf_char(b, 'b');
	buf_int(b, -12);
	buf_printf(b, "%s", "c");
	is(b->data, "ab-12c", "text, characters, numbers, formats");
	buf_clear(b);
	buf_html(b, "<a href=\"x\">'&'</a>", 19);
	is(b->data, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;", "HTML escaped");
	buf_clear(b);
	buf_json(b, "a\"\\\n\x01\xc3\xa9", 7);
	is(b->data, "\"a\\\"\\\\\\n\\u0001\xc3\xa9\"", "JSON escaped");
	buf_clear(b);
	buf_url(b, "a b/\xc3\xa9~", 7);
	is(b->data, "a%20b%2F%C3%A9~", "URL encoded");
	buf_clear(b);
	buf_hex(b, "\x00\xff", 2);
	is(b->data, "00ff", "hex");
	buf_clear(b);
	buf_add(b, "a\0b", 3);
	is_int(b->len, 3, "bytes may hold NUL");

	struct buf *small = buf_new(p, 4);
	buf_str(small, "1234");
	ok(!small->full, "up to the ceiling");
	buf_char(small, '5');
	ok(small->full && small->len == 4, "not one more");
	buf_clear(small);
	buf_str(small, "12345");
	ok(small->full && small->len == 0, "what does not fit is not taken in part");
	buf_clear(small);
	buf_printf(small, "%s", "12345");
	ok(small->full, "formats neither");
	buf_clear(small);
	ok(!small->full, "cleared, it takes again");
	struct buf *big = buf_new(p, 1 << 20);
	for (int i = 0; i < 100000; i++)
		buf_str(big, "0123456789");
	is_int(big->len, 1000000, "grows");
	is_int(strlen(big->data), 1000000, "with its NUL");
	pool_free(p);
	return tap_done();
}
