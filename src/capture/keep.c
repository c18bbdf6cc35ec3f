/* Owns storing a message that needs neither fetching nor parsing: the seeder's. Tests: t/30-cli.t */
#include "capture/capture.h"
#include "db/db.h"
#include "base/banned.h"

enum status keep(struct op *op, const struct own *own, const struct rules *rules, struct judged *j,
	const struct copy *copies, size_t n, int64_t propose_from, const char *zone)
{
	struct source_item item = {.at = j->m->date, .folder = "INBOX"};
	struct stored s = {0};
	judge(op, own, rules, &item, j);
	enum status st = j->rule ? OK : store_message(op, j, 0, &s);
	for (size_t i = 0; i < n && !st; i++) {
		item.id = copies[i].source_id;
		st = ledger_put(op, copies[i].mailbox_id,
			&(struct entry){.item = &item,
				.state = j->rule ? "excluded" : "stored",
				.rule = j->rule,
				.message_id = s.message_id,
				.sent_at = j->sent_at});
	}
	if (st || !s.is_new || j->m->is_automated || j->sent_at < propose_from)
		return st;
	return propose_all(op, own, j, &s, zone);
}
