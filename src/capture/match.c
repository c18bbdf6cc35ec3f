/* Owns the privacy rule: only mail in which a known outside person takes part, and that no rule takes, is kept. Never stores.
 * Tests: t/40-capture.t */
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "db/db.h"
#include "base/banned.h"

static void id_add(struct pool *p, int64_t **ids, size_t *n, size_t max, int64_t id)
{
	for (size_t i = 0; i < *n; i++)
		if ((*ids)[i] == id)
			return;
	if (!*ids)
		*ids = pool_array(p, max, sizeof **ids);
	if (id && *n < max)
		(*ids)[(*n)++] = id;
}

#define KNOWN_MAX 64

static void domain_add(struct pool *p, struct judged *j, const char *email)
{
	if (!j->domains)
		j->domains = pool_array(p, KNOWN_MAX, sizeof *j->domains);
	if (j->domain_count < KNOWN_MAX)
		j->domains[j->domain_count++] = addr_domain(email);
}

/* A person, and every organization they belonged to on the day of the mail, the present one first. */
static bool contact_of(struct op *op, const char *email, struct judged *j)
{
	int64_t contact = 0;
	char day[INSTANT_SIZE];
	if (!db_one_int(op, &contact,
		    "SELECT e.contact_id FROM contact_emails_live e JOIN contacts_live c ON c.id = e.contact_id"
		    " WHERE e.email = ?",
		    email))
		return false;
	instant_format(j->sent_at, day);
	id_add(op->pool, &j->contacts, &j->contact_count, KNOWN_MAX, contact);
	for (struct stmt *q = db_query(op,
		     "SELECT organization_id FROM contact_organizations WHERE contact_id = ? AND substr(?, 1, 10)"
		     " BETWEEN from_on AND to_on ORDER BY is_beside, organization_id",
		     contact, (const char *)day);
		db_row(q);)
		id_add(op->pool, &j->organizations, &j->organization_count, KNOWN_MAX, db_int(q, 0));
	domain_add(op->pool, j, email);
	return true;
}

/* Somebody at a firm whose whole domain is captured. */
static bool domain_of(struct op *op, const char *email, struct judged *j)
{
	int64_t id = 0;
	const char *domain = addr_domain(email);
	if (!domain ||
		!db_one_int(op, &id,
			"SELECT organization_id FROM organization_domains_live WHERE domain = ? AND is_captured = 1",
			domain))
		return false;
	id_add(op->pool, &j->organizations, &j->organization_count, KNOWN_MAX, id);
	return true;
}

/* A report is known by whom or what it is about: its sender is a machine. All whom it is about are in it. */
static bool is_known_bounce(struct op *op, struct judged *j)
{
	const struct mail_message *m = j->m;
	int64_t id;
	bool known = false;
	for (size_t i = 0; m->is_bounce && i < m->bounce_count; i++)
		known |= m->bounces[i].email && contact_of(op, m->bounces[i].email, j);
	if (known)
		return true;
	return m->is_bounce && m->bounce_message_id &&
	       db_one_int(op, &id, "SELECT id FROM messages WHERE coalesce(message_id, '') = ? AND direction = 'out'",
		       m->bounce_message_id);
}

#define EARLIEST 631152000 /* 1990: no mail of ours is older; a clock that was never set is */
#define DAY 86400

/* What the sender's clock says, unless it was wrong: nothing was written after a server took it, or after today. When it
 * agrees with the source, today does not matter: then it is our own clock that is wrong. */
static int64_t sent_at(struct op *op, const struct source_item *item, const struct mail_message *m)
{
	int64_t latest = op->now + DAY;
	bool received = m->has_received && m->received >= EARLIEST;
	int64_t taken = received ? m->received : item->at;
	if (m->has_date && m->date >= EARLIEST) {
		int64_t apart = m->date > taken ? m->date - taken : taken - m->date;
		if (apart <= DAY || (m->date <= latest && (!received || m->date < taken)))
			return m->date;
	}
	return taken >= EARLIEST && taken <= latest ? taken : op->now;
}

/* Does it say that one of us wrote it? */
static bool claims_ours(const struct own *own, const struct mail_message *m)
{
	for (size_t i = 0; i < m->addr_count; i++)
		if (m->addrs[i].role == MAIL_FROM && own_is(own, m->addrs[i].email))
			return true;
	return false;
}

/* Sender is who handed it in for others; what came in with a Bcc was not sent to whom that names. */
bool takes_part(const struct judged *j, const struct mail_addr *a)
{
	return a->email && a->role != MAIL_SENDER && (a->role != MAIL_BCC || j->is_out);
}

/* A mail of our outbox that comes back is a loop (RFC 3834 2): a machine's, whatever its Message-ID has become. The field alone
 * says nothing. */
static void judge_loop(struct op *op, struct judged *j)
{
	struct mail_message *m = j->m;
	int64_t id;
	if (!m->countersign_id || j->is_out || m->is_automated ||
		!db_one_int(op, &id, "SELECT id FROM outbox WHERE message_id IN (?, ?) LIMIT 1", m->countersign_id,
			m->message_id))
		return;
	m->is_automated = true;
	m->is_list_only = false;
	m->automated_reason = "own";
}

void judge(struct op *op, const struct own *own, const struct rules *rules, const struct source_item *item,
	struct judged *j)
{
	struct mail_message *m = j->m;
	ungroup(op, own, m);
	bool outside = false, known = false, ours = claims_ours(own, m);
	j->own = own;
	j->sent_at = sent_at(op, item, m);
	if (ours) {
		authenticate(op, j);
		direct(op, item, j);
	}
	judge_loop(op, j);
	for (size_t i = 0; i < m->addr_count; i++) {
		const char *email = m->addrs[i].email;
		if (!takes_part(j, &m->addrs[i]) || own_is(own, email))
			continue;
		outside = true;
		bool person = contact_of(op, email, j), firm = domain_of(op, email, j);
		known |= person || firm;
	}
	if (is_known_bounce(op, j))
		outside = known = true;
	j->rule = !outside ? "internal" : !known ? "stranger" : NULL;
	int64_t rule = j->rule ? 0 : rules_match(rules, item, j);
	if (rule)
		j->rule = rule_name(op->pool, rule);
	if (j->rule)
		return;
	j->raw_sha256 = sha256_str(op->pool, j->raw, j->len);
	char content[SHA256_HEX];
	if (message_content_sha256(op->pool, m, content))
		j->content_sha256 = pool_strdup(op->pool, content);
	if (!ours)
		authenticate(op, j);
	doubt(op, own, j);
}
