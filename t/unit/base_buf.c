/* Buffers: the ceiling, and every escape. */
#include "../tap.h"

#include "base/buf.h"
#include "base/pool.h"

int main(void)
{
	struct pool *p = pool_new();
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
