/* Owns the judgement whether an address stays on this machine. Reads the text alone and looks nothing up.
 * Tests: t/unit/digest_narrative.c */
#include "base/local.h"

#include <string.h>

#include "base/str.h"
#include "base/banned.h"

#define UNIX_PATH_MAX 107 /* sun_path, unix(7) */

static bool is_plain(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~' || strchr("\"<>\\^`{|}@#?", *s))
			return false;
	return true;
}

/* The number at *s, as it is always written: no sign, no leading zero. */
static bool number(const char **s, int64_t max)
{
	size_t n = strspn(*s, "0123456789");
	char digits[8];
	int64_t value;
	if (!n || n > 5 || (n > 1 && **s == '0'))
		return false;
	memcpy(digits, *s, n);
	digits[n] = 0;
	*s += n;
	return str_i64(digits, 0, max, &value);
}

/* 127.0.0.0/8 */
static bool loopback4(const char **s)
{
	if (!str_starts(*s, "127."))
		return false;
	*s += 4;
	for (int i = 0; i < 3; i++) {
		if (i && *(*s)++ != '.')
			return false;
		if (!number(s, 255))
			return false;
	}
	return true;
}

bool address_is_local(const char *s)
{
	if (str_starts(s, "unix:/"))
		return is_plain(s) && s[6] != '/' && strlen(s + 5) <= UNIX_PATH_MAX;
	if (!str_starts(s, "http://") || strlen(s) > 200 || !is_plain(s))
		return false;
	s += 7;
	if (str_starts(s, "[::1]"))
		s += 5;
	else if (!loopback4(&s))
		return false;
	if (*s == ':') {
		s++;
		if (*s == '0' || !number(&s, 65535))
			return false;
	}
	return !*s || *s == '/';
}
