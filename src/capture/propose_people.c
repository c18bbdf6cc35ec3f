/* Owns proposing what mail says of people: somebody new where a known firm or investor takes part, a known person's new
 * address, a title or a telephone number in a signature. Never decides. Tests: t/40-capture.t, t/40-parties.t */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "core/proposal.h"
#include "db/db.h"
#include "base/banned.h"

#define OUTSIDE_MAX 15 /* who stands among more is not introduced by it: the mail is a circular */

static const char *digits_of(struct pool *p, const char *s)
{
	struct buf *b = buf_new(p, 64);
	for (; *s; s++)
		if (*s >= '0' && *s <= '9')
			buf_char(b, *s);
	return b->data;
}

static bool is_known(struct op *op, const char *email)
{
	int64_t id;
	return db_one_int(op, &id, "SELECT contact_id FROM contact_emails_live WHERE email = ?", email);
}

/* "maria.keller@…" → "Maria Keller", when the header gives no name. */
static const char *name_of(struct pool *p, const struct mail_addr *a)
{
	if (a->name && !strchr(a->name, '@'))
		return a->name;
	char *name = pool_strndup(p, a->email, strcspn(a->email, "@+"));
	bool start = true;
	for (char *s = name; *s; s++) {
		if (*s == '.' || *s == '_' || *s == '-')
			*s = ' ';
		if (start && *s >= 'a' && *s <= 'z')
			*s = (char)(*s - 'a' + 'A');
		start = *s == ' ';
	}
	return name;
}

/* A list of the record with `more` at its end; what it was is the basis. */
static void with_one_more(struct json_object *change, struct json_object *basis, const char *name,
	struct json_object *list, const char *more)
{
	struct json_object *was = json_add_arr(basis, name), *will = json_add_arr(change, name);
	for (size_t i = 0; i < json_len(list); i++) {
		json_push_text(was, json_object_get_string(json_at(list, i)));
		json_push_text(will, json_object_get_string(json_at(list, i)));
	}
	json_push_text(will, more);
}

/* ---- what a signature says of a known sender ---- */
static bool has_phone(struct op *op, int64_t contact, const char *phone, struct json_object *all)
{
	const char *digits = digits_of(op->pool, phone);
	bool found = false;
	for (struct stmt *q = db_query(
		     op, "SELECT phone FROM contact_phones_live WHERE contact_id = ? ORDER BY position", contact);
		db_row(q);) {
		json_push_text(all, db_text(q, 0));
		/* +41 44 555 and 044 555 are one number: what counts is how it ends. */
		const char *known = digits_of(op->pool, db_text(q, 0));
		size_t n = strlen(known) < 7 ? strlen(known) : 7;
		found |= n == 7 && str_ends(digits, known + strlen(known) - n);
	}
	return found;
}

static enum status propose_field(struct op *op, const struct judged *j, const struct stored *s, int64_t contact,
	const char *what, const char *value, struct json_object *change, struct json_object *basis)
{
	struct json_object *evidence = json_obj(op->pool);
	struct json_object *row =
		db_object(op, "SELECT name, organization_id FROM contacts_live WHERE id = ?", contact);
	int64_t organization = json_int(row, "organization_id"), investor = investor_near(op, &organization, contact),
		id;
	char at[INSTANT_SIZE];
	instant_format(j->sent_at, at);
	json_push_int(json_add_arr(evidence, "message_ids"), s->message_id);
	json_set_text(evidence, "excerpt", value);
	json_set_text(evidence, "authenticity", authenticity_name(j->authenticity));
	struct proposal p = {
		.kind = "field",
		.resource = "contacts",
		.target_id = contact,
		.title = pool_printf(op->pool, "%s of %s: %s", what, json_text(row, "name"), value),
		.change = change,
		.basis = basis,
		.evidence = evidence,
		.message_id = s->message_id,
		.thread_id = s->thread_id,
		.investor_id = investor,
		.organization_id = organization,
		.contact_id = contact,
		.key = pool_printf(op->pool, "field/%lld/%s/%s", (long long)contact, what, str_words(op->pool, value)),
		.occurred_at = at,
	};
	return proposal_put(op, &p, &id);
}

