/* What the files of Review share: proposals.c (the queue), card.c (one proposal), decisions.c (one decision) and batch.c
 * (many). Their documents are described where they are made. */
#ifndef CRM_REVIEW_H
#define CRM_REVIEW_H

#include "crm/crm.h"

#define PROPOSAL_COLUMNS                                                                                               \
	"p.id, p.kind, p.resource, p.target_id, p.title, p.state, p.sha256, p.author_kind, p.author_name, "            \
	"p.occurred_at, p.created_at, p.snoozed_until, p.decided_at, d.name AS decided_by_name, p.reason, "            \
	"p.investor_id, p.contact_id, c.name AS contact_name, p.organization_id, o.name AS organization_name, "        \
	"p.message_id, p.thread_id, coalesce(io.name, ic.name, o.name, c.name, 'Others') AS \"group\""
#define PROPOSAL_TABLES                                                                                                \
	" FROM proposals_seen p LEFT JOIN users d ON d.id = p.decided_by LEFT JOIN contacts_live c ON c.id = "         \
	"p.contact_id LEFT JOIN organizations_live o ON o.id = p.organization_id LEFT JOIN investors_live i ON "       \
	"i.id = p.investor_id LEFT JOIN organizations_live io ON io.id = i.organization_id LEFT JOIN contacts_live "   \
	"ic ON ic.id = i.contact_id"

/* kind_label, state_label, is_pending, is_snoozed, show_url of a row. */
void proposal_labels(struct req *r, struct json_object *row);
/* The document of review/show; with_mail: and the source mail. NULL when there is none, or an error (op->fault). */
struct json_object *proposal_card(struct req *r, int64_t id, bool with_mail);
/* [{name, label, old, new, ...}] of a change, see card.c; `row`: the fields it replaces, or NULL. */
struct json_object *proposal_fields(
	struct op *op, const struct resource *res, struct json_object *change, struct json_object *row);

/* The queue that a page was reached from: its parameters without "?", "" when none came with the request; and the card
 * after this one, 0 when there is none. Both go along in links and forms as `from` and `then`. */
const char *review_from(struct req *r);
/* Sets view.from, view.then, view.way (both, for a link's query), view.queue_url and, for putting off, the days view.tomorrow and view.next_week. */
void review_view(struct req *r, const char *from, int64_t then);

#endif
