/* Owns the question that a list's search field asks. The words themselves are kept by triggers (migration 0007). Tests:
 * t/unit/core_directory.c */
#include "core/directory.h"

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define WORDS_MAX 8

void directory_filter(struct query *q, struct pool *p, const char *id_column, const char *resource, const char *typed)
{
	size_t n;
	char **words = str_split(p, str_words(p, typed), " ", &n);
	if (n == 0)
		query_add(q, " AND 0");
	for (size_t i = 0; i < n && i < WORDS_MAX; i++) {
		query_add(q, " AND ");
		query_name(q, id_column);
		/* U+10FFFF sorts behind every word that begins so. */
		query_add(q,
			" IN (SELECT resource_id FROM directory_cache WHERE resource = ? AND word >= ? AND word < ?)",
			resource, words[i], pool_printf(p, "%s\xF4\x8F\xBF\xBF", words[i]));
	}
}
