/* Owns comparing names, addresses and numbers (alike.h). Never asks the database, never decides. Tests:
 * t/unit/core_alike.c */
#include "core/alike.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define NAME_BYTES 400 /* of a name are looked at */

static bool is_any(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (str_eq(word, *list))
			return true;
	return false;
}

static const char *const titles[] = {"dr", "prof", "mr", "mrs", "ms", "herr", "frau", "mag", "ing", "dipl", "sir",
	"dame", "phd", "mba", "cfa", "jr", "sr", NULL};
static const char *const legal_forms[] = {"ag", "gmbh", "kg", "co", "inc", "incorporated", "llc", "llp", "lp", "ltd",
	"limited", "plc", "sa", "sarl", "srl", "spa", "nv", "bv", "ab", "as", "oy", "aps", "corp", "corporation",
	"company", "pte", "pty", "se", "the", "and", "of", "und", "de", "la", "le", "for", NULL};
static const char *const common[] = {"capital", "partners", "partner", "group", "family", "office", "offices",
	"investment", "investments", "investors", "investor", "management", "managers", "holding", "holdings", "fund",
	"funds", "advisors", "advisers", "advisory", "asset", "assets", "ventures", "venture", "equity", "private",
	"wealth", "trust", "pension", "foundation", "stiftung", "pensionskasse", "endowment", "bank", "financial",
	"finance", "global", "international", "associates", "services", "company", "securities", "growth",
	"opportunities", NULL};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct tokens without(struct tokens t, const char *const *list)
{
	size_t n = 0;
	for (size_t i = 0; i < t.n; i++)
		if (!is_any(t.at[i], list))
			t.at[n++] = t.at[i];
	t.n = n;
	return t;
}

static const char *clipped(struct pool *p, const char *name)
{
	size_t n = strlen(name);
	return pool_strndup(p, name, utf8_clip(name, n, NAME_BYTES));
}

static struct tokens tokens_of(struct pool *p, const char *name)
{
	struct tokens t;
	t.at = str_split(p, str_words(p, clipped(p, name)), " ", &t.n);
	if (t.n)
		qsort(t.at, t.n, sizeof *t.at, by_text);
	size_t n = 0;
	for (size_t i = 0; i < t.n; i++)
		if (!n || !str_eq(t.at[n - 1], t.at[i]))
			t.at[n++] = t.at[i];
	t.n = n;
	return t;
}

struct tokens alike_person(struct pool *p, const char *name)
{
	return without(tokens_of(p, name), titles);
}

struct tokens alike_firm(struct pool *p, const char *name)
{
	return without(tokens_of(p, name), legal_forms);
}

struct tokens alike_distinctive(struct pool *p, struct tokens all)
{
	struct tokens copy = {pool_array(p, all.n + 1, sizeof *copy.at), all.n};
	if (all.n)
		memcpy(copy.at, all.at, all.n * sizeof *copy.at);
	return without(copy, common);
}

const char *alike_text(struct pool *p, struct tokens t)
{
	struct buf *b = buf_new(p, 2 * NAME_BYTES);
	for (size_t i = 0; i < t.n; i++)
		buf_printf(b, "%s%s", i ? " " : "", t.at[i]);
	return b->data;
}

int alike_share(struct tokens a, struct tokens b)
{
	size_t both = 0;
	for (size_t i = 0, k = 0; i < a.n && k < b.n;) {
		int order = strcmp(a.at[i], b.at[k]);
		both += order == 0;
		i += order <= 0;
		k += order >= 0;
	}
	size_t all = a.n + b.n - both;
	return all ? (int)(both * 100 / all) : 0;
}

/* Only the diagonal band within which `most` changes can stay is filled in. */
bool alike_within(const char *a, const char *b, size_t most)
{
	size_t n = strlen(a), m = strlen(b), row[2 * 8 + 2];
	if (most > 8 || (n > m ? n - m : m - n) > most)
		return false;
	/* row[k]: the distance of a's first i bytes from b's first i + k - most. */
	for (size_t k = 0; k <= 2 * most; k++)
		row[k] = k < most ? most + 1 : k - most;
	row[2 * most + 1] = most + 1;
	for (size_t i = 1; i <= n; i++)
		for (size_t k = 0; k <= 2 * most; k++) {
			size_t at = i + k;
			if (at < most || at - most > m) {
				row[k] = most + 1;
				continue;
			}
			size_t j = at - most, best = row[k + 1] + 1;
			if (!j) {
				row[k] = i;
				continue;
			}
			size_t same = row[k] + (a[i - 1] != b[j - 1]), before = k ? row[k - 1] + 1 : most + 1;
			best = same < best ? same : best;
			row[k] = before < best ? before : best;
		}
	return row[m + most - n] <= most;
}

const char *alike_in_order(struct pool *p, const char *name)
{
	name = clipped(p, name);
	const char *comma = strchr(name, ',');
	if (comma)
		name = pool_printf(p, "%s %.*s", comma + 1, (int)(comma - name), name);
	size_t n, kept = 0;
	char **words = str_split(p, str_words(p, name), " ", &n);
	struct buf *b = buf_new(p, 2 * NAME_BYTES);
	for (size_t i = 0; i < n; i++)
		if (!is_any(words[i], titles))
			buf_printf(b, "%s%s", kept++ ? " " : "", words[i]);
	return b->data;
}

bool alike_initial(struct pool *p, const char *a, const char *b)
{
	a = alike_in_order(p, a);
	b = alike_in_order(p, b);
	const char *last_a = strrchr(a, ' '), *last_b = strrchr(b, ' ');
	if (!last_a || !last_b || !str_eq(last_a, last_b) || *a != *b)
		return false;
	return strcspn(a, " ") == 1 || strcspn(b, " ") == 1;
}

const char *alike_number(struct pool *p, const char *phone)
{
	struct buf *b = buf_new(p, 64);
	for (; *phone; phone++)
		if (*phone >= '0' && *phone <= '9')
			buf_char(b, *phone);
	if (b->len < 7)
		return NULL;
	return b->len > 8 ? b->data + b->len - 8 : b->data;
}
