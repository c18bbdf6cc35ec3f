/* Capture: from a source's listing to stored messages, a ledger that adds up, and proposals. Runs as a system actor: it
 * may store mail and propose, never touch a record. */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/user.h"
#include "db/op.h"
#include "mail/authres.h"
#include "mail/message.h"
#include "source/source.h"

struct parser;

#define CAPTURE_PAUSE 3600 /* seconds: how long a mailbox rests that somebody has to mend */

struct capture_report {
	int64_t listed, stored, excluded, failed, gone, fresh; /* fresh: new in this run */
	/* What --verify found: listed but not in the ledger; in the ledger but not listed any more; called gone, but listed. */
	int64_t missing, left, returned;
	struct json_object *differences; /* the first of them: [{source_id, difference}] */
	bool was_locked;                 /* another run is at this mailbox; nothing was done */
};

struct capture_options {
	bool full;   /* failed messages are tried again, whatever their attempts */
	bool verify; /* lists and compares; changes nothing */
	/* After each turn; `us`: microseconds since the run began with what it listed. */
	void (*progress)(void *arg, const char *address, int64_t done, int64_t total, int64_t us);
	void *arg;
};

/* A run over one mailbox: capture_open() lists, each turn takes one batch, capture_close() ends it, with the status so
 * far, and says what became of it. Turns of several runs may alternate, so that a mailbox with much to fetch keeps none
 * from its mail. op->db is a DB_SYSTEM connection; op, options and report outlive the run. A message that cannot be read
 * or stored is a `failed` row and no failure of the run. Close what was opened, also after a failure. */
struct capture;
enum status capture_open(struct op *op, struct parser *parser, int64_t mailbox_id, const struct capture_options *o,
	struct capture_report *report, struct capture **out);
bool capture_has_more(const struct capture *c);
enum status capture_turn(struct capture *c);
enum status capture_close(struct capture *c, enum status st);

/* Does to stored mail what rules say that were saved meanwhile. */
enum status capture_purge(struct op *op);
/* A rule that was carried out takes more now: it is to be carried out once more. In a transaction. */
enum status purge_again(struct op *op, int64_t rule_id);
/* People and firms that are probably there twice, of those that changed: proposed as merges. In transactions of its own. */
enum status propose_merges(struct op *op);

/* ---- between the files of this room ---- */
struct mailbox {
	int64_t id;
	const char *address, *source, *path, *propose_from, *authserv_id;
	int64_t user_id; /* 0: a shared one */
};

/* What is decided about a message before it is stored. */
struct judged {
	struct mail_message *m;
	const char *raw;
	size_t len;
	const char *raw_sha256;     /* of what is not left out: judge()'s */
	const char *content_sha256; /* message_content_sha256()'s, likewise; NULL: nobody can say */
	int64_t sent_at;
	bool is_out;          /* we sent it, for all that is known */
	bool is_sent;         /* we sent it: where it lies says so, or that no server ever took it */
	bool has_sent_folder; /* its mailbox has a folder for what we sent */
	const struct own *own;
	const char *rule;               /* excluded by this rule; NULL: stored */
	const char *authserv_id;        /* whose word on its sender counts; NULL: nobody's */
	enum authenticity authenticity; /* AUTH_UNKNOWN for what we sent ourselves */
	const char *warnings;           /* words with one space between; "" */
	const char **domains;           /* of the known people in it */
	size_t domain_count;
	int64_t *contacts, *organizations; /* of known people, each once */
	size_t contact_count, organization_count;
	bool has_files; /* original and attachments are in the content store */
};

/* rules.c: what people want left out. rules_match gives the first rule that takes it, 0 when none does. */
struct rules;
struct rules *rules_load(struct op *op, int64_t user_id); /* the fund's and this user's */
int64_t rules_match(const struct rules *rules, const struct source_item *item, const struct judged *j);
/* The first that takes a copy by its folder or flags alone, 0: none does. */
int64_t rules_match_label(const struct rules *rules, const struct source_item *item);
const char *rule_name(struct pool *p, int64_t id); /* as the ledger has it, "rule/12" */

/* match.c: privacy rule, direction, who is known; then the rules. */
void judge(struct op *op, const struct own *own, const struct rules *rules, const struct source_item *item,
	struct judged *j);
/* Is it one of whom the message is between? Of no use before its direction is known. */
bool takes_part(const struct judged *j, const struct mail_addr *a);

/* group.c: of mail that a group of ours passed on under its own address, the writer becomes the sender again. Before all else
 * that is judged. */
void ungroup(struct op *op, const struct own *own, struct mail_message *m);

/* sent.c: the direction of mail with one of us in From, once its authenticity is known. What only claims to be ours came
 * in, and is unverified. */
void direct(struct op *op, const struct source_item *item, struct judged *j);

/* doubt.c: authenticate() asks the mailbox's receiver, doubt() sets the warnings of mail that came in. */
void authenticate(struct op *op, struct judged *j);
void doubt(struct op *op, const struct own *own, struct judged *j);

