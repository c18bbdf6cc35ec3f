/* The one write path. A resource declares its writable fields once; the declaration serves validation, the old → new
 * diff, forms, OpenAPI and later CSV. record_write() applies what a person writes and stores as a proposal what anybody
 * else writes; approving a proposal is the person's record_write() of the stored bytes. */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "db/op.h"

enum field_type {
	F_TEXT, /* one line */
	F_LONG, /* several lines */
	F_URL,
	F_INT,
	F_MONEY,   /* hundredths of a currency; a form sends it as people type it (base/money.h), JSON may too */
	F_DAY,     /* YYYY-MM-DD */
	F_INSTANT, /* RFC 3339 in, stored UTC; forms send local YYYY-MM-DDTHH:MM */
	F_BOOL,
	F_CHOICE, /* one of choices */
	F_REF,    /* id of a live row of `ref` */
	F_EMAILS, /* list of addresses, first is primary; a form sends one a line */
	F_LIST,   /* list of short texts; a form sends one a line */
	F_IDS,    /* list of ids of live rows of `ref` */
};
enum field_flag {
	FIELD_REQUIRED = 1,
	FIELD_HIDDEN = 2,    /* no form input: set by proposals and the API only */
	FIELD_OWN_TABLE = 4, /* kept in a child table by resource->write_list, not in a column */
	FIELD_LASTING = 8,   /* a yes of either record survives their merge */
};
enum privacy { PUBLIC_DATA, PERSONAL_DATA, PRIVATE_DATA };

struct field {
	const char *name; /* column, JSON key, form field */
	const char *label;
	enum field_type type;
	unsigned flags;
	size_t max; /* bytes of text, entries of a list, the largest F_INT or F_MONEY; 0: the type's own */
	const char *const *choices; /* F_CHOICE: NULL-terminated */
	const char *const *labels;  /* beside choices; NULL: the choices themselves */
	/* F_CHOICE: those of a setting; NULL: choices */
	const char *const *(*offered)(struct op *op);
	const char *ref; /* F_REF, F_IDS: resource name */
	/* When two are merged, what stood here and does not any more becomes a record of this resource, in its field of the
	 * same name; one of res->links tells the column that leads from there to the record that stays. NULL: it goes. */
	const char *kept_as;
	const char *help; /* a line under the input; NULL: none */
	enum privacy privacy;
};

/* Rows that point to a record and go with it when it is merged into another (merge.h). */
enum link_flag {
	LINK_SOFT = 1,   /* the table has deleted_at; rows that have left stay where they are */
	LINK_OWNED = 2,  /* a part of the record: comes back whole when the merge is undone */
	LINK_RECORD = 4, /* a record itself: its version counts the change */
	LINK_ONE = 8, /* a record of which there is one for each: two are merged as well; `table` names the resource */
	LINK_OF_KIND = 16, /* the column holds ids of several resources, `resource` says of which */
	LINK_WAITING = 32, /* proposals: only those nobody has decided */
	LINK_SHARED = 64,  /* both may have the same row, as both take part in a call: it stands there once */
};
struct link {
	const char *table, *column;
	const char *key; /* an integer column that tells the table's rows for one record apart */
	unsigned flags;
};

struct resource {
	const char *name;          /* "contacts": table, URL, audit */
	const char *singular;      /* "contact" */
	const char *title;         /* "Contact", for headings and messages */
	const char *new_title;     /* over the form for one that is not there yet; NULL: "New contact" */
	const char *proposal_kind; /* of a proposal to create one; NULL: "record" */
	const struct field *fields;
	size_t nfields;
	const char *label_sql;  /* LABEL_SQL(): one text column, the row's own name, of the row ?1 */
	const char *labels_sql; /* (id, that column) of each in the JSON array ?1 */
	const char *
		options_sql; /* literal: (id, label) to choose from in forms, ?1 = how many; NULL: only found as one types */
	const char *named_sql; /* literal: the ids of that name, ?1, two at most; NULL: named by id only */
	/* Checks that span fields, before anything is written; `all` = the row as it will be. NULL: none. */
	enum status (*check)(struct op *op, int64_t id, struct json_object *all);
	/* Checks that need the row in place: in the transaction, after it was written, deleted or restored. NULL: none. */
	enum status (*settle)(struct op *op, int64_t id);
	/* Makes the child rows of FIELD_OWN_TABLE field f equal to `list`; called in the transaction after the row. */
	enum status (*write_list)(struct op *op, int64_t id, const struct field *f, struct json_object *list);
	/* The present list of such a field, for the diff and for forms. */
	struct json_object *(*read_list)(struct op *op, int64_t id, const struct field *f);
	const struct link *links; /* what points here, for merging; NULL: cannot be merged */
	size_t nlinks;
	bool has_merge_page; /* a person can merge two */
};

