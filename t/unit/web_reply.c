/* The bytes of a reply. Nothing a request brings along may begin a header of its own (RFC 9110 5.5). */
#include "../tap.h"
#include "webkit.h"

static struct pool *p;

static struct webkit *kit(const char *method, const char *uri)
{
	struct webkit *k = webkit_new(p, method, uri);
	request_read(&k->r);
	k->r.nonce = "n0nce";
	return k;
}

static const char *sent(struct webkit *k, enum status st)
{
	reply_send(&k->r, st);
	return k->sent->data;
}

/* The value of a header that comes exactly once; NULL when it does not. */
static const char *value(const char *reply, const char *name)
{
	const char *end = strstr(reply, "\r\n\r\n"), *found = NULL;
	for (const char *line = reply; line && line < end; line = strstr(line, "\r\n") + 2)
		if (str_starts(line, name) && line[strlen(name)] == ':') {
			if (found)
				return "twice";
			found = line + strlen(name) + 2;
		}
	return found ? pool_strndup(p, found, strcspn(found, "\r")) : NULL;
}

static const char *body(const char *reply)
{
	return strstr(reply, "\r\n\r\n") + 4;
}

static void redirects(void)
{
	struct webkit *k = kit("POST", "/contacts");
	reply_see(&k->r, "Saved; \"ok\"\r\nX-Evil: 1", "/contacts/%d", 7);
	const char *reply = sent(k, OK);
	is(value(reply, "Status"), "303 See Other", "a form that was taken leads on");
	is(value(reply, "Location"), "/contacts/7", "to where the handler says");
	ok(!strstr(reply, "X-Evil: 1"), "the message it shows there can hold no header");
	const char *flash = strstr(reply, "\r\nSet-Cookie: flash="), *undo = strstr(reply, "\r\nSet-Cookie: undo=;");
	ok(flash && str_starts(flash + 14, "flash=Saved%3B%20%22ok%22%0D%0AX-Evil%3A%201;"), "it is encoded");
	ok(undo != NULL, "what an earlier one offered to take back is not offered beside it");
	flash = flash ? pool_strndup(p, flash + 2, strcspn(flash + 2, "\r")) : "";
	ok(strstr(flash, "; HttpOnly; SameSite=Lax") && !strstr(flash, "Secure"), "a cookie scripts cannot read");
	k = kit("POST", "/contacts");
	reply_see(&k->r, NULL, "/contacts?q=%s", "a\r\nSet-Cookie: session=evil");
	reply = sent(k, OK);
	ok(!value(reply, "Location") && !value(reply, "Set-Cookie"), "a line break in an address: no such header");
	k = kit("POST", "/api/contacts");
	k->r.location = "/api/contacts/7";
	reply = sent(k, OK);
	is(value(reply, "Status"), "201 Created", "the API's answer to something new");
	is(value(reply, "Location"), "/api/contacts/7", "says where it is");
}

static void files(void)
{
	static const char name[] = "a\"b\\c/..\r\nX-Evil: 1\u202e.pdf";
	struct webkit *k = kit("GET", "/");
	k->r.raw_type = "application/octet-stream";
	k->r.raw_data = "\0\r\n\r\nX";
	k->r.raw_len = 6;
	k->r.raw_name = name;
	const char *reply = sent(k, OK);
	ok(!strstr(reply, "\nX-Evil"), "a file's name can hold no header");
	is(value(reply, "Content-Disposition"),
		"attachment; filename=\"a_b_c_..__X-Evil: 1___.pdf\"; "
		"filename*=UTF-8''a%22b%5Cc%2F..%0D%0AX-Evil%3A%201%E2%80%AE.pdf",
		"in its plain and its encoded form (RFC 6266, RFC 8187)");
	is(value(reply, "Content-Length"), "6", "with its length");
	ok(!memcmp(body(reply), "\0\r\n\r\nX", 6), "its bytes are as they were");
}

static void problems(void)
{
	struct webkit *k = kit("GET", "/api/contacts?limit=abc");
	in_int((request_body(&k->r), &k->r), "limit", 50, 1, 200);
	const char *reply = sent(k, k->r.op.fault.status);
	is(value(reply, "Status"), "400 Bad request", "what cannot be read");
	is(value(reply, "Content-Type"), "application/problem+json", "is told in JSON (RFC 9457)");
	struct json_object *doc;
	const char *why, *text = body(reply);
	ok(!json_parse(p, text, strlen(text), &doc, &why), "that is well-formed");
	ok(str_starts(json_text(doc, "detail"), "limit "), "and names the field");
	k = kit("HEAD", "/api/contacts");
	reply = sent(k, E_NOT_FOUND);
	ok(*body(reply) == '\0' && strcmp(value(reply, "Content-Length"), "0"), "HEAD has the length without the body");
	k = kit("GET", "/api/contacts");
	is(value(sent(k, E_AUTH), "WWW-Authenticate"), "Bearer", "401 says how to ask (RFC 9110 11.6.1)");
	k = kit("GET", "/api/contacts");
	k->r.op.fault.retry_after = 30;
	is(value(sent(k, E_BUSY), "Retry-After"), "30", "busy says for how long");
}

static void policy(void)
{
	static const char *const once[] = {"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy",
		"Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Cache-Control", "Vary"};
	struct webkit *k = kit("GET", "/api/contacts");
	k->r.out = json_obj(p);
	k->r.etag = 3;
	k->r.is_tls = true;
	reply_cookie(&k->r, "session", "abc", 60);
	const char *reply = sent(k, OK);
	for (size_t i = 0; i < sizeof once / sizeof *once; i++)
		ok(value(reply, once[i]) && !str_eq(value(reply, once[i]), "twice"), "%s, once", once[i]);
	ok(strstr(value(reply, "Content-Security-Policy"), "script-src 'nonce-n0nce';"), "scripts need the nonce");
	is(value(reply, "ETag"), "\"3\"", "the version, in quotes");
	ok(value(reply, "Strict-Transport-Security") && strstr(value(reply, "Set-Cookie"), "; Max-Age=60;") &&
			strstr(value(reply, "Set-Cookie"), "; Secure"),
		"over TLS the browser is bound to it");
}

int main(void)
{
	p = pool_new();
	redirects();
	files();
	problems();
	policy();
	pool_free(p);
	return tap_done();
}
