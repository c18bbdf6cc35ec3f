/* Owns reading what a receiving server found out about a sender (authres.h). Never believes a field that another server
 * could have written. Tests: t/unit/mail_authres.c, t/40-authenticity.t, t/fuzz/mail_authres.c */
#include "mail/authres.h"

#include <string.h>
#include <strings.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/addr.h"
#include "mail/headers.h"
#include "base/banned.h"

const char *authenticity_name(enum authenticity a)
{
	static const char *const names[] = {"unknown", "verified", "unverified", "failed"};
	return names[a];
}

/* ---- words of a field ---- */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Past white space and comments (RFC 5322 3.2.2), which nest. A comment that never ends takes the rest. */
static const char *skip(const char *s)
{
	for (size_t depth = 0; *s; s++) {
		if (*s == '\\' && depth && s[1])
			s++;
		else if (*s == '(')
			depth++;
		else if (*s == ')' && depth)
			depth--;
		else if (!depth && !is_space(*s))
			break;
	}
	return s;
}

/* Where a word ends: at white space, a comment, a semicolon or one of `stops` outside quotes; NULL when a quotation never
 * does. */
static const char *word_end(const char *s, const char *stops)
{
	for (bool quoted = false; *s || quoted; s++) {
		if (!*s)
			return NULL;
		if (*s == '"')
			quoted = !quoted;
		else if (quoted && *s == '\\' && s[1])
			s++;
		else if (!quoted && (is_space(*s) || *s == '(' || *s == ';' || strchr(stops, *s)))
			break;
	}
	return s;
}

/* The word at *at, without its quotes, in lower case; NULL when it never ends, and then nothing follows it. */
static const char *word(struct pool *p, const char **at, const char *stops)
{
	const char *s = skip(*at), *end = word_end(s, stops);
	if (!end) {
		*at = s + strlen(s);
		return NULL;
	}
	char *out = pool_alloc(p, (size_t)(end - s) + 1), *to = out;
	for (; s < end; s++) {
		s += *s == '\\' && s + 1 < end;
		if (*s != '"')
			*to++ = *s;
	}
	*at = skip(end);
	return str_lower(p, out);
}

/* name=value; false at the end of this result. What is neither is passed over. */
static bool pair(struct pool *p, const char **at, const char **name, const char **value)
{
	while (*(*at = skip(*at)) && **at != ';') {
		const char *from = *at;
		*name = word(p, at, "=");
		if (**at == '=') {
			++*at;
			*value = word(p, at, "");
			if (*name && *value)
				return true;
		}
		if (*at == from)
			++*at;
	}
	return false;
}

/* ---- one result ---- */
/* A version may follow the name: "dkim/1" (RFC 8601 2.2). */
static bool is_method(const char *name, const char *method)
{
	size_t n = strlen(method);
	return strncmp(name, method, n) == 0 && (!name[n] || name[n] == '/');
}

static void take_dmarc(struct authres *a, const char *result, const char *from)
{
	a->is_ambiguous |= a->dmarc != NULL;
	if (a->dmarc && !str_eq(result, "fail"))
		return;
	a->dmarc = result;
	a->dmarc_from = from;
}

static void take_dkim(struct authres *a, const char *result, const char *signer, const char *identity)
{
	const char *at = identity ? strrchr(identity, '@') : NULL, *domain = signer ? signer : at ? at + 1 : identity;
	if (str_eq(result, "pass") && domain && *domain && a->dkim_count < AUTHRES_DKIM_MAX)
		a->dkim[a->dkim_count++] = domain;
}

/* What stands up to the next semicolon: method=result, then what it was about. */
static void take_result(struct pool *p, const char **at, struct authres *a)
{
	const char *method, *result, *name, *value, *from = NULL, *signer = NULL, *identity = NULL;
	if (!pair(p, at, &method, &result))
		return;
	while (pair(p, at, &name, &value)) {
		if (str_eq(name, "header.from"))
			from = value;
		else if (str_eq(name, "header.d"))
			signer = value;
		else if (str_eq(name, "header.i"))
			identity = value;
	}
	if (is_method(method, "dmarc"))
		take_dmarc(a, result, from);
	else if (is_method(method, "dkim"))
		take_dkim(a, result, signer, identity);
}

/* Adds what the field says to what others of the same server said. */
static bool add(struct pool *p, const char *value, struct authres *out)
{
	const char *at = value, *id;
	out->authserv_id = NULL;
	if (strlen(value) > AUTHRES_MAX || !(id = word(p, &at, "=")) || !*id)
		return false;
	if (*at == '=')
		at = value;
	else
		out->authserv_id = id;
	const char *name, *no_result; /* a version may stand there */
	while (out->authserv_id && pair(p, &at, &name, &no_result))
		;
	for (at += *at == ';'; *at; at += *at == ';')
		take_result(p, &at, out);
	return true;
}

