/* Owns finding people and firms that are probably there twice. What changed is compared with what shares a mark with it (a
 * name, an address, a number, a domain), never everything with everything; what two have in common is proposed as a merge.
 * Never merges. A pair that a person decided does not come back, under no number that either was merged under.
 * Tests: t/40-duplicates.t */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "core/alike.h"
#include "core/proposal.h"
#include "db/db.h"
#include "mail/addr.h"
#include "base/banned.h"

#define RUN_MAX 5000   /* records compared in one run; the rest has its turn in the next */
#define BATCH_MAX 200  /* of them in one transaction */
#define OTHERS_MAX 200 /* others that one is compared with */
#define NAME_MIN 8     /* bytes of a name in which two letters may differ */
#define LOCAL_MIN 5    /* letters before an address's @ by which it is known */

/* A contact, or an organization: then without organization_id and numbers. */
struct side {
	int64_t id, version, organization_id;
	const char *name;
	struct tokens words;
	struct json_object *emails;  /* a contact's own, no role's */
	struct json_object *numbers; /* alike_number() of its telephones */
	struct json_object *domains; /* nobody's provider */
};

struct likeness {
	int confidence; /* percent; 0: not worth a question */
	struct buf *reasons;
};

static void because(struct likeness *l, bool so, const char *reason)
{
	if (so)
		buf_printf(l->reasons, "%s%s", l->reasons->len ? ", " : "", reason);
}

/* ---- what is known ---- */
static bool holds(struct json_object *list, const char *s)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(json_object_get_string(json_at(list, i)), s))
			return true;
	return false;
}

static void add(struct json_object *list, const char *s)
{
	if (s && *s && !holds(list, s))
		json_push_text(list, s);
}

static bool share(struct json_object *a, struct json_object *b)
{
	for (size_t i = 0; i < json_len(a); i++)
		if (holds(b, json_object_get_string(json_at(a, i))))
			return true;
	return false;
}

static void add_domain(struct side *s, const char *email)
{
	const char *domain = addr_domain(email);
	if (domain && !addr_is_public(domain))
		add(s->domains, domain);
}

static void person_fill(struct op *op, struct side *s)
{
	s->emails = json_arr(op->pool);
	s->numbers = json_arr(op->pool);
	s->domains = json_arr(op->pool);
	for (struct stmt *q = db_query(op, "SELECT email FROM contact_emails_live WHERE contact_id = ?", s->id);
		db_row(q);)
		if (!addr_is_role(db_text(q, 0))) {
			json_push_text(s->emails, db_text(q, 0));
			add_domain(s, db_text(q, 0));
		}
	for (struct stmt *q = db_query(op, "SELECT phone FROM contact_phones_live WHERE contact_id = ?", s->id);
		db_row(q);)
		add(s->numbers, alike_number(op->pool, db_text(q, 0)));
}

static const char *host_of(struct pool *p, const char *url)
{
	const char *host = url ? strstr(url, "://") : NULL;
	if (!host)
		return NULL;
	host += str_starts(host + 3, "www.") ? 7 : 3;
	return str_lower(p, pool_strndup(p, host, strcspn(host, "/:?#")));
}

static void firm_fill(struct op *op, struct side *s)
{
	s->domains = json_arr(op->pool);
	for (struct stmt *q =
			db_query(op, "SELECT domain FROM organization_domains_live WHERE organization_id = ?", s->id);
		db_row(q);)
		add(s->domains, db_text(q, 0));
	add(s->domains,
		host_of(op->pool, db_one_text(op, "SELECT website FROM organizations_live WHERE id = ?", s->id)));
	for (struct stmt *q = db_query(op,
		     "SELECT e.email FROM contacts_live c JOIN contact_emails_live e ON e.contact_id = c.id"
		     " WHERE c.organization_id = ? LIMIT 20",
		     s->id);
		db_row(q);)
		if (!addr_is_role(db_text(q, 0)))
			add_domain(s, db_text(q, 0));
}

/* ---- marks ---- */
static enum status mark(struct op *op, const char *resource, int64_t id, const char *kind, const char *text)
{
	if (!text || !*text)
		return OK;
	return db_run(op, "INSERT OR IGNORE INTO duplicates_cache (resource, mark, resource_id) VALUES (?, ?, ?)",
		resource, (const char *)pool_printf(op->pool, "%s %s", kind, text), id);
}

