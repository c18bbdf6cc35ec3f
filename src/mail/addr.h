/* E-mail addresses: what counts as one, and the one spelling under which it is stored and compared. Pure text; safe in
 * any process. Reading an address header of a message is the parse child's work (mime.c), or headers.c when it fails.
 */
#ifndef MAIL_ADDR_H
#define MAIL_ADDR_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

#define ADDR_MAX 254        /* RFC 5321 4.5.3.1.3: a path of 256 octets with its <> */
#define ADDR_LOCAL_MAX 64   /* RFC 5321 4.5.3.1.1 */
#define ADDR_DOMAIN_MAX 253 /* RFC 1035 2.3.4, written out without the root's dot */
#define ADDR_NAME_MAX 200   /* bytes of a display name that are kept */

enum mail_role { MAIL_FROM, MAIL_TO, MAIL_CC, MAIL_BCC, MAIL_REPLY_TO, MAIL_SENDER, MAIL_ROLE_COUNT };

struct mail_addr {
	enum mail_role role;
	const char *name;  /* display name, decoded, UTF-8, one line; NULL when there is none */
	const char *email; /* normalised; NULL when what stood there is no addr-spec */
};

/* "from", "to", "cc", "bcc", "reply_to", "sender": as message_addresses.role has it. */
const char *mail_role_name(enum mail_role role);

/* A plain addr-spec: dot-atom (ASCII or UTF-8 letters, RFC 6531) @ domain of at least two labels. Quoted local parts,
 * address literals, comments, controls and white space are refused: nobody's investor has one. */
bool addr_valid(const char *s);

/* Trimmed, <> removed, lower-cased (ASCII); NULL when that is not addr_valid(). */
char *addr_normalise(struct pool *p, const char *s);

/* What follows the @, borrowed; NULL without one. */
const char *addr_domain(const char *email);

/* noreply@, do-not-reply@, alerts-no_reply@ …: the words with or without hyphens, at the end of the local part. */
bool addr_refuses_replies(const char *email);
/* Of a machine or an office, not of a person: info@, ir@, noreply@ … */
bool addr_is_role(const char *email);
/* A provider's where anybody has an address: it says nothing of a firm. */
bool addr_is_public(const char *domain);

/* What a person types: `a@b.example` or `Name <a@b.example>` or `"Last, First" <a@b.example>`. One address, nothing
 * after it. False, *out untouched, when it is anything else. out->role is MAIL_TO. */
bool addr_parse_one(struct pool *p, const char *s, struct mail_addr *out);

#endif
