/* Owns the full-text index's ranking: relevance(table, weight, …), an auxiliary function of FTS5
 * (https://www.sqlite.org/fts5.html#custom_auxiliary_functions). Tests: t/60-search.t
 *
 * bm25() asks how many rows of the whole table hold each word, so a common word costs as much as all its mail. Every word of
 * a question must be there anyway: how rare it is says nothing between two rows that both have it. So a row's worth is what
 * stands in itself: each hit counts by its column's weight, the second of the same word half, the third a third. */
#include "db/handle.h"
#include "base/banned.h"

#define HITS_MAX 16 /* of a phrase in a row: after that nothing changes the order */
#define PHRASES_MAX 100

static void relevance(
	const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	int phrases = api->xPhraseCount(fts), rc = SQLITE_OK;
	double worth = 0;
	for (int i = 0; i < phrases && i < PHRASES_MAX && rc == SQLITE_OK; i++) {
		Fts5PhraseIter hit;
		int column, offset, seen = 0;
		rc = api->xPhraseFirst(fts, i, &hit, &column, &offset);
		for (; rc == SQLITE_OK && column >= 0 && seen < HITS_MAX; api->xPhraseNext(fts, &hit, &column, &offset))
			worth += column < argc ? sqlite3_value_double(argv[column]) / ++seen : 0;
	}
	if (rc == SQLITE_OK)
		sqlite3_result_double(ctx, worth);
	else
		sqlite3_result_error_code(ctx, rc);
}

int relevance_register(struct db *db)
{
	fts5_api *api = NULL;
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(db->raw, "SELECT fts5(?1)", -1, &q, NULL);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_pointer(q, 1, &api, "fts5_api_ptr", NULL);
	sqlite3_step(q);
	rc = sqlite3_finalize(q);
	return rc != SQLITE_OK ? rc
	       : !api          ? SQLITE_ERROR
			       : api->xCreateFunction(api, "relevance", NULL, relevance, NULL);
}
