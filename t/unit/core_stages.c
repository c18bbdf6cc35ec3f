/* What the setting of the pipeline's stages may say. */
#include "../tap.h"
#include "corekit.h"

#include "core/settings.h"
#include "core/stages.h"

static void refuses(const char *value, const char *why)
{
	ok(!stages_valid(value), "refused: %s", why);
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	struct op *op = dbkit_open(DB_HUMAN, &ADA);
	db_begin(op);
	struct stages *s = stages_now(op);
	is_int((int64_t)s->n, 5, "there are five to begin with");
	is(stage_first(s)->name, "lead", "the first is where one begins");
	is_int(stage_find(s, "diligence")->probability, 50, "each has its percent");
	ok(stage_find(s, "lost")->is_archive, "and one is the end");
	is(stages_archived(op, s), "[\"lost\"]", "by its name");
	ok(!stage_find(s, "nowhere"), "there is no other");
	ok(!setting_set(op, "stages", "gone archives\r\n\n  due  diligence 0 \nsigned 100\n"), "they can be others");
	s = stages_now(op);
	is_int((int64_t)s->n, 3, "empty lines count for nothing");
	is(stage_first(s)->name, "due diligence", "a name may have several words, and what archives is no beginning");
	is(s->names[2], "signed", "in their order");
	ok(s->names[3] == NULL, "to the end");
	refuses("", "none");
	refuses("lost archives", "nowhere to begin");
	refuses("lead", "no percent");
	refuses("lead 101", "too much");
	refuses("lead -1", "too little");
	refuses("lead 10 %", "no number");
	refuses("lead 10\nLead 20", "one twice");
	refuses("open 10", "a word of the lists");
	refuses("any 10", "another");
	refuses("a, b 10", "a name with a comma");
	refuses("<b> 10", "a name that is none");
	refuses("abcdefghijabcdefghijabcdefghijabcdefghijx 10", "a name that is too long");
	refuses("a 1\nb 1\nc 1\nd 1\ne 1\nf 1\ng 1\nh 1\ni 1\nj 1\nk 1\nl 1\nm 1\nn 1\no 1\np 1\nq 1", "too many");
	ok(setting_set(op, "stages", "lead") == E_INPUT && str_eq(op->fault.items->field, "stages"),
		"by the setting's name");
	db_rollback(op);
	db_close(op->db);
	return tap_done();
}
