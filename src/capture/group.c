/* Owns mail that a group of ours passed on: such groups put themselves into From, as "Maria via IR", because DMARC (RFC 7489)
 * fails mail that is sent on in its writer's name. Never believes that of a group that is not ours. Tests: t/40-groups.t */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "base/banned.h"

static bool is_group(const struct own *own, const char *email)
{
	for (char **g = own->groups; *g; g++)
		if (str_eq(*g, email))
			return true;
	return false;
}

/* "'Maria Keller' via IR" → "Maria Keller"; NULL when there is no such name. */
static const char *name_before_via(struct pool *p, const char *name)
{
	const char *via = NULL;
	for (const char *at = name; at && (at = strstr(at, " via ")); at++)
		via = at;
	if (!via)
		return NULL;
	size_t n = (size_t)(via - name);
	bool quoted = n > 2 && *name == '\'' && name[n - 1] == '\'';
	return str_trim(p, pool_strndup(p, name + quoted, n - 2 * quoted));
}

/* Groups that name nobody elsewhere let answers go to the writer. */
static const struct mail_addr *only_reply_to(const struct own *own, const struct mail_message *m)
{
	const struct mail_addr *found = NULL;
	for (size_t i = 0; i < m->addr_count; i++) {
		const struct mail_addr *a = &m->addrs[i];
		if (a->role != MAIL_REPLY_TO || !a->email || is_group(own, a->email))
			continue;
		if (found)
			return NULL;
		found = a;
	}
	return found;
}

void ungroup(struct op *op, const struct own *own, struct mail_message *m)
{
	struct mail_addr *from = NULL;
	for (size_t i = 0; i < m->addr_count && !from; i++)
		if (m->addrs[i].role == MAIL_FROM)
			from = &m->addrs[i];
	if (!from || !from->email || !is_group(own, from->email))
		return;
	const char *name = name_before_via(op->pool, from->name);
	const struct mail_addr *writer = m->original.email ? &m->original : name ? only_reply_to(own, m) : NULL;
	if (!writer || is_group(own, writer->email))
		return;
	from->name = writer->name ? writer->name : name;
	from->email = writer->email;
	if (m->is_list_only) {
		m->is_automated = false;
		m->automated_reason = NULL;
	}
}