/* A mail older than the record's last change is no news where the record says something already. */
static enum status propose_signature(struct op *op, const char *email, const struct judged *j, const struct stored *s)
{
	char at[INSTANT_SIZE];
	instant_format(j->sent_at, at);
	struct json_object *row = db_object(op,
		"SELECT c.id, c.title, c.updated_at < ? AS is_news FROM contact_emails_live e JOIN contacts_live c"
		" ON c.id = e.contact_id WHERE e.email = ?",
		(const char *)at, email);
	struct pool *p = op->pool;
	int64_t contact = json_int(row, "id");
	bool is_news = json_true(row, "is_news");
	const char *title = j->m->sender_title, *phone = j->m->sender_phone, *old = json_text(row, "title");
	enum status st = op->fault.status;
	if (!contact || st)
		return st;
	struct json_object *change = json_obj(p), *basis = json_obj(p), *phones = json_arr(p);
	if (title && (!old || (is_news && !str_eq(str_words(p, title), str_words(p, old))))) {
		json_set_text(change, "title", title);
		json_set_text(basis, "title", old);
		st = propose_field(op, j, s, contact, "Job title", title, change, basis);
	}
	if (!st && phone && !has_phone(op, contact, phone, phones) && (is_news || !json_len(phones))) {
		change = json_obj(p);
		basis = json_obj(p);
		with_one_more(change, basis, "phones", phones, phone);
		st = propose_field(op, j, s, contact, "Telephone", phone, change, basis);
	}
	return st;
}

/* ---- people nobody knows, and known people under an address nobody knows ---- */
/* The one contact of that name at the firm, or in the conversation. */
static int64_t same_person(struct op *op, const char *name, int64_t organization, const struct judged *j)
{
	int64_t id = 0, n = 0;
	if (organization &&
		db_one_int(op, &n,
			"SELECT count(*) FROM contacts_live WHERE organization_id = ? AND name = ? COLLATE NOCASE",
			organization, name) &&
		n == 1)
		db_one_int(op, &id,
			"SELECT id FROM contacts_live WHERE organization_id = ? AND name = ? COLLATE NOCASE",
			organization, name);
	for (size_t i = 0; i < j->contact_count && !id; i++)
		db_one_int(op, &id, "SELECT id FROM contacts_live WHERE id = ? AND name = ? COLLATE NOCASE",
			j->contacts[i], name);
	return id;
}

static void set_emails(
	struct op *op, struct json_object *change, struct json_object *basis, int64_t contact, const char *email)
{
	struct json_object *all = json_arr(op->pool);
	for (struct stmt *q = db_query(
		     op, "SELECT email FROM contact_emails_live WHERE contact_id = ? ORDER BY position", contact);
		db_row(q);)
		json_push_text(all, db_text(q, 0));
	with_one_more(change, basis, "emails", all, email);
}

static enum status propose_address(struct op *op, const struct mail_addr *a, const struct judged *j,
	const struct stored *s, int64_t contact, const char *name)
{
	struct json_object *change = json_obj(op->pool), *basis = json_obj(op->pool), *evidence = json_obj(op->pool);
	int64_t organization = 0, id;
	char at[INSTANT_SIZE];
	instant_format(j->sent_at, at);
	db_one_int(op, &organization, "SELECT organization_id FROM contacts_live WHERE id = ?", contact);
	int64_t investor = investor_near(op, &organization, contact);
	set_emails(op, change, basis, contact, a->email);
	json_push_int(json_add_arr(evidence, "message_ids"), s->message_id);
	json_set_text(evidence, "excerpt", j->m->snippet);
	json_set_text(evidence, "authenticity", authenticity_name(j->authenticity));
	struct proposal p = {
		.kind = "address",
		.resource = "contacts",
		.target_id = contact,
		.title = pool_printf(op->pool, "New address of %s: %s", name, a->email),
		.change = change,
		.basis = basis,
		.evidence = evidence,
		.message_id = s->message_id,
		.thread_id = s->thread_id,
		.investor_id = investor,
		.organization_id = organization,
		.contact_id = contact,
		.key = pool_printf(op->pool, "address/%lld/%s", (long long)contact, a->email),
		.occurred_at = at,
	};
	return proposal_put(op, &p, &id);
}

