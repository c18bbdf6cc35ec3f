/* What the files of this room share with each other. */
#ifndef WEB_INSIDE_H
#define WEB_INSIDE_H

#include "web/req.h"
#include "web/route.h"
#include "web/tmpl.h"
#include "web/wire.h"

#define BODY_MAX ((size_t)1 << 20) /* of a form or a JSON document; files have a limit of their own */
#define FIELDS_MAX 1000

/* What a worker has open; made by serve.c before the sandbox closes. */
struct web {
	struct db *read, *human, *agent;
	struct tmpl_set *templates;
	const char *assets; /* a hash of what is below static/, for addresses that never go stale */
	bool strict;
};
extern struct web web;

/* request.c: fills r from its wire: verb, path, headers. Records E_SYNTAX, E_METHOD. */
enum status request_read(struct req *r);
const char *request_header(struct req *r, const char *cgi_name); /* "HTTP_ACCEPT"; NULL when absent */
const char *request_cookie(struct req *r, const char *name);     /* NULL when absent */
/* The address of this page with its query, to come back to; "/" when it is no page or too long. */
const char *request_here(struct req *r);
/* Reads the body and puts query and body into r->in. E_TOO_LARGE, E_MEDIA, E_SYNTAX. */
enum status request_body(struct req *r);
/* query.c: name=value pairs (application/x-www-form-urlencoded) into `to`. E_SYNTAX names the field where it can: bad
 * percent encoding, bytes that are not UTF-8, NUL, a name twice or that is there already, too many. */
enum status query_parse(struct op *op, const char *s, size_t n, struct json_object *to);
bool percent_decode(struct pool *p, const char *s, size_t n, bool plus, char **out); /* false: malformed or not UTF-8 */
/* One field more in `to`; name and value are UTF-8, a NULL value was malformed. E_SYNTAX as above. */
enum status field_add(struct op *op, struct json_object *to, const char *name, const char *value);
/* multipart.c: the same from a body of multipart/form-data whose Content-Type is `type`. E_MEDIA names a field that is a
 * file, or text in another encoding. */
enum status multipart_parse(struct op *op, const char *type, const char *data, size_t n, struct json_object *to);

/* session.c: who asks. A bad or expired cookie is nobody; a bad bearer token is E_AUTH. */
enum status session_identify(struct req *r);
enum status session_start(struct req *r, int64_t user_id); /* sets the cookie; inside a transaction */
enum status session_token(struct req *r, int64_t user_id, const char **jwt, int64_t *expires); /* a bearer token */
enum status session_end(struct req *r);        /* revokes this request's */
const char *session_csrf(struct req *r);       /* the token that unsafe requests must send */
enum status session_check_csrf(struct req *r); /* E_FORBIDDEN */
void session_prelogin(struct req *r);          /* a page for nobody: a secret for its CSRF token */

/* reply.c */
void reply_cookie(
	struct req *r, const char *name, const char *value, int max_age); /* 0: gone at once; < 0: session's */
void reply_send(struct req *r, enum status st);
void reply_allow(struct req *r, const char *verbs);

#endif
