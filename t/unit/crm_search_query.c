/* What people type into the search becomes a question that FTS5 takes, whatever it is. */
#include "../tap.h"

#include <stdlib.h>

#include <sqlite3.h>

#include "base/json.h"
#include "base/pool.h"
#include "base/str.h"
#include "crm/search_query.h"
#include "crm/snippet.h"

static struct pool *p;

static const char *match(const char *typed)
{
	const char *m = search_read(p, typed).match;
	return m ? m : "-";
}

static void words(void)
{
	is(match("maria keller"), "\"maria\" AND \"keller\"*", "the last word may be unfinished");
	is(match("\"a b\" c "), "\"a b\" AND \"c\"*", "a phrase stays together");
	is(match("c \"a b\""), "\"c\" AND \"a b\"", "and is finished");
	is(match("\"open phrase"), "\"open phrase\"", "nobody has to close it");
	is(match("it's"), "\"it's\"*", "an apostrophe is text");
	is(match("a\"b"), "\"a\"\"b\"*", "a quote inside is doubled");
	is(match("NOT OR AND NEAR(x)"), "\"NOT\" AND \"OR\" AND \"AND\" AND \"NEAR(x)\"*", "FTS5's words mean nothing");
	is(match("!!! ... -"), "-", "what holds no word is nothing");
	is(match("body:x"), "\"body:x\"*", "a column is text");
	is(match(NULL), "-", "nothing is nothing");
	ok(search_read(p, " \t").is_empty, "and known to be");
}

static void operators(void)
{
	is(match("from:bob fee"), "{sender} : \"bob\" AND \"fee\"*", "from:");
	is(match("TO:\"ada nowak\""), "{recipients} : \"ada nowak\"", "to: with a phrase, in any case");
	is(match("from:"), "\"from:\"*", "an operator without value is text");
	is(match("is:king"), "\"is:king\"*", "so is one whose value makes no sense");
	is(match("before:2026-02-30"), "\"before:2026-02-30\"*", "a day that never was among them");
	struct search_query q = search_read(p, "org:alpine before:2026-03-01 after:2026-01-01 is:mail org:pension");
	ok(!q.match && !q.is_empty, "operators alone ask something");
	is(q.org, "alpine pension", "org: adds up");
	is(q.before, "2026-03-01", "before:");
	is(q.after, "2026-01-01", "after:");
	is_int(q.kind, SEARCH_MAIL, "is:");
}

/* Odd inputs, always the same ones: each must be taken by a real FTS5 table. */
static void anything(void)
{
	static const char *const bits[] = {"\"", "'", "*", "(", ")", ":", "^", "-", "+", "{", "}",
		"from:", "to:", "org:", "is:mail", "before:2026-01-01", "NEAR", "AND", "OR", "NOT", " ", "\t", "a", "é",
		"日本", "\xF0\x9F\x98\x80", "\x01", "\\", "%", ",", ";", "--", "/*", "title:", "\xC2\xA0", "\xCC\x81"};
	sqlite3 *db;
	sqlite3_stmt *q;
	sqlite3_open(":memory:", &db);
	sqlite3_exec(db,
		"CREATE VIRTUAL TABLE t USING fts5(title, sender, recipients, body); INSERT INTO t VALUES ('a', 'b', "
		"'c', 'd')",
		NULL, NULL, NULL);
	ok(sqlite3_prepare_v2(db, "SELECT rowid FROM t WHERE t MATCH ?", -1, &q, NULL) == SQLITE_OK,
		"there is a table");
	unsigned seed = 7, bad = 0, asked = 0;
	for (int i = 0; i < 20000; i++) {
		char *typed = pool_strdup(p, "");
		for (int n = 1 + (int)(seed % 9); n > 0; n--) {
			seed = seed * 1103515245u + 12345u;
			typed = pool_printf(p, "%s%s", typed, bits[(seed >> 16) % (sizeof bits / sizeof *bits)]);
		}
		const char *m = search_read(p, typed).match;
		if (!m)
			continue;
		asked++;
		sqlite3_bind_text(q, 1, m, -1, SQLITE_TRANSIENT);
		int rc = sqlite3_step(q);
		bad += rc != SQLITE_ROW && rc != SQLITE_DONE;
		sqlite3_reset(q);
		if (i % 500 == 0) {
			pool_free(p);
			p = pool_new();
		}
	}
	ok(asked > 10000, "%u odd inputs asked something", asked);
	is_int(bad, 0, "and none was a syntax error");
	sqlite3_finalize(q);
	sqlite3_close(db);
	char *long_one = pool_alloc(p, 10241);
	for (int i = 0; i < 10240; i++)
		long_one[i] = i % 7 ? 'x' : ' ';
	long_one[10240] = 0;
	ok(strlen(match(long_one)) < 1000, "of ten thousand bytes the first words count");
	for (int i = 0; i < 10240; i += 2)
		memcpy(long_one + i, "é", 2);
	ok(utf8_valid(match(long_one), strlen(match(long_one))), "and no character is cut in two");
}

/* Pieces with hits in <>. */
static const char *marked(const char *typed, const char *text, size_t words)
{
	struct search_query q = search_read(p, typed);
	struct json_object *all = snippet_pieces(p, text, &q, words);
	const char *out = "";
	for (size_t i = 0; i < json_len(all); i++)
		out = pool_printf(p, json_true(json_at(all, i), "is_hit") ? "%s<%s>" : "%s%s", out,
			json_text(json_at(all, i), "text"));
	return out;
}

static void snippets(void)
{
	is(marked("keller", "Maria Keller", 0), "Maria <Keller>", "a hit is a piece of its own");
	is(marked("kel", "Kellers Keller", 0), "<Kellers> <Keller>", "the last word may be a beginning");
	is(marked("kel x", "Keller x", 0), "Keller <x>", "the others are whole");
	is(marked("zoe", "Zoë's Ärger", 0), "<Zoë>'s Ärger", "without accents");
	is(marked("from:ada wing", "ada wings", 0), "ada <wings>", "words of a column are not marked elsewhere");
	is(marked("\"first close\"", "The first close", 0), "The <first> <close>", "the words of a phrase");
	is(marked("k", "a  b\n\nc d e f g k i j", 3), "…c d e…", "cut down to some words before the first hit");
	is(marked("k", "a  b\n\nc d e f g k i j", 7), "…c d e f g <k> i…", "and on from there");
	is(marked("zz", " a b c", 2), "a b…", "no hit: from the beginning");
	is(marked("a", "", 5), "", "no text");
	is(marked("a", NULL, 5), "", "none at all");
	is(marked("!!", "only blanks \t\n ", 5), "only blanks", "blanks at the end go");
}

int main(void)
{
	p = pool_new();
	words();
	snippets();
	operators();
	anything();
	pool_free(p);
	return tap_done();
}
