/* The dispatcher. src/routes.def is the table; access, CSRF, Origin and the kind of database connection follow from a
 * row, so that no handler can forget them. */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/req.h"

enum access {
	PUBLIC, /* anybody */
	READER, /* anybody logged in: people by session or token, agents */
	WRITER, /* the same; what an agent writes becomes a proposal (202) */
	SIGNER, /* a person in a browser session with CSRF token; a bearer token gets 403 */
	ADMIN,  /* SIGNER whose role is admin */
};

struct route {
	enum verb page_verb;   /* VERB_NONE: no page */
	const char *page_path; /* "/contacts/:id"; ":id" and other parameters match [0-9]+ */
	enum verb api_verb;    /* VERB_NONE: no API twin */
	const char *api_path;  /* below /api */
	enum access access;
	enum status (*handler)(struct req *r);
	const char *template; /* "contacts/list"; NULL: redirects or raw */
	size_t body_limit;    /* bytes */
};

extern const struct route *const routes; /* made from routes.def by the main that includes it */
extern const size_t routes_count;

/* Fills r->page and r->zone for a page of a logged-in user; given by the program (crm/page.c), for web knows no noun.
 * At most two queries. */
extern void (*page_furniture)(struct req *r);

/* Runs one request from r->wire to the last byte sent. Never fails: errors become replies. */
void route_serve(struct req *r);

#endif
