/* Which addresses are on this machine, and which of a gateway's words may stand on top of a digest. The clock is the
 * test's own: a minute passes without anybody waiting. */
#include "base/clock.h"
#include "db/db.h"
#include "../tap.h"
#include "dbkit.h"

static int64_t microseconds;
static int64_t fake_mono_us(void)
{
	return microseconds;
}
#define clock_mono_us fake_mono_us
#include "digest/narrative.c" /* NOLINT(bugprone-suspicious-include) */
#undef clock_mono_us

static struct op *op;

static void addresses(void)
{
	static const char *const local[] = {"unix:/run/gateway.sock", "http://127.0.0.1", "http://127.0.0.1:11434",
		"http://127.255.0.3/v1/summary", "http://[::1]:8000/", "http://[::1]"};
	static const char *const outside[] = {"", "http://localhost:8000", "http://gateway.example",
		"https://127.0.0.1", "http://127.0.0.1.example", "http://127.0.0.1@gateway.example/",
		"http://127.0.0.1:80@gateway.example", "http://user:pass@127.0.0.1/", "http://128.0.0.1",
		"http://127.1", "http://127.0.0.256", "http://127.0.0.01", "http://0x7f.0.0.1", "http://2130706433",
		"http://0.0.0.0", "http://192.168.1.2", "http://10.0.0.1", "http://[::2]", "http://[::1].example",
		"http://[::ffff:127.0.0.1]", "http://127.0.0.1:0", "http://127.0.0.1:", "http://127.0.0.1:65536",
		"http://127.0.0.1:8000x", "http://127.0.0.1 .example", "http://127.0.0.1\\@x.example",
		"http://127.0.0.1?x", "http://127.0.0.1#@x.example", "unix:run/gateway.sock",
		"unix://gateway.example/x", "//127.0.0.1", "127.0.0.1", "HTTP://127.0.0.1", "http:/127.0.0.1",
		"file:///etc/passwd"};
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		ok(address_is_local(local[i]), "%s is here", local[i]);
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
		ok(!address_is_local(outside[i]), "\"%s\" is not taken for here", outside[i]);
	ok(!address_is_local(pool_printf(op->pool, "unix:/%0200d", 0)), "nor a path that no socket can have");
}

/* ---- a gateway that says what it is told to */
static const char *reply, *asked_address, *asked_facts;
static enum status outcome;
static int64_t takes;
static int asked;

static enum status ask(struct op *one, const char *address, const char *facts, int64_t deadline_us, const char **text)
{
	asked++;
	asked_address = address;
	asked_facts = facts;
	ok(deadline_us - microseconds <= (int64_t)NARRATIVE_SECONDS * 1000000, "it is given a minute at most");
	microseconds += takes;
	*text = reply;
	return outcome ? fail(one, outcome, NULL, "the gateway is down") : OK;
}
static const struct narrator gateway = {ask};

static const char *told(const char *says)
{
	struct json_object *doc = json_obj(op->pool);
	json_set_int(doc, "pending", 12);
	json_set_text(doc, "day", "2026-03-04");
	reply = says;
	asked = 0;
	return narrative_told(op, doc, &gateway);
}

static void set(const char *key, const char *value)
{
	fault_init(&op->fault, op->pool);
	if (db_begin(op) || setting_set(op, key, value) || db_commit(op)) {
		db_rollback(op);
		return;
	}
}

static void gateways(void)
{
	ok(!narrator_built_in, "this version can ask nobody");
	ok(!told("Quiet.") && !asked, "without an address nobody is asked");
	set("digest_gateway", "http://gateway.example/");
	ok(op->fault.status == E_INPUT, "an address outside is no setting");
	is(setting_text(op, "digest_gateway"), "", "and is not kept");
	fault_init(&op->fault, op->pool);
	db_begin(op);
	db_run(op, "INSERT INTO settings (key, value) VALUES ('digest_gateway', 'http://gateway.example/')");
	db_commit(op);
	ok(!told("Quiet.") && !asked, "nor is it asked when it stands in the database");
	set("digest_gateway", "unix:/run/gateway.sock");
	is(told("12 proposals wait."), "12 proposals wait.", "what is true is taken");
	is(asked_address, "unix:/run/gateway.sock", "from the address that was set");
	ok(strstr(asked_facts, "\"pending\":12"), "with the document");
	ok(!told("13 proposals wait."), "a number that the digest has not is not");
	ok(!told("1 proposal waits."), "nor a part of one");
	is(told("On 2026-03-04 nothing else."), "On 2026-03-04 nothing else.", "its date is");
	ok(!told("") && !told(" ") && !told(NULL), "nothing is nothing");
	ok(!told("<b>12</b>") && !told("a\nb") && !told("a\x1b[1m"), "markup, lines and controls are malformed");
	ok(!told("See http://x.example"), "it leads nowhere");
	ok(!told("\xff\xfe"), "it is UTF-8");
	ok(!told(pool_printf(op->pool, "%0*d", TOLD_MAX + 1, 12)), "it is short");
	takes = (int64_t)61 * 1000000;
	ok(!told("12 proposals wait."), "after a minute it is too late");
	takes = 0;
	outcome = E_BUSY;
	ok(!told("12 proposals wait.") && !op->fault.status, "its being down is no fault of the digest");
	outcome = OK;
	set("digest_narrative", "0");
	ok(!told("12 proposals wait.") && !asked, "switched off, it is not asked");
	set("digest_narrative", "1");
}

static void own_words(void)
{
	struct json_object *doc = json_obj(op->pool);
	json_set_int(doc, "pending", 2);
	narrative_add(op, doc, NULL);
	is(json_text(doc, "narrative"), "2 proposals wait for a countersignature.", "without a gateway our own");
	narrative_add(op, doc, "Told otherwise.");
	is(json_text(doc, "narrative"), "Told otherwise.", "else what was told");
	narrative_add(op, doc, pool_printf(op->pool, "%0*d %0*d", 40, 1, 40, 2));
	ok(strchr(json_text(doc, "narrative_lines"), '\n') == json_text(doc, "narrative_lines") + 40,
		"in lines that fit");
	json_set_bool(doc, "is_quiet", true);
	narrative_add(op, doc, "Told otherwise.");
	ok(!json_true(doc, "has_narrative"), "a quiet day needs none");
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_OWNER, &ADA);
	addresses();
	gateways();
	own_words();
	db_close(op->db);
	return tap_done();
}
