/* Owns the memory of a unit of work (pool.h). Never frees one allocation alone. Tests: t/unit/base_pool.c */
#include "base/pool.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/banned.h"

#define CHUNK ((size_t)8192)
#define SPARES_MAX 32
#define ALIGN (alignof(max_align_t))

struct chunk {
	struct chunk *next;
	size_t used, size;
	alignas(max_align_t) unsigned char data[];
};

struct defer {
	void (*fn)(void *);
	void *arg;
	struct defer *next;
};

struct pool {
	struct chunk *chunks; /* the first one is the one being filled */
	struct chunk *spares; /* ordinary ones kept by pool_clear */
	struct defer *defers;
};

static void *must(void *mem)
{
	if (!mem)
		die(EX_OSERR, "out of memory");
	return mem;
}

static struct chunk *chunk_new(size_t size)
{
	if (size > SIZE_MAX - sizeof(struct chunk))
		die(EX_OSERR, "out of memory");
	struct chunk *c = must(malloc(sizeof *c + size));
	c->next = NULL;
	c->used = 0;
	c->size = size;
	return c;
}

struct pool *pool_new(void)
{
	return must(calloc(1, sizeof(struct pool)));
}

/* A deferred call may itself defer: take one at a time. */
static void run_defers(struct pool *p)
{
	while (p->defers) {
		struct defer *d = p->defers;
		p->defers = d->next;
		d->fn(d->arg);
	}
}

static void chunks_free(struct chunk *c)
{
	for (struct chunk *next; c; c = next) {
		next = c->next;
		free(c);
	}
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	run_defers(p);
	chunks_free(p->chunks);
	chunks_free(p->spares);
	free(p);
}

void pool_clear(struct pool *p)
{
	run_defers(p);
	size_t kept = 0;
	for (struct chunk *c = p->spares; c; c = c->next)
		kept++;
	for (struct chunk *c = p->chunks, *next; c; c = next) {
		next = c->next;
		if (c->size == CHUNK && kept < SPARES_MAX) {
			c->next = p->spares;
			p->spares = c;
			kept++;
		} else {
			free(c);
		}
	}
	p->chunks = NULL;
}

/* Room for n bytes. A big allocation gets a chunk of its own behind the one being filled, which so is not wasted. */
static struct chunk *chunk_for(struct pool *p, size_t n)
{
#ifdef __SANITIZE_ADDRESS__
	struct chunk *c = chunk_new(n);
	c->next = p->chunks;
	return p->chunks = c;
#else
	struct chunk *first = p->chunks;
	if (first && first->size - first->used >= n)
		return first;
	struct chunk *c = p->spares;
	if (c && n <= CHUNK / 4) {
		p->spares = c->next;
		c->used = 0;
	} else {
		c = chunk_new(n > CHUNK / 4 ? n : CHUNK);
	}
	if (first && n > CHUNK / 4) {
		c->next = first->next;
		first->next = c;
	} else {
		c->next = first;
		p->chunks = c;
	}
	return c;
#endif
}

static void *alloc_raw(struct pool *p, size_t n)
{
#ifndef __SANITIZE_ADDRESS__
	if (n > SIZE_MAX - ALIGN)
		die(EX_OSERR, "out of memory");
	n = (n + ALIGN - 1) / ALIGN * ALIGN;
#endif
	struct chunk *c = chunk_for(p, n);
	void *mem = c->data + c->used;
	c->used += n;
	return mem;
}

void *pool_alloc(struct pool *p, size_t n)
{
	return memset(alloc_raw(p, n), 0, n);
}

void *pool_array(struct pool *p, size_t n, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(n, size, &total))
		die(EX_OSERR, "out of memory");
	return pool_alloc(p, total);
}

void *pool_dup(struct pool *p, const void *src, size_t n)
{
	void *mem = alloc_raw(p, n);
	if (n)
		memcpy(mem, src, n);
	return mem;
}

char *pool_strdup(struct pool *p, const char *s)
{
	return s ? pool_dup(p, s, strlen(s) + 1) : NULL;
}

char *pool_strndup(struct pool *p, const char *s, size_t n)
{
	if (!s)
		return NULL;
	n = strnlen(s, n);
	char *copy = alloc_raw(p, n + 1);
	memcpy(copy, s, n);
	copy[n] = 0;
	return copy;
}

char *pool_vprintf(struct pool *p, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	char small[256]; /* most are: one pass and no second look */
	int n = vsnprintf(small, sizeof small, fmt, again);
	va_end(again);
	if (n < 0)
		BUG("pool_printf: bad format");
	if ((size_t)n < sizeof small)
		return pool_dup(p, small, (size_t)n + 1);
	char *s = alloc_raw(p, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	return s;
}

char *pool_printf(struct pool *p, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *s = pool_vprintf(p, fmt, ap);
	va_end(ap);
	return s;
}

void pool_defer(struct pool *p, void (*fn)(void *), void *arg)
{
	struct defer *d = pool_alloc(p, sizeof *d);
	*d = (struct defer){.fn = fn, .arg = arg, .next = p->defers};
	p->defers = d;
}
