/* Owns the question that a list's search field asks. The words themselves are kept by triggers (migration 0007). Tests:
 * t/unit/core_directory.c */
#include "core/directory.h"

#include "base/pool.h"
#include "base/str.h"
#include "db/op.h"
#include "base/banned.h"

#define WORDS_MAX 8
#define BROAD 1000 /* records: past this a word is asked of each record on the way, instead of for its records */

static bool is_broad(struct op *op, const char *resource, const char *from, const char *to)
{
	int64_t n = 0;
	db_one_int(op, &n,
		"SELECT count(*) FROM (SELECT 1 FROM directory_cache WHERE resource = ? AND word >= ? AND word < ? "
		"LIMIT ?)",
		resource, from, to, BROAD + 1);
	return n > BROAD;
}

/* What few have leads to its records; among those with what many have, a list's page is full before long. */
static void word_filter(struct op *op, struct query *q, const char *id_column, const char *words_column,
	const char *resource, const char *word)
{
	/* U+10FFFF sorts behind every word that begins so. */
	const char *to = pool_printf(op->pool, "%s\xF4\x8F\xBF\xBF", word);
	query_add(q, " AND ");
	if (!is_broad(op, resource, word, to)) {
		query_name(q, id_column);
		query_add(q, " IN (SELECT resource_id FROM directory_cache WHERE 1");
	} else if (words_column) {
		query_add(q, "instr(");
		query_name(q, words_column);
		query_add(q, ", ?)", (const char *)pool_printf(op->pool, " %s", word));
		return;
	} else {
		query_add(q, "EXISTS (SELECT 1 FROM directory_cache WHERE resource_id = ");
		query_name(q, id_column);
	}
	query_add(q, " AND resource = ? AND word >= ? AND word < ?)", resource, word, to);
}

void directory_filter(struct op *op, struct query *q, const char *id_column, const char *words_column,
	const char *resource, const char *typed)
{
	size_t n;
	char **words = str_split(op->pool, str_words(op->pool, typed), " ", &n);
	if (n == 0)
		query_add(q, " AND 0");
	for (size_t i = 0; i < n && i < WORDS_MAX; i++)
		word_filter(op, q, id_column, words_column, resource, words[i]);
}
