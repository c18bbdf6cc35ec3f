/* Owns statements with optional parts, put together from literals. The only place where SQL is not one literal.
 * Tests: t/unit/db_stmt.c */
#include <ctype.h>

#include "base/buf.h"
#include "base/log.h"
#include "db/handle.h"
#include "base/banned.h"

void query_init(struct query *q, struct pool *p)
{
	q->sql = buf_new(p, 32768);
	q->n = 0;
}

void query_bind(struct query *q, struct bind b)
{
	if (q->n == QUERY_BINDS)
		BUG("too many values in one statement");
	q->binds[q->n++] = b;
}

void query_add_(struct query *q, const char *sql, const struct bind *b, size_t n)
{
	buf_str(q->sql, sql);
	for (size_t i = 0; i < n; i++)
		query_bind(q, b[i]);
}

void query_append(struct query *q, const struct query *more)
{
	query_add_(q, more->sql->data, more->binds, more->n);
}

void query_name(struct query *q, const char *name)
{
	for (const char *s = name; *s; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '_' && *s != '.')
			BUG("not a name: %s", name);
	buf_str(q->sql, name);
}

enum status query_run(struct op *op, struct query *q)
{
	return db_run_(op, q->sql->data, q->binds, q->n);
}

struct stmt *query_start(struct op *op, struct query *q)
{
	return db_query_(op, q->sql->data, q->binds, q->n);
}
