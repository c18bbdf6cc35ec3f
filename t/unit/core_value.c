/* Values as they come in, as they are stored, as forms show them. */
#include "../tap.h"
#include "corekit.h"

#include "core/settings.h"
#include "core/value.h"

static struct op *op;

/* What `in` (JSON with ' for ") becomes in a field of this type; "!" and the message when it is refused. */
static const char *parsed_as(struct field f, const char *in)
{
	f.name = "f";
	struct json_object *wrapped = kit_json(op, pool_printf(op->pool, "{'v':%s}", in)), *out = NULL;
	bool good = value_parse(op, &f, json_get(wrapped, "v"), &out);
	if (out)
		json_tie(op->pool, out);
	if (good != (op->fault.status == OK))
		return "the result and the fault disagree";
	return good ? kit_text(op, out) : pool_printf(op->pool, "!%s", kit_faults(op));
}
#define PARSED(in, want, ...) is(parsed_as((struct field){__VA_ARGS__}, in), want, in)

static void texts(void)
{
	PARSED("'  Maria \\t Keller '", "'Maria Keller'", .type = F_TEXT);
	PARSED("''", "null", .type = F_TEXT);
	PARSED("null", "null", .type = F_TEXT);
	PARSED("12", "!f: must be text", .type = F_TEXT);
	PARSED("{'a':1}", "!f: must be text", .type = F_TEXT);
	PARSED("'12345'", "'12345'", .type = F_TEXT, .max = 5);
	PARSED("'123456'", "!f: is longer than 5 bytes", .type = F_TEXT, .max = 5);
	PARSED("' a\\r\\n\\u0007b\\rc\\td '", "'a\\nb\\nc\\td'", .type = F_LONG);
	PARSED("'example.com/a'", "'https://example.com/a'", .type = F_URL);
	PARSED("'http://example.com'", "'http://example.com'", .type = F_URL);
	PARSED("'javascript://example.com/%0aalert(1)'", "!f: is not a web address (https://…)", .type = F_URL);
	PARSED("'https://'", "!f: is not a web address (https://…)", .type = F_URL);
	PARSED("'https://a b.example'", "!f: is not a web address (https://…)", .type = F_URL);
	PARSED("'https://a.example/\\u0001'", "!f: is not a web address (https://…)", .type = F_URL);
}

static void numbers(void)
{
	PARSED("30", "30", .type = F_INT, .max = 90);
	PARSED("' 30 '", "30", .type = F_INT, .max = 90);
	PARSED("''", "null", .type = F_INT);
	PARSED("91", "!f: must be between 0 and 90", .type = F_INT, .max = 90);
	PARSED("-1", "!f: must be between 0 and 90", .type = F_INT, .max = 90);
	PARSED("'1e3'", "!f: is not a whole number", .type = F_INT);
	PARSED("'99999999999999999999'", "!f: is not a whole number", .type = F_INT);
	PARSED("1.5", "!f: must be a whole number", .type = F_INT);
	PARSED("true", "true", .type = F_BOOL);
	PARSED("'1'", "true", .type = F_BOOL);
	PARSED("''", "false", .type = F_BOOL);
	PARSED("0", "false", .type = F_BOOL);
	PARSED("2", "!f: must be true or false", .type = F_BOOL);
	PARSED("null", "!f: must be true or false", .type = F_BOOL);
	PARSED("'advisor'", "'advisor'", .type = F_CHOICE, .choices = kit_kinds);
	PARSED("'Advisor'", "!f: is not one of the choices", .type = F_CHOICE, .choices = kit_kinds);
	PARSED("''", "null", .type = F_CHOICE, .choices = kit_kinds);
}

static const char *shown_as(enum field_type type, const char *stored)
{
	struct field f = {.name = "f", .type = type};
	return value_text(op, &f, json_tie(op->pool, json_object_new_string(stored)));
}

