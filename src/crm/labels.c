/* Owns the words shown for stored values. Never asks the database. Tests: t/60-pages.t */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "crm/crm.h"
#include "base/banned.h"

struct word {
	const char *value, *label;
};

static const char *word(const struct word *words, const char *value)
{
	if (!value)
		return NULL;
	for (; words->value; words++)
		if (str_eq(words->value, value))
			return words->label;
	return value;
}

const char *kind_label(const char *kind)
{
	static const struct word words[] = {{"email", "E-mail"}, {"call", "Call"}, {"meeting", "Meeting"},
		{"note", "Note"}, {"thread", "Mail thread"}, {"task", "Task"}, {"commitment", "Commitment"},
		{"move", "Stage move"}, {"change", "Change"}, {NULL, NULL}};
	return word(words, kind);
}

const char *proposal_kind_label(const char *kind)
{
	static const struct word words[] = {{"activity", "Activity"}, {"contact", "New person"},
		{"address", "New address"}, {"field", "Change"}, {"task", "Task"}, {"merge", "Merge"},
		{"record", "Change"}, {NULL, NULL}};
	return word(words, kind);
}

const char *direction_label(const char *direction)
{
	static const struct word words[] = {
		{"in", "They wrote or called"}, {"out", "We wrote or called"}, {"both", "Both ways"}, {NULL, NULL}};
	return word(words, direction);
}

const char *action_label(const char *action)
{
	static const struct word words[] = {{"create", "created"}, {"update", "changed"}, {"delete", "deleted"},
		{"restore", "restored"}, {"approve", "countersigned"}, {"dismiss", "dismissed"},
		{"propose", "proposed"}, {"undo", "undid"}, {"snooze", "put off"}, {"expire", "let expire"},
		{"purge", "purged mail by"}, {"split", "split"}, {"move", "moved a message of"}, {"merge", "merged"},
		{"retry", "tried again"}, {"skip", "skipped"}, {"view_as", "looked as"},
		{"view_as_end", "stopped looking as"}, {NULL, NULL}};
	return word(words, action);
}

const char *resource_label(const char *resource)
{
	const struct resource *res = resource ? resource_find(resource) : NULL;
	static const struct word words[] = {{"proposals", "Proposal"}, {"settings", "Settings"},
		{"mailboxes", "Mailbox"}, {"rules", "Rule"}, {"threads", "Mail thread"}, {"outbox", "Outgoing mail"},
		{"sessions", "Session"}, {"digests", "Digest"}, {"users", "User"}, {NULL, NULL}};
	return res ? res->title : word(words, resource);
}

const char *state_label(const char *state)
{
	static const struct word words[] = {{"pending", "Waiting"}, {"approved", "Countersigned"},
		{"edited", "Countersigned with changes"}, {"dismissed", "Dismissed"}, {"expired", "Expired"},
		{NULL, NULL}};
	return word(words, state);
}

const char *choice_label(const char *const *values, const char *const *labels, const char *value)
{
	for (size_t i = 0; values[i]; i++)
		if (str_eq(values[i], value))
			return labels[i];
	return value;
}

const char *sight_label(int64_t level, int64_t audience)
{
	static const char *const others[] = {
		NULL, "Others see the subject", "Others see who and when", "Only whose mailbox holds it sees this"};
	return level == 1 ? "You see the subject" : level == 2 ? "You see who and when" : others[audience];
}

/* Every row of every list has one: put together by hand. */
const char *url_with(struct pool *p, const char *base, int64_t id)
{
	char text[INT_SIZE];
	const char *digits = str_int(text, id);
	size_t n = strlen(base), len = strlen(digits);
	char *url = pool_alloc(p, n + 1 + len + 1);
	memcpy(url, base, n);
	url[n] = '/';
	memcpy(url + n + 1, digits, len);
	return url;
}

const char *resource_url(struct pool *p, const char *resource, int64_t id)
{
	static const struct word bases[] = {{"contacts", "/contacts"}, {"organizations", "/organizations"},
		{"affiliations", "/affiliations"}, {"investors", "/investors"}, {"communications", "/communications"},
		{"tasks", "/tasks"}, {"funds", "/funds"}, {"commitments", "/commitments"},
		{"opportunities", "/opportunities"}, {"proposals", "/review"}, {"mailboxes", "/capture"},
		{"threads", "/mail"}, {"digests", "/digests"}, {NULL, NULL}};
	for (const struct word *w = bases; resource && id > 0 && w->value; w++)
		if (str_eq(w->value, resource))
			return url_with(p, w->label, id);
	return NULL;
}

const char *count_label(struct pool *p, int64_t n, bool more)
{
	return n > COUNT_MAX ? "1,000+" : pool_printf(p, "%lld%s", (long long)n, more ? "+" : "");
}

void set_count(struct pool *p, struct json_object *o, const char *name, int64_t n, bool more)
{
	json_set_int(o, name, n > COUNT_MAX ? COUNT_MAX : n);
	json_set_text(o, pool_printf(p, "%s_label", name), count_label(p, n, more));
}

void set_has(struct json_object *o, const char *has_name, bool has)
{
	json_set_bool(o, has_name, has);
}

void set_url(struct pool *p, struct json_object *o, const char *base, int64_t id)
{
	json_set_text(o, "url", url_with(p, base, id));
}

void rows_urls(struct rows *t, const char *base)
{
	if (!t->n)
		return;
	struct cell *id = rows_at(t, 0, "id"), *url = rows_at(t, 0, "url");
	for (size_t row = 0; row < t->n; row++, id += t->columns, url += t->columns)
		*url = cell_text(url_with(t->pool, base, id->i));
}

void rows_kinds(struct rows *t, const char *const *kinds, const char *const *labels)
{
	if (!t->n)
		return;
	struct cell *kind = rows_at(t, 0, "kind"), *label = rows_at(t, 0, "kind_label");
	for (size_t row = 0; row < t->n; row++, kind += t->columns, label += t->columns)
		for (size_t i = 0; kinds[i]; i++)
			if (kind->type == CELL_TEXT && str_eq(kinds[i], kind->s)) {
				*label = cell_text(labels[i]);
				break;
			}
}
