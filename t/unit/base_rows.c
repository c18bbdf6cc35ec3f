/* Tables of cells: what is put in comes out, as cells, as JSON, in a document. */
#include "../tap.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/rows.h"

static const char *const names[] = {"id", "name", "is_new", "url", "share"};

static struct rows *table(struct pool *p, int n)
{
	struct rows *t = rows_new(p, names, 5);
	for (int i = 0; i < n; i++) {
		struct cell *c = rows_push(t);
		c[0] = (struct cell){.type = CELL_INT, .i = i};
		c[1] = (struct cell){.type = CELL_TEXT, .len = 3, .s = "a\"b"};
	}
	return t;
}

static void cells(struct pool *p)
{
	struct rows *t = table(p, 200);
	is_int(t->n, 200, "as many rows as were pushed");
	is_int(rows_int(t, 199, "id"), 199, "the last row is whole after the table grew");
	is(rows_text(t, 0, "name"), "a\"b", "the first too");
	ok(!rows_text(t, 0, "url") && !rows_text(t, 0, "id") && rows_int(t, 0, "name") == 0,
		"nothing, and another type, read as nothing");
	rows_set_text(t, 1, "url", "/x");
	rows_set_bool(t, 1, "is_new", true);
	rows_set_int(t, 1, "id", 7);
	is(rows_text(t, 1, "url"), "/x", "a text is set");
	is_int(rows_int(t, 1, "is_new"), 1, "a truth value is set");
	is_int(rows_int(t, 1, "id"), 7, "a number is set");
	rows_set_text(t, 1, "url", NULL);
	ok(rows_at(t, 1, "url")->type == CELL_NULL, "and a text taken away");
	is_int(rows_find(t, "url", 1), 3, "a column is found in spite of a wrong hint");
	is_int(rows_find(t, "zzz", 99), -1, "what is not there is not");
	rows_clip(t, 2);
	rows_clip(t, 5);
	is_int(t->n, 2, "clipping takes rows away and brings none back");
}

static void documents(struct pool *p)
{
	struct rows *t = table(p, 2);
	struct json_object *o = json_obj(p);
	rows_at(t, 1, "share")->type = CELL_REAL;
	rows_at(t, 1, "share")->r = 0.5;
	rows_set_bool(t, 1, "is_new", false);
	json_set_rows(o, "data", t);
	static const char want[] =
		"{\"data\":[{\"id\":0,\"name\":\"a\\\"b\",\"is_new\":null,\"url\":null,\"share\":null},"
		"{\"id\":1,\"name\":\"a\\\"b\",\"is_new\":false,\"url\":null,\"share\":0.5}]}";
	is(json_bytes(p, o, NULL), want, "written as an array of objects");
	ok(json_rows(json_get(o, "data")) == t, "and found again in its document");
	ok(!json_rows(json_arr(p)) && !json_rows(o), "an ordinary array or object is no table");
	struct json_object *copy = json_obj(p);
	json_set(copy, "data", json_object_get(rows_array(t)));
	is(json_bytes(p, copy, NULL), want, "the same as ordinary objects");
	static const char *const both[] = {"label", "of"};
	struct rows *outer = rows_new(p, both, 2);
	rows_push(outer);
	*rows_at(outer, 0, "of") = cell_row(t, 1);
	json_set_rows(o, "data", outer);
	is(json_bytes(p, o, NULL),
		"{\"data\":[{\"label\":null,\"of\":{\"id\":1,\"name\":\"a\\\"b\",\"is_new\":false,\"url\":null,"
		"\"share\":0.5}}]}",
		"a row of another table is an object inside");
	json_set(copy, "data", json_object_get(rows_array(outer)));
	is(json_bytes(p, copy, NULL), json_bytes(p, o, NULL), "also among ordinary objects");
	struct rows *none = rows_new(p, NULL, 0);
	json_set_rows(o, "data", none);
	is(json_bytes(p, o, NULL), "{\"data\":[]}", "an empty table is an empty array");
}

static void values(struct pool *p)
{
	static const char text[] = "[null,true,-5,1.50,\"\xc3\xa9\",{\"a\":[1]}]";
	struct json_object *o;
	const char *why;
	ok(json_parse(p, text, sizeof text - 1, &o, &why) == OK, "values to convert");
	struct buf *b = buf_new(p, 1000);
	for (size_t i = 0; i < json_len(o); i++) {
		struct cell c = cell_of(json_at(o, i));
		cell_write(b, &c);
		buf_char(b, ' ');
		struct json_object *back = cell_json(&c);
		ok(json_object_equal(back, json_at(o, i)), "value %zu comes back from its cell", i);
		json_object_put(back);
	}
	is(b->data, "null true -5 1.50 \"\xc3\xa9\" {\"a\":[1]} ", "each is written as it was read");
}

int main(void)
{
	struct pool *p = pool_new();
	cells(p);
	documents(p);
	values(p);
	pool_free(p);
	return tap_done();
}
