/* Owns what a fund sets: each key with its default and its check. Tests: t/unit/core_settings.c */
#include "core/settings.h"

#include <string.h>

#include "base/clock.h"
#include "base/local.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
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
const char *const digest_sections[] = {"activity", "waiting", "radar", "health", NULL};
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

bool visibility_valid(const char *s)
{
	return str_eq(s, "everyone") || str_eq(s, "subject") || str_eq(s, "metadata") || str_eq(s, "private");
}

/* A key without a label is not offered on the settings page. */
const struct setting settings[] = {
	{"fund_name", "Fund name", "Shown on every page and in the digest.", "Countersign", is_short},
	{"own_domains", "Own domains", "Mail among these domains is internal and is not kept. Separated by commas.", "",
		is_domains},
	{"own_addresses", "Own addresses", "Shared mailboxes and groups outside the own domains. Separated by commas.",
		"", is_addresses},
	{"time_zone", "Time zone", "An IANA name such as Europe/Zurich. Days begin there.", "UTC", zone_known},
	{"base_url", "Address of this installation", "Links in the digest begin with it.", "http://127.0.0.1:8080",
		is_url},
	{"digest_hour", "Digest hour", "Local hour after which the daily digest is made, 0 to 23.", "7", is_hour},
	{"digest_days", "Digest days", "Days on which it is made, such as mon,tue,wed,thu,fri.", "mon,tue,wed,thu,fri",
		is_days},
	{"digest_recipients", "Recipients",
		"admins: active administrators and whoever asked for it; asked: only the latter.", "admins",
		is_recipients},
	{"digest_sections", "Sections", "Any of activity,waiting,radar,health, or none: the counts alone.",
		"activity,waiting,radar,health", is_sections},
	{"digest_unanswered_days", "Days without an answer",
		"After so many an investor who wrote last is on the radar. 1 to 90.", "3", is_patience},
	{"digest_narrative", "Summary", "1: a few sentences on top. 0: none.", "1", is_flag},
	{"digest_gateway", NULL, "On this machine only: unix:/path or http:// with a loopback address in digits.", "",
		is_gateway_or_empty},
	{"attachment_max_mb", "Largest attachment kept (MB)", "A larger one is described, not stored. 1 to 50.", "25",
		is_megabytes},
	{"propose_from", "Propose from", "Mail before this day is kept but makes no proposals. Empty: all of it does.",
		"", is_day_or_empty},
	{"proposal_days", "Proposals wait (days)",
		"What nobody decided in so many days expires; new evidence brings it back. 0: never.", "60",
		is_lifetime},
	{"mailbox_visibility", "Who reads a new mailbox",
		"everyone, subject, metadata or private: what the rest of the team sees of a mailbox that is added "
		"from now on. "
		"Its owner may say otherwise.",
		"everyone", visibility_valid},
	{"is_demo", NULL, NULL, "0", is_flag},
	{NULL, NULL, NULL, NULL, NULL},
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
		return fail(op, E_INPUT, key, "is not acceptable. %s", s->help ? s->help : "");
	return db_run(op,
		"INSERT INTO settings (key, value, updated_by) VALUES (?, ?, nullif(?, 0)) ON CONFLICT (key) DO UPDATE "
		"SET"
		" value = excluded.value, updated_at = ctx_now(), updated_by = excluded.updated_by",
		key, value, op->actor.user_id);
}
