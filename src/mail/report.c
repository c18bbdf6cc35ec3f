/* Owns reading the fields of a delivery report (report.h). Tests: t/unit/mail_mime.c, t/40-bounce.t */
#include "mail/report.h"

#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/headers.h"
#include "base/banned.h"

/* The fields of one recipient. */
struct group {
	struct mail_bounce b;
	const char *action;
	bool has_final, has_original;
};

struct groups {
	struct mail_bounce all[MAIL_BOUNCES_MAX];
	size_t count;
};

/* RFC 3464 2.3.3: what was done says more than the status of a server that gives none. X.0.0 is RFC 3463's "other". */
static const char *status_of(const struct group *g)
{
	const char *s = g->b.status;
	if (str_ieq(g->action, "delivered") || str_ieq(g->action, "relayed") || str_ieq(g->action, "expanded"))
		return s && *s == '2' ? s : "2.0.0";
	return s ? s : str_ieq(g->action, "delayed") ? "4.0.0" : NULL;
}

/* Some put an empty line between an address and its status: that belongs to the last that has none. */
static void group_end(struct groups *list, struct group *g)
{
	struct mail_bounce b = {g->b.email, status_of(g)};
	*g = (struct group){0};
	for (size_t i = list->count; !b.email && b.status && i-- > 0;) {
		if (list->all[i].status)
			continue;
		list->all[i].status = b.status;
		return;
	}
	if ((b.email || (b.status && !list->count)) && list->count < MAIL_BOUNCES_MAX)
		list->all[list->count++] = b;
}

static void field_take(struct pool *p, struct group *g, const struct header_field *f)
{
	char *value = header_unfold(p, f->value, f->value_len), *semicolon = strchr(value, ';');
	size_t digits = strspn(value, "0123456789.");
	bool is_final = header_is(f, "Final-Recipient"), is_original = header_is(f, "Original-Recipient");
	g->has_final |= is_final;
	g->has_original |= is_original;
	if (!g->b.email && (is_final || is_original))
		g->b.email = addr_normalise(p, semicolon ? semicolon + 1 : value);
	else if (!g->b.status && header_is(f, "Status") && digits >= 5 && digits <= 12)
		g->b.status = pool_strndup(p, value, digits);
	else if (!g->action && header_is(f, "Action"))
		g->action = pool_strndup(p, value, strcspn(value, " ;("));
}

/* Does an empty line stand before it? */
static bool is_after_gap(const char *s, const struct header_field *f)
{
	size_t before = (size_t)(f->name - s);
	return before > 1 && (f->name[-2] == '\n' || (before > 2 && f->name[-2] == '\r' && f->name[-3] == '\n'));
}

/* RFC 3464 2.1: an empty line ends a group. Where a server leaves it out, the next recipient does. */
static void groups_read(struct pool *p, struct groups *list, const char *s, size_t n)
{
	struct header_walk h;
	struct header_field f;
	struct group g = {0};
	header_walk_init(&h, s, n);
	while (header_walk_next(&h, &f)) {
		bool is_next = (g.has_final && header_is(&f, "Final-Recipient")) ||
			       (g.has_original && header_is(&f, "Original-Recipient"));
		if (is_next || is_after_gap(s, &f))
			group_end(list, &g);
		field_take(p, &g, &f);
	}
	group_end(list, &g);
}

/* The one of that address; NULL: none. */
static struct mail_bounce *named(struct mail_message *m, const char *email)
{
	for (size_t i = 0; i < m->bounce_count; i++)
		if (str_eq(m->bounces[i].email, email))
			return &m->bounces[i];
	return NULL;
}

/* What failed, what nobody says anything of, what is late, what arrived. */
static int rank(const struct mail_bounce *b)
{
	return !b->status ? 1 : *b->status == '4' ? 2 : *b->status == '2' ? 3 : 0;
}

static void worst_first(struct mail_message *m)
{
	for (size_t i = 1; i < m->bounce_count; i++) {
		struct mail_bounce b = m->bounces[i];
		size_t at = i;
		for (; at && rank(&m->bounces[at - 1]) > rank(&b); at--)
			m->bounces[at] = m->bounces[at - 1];
		m->bounces[at] = b;
	}
}

void report_read(struct pool *p, struct mail_message *m, const char *s, size_t n)
{
	struct groups *list = pool_alloc(p, sizeof *list), *others = pool_alloc(p, sizeof *others);
	groups_read(p, list, s, n);
	for (size_t i = 0; i < list->count; i++) {
		struct mail_bounce *known = named(m, list->all[i].email);
		if (!known)
			others->all[others->count++] = list->all[i];
		else if (!known->status)
			known->status = list->all[i].status;
	}
	/* The one address in the headers is the one that the report knows by where it was forwarded to. */
	bool is_same = others->count == 1 && m->bounce_count == 1 && !m->bounces[0].status;
	if (is_same)
		m->bounces[0].status = others->all[0].status;
	for (size_t i = 0; i < others->count && !is_same; i++)
		message_add_bounce(p, m, others->all[i].email, others->all[i].status);
	worst_first(m);
}
