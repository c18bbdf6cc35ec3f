/* Owns turning MIME into a struct mail_message, by GMime. Runs in the parse child only; opens nothing. Charsets and names
 * are mime_text.c's. Tests: t/unit/mail_mime.c, t/20-mail-corpus.t, t/fuzz/mail_mime.c */
#include "mail/mime.h"

#include <gmime/gmime.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/gist.h"
#include "mail/headers.h"
#include "mail/message.h"
#include "mail/mime_text.h"
#include "mail/quote.h"
#include "mail/report.h"
#include "mail/signature.h"
#include "mail/text.h"
#include "mail/thread.h"
#include "base/banned.h"

#define INLINE_CHECKED_MAX 100            /* attachments that are looked for in the HTML */
#define TEXT_READ_MAX (4 * MAIL_TEXT_MAX) /* bytes of a text part that are decoded: a character may have four */
#define ADDR_GROUPS_MAX 4                 /* groups inside each other: RFC 5322 3.4 has none */

struct walk {
	struct pool *pool;
	struct mail_message *m;
	size_t parts;
	struct buf *text, *html; /* readable text, the sender's HTML: all body parts in order */
	bool has_text_already;   /* inside a multipart/alternative whose plain text was taken */
};

void mime_warm(void)
{
	g_mime_init();
	charsets_warm();
}

/* ---- headers ---- */
static const char *header_text(struct pool *p, const char *value)
{
	char *decoded = g_mime_utils_header_decode_text(NULL, value);
	const char *line = str_squeeze(p, utf8_repair(p, decoded, strlen(decoded)));
	g_free(decoded);
	return line;
}

static const char *shown_name(struct pool *p, const char *name)
{
	char *s = str_squeeze(p, utf8_repair(p, name, strlen(name)));
	s[utf8_clip(s, strlen(s), ADDR_NAME_MAX)] = 0;
	return *s ? s : NULL;
}

static void add_addrs(struct pool *p, InternetAddressList *list, enum mail_role role, struct mail_message *m, int depth)
{
	int n = list ? internet_address_list_length(list) : 0;
	for (int i = 0; i < n && m->addr_count < MAIL_ADDRS_MAX; i++) {
		InternetAddress *a = internet_address_list_get_address(list, i);
		if (INTERNET_ADDRESS_IS_GROUP(a)) {
			if (depth < ADDR_GROUPS_MAX)
				add_addrs(p, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(a)), role, m,
					depth + 1);
			continue;
		}
		const char *name = internet_address_get_name(a);
		const char *text = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(a));
		const char *email = addr_normalise(p, text);
		/* What is no address is kept as it stood: "MAILER-DAEMON". */
		if (!email && text && *text)
			name = text;
		if (email || name)
			message_add_addr(p, m, role, name ? shown_name(p, name) : NULL, email);
	}
	if (n && m->addr_count == MAIL_ADDRS_MAX)
		message_defect(p, m, "truncated");
}

static void header_addrs(struct pool *p, const char *value, enum mail_role role, struct mail_message *m)
{
	InternetAddressList *list = internet_address_list_parse(NULL, value);
	add_addrs(p, list, role, m, 0);
	if (list)
		g_object_unref(list);
}

/* ---- parts ---- */
static void stream_release(void *stream)
{
	g_object_unref(stream);
}

/* What was written to a memory stream; it goes with the pool. */
static const char *stream_bytes(struct walk *w, GMimeStream *stream, size_t *n)
{
	GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	pool_defer(w->pool, stream_release, stream);
	*n = bytes->len;
	return bytes->len ? (const char *)bytes->data : "";
}

/* The decoded bytes of a part. */
static const char *part_bytes(struct walk *w, GMimePart *part, size_t *n)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = g_mime_stream_mem_new();
	if (content)
		g_mime_data_wrapper_write_to_stream(content, stream);
	/* RFC 2045 6.1 has five; a part encoded in some other way is taken as it stands. */
	const char *encoding = g_mime_object_get_header(GMIME_OBJECT(part), "Content-Transfer-Encoding");
	if (encoding && !str_blank(encoding) &&
		g_mime_part_get_content_encoding(part) == GMIME_CONTENT_ENCODING_DEFAULT)
		message_defect(w->pool, w->m, "bad-encoding");
	return stream_bytes(w, stream, n);
}

