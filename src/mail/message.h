/* One parsed message: plain values, no library's types. The parse child fills it; the parent gets it checked and
 * copied (wire.c), so every string here is valid UTF-8 without NUL and every count is under its limit.
 * Nothing in it is trustworthy in the sense of being true: a From header is what the sender wrote. */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "mail/addr.h"
#include "mail/quote.h"

/* Limits. What is past one is left out and named in `defects`; the raw message is never shortened. */
#define MAIL_RAW_MAX (50u * 1024 * 1024) /* a larger one is not given to the child: is_unparsed, "too large" */
#define MAIL_HEADER_MAX (256u * 1024)    /* bytes of a header block that are looked at */
#define MAIL_HEADERS_MAX 1000            /* fields of it */
#define MAIL_DEPTH_MAX 32                /* multiparts and messages inside each other */
#define MAIL_PARTS_MAX 1000
#define MAIL_ADDRS_MAX 1000              /* over all roles */
#define MAIL_REFS_MAX 100                /* the first and the newest of References are kept */
#define MAIL_ID_MAX 250                  /* bytes of a Message-ID */
#define MAIL_SUBJECT_MAX 1000            /* bytes */
#define MAIL_TEXT_MAX (1024u * 1024)     /* bytes of readable text */
#define MAIL_HTML_MAX (4u * 1024 * 1024) /* bytes of HTML, as UTF-8 */
#define MAIL_NAME_MAX 200                /* bytes of an attachment's name */
#define MAIL_SNIPPET_CHARS 200
#define MAIL_BOUNCES_MAX 100 /* recipients of a delivery report */
#define MAIL_DEFECTS_MAX 16

struct mail_attachment {
	const char *name; /* no path, no controls, no leading dot, never empty: "unnamed" with the type's suffix */
	const char *type; /* "application/pdf", lower-case; "application/octet-stream" when unknown */
	const char *content_id;    /* without <>; NULL */
	bool is_inline;            /* shown by the HTML through cid:, not a file of its own */
	const unsigned char *data; /* decoded; len bytes */
	size_t len;
	char sha256[SHA256_HEX]; /* of data, computed by the parent */
};

/* What became of the mail to one recipient, of whom a delivery report speaks. */
struct mail_bounce {
	const char *email;  /* RFC 3464 Original-/Final-Recipient; NULL: the report names nobody */
	const char *status; /* RFC 3463: "5.1.1"; 4.… is late, 2.… arrived; NULL: not said */
};

struct mail_message {
	const char *message_id; /* without <>; NULL when missing or unusable */
	const char **in_reply_to;
	size_t in_reply_to_count;
	const char **references;
	size_t references_count;
	const char *subject; /* decoded, one line; "" when missing */
	int64_t date;        /* Date header, seconds since 1970; has_date false: missing or nonsense */
	int64_t received;    /* when a server took it: topmost Received, else Delivery-Date */
	bool has_date, has_received;
	struct mail_addr *addrs; /* as they stand in the header; entries with email NULL included */
	size_t addr_count;
	struct mail_addr original; /* whom a list that put itself into From names as the writer; email NULL: nobody */
	const char *list_id;       /* what stands in <> of List-Id, else its text; NULL */
	bool is_automated;         /* no person wrote it to be answered (gmail rules: RFC 3834, lists, bounces …) */
	const char *automated_reason; /* "auto-submitted", "list", "bounce", …; NULL when not automated */
	bool is_list_only;            /* automated, and nothing but its having come through a list says so */
	bool is_list;                 /* List-* or Precedence: list/bulk/junk */
	bool is_bounce;               /* a delivery report, or an empty Return-Path from a mailer daemon */
	struct mail_bounce *bounces;  /* of a report: whom it is about, the worst first */
	size_t bounce_count;
	const char *bounce_message_id; /* id of the mail that bounced, when its headers were returned; NULL */
	const char *countersign_id;    /* X-Countersign-Id, which anybody can write: capture looks it up */
	const char *text;              /* readable text: text/plain, else made from the HTML; "" when there is none */
	size_t text_len;
	const char *html; /* the sender's HTML as UTF-8, NOT sanitised: sandboxed frame only; NULL */
	size_t html_len;
	struct quote_segment *segments; /* of text; made in the child, see quote.h */
	size_t segment_count;
	const char *sender_title, *sender_phone; /* what the signature says of the sender (signature.h); NULL */
	const char *snippet;                     /* one line of what is new in it (gist.h); "" */
	struct mail_attachment *attachments;
	size_t attachment_count;
	char body_sha256[SHA256_HEX]; /* over the raw bytes after the header block, computed by the parent */
	const char **
		defects; /* short words: "no-date" "bad-date" "no-from" "two-from" "two-headers" "no-message-id" "bad-charset"
			   * "bad-encoding" "truncated" "too-deep" "too-many-parts" "too-many-headers" "nul" "tnef" "no-parts" */
	size_t defect_count;
	bool is_unparsed; /* only the header scan of headers.c is in here; text is "" and there are no attachments */
	const char *unparsed_reason; /* "parser took longer than 10 s"; NULL when parsed */
};

/* An empty message: no NULL where a string is promised. Lives in p. */
struct mail_message *message_new(struct pool *p);

/* Appends one address of a role (strings copied by reference); past MAIL_ADDRS_MAX it is left out, with a defect. */
void message_add_addr(struct pool *p, struct mail_message *m, enum mail_role role, const char *name, const char *email);

/* Appends a recipient of a delivery report (strings by reference); past MAIL_BOUNCES_MAX it is left out, with a defect. */
void message_add_bounce(struct pool *p, struct mail_message *m, const char *email, const char *status);

/* Adds a defect once; word is a literal. */
void message_defect(struct pool *p, struct mail_message *m, const char *word);

/* Hash of what it says, the same for all copies of one message whatever became of its line ends and encodings on the way:
 * From, Date, subject, text, HTML and attachments, decoded. False when it has no Message-ID or was not read whole, so that
 * nobody can say. Attachments have their hashes. */
bool message_content_sha256(struct pool *p, const struct mail_message *m, char out[static SHA256_HEX]);

/* All defects with one space between, "" when none: messages.defects. */
char *message_defects(struct pool *p, const struct mail_message *m);

#endif
