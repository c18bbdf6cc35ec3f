/* Owns the table that makes one status of four: result, HTTP, exit code, slug. Tests: t/unit/base_small.c */
#include "base/status.h"

#include <stddef.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/banned.h"

static const struct {
	int http, exit;
	const char *title, *slug;
} rows[STATUS_COUNT] = {
	[OK] = {200, EX_OK, "OK", "ok"},
	[E_SYNTAX] = {400, EX_DATAERR, "Bad request", "bad-request"},
	[E_AUTH] = {401, EX_NOPERM, "Login required", "login-required"},
	[E_FORBIDDEN] = {403, EX_NOPERM, "Forbidden", "forbidden"},
	[E_NOT_FOUND] = {404, EX_NOINPUT, "Not found", "not-found"},
	[E_METHOD] = {405, EX_USAGE, "Method not allowed", "method-not-allowed"},
	[E_CONFLICT] = {409, EX_DATAERR, "Conflict", "conflict"},
	[E_STALE] = {412, EX_DATAERR, "Changed meanwhile", "stale"},
	[E_TOO_LARGE] = {413, EX_DATAERR, "Too large", "too-large"},
	[E_MEDIA] = {415, EX_DATAERR, "Unsupported media type", "unsupported-media-type"},
	[E_INPUT] = {422, EX_DATAERR, "Invalid input", "invalid-input"},
	[E_RATE] = {429, EX_TEMPFAIL, "Too many requests", "too-many-requests"},
	[E_INTERNAL] = {500, EX_SOFTWARE, "Internal error", "internal-error"},
	[E_BUSY] = {503, EX_TEMPFAIL, "Busy", "busy"},
	[E_FULL] = {507, EX_IOERR, "No space left", "no-space-left"},
};

static unsigned row(enum status st)
{
	if ((unsigned)st >= STATUS_COUNT)
		BUG("no such status: %d", (int)st);
	return (unsigned)st;
}

int status_http(enum status st)
{
	return rows[row(st)].http;
}

int status_exit(enum status st)
{
	return rows[row(st)].exit;
}

const char *status_title(enum status st)
{
	return rows[row(st)].title;
}

const char *status_slug(enum status st)
{
	return rows[row(st)].slug;
}