static void times(void)
{
	PARSED("'2026-02-28'", "'2026-02-28'", .type = F_DAY);
	PARSED("'2026-02-29'", "!f: is not a day (YYYY-MM-DD)", .type = F_DAY);
	PARSED("'2026-07-01T10:00:00+02:00'", "'2026-07-01T08:00:00Z'", .type = F_INSTANT);
	PARSED("'yesterday'", "!f: is not a date and time", .type = F_INSTANT);
	PARSED("'2026-07-01T24:00'", "!f: is not a date and time", .type = F_INSTANT);
	/* Local times of the fund's zone: summer, winter, the days of both changes. */
	PARSED("'2026-07-01T10:05'", "'2026-07-01T08:05:00Z'", .type = F_INSTANT);
	PARSED("'2026-12-01T10:05'", "'2026-12-01T09:05:00Z'", .type = F_INSTANT);
	PARSED("'2026-03-29T12:00'", "'2026-03-29T10:00:00Z'", .type = F_INSTANT);
	PARSED("'2026-03-29T23:30'", "'2026-03-29T21:30:00Z'", .type = F_INSTANT);
	PARSED("'2026-10-25T23:30'", "'2026-10-25T22:30:00Z'", .type = F_INSTANT);
	is(shown_as(F_INSTANT, "2026-10-25T22:30:00Z"), "2026-10-25T23:30", "shown in local time");
	is(shown_as(F_INSTANT, "2026-03-29T10:00:00Z"), "2026-03-29T12:00", "on the day the clocks change too");
	is(shown_as(F_INSTANT, "2026-07-"), "2026-07-", "what was typed is shown as it was typed");
	/* Where clocks change at midnight. */
	setting_set(op, "time_zone", "Asia/Beirut");
	PARSED("'2026-03-29T10:00'", "'2026-03-29T07:00:00Z'", .type = F_INSTANT);
	PARSED("'2026-10-24T22:30'", "'2026-10-24T19:30:00Z'", .type = F_INSTANT);
	PARSED("'2026-10-25T10:00'", "'2026-10-25T08:00:00Z'", .type = F_INSTANT);
	setting_set(op, "time_zone", "Europe/Zurich");
}

static void references(int64_t alpine)
{
	const char *id = pool_printf(op->pool, "%lld", (long long)alpine);
	is(parsed_as((struct field){.type = F_REF, .ref = "organizations"}, id), id, "a reference by number");
	is(parsed_as((struct field){.type = F_REF, .ref = "organizations"},
		   pool_printf(op->pool, "'Alpine #1 Pension #%s'", id)),
		id, "a reference as a form's list offers it");
	PARSED("''", "null", .type = F_REF, .ref = "organizations");
	PARSED("4711", "!f: does not exist", .type = F_REF, .ref = "organizations");
	PARSED("0", "!f: does not exist", .type = F_REF, .ref = "organizations");
	is(parsed_as((struct field){.type = F_REF, .ref = "organizations"}, "'alpine'"), id,
		"a name that one alone has");
	PARSED("'Alp'", "!f: is not known: no record is called Alp", .type = F_REF, .ref = "organizations");
	PARSED("'Alpine #'", "!f: is not known: no record is called Alpine #", .type = F_REF, .ref = "organizations");
	kit_put(op, &kit_organizations, 0, "{'name':'Twice'}");
	int64_t twice = kit_put(op, &kit_organizations, 0, "{'name':'twice'}");
	is(parsed_as((struct field){.type = F_REF, .ref = "organizations"}, "'Twice'"),
		pool_printf(op->pool, "!f: is not clear: several are called Twice; add the number, as in Twice #%lld",
			(long long)twice),
		"a name that two have is nobody's");
	PARSED("true", "!f: must be an id", .type = F_REF, .ref = "organizations");
	struct field ids = {.name = "f", .type = F_IDS, .ref = "organizations"};
	struct json_object *list = kit_json(op, pool_printf(op->pool, "[%s]", id));
	is(value_text(op, &ids, list), pool_printf(op->pool, "Alpine #%s", id), "a form shows what is referred to");
	is(parsed_as(ids, pool_printf(op->pool, "'Alpine #%s\\n%s'", id, id)), pool_printf(op->pool, "[%s]", id),
		"and reads it back, each once");
}

static void lists(void)
{
	PARSED("['A@X.example','b@x.example','a@x.example']", "['a@x.example','b@x.example']", .type = F_EMAILS);
	PARSED("'a@x.example\\r\\n\\r\\n b@x.example'", "['a@x.example','b@x.example']", .type = F_EMAILS);
	PARSED("''", "[]", .type = F_EMAILS);
	PARSED("[]", "[]", .type = F_LIST);
	PARSED("['nobody']", "!f: is not an e-mail address: nobody", .type = F_EMAILS);
	PARSED("[7]", "!f: is not an e-mail address: ", .type = F_EMAILS);
	PARSED("null", "!f: must be a list", .type = F_EMAILS);
	PARSED("['a','b','c']", "!f: has too many entries", .type = F_LIST, .max = 2);
	PARSED("['+41 44 555 01 20','b']", "['+41 44 555 01 20','b']", .type = F_LIST, .max = 2);
	PARSED("[' ']", "!f: has an empty entry", .type = F_LIST);
	struct field f = {.name = "f", .type = F_LIST};
	is(value_text(op, &f, kit_json(op, "['a','b']")), "a\nb", "a form shows one entry a line");
	is(value_text(op, &f, NULL), "", "and nothing for nothing");
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	op = dbkit_open(DB_HUMAN, &ADA);
	db_begin(op);
	setting_set(op, "time_zone", "Europe/Zurich");
	int64_t alpine = kit_put(op, &kit_organizations, 0, "{'name':'Alpine'}");
	texts();
	numbers();
	times();
	references(alpine);
	lists();
	db_rollback(op);
	db_close(op->db);
	return tap_done();
}
