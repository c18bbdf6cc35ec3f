/* The trash: what was deleted, of every resource, and its way back. Reads only; the Restore buttons go to each resource's
 * own route.
 *
 * trash/list  data: [{id, resource, resource_label ("Contact"), label, deleted_at, deleted_by_name (may be null),
 *             restore_url}]
 *             parameters: kind (a resource), limit, after; newest deletion first
 * Tests: t/60-trash.t */
#include "crm/crm.h"

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

/* A deletion is a record's last change. An affiliation comes back with whom, or with which organization, it left. */
#define TRASH                                                                                                          \
	"SELECT t.id, t.resource, t.label, t.deleted_at, u.name AS deleted_by_name, t.deleted_at || ' ' || t.resource" \
	" AS place FROM (SELECT id, 'organizations' AS resource, name AS label, deleted_at, updated_by FROM"           \
	" organizations_trash UNION ALL SELECT id, 'contacts', name, deleted_at, updated_by FROM contacts_trash UNION" \
	" ALL SELECT i.id, 'investors', coalesce(o.name, ot.name, c.name, ct.name, 'Investor'), i.deleted_at,"         \
	" i.updated_by FROM investors_trash i LEFT JOIN organizations_live o ON o.id = i.organization_id LEFT JOIN"    \
	" organizations_trash ot ON ot.id = i.organization_id LEFT JOIN contacts_live c ON c.id = i.contact_id LEFT"   \
	" JOIN contacts_trash ct ON ct.id = i.contact_id UNION ALL SELECT id, 'communications', subject, deleted_at,"  \
	" updated_by FROM communications_trash UNION ALL SELECT f.id, 'affiliations', c.name || ' at ' || o.name,"     \
	" f.deleted_at, f.updated_by FROM affiliations_trash f JOIN contacts_live c ON c.id = f.contact_id JOIN"       \
	" organizations_live o ON o.id = f.organization_id UNION ALL SELECT id, 'tasks', title, deleted_at, "          \
	"updated_by FROM"                                                                                              \
	" tasks_trash UNION ALL SELECT id, 'funds', name, deleted_at, updated_by FROM funds_trash UNION ALL SELECT "   \
	"c.id, 'commitments', coalesce(k.name, 'Investor') || ', ' || coalesce(f.name, ft.name), c.deleted_at, "       \
	"c.updated_by FROM commitments_trash c LEFT JOIN investors_cache k ON k.investor_id = c.investor_id LEFT "     \
	"JOIN "                                                                                                        \
	"funds_live f ON f.id = c.fund_id LEFT JOIN funds_trash ft ON ft.id = c.fund_id UNION ALL SELECT p.id, "       \
	"'opportunities', coalesce(k.name, 'Investor') || ', ' || coalesce(f.name, ft.name), p.deleted_at, "           \
	"p.updated_by FROM opportunities_trash p LEFT JOIN investors_cache k ON k.investor_id = p.investor_id LEFT "   \
	"JOIN funds_live f ON f.id = p.fund_id LEFT JOIN funds_trash ft ON ft.id = p.fund_id) t LEFT JOIN users u ON " \
	"u.id "                                                                                                        \
	"= t.updated_by WHERE 1"

enum status trash_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-deleted", "Newest"}, {NULL, NULL}};
	static const char *const kinds[] = {"contacts", "organizations", "affiliations", "investors", "communications",
		"tasks", "funds", "commitments", "opportunities", NULL};
	static const char *const kind_labels[] = {"Contacts", "Organizations", "Affiliations", "Investors",
		"Communications", "Tasks", "Funds", "Commitments", "Opportunities", NULL};
	struct list l;
	list_open(&l, r, "/trash", sorts);
	query_add(&l.query, TRASH);
	const char *kind = list_choice(&l, "kind", "Kind", kinds, kind_labels, "Anything", NULL);
	if (kind)
		query_add(&l.query, " AND t.resource = ?", kind);
	if (l.q)
		query_add(&l.query, " AND t.label LIKE ? ESCAPE '\\'", l.q);
	if (l.after_key)
		query_add(&l.query, " AND (place, t.id) < (?, ?)", l.after_key, l.after_id);
	query_add(&l.query, " ORDER BY place DESC, t.id DESC LIMIT ?", l.limit + 1);
	struct json_object *rows = list_objects(&l, "place", "id");
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		const char *resource = json_text(row, "resource");
		json_set_text(row, "resource_label", resource_label(resource));
		json_set_text(row, "restore_url",
			pool_printf(r->op.pool, "/%s/%lld/restore", resource, (long long)json_int(row, "id")));
		json_object_object_del(row, "place");
	}
	json_set_text(r->view, "title", "Trash");
	return OK;
}
