/* Names, addresses and numbers that are alike, and those that are not. */
#include "../tap.h"

#include "base/pool.h"
#include "base/str.h"
#include "core/alike.h"

static struct pool *p;

static int firms(const char *a, const char *b)
{
	return alike_share(alike_distinctive(p, alike_firm(p, a)), alike_distinctive(p, alike_firm(p, b)));
}

int main(void)
{
	p = pool_new();
	is(alike_text(p, alike_person(p, "Dr. Maria Keller")), "keller maria", "a title is no name");
	is(alike_text(p, alike_person(p, "Keller, Maria, MARIA")), "keller maria",
		"order, case and repetition do not count");
	is_int(alike_share(alike_person(p, "Zoë Müller"), alike_person(p, "Muller Zoe")), 100, "nor do accents");
	is_int(alike_share(alike_person(p, "Maria Keller Brand"), alike_person(p, "Maria Keller")), 66, "two of three");
	is_int(alike_share(alike_person(p, ""), alike_person(p, "Dr.")), 0, "nothing is not like nothing");

	is_int(firms("Quarry Lane Capital AG", "The Quarry Lane Group"), 100, "what many are called does not count");
	is_int(firms("Alpine Investment Group", "Corvid Investment Group"), 0,
		"47: '… Investment Group' is like no other one");
	is_int(firms("Investment Group", "The Family Office"), 0, "47: nor are those that have nothing else");
	is_int(alike_share(alike_firm(p, "Investment Group Ltd."), alike_firm(p, "Investment Group")), 100,
		"the whole name without its legal form is one");

	ok(alike_within("maria.keller@a.example", "maria.keler@a.example", 2), "one letter left out");
	ok(alike_within("maria", "amria", 2), "two changed places");
	ok(!alike_within("maria", "maybe", 2), "three changed");
	ok(alike_within("", "ab", 2) && !alike_within("", "abc", 2), "put in");
	ok(alike_within("kitten", "sitting", 3) && !alike_within("kitten", "sitting", 2), "the textbook's");
	ok(alike_within("same", "same", 0) && !alike_within("same", "some", 0), "none at all");
	ok(alike_within("abcdefgh", "cdefghab", 4) && !alike_within("abcdefgh", "cdefghab", 3),
		"on the edge of the band");
	ok(!alike_within("a", "b", 9), "more than it looks for");

	ok(alike_initial(p, "M. Keller", "Keller, Maria"), "an initial");
	ok(!alike_initial(p, "Maria Keller", "Max Keller"), "two names");
	ok(!alike_initial(p, "M. Keller", "Paul Keller"), "another initial");
	ok(!alike_initial(p, "Keller", "M"), "one word");

	is(alike_number(p, "+41 (0)44 555 01 20"), alike_number(p, "044 555 01 20"), "one number, written in two ways");
	is(alike_number(p, "ext. 120"), NULL, "too short");
	is(alike_number(p, ""), NULL, "none");
	char *endless = pool_alloc(p, 100001);
	memset(endless, 'a', 100000);
	is_int(strlen(alike_text(p, alike_person(p, endless))), 400, "an endless name is cut");
	pool_free(p);
	return tap_done();
}
