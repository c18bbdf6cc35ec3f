/* Owns what a fund sets: each key with its default and its check. Tests: t/unit/core_settings.c */
#include "core/settings.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/local.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/stages.h"
#include "db/db.h"
#include "mail/addr.h"
#include "base/banned.h"

static bool is_short(const char *s)
{
	return strlen(s) <= 100 && !str_blank(s);
}

static bool is_domains(const char *s)
{
	struct pool *p = pool_new();
	size_t n;
	char **all = str_split(p, s, ", \n", &n);
	bool good = strlen(s) <= 2000;
	for (size_t i = 0; i < n; i++)
		good &= addr_valid(pool_printf(p, "x@%s", all[i]));
	pool_free(p);
	return good;
}

static bool is_addresses(const char *s)
{
	struct pool *p = pool_new();
	size_t n;
	char **all = str_split(p, s, ", \n", &n);
	bool good = strlen(s) <= 4000;
	for (size_t i = 0; i < n; i++)
		good &= addr_valid(all[i]);
	pool_free(p);
	return good;
}

static bool is_url(const char *s)
{
	return (str_starts(s, "http://") || str_starts(s, "https://")) && strlen(s) <= 200 &&
	       !strpbrk(s, " \t\r\n\"<>");
}

static bool is_hour(const char *s)
{
	int64_t n;
	return str_i64(s, 0, 23, &n);
}

/* A list of some of these words, each once at most. */
static bool is_some_of(const char *s, const char *const *words, size_t least)
{
	struct pool *p = pool_new();
	size_t n, known = 0;
	char **all = str_split(p, s, ", ", &n);
	for (; *words; words++) {
		size_t times = 0;
		for (size_t i = 0; i < n; i++)
			times += str_eq(all[i], *words);
		known += times == 1;
	}
	pool_free(p);
	return n >= least && known == n;
}

const char *const digest_days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
const char *const digest_sections[] = {"activity", "pipeline", "waiting", "radar", "health", NULL};
const char *const digest_recipients_choices[] = {"admins", "asked", NULL};

static bool is_days(const char *s)
{
	return is_some_of(s, digest_days, 1);
}

static bool is_sections(const char *s)
{
	return str_eq(s, "none") || is_some_of(s, digest_sections, 1);
}

static bool is_recipients(const char *s)
{
	return is_some_of(s, digest_recipients_choices, 1) && !strpbrk(s, ", ");
}

static bool is_patience(const char *s)
{
	int64_t n;
	return str_i64(s, 1, 90, &n);
}

static bool is_gateway_or_empty(const char *s)
{
	return !*s || address_is_local(s);
}

static bool is_megabytes(const char *s)
{
	int64_t n;
	return str_i64(s, 1, 50, &n);
}

static bool is_lifetime(const char *s)
{
	int64_t n;
	return str_i64(s, 0, 3650, &n);
}

static bool is_day_or_empty(const char *s)
{
	return !*s || day_valid(s);
}

static bool is_flag(const char *s)
{
	return str_eq(s, "0") || str_eq(s, "1");
}

const char *const visibilities[] = {"everyone", "subject", "metadata", "private", NULL};
const char *const visibility_labels[] = {"Everyone reads its mail", "Others see the subjects",
	"Others see who wrote to whom, and when", "Others see nothing of it", NULL};

bool visibility_valid(const char *s)
{
	return is_some_of(s, visibilities, 1) && !strpbrk(s, ", ");
}

