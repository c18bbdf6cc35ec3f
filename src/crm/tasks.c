/* Tasks: what somebody has to do until a day. Owns their declaration, list, pages and quick actions, and the tasks shown
 * on a record. The next one of a recurring task is made by a trigger (migrations/0010), never here.
 *
 * tasks/list  data: [{id, version, title, due_on, state, state_label, snoozed_until, recurrence, assignee_id,
 *             assignee_name (null: the whole team), contact_id, organization_id, investor_id, record_label, record_url,
 *             bucket (overdue today week later snoozed done), bucket_label, is_bucket_start, is_open, is_late, updated_at,
 *             url}]
 *             parameters: whose (mine: mine and the whole team's; team; all), bucket (a bucket, open or all), contact_id,
 *             organization_id, investor_id, q, sort (due -due), limit, after. A page begins with mine and open, the API
 *             with all.
 * tasks/show  data: record item (shapes.h) and a list row's keys, note, recurrence_label, follows_id
 * tasks/form  data: form (shapes.h)
 * data.tasks of a record's page: [list row]; has_tasks, task_due_on (the day a new one begins with), task_field
 *             ("contact_id") and task_record (its value)
 * Tests: t/60-tasks.t */
#include "crm/crm.h"

#include <string.h>

#include "base/clock.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

static const char *const states[] = {"open", "done", "snoozed", "cancelled", NULL};
static const char *const state_labels[] = {"Open", "Done", "Snoozed", "Cancelled", NULL};
static const char *const recurrences[] = {"none", "daily", "weekly", "monthly", "quarterly", NULL};
static const char *const recurrence_labels[] = {
	"Once", "Every day", "Every week", "Every month", "Every quarter", NULL};
static const char *const buckets[] = {"open", "overdue", "today", "week", "later", "snoozed", "done", "all", NULL};
static const char *const bucket_labels[] = {
	"Open", "Overdue", "Today", "This week", "Later", "Snoozed", "Done or cancelled", "Open and closed", NULL};

static const struct field fields[] = {
	{.name = "title",
		.label = "Title",
		.type = F_TEXT,
		.flags = FIELD_REQUIRED,
		.max = 200,
		.privacy = PERSONAL_DATA},
	{.name = "due_on", .label = "Due", .type = F_DAY, .flags = FIELD_REQUIRED},
	{.name = "assignee_id", .label = "For", .type = F_REF, .ref = "users", .help = "Nobody means the whole team."},
	{.name = "recurrence",
		.label = "Repeats",
		.type = F_CHOICE,
		.flags = FIELD_REQUIRED,
		.choices = recurrences,
		.labels = recurrence_labels},
	{.name = "contact_id",
		.label = "Contact",
		.type = F_REF,
		.ref = "contacts",
		.help = "A task belongs to one contact, organization or investor, or to none."},
	{.name = "organization_id", .label = "Organization", .type = F_REF, .ref = "organizations"},
	{.name = "investor_id", .label = "Investor", .type = F_REF, .ref = "investors"},
	{.name = "note", .label = "Note", .type = F_LONG, .privacy = PRIVATE_DATA},
	{.name = "state",
		.label = "State",
		.type = F_CHOICE,
		.flags = FIELD_REQUIRED | FIELD_HIDDEN,
		.choices = states,
		.labels = state_labels},
	{.name = "snoozed_until", .label = "Snoozed until", .type = F_DAY, .flags = FIELD_HIDDEN},
};

static enum status check(struct op *op, int64_t id, struct json_object *all)
{
	(void)id;
	int links = (json_int(all, "contact_id") != 0) + (json_int(all, "organization_id") != 0) +
		    (json_int(all, "investor_id") != 0);
	if (links > 1)
		return fail(op, E_INPUT, json_int(all, "contact_id") ? "contact_id" : "organization_id",
			"is one too many: a task belongs to one record");
	if (str_eq(json_text(all, "state"), "snoozed") && !json_text(all, "snoozed_until"))
		return fail(op, E_INPUT, "snoozed_until", "is required to snooze");
	return OK;
}

const struct resource tasks_resource = {
	.name = "tasks",
	.singular = "task",
	.title = "Task",
	.proposal_kind = "task",
	.fields = fields,
	.nfields = FIELD_COUNT(fields),
	LABEL_SQL("SELECT title FROM tasks_live WHERE id = "),
	.check = check,
};

