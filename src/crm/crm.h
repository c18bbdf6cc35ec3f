/* What the nouns of this room share: their declarations, lists, record pages, timelines, documents of people and mail.
 * The shapes that result are described in shapes.h. */
#ifndef CRM_CRM_H
#define CRM_CRM_H

#include "base/rows.h"
#include "core/record.h"
#include "db/db.h"
#include "web/req.h"
#include "crm/handlers.h"

extern const struct resource organizations_resource, contacts_resource, affiliations_resource, investors_resource,
	communications_resource, tasks_resource, funds_resource, commitments_resource, opportunities_resource;

/* ---- page.c */
void page_fill(struct req *r); /* page_furniture of app.fcgi and admin.cgi */

/* ---- list.c: a list page and its API twin */
struct list_sort {
	const char *value, *label;
};
struct list {
	struct req *r;
	const char *url;
	int limit;
	const struct list_sort *sorts; /* those given */
	int sort;                      /* index of the one in force */
	const char *column;            /* what it sorts by: its value without the '-' */
	bool is_down;                  /* it began with '-' */
	const char *after_key;         /* of the last row of the page before; NULL on the first page */
	int64_t after_id;
	const char *typed;     /* what was searched for, as typed; NULL when nothing */
	const char *q;         /* the same as a LIKE pattern with its % and escapes, NULL when nothing is searched */
	const char *floor_key; /* of the last row that is looked at, when the page ends there (list_look) */
	int64_t floor_id;
	struct query query;
	struct json_object *doc; /* view.list */
	struct buf *parameters;  /* of this list, without `after` */
};
/* Reads limit, after, sort, q. `sorts` ends with value NULL; the first is the default. Bad input is recorded (400). A
 * column with two sorts, one of them with '-', is turned round by a click on its head. */
extern const struct list_sort record_sorts[]; /* of contacts, organizations and investors */
void list_open(struct list *l, struct req *r, const char *url, const struct list_sort *sorts);
/* A filter by choice: its value, or NULL for any. Labels beside choices (NULL: the choices). */
const char *list_choice(struct list *l, const char *name, const char *label, const char *const *choices,
	const char *const *labels, const char *any, const char *def);
/* A filter by id: 0 for any. With options_sql (id, label) it is offered on the page. */
int64_t list_ref(struct list *l, const char *name, const char *label, const char *options_sql);
/* A filter by day: YYYY-MM-DD, or NULL for any. */
const char *list_day(struct list *l, const char *name, const char *label);
/* Who may not read all mail pays for what is not shown too: so many rows are looked at, and the page says that it ends
 * there (view.list.is_cut). `places`: SELECT of key and id of what the page would list, seen or not, newest first; its
 * order and its filters are the list's, but none that asks for words. */
#define LOOKED_MAX 200
void list_look(struct list *l, struct query *places);
/* The same: whether the looking ends, and with which row. Never where all mail is open to everybody. */
bool look_end(struct req *r, struct query *places, const char **key, int64_t *id);
#define list_floor(l, key, id)                                                                                         \
	do {                                                                                                           \
		if ((l)->floor_key)                                                                                    \
			query_add(&(l)->query, " AND (" key ", " id ") >= (?, ?)", (l)->floor_key, (l)->floor_id);     \
	} while (0)
/* The same for a query of its own: LIMIT LOOKED, with LOOKED_MAX and how many are enough where all is seen. */
#define LOOKED_OF(max, enough) "iif(EXISTS (SELECT 1 FROM restrictions), " max ", " enough ")"
#define LOOKED LOOKED_OF("?", "?")
/* Ends the statement: what comes after the cursor, in the order of `key` and then `id` (literals: SQL of the two columns,
 * which an index has in this order), one row more than a page has. A pair with a collation is no way into an index by
 * itself, hence the key before it. */
