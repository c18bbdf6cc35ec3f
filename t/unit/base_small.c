/* Status, fault and configuration. */
#include "../tap.h"

#include <stdlib.h>

#include "base/conf.h"
#include "base/fault.h"
#include "base/pool.h"
#include "base/status.h"

static void statuses(void)
{
	is_int(status_http(OK), 200, "OK is 200");
	is_int(status_exit(OK), 0, "and exits with 0");
	for (int i = 0; i < STATUS_COUNT; i++) {
		int http = status_http((enum status)i);
		ok(http == 200 || (http >= 400 && http <= 507), "status %d is HTTP %d", i, http);
		ok(*status_title((enum status)i) && *status_slug((enum status)i), "and has a title and a slug");
		for (int j = 0; j < i; j++)
			if (!strcmp(status_slug((enum status)i), status_slug((enum status)j)))
				ok(false, "slug %s stands for two statuses", status_slug((enum status)i));
	}
	is_int(status_http(E_INPUT), 422, "bad input is 422");
	is(status_slug(E_CONFLICT), "conflict", "slugs are stable");
}

static void faults(struct pool *p)
{
	struct fault f;
	fault_init(&f, p);
	is_int(fault_add(&f, E_INPUT, "email", "is not an address: %s", "x"), E_INPUT, "a fault gives its status back");
	fault_add(&f, E_INPUT, "name", "is required");
	is_int(fault_add(&f, E_CONFLICT, NULL, "too late"), E_CONFLICT, "a later one too");
	is_int(f.status, E_INPUT, "but the first decides");
	is(f.items->message, "is not an address: x", "messages are formatted");
	is(f.items->next->field, "name", "the same status adds its field");
	ok(!f.items->next->next, "another status does not");
}

static void places(struct pool *p)
{
	setenv("COUNTERSIGN_DATA", "/somewhere", 1);
	is(conf_db(), "/somewhere/countersign.db", "the database is in the data directory");
	is(conf_data_path(p, "mail/store"), "/somewhere/mail/store", "as is what is below");
	unsetenv("COUNTERSIGN_DATA");
	is(conf_data(), "var", "which is var/ by default");
	setenv("COUNTERSIGN_SHARE", "/share", 1);
	is(conf_share_path(p, "templates"), "/share/templates", "templates are in the share directory");
	setenv("X_FLAG", "0", 1);
	ok(!conf_flag("X_FLAG") && !conf_flag("X_ABSENT"), "a flag is off when 0 or absent");
	setenv("X_FLAG", "1", 1);
	ok(conf_flag("X_FLAG"), "and on when 1");
}

int main(void)
{
	struct pool *p = pool_new();
	statuses();
	faults(p);
	places(p);
	pool_free(p);
	return tap_done();
}
