/* Owns what there is to doubt about a message: is its sender who it says, what should a reader be careful with. Warns and
 * never blocks. Tests: t/40-authenticity.t */
#include <string.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "db/db.h"
#include "mail/account.h"
#include "mail/lookalike.h"
#include "base/banned.h"

#define WARNINGS_MAX 200
#define FIRM_DOMAINS_MAX 50

/* The one From address; NULL when there are several, several fields, or none: RFC 5322 3.6.2 would want a Sender, which nobody checks. */
static const struct mail_addr *only_from(const struct mail_message *m)
{
	const struct mail_addr *from = NULL;
	for (size_t i = 0; i < m->defect_count; i++)
		if (str_eq(m->defects[i], "two-from"))
			return NULL;
	for (size_t i = 0; i < m->addr_count; i++) {
		if (m->addrs[i].role != MAIL_FROM)
			continue;
		if (from)
			return NULL;
		from = &m->addrs[i];
	}
	return from && from->email ? from : NULL;
}

static void warn(struct buf *b, bool applies, const char *word)
{
	if (applies)
		buf_printf(b, "%s%s", b->len ? " " : "", word);
}

/* "ada@fund.example" <x@evil.example>: what many programs show is the name alone. */
static bool names_another(struct pool *p, const struct mail_addr *from)
{
	if (!from->name || !strchr(from->name, '@'))
		return false;
	size_t n;
	char **words = str_split(p, from->name, " \t<>()[]\"',;:", &n);
	for (size_t i = 0; i < n; i++)
		if (strchr(words[i], '@') && !str_ieq(words[i], from->email))
			return true;
	return false;
}

/* Somebody we know, or one of us, under an address that is not theirs. */
static bool borrows_name(struct op *op, const struct mail_addr *from)
{
	int64_t id;
	if (!from->name ||
		db_one_int(op, &id, "SELECT contact_id FROM contact_emails_live WHERE email = ?", from->email))
		return false;
	return db_one_int(op, &id, "SELECT id FROM contacts_live WHERE name = ? COLLATE NOCASE LIMIT 1", from->name) ||
	       db_one_int(op, &id, "SELECT id FROM users WHERE name = ? COLLATE NOCASE LIMIT 1", from->name);
}

static bool is_known_domain(struct op *op, const struct judged *j, const char *domain)
{
	int64_t id;
	for (size_t i = 0; i < j->domain_count; i++)
		if (str_eq(j->domains[i], domain))
			return true;
	return db_one_int(op, &id, "SELECT organization_id FROM organization_domains_live WHERE domain = ?", domain);
}

/* Of us, or of anybody who takes part. */
static bool resembles_known(struct op *op, const struct own *own, const struct judged *j, const char *domain)
{
	bool found = false;
	for (char **d = own->domains; *d && !found; d++)
		found = domain_resembles(op->pool, domain, *d);
	for (size_t i = 0; i < j->domain_count && !found; i++)
		found = domain_resembles(op->pool, domain, j->domains[i]);
	for (size_t i = 0; i < j->organization_count && !found; i++)
		for (struct stmt *q = db_query(op,
			     "SELECT domain FROM organization_domains_live WHERE organization_id = ? LIMIT ?",
			     j->organizations[i], FIRM_DOMAINS_MAX);
			db_row(q);)
			found |= domain_resembles(op->pool, domain, db_text(q, 0));
	return found;
}

/* A list answers for others; everybody else who wants answers elsewhere is to be looked at. */
static bool answers_elsewhere(const struct own *own, const struct mail_message *m, const char *domain)
{
	for (size_t i = 0; i < m->addr_count && !m->is_list; i++) {
		const struct mail_addr *a = &m->addrs[i];
		if (a->role == MAIL_REPLY_TO && a->email && !own_is(own, a->email) &&
			!str_eq(addr_domain(a->email), domain))
			return true;
	}
	return false;
}

/* The parser has turned punycode into what it stands for: on the wire every such domain is "xn--". */
static bool is_ascii(const char *s)
{
	while (*s > 0)
		s++;
	return !*s;
}

static const char *warnings(struct op *op, const struct own *own, const struct judged *j, const struct mail_addr *from)
{
	struct buf *b = buf_new(op->pool, WARNINGS_MAX);
	const char *domain = addr_domain(from->email);
	bool ours = own_is(own, from->email), known = ours || is_known_domain(op, j, domain);
	warn(b, ours, "ours");
	warn(b, names_another(op->pool, from), "name-address");
	warn(b, !ours && borrows_name(op, from), "known-name");
	warn(b, !known && resembles_known(op, own, j, domain), "look-alike");
	warn(b, !known && (!is_ascii(domain) || domain_is_disguised(domain, strlen(domain))), "disguised");
	warn(b, answers_elsewhere(own, j->m, domain), "reply-to");
	warn(b, account_changes(op->pool, j->m->text, j->m->segments, j->m->segment_count), "account");
	return b->data;
}

void authenticate(struct op *op, struct judged *j)
{
	const struct mail_addr *from = only_from(j->m);
	bool honest = from && !names_another(op->pool, from);
	j->authenticity =
		authres_judge(op->pool, j->raw, j->len, j->authserv_id, honest ? addr_domain(from->email) : NULL);
}

void doubt(struct op *op, const struct own *own, struct judged *j)
{
	const struct mail_addr *from = only_from(j->m);
	j->warnings = from && !j->is_out ? warnings(op, own, j, from) : "";
}
