/* Owns the log line and the two ways to give up. Allocates nothing, so that it works when memory is gone; never prints
 * the value of a key that names a secret. Tests: t/unit/base_log.c */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/str.h"
#include "base/banned.h"

#define LINE_MAX_BYTES 4096
#define TAIL 3 /* quote, brace, newline always fit */

static char prog_name[32] = "countersign";
static char request[64];

struct line {
	char data[LINE_MAX_BYTES];
	size_t len;
};

/* A closing quote may have used the first byte of the tail already. */
static size_t line_room(const struct line *l)
{
	return l->len < sizeof l->data - TAIL ? sizeof l->data - TAIL - l->len : 0;
}

static bool line_put(struct line *l, const char *s, size_t n)
{
	if (n > line_room(l))
		return false;
	memcpy(l->data + l->len, s, n);
	l->len += n;
	return true;
}

/* Characters that change what a terminal or an editor shows: controls, and the bidirectional overrides. */
static bool is_deceptive(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* The inside of a JSON string; stops, with what it has, when the line is full. */
static void line_text(struct line *l, const char *s)
{
	size_t left = strlen(s);
	while (left) {
		size_t run = 0;
		while (run < left && s[run] >= 0x20 && s[run] < 0x7f && s[run] != '"' && s[run] != '\\')
			run++;
		if (run) {
			size_t room = line_room(l);
			line_put(l, s, run < room ? run : room);
			if (run > room)
				return;
			s += run;
			left -= run;
			continue;
		}
		uint32_t c;
		size_t n = utf8_next(s, left, &c);
		char escaped[8];
		bool plain = n && !is_deceptive(c) && c != '"' && c != '\\';
		if (!n) {
			n = 1;
			c = 0xfffd;
		}
		snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)(c & 0xffff));
		if (!line_put(l, plain ? s : escaped, plain ? n : 6))
			return;
		s += n;
		left -= n;
	}
}

static void line_pair(struct line *l, const char *key, const char *value)
{
	size_t start = l->len;
	/* Room for the frame and a little of the value, or the pair is left out whole. */
	if (line_room(l) < strlen(key) + 16)
		return;
	line_put(l, start ? ",\"" : "{\"", 2);
	line_text(l, key);
	line_put(l, "\":", 2);
	if (!value) {
		line_put(l, "null", 4);
		return;
	}
	line_put(l, "\"", 1);
	line_text(l, value);
	l->data[l->len++] = '"'; /* one of the TAIL bytes; the next pair checks for its own room */
}

static bool is_secret_key(const char *key)
{
	static const char *const parts[] = {
		"passw", "secret", "token", "cookie", "authorization", "jwt", "csrf", "credential", "otp"};
	static const char *const whole[] = {"key", "code", "body", "bytes", "pin"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strcasestr(key, parts[i]))
			return true;
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		if (str_ieq(key, whole[i]))
			return true;
	size_t n = strlen(key);
	return n > 4 && str_ieq(key + n - 4, "_key");
}

static void line_write(struct line *l)
{
	l->data[l->len++] = '}';
	l->data[l->len++] = '\n';
	/* One write, so that lines of several processes do not mix; a log that cannot be written has no one to tell. */
	ssize_t done = write(STDERR_FILENO, l->data, l->len);
	(void)done;
}

static void line_start(struct line *l, enum log_level level, const char *msg)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	char at[INSTANT_SIZE];
	instant_format(clock_now(), at);
	l->len = 0;
	line_pair(l, "at", at);
	line_pair(l, "level", names[level]);
	line_pair(l, "prog", prog_name);
	if (*request)
		line_pair(l, "req", request);
	line_pair(l, "msg", msg);
}

static void log_line(enum log_level level, const char *msg, va_list ap)
{
	struct line l;
	int saved = errno;
	line_start(&l, level, msg);
	for (const char *key; (key = va_arg(ap, const char *));) {
		const char *value = va_arg(ap, const char *);
		line_pair(&l, key, value && is_secret_key(key) ? "[masked]" : value);
	}
	line_write(&l);
	errno = saved;
}

void log_open(const char *prog)
{
	snprintf(prog_name, sizeof prog_name, "%s", prog);
}

void log_request(const char *request_id)
{
	snprintf(request, sizeof request, "%s", request_id ? request_id : "");
}

void log_debug(const char *msg, ...)
{
	if (!conf_flag("COUNTERSIGN_DEBUG"))
		return;
	va_list ap;
	va_start(ap, msg);
	log_line(LOG_LEVEL_DEBUG, msg, ap);
	va_end(ap);
}

void log_info(const char *msg, ...)
{
	va_list ap;
	va_start(ap, msg);
	log_line(LOG_LEVEL_INFO, msg, ap);
	va_end(ap);
}

void log_warn(const char *msg, ...)
{
	va_list ap;
	va_start(ap, msg);
	log_line(LOG_LEVEL_WARN, msg, ap);
	va_end(ap);
}

void log_error(const char *msg, ...)
{
	va_list ap;
	va_start(ap, msg);
	log_line(LOG_LEVEL_ERROR, msg, ap);
	va_end(ap);
}

void die(int exit_code, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	/* A person at a terminal gets a sentence, a log collector a line of JSON. */
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "%s: %s\n", prog_name, text);
	else
		log_error(text, NULL);
	exit(exit_code);
}

void bug_(const char *file, int line, const char *fmt, ...)
{
	char text[1024], where[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	snprintf(where, sizeof where, "%s:%d", file, line);
	log_error(text, "bug", where, NULL);
	abort();
}
