/* A request without a server, for tests and fuzz targets of src/web: CGI variables from a table, a body from memory, the
 * reply kept. A program that includes this has a small table of routes of its own. */
#ifndef T_WEBKIT_H
#define T_WEBKIT_H

#include <string.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "web/inside.h"

struct webkit {
	struct wire wire; /* first: the wire's address is the kit's */
	const char *params[8][2];
	const char *body;
	size_t body_len;
	struct buf *sent;
	struct req r;
};

static const char *webkit_param(struct wire *w, const char *name)
{
	struct webkit *k = (struct webkit *)w;
	for (size_t i = 0; i < 8 && k->params[i][0]; i++)
		if (!strcmp(k->params[i][0], name))
			return k->params[i][1];
	return NULL;
}

static size_t webkit_read(struct wire *w, char *to, size_t n)
{
	struct webkit *k = (struct webkit *)w;
	n = n < k->body_len ? n : k->body_len;
	memcpy(to, k->body, n);
	k->body += n;
	k->body_len -= n;
	return n;
}

static bool webkit_write(struct wire *w, const struct iovec *parts, int n)
{
	for (int i = 0; i < n; i++)
		buf_add(((struct webkit *)w)->sent, parts[i].iov_base, parts[i].iov_len);
	return true;
}

__attribute__((unused)) static void webkit_set(struct webkit *k, const char *name, const char *value)
{
	for (size_t i = 0; i < 8; i++)
		if (!k->params[i][0] || !strcmp(k->params[i][0], name)) {
			k->params[i][0] = name;
			k->params[i][1] = value;
			return;
		}
}

/* A request of nobody's in p; params and body are the caller's to set. */
__attribute__((unused)) static struct webkit *webkit_new(struct pool *p, const char *method, const char *uri)
{
	struct webkit *k = pool_alloc(p, sizeof *k);
	memset(k, 0, sizeof *k);
	k->wire = (struct wire){webkit_param, webkit_read, webkit_write};
	k->sent = buf_new(p, 1 << 20);
	k->r.wire = &k->wire;
	op_init(&k->r.op, p, NULL, &(struct actor){ACTOR_NONE}, NULL);
	webkit_set(k, "REQUEST_METHOD", method);
	webkit_set(k, "REQUEST_URI", uri);
	return k;
}

__attribute__((unused)) static void webkit_body(struct webkit *k, const char *type, const char *data, size_t n)
{
	webkit_set(k, "CONTENT_TYPE", type);
	webkit_set(k, "CONTENT_LENGTH", pool_printf(k->r.op.pool, "%zu", n));
	k->body = data;
	k->body_len = n;
}

static enum status webkit_nothing(struct req *r)
{
	(void)r;
	return OK;
}

static const struct route webkit_routes[] = {
	{GET, "/", VERB_NONE, "", PUBLIC, webkit_nothing, NULL, 0},
	{GET, "/contacts", GET, "/contacts", PUBLIC, webkit_nothing, NULL, 0},
	{POST, "/contacts", POST, "/contacts", PUBLIC, webkit_nothing, NULL, 4096},
	{GET, "/contacts/:id", GET, "/contacts/:id", PUBLIC, webkit_nothing, NULL, 0},
	{POST, "/contacts/:id", PATCH, "/contacts/:id", PUBLIC, webkit_nothing, NULL, 0},
	{GET, "/contacts/:id/emails/:email", VERB_NONE, "", PUBLIC, webkit_nothing, NULL, 0},
};
const struct route *const routes = webkit_routes;
const size_t routes_count = sizeof webkit_routes / sizeof *webkit_routes;

#endif
