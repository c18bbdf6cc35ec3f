/* Owns which addresses are ours. Apart from user.c so that capture needs nothing of the write path.
 * Tests: t/unit/core_user.c */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "core/user.h"
#include "db/db.h"
#include "base/banned.h"

/* a+tag@x → a@x (RFC 5233): a tag is the same mailbox. */
static const char *untagged(struct pool *p, const char *email)
{
	const char *at = strchr(email, '@'), *plus = strchr(email, '+');
	if (!at || !plus || plus > at || plus == email)
		return email;
	return pool_printf(p, "%.*s%s", (int)(plus - email), email, at);
}

struct own *own_load(struct op *op)
{
	struct own *own = pool_alloc(op->pool, sizeof *own);
	size_t n;
	own->domains = str_split(op->pool, str_lower(op->pool, setting_text(op, "own_domains")), ", \n", &n);
	const char *groups = str_lower(op->pool, setting_text(op, "own_groups"));
	own->groups = str_split(op->pool, groups, ", \n", &n);
	char *all = pool_printf(op->pool, "%s,%s", str_lower(op->pool, setting_text(op, "own_addresses")), groups);
	for (struct stmt *q = db_query(op, "SELECT email FROM user_emails UNION ALL"
					   " SELECT address FROM mailboxes_live");
		db_row(q);)
		all = pool_printf(op->pool, "%s,%s", all, db_text(q, 0));
	own->addresses = str_split(op->pool, all, ", \n", &n);
	for (size_t i = 0; i < n; i++)
		own->addresses[i] = pool_strdup(op->pool, untagged(op->pool, own->addresses[i]));
	return own;
}

int own_is(const struct own *own, const char *email)
{
	const char *at = email ? strrchr(email, '@') : NULL;
	if (!at)
		return 0;
	for (char **d = own->domains; *d; d++)
		if (str_ieq(*d, at + 1))
			return 1;
	struct pool *p = pool_new();
	const char *plain = untagged(p, str_lower(p, email));
	int found = 0;
	for (char **a = own->addresses; *a && !found; a++)
		found = str_eq(*a, plain);
	pool_free(p);
	return found;
}