/* blob.c: content by its hash in DATA/mail/store. A row may refer to it once blob_sync() has returned OK. */
enum status blob_put(struct op *op, const void *data, size_t n, const char *sha256);
enum status blob_sync(struct op *op);
/* While it is held nothing is removed from the store: from before the first blob_put() until the rows that refer to the
 * files are committed. A descriptor to be closed, -1 when it cannot be held. */
int blob_hold(struct op *op);
/* To be removed, in a transaction; rule_id: on whose receipt it is counted, 0: on nobody's. */
enum status blob_discard(struct op *op, const char *sha256, int64_t rule_id);
enum status blobs_remove(struct op *op); /* what waits for it and nothing refers to; leaves it while others store */
/* Files that no row has ever referred to, or does any more: what a run left that was killed before its rows. Counts them,
 * and removes them when `take`. Looks at every file; outside a transaction. */
enum status blobs_strays(struct op *op, bool take, int64_t *n);

/* join.c: the thread of a message; existing threads that it connects are merged. */
enum status thread_join(struct op *op, const struct judged *j, int64_t *thread_id);

/* store.c: the rows of one message, or the one that is there already. */
struct stored {
	int64_t message_id, thread_id;
	bool is_new;
	bool is_turned; /* it was there with the wrong direction: this copy tells */
};
enum status store_blobs(struct op *op, struct judged *j, int64_t attachment_max);
bool store_knows(
	struct op *op, const struct judged *j); /* it was stored already, so that a copy's files are not needed */
enum status store_message(struct op *op, const struct judged *j, int64_t attachment_max, struct stored *out);

/* bounce.c: after a message was stored. bounce_note: of a delivery report, which mail came back and whose address it was.
 * bounce_found: of mail we sent, the reports that were stored before it. Both propose that a dead address goes, for reports
 * since propose_from. */
enum status bounce_note(struct op *op, const struct judged *j, const struct stored *s, int64_t propose_from);
enum status bounce_found(struct op *op, const struct judged *j, const struct stored *s, int64_t propose_from);

/* keep.c: a message whose parsed form is known, with the mailboxes that hold it; its files are not kept. In the caller's
 * transaction. j->m, raw and len are set; the rest is judged. */
struct copy {
	int64_t mailbox_id;
	const char *source_id;
};
enum status keep(struct op *op, const struct own *own, const struct rules *rules, struct judged *j,
	const struct copy *copies, size_t n, int64_t propose_from, const char *zone);

/* ledger.c */
struct entry {
	const struct source_item *item;
	const char *state, *rule, *reason;
	int64_t message_id, sent_at;
	bool is_passing; /* failed, but not for the message's sake: no attempt that counts */
};
enum status ledger_put(struct op *op, int64_t mailbox_id, const struct entry *e);
enum want {
	WANT_NOT,
	WANT_NEW,    /* not accounted for yet */
	WANT_AGAIN,  /* left out, and somebody asked to look again */
	WANT_LABELS, /* accounted for, but it lies elsewhere or is marked otherwise than the ledger has it */
};
enum want ledger_wants(struct op *op, int64_t mailbox_id, const struct source_item *item, bool full,
	const char *again_until); /* when that was asked; NULL: it was not */
enum status ledger_label(struct op *op, int64_t mailbox_id, const struct source_item *item);
bool ledger_has(struct op *op, int64_t mailbox_id, const char *source_id);
/* The row of item->was becomes that of item->id, which has none. */
enum status ledger_rename(struct op *op, int64_t mailbox_id, const struct source_item *item);
enum status ledger_gone(struct op *op, int64_t mailbox_id, const char *const *sorted_ids, size_t n);
/* Source and ledger side by side, into r. `whole`: the listing is complete, so that what it lacks has left. */
enum status ledger_compare(struct op *op, int64_t mailbox_id, const char *const *sorted_ids, size_t n, bool whole,
	struct capture_report *r);
void ledger_count(struct op *op, int64_t mailbox_id, struct capture_report *r);

/* propose.c, propose_people.c, propose_task.c: after a message was stored, in its transaction. */
int64_t investor_of(struct op *op, int64_t organization, int64_t contact); /* the investor that either is; 0: none */
/* The same for what is proposed of a contact at an organization. When neither invests, but another organization does that the
 * contact belongs to now, it waits under that one: *organization becomes it. */
int64_t investor_near(struct op *op, int64_t *organization, int64_t contact);
/* The one for that thread and day, made or brought up to date; *id: it, or 0 when there is nothing to say. */
enum status propose_activity(struct op *op, int64_t thread_id, int64_t sent_at, const char *zone, int64_t *id);
enum status propose_people(struct op *op, const struct own *own, const struct judged *j, const struct stored *s);
enum status propose_tasks(
	struct op *op, const struct own *own, const struct judged *j, const struct stored *s, const char *zone);
/* Everything a message gives rise to. */
enum status propose_all(
	struct op *op, const struct own *own, const struct judged *j, const struct stored *s, const char *zone);

/* activities.c: what waits is made again where threads or decisions changed since (activities_queue). In the caller's
 * transaction, as the system. */
enum status activities_settle(struct op *op, const char *zone);

#endif
