/* Exclusion rules: what somebody wants left out of capture, tried before it is saved. Reads counts, never the mail: mail-sync
 * carries out what is decided here. Everybody sees the fund's rules and his own.
 *
 * rules/list     data: [{id, kind, kind_label, value, user_id, is_fund, label ("Mail with x@y.example"), whose ("Everybody's
 *                mail", "Your mail"), created_at, created_by_name, deleted_at (retracted), is_retracted, copies, hidden,
 *                messages, bytes, files, ended_at, is_under_way, has_purged, may_retract, url}]
 *                parameters: q (in the value), state (live retracted), limit, after; newest first. view.form as below
 * rules/preview  parameters: kind (address domain list automatic label size), value, scope (mine fund)
 *                data: {kind, value, scope, label, whose, mailboxes, hides, purges, stays, bytes, recorded, is_empty, has_hides,
 *                has_recorded}: what saving would do to what is stored
 *                view.form {kinds, scopes [{value, label, is_selected}], value, error, has_error}  view.has_effect
 *                view.problem (what is wrong with the whole, or null), has_problem
 * POST           the parameters of the preview, and purges and hides as it said: 409 when that has changed
 * Tests: t/40-rules.t */
#include "core/rule.h"

#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "crm/crm.h"
#include "base/banned.h"

static const char *const kind_labels[] = {"An address", "Everybody at a domain", "A mailing list",
	"Automatic mail (notices, newsletters, out-of-office replies)", "A folder or flag",
	"Mail larger than so many MB", NULL};
static const char *const scopes[] = {"mine", "fund", NULL};
static const char *const scope_labels[] = {"My mailboxes", "All mailboxes of the fund", NULL};

static const char *label_of(struct pool *p, enum rule_kind kind, const char *value)
{
	static const char *const words[RULE_KIND_COUNT] = {
		[RULE_ADDRESS] = "Mail with %s",
		[RULE_DOMAIN] = "Mail with anybody at %s",
		[RULE_LIST] = "Mail of the list %s",
		[RULE_LABEL] = "Mail in %s",
		[RULE_SIZE] = "Mail larger than %s MB",
	};
	if (kind == RULE_AUTOMATIC)
		return "Automatic mail";
	if (kind == RULE_LIST && !*value)
		return "Mail of any list";
	const char *word = words[kind], *at = strstr(word, "%s");
	return pool_printf(p, "%.*s%s%s", (int)(at - word), word, value, at + 2);
}

static const char *whose(bool is_fund)
{
	return is_fund ? "Everybody's mail" : "Your mail";
}

static void form(struct req *r)
{
	struct json_object *all = r->view, *f = json_obj(r->op.pool);
	const char *kind = json_text(r->in, "kind"), *value = json_text(r->in, "value"),
		   *scope = json_text(r->in, "scope"), *error = NULL, *problem = NULL;
	for (struct fault_item *i = r->op.fault.items; i; i = i->next)
		*(str_eq(i->field, "value") ? &error : &problem) = i->message;
	r->view = f;
	out_options(r, "kinds", rule_kinds, kind_labels, kind);
	out_options(r, "scopes", scopes, scope_labels, scope);
	r->view = all;
	json_set_text(f, "value", value ? value : "");
	json_set_text(f, "error", error);
	set_has(f, "has_error", error != NULL);
	json_set(all, "form", json_object_get(f));
	json_set_text(all, "problem", problem);
	set_has(all, "has_problem", problem != NULL);
	json_set_text(all, "title", "Rules");
}

/* ---- the list ---- */
static void row(struct req *r, struct json_object *o)
{
	struct rule rule = rule_read(o);
	bool is_fund = !rule.user_id, live = json_text(o, "deleted_at") == NULL;
	json_set_text(o, "kind_label", kind_labels[rule.kind]);
	json_set_text(o, "label", label_of(r->op.pool, rule.kind, rule.value));
	json_set_bool(o, "is_fund", is_fund);
	json_set_text(o, "whose", whose(is_fund));
	json_set_bool(o, "is_retracted", !live);
	json_set_bool(o, "is_under_way", live && !json_text(o, "ended_at"));
	set_has(o, "has_purged", json_int(o, "copies") > 0);
	json_set_bool(
		o, "may_retract", live && actor_may_sign(&r->op.actor) && (!is_fund || r->op.actor.role == ROLE_ADMIN));
	set_url(r->op.pool, o, "/rules", rule.id);
}