static enum status propose_person(
	struct op *op, const struct mail_addr *a, const struct judged *j, const struct stored *s)
{
	int64_t organization = 0, id;
	db_one_int(op, &organization, "SELECT organization_id FROM organization_domains_live WHERE domain = ?",
		addr_domain(a->email));
	int64_t near = organization ? organization : j->organization_count ? j->organizations[0] : 0;
	int64_t contact = j->contact_count ? j->contacts[0] : 0, investor = investor_of(op, near, contact);
	if (!near && !investor)
		return op->fault.status;
	struct json_object *change = json_obj(op->pool), *evidence = json_obj(op->pool);
	const char *name = name_of(op->pool, a);
	int64_t known = a->name ? same_person(op, name, near, j) : 0;
	if (known)
		return propose_address(op, a, j, s, known, name);
	const char *firm = !organization
				   ? NULL
				   : db_one_text(op, "SELECT name FROM organizations_live WHERE id = ?", organization);
	char at[INSTANT_SIZE];
	instant_format(j->sent_at, at);
	json_set_text(change, "name", name);
	if (organization)
		json_set_int(change, "organization_id", organization);
	json_set_text(change, "kind", "prospect");
	if (a->role == MAIL_FROM && j->m->sender_title)
		json_set_text(change, "title", j->m->sender_title);
	if (a->role == MAIL_FROM && j->m->sender_phone)
		json_push_text(json_add_arr(change, "phones"), j->m->sender_phone);
	json_push_text(json_add_arr(change, "emails"), a->email);
	json_push_int(json_add_arr(evidence, "message_ids"), s->message_id);
	json_set_text(evidence, "excerpt", j->m->snippet);
	json_set_text(evidence, "authenticity", authenticity_name(j->authenticity));
	struct proposal p = {
		.kind = "contact",
		.resource = "contacts",
		.title = pool_printf(op->pool, firm ? "New person: %s at %s" : "New person: %s", name, firm),
		.change = change,
		.evidence = evidence,
		.message_id = s->message_id,
		.thread_id = s->thread_id,
		.investor_id = investor,
		.organization_id = near,
		.key = pool_printf(op->pool, "contact/%s", a->email),
		.occurred_at = at,
	};
	return proposal_put(op, &p, &id);
}

static bool is_circular(const struct own *own, const struct judged *j)
{
	const struct mail_message *m = j->m;
	size_t outside = 0;
	for (size_t i = 0; i < m->addr_count; i++)
		outside += takes_part(j, &m->addrs[i]) && !own_is(own, m->addrs[i].email);
	return outside > OUTSIDE_MAX;
}

enum status propose_people(struct op *op, const struct own *own, const struct judged *j, const struct stored *s)
{
	enum status st = OK;
	bool circular = is_circular(own, j);
	if (j->authenticity == AUTH_FAILED)
		return OK; /* what a forger says of people is nothing to fill in */
	for (size_t i = 0; i < j->m->addr_count && !st; i++) {
		const struct mail_addr *a = &j->m->addrs[i];
		if (!takes_part(j, a) || own_is(own, a->email) || addr_is_role(a->email) ||
			(circular && a->role != MAIL_FROM))
			continue;
		if (!is_known(op, a->email))
			st = propose_person(op, a, j, s);
		else if (a->role == MAIL_FROM)
			st = propose_signature(op, a->email, j, s);
	}
	return st;
}