bool authres_parse(struct pool *p, const char *value, struct authres *out)
{
	*out = (struct authres){0};
	return add(p, value, out);
}

/* ---- whose it is ---- */
static const char *last_labels(const char *host)
{
	const char *dot = strrchr(host, '.');
	while (dot && dot > host && dot[-1] != '.')
		dot--;
	return dot ? dot : host;
}

/* Names that exist inside one network only, and addresses, say nothing about whose a server is. */
static bool is_private(const char *host)
{
	static const char *const tails[] = {".internal", ".local", ".lan", ".localdomain", ".intranet", ".localhost"};
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
		if (str_ends(host, tails[i]))
			return true;
	return !strchr(host, '.') || *host == '[' || strspn(host, "0123456789abcdef:.[]") == strlen(host);
}

/* Who took the message there: a hop inside our receiver's network, a server of its domain, or somebody else. */
enum hop { HOP_WITHIN, HOP_OURS, HOP_FOREIGN };

/* RFC 5321 4.4: "from A by B ...". */
static enum hop hop_of(struct pool *p, const char *received, const char *authserv_id)
{
	bool by = false;
	for (const char *at = skip(received); *at;) {
		const char *from = at, *host = word(p, &at, "");
		if (host && by && is_private(host))
			return HOP_WITHIN;
		if (host && by)
			return str_eq(last_labels(host), last_labels(str_lower(p, authserv_id))) ? HOP_OURS
												 : HOP_FOREIGN;
		by = str_eq(host, "by");
		at += at == from;
	}
	return HOP_WITHIN;
}

static bool is_ours(struct pool *p, const char *authserv_id, const char *believed)
{
	if (!authserv_id)
		return str_eq(believed, "none");
	believed = str_lower(p, believed);
	return *believed == '.' ? str_ends(authserv_id, believed) : str_eq(authserv_id, believed);
}

static bool add_field(struct pool *p, const struct header_field *f, const char *believed, struct authres *out)
{
	return f->value_len <= AUTHRES_MAX && add(p, header_unfold(p, f->value, f->value_len), out) &&
	       is_ours(p, out->authserv_id, believed);
}

/* Every server puts a Received above all that it was given (RFC 5321 4.4), so what stands above the topmost one of a server
 * that the world reaches was added after it had the message: there a verdict may be spread over several fields, one for
 * each check. Below it only the topmost field is sure to be ours: what follows may have come with the message. */
static bool collect(struct pool *p, const char *raw, size_t n, const char *believed, struct authres *out)
{
	struct header_walk w;
	struct header_field f;
	struct authres first = {0}, all = {0};
	size_t body_at, count = 0;
	bool more = true, below = false;
	header_walk_init(&w, raw, headers_length(raw, n, &body_at));
	while (header_walk_next(&w, &f) && !(below && count)) {
		if (header_is(&f, "Received")) {
			enum hop hop = f.value_len > AUTHRES_MAX
					       ? HOP_FOREIGN
					       : hop_of(p, header_unfold(p, f.value, f.value_len), believed);
			if (hop == HOP_FOREIGN && !count)
				return false;
			if (hop != HOP_WITHIN && count) {
				*out = hop == HOP_OURS ? all : first;
				return true;
			}
			below |= hop == HOP_OURS;
		} else if (more && header_is(&f, "Authentication-Results")) {
			struct authres with = all;
			more = count < AUTHRES_FIELDS_MAX && add_field(p, &f, believed, &with);
			if (!count && !more)
				return false;
			all = more ? with : all;
			first = count++ ? first : all;
		}
	}
	*out = first; /* no server of ours stands below it */
	return count > 0;
}

/* A signature of the domain itself or of one above it. One of a domain below it may be another customer's. */
static bool is_aligned(const char *signer, const char *from)
{
	size_t n = strlen(signer), m = strlen(from);
	return strchr(signer, '.') && n <= m && strcasecmp(from + m - n, signer) == 0 &&
	       (n == m || from[m - n - 1] == '.');
}

static bool has_aligned(const struct authres *a, const char *from)
{
	for (size_t i = 0; i < a->dkim_count; i++)
		if (is_aligned(a->dkim[i], from))
			return true;
	return false;
}

enum authenticity authres_judge(
	struct pool *p, const char *raw, size_t n, const char *authserv_id, const char *from_domain)
{
	struct authres a;
	if (str_blank(authserv_id) || !collect(p, raw, n, authserv_id, &a))
		return AUTH_UNKNOWN;
	if (str_eq(a.dmarc, "fail"))
		return AUTH_FAILED;
	if (!from_domain || a.is_ambiguous)
		return AUTH_UNVERIFIED;
	bool unjudged = !a.dmarc || str_eq(a.dmarc, "none");
	if (str_eq(a.dmarc, "pass") ? str_ieq(a.dmarc_from, from_domain) : unjudged && has_aligned(&a, from_domain))
		return AUTH_VERIFIED;
	return AUTH_UNVERIFIED;
}