enum status rules_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-created", "Newest"}, {NULL, NULL}};
	static const char *const states[] = {"live", "retracted", NULL};
	static const char *const state_labels[] = {"In force", "Retracted", NULL};
	struct list l;
	list_open(&l, r, "/rules", sorts);
	const char *state = list_choice(&l, "state", "State", states, state_labels, "All", NULL);
	query_add(&l.query,
		"SELECT r.id, r.kind, r.value, r.user_id, r.created_at, u.name AS created_by_name, r.deleted_at, "
		"p.copies, "
		"p.hidden, p.messages, p.bytes, p.files, p.ended_at FROM (SELECT * FROM rules_live UNION ALL SELECT * "
		"FROM rules_trash) r JOIN purges p ON p.rule_id = r.id LEFT JOIN users u ON u.id = r.created_by WHERE "
		"(r.user_id IS NULL OR r.user_id = ?)",
		r->op.actor.viewer_id ? 0 : r->op.actor.user_id); /* one's own are nobody else's to see */
	if (state)
		query_add(&l.query, " AND (r.deleted_at IS NULL) = ?", str_eq(state, "live"));
	if (l.q)
		query_add(&l.query, " AND r.value LIKE ? ESCAPE '\\'", l.q);
	if (l.after_key)
		query_add(&l.query, " AND r.id < ?", l.after_id);
	query_add(&l.query, " ORDER BY r.id DESC LIMIT ?", l.limit + 1);
	struct json_object *rows = list_objects(&l, "id", "id");
	for (size_t i = 0; i < json_len(rows); i++)
		row(r, json_at(rows, i));
	form(r);
	return OK;
}

/* ---- trying and saving ---- */
static enum status read(struct req *r, struct rule *rule)
{
	int kind = in_choice(r, "kind", rule_kinds, RULE_ADDRESS), scope = in_choice(r, "scope", scopes, 0);
	const char *typed = in_text(r, "value", 300);
	if (r->op.fault.status)
		return r->op.fault.status;
	if (scope && r->op.actor.role != ROLE_ADMIN)
		return fail(&r->op, E_FORBIDDEN, "scope", "a rule for the whole fund takes an administrator");
	*rule = (struct rule){.user_id = scope ? 0 : r->op.actor.user_id, .kind = kind};
	rule->value = rule_value(&r->op, rule->kind, typed);
	return r->op.fault.status;
}

static void effect_document(struct req *r, const struct rule *rule, const struct rule_effect *e)
{
	struct json_object *data = out_data(r, json_obj(r->op.pool));
	json_set_text(data, "kind", rule_kinds[rule->kind]);
	json_set_text(data, "value", rule->value);
	json_set_text(data, "scope", scopes[!rule->user_id]);
	json_set_text(data, "label", label_of(r->op.pool, rule->kind, rule->value));
	json_set_text(data, "whose", whose(!rule->user_id));
	json_set_int(data, "mailboxes", e->mailboxes);
	json_set_int(data, "hides", e->hides);
	json_set_int(data, "purges", e->purges);
	json_set_int(data, "bytes", e->bytes);
	json_set_int(data, "recorded", e->recorded);
	json_set_bool(data, "is_empty", !e->hides && !e->purges);
	set_has(data, "has_hides", e->hides > 0);
	set_has(data, "has_recorded", e->recorded > 0);
}

/* What was typed, and what it would do now when that can be said. */
static void preview(struct req *r)
{
	struct rule rule;
	struct rule_effect e = {0};
	form(r);
	struct fault said = r->op.fault;
	fault_init(&r->op.fault, r->op.pool);
	bool good = json_text(r->in, "kind") && said.status != E_INPUT && !read(r, &rule) &&
		    !rule_measure(&r->op, &rule, &e);
	r->op.fault = said;
	if (!good)
		rule = (struct rule){.user_id = 1, .value = ""};
	effect_document(r, &rule, &e);
	json_set_bool(r->view, "has_effect", good);
}

enum status rules_preview(struct req *r)
{
	struct rule rule;
	r->form = preview;
	enum status st = json_text(r->in, "kind") ? read(r, &rule) : OK; /* nothing asked yet: an empty form */
	if (!st)
		preview(r);
	return st;
}

enum status rules_create(struct req *r)
{
	struct rule rule;
	struct rule_effect e;
	r->form = preview;
	enum status st = read(r, &rule);
	int64_t purges = in_int(r, "purges", -1, 0, INT64_MAX), hides = in_int(r, "hides", -1, 0, INT64_MAX);
	if (!st && (purges < 0 || hides < 0))
		st = fail(&r->op, E_INPUT, "purges", "and hides are what the preview said: look at it first");
	if (!st)
		st = rule_measure(&r->op, &rule, &e);
	if (!st && (purges != e.purges || hides != e.hides))
		st = fail(&r->op, E_CONFLICT, "purges", "mail came or went meanwhile: look again at what it would do");
	if (!st)
		st = rule_save(&r->op, &rule);
	if (st || !r->is_api)
		return st ? st : reply_see(r, "Rule saved. It holds from now on", "/rules");
	effect_document(r, &rule, &e);
	json_set_int(json_get(r->out, "data"), "id", rule.id);
	r->location = pool_printf(r->op.pool, "/api/rules/%lld", (long long)rule.id);
	return OK;
}

enum status rules_retract(struct req *r)
{
	int64_t id = in_id(r, "id");
	enum status st = id ? rule_retract(&r->op, id) : r->op.fault.status;
	return st || r->is_api ? st : reply_see(r, "Rule retracted. What it left out can be captured again", "/rules");
}
