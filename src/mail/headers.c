/* Owns the header block as bytes (headers.h) and the scan that stands in for a parser that failed. Never decodes and
 * never recurses: it runs beside the database on hostile bytes. Tests: t/unit/mail_headers.c, t/fuzz/mail_headers.c */
#include "mail/headers.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

/* The line at s without its line end; *next is where the following one starts. */
static size_t line_at(const char *s, const char *end, const char **next)
{
	const char *nl = memchr(s, '\n', (size_t)(end - s));
	*next = nl ? nl + 1 : end;
	size_t n = (size_t)((nl ? nl : end) - s);
	return n && nl && s[n - 1] == '\r' ? n - 1 : n;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void header_walk_init(struct header_walk *w, const char *block, size_t n)
{
	*w = (struct header_walk){.at = block, .end = block + (n < MAIL_HEADER_MAX ? n : MAIL_HEADER_MAX)};
}

/* Is s[0..n) "name:" with a name of RFC 5322 2.2 characters? Blanks before the colon are obsolete but seen. */
static bool field_split(const char *s, size_t n, struct header_field *f)
{
	size_t len = 0;
	while (len < n && s[len] > ' ' && s[len] < 0x7f && s[len] != ':')
		len++;
	size_t colon = len;
	while (colon < n && is_blank(s[colon]))
		colon++;
	if (!len || colon == n || s[colon] != ':')
		return false;
	*f = (struct header_field){.name = s, .name_len = len, .value = s + colon + 1};
	return true;
}

bool header_walk_next(struct header_walk *w, struct header_field *f)
{
	while (w->at < w->end && w->seen < MAIL_HEADERS_MAX) {
		const char *line = w->at, *next;
		size_t n = line_at(line, w->end, &next);
		w->at = next;
		if (!field_split(line, n, f))
			continue;
		const char *last = line + n;
		while (w->at < w->end && (is_blank(*w->at) || *w->at == '\r')) {
			const char *more = w->at;
			last = more + line_at(more, w->end, &w->at);
		}
		f->value_len = (size_t)(last - f->value);
		w->seen++;
		return true;
	}
	return false;
}

bool header_is(const struct header_field *f, const char *name)
{
	return strlen(name) == f->name_len && strncasecmp(f->name, name, f->name_len) == 0;
}

char *header_unfold(struct pool *p, const char *value, size_t n)
{
	return str_squeeze(p, utf8_repair(p, value, n));
}

size_t headers_length(const char *raw, size_t n, size_t *body_at)
{
	const char *at = raw, *end = raw + n, *next;
	for (; at < end; at = next) {
		if (!line_at(at, end, &next)) {
			*body_at = (size_t)(next - raw);
			return (size_t)(at - raw);
		}
	}
	*body_at = n;
	return n;
}

/* The block of a message, no longer than what is looked at. */
static size_t block_length(const char *raw, size_t n)
{
	size_t body_at, len = headers_length(raw, n, &body_at);
	return len < MAIL_HEADER_MAX ? len : MAIL_HEADER_MAX;
}

char *headers_text(struct pool *p, const char *raw, size_t n)
{
	char *text = utf8_repair(p, raw, block_length(raw, n)), *to = text;
	for (const char *c = text; *c; c++)
		if (*c != '\r' || c[1] != '\n')
			*to++ = *c;
	*to = 0;
	text[utf8_clip(text, (size_t)(to - text), MAIL_HEADER_MAX)] = 0;
	return text;
}

char *headers_first(struct pool *p, const char *raw, size_t n, const char *name)
{
	struct header_walk w;
	struct header_field f;
	header_walk_init(&w, raw, block_length(raw, n));
	while (header_walk_next(&w, &f))
		if (header_is(&f, name))
			return header_unfold(p, f.value, f.value_len);
	return NULL;
}

void headers_body_sha256(const char *raw, size_t n, char *out)
{
	size_t body_at;
	headers_length(raw, n, &body_at);
	sha256_hex(raw + body_at, n - body_at, out);
}

/* ---- the scan: fields without a MIME parser ---- */
static const char *plain_text(struct pool *p, const char *value)
{
	return str_squeeze(p, utf8_repair(p, value, strlen(value)));
}

/* Where one address of a list ends: at a comma, or at the ; of a group, outside quotes, comments and <>. */
static size_t one_length(const char *s)
{
	size_t i = 0;
	int comment = 0;
	bool quoted = false, angled = false;
	for (; s[i]; i++) {
		if (s[i] == '\\' && s[i + 1] && (quoted || comment)) {
			i++;
			continue;
		}
		if (!comment && s[i] == '"')
			quoted = !quoted;
		else if (!quoted && s[i] == '(')
			comment++;
		else if (!quoted && s[i] == ')' && comment)
			comment--;
		else if (!quoted && !comment && (s[i] == '<' || s[i] == '>'))
			angled = s[i] == '<';
		else if (!quoted && !comment && !angled && (s[i] == ',' || s[i] == ';'))
			break;
	}
	return i;
}

/* The name before a <, without quotes. */
static const char *plain_name(struct pool *p, const char *s, size_t n)
{
	char *name = str_squeeze(p, pool_strndup(p, s, n)), *to = name;
	for (const char *c = name; *c; c++)
		if (*c != '"' && *c != '\\')
			*to++ = *c;
	*to = 0;
	name = str_trim(p, name);
	name[utf8_clip(name, strlen(name), ADDR_NAME_MAX)] = 0;
	return *name ? name : NULL;
}

/* One piece of an address list: `name <email>`, `email`, `email (name)`, `group: email`. */
static void plain_addr(struct pool *p, char *piece, enum mail_role role, struct mail_message *m)
{
	char *open = strrchr(piece, '<');
	if (!open) {
		char *comment = strchr(piece, '('), *colon = strchr(piece, ':');
		if (comment)
			*comment = 0;
		if (colon && !strchr(piece, '"'))
			piece = colon + 1;
		piece = str_trim(p, piece);
		const char *email = addr_normalise(p, piece);
		if (*piece)
			message_add_addr(p, m, role, email ? NULL : plain_name(p, piece, strlen(piece)), email);
		return;
	}
	const char *name = plain_name(p, piece, (size_t)(open - piece));
	size_t len = strcspn(open + 1, ">");
	message_add_addr(p, m, role, name, addr_normalise(p, pool_strndup(p, open + 1, len)));
}

static void plain_addrs(struct pool *p, const char *value, enum mail_role role, struct mail_message *m)
{
	const char *at = utf8_repair(p, value, strlen(value));
	while (*at && m->addr_count < MAIL_ADDRS_MAX) {
		size_t n = one_length(at);
		char *piece = str_trim(p, pool_strndup(p, at, n));
		if (*piece)
			plain_addr(p, piece, role, m);
		at += n + (at[n] != 0);
	}
	if (*at)
		message_defect(p, m, "truncated");
}

void headers_scan(struct pool *p, const char *raw, size_t n, const char *reason, struct mail_message *m)
{
	static const struct header_codec plain = {.text = plain_text, .addrs = plain_addrs};
	size_t body_at, len = headers_length(raw, n, &body_at);
	headers_fill(p, raw, len, &plain, m);
	m->is_unparsed = true;
	m->unparsed_reason = reason;
}
