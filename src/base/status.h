/* One status for everything: a function's result, the HTTP status of a reply, the exit code of a program and the
 * slug in an API error are four columns of one table (status.c). 0 is success, so `if (st)` reads as "if it failed". */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

enum status {
	OK = 0,
	E_SYNTAX,    /* 400  the bytes are not well-formed */
	E_AUTH,      /* 401  nobody is logged in */
	E_FORBIDDEN, /* 403  somebody is, but may not */
	E_NOT_FOUND, /* 404 */
	E_METHOD,    /* 405 */
	E_CONFLICT,  /* 409  the record or proposal is not in the state the caller saw */
	E_STALE,     /* 412  If-Match names an old version */
	E_TOO_LARGE, /* 413 */
	E_MEDIA,     /* 415 */
	E_INPUT,     /* 422  well-formed but not acceptable; names the field */
	E_RATE,      /* 429 */
	E_INTERNAL,  /* 500  our fault */
	E_BUSY,      /* 503  try again */
	E_FULL,      /* 507  no space left */
	STATUS_COUNT
};

int status_http(enum status st);          /* 200 for OK */
int status_exit(enum status st);          /* sysexits(3): 0, EX_DATAERR, EX_NOPERM, EX_TEMPFAIL, … */
const char *status_title(enum status st); /* "Conflict" */
const char *status_slug(enum status st);  /* "conflict", stable, used in problem+json `type` */

#endif