static struct mail_attachment *attachment_new(struct walk *w)
{
	struct mail_message *m = w->m;
	if (!m->attachments)
		m->attachments = pool_array(w->pool, MAIL_PARTS_MAX, sizeof *m->attachments);
	if (m->attachment_count < MAIL_PARTS_MAX)
		return &m->attachments[m->attachment_count++];
	message_defect(w->pool, m, "too-many-parts");
	return NULL;
}

static void add_file(struct walk *w, GMimePart *part, const char *type)
{
	struct mail_attachment *a = attachment_new(w);
	if (!a)
		return;
	const char *cid = g_mime_object_get_content_id(GMIME_OBJECT(part));
	a->type = type;
	a->name = file_name(w->pool, g_mime_part_get_filename(part), type);
	a->content_id = cid && message_id_valid(cid, strlen(cid)) ? pool_strdup(w->pool, cid) : NULL;
	a->data = (const unsigned char *)part_bytes(w, part, &a->len);
	if (str_eq(type, "application/ms-tnef") || str_eq(type, "application/vnd.ms-tnef"))
		message_defect(w->pool, w->m, "tnef");
}

static const char *type_of(struct walk *w, GMimeObject *o)
{
	GMimeContentType *t = g_mime_object_get_content_type(o);
	const char *media = t ? g_mime_content_type_get_media_type(t) : NULL;
	const char *subtype = t ? g_mime_content_type_get_media_subtype(t) : NULL;
	return media_type(w->pool, media, subtype);
}

static void automated(struct mail_message *m, const char *reason)
{
	m->is_automated = true;
	m->is_list_only = false;
	if (!m->automated_reason)
		m->automated_reason = reason;
}

static void read_report(struct walk *w, GMimePart *part)
{
	size_t n;
	const char *s = part_bytes(w, part, &n);
	w->m->is_bounce = true;
	automated(w->m, "bounce");
	report_read(w->pool, w->m, s, n);
}

/* The headers of the mail that bounced: its id tells which of ours it was. */
static void read_returned(struct walk *w, const char *headers, size_t n)
{
	size_t count;
	const char **ids = message_ids_parse(w->pool, headers_first(w->pool, headers, n, "Message-ID"), 1, &count);
	if (w->m->is_bounce && count && !w->m->bounce_message_id)
		w->m->bounce_message_id = ids[0];
}

static void add_body(struct walk *w, GMimePart *part, bool is_html)
{
	size_t n, len, most = is_html ? MAIL_HTML_MAX : TEXT_READ_MAX;
	const char *bytes = part_bytes(w, part, &n);
	const char *charset = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset");
	const char *s = text_decode(w->pool, w->m, charset, bytes, n < most ? n : most, is_html, &len);
	bool cut = n > most, html_cut = false;
	if (is_html) {
		size_t room = MAIL_HTML_MAX - w->html->len;
		buf_add(w->html, s, utf8_clip(s, len, room));
		cut |= len > room;
		s = w->has_text_already ? "" : html_to_text(w->pool, s, len, MAIL_TEXT_MAX, &html_cut);
		len = strlen(s);
	}
	if (!str_blank(s)) {
		if (w->text->len)
			buf_str(w->text, w->text->data[w->text->len - 1] == '\n' ? "\n" : "\n\n");
		size_t room = MAIL_TEXT_MAX - w->text->len;
		buf_add(w->text, s, utf8_clip(s, len, room));
		cut |= len > room;
	}
	if (cut || html_cut)
		message_defect(w->pool, w->m, "truncated");
}

static bool is_method_reply(GMimePart *part)
{
	const char *method = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "method");
	return method && strcasecmp(method, "reply") == 0;
}

