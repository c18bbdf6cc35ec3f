/* Owns turning MIME into struct mail_message, by GMime. Only in the parse child. Tests: t/20-mail-corpus.t */
#include "mail/mime.h"

#include <gmime/gmime.h>
#include <iconv.h>
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/headers.h"
#include "mail/message.h"
#include "mail/quote.h"
#include "mail/text.h"
#include "base/banned.h"

struct walk {
	struct pool *pool;
	struct mail_message *m;
	int parts;
	const char *plain, *html; /* the first of each that is no attachment; NUL-terminated UTF-8 */
	size_t plain_len, html_len;
};

void mime_warm(void)
{
	static const char *const charsets[] = {"ISO-8859-1", "ISO-8859-2", "ISO-8859-5", "ISO-8859-7", "ISO-8859-9",
		"ISO-8859-15", "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254",
		"WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257", "KOI8-R", "KOI8-U", "GB18030", "GBK", "GB2312", "BIG5",
		"SHIFT_JIS", "EUC-JP", "ISO-2022-JP", "EUC-KR", "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-7", "US-ASCII",
		"CP850", "CP437", "MACINTOSH", "TIS-620"};
	g_mime_init();
	/* Opened and never closed: the workers inherit the loaded converters and need no files. */
	for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++)
		(void)iconv_open("UTF-8", charsets[i]);
}

/* ---- headers ---- */
static const char *keep(struct pool *p, char *from_glib)
{
	const char *s = from_glib ? utf8_repair(p, from_glib, strlen(from_glib)) : "";
	g_free(from_glib);
	return str_squeeze(p, s);
}

static const char *header_text(struct pool *p, const char *value)
{
	return keep(p, g_mime_utils_header_decode_text(NULL, value));
}

static const char *shown_name(struct pool *p, const char *name)
{
	char *s = str_squeeze(p, utf8_repair(p, name, strlen(name)));
	s[utf8_clip(s, strlen(s), ADDR_NAME_MAX)] = 0;
	return *s ? s : NULL;
}

static void list_add(struct pool *p, InternetAddressList *list, enum mail_role role, struct mail_message *m, int depth)
{
	int n = list ? internet_address_list_length(list) : 0;
	for (int i = 0; i < n && depth < 4; i++) {
		InternetAddress *a = internet_address_list_get_address(list, i);
		if (INTERNET_ADDRESS_IS_GROUP(a)) {
			list_add(p, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(a)), role, m, depth + 1);
			continue;
		}
		const char *name = internet_address_get_name(a);
		const char *email = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(a));
		message_add_addr(
			p, m, role, name ? shown_name(p, name) : NULL, email ? addr_normalise(p, email) : NULL);
	}
}

static void header_addrs(struct pool *p, const char *value, enum mail_role role, struct mail_message *m)
{
	InternetAddressList *list = internet_address_list_parse(NULL, value);
	list_add(p, list, role, m, 0);
	if (list)
		g_object_unref(list);
}

/* ---- parts ---- */
static char *content(struct walk *w, GMimePart *part, size_t max, size_t *n)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	GMimeStream *stream = g_mime_stream_mem_new();
	if (wrapper)
		g_mime_data_wrapper_write_to_stream(wrapper, stream);
	GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	*n = bytes->len;
	if (*n > max) {
		*n = max;
		message_defect(w->pool, w->m, "truncated");
	}
	char *copy = pool_alloc(w->pool, *n + 1);
	if (*n)
		memcpy(copy, bytes->data, *n);
	g_object_unref(stream);
	return copy;
}

/* As UTF-8: by the declared charset, else as it is when that is UTF-8, else Latin-1's superset. */
static const char *to_utf8(struct walk *w, GMimePart *part, const char *s, size_t n, size_t max, size_t *out_len)
{
	const char *charset = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset");
	bool plain = !charset || str_ieq(charset, "utf-8") || str_ieq(charset, "us-ascii");
	const char *from = plain ? "windows-1252" : g_mime_charset_iconv_name(charset);
	if (plain && utf8_valid(s, n)) {
		*out_len = utf8_clip(s, n, max);
		return pool_strndup(w->pool, s, *out_len);
	}
	if (charset)
		message_defect(w->pool, w->m, "bad-charset");
	iconv_t cd = iconv_open("UTF-8", from ? from : "windows-1252");
	if (cd == (iconv_t)-1)
		cd = iconv_open("UTF-8", "windows-1252");
	char *converted = cd == (iconv_t)-1 ? NULL : g_mime_iconv_strndup(cd, s, n);
	if (cd != (iconv_t)-1)
		iconv_close(cd);
	char *fixed = utf8_repair(w->pool, converted ? converted : s, converted ? strlen(converted) : n);
	g_free(converted);
	*out_len = utf8_clip(fixed, strlen(fixed), max);
	fixed[*out_len] = 0;
	return fixed;
}

