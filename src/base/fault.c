/* Owns the record of what went wrong in a unit of work. Never re-words a message. Tests: t/unit/base_small.c */
#include "base/fault.h"

#include <stdarg.h>
#include <stddef.h>

#include "base/pool.h"
#include "base/banned.h"

void fault_init(struct fault *f, struct pool *p)
{
	*f = (struct fault){.pool = p};
	f->tail = &f->items;
}

enum status fault_add(struct fault *f, enum status st, const char *field, const char *fmt, ...)
{
	if (f->status && f->status != st)
		return st;
	f->status = st;
	struct fault_item *item = pool_alloc(f->pool, sizeof *item);
	item->field = pool_strdup(f->pool, field);
	va_list ap;
	va_start(ap, fmt);
	item->message = pool_vprintf(f->pool, fmt, ap);
	va_end(ap);
	*f->tail = item;
	f->tail = &item->next;
	return st;
}