static void walk_part(struct walk *w, GMimePart *part)
{
	const char *type = type_of(w, GMIME_OBJECT(part)),
		   *disposition = g_mime_object_get_disposition(GMIME_OBJECT(part));
	bool is_file = disposition && strcasecmp(disposition, "attachment") == 0,
	     named = g_mime_part_get_filename(part);
	bool html = str_eq(type, "text/html"), plain = str_eq(type, "text/plain");
	size_t n;
	if (str_eq(type, "message/delivery-status")) {
		read_report(w, part);
	} else if (str_eq(type, "text/rfc822-headers") && w->m->is_bounce) {
		const char *s = part_bytes(w, part, &n);
		read_returned(w, s, n);
	} else if ((html || plain) && !is_file && !(named && w->text->len)) {
		add_body(w, part, html);
		if (named)
			add_file(w, part, type);
	} else {
		/* RFC 5546 3.2.3: a calendar's answer is made by a click. */
		if (str_eq(type, "text/calendar") && is_method_reply(part))
			automated(w->m, "calendar");
		add_file(w, part, type);
	}
}

/* A message inside is a file; in a bounce it is the mail that came back. */
static void walk_enclosed(struct walk *w, GMimeMessagePart *part)
{
	GMimeMessage *inner = g_mime_message_part_get_message(part);
	struct mail_attachment *a = inner ? attachment_new(w) : NULL;
	if (!a)
		return;
	GMimeStream *stream = g_mime_stream_mem_new();
	g_mime_object_write_to_stream(GMIME_OBJECT(inner), NULL, stream);
	const char *bytes = stream_bytes(w, stream, &a->len);
	char *subject = headers_first(w->pool, bytes, a->len, "Subject");
	if (subject)
		subject[utf8_clip(subject, strlen(subject), 100)] = 0;
	bool titled = !str_blank(subject);
	a->data = (const unsigned char *)bytes;
	a->type = "message/rfc822";
	a->name = file_name(
		w->pool, pool_printf(w->pool, "%s.eml", titled ? header_text(w->pool, subject) : "message"), a->type);
	read_returned(w, bytes, a->len);
}

static void walk_object(struct walk *w, GMimeObject *o, int depth);

static void walk_children(struct walk *w, GMimeMultipart *multipart, int depth)
{
	int n = g_mime_multipart_get_count(multipart);
	for (int i = 0; i < n && w->parts <= MAIL_PARTS_MAX; i++)
		walk_object(w, g_mime_multipart_get_part(multipart, i), depth + 1);
}

static bool is_plain_text(struct walk *w, GMimeObject *o)
{
	return GMIME_IS_PART(o) && str_eq(type_of(w, o), "text/plain");
}

/* RFC 2046 5.1.4: the same thing in several forms. Its plain text is read; without one, its HTML is. */
static void walk_alternative(struct walk *w, GMimeMultipart *multipart, int depth)
{
	int n = g_mime_multipart_get_count(multipart);
	bool outer = w->has_text_already;
	size_t before = w->text->len;
	for (int i = 0; i < n && w->parts <= MAIL_PARTS_MAX; i++)
		if (is_plain_text(w, g_mime_multipart_get_part(multipart, i)))
			walk_object(w, g_mime_multipart_get_part(multipart, i), depth + 1);
	w->has_text_already |= w->text->len > before;
	for (int i = 0; i < n && w->parts <= MAIL_PARTS_MAX; i++)
		if (!is_plain_text(w, g_mime_multipart_get_part(multipart, i)))
			walk_object(w, g_mime_multipart_get_part(multipart, i), depth + 1);
	w->has_text_already = outer;
}

static void walk_object(struct walk *w, GMimeObject *o, int depth)
{
	if (!o)
		return;
	if (depth > MAIL_DEPTH_MAX) {
		message_defect(w->pool, w->m, "too-deep");
		return;
	}
	if (++w->parts > MAIL_PARTS_MAX) {
		message_defect(w->pool, w->m, "too-many-parts");
		return;
	}
	if (GMIME_IS_MULTIPART(o) && str_eq(type_of(w, o), "multipart/alternative"))
		walk_alternative(w, GMIME_MULTIPART(o), depth);
	else if (GMIME_IS_MULTIPART(o))
		walk_children(w, GMIME_MULTIPART(o), depth);
	else if (GMIME_IS_MESSAGE_PART(o))
		walk_enclosed(w, GMIME_MESSAGE_PART(o));
	else if (GMIME_IS_PART(o))
		walk_part(w, GMIME_PART(o));
}

/* ---- the whole ---- */

