/* A few sentences on top of the digest. Our own follow from its figures. A model on this machine may be asked for better
 * ones: the digest names people and firms, so nothing here knows a host outside, and no client for one is linked
 * (t/50-digest-narrative.t). */
#ifndef DIGEST_NARRATIVE_H
#define DIGEST_NARRATIVE_H

#include <stdint.h>

#include "base/json.h"
#include "db/op.h"

#define NARRATIVE_SECONDS 60

/* Who can ask. `address` is local (base/local.h), `facts` the document as JSON; whoever implements it gives up at
 * deadline_us of clock_mono_us(). *text in op->pool. */
struct narrator {
	enum status (*ask)(
		struct op *op, const char *address, const char *facts, int64_t deadline_us, const char **text);
};
extern const struct narrator *const narrator_built_in; /* NULL: this version has none */

/* What the gateway of the setting digest_gateway makes of the document, which holds only what everybody may read. NULL
 * when there is none, it is not local, does not answer in time, or gives something that is not one plain paragraph whose
 * every number stands in the document. Never a fault: the digest goes without it. */
const char *narrative_told(struct op *op, struct json_object *document, const struct narrator *who);

/* narrative, narrative_lines (wrapped) and has_narrative of the document: `told`, else our own; nothing when the setting is off or the day quiet. */
void narrative_add(struct op *op, struct json_object *document, const char *told);

#endif