/* ---- days ---- */
const char *day_after(struct req *r, int days)
{
	char today[DAY_SIZE], day[DAY_SIZE];
	const char *zone = r->zone ? r->zone : "UTC";
	zone_day(zone, r->op.now, today);
	zone_day(zone, zone_day_start(zone, today, days), day);
	return pool_strdup(r->op.pool, day);
}

/* ---- rows ---- */
/* Its first two placeholders are today. A snoozed task is open again on its day. */
#define SELECT_ROW                                                                                                     \
	"SELECT t.id, t.version, t.title, t.due_on, t.state, t.snoozed_until, t.recurrence, t.assignee_id,"            \
	" u.name AS assignee_name, t.contact_id, t.organization_id, t.investor_id,"                                    \
	" coalesce(c.name, o.name, io.name, ic.name) AS record_label, CASE"                                            \
	" WHEN t.state IN ('done', 'cancelled') THEN 'done' WHEN t.state = 'snoozed' AND t.snoozed_until > ?1"         \
	" THEN 'snoozed' WHEN t.due_on < ?1 THEN 'overdue' WHEN t.due_on = ?1 THEN 'today'"                            \
	" WHEN t.due_on <= date(?1, 'weekday 0') THEN 'week' ELSE 'later' END AS bucket, t.updated_at"
#define FROM_TASKS                                                                                                     \
	" FROM tasks_live t LEFT JOIN users u ON u.id = t.assignee_id LEFT JOIN contacts_live c ON c.id ="             \
	" t.contact_id LEFT JOIN organizations_live o ON o.id = t.organization_id LEFT JOIN investors_live i ON"       \
	" i.id = t.investor_id LEFT JOIN organizations_live io ON io.id = i.organization_id LEFT JOIN contacts_live"   \
	" ic ON ic.id = i.contact_id"
#define IS_OPEN " AND t.state IN ('open', 'snoozed') AND (t.state = 'open' OR t.snoozed_until <= ?1)"

static const char *record_url(struct req *r, struct json_object *row)
{
	static const char *const names[] = {"contacts", "organizations", "investors"};
	static const char *const columns[] = {"contact_id", "organization_id", "investor_id"};
	for (size_t i = 0; i < 3; i++)
		if (json_int(row, columns[i]))
			return resource_url(r->op.pool, names[i], json_int(row, columns[i]));
	return NULL;
}

static void labels(struct req *r, struct json_object *row)
{
	const char *bucket = json_text(row, "bucket");
	json_set_text(row, "state_label", choice_label(states, state_labels, json_text(row, "state")));
	json_set_text(row, "bucket_label", choice_label(buckets, bucket_labels, bucket));
	json_set_text(
		row, "recurrence_label", choice_label(recurrences, recurrence_labels, json_text(row, "recurrence")));
	json_set_bool(row, "is_recurring", !str_eq(json_text(row, "recurrence"), "none"));
	json_set_bool(row, "is_open", !str_eq(bucket, "done"));
	json_set_bool(row, "is_snoozed", str_eq(bucket, "snoozed"));
	json_set_bool(row, "is_late", str_eq(bucket, "overdue"));
	json_set_text(row, "record_url", json_text(row, "record_label") ? record_url(r, row) : NULL);
	set_url(r->op.pool, row, "/tasks", json_int(row, "id"));
}

static void rows_labels(struct req *r, struct json_object *rows)
{
	const char *bucket = NULL;
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_at(rows, i);
		labels(r, row);
		json_set_bool(row, "is_bucket_start", !str_eq(bucket, json_text(row, "bucket")));
		bucket = json_text(row, "bucket");
	}
}

/* ---- the list ---- */
static void filter_bucket(struct query *q, const char *bucket, const char *today)
{
	bool closed = str_eq(bucket, "done"), snoozed = str_eq(bucket, "snoozed");
	if (str_eq(bucket, "all"))
		return;
	if (closed)
		query_add(q, " AND t.state IN ('done', 'cancelled')");
	else if (snoozed)
		query_add(q, " AND t.state = 'snoozed' AND t.snoozed_until > ?", today);
	else
		query_add(
			q, " AND t.state IN ('open', 'snoozed') AND (t.state = 'open' OR t.snoozed_until <= ?)", today);
	if (str_eq(bucket, "overdue"))
		query_add(q, " AND t.due_on < ?", today);
	else if (str_eq(bucket, "today"))
		query_add(q, " AND t.due_on = ?", today);
	else if (str_eq(bucket, "week"))
		query_add(q, " AND t.due_on > ? AND t.due_on <= date(?, 'weekday 0')", today, today);
	else if (str_eq(bucket, "later"))
		query_add(q, " AND t.due_on > date(?, 'weekday 0')", today);
}

