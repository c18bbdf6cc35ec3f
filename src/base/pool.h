/* Memory that lives as long as one unit of work.
 *
 * Whoever allocates takes a `struct pool *` first and the result lives until pool_free(); a function without a pool
 * parameter allocates nothing the caller must know of. Nothing is freed singly and out of memory ends the process, so
 * no caller checks for NULL. Built with AddressSanitizer each allocation is its own malloc, so that overruns are seen. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdarg.h>
#include <stddef.h>

struct pool;

struct pool *pool_new(void);
/* What pool_free does, but the pool can be used again; keeps some of its memory. For work that comes again and again. */
void pool_clear(struct pool *p);
void pool_free(struct pool *p); /* runs the deferred calls, last first; NULL is fine */

void *pool_alloc(struct pool *p, size_t n);              /* zeroed, aligned for any type; n may be 0 */
void *pool_array(struct pool *p, size_t n, size_t size); /* dies when n * size overflows */
void *pool_dup(struct pool *p, const void *src, size_t n);
char *pool_strdup(struct pool *p, const char *s); /* NULL gives NULL */
char *pool_strndup(struct pool *p, const char *s, size_t n);
char *pool_printf(struct pool *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *pool_vprintf(struct pool *p, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Calls fn(arg) when the pool goes: how a json_object, a descriptor or a buffer's memory is tied to the pool. */
void pool_defer(struct pool *p, void (*fn)(void *), void *arg);

#endif
