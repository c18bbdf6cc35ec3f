/* Owns whether mail with one of our addresses in From was sent by us. From is what its sender wrote, so that it alone says
 * nothing: a folder, a server's verdict, or the way the mail never took do. Tests: t/40-direction.t */
#include "base/pool.h"
#include "capture/capture.h"
#include "mail/headers.h"
#include "source/labels.h"
#include "base/banned.h"

/* What was never received was written here: a program's own copy of what it sent. */
static bool is_received(struct pool *p, const struct judged *j)
{
	return headers_first(p, j->raw, j->len, "Received") != NULL;
}

void direct(struct op *op, const struct source_item *item, struct judged *j)
{
	struct pool *p = op->pool;
	bool unknown = j->authenticity == AUTH_UNKNOWN;
	if (j->authenticity == AUTH_FAILED)
		return;
	j->is_sent = folder_is_sent(item->folder) || (unknown && !j->m->original.email && !is_received(p, j));
	/* A group that is not among own_groups says itself that another wrote it. */
	bool passed_on = j->m->original.email && !own_is(j->own, j->m->original.email);
	j->is_out = j->is_sent || (j->authenticity == AUTH_VERIFIED && !passed_on);
	/* A mailbox with neither: nothing could ever say that we sent something, so From is taken at its word, unproven. */
	if (!j->is_out && unknown && !passed_on && !j->authserv_id && !j->has_sent_folder)
		j->is_out = true;
	if (!j->is_out)
		j->authenticity = AUTH_UNVERIFIED;
}
