/* Owns charsets, file names and media types of parts (mime_text.h). Never sees the structure of a message.
 * Tests: t/unit/mail_mime.c */
#include "mail/mime_text.h"

#include <errno.h>
#include <gmime/gmime.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/message.h"
#include "base/banned.h"

#define META_LOOK 2048 /* bytes of HTML in which its charset is looked for */

void charsets_warm(void)
{
	static const char *const names[] = {"UTF-8", "US-ASCII", "UTF-7", "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32",
		"ISO-8859-1", "ISO-8859-2", "ISO-8859-3", "ISO-8859-4", "ISO-8859-5", "ISO-8859-6", "ISO-8859-7",
		"ISO-8859-8", "ISO-8859-9", "ISO-8859-10", "ISO-8859-11", "ISO-8859-13", "ISO-8859-14", "ISO-8859-15",
		"ISO-8859-16", "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254",
		"WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258", "CP874", "CP850", "CP852", "CP437",
		"CP866", "CP932", "CP949", "KOI8-R", "KOI8-U", "MACINTOSH", "MAC-CYRILLIC", "GB2312", "GBK", "GB18030",
		"HZ", "BIG5", "BIG5-HKSCS", "EUC-TW", "SHIFT_JIS", "EUC-JP", "ISO-2022-JP", "ISO-2022-JP-2", "EUC-KR",
		"ISO-2022-KR", "JOHAB", "TIS-620", "VISCII", "TCVN", "ARMSCII-8", "GEORGIAN-PS"};
	/* Never closed: the open descriptor is what keeps the converter in memory. */
	static iconv_t kept[sizeof names / sizeof *names];
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!kept[i])
			kept[i] = iconv_open("UTF-8", names[i]);
}

/* Converts what it can; what it cannot becomes U+FFFD. False when something was wrong, or there is no such charset. */
static bool convert(struct buf *out, const char *charset, const char *s, size_t n)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	if (cd == (iconv_t)-1)
		return false;
	bool clean = true;
	char *in = (char *)(uintptr_t)s, piece[4096];
	while (n && !out->full) {
		char *to = piece;
		size_t room = sizeof piece, before = n;
		size_t rc = iconv(cd, &in, &n, &to, &room);
		buf_add(out, piece, sizeof piece - room);
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		clean = false;
		buf_str(out, "\xef\xbf\xbd");
		/* EILSEQ skips a byte; EINVAL is a character cut off by the end. */
		if (errno == EINVAL || !n)
			break;
		if (n <= before)
			in++, n--;
	}
	iconv_close(cd);
	return clean;
}

/* RFC 2045 has no charset in the part: HTML of many programs says it in <meta>. NULL when it does not. */
static const char *meta_charset(struct pool *p, const char *s, size_t n)
{
	const char *head = pool_strndup(p, s, n < META_LOOK ? n : META_LOOK), *at = strcasestr(head, "charset");
	if (!at)
		return NULL;
	at += strlen("charset");
	at += strspn(at, " \t");
	if (*at != '=')
		return NULL;
	at++;
	at += strspn(at, " \t\"'");
	size_t len = strcspn(at, " \t\"'/>;\r\n");
	return len && len < 40 ? pool_strndup(p, at, len) : NULL;
}

/* Bytes without NUL. */
static const char *without_nul(struct pool *p, struct mail_message *m, const char *s, size_t *n)
{
	if (!memchr(s, 0, *n))
		return s;
	message_defect(p, m, "nul");
	char *out = pool_alloc(p, *n + 1), *to = out;
	for (size_t i = 0; i < *n; i++)
		if (s[i])
			*to++ = s[i];
	*n = (size_t)(to - out);
	return out;
}

/* The converter's name for a charset as mail writes it. */
static const char *converter(const char *charset)
{
	static const char *const aliases[][2] = {{"unicode-1-1-utf-7", "UTF-7"}, {"x-gbk", "GBK"},
		{"gb_2312-80", "GBK"}, {"iso-2022-jp", "ISO-2022-JP-2"}, {"x-mac-cyrillic", "MAC-CYRILLIC"},
		{"x-sjis", "CP932"}, {"ks_c_5601-1987", "CP949"}, {"iso-8859-8-i", "ISO-8859-8"}};
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (str_ieq(charset, aliases[i][0]))
			return aliases[i][1];
	const char *name = g_mime_charset_iconv_name(charset);
	return name ? name : "";
}