static const char *clean_name(struct pool *p, const char *given, const char *type)
{
	char *name = given ? str_squeeze(p, utf8_repair(p, given, strlen(given))) : pool_strdup(p, "");
	for (char *slash; (slash = strpbrk(name, "/\\"));)
		name = slash + 1;
	name += strspn(name, ". ");
	char *clean = pool_alloc(p, strlen(name) + 1), *out = clean;
	for (size_t n = strlen(name), k; n; n -= k, name += k) {
		uint32_t c;
		k = utf8_next(name, n, &c);
		bool deceptive =
			(c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
		if (deceptive || c < 32 || c == 127)
			continue;
		memcpy(out, name, k);
		out += k;
	}
	*out = 0;
	size_t n = strlen(clean);
	if (n > MAIL_NAME_MAX)
		clean[utf8_clip(clean, n, MAIL_NAME_MAX)] = 0;
	const char *suffix = strchr(type, '/');
	return *clean ? clean : pool_printf(p, "unnamed.%s", suffix && strlen(suffix) < 12 ? suffix + 1 : "bin");
}

static void attachment(struct walk *w, GMimePart *part, const char *type)
{
	struct mail_message *m = w->m;
	if (m->attachment_count == MAIL_PARTS_MAX)
		return;
	if (!m->attachments)
		m->attachments = pool_array(w->pool, MAIL_PARTS_MAX, sizeof *m->attachments);
	struct mail_attachment *a = &m->attachments[m->attachment_count++];
	const char *cid = g_mime_object_get_content_id(GMIME_OBJECT(part));
	a->type = type;
	a->name = clean_name(w->pool, g_mime_part_get_filename(part), type);
	a->content_id = cid && strlen(cid) <= MAIL_ID_MAX && utf8_valid(cid, strlen(cid)) && !strpbrk(cid, "\r\n\t ")
				? pool_strdup(w->pool, cid)
				: NULL;
	const char *disposition = g_mime_object_get_disposition(GMIME_OBJECT(part));
	a->is_inline =
		a->content_id && str_starts(type, "image/") && !(disposition && str_ieq(disposition, "attachment"));
	a->data = (const unsigned char *)content(w, part, MAIL_RAW_MAX, &a->len);
	if (str_eq(type, "application/ms-tnef"))
		message_defect(w->pool, m, "tnef");
}

static const char *type_of(struct walk *w, GMimeObject *o)
{
	GMimeContentType *t = g_mime_object_get_content_type(o);
	const char *media = t ? g_mime_content_type_get_media_type(t) : NULL,
		   *sub = t ? g_mime_content_type_get_media_subtype(t) : NULL;
	if (!media || !sub)
		return "text/plain";
	char *type = str_lower(w->pool,
		utf8_repair(w->pool, pool_printf(w->pool, "%s/%s", media, sub), strlen(media) + strlen(sub) + 1));
	for (char *s = type; *s; s++)
		if ((unsigned char)*s <= 32 || (*s & 0x80) || *s == 127)
			return "application/octet-stream";
	return strlen(type) <= 120 ? type : "application/octet-stream";
}

/* RFC 3464: per-recipient fields of a delivery report. */
static void delivery_status(struct walk *w, GMimePart *part)
{
	size_t n;
	char *s = content(w, part, 65536, &n);
	struct header_walk h;
	struct header_field f;
	header_walk_init(&h, s, n);
	while (header_walk_next(&h, &f)) {
		char *value = header_unfold(w->pool, f.value, f.value_len), *semicolon = strchr(value, ';');
		bool recipient = header_is(&f, "Final-Recipient") || header_is(&f, "Original-Recipient");
		if (recipient && semicolon && !w->m->bounce_email)
			w->m->bounce_email = addr_normalise(w->pool, semicolon + 1);
		if (header_is(&f, "Status") && strlen(value) <= 20 && !w->m->bounce_status)
			w->m->bounce_status = value;
	}
}

static void leaf(struct walk *w, GMimePart *part)
{
	const char *type = type_of(w, GMIME_OBJECT(part));
	const char *disposition = g_mime_object_get_disposition(GMIME_OBJECT(part));
	bool attached = (disposition && str_ieq(disposition, "attachment")) || g_mime_part_get_filename(part);
	size_t n;
	if (str_eq(type, "message/delivery-status")) {
		delivery_status(w, part);
	} else if (!attached && str_eq(type, "text/plain") && !w->plain) {
		char *s = content(w, part, 4 * MAIL_TEXT_MAX, &n);
		w->plain = to_utf8(w, part, s, n, MAIL_TEXT_MAX, &w->plain_len);
	} else if (!attached && str_eq(type, "text/html") && !w->html) {
		char *s = content(w, part, 2 * MAIL_HTML_MAX, &n);
		w->html = to_utf8(w, part, s, n, MAIL_HTML_MAX, &w->html_len);
	} else {
		attachment(w, part, type);
	}
}

/* A message inside: its own id tells which of ours bounced; as a file it is kept whole. */
static void enclosed(struct walk *w, GMimeMessagePart *part)
{
	GMimeMessage *inner = g_mime_message_part_get_message(part);
	const char *id = inner ? g_mime_message_get_message_id(inner) : NULL;
	struct mail_message *m = w->m;
	if (m->is_bounce && id && strlen(id) <= MAIL_ID_MAX && utf8_valid(id, strlen(id)) && !m->bounce_message_id)
		m->bounce_message_id = str_squeeze(w->pool, id);
	if (!inner || m->attachment_count == MAIL_PARTS_MAX)
		return;
	if (!m->attachments)
		m->attachments = pool_array(w->pool, MAIL_PARTS_MAX, sizeof *m->attachments);
	struct mail_attachment *a = &m->attachments[m->attachment_count++];
	char *bytes = g_mime_object_to_string(GMIME_OBJECT(inner), NULL);
	const char *subject = g_mime_message_get_subject(inner);
	a->type = "message/rfc822";
	a->name = clean_name(
		w->pool, pool_printf(w->pool, "%.100s.eml", subject && *subject ? subject : "message"), a->type);
	a->len = bytes ? strlen(bytes) : 0;
	a->data = pool_dup(w->pool, bytes ? bytes : "", a->len);
	g_free(bytes);
}

static void walk(struct walk *w, GMimeObject *o, int depth)
{
	if (!o)
		return;
	if (depth > MAIL_DEPTH_MAX) {
		message_defect(w->pool, w->m, "too-deep");
		return;
	}
	if (++w->parts > (int)MAIL_PARTS_MAX) {
		message_defect(w->pool, w->m, "too-many-parts");
		return;
	}
	if (GMIME_IS_MULTIPART(o)) {
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(o));
		for (int i = 0; i < n && w->parts <= (int)MAIL_PARTS_MAX; i++)
			walk(w, g_mime_multipart_get_part(GMIME_MULTIPART(o), i), depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(o)) {
		enclosed(w, GMIME_MESSAGE_PART(o));
	} else if (GMIME_IS_PART(o)) {
		leaf(w, GMIME_PART(o));
	}
}

static void readable(struct walk *w)
{
	struct mail_message *m = w->m;
	bool cut = false;
	const char *text = w->plain;
	size_t n = w->plain_len;
	m->html = w->html;
	m->html_len = w->html_len;
	if ((!text || str_blank(text)) && w->html) {
		text = html_to_text(w->pool, w->html, w->html_len, MAIL_TEXT_MAX, &cut);
		n = strlen(text);
	}
	m->text = text ? text_tidy(w->pool, text, n, MAIL_TEXT_MAX, &m->text_len, &cut) : "";
	if (cut)
		message_defect(w->pool, m, "truncated");
	m->segments = quote_split(w->pool, m->text, m->text_len, m->subject, &m->segment_count);
	m->snippet = text_snippet(w->pool, m->text, m->text_len, m->segments, m->segment_count);
}

void mime_parse(struct pool *p, const char *raw, size_t n, struct mail_message *m)
{
	static const struct header_codec codec = {header_text, header_addrs};
	struct walk w = {.pool = p, .m = m};
	size_t body, len = headers_length(raw, n, &body);
	if (memchr(raw, 0, n))
		message_defect(p, m, "nul");
	headers_fill(p, raw, len, &codec, m);
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(raw, n);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	if (message) {
		walk(&w, g_mime_message_get_mime_part(message), 0);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
	readable(&w);
}
