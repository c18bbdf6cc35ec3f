/* Owns the sentences on top of the digest: our own from its figures, and whether somebody else's may stand there. Never
 * reaches out by itself. Tests: t/unit/digest_narrative.c, t/50-digest-narrative.t */
#include "digest/narrative.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/local.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "digest/section.h"
#include "base/banned.h"

#define TOLD_MAX 1200 /* bytes */

const struct narrator *const narrator_built_in = NULL;

/* ---- another's ---- */
static size_t digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* The number at `s`, n digits long, stands in the facts as a number of its own. */
static bool stands(const char *facts, const char *s, size_t n)
{
	for (const char *at = facts; *(at += strcspn(at, "0123456789")); at += digits(at))
		if (digits(at) == n && !memcmp(at, s, n))
			return true;
	return false;
}

static bool numbers_stand(const char *facts, const char *s)
{
	while (*s) {
		size_t n = digits(s);
		if (n && !stands(facts, s, n))
			return false;
		s += n ? n : 1;
	}
	return true;
}

static const char *refusal(const char *facts, const char *text)
{
	size_t n = strlen(text);
	if (n > TOLD_MAX || str_blank(text))
		return "it is empty or too long";
	if (!utf8_valid(text, n))
		return "it is not UTF-8";
	for (const char *s = text; *s; s++)
		if ((unsigned char)*s < ' ' || *s == '<' || *s == '>')
			return "it is not one plain paragraph";
	if (strstr(text, "://"))
		return "it leads somewhere";
	return numbers_stand(facts, text) ? NULL : "it has a number that the digest has not";
}

const char *narrative_told(struct op *op, struct json_object *document, const struct narrator *who)
{
	const char *address = setting_text(op, "digest_gateway"), *text = NULL, *why = NULL;
	if (!*address || !who || str_eq(setting_text(op, "digest_narrative"), "0"))
		return NULL;
	size_t n;
	const char *facts = json_bytes(op->pool, document, &n);
	int64_t deadline = clock_mono_us() + (int64_t)NARRATIVE_SECONDS * 1000000;
	struct op one = *op; /* its fault is not ours */
	fault_init(&one.fault, op->pool);
	if (!address_is_local(address)) /* asked again: a database can be changed behind the setting's check */
		why = "its address is not on this machine";
	else if (who->ask(&one, address, facts, deadline, &text) || !text)
		why = "it did not answer";
	else if (clock_mono_us() > deadline)
		why = "it took too long";
	else
		why = refusal(facts, text);
	if (why)
		log_info("the digest goes without the gateway's summary", "why", why, NULL);
	return why ? NULL : text;
}

/* ---- our own ---- */
static const char *are(int64_t n)
{
	return n == 1 ? "" : "s";
}

/* Whose they are: nothing where the list was cut and others may belong to it. */
static void say_whose(struct buf *b, struct json_object *doc)
{
	struct json_object *members = json_get(doc, "activity");
	size_t n = json_len(members), most = n > 3 ? 2 : n;
	if (json_true(doc, "has_more_activity"))
		return;
	for (size_t i = 0; i < most; i++)
		buf_printf(b, "%s%s",
			!i           ? " of "
			: i + 1 == n ? " and "
				     : ", ",
			json_text(json_at(members, i), "name"));
	if (most < n)
		buf_str(b, " and others");
	struct json_object *parties = json_get(json_at(members, 0), "parties");
	if (n == 1 && json_len(parties) == 1)
		buf_printf(b, " with %s", json_text(json_at(parties, 0), "name"));
}

static void say_recorded(struct buf *b, struct json_object *doc)
{
	int64_t n = json_int(json_get(doc, "counts"), "recorded");
	if (!n || !json_len(json_get(doc, "activity")))
		return;
	buf_printf(b, "%lld conversation%s or note%s", (long long)n, are(n), are(n));
	say_whose(b, doc);
	buf_printf(b, " %s recorded. ", n == 1 ? "was" : "were");
}

static void say_waiting(struct buf *b, struct json_object *doc)
{
	int64_t pending = json_int(doc, "pending"), tasks = json_int(json_get(doc, "tasks"), "n");
	if (pending)
		buf_printf(b, "%lld proposal%s wait%s for a countersignature. ", (long long)pending, are(pending),
			pending == 1 ? "s" : "");
	if (tasks)
		buf_printf(
			b, "%lld task%s %s due or overdue. ", (long long)tasks, are(tasks), tasks == 1 ? "is" : "are");
}

static void say_radar(struct buf *b, struct json_object *doc)
{
	struct json_object *o = json_get(doc, "unanswered");
	int64_t n = json_int(o, "n");
	if (json_true(o, "has_rows"))
		buf_printf(b, "%s%s%s wait%s for an answer. ", json_text(json_at(json_get(o, "rows"), 0), "title"),
			n > 1 ? " and " : "",
			n > 2    ? "others"
			: n == 2 ? json_text(json_at(json_get(o, "rows"), 1), "title")
				 : "",
			n == 1 ? "s" : "");
}

static void say_health(struct buf *b, struct json_object *doc)
{
	struct json_object *rows = json_get(doc, "mailboxes");
	size_t bad = 0, first = 0;
	for (size_t i = json_len(rows); i-- > 0;)
		if (!json_true(json_at(rows, i), "is_good")) {
			bad++;
			first = i;
		}
	if (bad)
		buf_printf(b, "Capture of %s%s needs a look. ", json_text(json_at(rows, first), "address"),
			bad > 1 ? " and others" : "");
}

static const char *own(struct op *op, struct json_object *doc)
{
	struct buf *b = buf_new(op->pool, 65536);
	say_recorded(b, doc);
	say_waiting(b, doc);
	say_radar(b, doc);
	say_health(b, doc);
	return b->len ? str_trim(op->pool, b->data) : NULL;
}

void narrative_add(struct op *op, struct json_object *document, const char *told)
{
	bool wanted = !json_true(document, "is_quiet") && !str_eq(setting_text(op, "digest_narrative"), "0");
	const char *text = !wanted ? NULL : told ? told : own(op, document);
	json_set_text(document, "narrative", text);
	json_set_text(document, "narrative_lines", text ? section_wrapped(op->pool, 0, text) : NULL);
	json_set_bool(document, "has_narrative", text != NULL);
}
