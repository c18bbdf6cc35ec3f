/* What a statement keeps for the next mention of a row: for one reader, and while nothing can change. */
#include "../tap.h"
#include "dbkit.h"

#include "base/str.h"

static int64_t answer(struct op *op, int64_t id)
{
	int64_t n = 0;
	db_one_int(op, &n, "SELECT coalesce(kept('x', ?), -1)", id);
	return n;
}

static void store(struct op *op, int64_t id, int64_t value)
{
	int64_t n = 0;
	db_one_int(op, &n, "SELECT keep('x', ?, ?)", id, value);
	is_int(n, value, "keep() gives back what it keeps");
}

static void in_a_view(struct op *op)
{
	int64_t n = 0;
	db_view_open(op);
	is_int(answer(op, 7), -1, "nothing is kept at first");
	store(op, 7, 3);
	is_int(answer(op, 7), 3, "in a view it is there for the next statement");
	store(op, 8, 0);
	is_int(answer(op, 8), 0, "nought is kept too");
	is_int(answer(op, 9), -1, "not of another row");
	db_one_int(op, &n, "SELECT coalesce(kept('y', 7), -1)");
	is_int(n, -1, "nor of another kind");
	store(op, 7 + 4096, 5);
	ok(answer(op, 7 + 4096) == 5 && answer(op, 7) == -1,
		"of two with one place the later stays, under its own number");
	db_one_int(op, &n, "SELECT coalesce(keep('x', 10, NULL), -1)");
	ok(n == -1 && answer(op, 10) == -1, "nothing is not kept");
}

static void of_one_reader(struct op *op)
{
	store(op, 7, 1);
	op->actor.viewer_id = 2;
	is_int(answer(op, 7), -1, "who looks as somebody else finds nothing of the reader's");
	store(op, 7, 2);
	op->actor.viewer_id = 0;
	is_int(answer(op, 7), -1, "nor does the reader after that");
	store(op, 7, 1);
	op->actor.user_id = 5;
	is_int(answer(op, 7), -1, "nor another reader");
	op->actor.user_id = ADA.user_id;
	db_view_close(op->db);
	db_view_open(op);
	is_int(answer(op, 7), -1, "nor the next view");
	db_view_close(op->db);
}

static void while_nothing_changes(struct op *op)
{
	int64_t n = 0;
	store(op, 7, 3);
	is_int(answer(op, 7), -1, "outside of a view each statement finds out for itself");
	db_one_int(op, &n, "SELECT keep('x', 7, 3) + kept('x', 7)");
	is_int(n, 6, "once");
	struct op *write = dbkit_open(DB_HUMAN, &ADA);
	db_begin(write);
	store(write, 7, 3);
	is_int(answer(write, 7), -1, "so it is in a transaction, whose statements change what is asked");
	db_commit(write);
	db_close(write->db);
}

int main(void)
{
	dbkit_start();
	dbkit_migrate();
	struct op *op = dbkit_open(DB_READ, &ADA);
	in_a_view(op);
	of_one_reader(op);
	while_nothing_changes(op);
	db_close(op->db);
	return tap_done();
}