#define list_order(l, key, id)                                                                                         \
	do {                                                                                                           \
		if ((l)->after_key && (l)->is_down)                                                                    \
			query_add(&(l)->query, " AND " key " <= ? AND (" key ", " id ") < (?, ?)", (l)->after_key,     \
				(l)->after_key, (l)->after_id);                                                        \
		else if ((l)->after_key)                                                                               \
			query_add(&(l)->query, " AND " key " >= ? AND (" key ", " id ") > (?, ?)", (l)->after_key,     \
				(l)->after_key, (l)->after_id);                                                        \
		if ((l)->is_down)                                                                                      \
			query_add(&(l)->query, " ORDER BY " key " DESC, " id " DESC LIMIT ?", (l)->limit + 1);         \
		else                                                                                                   \
			query_add(&(l)->query, " ORDER BY " key ", " id " LIMIT ?", (l)->limit + 1);                   \
	} while (0)
/* Runs the query (which asks for limit + 1 rows), sets out.data, out.meta and view.list. `key` and `id` are the columns
 * of the cursor. */
struct rows *list_finish(struct list *l, const char *key, const char *id);
/* The same with rows as JSON objects, for who rearranges or nests them. */
struct json_object *list_objects(struct list *l, const char *key, const char *id);

/* ---- item.c: what every record's page has */
const struct resource *item_resource(struct req *r); /* by the address asked for */
enum status item_load(struct req *r, const struct resource *res,
	struct json_object *row); /* row into out.data, or 404; r->location when it was merged into another */
enum status item_form(struct req *r, const struct resource *res, int64_t id, struct json_object *preset);
/* What a new record's form begins with: the references among these parameters; names ends with NULL. */
struct json_object *item_preset(struct req *r, const char *const *names);
void item_form_again(struct req *r, const struct resource *res, int64_t id);
enum status item_create(struct req *r, const struct resource *res);
enum status item_update(struct req *r, const struct resource *res);
enum status item_delete(struct req *r, const struct resource *res);
enum status item_restore(struct req *r, const struct resource *res);
/* Child rows of one text each (addresses, phones, domains): the list becomes what the live rows are. */
enum status children_write(
	struct op *op, const char *table, const char *parent, const char *column, int64_t id, struct json_object *list);
struct json_object *children_read(struct op *op, const char *table, const char *parent, const char *column, int64_t id);

/* ---- admin.c: what this request changed of the settings can be taken back from the line that says so */
void settings_undo(struct req *r);

/* ---- affiliations.c: data.affiliations of a contact */
void related_affiliations(struct req *r, struct json_object *data, int64_t contact_id);

/* ---- related.c: what stands beside a record; `resource` is "contacts" or "organizations" */
void related_people(struct req *r, struct json_object *data, int64_t organization_id, int64_t but_contact_id);
void related_threads(struct req *r, struct json_object *data, const char *resource, int64_t id);
void related_files(struct req *r, struct json_object *data, const char *resource, int64_t id);
void related_known_by(struct req *r, struct json_object *data, const char *resource, int64_t id);
void related_investor(struct req *r, struct json_object *data, int64_t organization_id, int64_t contact_id);
/* ---- tasks.c: data.tasks: open tasks of a record, soonest first, with what its quick-add form needs; and those due
 * until today for the one who asks, with tasks_due (how many) */
void related_tasks(struct req *r, struct json_object *data, const char *resource, int64_t id);
void tasks_due(struct req *r, struct json_object *data);
const char *day_after(struct req *r, int days); /* the local day so many days from today */
void timeline_fill(struct req *r, struct json_object *data, const char *resource, int64_t id, const char *url);

/* ---- raise.c: gives a fund's row (its target, hard cap and sums) `chart`, percent and has_target; funds.c: the raises of the
 * first page; commitments.c: what an investor holds, and whether their entries add up (E_CONFLICT) */
void raise_fill(struct op *op, struct json_object *row);
void raises_fill(struct req *r, struct json_object *data);
void positions_fill(struct req *r, struct json_object *data, int64_t investor);
void position_link(struct pool *p, struct json_object *row, int64_t fund, int64_t investor); /* ledger_url */
enum status ledger_settle(struct op *op, int64_t investor);

/* ---- opportunities.c: what an investor is on the way to; pipeline.c: what moved lately, for the first page */
void opportunities_fill(struct req *r, struct json_object *data, int64_t investor);
void moves_fill(struct req *r, struct json_object *data);

/* ---- threads.c: where a list in the order of the last mail goes on after this thread, which shows `shown` */
const char *thread_place(struct op *op, int64_t id, const char *shown);

