/* JSON at the edge: what json-c would let through is refused, what is written reads back the same. */
#include "../tap.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/pool.h"

static void refused(struct pool *p, const char *text, size_t n, const char *what)
{
	struct json_object *o;
	const char *why = NULL;
	ok(json_parse(p, text, n, &o, &why) == E_SYNTAX && why && *why, "refused: %s", what);
}

static void strict(struct pool *p)
{
	static const struct {
		const char *text, *what;
	} bad[] = {{"", "nothing"}, {"{\"a\":1,\"a\":2}", "a key twice"},
		{"{\"a\":1,\"\\u0061\":2}", "a key twice in disguise"}, {"{\"a\":1} x", "something after"},
		{"{a:1}", "a bare key"}, {"{\"a\":1,}", "a trailing comma"}, {"[1,2,]", "a trailing comma in a list"},
		{"'a'", "single quotes"}, {"{\"a\":01}", "a leading zero"}, {"[+1]", "a plus"},
		{"[.5]", "no digit before the point"}, {"[1.]", "none after"}, {"NaN", "NaN"},
		{"[9223372036854775808]", "an integer past 64 bits"}, {"[1e999]", "a number past double"},
		{"\"\\ud800\"", "a lone surrogate"}, {"\"\\u0000\"", "NUL"}, {"\"a\tb\"", "a raw control"},
		{"\"\\x\"", "a bad escape"}, {"\"abc", "an unfinished text"}, {"[1", "an unfinished list"},
		{"/* c */ 1", "a comment"}, {"TRUE", "upper case"}, {"\"\xc3\"", "bad UTF-8"}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(p, bad[i].text, strlen(bad[i].text), bad[i].what);
	refused(p, "1\0", 2, "a NUL behind");
	char deep[80] = {0};
	memset(deep, '[', 40);
	memset(deep + 40, ']', 40);
	refused(p, deep, 80, "nested past 32");
}

static void round_trip(struct pool *p)
{
	static const char text[] = "{\"b\":[1,-2,true,null,\"\\u00e9\"],\"a\":{\"x\":\"y\\n\"}}";
	struct json_object *o;
	const char *why;
	size_t n;
	ok(json_parse(p, text, sizeof text - 1, &o, &why) == OK, "good text is good");
	is(json_bytes(p, o, &n), "{\"b\":[1,-2,true,null,\"\xc3\xa9\"],\"a\":{\"x\":\"y\\n\"}}",
		"canonical: order kept, no spaces");
	is_int(json_len(json_get(o, "b")), 5, "a list's length");
	is(json_text(json_get(o, "a"), "x"), "y\n", "a text inside");
	ok(json_int(o, "b") == 0 && !json_text(o, "b") && !json_true(o, "zzz"), "another type gives nothing");
	struct buf *b = buf_new(p, 1000);
	json_write(b, o);
	is(b->data, json_bytes(p, o, &n), "written to a buffer the same");
}

static void making(struct pool *p)
{
	struct json_object *o = json_obj(p);
	json_set_text(o, "t", "x");
	json_set_text(o, "nothing", NULL);
	json_set_int(o, "n", INT64_MAX);
	json_set_bool(o, "b", true);
	json_push_int(json_add_arr(o, "list"), 1);
	json_set_int(json_push_obj(json_get(o, "list")), "k", 2);
	json_set_text(json_add_obj(o, "o"), "in", "side");
	size_t n;
	is(json_bytes(p, o, &n),
		"{\"t\":\"x\",\"nothing\":null,\"n\":9223372036854775807,\"b\":true,\"list\":[1,{\"k\":2}],\"o\":{"
		"\"in\":\"side\"}}",
		"made by hand");
}

int main(void)
{
	struct pool *p = pool_new();
	strict(p);
	round_trip(p);
	making(p);
	pool_free(p);
	return tap_done();
}
