/* Owns what counts as an e-mail address and its one spelling (addr.h). Never reads a message. Tests: t/unit/mail_headers.c */
#include "mail/addr.h"

#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

const char *mail_role_name(enum mail_role role)
{
	static const char *const names[MAIL_ROLE_COUNT] = {"from", "to", "cc", "bcc", "reply_to", "sender"};
	return names[role];
}

/* RFC 5322 3.2.3 atext; beyond ASCII RFC 6531 3.3 lets in what is well-formed UTF-8. */
static bool is_atext(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Characters beyond ASCII that no address needs and that could make one look like another or break a line: C1 controls,
 * spaces, zero-width and direction marks, separators, BOM, private use and non-characters. */
static bool is_wide_letter(uint32_t c)
{
	return c > 0xa0 && !(c >= 0x2000 && c <= 0x206f) && c != 0x1680 && c != 0x3000 && c != 0xfeff && c != 0xad &&
	       !(c >= 0xe000 && c <= 0xf8ff) && !(c >= 0xfff0 && c <= 0xffff) && c < 0xe0000;
}

static bool local_valid(const char *s, size_t n)
{
	if (!n || n > ADDR_LOCAL_MAX || s[0] == '.' || s[n - 1] == '.')
		return false;
	for (size_t i = 0, step; i < n; i += step) {
		uint32_t c;
		if (!(step = utf8_next(s + i, n - i, &c)))
			return false;
		bool good = c < 0x80 ? is_atext((unsigned char)c) || (c == '.' && s[i - 1] != '.') : is_wide_letter(c);
		if (!good)
			return false;
	}
	return true;
}

/* RFC 1035 2.3.1, RFC 5890 2.3.1: letters, digits and inner hyphens; U-labels as they are. */
static bool label_valid(const char *s, size_t n)
{
	if (!n || n > 63 || s[0] == '-' || s[n - 1] == '-')
		return false;
	for (size_t i = 0, step; i < n; i += step) {
		uint32_t c;
		if (!(step = utf8_next(s + i, n - i, &c)))
			return false;
		bool ascii = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
			     c == '_';
		if (c < 0x80 ? !ascii : !is_wide_letter(c))
			return false;
	}
	return true;
}

static bool domain_valid(const char *s)
{
	if (strlen(s) > ADDR_DOMAIN_MAX)
		return false;
	size_t labels = 0;
	for (;; labels++) {
		size_t n = strcspn(s, ".");
		if (!label_valid(s, n))
			return false;
		if (!s[n])
			break;
		s += n + 1;
	}
	/* A last label of digits only is an IPv4 address, not a name (RFC 3696 2). */
	return labels >= 1 && strspn(s, "0123456789") != strlen(s);
}

bool addr_valid(const char *s)
{
	if (!s || strnlen(s, ADDR_MAX + 1) > ADDR_MAX)
		return false;
	const char *at = strrchr(s, '@');
	return at && local_valid(s, (size_t)(at - s)) && domain_valid(at + 1);
}

char *addr_normalise(struct pool *p, const char *s)
{
	if (!s || strnlen(s, 4 * ADDR_MAX) >= 4 * ADDR_MAX)
		return NULL;
	char *out = str_trim(p, s);
	size_t n = strlen(out);
	if (n >= 2 && out[0] == '<' && out[n - 1] == '>')
		out = str_trim(p, pool_strndup(p, out + 1, n - 2));
	out = str_lower(p, out);
	return addr_valid(out) ? out : NULL;
}

const char *addr_domain(const char *email)
{
	const char *at = email ? strrchr(email, '@') : NULL;
	return at ? at + 1 : NULL;
}

/* The display name before a <: a quoted string or plain words without specials. NULL when it is neither. */
static char *name_parse(struct pool *p, const char *s, size_t n)
{
	char *raw = str_trim(p, pool_strndup(p, s, n)), *out = raw;
	if (*raw == '"') {
		char *to = out;
		const char *c = raw + 1;
		for (; *c && *c != '"'; c++) {
			if (*c == '\\' && c[1])
				c++;
			*to++ = *c;
		}
		if (*c != '"' || c[1])
			return NULL;
		*to = 0;
	} else if (strpbrk(raw, "\"<>@,;:()[]\\")) {
		return NULL;
	}
	out = str_squeeze(p, out);
	out[utf8_clip(out, strlen(out), ADDR_NAME_MAX)] = 0;
	return out;
}

bool addr_parse_one(struct pool *p, const char *s, struct mail_addr *out)
{
	if (!s || strnlen(s, 2000) >= 2000 || !utf8_valid(s, strlen(s)))
		return false;
	char *line = str_trim(p, s);
	for (const char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	size_t n = strlen(line);
	const char *open = strrchr(line, '<');
	char *name = NULL;
	if (open && n && line[n - 1] == '>') {
		if (!(name = name_parse(p, line, (size_t)(open - line))))
			return false;
	} else {
		open = line;
	}
	char *email = addr_normalise(p, open);
	if (!email)
		return false;
	*out = (struct mail_addr){.role = MAIL_TO, .name = name && *name ? name : NULL, .email = email};
	return true;
}

/* Are the letters of s[0..n) those of the word, whatever parts them? */
static bool is_word(const char *s, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr("-_.", s[i]) && (!*word || s[i] != *word++))
			return false;
	return !*word;
}

bool addr_refuses_replies(const char *email)
{
	size_t n = strcspn(email, "@+");
	for (size_t i = 0; i < n; i++)
		if ((!i || strchr("-_.", email[i - 1])) &&
			(is_word(email + i, n - i, "noreply") || is_word(email + i, n - i, "donotreply")))
			return true;
	return false;
}

bool addr_is_role(const char *email)
{
	static const char *const locals[] = {"mailer-daemon", "postmaster", "info", "office", "support", "newsletter",
		"notifications", "admin", "sales", "contact", "hello", "billing", "ir", "investors",
		"investor-relations", "investorrelations", "invest", "team", "mail", "accounts", "accounting",
		"finance", "compliance", "legal", "operations", "ops", "press", "media", "jobs", "hr", "kontakt"};
	size_t n = strcspn(email, "@+");
	for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
		if (strlen(locals[i]) == n && !strncmp(email, locals[i], n))
			return true;
	return addr_refuses_replies(email);
}

bool addr_is_public(const char *domain)
{
	static const char *const names[] = {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com",
		"msn.com", "icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "web.de",
		"gmx.de", "gmx.net", "gmx.ch", "gmx.at", "gmx.com", "t-online.de", "freenet.de", "bluewin.ch",
		"sunrise.ch", "hispeed.ch", "orange.fr", "free.fr", "laposte.net", "libero.it", "zoho.com",
		"fastmail.com", "hey.com", "mail.com", "mail.ru", "yandex.ru", "qq.com", "163.com", "126.com",
		"comcast.net", "verizon.net", "btinternet.com", "sbcglobal.net", "att.net", "ymail.com",
		"rocketmail.com"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], domain))
			return true;
	return !strncmp(domain, "yahoo.", 6) || !strncmp(domain, "hotmail.", 8) || !strncmp(domain, "live.", 5);
}