/* ---- lookback.c: what may be looked at again */
void lookback_mailbox(struct req *r, struct json_object *data, int64_t mailbox_id); /* data.lookback */
void lookback_contact(struct req *r, struct json_object *data, int64_t contact_id); /* data.lookbacks */

/* ---- card.c: a value of a declared field in words: choices by their label, references by their name */
const char *field_shown(struct op *op, const struct field *f, struct json_object *v);

/* ---- proposals.c: how many wait for a decision now, COUNT_MAX + 1 at most; of who may not read all mail those among the
 * newest LOOKED_MAX, and whether there are more to look at */
int64_t proposals_waiting(struct req *r, bool *more);

/* ---- merges.c: both sides of a proposed merge (card: the row; change: its change_json), or NULL when they are not there
 * any more; and what a person chose other than what a merge does by itself, NULL for nothing (or E_INPUT in the fault) */
struct json_object *merge_card(
	struct op *op, const struct resource *res, struct json_object *card, struct json_object *change);
struct json_object *merge_chosen(
	struct op *op, const struct resource *res, int64_t into_id, int64_t from_id, struct json_object *in);

/* ---- messages.c */
struct json_object *message_document(struct op *op, int64_t id); /* NULL when there is none */
/* Those of these ids (an array of numbers, at most some hundred) that there are, in the order they were sent; as many
 * statements as for one. */
struct json_object *message_documents(struct op *op, struct json_object *ids);

/* ---- digests.c: a digest's HTML, as a reply that a page frames */
void digest_frame(struct req *r, const char *html);

/* ---- thread_moves.c: data.moves (what a person did with a thread and can take back), has_moves, arrange_url */
void thread_moves_fill(struct req *r, struct json_object *data, int64_t id);

/* ---- marks.c: what is said of a message beside its words (shapes.h) */
void message_marks(struct op *op, struct json_object *data); /* reads data's authenticity, warnings, automated */
/* Gives each document of the list `report` and `bounces`; ids: theirs, as a JSON array. */
void message_bounces(struct op *op, struct json_object *list, const char *ids);
void text_parts(struct op *op, struct json_object *segment, const char *text);
void contact_bounces(struct op *op, struct json_object *data, int64_t contact);

/* ---- audit.c: the newest rows about a record, as the audit page shows them */
struct json_object *audit_rows(struct op *op, const char *resource, int64_t id, int limit);

/* ---- labels.c: words for stored values */
const char *kind_label(const char *kind); /* of communications and timeline items */
const char *proposal_kind_label(const char *kind);
const char *direction_label(const char *direction); /* NULL for NULL */
const char *action_label(const char *action);
const char *resource_label(const char *resource); /* "Contact" */
const char *state_label(const char *state);
/* Of a declared choice: the label that stands where the value does; the value where there is none. */
const char *choice_label(const char *const *values, const char *const *labels, const char *value);
/* Who sees what of a thread (levels as in migration visibility); NULL when everybody sees everything. */
const char *sight_label(int64_t level, int64_t audience);
/* "/contacts/12"; NULL for what has no page. */
const char *resource_url(struct pool *p, const char *resource, int64_t id);

/* Nothing is counted past this: a query that counts ends at COUNT_MAX + 1. */
#define COUNT_MAX 1000
#define LIMIT_MAX 200 /* the parameter limit of every list */
/* Sets `name`, COUNT_MAX at most, and NAME_label: "12", "1,000+"; more: or more than that, "12+". */
void set_count(struct pool *p, struct json_object *o, const char *name, int64_t n, bool more);
const char *count_label(struct pool *p, int64_t n, bool more);

/* Sets `name` from text or as null, and has_NAME. */
void set_has(struct json_object *o, const char *has_name, bool has);
void set_url(struct pool *p, struct json_object *o, const char *base, int64_t id); /* url = base/id */
const char *url_with(struct pool *p, const char *base, int64_t id);                /* base/id */
/* Of every row: url from id, kind_label from kind. */
void rows_urls(struct rows *t, const char *base);
void rows_kinds(struct rows *t, const char *const *kinds, const char *const *labels);

#endif
