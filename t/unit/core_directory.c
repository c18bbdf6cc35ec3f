/* The words under which records are found, whatever happens to the records. */
#include "../tap.h"
#include "corekit.h"

#include "core/directory.h"

static struct op *op;

static const char *names(struct query *q)
{
	query_add(q, " ORDER BY name");
	const char *all = "";
	for (struct stmt *s = query_start(op, q); db_row(s);)
		all = pool_printf(op->pool, "%s%s%s", all, *all ? ", " : "", db_text(s, 0));
	return op->fault.status ? kit_faults(op) : all;
}

static const char *found(const char *resource, const char *typed)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "SELECT name FROM ");
	query_name(&q, resource);
	query_add(&q, "_live AS r WHERE 1");
	directory_filter(op, &q, "r.id", NULL, resource, typed);
	return names(&q);
}

/* As the list of contacts asks, which has the words at hand. */
static const char *listed(const char *typed)
{
	struct query q;
	query_init(&q, op->pool);
	query_add(&q, "SELECT name FROM contacts_cache c WHERE 1");
	directory_filter(op, &q, "c.contact_id", "c.words", "contacts", typed);
	return names(&q);
}

static void contacts(void)
{
	int64_t zoe = kit_put(op, &kit_contacts, 0, "{'name':'Zoë O\\u0027Brien','emails':['zoe@alpine.example']}");
	kit_put(op, &kit_contacts, 0, "{'name':'Maria Keller','emails':['m.keller@alpine.example']}");
	is(found("contacts", "maria"), "Maria Keller", "by a name");
	is(found("contacts", "KELL mar"), "Maria Keller", "by beginnings of words in any order and case");
	is(found("contacts", "zoe"), "Zoë O'Brien", "without the accent");
	is(found("contacts", "ZOË"), "Zoë O'Brien", "and with it");
	is(found("contacts", "o'br"), "Zoë O'Brien", "punctuation divides words on both sides");
	is(found("contacts", "alpine.example"), "Maria Keller, Zoë O'Brien", "by the domain of an address");
	is(found("contacts", "m.keller@alpine.example"), "Maria Keller", "by an address");
	is(found("contacts", "maria zoe"), "", "every word counts");
	is(found("contacts", "eller"), "", "the middle of a word is not looked at");
	is(found("contacts", "%"), "", "what holds no word finds nobody");
	is(found("contacts", "\" OR 1 --"), "", "no input is a question of its own");
	is(found("contacts", "a b c d e f g h i j k l"), "", "many words are no error");
	kit_put(op, &kit_contacts, zoe, "{'emails':['zoe@beta.example']}");
	is(found("contacts", "alpine"), "Maria Keller", "a removed address no longer finds");
	is(found("contacts", "beta"), "Zoë O'Brien", "a new one does");
	kit_put(op, &kit_contacts, zoe, "{'name':'Zoë Meier'}");
	is(found("contacts", "brien"), "", "nor does the old name");
	record_delete(op, &kit_contacts, zoe, -1);
	is(found("contacts", "beta"), "", "who is deleted is not found");
	int64_t rows = -1;
	db_one_int(
		op, &rows, "SELECT count(*) FROM directory_cache WHERE resource = 'contacts' AND resource_id = ?", zoe);
	is_int(rows, 0, "and leaves no words behind");
	record_restore(op, &kit_contacts, zoe);
	is(found("contacts", "beta meier"), "Zoë Meier", "who is restored is found again, with the address");
}

static void organizations(void)
{
	int64_t id = kit_put(op, &kit_organizations, 0, "{'name':'Alpine Pension Fund'}");
	db_run(op, "INSERT INTO organization_domains (organization_id, domain) VALUES (?, 'apf.example')", id);
	is(found("organizations", "alp pen"), "Alpine Pension Fund", "a firm by its name");
	is(found("organizations", "apf"), "Alpine Pension Fund", "and by its domain");
	is(found("organizations", "keller"), "", "not by people's names");
	db_run(op, "UPDATE organization_domains SET deleted_at = ctx_now() WHERE organization_id = ?", id);
	is(found("organizations", "apf"), "", "nor by a domain it no longer has");
	is(found("contacts", "pension"), "", "a person is not found by a firm's name");
	int64_t paul =
		kit_put(op, &kit_contacts, 0, pool_printf(op->pool, "{'name':'Paul','organization_id':%d}", (int)id));
	is(found("contacts", "paul pension"), "Paul", "but by that of their own");
	kit_put(op, &kit_organizations, id, "{'name':'Alpine Foundation'}");
	is(found("contacts", "pension"), "", "no longer when the firm");
	is(found("contacts", "paul found"), "Paul", "has a new name");
	kit_put(op, &kit_contacts, paul, "{'organization_id':null}");
	is(found("contacts", "found"), "", "nor when they left it");
}

/* What more than a thousand have is asked of each row, which has its words at hand or not. */
static void broad(bool at_hand)
{
#define ASK(typed) (at_hand ? listed(typed) : found("contacts", typed))
	is(ASK("ma"), "Mara Örn, Maria Keller", at_hand ? "many, in the list" : "many, elsewhere");
	is(ASK("ma kel"), "Mara Örn, Maria Keller", "with a word that few have");
	is(ASK("ma ke ör"), "Mara Örn", "without accents");
	is(ASK("ma zo"), "", "every word counts");
	is(ASK("man"), "", "the whole of it");
#undef ASK
}

static void broads(void)
{
	kit_put(op, &kit_contacts, 0, "{'name':'Mara Örn','emails':['mara@keller.example']}");
	db_run(op, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)"
		   " INSERT INTO directory_cache (resource, word, resource_id) SELECT 'contacts', 'man', 1000000 + i "
		   "FROM n");
	broad(false);
	broad(true);
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_HUMAN, &ADA);
	db_begin(op);
	contacts();
	organizations();
	broads();
	ok(db_commit(op) == OK, "all of it commits");
	db_close(op->db);
	return tap_done();
}
