/* Links in readable text, and what is wrong with them. Pure text on hostile bytes: linear, bounded, fuzzed
 * (t/fuzz/mail_links.c). */
#ifndef MAIL_LINKS_H
#define MAIL_LINKS_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

#define LINKS_MAX 200 /* of a text; what follows stays text */
#define LINK_MAX 2000 /* bytes; a longer one stays text */

struct web_link {
	size_t start, len; /* bytes of the text that are the address */
	const char *url;   /* the same, its scheme in lower case: http:// or https:// */
	const char *host;  /* where it leads */
	bool is_disguised; /* punycode, or scripts mixed in one name */
	bool is_mismatch;  /* what is shown as its text, or stands before an @ in it, names another host */
};

/* The links of n bytes of UTF-8, in order. `shown <https://target>`, as html_to_text() writes a link, is one whose text is
 * what stands before the bracket. */
struct web_link *links_find(struct pool *p, const char *text, size_t n, size_t *count);

#endif