/* Which attachments does the HTML show through cid: (RFC 2392)? */
static void mark_inline(struct mail_message *m)
{
	size_t checked = 0;
	for (size_t i = 0; i < m->attachment_count && m->html; i++) {
		struct mail_attachment *a = &m->attachments[i];
		if (!a->content_id || checked++ == INLINE_CHECKED_MAX)
			continue;
		size_t n = strlen(a->content_id);
		const char *at = m->html, *end = m->html + m->html_len;
		while (!a->is_inline && (at = memmem(at, (size_t)(end - at), "cid:", 4))) {
			at += 4;
			a->is_inline = (size_t)(end - at) >= n && memcmp(at, a->content_id, n) == 0;
		}
	}
}

/* The name of whoever wrote it; NULL: it says none. */
static const char *writer(struct pool *p, const struct mail_message *m)
{
	const char *name = m->original.name;
	for (size_t i = m->original.email ? 0 : m->addr_count; i-- > 0;) {
		const struct mail_addr *a = &m->addrs[i];
		if (a->role == MAIL_FROM)
			name = a->name || !a->email ? a->name : pool_strndup(p, a->email, strcspn(a->email, "@+"));
	}
	return name;
}

static void finish(struct walk *w)
{
	struct mail_message *m = w->m;
	bool cut = w->text->full || w->html->full;
	m->html = w->html->len ? w->html->data : NULL;
	m->html_len = w->html->len;
	m->text = text_tidy(w->pool, w->text->data, w->text->len, MAIL_TEXT_MAX, &m->text_len, NULL);
	m->segments = quote_split(w->pool, m->text, m->text_len, m->subject, &m->segment_count);
	const char *by = writer(w->pool, m);
	struct signature s = signature_read(w->pool, m->text, m->segments, m->segment_count, by);
	m->sender_title = s.title;
	m->sender_phone = s.phone;
	m->snippet = gist_line(w->pool, m, by);
	mark_inline(m);
	if (cut)
		message_defect(w->pool, m, "truncated");
}

/* Multiparts whose boundary never comes: what is there is shown rather than lost. */
static void show_raw(struct walk *w, const char *body, size_t n)
{
	if (w->text->len || w->html->len || w->m->attachment_count || w->m->is_bounce)
		return;
	size_t len;
	const char *s = text_decode(w->pool, w->m, NULL, body, n < MAIL_TEXT_MAX ? n : MAIL_TEXT_MAX, false, &len);
	if (str_blank(s))
		return;
	message_defect(w->pool, w->m, "no-parts");
	buf_add(w->text, s, utf8_clip(s, len, MAIL_TEXT_MAX));
}

/* Where the message begins after mbox "From " lines, which GMime would take for a broken header. */
static size_t after_from_lines(const char *raw, size_t n)
{
	size_t at = 0;
	while (n - at > 6 && (memcmp(raw + at, "From ", 5) == 0 || memcmp(raw + at, ">From ", 6) == 0)) {
		const char *nl = memchr(raw + at, '\n', n - at);
		if (!nl)
			break;
		at = (size_t)(nl - raw) + 1;
	}
	return at;
}

void mime_parse(struct pool *p, char *raw, size_t n, struct mail_message *m)
{
	static const struct header_codec codec = {.text = header_text, .addrs = header_addrs};
	struct walk w = {.pool = p, .m = m, .text = buf_new(p, MAIL_TEXT_MAX), .html = buf_new(p, MAIL_HTML_MAX)};
	size_t body_at, len = headers_length(raw, n, &body_at), start = after_from_lines(raw, n);
	if (memchr(raw, 0, len))
		message_defect(p, m, "nul");
	headers_fill(p, raw, len, &codec, m);
	/* The stream reads the caller's bytes in place: at 50 MiB a copy matters. */
	GByteArray *bytes = g_byte_array_new_take((guint8 *)raw + start, n - start);
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	if (message) {
		GMimeObject *top = g_mime_message_get_mime_part(message);
		walk_object(&w, top, 0);
		if (!top || GMIME_IS_MULTIPART(top))
			show_raw(&w, raw + body_at, n - body_at);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
	g_byte_array_free(bytes, FALSE);
	finish(&w);
}
