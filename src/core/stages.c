/* Owns what the setting `stages` says, and that it is not taken away from under somebody. Tests: t/unit/core_stages.c */
#include "core/stages.h"

#include <string.h>

#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "core/settings.h"
#include "db/db.h"
#include "base/banned.h"

#define NAME_MAX_BYTES 40

/* What lists call something else. */
static bool is_reserved(const char *name)
{
	return str_eq(name, "any") || str_eq(name, "open");
}

static bool is_name(const char *s)
{
	size_t n = strlen(s);
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c < ' ' || strchr("\"<>,;:", *c))
			return false;
	return n && n <= NAME_MAX_BYTES && utf8_valid(s, n) && !is_reserved(s);
}

/* "due diligence 50", "lost archives": the last word says which. */
static bool line_parse(struct pool *p, const char *line, struct stage *out)
{
	const char *last = strrchr(line, ' ');
	if (!last)
		return false;
	*out = (struct stage){.name = str_squeeze(p, pool_strndup(p, line, (size_t)(last - line)))};
	out->is_archive = str_eq(last + 1, "archives");
	return is_name(out->name) && (out->is_archive || str_i64(last + 1, 0, 100, &out->probability));
}

/* NULL when it is none. */
static struct stages *parse(struct pool *p, const char *value)
{
	struct stages *s = pool_alloc(p, sizeof *s);
	size_t lines, open = 0;
	*s = (struct stages){.n = 0};
	char **all = str_split(p, value, "\r\n", &lines);
	for (size_t i = 0; i < lines; i++) {
		const char *line = str_trim(p, all[i]);
		struct stage one;
		if (!*line)
			continue;
		if (s->n == STAGES_MAX || !line_parse(p, line, &one))
			return NULL;
		for (size_t k = 0; k < s->n; k++)
			if (str_ieq(s->all[k].name, one.name))
				return NULL;
		open += !one.is_archive;
		s->names[s->n] = one.name;
		s->all[s->n++] = one;
	}
	return open ? s : NULL;
}

bool stages_valid(const char *value)
{
	struct pool *p = pool_new();
	bool good = parse(p, value) != NULL;
	pool_free(p);
	return good;
}

/* A file that was changed behind the setting's check has the stages that a new one has. */
struct stages *stages_now(struct op *op)
{
	struct stages *s = parse(op->pool, setting_text(op, "stages"));
	return s ? s : parse(op->pool, STAGES_DEFAULT);
}

const char *const *stages_offered(struct op *op)
{
	return stages_now(op)->names;
}

const struct stage *stage_find(const struct stages *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->all[i].name, name))
			return &s->all[i];
	return NULL;
}

const struct stage *stage_first(const struct stages *s)
{
	size_t i = 0;
	while (s->all[i].is_archive)
		i++;
	return &s->all[i];
}

const char *stages_archived(struct op *op, const struct stages *s)
{
	struct json_object *names = json_arr(op->pool);
	size_t n;
	for (size_t i = 0; i < s->n; i++)
		if (s->all[i].is_archive)
			json_push_text(names, s->all[i].name);
	return json_bytes(op->pool, names, &n);
}

enum status stages_fit(struct op *op, const char *value)
{
	struct stages *s = parse(op->pool, value);
	struct json_object *names = json_arr(op->pool);
	size_t n;
	for (size_t i = 0; s && i < s->n; i++)
		json_push_text(names, s->all[i].name);
	struct json_object *left = db_object(op,
		"SELECT stage, sum(opportunities) AS n FROM pipeline_cache WHERE stage NOT IN (SELECT value FROM "
		"json_each(?)) GROUP BY stage ORDER BY stage LIMIT 1",
		json_bytes(op->pool, names, &n));
	if (!left)
		return op->fault.status;
	int64_t there = json_int(left, "n");
	return fail(op, E_INPUT, "stages", "must keep \"%s\": %lld opportunit%s there, move %s first",
		json_text(left, "stage"), (long long)there, there == 1 ? "y is" : "ies are",
		there == 1 ? "it" : "them");
}
