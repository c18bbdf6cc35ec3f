/* How far a fund's raise is: amounts against its target, and the bar that shows them. Reads nothing but the row it is given.
 *
 * chart  {text (the bar in words), committed, called, paid (widths), soft_from, soft (where and how wide), target, hard_cap
 *        (where they stand; null when there is none)}: all in thousandths of the bar
 * Tests: t/60-funds.t */
#include "crm/crm.h"

#include "base/money.h"
#include "base/pool.h"
#include "base/banned.h"

#define WIDTH 1000

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* In the order of the bar. Amounts are below 2^47, so a thousand times one fits. */
static void place(struct json_object *chart, const char *name, int64_t amount, int64_t whole)
{
	json_set_int(chart, name, amount * WIDTH / whole);
}

static const char *words(struct pool *p, struct json_object *row)
{
	const char *of = json_int(row, "target")
				 ? pool_printf(p, " of a target of %s", money_text(p, json_int(row, "target")))
				 : "";
	return pool_printf(p, "%s: committed %s%s, of it called %s and paid %s; soft-circled %s more, in %s",
		json_text(row, "name"), money_text(p, json_int(row, "committed")), of,
		money_text(p, json_int(row, "called")), money_text(p, json_int(row, "paid")),
		money_text(p, json_int(row, "soft_circled")), json_text(row, "currency"));
}

void raise_fill(struct op *op, struct json_object *row)
{
	int64_t committed = json_int(row, "committed"), soft = json_int(row, "soft_circled");
	int64_t target = json_int(row, "target"), cap = json_int(row, "hard_cap");
	int64_t whole = larger(larger(target, cap), larger(committed + soft, 1));
	struct json_object *chart = json_add_obj(row, "chart");
	json_set_text(chart, "text", words(op->pool, row));
	place(chart, "committed", committed, whole);
	place(chart, "called", json_int(row, "called"), whole);
	place(chart, "paid", json_int(row, "paid"), whole);
	place(chart, "soft_from", committed, whole);
	place(chart, "soft", soft, whole);
	json_set(chart, "target", NULL);
	json_set(chart, "hard_cap", NULL);
	if (target)
		place(chart, "target", target, whole);
	if (cap)
		place(chart, "hard_cap", cap, whole);
	json_set(row, "percent", target ? json_object_new_int64(committed * 100 / target) : NULL);
	json_set_bool(row, "has_target", target > 0);
}