static enum status marks(struct op *op, const char *resource, int64_t id, const char *kind, struct json_object *list)
{
	enum status st = OK;
	for (size_t i = 0; i < json_len(list) && !st; i++)
		st = mark(op, resource, id, kind, json_object_get_string(json_at(list, i)));
	return st;
}

/* What stands before the @, letters only: "maria.keller2@…" is known by "mariakeller". */
static const char *local_letters(struct pool *p, const char *email)
{
	struct buf *b = buf_new(p, ADDR_MAX);
	for (; *email && *email != '@' && *email != '+'; email++)
		if ((*email >= 'a' && *email <= 'z') || *email & 0x80)
			buf_char(b, *email);
	return b->len >= LOCAL_MIN ? b->data : NULL;
}

static enum status person_marks(struct op *op, const struct side *s)
{
	const char *name = alike_in_order(op->pool, s->name), *last = strrchr(name, ' ');
	enum status st = mark(op, "contacts", s->id, "name", alike_text(op->pool, s->words));
	if (!st && last)
		st = mark(op, "contacts", s->id, "initial", pool_printf(op->pool, "%s %c", last + 1, *name));
	if (!st && s->organization_id && *name)
		st = mark(op, "contacts", s->id, "firm",
			pool_printf(op->pool, "%lld %c", (long long)s->organization_id, *name));
	if (!st)
		st = marks(op, "contacts", s->id, "number", s->numbers);
	for (size_t i = 0; i < json_len(s->emails) && !st; i++)
		st = mark(op, "contacts", s->id, "local",
			local_letters(op->pool, json_object_get_string(json_at(s->emails, i))));
	return st;
}

static enum status firm_marks(struct op *op, const struct side *s)
{
	struct tokens own = alike_distinctive(op->pool, s->words);
	enum status st = mark(op, "organizations", s->id, "name", alike_text(op->pool, s->words));
	for (size_t i = 0; i < own.n && !st; i++)
		st = mark(op, "organizations", s->id, "word", own.at[i]);
	return st ? st : marks(op, "organizations", s->id, "domain", s->domains);
}

/* ---- comparing ---- */
static bool near_address(struct json_object *a, struct json_object *b)
{
	for (size_t i = 0; i < json_len(a); i++)
		for (size_t k = 0; k < json_len(b); k++)
			if (alike_within(
				    json_object_get_string(json_at(a, i)), json_object_get_string(json_at(b, k)), 2))
				return true;
	return false;
}

static bool nearly(struct pool *p, const char *a, const char *b)
{
	a = alike_in_order(p, a);
	b = alike_in_order(p, b);
	return strlen(a) >= NAME_MIN && strlen(b) >= NAME_MIN && alike_within(a, b, 2);
}

/* Somebody of the same name at another firm is somebody else, unless a number or an address says more. */
static struct likeness like_person(struct op *op, const struct side *a, struct side *b)
{
	struct likeness l = {0, buf_new(op->pool, 300)};
	int common = alike_share(a->words, b->words);
	bool same = common == 100, near = same || common >= 50 || alike_initial(op->pool, a->name, b->name) ||
					  nearly(op->pool, a->name, b->name);
	if (!near)
		return l;
	person_fill(op, b);
	bool firm = a->organization_id && a->organization_id == b->organization_id;
	bool apart = a->organization_id && b->organization_id && !firm;
	bool number = share(a->numbers, b->numbers), address = near_address(a->emails, b->emails),
	     domain = share(a->domains, b->domains);
	if (same && a->words.n > 1)
		l.confidence = apart ? 70 * (number || address) : firm || number || address ? 90 : domain ? 80 : 60;
	else if (apart)
		l.confidence = 60 * (number && address);
	else
		l.confidence = address && (firm || domain) ? 75
			       : number                    ? 70
							   : 60 * (firm && a->words.n > 1 && b->words.n > 1);
	because(&l, same, "the same name");
	because(&l, !same, "a similar name");
	because(&l, firm, "the same organization");
	because(&l, number, "the same telephone");
	because(&l, address, "an address that differs by two letters at most");
	because(&l, domain && !firm, "addresses at the same domain");
	return l;
}