/* A key without a label is not offered on the settings page. */
const struct setting settings[] = {
	{.key = "fund_name",
		.label = "Fund name",
		.help = "Shown on every page and in the digest.",
		.def = "Countersign",
		.must = "is required, up to 100 characters",
		.valid = is_short},
	{.key = "own_domains",
		.label = "Own domains",
		.help = "Mail among these domains is internal and is not kept. Separated by commas.",
		.def = "",
		.must = "must be domains such as fund.example, separated by commas",
		.valid = is_domains},
	{.key = "own_addresses",
		.label = "Own addresses",
		.help = "Shared mailboxes and groups outside the own domains. Separated by commas.",
		.def = "",
		.must = "must be e-mail addresses, separated by commas",
		.valid = is_addresses},
	{.key = "own_groups",
		.label = "Own groups",
		.help = "Lists of yours that put their own address into From (\"Maria via IR\"). Whom they name as the "
			"writer counts as "
			"the sender. Separated by commas.",
		.def = "",
		.must = "must be e-mail addresses, separated by commas",
		.valid = is_addresses},
	{.key = "time_zone",
		.label = "Time zone",
		.help = "An IANA name such as Europe/Zurich. Days begin there.",
		.def = "UTC",
		.must = "must be an IANA name such as Europe/Zurich",
		.valid = zone_known},
	{.key = "base_url",
		.label = "Address of this installation",
		.help = "Links in the digest begin with it.",
		.def = "http://127.0.0.1:8080",
		.must = "must begin with http:// or https://",
		.valid = is_url},
	{.key = "digest_hour",
		.label = "Digest hour",
		.help = "Local hour after which the daily digest is made, 0 to 23.",
		.def = "7",
		.must = "must be an hour, 0 to 23",
		.valid = is_hour},
	{.key = "digest_days",
		.label = "Digest days",
		.help = "Days on which it is made, such as mon,tue,wed,thu,fri.",
		.def = "mon,tue,wed,thu,fri",
		.must = "must be days such as mon,tue,wed",
		.valid = is_days},
	{.key = "digest_recipients",
		.label = "Recipients",
		.help = "admins: active administrators and whoever asked for it; asked: only the latter.",
		.def = "admins",
		.must = "must be admins or asked",
		.valid = is_recipients},
	{.key = "digest_sections",
		.label = "Sections",
		.help = "Any of activity,pipeline,waiting,radar,health, or none: the counts alone.",
		.def = "activity,pipeline,waiting,radar,health",
		.must = "must be any of activity,pipeline,waiting,radar,health, or none",
		.valid = is_sections},
	{.key = "digest_unanswered_days",
		.label = "Days without an answer",
		.help = "After so many an investor who wrote last is on the radar. 1 to 90.",
		.def = "3",
		.must = "must be 1 to 90",
		.valid = is_patience},
	{.key = "digest_narrative",
		.label = "Summary",
		.help = "1: a few sentences on top. 0: none.",
		.def = "1",
		.must = "must be 0 or 1",
		.valid = is_flag},
	{.key = "digest_gateway",
		.help = "On this machine only: unix:/path or http:// with a loopback address in digits.",
		.def = "",
		.must = "must be on this machine: unix:/path, or http:// with a loopback address in digits",
		.valid = is_gateway_or_empty},
	{.key = "attachment_max_mb",
		.label = "Largest attachment kept (MB)",
		.help = "A larger one is described, not stored. 1 to 50.",
		.def = "25",
		.must = "must be 1 to 50",
		.valid = is_megabytes,
		.type = "number"},
	{.key = "propose_from",
		.label = "Propose from",
		.help = "Mail before this day is kept but makes no proposals. Empty: all of it does.",
		.def = "",
		.must = "must be a day, or empty",
		.valid = is_day_or_empty,
		.type = "date"},
	{.key = "proposal_days",
		.label = "Proposals wait (days)",
		.help = "What nobody decided in so many days expires; new evidence brings it back. 0: never.",
		.def = "60",
		.must = "must be 0 to 3650",
		.valid = is_lifetime,
		.type = "number"},
	{.key = "mailbox_visibility",
		.label = "Who reads a new mailbox",
		.help = "What the rest of the team sees of a mailbox that is added from now on. Its owner may say "
			"otherwise.",
		.def = "everyone",
		.must = "must be everyone, subject, metadata or private",
		.valid = visibility_valid,
		.choices = visibilities,
		.labels = visibility_labels},
	{.key = "stages",
		.label = "Stages of the pipeline",
		.help = "One a line, in their order, with the percent that come to a commitment: diligence 50. What "
			"is over goes into one that archives: lost archives.",
		.def = STAGES_DEFAULT,
		.must = "must be one a line, each once and with its percent, such as diligence 50, or archives",
		.valid = stages_valid,
		.fits = stages_fit,
		.type = "lines"},
	{.key = "is_demo", .def = "0", .must = "must be 0 or 1", .valid = is_flag},
	{.key = NULL},
};

static const struct setting *find(const char *key)
{
	for (const struct setting *s = settings; s->key; s++)
		if (str_eq(s->key, key))
			return s;
	return NULL;
}

const char *setting_text(struct op *op, const char *key)
{
	const struct setting *s = find(key);
	if (!s)
		BUG("no such setting: %s", key);
	const char *value = db_one_text(op, "SELECT value FROM settings WHERE key = ?", key);
	return value ? value : s->def;
}

int64_t setting_int(struct op *op, const char *key)
{
	int64_t n;
	return str_i64(setting_text(op, key), INT64_MIN, INT64_MAX, &n) ? n : 0;
}

enum status setting_set(struct op *op, const char *key, const char *value)
{
	const struct setting *s = find(key);
	if (!s)
		return fail(op, E_INPUT, key, "is not a setting");
	value = str_trim(op->pool, value);
	if (!s->valid(value))
		return fail(op, E_INPUT, key, "%s", s->must);
	enum status st = s->fits ? s->fits(op, value) : OK;
	if (st)
		return st;
	return db_run(op,
		"INSERT INTO settings (key, value, updated_by) VALUES (?, ?, nullif(?, 0)) ON CONFLICT (key) DO UPDATE "
		"SET"
		" value = excluded.value, updated_at = ctx_now(), updated_by = excluded.updated_by",
		key, value, op->actor.user_id);
}

/* ---- taking back ---- */
int64_t settings_changed(struct op *op)
{
	int64_t id = 0;
	if (op->request_id)
		db_one_int(op, &id, "SELECT max(id) FROM audit_seen WHERE resource = 'settings' AND request_id = ?",
			op->request_id);
	return id;
}

static enum status put_back(struct op *op, struct json_object *changes)
{
	enum status st = OK;
	if (!json_object_is_type(changes, json_type_object))
		return OK;
	json_object_object_foreach(changes, key, pair)
	{
		const struct setting *s = find(key);
		const char *old = json_object_get_string(json_at(pair, 0)),
			   *new = json_object_get_string(json_at(pair, 1));
		if (s && str_eq(setting_text(op, key), new) && !st)
			st = setting_set(op, key, old ? old : s->def);
	}
	return st;
}

enum status settings_revert(struct op *op, int64_t entry)
{
	struct json_object *rows = db_array(op,
		"SELECT id, changes_json FROM audit_seen WHERE resource = 'settings' AND request_id = (SELECT "
		"request_id FROM"
		" audit_seen WHERE resource = 'settings' ORDER BY id DESC LIMIT 1) ORDER BY id DESC LIMIT 100");
	enum status st = op->fault.status;
	if (!st && json_int(json_at(rows, 0), "id") != entry)
		return fail(op, E_CONFLICT, NULL, "the settings were changed since: they stay as they are now");
	for (size_t i = 0; i < json_len(rows) && !st; i++)
		st = put_back(op, json_get(json_at(rows, i), "changes_json"));
	return st;
}
