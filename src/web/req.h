/* One HTTP request on its way through: what came in, what goes out. A handler reads r->in through the in_*() getters,
 * fills r->out (what the API prints and the template sees) and, for what only a page needs, r->view. It never writes
 * bytes, never commits (but web/login.c, which says why) and never checks who may call it: route.c does that from the row
 * in routes.def. */
#ifndef WEB_REQ_H
#define WEB_REQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "db/op.h"

struct buf;
struct route;
struct rows;
struct tmpl_set;
struct wire;

#define NEXT_MAX 1000 /* bytes of an address to go on to */

enum verb { GET, POST, PATCH, PUT, DELETE, VERB_NONE };

struct req {
	struct op op; /* op.pool lives as long as the request */
	enum verb verb;
	const char *path; /* percent-decoded, valid UTF-8, no "..", no "//", no NUL */
	const char *raw_query;
	bool is_api;      /* /api/… or Accept: application/json: JSON out, problem+json on errors */
	bool is_fragment; /* the script asked for the part without the layout (header X-Fragment: 1) */
	bool is_tls;
	const char *address; /* REMOTE_ADDR; forwarded headers are ignored */
	const struct route *route;

	struct json_object *in;     /* path parameters, then query, then body: one flat object; never NULL */
	struct json_object *out;    /* {"data": …, "meta": …} */
	struct json_object *view;   /* page only: options, titles, counts */
	struct json_object *page;   /* furniture, filled by page_furniture(): user, navigation, csrf, flash */
	const char *zone;           /* the fund's time zone, for dates in templates */
	struct tmpl_set *templates; /* for a document that is not the page itself: the digest's preview */
	/* A form that failed is shown again with what was typed: when the handler fails with E_INPUT, E_CONFLICT or
	 * E_STALE on a page, the dispatcher calls this to fill r->out and r->view for the row's template from r->in and
	 * the fault. NULL: the error page. */
	void (*form)(struct req *r);

	const char *location;    /* after success: 303 for a page, 201 + Location for an API POST */
	const char *flash;       /* one line shown on the next page, e.g. "Contact saved" */
	const char *undo_url;    /* beside flash: POST here takes back what was done; NULL: no button */
	const char *restore_url; /* POST here brings back what was not found because it was deleted; or NULL */
	int64_t if_match;        /* version from If-Match or form field `version`; -1 = not sent */
	int64_t etag;            /* version to send as ETag; 0 = none */
	int http_status;         /* 0: by result */
	bool no_layout;          /* template is a whole document of its own */
	/* A reply that is neither JSON nor template (attachment, mail frame): bytes in op.pool. */
	const char *raw_type; /* NULL: not raw */
	const char *raw_data;
	size_t raw_len;
	const char *raw_name; /* Content-Disposition: attachment; filename=… when set */
	const char *raw_csp;  /* replaces the page policy */

	struct wire *wire;                          /* web/wire.h: FastCGI or CGI */
	struct buf *headers;                        /* further header lines; NULL: none */
	int64_t db_micros, db_statements, db_steps; /* of the connection before this request */
	int sent_status;
	size_t sent_bytes;
	const char *session_token; /* raw browser secret of this request, for CSRF; NULL without a session */
	int64_t session_id;
	const char *looks_as; /* "view as": the name of the user; a GET is then asked as that user. NULL: as oneself */
	const char *login;    /* user name of the person whose session it is */
	const char *nonce;
};

/* ---- input (input.c). Getters are sticky: a bad value records E_INPUT (or E_SYNTAX for path and query) with its field
 * in r->op.fault and gives the default; the dispatcher refuses the request after the handler returns, whatever it
 * returned, and rolls back. `def` is given when the field is absent or empty. */
const char *in_text(struct req *r, const char *name, size_t max_bytes); /* trimmed; NULL when absent or empty */
int64_t in_int(struct req *r, const char *name, int64_t def, int64_t min, int64_t max);
bool in_bool(struct req *r, const char *name); /* "1" "true" "on" */
const char *in_day(struct req *r, const char *name);
int in_choice(struct req *r, const char *name, const char *const *choices, int def); /* index; choices end with NULL */
const char *in_next(struct req *r, const char *def); /* `next`: where to go on to; only an address of our own */
int64_t in_id(struct req *r, const char *name);      /* path parameter; a malformed one is E_NOT_FOUND */

/* ---- output */
struct json_object *out_data(struct req *r, struct json_object *data); /* sets out.data and gives it back */
void out_rows(struct req *r, struct rows *rows);                       /* the same for a table */
/* view[name] = [{value,label,is_selected}], from a NULL-terminated list of values (labels may be NULL: value shown). */
void out_options(
	struct req *r, const char *name, const char *const *values, const char *const *labels, const char *current);
enum status reply_see(struct req *r, const char *flash, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
