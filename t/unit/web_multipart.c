/* A form as multipart/form-data: what browsers and curl send is taken, anything that could be read in two ways is not. */
#include "../tap.h"
#include "webkit.h"

static struct pool *p;
static struct req *r;

static enum status posts(const char *type, const char *body, size_t n)
{
	struct webkit *k = webkit_new(p, "POST", "/contacts?from=list");
	k->r.route = &routes[1]; /* up to a megabyte */
	webkit_body(k, type, body, n);
	r = &k->r;
	request_read(r);
	return request_body(r);
}

static enum status form(const char *body)
{
	return posts("multipart/form-data; boundary=x", body, strlen(body));
}

#define DISPOSITION "Content-Disposition: form-data; name="
#define PART(name) "--x\r\n" DISPOSITION "\"" name "\"\r\n\r\n"
#define END "\r\n--x--\r\n"

static void taken(void)
{
	is_int(form(PART("name") "Mar\u00eda B"
				 "\r\n" PART("x") END),
		OK, "two fields");
	is(json_text(r->in, "name"), "Mar\u00eda B", "the first");
	is(json_text(r->in, "x"), "", "an empty one");
	is(json_text(r->in, "from"), "list", "beside the query's");
	is_int(form("--x--"), OK, "a form without fields");
	is_int(form(PART("a") "1\r\n2\r\n\r\n--y\r\n" END), OK, "a value of several lines");
	is(json_text(r->in, "a"), "1\r\n2\r\n\r\n--y\r\n", "is kept to the byte");
	is_int(form(PART("a") "-\r\n--\r\n\r\n-" END), OK, "what begins like a delimiter");
	is_int(form("--x\r\ncontent-disposition:FORM-DATA ;\tNAME=a\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\n"
		    "Content-Transfer-Encoding: 8bit\r\nX-Other: y\r\n\r\nv" END),
		OK, "headers as anybody may write them");
	is(json_text(r->in, "a"), "v", "are read");
	is_int(form("--x\r\n" DISPOSITION "\"a\\\"b\"\r\n\r\nv" END), OK, "a quote in a name, as curl writes it");
	is(json_text(r->in, "a\"b"), "v", "is read");
	is_int(posts("Multipart/Form-Data; charset=utf-8; boundary=\"a b\"", "--a b--\r\n", 9), OK,
		"a quoted boundary");
}

static void refused(const char *body, enum status want, const char *field, const char *name)
{
	is_int(form(body), want, name);
	is(r->op.fault.items->field, field, "naming the field where there is one");
}

static void malformed(void)
{
	static const char *const bad[] = {"--x", "--x\r\n", "--x\n", "x--x--", "preamble\r\n--x--", "--xy--\r\n",
		"--x-", "--x--\r", "--x--epilogue", "--x--\r\n\r\n", PART("a"), PART("a") "v", PART("a") "v\r\n--x",
		PART("a") "v\r\n--x-", PART("a") "v\r\n--xy\r\n", PART("a") "v\n--x--\r\n", "--x\r\n\r\nv" END,
		"--x\r\nContent-Type: text/plain\r\n\r\nv" END, "--x\r\n" DISPOSITION "\"a\r\n\r\nv" END,
		"--x\r\n" DISPOSITION "\r\n\r\nv" END, "--x\r\n" DISPOSITION "\"a\" b\r\n\r\nv" END,
		"--x\r\n" DISPOSITION "\"a\"; name=b\r\n\r\nv" END,
		"--x\r\nContent-Disposition: form-data\r\n\r\nv" END,
		"--x\r\nContent-Disposition: attachment; name=a\r\n\r\nv" END,
		"--x\r\n" DISPOSITION "a\r\n" DISPOSITION "b\r\n\r\nv" END,
		"--x\r\n" DISPOSITION "a\r\n folded\r\n\r\nv" END, "--x\r\n" DISPOSITION "a\nX: y\r\n\r\nv" END,
		"--x\r\n" DISPOSITION "\"\xff\"\r\n\r\nv" END, "--x\r\n" DISPOSITION "\"\"\r\n\r\nv" END};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		is_int(form(bad[i]), E_SYNTAX, bad[i]);
		ok(r->op.fault.items && *r->op.fault.items->message, "with a reason");
	}
	refused(PART("a") "1\r\n" PART("a") "2" END, E_SYNTAX, "a", "a field twice");
	refused(PART("from") "1" END, E_SYNTAX, "from", "a field of the query's again");
	refused(PART("a") "\xff" END, E_SYNTAX, "a", "a value that is not UTF-8");
	is_int(posts("multipart/form-data; boundary=x", PART("a") "\0" END, sizeof(PART("a") "\0" END) - 1), E_SYNTAX,
		"NUL");
}

static void files(void)
{
	refused("--x\r\n" DISPOSITION
		"\"f\"; filename=\"../../x\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\xff" END,
		E_MEDIA, "f", "a file");
	ok(strstr(r->op.fault.items->message, "is a file"), "and says so");
	refused("--x\r\n" DISPOSITION "f; filename*=UTF-8''x\r\n\r\nv" END, E_MEDIA, "f",
		"a file under its other name");
	refused("--x\r\n" DISPOSITION "f\r\nContent-Type: text/html\r\n\r\nv" END, E_MEDIA, "f",
		"text of another kind");
	refused("--x\r\n" DISPOSITION "f\r\nContent-Type: text/plain; charset=utf-7\r\n\r\nv" END, E_MEDIA, "f",
		"text in another charset");
	refused("--x\r\n" DISPOSITION "f\r\nContent-Transfer-Encoding: base64\r\n\r\ndg==" END, E_MEDIA, "f",
		"encoded text");
}

static void boundaries(void)
{
	static const char *const bad[] = {"multipart/form-data",
		"multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
		"multipart/form-data; boundary=\"x", "multipart/form-data; boundary=\"x \"",
		"multipart/form-data; boundary=x; boundary=x", "multipart/form-data; boundary=x;",
		"multipart/form-data; boundary=\"<\"",
		"multipart/form-data; boundary="
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		is_int(posts(bad[i], "--x--", 5), E_SYNTAX, bad[i]);
}

static void limits(void)
{
	struct buf *b = buf_new(p, 1 << 20);
	for (int i = 0; i < FIELDS_MAX; i++)
		buf_printf(b, "--x\r\n" DISPOSITION "f%d\r\n\r\n\r\n", i);
	size_t before = b->len;
	buf_str(b, "--x--\r\n");
	is_int(form(b->data), OK, "as many fields as may be");
	b->data[before] = 0;
	is_int(form(pool_printf(p, "%s%sv%s", b->data, PART("more"), END)), E_SYNTAX, "one more is refused");
	char *pad = pool_printf(p, "%4000s", "");
	is_int(form(pool_printf(p, "--x\r\nX: %s\r\n" DISPOSITION "a\r\n\r\nv%s", pad, END)), OK,
		"a part's headers may be long");
	is_int(form(pool_printf(p, "--x\r\nX: %s%s\r\n" DISPOSITION "a\r\n\r\nv%s", pad, pad, END)), E_SYNTAX,
		"not longer");
	is_int(form(pool_printf(p, "--x\r\n" DISPOSITION "%0101d\r\n\r\nv%s", 0, END)), E_SYNTAX, "nor may a name");
}

int main(void)
{
	p = pool_new();
	taken();
	malformed();
	files();
	boundaries();
	limits();
	pool_free(p);
	return tap_done();
}
