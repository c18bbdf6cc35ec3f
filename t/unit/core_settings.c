/* Settings: defaults, checks, the record of who changed what. */
#include "../tap.h"
#include "corekit.h"

#include "core/settings.h"

static struct op *op;

static void accepts(const char *key, const char *value)
{
	ok(setting_set(op, key, value) == OK, "%s takes \"%s\"", key, value);
	kit_faults(op);
}

static void refuses(const char *key, const char *value)
{
	enum status st = setting_set(op, key, value);
	ok(st == E_INPUT && str_eq(op->fault.items->field, key), "%s refuses \"%s\" by name", key, value);
	kit_faults(op);
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_HUMAN, &ADA);
	db_begin(op);
	for (const struct setting *s = settings; s->key; s++)
		ok(s->valid(s->def), "the default of %s passes its own check", s->key);
	is(setting_text(op, "time_zone"), "UTC", "what is not set is the default");
	is_int(setting_int(op, "digest_hour"), 7, "as a number too");
	accepts("time_zone", " Europe/Zurich ");
	is(setting_text(op, "time_zone"), "Europe/Zurich", "what is set is that, trimmed");
	is(db_one_text(op, "SELECT changes_json FROM audit_seen WHERE resource = 'settings' ORDER BY id DESC LIMIT 1"),
		"{\"time_zone\":[null,\"Europe/Zurich\"]}", "and audited");
	refuses("time_zone", "Europe/Atlantis");
	refuses("time_zone", "../../etc/passwd");
	is(setting_text(op, "time_zone"), "Europe/Zurich", "a refused value changes nothing");
	accepts("own_domains", "fund.example, fund.test");
	accepts("own_domains", "");
	refuses("own_domains", "fund.example, not a domain");
	refuses("own_domains", "a@fund.example");
	accepts("own_addresses", "deals@group.example");
	refuses("own_addresses", "group.example");
	accepts("digest_hour", "23");
	refuses("digest_hour", "24");
	refuses("digest_hour", "-1");
	refuses("digest_hour", "7h");
	accepts("digest_days", "sat,sun");
	refuses("digest_days", "");
	refuses("digest_days", "monday");
	accepts("base_url", "https://crm.fund.example");
	refuses("base_url", "javascript:alert(1)");
	accepts("propose_from", "2026-01-01");
	accepts("propose_from", "");
	accepts("proposal_days", "0");
	refuses("proposal_days", "-1");
	refuses("propose_from", "2026-02-30");
	refuses("fund_name", " ");
	refuses("attachment_max_mb", "51");
	refuses("nonsense", "1");
	ok(db_commit(op) == OK, "all of it commits");
	db_close(op->db);
	return tap_done();
}
