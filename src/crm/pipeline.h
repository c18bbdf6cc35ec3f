/* What the list of opportunities and the board share: their rows, their filters, their sums. */
#ifndef CRM_PIPELINE_H
#define CRM_PIPELINE_H

#include "core/stages.h"
#include "crm/crm.h"

#define OPPORTUNITY                                                                                                    \
	"SELECT o.id, o.version, o.investor_id, k.name AS investor_name, o.fund_id, f.name AS fund_name, f.currency, " \
	"o.stage, o.amount, o.probability, o.owner_id, u.name AS owner_name, o.expected_close_on, o.next_step, "       \
	"o.staged_at, o.updated_at"
#define OPPORTUNITY_WITH " CROSS JOIN funds_live f ON f.id = o.fund_id LEFT JOIN users u ON u.id = o.owner_id"
#define OPPORTUNITY_FROM                                                                                               \
	" FROM opportunities_live o CROSS JOIN investors_cache k ON k.investor_id = o.investor_id" OPPORTUNITY_WITH
void opportunity_fill(struct req *r, struct json_object *row, const struct stages *stages); /* opportunities.c */

/* ---- pipeline.c: what was asked for; 0 and NULL: anything */
struct sought {
	const char *stage;
	bool is_open; /* without a stage: those that are not over */
	int64_t fund, owner, investor;
	const char *q; /* a pattern for the investor's name */
};
void sought_read(struct list *l, struct sought *s); /* all but the stage */
void sought_stage(struct list *l, struct sought *s, const struct stages *stages);
/* view.sums: how many pass, and of how much */
void pipeline_sums(struct req *r, const struct sought *s, const struct stages *stages);
/* Adds {name, is_archive} to the list unless it is the stage `but`. */
void stage_other(struct json_object *list, const struct stage *stage, const char *but);

#endif