/* A row's own name, from the live view; `select` is a literal that ends where its id belongs: "… WHERE id = ". */
#define LABEL_SQL(select)                                                                                              \
	.label_sql = select "?1",                                                                                      \
	.labels_sql = "SELECT wanted.value, (" select "wanted.value) FROM json_each(?1) wanted"

#define FIELD_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* All resources, in the order of the manual (defined in crm/resources.c; core never names one). */
extern const struct resource *const resources[];
const struct resource *resource_find(const char *name);
const struct field *field_find(const struct resource *res, const char *name);

struct write {
	int64_t if_version;  /* < 0: not checked; else E_STALE when the row has another */
	int64_t proposal_id; /* set by approval only: the row's source and proposal_id follow from it */
	const char *source;  /* "user" unless approval or import says otherwise; NULL = "user" */
	/* For writers who are not people: what the proposal says of itself. */
	const struct proposal *proposal;
};

/* Creates (id 0) or changes a record inside the caller's transaction. `changes` holds any of the declared fields;
 * others are ignored. A person's change is validated (all bad fields are reported at once, E_INPUT), compared with the
 * row (no difference: OK and nothing written), applied and audited by the triggers; *id_out is the record. Anybody
 * else's is validated and stored as a proposal: *proposal_out is set and *id_out is 0.
 * E_NOT_FOUND: no live row; E_STALE; E_CONFLICT: a unique value is taken (names the field). */
enum status record_write(struct op *op, const struct resource *res, int64_t id, struct json_object *changes,
	const struct write *how, int64_t *id_out, int64_t *proposal_out);
enum status record_delete(struct op *op, const struct resource *res, int64_t id, int64_t if_version); /* soft */
enum status record_restore(struct op *op, const struct resource *res, int64_t id);

/* What the last change of a record replaced, {"field": old}; of this very request when `here`. NULL when there is no such
 * change, or when the log does not tell the whole of it: nothing is put back by halves. */
struct json_object *record_replaced(struct op *op, const struct resource *res, int64_t id, bool here);
/* Puts that back, the way of any change: record_write(). `version` is the one that the change left.
 * E_CONFLICT: somebody changed the record since, or the log does not tell what was there. */
enum status record_revert(
	struct op *op, const struct resource *res, int64_t id, int64_t version, int64_t *id_out, int64_t *proposal_out);

/* The declared fields of a live (or, with trash, deleted) row, lists included; NULL when there is none. */
struct json_object *record_fields(struct op *op, const struct resource *res, int64_t id);
/* Of these only the fields that `change` names: what it would replace. Empty when there is no such row. */
struct json_object *record_fields_of(struct op *op, const struct resource *res, int64_t id, struct json_object *change);
const char *record_label(struct op *op, const struct resource *res, int64_t id); /* "" when there is none */
/* The same of many in one statement: labels is {"12": null, …}, and each that there is gets its text. */
void record_labels(struct op *op, const struct resource *res, struct json_object *labels);

/* Validates `changes` against the declaration: a new object with typed, normalised values of the declared fields that
 * were present. Records every bad field. NULL when any was bad. `partial`: required fields may be absent. */
struct json_object *record_validate(
	struct op *op, const struct resource *res, struct json_object *changes, bool partial);

/* {"fields":[{name,label,value,error,help,is_text,is_long,is_select,is_check,is_day,is_instant,is_number,is_required,
 * is_pick,is_many,pick_url,max,options:[{value,label,is_selected}]}], "version", "has_errors"} for templates/partials/form: values from `typed`,
 * else from the row (id > 0), else defaults; errors from op->fault. */
struct json_object *record_form(struct op *op, const struct resource *res, int64_t id, struct json_object *typed);

/* OpenAPI 3.1 schema objects of a resource: {"Contact": {…}, "ContactChange": {…}} members put into `schemas`. */
void record_schema(struct pool *p, const struct resource *res, struct json_object *schemas);

#endif
