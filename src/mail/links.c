/* Owns finding links in text and seeing through them (links.h). Never opens one. Tests: t/unit/mail_links.c,
 * t/fuzz/mail_links.c */
#include "mail/links.h"

#include <string.h>
#include <strings.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/lookalike.h"
#include "base/banned.h"

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static size_t scheme_length(const char *s, size_t n)
{
	static const char *const schemes[] = {"https://", "http://"};
	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(schemes[i]);
		if (n > len && strncasecmp(s, schemes[i], len) == 0)
			return len;
	}
	return 0;
}

/* Up to a blank or what mail puts around addresses; without what ends a sentence. */
static size_t url_length(const char *s, size_t n)
{
	size_t len = 0;
	while (len < n && (unsigned char)s[len] > ' ' && s[len] != 0x7f && !strchr("<>\"", s[len]))
		len++;
	bool opened = memchr(s, '(', len) != NULL;
	while (len && (strchr(".,;:!?'*_]}", s[len - 1]) || (s[len - 1] == ')' && !opened)))
		len--;
	return len;
}

/* What a browser takes for the host (WHATWG URL 4.4): up to / ? # or a backslash, after the last @, without a port. */
static void host_of(struct pool *p, struct web_link *l, size_t scheme)
{
	const char *s = l->url + scheme;
	size_t n = strcspn(s, "/?#\\"), from = 0;
	for (size_t i = 0; i < n; i++)
		if (s[i] == '@')
			from = i + 1;
	size_t len = s[from] == '[' ? strcspn(s + from, "]") + 1 : strcspn(s + from, ":");
	len = len < n - from ? len : n - from;
	l->host = str_lower(p, pool_strndup(p, s + from, len));
	l->is_mismatch = from > 0; /* https://bank.example@evil.example/ */
}

static const char *without_www(const char *host)
{
	return str_starts(host, "www.") ? host + 4 : host;
}

static bool same_site(const char *a, const char *b)
{
	a = without_www(a);
	b = without_www(b);
	size_t n = strlen(a), m = strlen(b);
	const char *longer = n > m ? a : b, *shorter = n > m ? b : a;
	size_t more = n > m ? n - m : m - n;
	return strcmp(longer + more, shorter) == 0 && (!more || longer[more - 1] == '.');
}

/* Does a word look like an address, "bank.example/login"? Its host, or NULL. A file's name does too: letters follow the
 * last dot of both, so it has to look like a link to be one. */
static const char *shown_host(struct pool *p, const char *word, size_t n)
{
	size_t scheme = scheme_length(word, n);
	bool marked = scheme || (n > 4 && strncasecmp(word, "www.", 4) == 0);
	word += scheme;
	n -= scheme;
	const char *host = str_lower(p, pool_strndup(p, word, n));
	size_t len = strcspn(host, "/?#:\\"), dots = 0;
	for (size_t i = 0; i < len; i++) {
		bool odd = (unsigned char)host[i] < 0x80 && !is_alnum(host[i]) && !strchr("-.", host[i]);
		if (odd)
			return NULL;
		dots += host[i] == '.' && i && i + 1 < len;
	}
	const char *last = memrchr(host, '.', len);
	bool named = last && (size_t)(host + len - last) > 2 && !(last[1] >= '0' && last[1] <= '9');
	return dots && (marked || named) ? pool_strndup(p, host, len) : NULL;
}

/* The word before " <https://…". */
static const char *shown_before(struct pool *p, const char *text, size_t bracket)
{
	size_t end = bracket;
	while (end && (text[end - 1] == ' ' || text[end - 1] == '\n'))
		end--;
	size_t start = end;
	while (start && (unsigned char)text[start - 1] > ' ' && text[start - 1] != '>' && end - start < LINK_MAX)
		start--;
	while (end > start && strchr(".,;:!?)\"'", text[end - 1]))
		end--;
	while (start < end && strchr("(\"'<", text[start]))
		start++;
	return end > start ? shown_host(p, text + start, end - start) : NULL;
}

static bool take(struct pool *p, const char *text, size_t n, size_t at, struct web_link *l)
{
	size_t scheme = scheme_length(text + at, n - at), len = scheme ? url_length(text + at, n - at) : 0;
	if (len <= scheme || len > LINK_MAX || (at && is_alnum(text[at - 1])))
		return false;
	char *url = pool_strndup(p, text + at, len);
	for (size_t i = 0; i < scheme; i++)
		url[i] |= 0x20; /* ":" and "/" have that bit already */
	*l = (struct web_link){.start = at, .len = len, .url = url};
	host_of(p, l, scheme);
	if (!*l->host)
		return false;
	const char *shown = at && text[at - 1] == '<' ? shown_before(p, text, at - 1) : NULL;
	l->is_mismatch |= shown && !same_site(shown, l->host);
	l->is_disguised = domain_is_disguised(l->host, strlen(l->host));
	return true;
}

struct web_link *links_find(struct pool *p, const char *text, size_t n, size_t *count)
{
	struct web_link *links = NULL;
	*count = 0;
	for (size_t at = 0; at < n && *count < LINKS_MAX; at++) {
		struct web_link l;
		if ((text[at] != 'h' && text[at] != 'H') || !take(p, text, n, at, &l))
			continue;
		if (!links)
			links = pool_array(p, LINKS_MAX, sizeof *links);
		links[(*count)++] = l;
		at += l.len - 1;
	}
	return links;
}
