/* What holds a conversation together: the ids a message refers to, and its subject without "Re:". Subjects never join
 * threads; the base is for showing and for drafting. */
#ifndef MAIL_THREAD_H
#define MAIL_THREAD_H

#include <stdbool.h>
#include <stddef.h>

struct mail_message;
struct pool;

/* The subject without its chain of reply and forward prefixes in any known language ("Re:", "AW[2]:", "Fwd:",
 * "答复："), list tags kept, white space squeezed. Never NULL; the whole subject when nothing else would be left. */
char *subject_base(struct pool *p, const char *subject);

/* Does it start with such a reply prefix? Then an answer keeps it as it is. */
bool subject_is_reply(const char *subject);

/* Every id that ties m to others: References in order, then In-Reply-To, each once, its own Message-ID left out. */
const char **thread_ids(struct pool *p, const struct mail_message *m, size_t *count);

/* Ids from a References or In-Reply-To value: what stands in <>, without it; bare words with an @ as well. At most max
 * (the first and the newest kept); unusable ids (controls, spaces, too long) are left out. */
const char **message_ids_parse(struct pool *p, const char *value, size_t max, size_t *count);

/* Can these bytes be a Message-ID without its <>: 1..MAIL_ID_MAX bytes of UTF-8, no blanks, controls, < or >. */
bool message_id_valid(const char *s, size_t n);

#endif
