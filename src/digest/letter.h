/* A digest as a message in the outbox. */
#ifndef DIGEST_LETTER_H
#define DIGEST_LETTER_H

#include "digest/digest.h"

/* The digest of the row `id` for user {username, name, email}; `again`: the how many-th time, 0 the first. In a
 * transaction. */
enum status letter_queue(struct op *op, const struct digest *d, int64_t id, struct json_object *user, int64_t again);
/* The same by hand: it belongs to no row, and its Message-ID is its own. */
enum status letter_queue_by_hand(struct op *op, const struct digest *d, struct json_object *user);
/* The user has a message of this row. */
bool letter_is_there(struct op *op, const struct digest *d, int64_t id, const char *username);

#endif