static struct likeness like_firm(struct op *op, const struct side *a, struct side *b)
{
	struct likeness l = {0, buf_new(op->pool, 300)};
	struct tokens own_a = alike_distinctive(op->pool, a->words), own_b = alike_distinctive(op->pool, b->words);
	int common = alike_share(own_a, own_b);
	bool same = a->words.n && alike_share(a->words, b->words) == 100;
	firm_fill(op, b);
	bool domain = share(a->domains, b->domains);
	bool several = own_a.n > 1 && own_b.n > 1, typo = own_a.n && own_b.n && nearly(op->pool, a->name, b->name);
	l.confidence = same                      ? 90
		       : domain && common >= 30  ? 85
		       : several && common >= 66 ? 70
		       : typo                    ? 65
		       : domain                  ? 60
						 : 0;
	because(&l, same, "the same name");
	because(&l, !same && (common >= 30 || typo), "a similar name");
	because(&l, domain, "the same mail domain");
	return l;
}

/* ---- pairs ---- */
/* Were these two, or any that were merged into them, told apart? Or does somebody's own merge of them wait? */
static bool is_decided(struct op *op, const char *resource, int64_t a, int64_t b, const char *key)
{
	int64_t id;
	return db_one_int(op, &id,
		"WITH RECURSIVE a (id) AS (SELECT ?2 UNION SELECT m.loser_id FROM merges m JOIN a ON m.survivor_id = "
		"a.id"
		" WHERE m.resource = ?1 AND m.undone_at IS NULL),"
		" b (id) AS (SELECT ?3 UNION SELECT m.loser_id FROM merges m JOIN b ON m.survivor_id = b.id"
		" WHERE m.resource = ?1 AND m.undone_at IS NULL)"
		" SELECT p.id FROM a CROSS JOIN b JOIN proposals p ON p.kind = 'merge' AND p.resource = ?1 AND "
		"p.target_id = a.id"
		" AND p.from_id = b.id WHERE p.state = 'dismissed' OR (p.state = 'pending' AND p.idempotency_key <> ?4)"
		" UNION ALL SELECT p.id FROM a CROSS JOIN b JOIN proposals p ON p.kind = 'merge' AND p.resource = ?1"
		" AND p.target_id = b.id AND p.from_id = a.id"
		" WHERE p.state = 'dismissed' OR (p.state = 'pending' AND p.idempotency_key <> ?4) LIMIT 1",
		resource, a, b, key);
}

static enum status put(struct op *op, const char *resource, const struct side *into, const struct side *from,
	const struct likeness *l, struct json_object *kept)
{
	bool people = str_eq(resource, "contacts");
	const char *key =
		pool_printf(op->pool, "merge/%s/%lld/%lld", resource, (long long)into->id, (long long)from->id);
	if (is_decided(op, resource, into->id, from->id, key) || op->fault.status)
		return op->fault.status;
	struct json_object *evidence = json_obj(op->pool);
	json_add_arr(evidence, "message_ids");
	json_set_text(evidence, "excerpt", l->reasons->data);
	json_set_int(evidence, "confidence", l->confidence);
	int64_t contact = people ? into->id : 0, organization = people ? into->organization_id : into->id, id;
	int64_t investor = investor_near(op, &organization, contact);
	struct proposal p = {
		.kind = "merge",
		.resource = resource,
		.target_id = into->id,
		.title = str_eq(into->name, from->name)
				 ? pool_printf(op->pool, "%s is there twice", into->name)
				 : pool_printf(op->pool,
					   people ? "%s and %s may be one person" : "%s and %s may be one organization",
					   into->name, from->name),
		.change = proposal_merge(op, from->id, from->version, into->version),
		.evidence = evidence,
		.investor_id = investor,
		.organization_id = organization,
		.contact_id = contact,
		.key = key,
	};
	enum status st = proposal_put(op, &p, &id);
	json_push_int(kept, id);
	return st;
}

