/* What a request says, before anybody decides about it: target, cookies, conditions, fields. */
#include "../tap.h"
#include "webkit.h"

static struct pool *p;

static enum status reads(const char *uri)
{
	struct webkit *k = webkit_new(p, "GET", uri);
	return request_read(&k->r);
}

static const char *path_of(const char *uri)
{
	struct webkit *k = webkit_new(p, "GET", uri);
	return request_read(&k->r) ? "refused" : k->r.path;
}

static void targets(void)
{
	is(path_of("/contacts?q=a"), "/contacts", "the path ends where the query begins");
	is(path_of("/a%20b"), "/a b", "a path is decoded once");
	is(path_of("/caf%C3%A9"), "/caf\u00e9", "to UTF-8");
	is(path_of("/a+b"), "/a+b", "a plus in a path is a plus");
	static const char *const bad[] = {"", "contacts", "http://evil.example/", "//evil.example", "/a//b", "/..",
		"/.", "/a/../b", "/a/%2e%2e/b", "/a/%252e%252e/b", "/a/.%2e", "/a%00b", "/a%0d%0aSet-Cookie:x=1",
		"/a%5cb", "/a;b", "/%", "/%4", "/%zz", "/%ff", "/%C0%AF", "/%ED%A0%80", "/a%7fb"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		is_int(reads(bad[i]), E_SYNTAX, bad[i]);
	struct webkit *k = webkit_new(p, "BREW", "/");
	is_int(request_read(&k->r), E_METHOD, "an unknown method");
	k = webkit_new(p, "HEAD", "/");
	ok(!request_read(&k->r) && k->r.verb == GET, "HEAD is read as GET (RFC 9110 9.3.2)");
}

static bool asks_json(const char *uri, const char *accept)
{
	struct webkit *k = webkit_new(p, "GET", uri);
	if (accept)
		webkit_set(k, "HTTP_ACCEPT", accept);
	request_read(&k->r);
	return k->r.is_api;
}

static void kinds(void)
{
	ok(asks_json("/api/contacts", NULL), "below /api it is JSON");
	ok(asks_json("/api/%", NULL), "even where the address is broken");
	ok(asks_json("/contacts", "application/json"), "or where JSON is asked for");
	ok(!asks_json("/contacts", "text/html,application/json;q=0.9"), "not where it would do as well");
	ok(!asks_json("/contacts?x=/api/", NULL), "the query decides nothing");
}

static const char *cookie(const char *line, const char *name)
{
	struct webkit *k = webkit_new(p, "GET", "/");
	webkit_set(k, "HTTP_COOKIE", line);
	return request_cookie(&k->r, name);
}

static void cookies(void)
{
	is(cookie("session=a", "session"), "a", "the only one");
	is(cookie("x=1; session=a=b; y=2", "session"), "a=b", "among others, with its own equals sign");
	is(cookie("session=first; session=second", "session"), "first", "the first of a name counts");
	is(cookie("xsession=a", "session"), NULL, "the end of a longer name is none");
	is(cookie("session", "session"), NULL, "a name alone is none");
	is(cookie("sessionx=a", "session"), NULL, "the beginning of a longer name is none");
	is(cookie("", "session"), NULL, "an empty line has none");
}

static int64_t version(const char *if_match, enum status want)
{
	struct webkit *k = webkit_new(p, "GET", "/contacts/1");
	webkit_set(k, "HTTP_IF_MATCH", if_match);
	return request_read(&k->r) == want ? k->r.if_match : -99;
}

static void conditions(void)
{
	is_int(version("\"7\"", OK), 7, "a version in quotes");
	is_int(version("W/\"7\"", OK), 7, "a weak one is the same here");
	is_int(version("*", OK), -1, "any is none");
	is_int(version("7", E_SYNTAX), -1, "a bare number is refused");
	is_int(version("\"", E_SYNTAX), -1, "so is half a pair of quotes");
	is_int(version("\"-1\"", E_SYNTAX), -1, "a negative one");
	is_int(version("\"9223372036854775808\"", E_SYNTAX), -1, "one that is no 64-bit number");
}

/* The kit's second row takes forms of up to 4,096 bytes. */
static enum status posts(const char *type, const char *body, size_t n, struct req **r)
{
	struct webkit *k = webkit_new(p, "POST", "/contacts?from=list");
	k->r.route = &routes[2];
	webkit_body(k, type, body, n);
	request_read(&k->r);
	*r = &k->r;
	return request_body(&k->r);
}

static void refused(const char *type, const char *body, size_t n, enum status want, const char *field, const char *name)
{
	struct req *r;
	is_int(posts(type, body, n, &r), want, name);
	is(r->op.fault.items->field, field, "naming the field");
}

static void bodies(void)
{
	static const char form[] = "application/x-www-form-urlencoded", json[] = "application/json; charset=utf-8";
	static char big[4097];
	struct req *r;
	ok(!posts(form, "name=Mar%C3%ADa+B&&x=", 21, &r), "a form");
	is(json_text(r->in, "name"), "Mar\u00eda B", "its field, decoded");
	is(json_text(r->in, "x"), "", "an empty one");
	is(json_text(r->in, "from"), "list", "beside the query's");
	ok(!posts(json, "{\"name\":\"M\",\"n\":[1]}", 20, &r) && json_len(json_get(r->in, "n")) == 1, "JSON");
	refused(form, "a=1&a=2", 7, E_SYNTAX, "a", "a field twice");
	refused(form, "from=x", 6, E_SYNTAX, "from", "a field of the query's again");
	refused(form, "a=%zz", 5, E_SYNTAX, "a", "bad percent encoding");
	refused(form, "a=\xff", 3, E_SYNTAX, "a", "bytes that are not UTF-8");
	refused(form, "a=%00", 5, E_SYNTAX, "a", "NUL");
	refused(form, "=1", 2, E_SYNTAX, NULL, "a field without a name");
	refused(json, "{\"from\":1}", 10, E_SYNTAX, "from", "JSON with a field of the query's");
	refused(json, "{\"a\":1,\"a\":2}", 13, E_SYNTAX, NULL, "JSON with a name twice");
	refused(json, "[1]", 3, E_SYNTAX, NULL, "JSON that is no object");
	ok(!posts("multipart/form-data; boundary=x", "--x--", 5, &r), "a multipart form");
	refused("multipart/mixed; boundary=x", "--x--", 5, E_MEDIA, NULL, "a type that is not taken");
	refused("application/jsonp", "{}", 2, E_MEDIA, NULL, "a type that only begins like one");
	refused(form, big, sizeof big, E_TOO_LARGE, NULL, "one byte too many");
}

static void lengths(void)
{
	struct webkit *k = webkit_new(p, "POST", "/contacts");
	k->r.route = &routes[2];
	webkit_body(k, "application/json", "{}", 2);
	webkit_set(k, "CONTENT_LENGTH", "9");
	request_read(&k->r);
	is_int(request_body(&k->r), E_SYNTAX, "a body that ends early");
	k = webkit_new(p, "POST", "/contacts");
	k->r.route = &routes[2];
	webkit_set(k, "CONTENT_LENGTH", "-1");
	request_read(&k->r);
	is_int(request_body(&k->r), E_SYNTAX, "a negative length");
}

static struct req *asked(const char *query)
{
	struct webkit *k = webkit_new(p, "GET", pool_printf(p, "/contacts?%s", query));
	request_read(&k->r);
	request_body(&k->r);
	return &k->r;
}

/* A bad field gives its default and leaves the refusal behind. */
static void fields(void)
{
	static const char *const kinds_of[] = {"person", "firm", NULL};
	is_int(in_int(asked("limit=20"), "limit", 50, 1, 200), 20, "a number");
	is_int(in_int(asked("limit="), "limit", 50, 1, 200), 50, "the default where it is empty");
	static const char *const bad[] = {"abc", "0", "201", "1e2", "%2B5", "0x10", "5%205", "99999999999999999999"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct req *r = asked(pool_printf(p, "limit=%s", bad[i]));
		is_int(in_int(r, "limit", 50, 1, 200), 50, bad[i]);
		ok(r->op.fault.status == E_SYNTAX && str_eq(r->op.fault.items->field, "limit"), "is refused by name");
	}
	is_int(in_choice(asked("kind=firm"), "kind", kinds_of, 0), 1, "a choice");
	struct req *r = asked("kind=Firm&day=2026-02-30&q=abc");
	is_int(in_choice(r, "kind", kinds_of, 0), 0, "not one of them");
	is(in_day(r, "day"), NULL, "a day that does not exist");
	is(in_text(r, "q", 2), NULL, "a text that is too long");
	int faults = 0;
	for (const struct fault_item *f = r->op.fault.items; f; f = f->next)
		faults++;
	is_int(faults, 3, "all are told at once");
	is(in_text(asked("q=++a+b++"), "q", 9), "a b", "text is trimmed");
	ok(in_bool(asked("x=on"), "x") && in_bool(asked("x=1"), "x") && !in_bool(asked("x=yes"), "x"), "a check box");
}

int main(void)
{
	p = pool_new();
	targets();
	kinds();
	cookies();
	conditions();
	bodies();
	lengths();
	fields();
	pool_free(p);
	return tap_done();
}