const char *text_decode(
	struct pool *p, struct mail_message *m, const char *charset, const char *s, size_t n, bool is_html, size_t *len)
{
	if (!charset && is_html)
		charset = meta_charset(p, s, n);
	bool wide = charset && (strncasecmp(charset, "utf-16", 6) == 0 || strncasecmp(charset, "utf-32", 6) == 0 ||
				       strncasecmp(charset, "ucs", 3) == 0);
	if (!wide)
		s = without_nul(p, m, s, &n);
	bool utf8 = !charset || str_ieq(charset, "utf-8") || str_ieq(charset, "utf8") || str_ieq(charset, "us-ascii") ||
		    str_ieq(charset, "ascii") || str_ieq(charset, "unknown-8bit");
	if (utf8 && utf8_valid(s, n)) {
		*len = n;
		return pool_strndup(p, s, n);
	}
	/* A byte becomes at most three, a broken one too. */
	struct buf *out = buf_new(p, 3 * n + 16);
	/* ISO-8859-1 in mail means its superset, as browsers read it (WHATWG Encoding 4.2). */
	bool latin1 = utf8 || str_ieq(charset, "iso-8859-1") || str_ieq(charset, "latin1");
	bool clean = convert(out, latin1 ? "WINDOWS-1252" : converter(charset), s, n) && !utf8;
	if (!out->len && n)
		convert(out, "WINDOWS-1252", s, n);
	if (!clean)
		message_defect(p, m, "bad-charset");
	char *text = memchr(out->data, 0, out->len) || !utf8_valid(out->data, out->len)
			     ? utf8_repair(p, out->data, out->len)
			     : out->data;
	*len = strlen(text);
	return text;
}

/* Shows nothing, or changes how the name reads: "invoice\u202Efdp.exe". */
static bool is_deceptive(uint32_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0xfeff || c == 0xad || c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0xe0000 && c <= 0xe007f);
}

/* Clipped in the middle, so that the suffix stays. */
static char *name_clip(struct pool *p, char *name)
{
	size_t n = strlen(name);
	if (n <= MAIL_NAME_MAX)
		return name;
	const char *dot = strrchr(name, '.');
	size_t tail = dot ? strlen(dot) : 0;
	if (tail > 20)
		tail = 0;
	size_t head = utf8_clip(name, n - tail, MAIL_NAME_MAX - tail);
	return pool_printf(p, "%.*s%s", (int)head, name, name + n - tail);
}

const char *file_name(struct pool *p, const char *given, const char *type)
{
	char *name = str_squeeze(p, given ? utf8_repair(p, given, strlen(given)) : ""), *to = name;
	for (size_t n = strlen(name), i = 0, step; i < n; i += step) {
		uint32_t c = 0;
		step = utf8_next(name + i, n - i, &c);
		if (is_deceptive(c))
			continue;
		memmove(to, name + i, step);
		to += step;
	}
	*to = 0;
	for (char *slash; (slash = strpbrk(name, "/\\"));)
		name = slash + 1;
	name += strspn(name, ". ");
	name = name_clip(p, str_trim(p, name));
	if (*name)
		return name;
	const char *suffix = strchr(type, '/') + 1;
	return pool_printf(p, "unnamed.%s",
		strcmp(type, "text/plain") == 0              ? "txt"
		: strcmp(type, "text/calendar") == 0         ? "ics"
		: strcmp(type, "message/rfc822") == 0        ? "eml"
		: strlen(suffix) < 6 && !strchr(suffix, '.') ? suffix
							     : "bin");
}

const char *media_type(struct pool *p, const char *type, const char *subtype)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+"; /* RFC 6838 4.2 */
	if (!type || !subtype || strlen(type) > 64 || strlen(subtype) > 120)
		return "application/octet-stream";
	const char *low = str_lower(p, type), *sub = str_lower(p, subtype);
	bool good = *low && *sub && low[strspn(low, allowed)] == 0 && sub[strspn(sub, allowed)] == 0;
	return good ? pool_printf(p, "%s/%s", low, sub) : "application/octet-stream";
}
