/* Authentication-Results (RFC 8601): what the server that took a message found out about its sender. The field is only as
 * good as who wrote it, so the topmost counts, when our own receiver's name stands in it, and of those right below it the ones
 * that nobody else can have written. Pure text on hostile bytes: no recursion, everything bounded, fuzzed (t/fuzz/mail_authres.c). */
#ifndef MAIL_AUTHRES_H
#define MAIL_AUTHRES_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

#define AUTHRES_MAX 8192 /* bytes of a field that are looked at: a longer one says nothing */
#define AUTHRES_FIELDS_MAX 8
#define AUTHRES_DKIM_MAX 8 /* passing signatures that are kept */

enum authenticity { AUTH_UNKNOWN, AUTH_VERIFIED, AUTH_UNVERIFIED, AUTH_FAILED };

/* "unknown", "verified", "unverified", "failed": as messages.authenticity has it. */
const char *authenticity_name(enum authenticity a);

struct authres {
	const char *authserv_id;            /* lower-case; NULL: the server left it out, as Outlook does */
	const char *dmarc;                  /* result, lower-case; "fail" when any of several is; NULL: not judged */
	const char *dmarc_from;             /* header.from it is about; NULL */
	bool is_ambiguous;                  /* several dmarc results */
	const char *dkim[AUTHRES_DKIM_MAX]; /* domains whose signatures passed */
	size_t dkim_count;
};

/* Reads an unfolded field. False when it is none. Comments and quoted strings are never mistaken for results. */
bool authres_parse(struct pool *p, const char *value, struct authres *out);

/* What the raw message's fields say of mail from that domain (NULL: there is no one From address). authserv_id: exact name;
 * ".example.net" any host below it; "none" a field without a name; NULL: nobody is believed, AUTH_UNKNOWN. */
enum authenticity authres_judge(
	struct pool *p, const char *raw, size_t n, const char *authserv_id, const char *from_domain);

#endif
