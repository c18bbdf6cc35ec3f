/* What a fund sets, in the table `settings`. Each key is declared once with its default and its check. */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "db/op.h"

/* Keys: fund_name, own_domains (comma list), own_addresses (comma list: shared mailboxes), own_groups (comma list:
 * lists that rewrite From), time_zone, base_url, digest_hour (0..23), digest_days (e.g. "mon,tue,wed,thu,fri"), digest_recipients, digest_sections,
 * digest_unanswered_days, digest_narrative, digest_gateway, attachment_max_mb, propose_from (day),
 * mailbox_visibility, proposal_days (0: proposals never expire), stages (stages.h). */
struct setting {
	const char *key, *label, *help, *def;
	const char *must; /* what is said of a value that is not valid, after the label */
	bool (*valid)(const char *value);
	enum status (*fits)(struct op *op, const char *value); /* with what is there; NULL: always */
	const char *type;                           /* of its input: "date", "number", "lines"; NULL: "text" */
	const char *const *choices, *const *labels; /* those it has to be one of, and their words; NULL: free */
};
extern const struct setting settings[]; /* ends with key NULL */
/* What those lists and that choice may hold; each ends with NULL. */
extern const char *const digest_days[], *const digest_sections[], *const digest_recipients_choices[];

const char *setting_text(
	struct op *op, const char *key); /* never NULL: the default when unset; BUG on an unknown key */
int64_t setting_int(struct op *op, const char *key);
/* everyone, subject, metadata, private: what others see of a mailbox; each ends with NULL */
extern const char *const visibilities[], *const visibility_labels[];
bool visibility_valid(const char *value);
enum status setting_set(
	struct op *op, const char *key, const char *value); /* E_INPUT names the key; inside a transaction */

/* The number in the audit log of what this request changed last; 0: nothing. */
int64_t settings_changed(struct op *op);
/* Takes back the change that the log has under that number, all that its request changed. E_CONFLICT when something was set
 * since. Inside a transaction. */
enum status settings_revert(struct op *op, int64_t entry);

#endif