static void filters(struct list *l, const char *today)
{
	static const char *const whose[] = {"mine", "team", "all", NULL};
	static const char *const whose_labels[] = {"Mine", "The whole team's", "Everybody's", NULL};
	bool api = l->r->is_api;
	struct query *q = &l->query;
	const char *who = list_choice(l, "whose", "Whose", whose, whose_labels, NULL, api ? "all" : "mine");
	filter_bucket(q, list_choice(l, "bucket", "When", buckets, bucket_labels, NULL, api ? "all" : "open"), today);
	int64_t contact = list_ref(l, "contact_id", "Contact", NULL),
		organization = list_ref(l, "organization_id", "Organization", NULL),
		investor = list_ref(l, "investor_id", "Investor", NULL);
	if (str_eq(who, "mine"))
		query_add(q, " AND (t.assignee_id = ? OR t.assignee_id IS NULL)", l->r->op.actor.user_id);
	else if (str_eq(who, "team"))
		query_add(q, " AND t.assignee_id IS NULL");
	if (contact)
		query_add(q, " AND t.contact_id = ?", contact);
	if (organization)
		query_add(q, " AND t.organization_id = ?", organization);
	if (investor)
		query_add(q, " AND t.investor_id = ?", investor);
	if (l->q)
		query_add(q, " AND t.title LIKE ? ESCAPE '\\'", l->q);
}

enum status tasks_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"due", "Soonest"}, {"-due", "Latest"}, {NULL, NULL}};
	const char *today = day_after(r, 0);
	struct list l;
	list_open(&l, r, "/tasks", sorts);
	query_add(&l.query, SELECT_ROW FROM_TASKS " WHERE 1", today);
	filters(&l, today);
	list_order(&l, "t.due_on", "t.id");
	rows_labels(r, list_objects(&l, "due_on", "id"));
	json_set_text(r->view, "title", "Tasks");
	return OK;
}

/* ---- on a record's page, and on the first page ---- */
static struct json_object *of_record(struct req *r, const char *resource, int64_t id, const char *today)
{
	if (str_eq(resource, "contacts"))
		return db_array(&r->op,
			SELECT_ROW FROM_TASKS " WHERE t.contact_id = ?2" IS_OPEN " ORDER BY t.due_on, t.id LIMIT 20",
			today, id);
	if (str_eq(resource, "organizations"))
		return db_array(&r->op,
			SELECT_ROW FROM_TASKS " WHERE t.organization_id = ?2" IS_OPEN
					      " ORDER BY t.due_on, t.id LIMIT 20",
			today, id);
	return db_array(&r->op,
		SELECT_ROW FROM_TASKS " WHERE t.investor_id = ?2" IS_OPEN " ORDER BY t.due_on, t.id LIMIT 20", today,
		id);
}

void related_tasks(struct req *r, struct json_object *data, const char *resource, int64_t id)
{
	struct json_object *rows = of_record(r, resource, id, day_after(r, 0));
	rows_labels(r, rows);
	json_set(data, "tasks", json_object_get(rows));
	set_has(data, "has_tasks", json_len(rows) > 0);
	json_set_text(data, "task_due_on", day_after(r, 7));
	json_set_text(data, "task_field", pool_printf(r->op.pool, "%s_id", resource_find(resource)->singular));
	json_set_int(data, "task_record", id);
}

void tasks_due(struct req *r, struct json_object *data)
{
	const char *today = day_after(r, 0);
	int64_t n = 0, me = r->op.actor.user_id;
	db_one_int(&r->op, &n,
		"SELECT count(*) FROM (SELECT 1 FROM tasks_live t WHERE t.due_on <= ?1 AND (t.assignee_id = ?2 OR"
		" t.assignee_id IS NULL)" IS_OPEN " LIMIT ?3)",
		today, me, COUNT_MAX + 1);
	struct json_object *rows = db_array(&r->op,
		SELECT_ROW FROM_TASKS " WHERE t.due_on <= ?1 AND (t.assignee_id = ?2 OR t.assignee_id IS NULL)" IS_OPEN
				      " ORDER BY t.due_on, t.id LIMIT 10",
		today, me);
	rows_labels(r, rows);
	json_set(data, "tasks", json_object_get(rows));
	set_count(r->op.pool, data, "tasks_due", n, false);
	set_has(data, "has_tasks", n > 0);
}

