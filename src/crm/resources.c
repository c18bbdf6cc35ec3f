/* Owns the list of all resources, in the order of the manual. A new one is a line here. Tests: t/unit/core_record.c */
#include "crm/crm.h"

#include <stddef.h>

#include "base/banned.h"

/* What can be referred to but is not written through core/record.h. */
static const struct resource users_resource = {
	.name = "users",
	.singular = "user",
	.title = "User",
	LABEL_SQL("SELECT name FROM users WHERE id = "),
	.options_sql = "SELECT id, name FROM users WHERE is_active = 1 AND role <> 'agent' ORDER BY name LIMIT ?1",
	.named_sql = "SELECT id FROM users WHERE name = ?1 COLLATE NOCASE AND is_active = 1 LIMIT 2",
};
static const struct resource messages_resource = {
	.name = "messages",
	.singular = "message",
	.title = "Message",
	LABEL_SQL("SELECT coalesce(nullif(subject, ''), '(no subject)') FROM messages_seen WHERE id = "),
};

const struct resource *const resources[] = {
	&organizations_resource,
	&contacts_resource,
	&affiliations_resource,
	&investors_resource,
	&communications_resource,
	&tasks_resource,
	&funds_resource,
	&commitments_resource,
	&opportunities_resource,
	&users_resource,
	&messages_resource,
	NULL,
};
