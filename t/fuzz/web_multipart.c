/* Any bytes as a form of multipart/form-data: the first line is the Content-Type's parameters, the rest the body. Fields
 * are UTF-8 without NUL, and a form put together again says the same. */
#include "fuzz.h"
#include "../unit/webkit.h"

#define SAFE "0123456789abcdefghijklmnopqrstuvwxyz"

static struct json_object *read_form(struct pool *p, const char *type, const char *data, size_t n, enum status *st)
{
	struct op op;
	struct json_object *in = json_obj(p);
	op_init(&op, p, NULL, &(struct actor){ACTOR_NONE}, NULL);
	*st = multipart_parse(&op, type, data, n, in);
	PROMISE(*st == OK || *st == E_SYNTAX || *st == E_MEDIA);
	PROMISE(!*st || (op.fault.items && *op.fault.items->message));
	return in;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char boundary[] = "-------" SAFE;
	struct pool *p = pool_new();
	const char *raw = (const char *)data, *nl = memchr(data, '\n', n);
	size_t head = nl ? (size_t)(nl - raw) : 0, body = nl ? head + 1 : 0;
	const char *type = pool_printf(p, "multipart/form-data%s", pool_strndup(p, raw, head));
	enum status st;
	struct json_object *in = read_form(p, type, pool_dup(p, raw + body, n - body), n - body, &st);
	if (!st) {
		struct buf *b = buf_new(p, 2 * n + (size_t)FIELDS_MAX * 500);
		bool plain = true;
		json_object_object_foreach(in, name, value)
		{
			const char *text = json_object_get_string(value);
			size_t len = strlen(text);
			PROMISE(*name && strlen(name) <= 100 && utf8_valid(name, strlen(name)));
			PROMISE(len == (size_t)json_object_get_string_len(value) && utf8_valid(text, len));
			plain = plain && !strpbrk(name, "\"\\\r\n") && !strstr(text, boundary);
			buf_printf(b, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", boundary,
				name, text);
		}
		buf_printf(b, "--%s--\r\n", boundary);
		struct json_object *again = read_form(
			p, pool_printf(p, "multipart/form-data; boundary=%s", boundary), b->data, b->len, &st);
		PROMISE(!plain || (!st && json_object_equal(in, again)));
	}
	pool_free(p);
	return 0;
}