/* ---- pages ---- */
enum status tasks_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	enum status st = item_load(r, &tasks_resource,
		db_object(&r->op, SELECT_ROW ", t.note, t.follows_id" FROM_TASKS " WHERE t.id = ?2", day_after(r, 0),
			id));
	if (st)
		return st;
	labels(r, json_get(r->out, "data"));
	json_set_text(r->view, "tomorrow", day_after(r, 1));
	json_set_text(r->view, "until", day_after(r, 1));
	json_set_text(r->view, "until_error", NULL);
	return OK;
}

/* The record that the request names. */
static struct json_object *links(struct req *r)
{
	static const char *const names[] = {"contact_id", "organization_id", "investor_id"};
	struct json_object *o = json_obj(r->op.pool);
	for (size_t i = 0; i < 3; i++) {
		int64_t id = in_int(r, names[i], 0, 1, INT64_MAX);
		if (id)
			json_set_int(o, names[i], id);
	}
	return o;
}

enum status tasks_new(struct req *r)
{
	struct json_object *preset = links(r);
	json_set_text(preset, "due_on", day_after(r, 7));
	json_set_int(preset, "assignee_id", r->op.actor.user_id);
	return item_form(r, &tasks_resource, 0, preset);
}

enum status tasks_edit(struct req *r)
{
	int64_t id = in_id(r, "id");
	return id ? item_form(r, &tasks_resource, id, NULL) : r->op.fault.status;
}

enum status tasks_create(struct req *r)
{
	enum status st = item_create(r, &tasks_resource);
	if (st || r->is_api || r->op.actor.kind != ACTOR_HUMAN)
		return st;
	/* The small form on a record's page says where to go on. */
	return reply_see(r, "Task created", "%s", in_next(r, r->location));
}

enum status tasks_update(struct req *r)
{
	return item_update(r, &tasks_resource);
}

enum status tasks_delete(struct req *r)
{
	return item_delete(r, &tasks_resource);
}

enum status tasks_restore(struct req *r)
{
	return item_restore(r, &tasks_resource);
}

/* ---- quick actions: a state, and until when. What is done or cancelled keeps the day it was put off to, for undo ---- */
static enum status turn(struct req *r, const char *state, const char *until, const char *flash, const char *undo)
{
	int64_t id = in_id(r, "id");
	if (!id)
		return r->op.fault.status;
	/* What else came with the request is not part of a quick action. */
	const char *const inputs[] = {"title", "due_on", "assignee_id", "recurrence", "contact_id", "organization_id",
		"investor_id", "note", NULL};
	for (size_t i = 0; inputs[i]; i++)
		json_object_object_del(r->in, inputs[i]);
	json_object_object_del(r->in, "snoozed_until");
	json_set_text(r->in, "state", state);
	if (str_eq(state, "open") || until)
		json_set_text(r->in, "snoozed_until", until);
	enum status st = item_update(r, &tasks_resource);
	r->form = NULL;
	if (st || r->is_api || r->op.actor.kind != ACTOR_HUMAN)
		return st;
	if (undo)
		r->undo_url = pool_printf(r->op.pool, "/tasks/%lld/%s", (long long)id, undo);
	return reply_see(r, flash, "%s", in_next(r, r->location));
}

enum status tasks_done(struct req *r)
{
	return turn(r, "done", NULL, "Task done", "undo");
}

/* The task's page, with what is wrong beside the day. */
static void snooze_again(struct req *r)
{
	const char *why = r->op.fault.items ? r->op.fault.items->message : NULL;
	tasks_show(r);
	json_set_text(r->view, "until", json_text(r->in, "until"));
	json_set_text(r->view, "until_error", why);
}

enum status tasks_snooze(struct req *r)
{
	const char *until = in_day(r, "until");
	r->form = snooze_again;
	if (until && strcmp(until, day_after(r, 0)) <= 0)
		return fail(&r->op, E_INPUT, "until", "must be after today");
	return turn(r, "snoozed", until ? until : day_after(r, 1), "Task snoozed", "reopen");
}

enum status tasks_reopen(struct req *r)
{
	return turn(r, "open", NULL, "Task opened again", NULL);
}

enum status tasks_undo(struct req *r)
{
	int64_t id = in_id(r, "id");
	const char *until = id ? db_one_text(&r->op, "SELECT snoozed_until FROM tasks_live WHERE id = ?", id) : NULL;
	return turn(r, until ? "snoozed" : "open", until, "Task opened again", NULL);
}

enum status tasks_cancel(struct req *r)
{
	return turn(r, "cancelled", NULL, "Task cancelled", "undo");
}
