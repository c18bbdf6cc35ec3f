/* The queue costs the same however much waits: statements counted at 10 and at 10,000 pending proposals. */
#include "../tap.h"
#include "dbkit.h"

#include "base/json.h"
#include "base/str.h"
#include "core/proposal.h"
#include "crm/crm.h"
#include "web/route.h"

static struct op *reader, *capture;

/* This program serves nothing: the routes that crm's description of the API reads are none. */
const struct route *const routes = NULL;
const size_t routes_count = 0;

static void propose(int from, int until)
{
	static const char *const kinds[] = {"activity", "contact", "record"};
	db_begin(capture);
	for (int i = from; i < until; i++) {
		struct json_object *change = json_obj(capture->pool);
		json_set_text(change, "name", pool_printf(capture->pool, "Person %d", i));
		int64_t id;
		struct proposal p = {.kind = kinds[i % 3],
			.resource = "contacts",
			.title = pool_printf(capture->pool, "New person %d", i),
			.change = change,
			.key = pool_printf(capture->pool, "key %d", i),
			.occurred_at =
				pool_printf(capture->pool, "2026-01-%02dT%02d:%02d:00Z", 1 + i % 28, i % 24, i % 60)};
		proposal_put(capture, &p, &id);
	}
	db_commit(capture);
}

/* Statements of one list, and how many rows it gave. */
static int64_t cost(bool is_api, const char *name, const char *value, size_t *n)
{
	struct req r = {.verb = GET, .path = "/review", .is_api = is_api, .op = *reader, .zone = "UTC"};
	r.in = json_obj(reader->pool);
	r.view = json_obj(reader->pool);
	r.page = json_obj(reader->pool);
	if (name)
		json_set_text(r.in, name, value);
	fault_init(&r.op.fault, reader->pool);
	int64_t before = db_statements(reader->db);
	enum status st = proposals_list(&r);
	struct json_object *data = json_get(r.out, "data");
	*n = json_rows(data) ? json_rows(data)->n : json_len(data);
	return st ? -1 : db_statements(reader->db) - before;
}

int main(void)
{
	static const char *const filters[][2] = {{NULL, NULL}, {"kind", "contact"}, {"author", "capture"},
		{"age", "older"}, {"q", "person"}, {"state", "snoozed"}, {"limit", "7"}};
	int64_t few[2][7];
	size_t n;
	dbkit_start();
	dbkit_migrate();
	reader = dbkit_open(DB_READ, &ADA);
	capture = dbkit_open(DB_SYSTEM, &CAPTURE);
	propose(0, 10);
	for (int api = 0; api < 2; api++)
		for (size_t i = 0; i < 7; i++)
			few[api][i] = cost(api, filters[i][0], filters[i][1], &n);
	propose(10, 10000);
	for (int api = 0; api < 2; api++)
		for (size_t i = 0; i < 7; i++) {
			int64_t many = cost(api, filters[i][0], filters[i][1], &n);
			const char *what = filters[i][0] ? filters[i][0] : "no filter";
			size_t page = str_eq(filters[i][1], "snoozed") ? 0 : str_eq(what, "limit") ? 7 : 50;
			ok(many == few[api][i] && many > 0 && many < 40,
				"%s, %s: as many statements at 10,000 as at 10, and few: %d", api ? "API" : "page",
				what, (int)many);
			ok(n == page, "a page of them: %d", (int)n);
		}
	db_close(capture->db);
	db_close(reader->db);
	return tap_done();
}