/* What was proposed of a record, and is no longer so. The + keeps SQLite from going through all that waits. */
static enum status settle(struct op *op, const char *resource, int64_t id, struct json_object *kept)
{
	size_t n;
	return db_run(op,
		"UPDATE proposals SET state = 'expired', updated_at = ctx_now() WHERE id IN"
		" (SELECT id FROM proposals WHERE kind = 'merge' AND resource = ?1 AND target_id = ?2"
		" UNION ALL SELECT id FROM proposals WHERE kind = 'merge' AND resource = ?1 AND from_id = ?2)"
		" AND +state = 'pending' AND author_kind = 'capture' AND id NOT IN (SELECT value FROM json_each(?3))",
		resource, id, json_bytes(op->pool, kept, &n));
}

static struct side side_of(struct op *op, bool people, struct json_object *row)
{
	const char *name = json_text(row, "name");
	return (struct side){
		.id = json_int(row, "id"),
		.version = json_int(row, "version"),
		.organization_id = json_int(row, "organization_id"),
		.name = name,
		.words = people ? alike_person(op->pool, name) : alike_firm(op->pool, name),
	};
}

#define OTHERS(columns, view)                                                                                          \
	"SELECT DISTINCT " columns                                                                                     \
	" FROM duplicates_cache m CROSS JOIN duplicates_cache o ON o.resource = m.resource AND"                        \
	" o.mark = m.mark AND o.resource_id <> m.resource_id JOIN " view " r ON r.id = o.resource_id"                  \
	" WHERE m.resource = ? AND m.resource_id = ? LIMIT ?"

static enum status compare(struct op *op, const char *resource, struct side *s, struct json_object *kept)
{
	bool people = str_eq(resource, "contacts");
	struct json_object *others =
		people ? db_array(op, OTHERS("r.id, r.name, r.version, r.organization_id", "contacts_live"), resource,
				 s->id, OTHERS_MAX)
		       : db_array(op, OTHERS("r.id, r.name, r.version", "organizations_live"), resource, s->id,
				 OTHERS_MAX);
	enum status st = op->fault.status;
	for (size_t i = 0; i < json_len(others) && !st; i++) {
		struct side other = side_of(op, people, json_at(others, i));
		struct likeness l = people ? like_person(op, s, &other) : like_firm(op, s, &other);
		bool older = s->id < other.id;
		if (l.confidence)
			st = put(op, resource, older ? s : &other, older ? &other : s, &l, kept);
	}
	return st;
}

static enum status look_at(struct op *op, const char *resource, int64_t id)
{
	bool people = str_eq(resource, "contacts");
	struct json_object
		*kept = json_arr(op->pool),
		*row = people ? db_object(op,
					"SELECT id, name, version, organization_id FROM contacts_live WHERE id = ?", id)
			      : db_object(op, "SELECT id, name, version FROM organizations_live WHERE id = ?", id);
	enum status st =
		db_run(op, "DELETE FROM duplicates_cache WHERE resource = ? AND resource_id = ?", resource, id);
	if (row && !st) {
		struct side s = side_of(op, people, row);
		people ? person_fill(op, &s) : firm_fill(op, &s);
		st = people ? person_marks(op, &s) : firm_marks(op, &s);
		if (!st)
			st = compare(op, resource, &s, kept);
	}
	if (!st)
		st = settle(op, resource, id, kept);
	return st ? st
		  : db_run(op, "DELETE FROM duplicates_queue WHERE resource = ? AND resource_id = ?", resource, id);
}

static enum status batch(struct op *run, size_t *n)
{
	struct pool *pool = pool_new();
	struct op op;
	op_init(&op, pool, run->db, &run->actor, run->request_id);
	enum status st = db_begin(&op);
	struct json_object *rows =
		st ? NULL : db_array(&op, "SELECT resource, resource_id FROM duplicates_queue LIMIT ?", BATCH_MAX);
	*n = json_len(rows);
	for (size_t i = 0; i < *n && !st; i++)
		st = look_at(&op, json_text(json_at(rows, i), "resource"), json_int(json_at(rows, i), "resource_id"));
	st = st ? st : op.fault.status;
	if (st)
		db_rollback(&op);
	else
		st = db_commit(&op);
	if (st)
		fail(run, st, NULL, "%s", op.fault.items ? op.fault.items->message : status_title(st));
	pool_free(pool);
	return st;
}

enum status propose_merges(struct op *op)
{
	enum status st = OK;
	size_t n = BATCH_MAX;
	for (size_t done = 0; done < RUN_MAX && n == BATCH_MAX && !st; done += n)
		st = batch(op, &n);
	return st;
}
