/* One message: its headers, its HTML in a frame of its own, its attachments. Reads only; HTML is never put into a page.
 *
 * list (API only)  data: [{id, thread_id, subject, snippet, sent_at, direction, from_name, from_email, is_automated,
 *                  is_unparsed, has_attachments, size, url}]; parameters: thread (id), limit, after; newest first
 * mail/headers     data: message (shapes.h) and headers (the raw block, text), size, defects [text], has_defects,
 *                  mailboxes [{address, folder, source_id}]: where its copies are
 * body             not a template: the HTML with a policy of its own, or a link back when there is none
 * attachments      the bytes, always as a download
 * Tests: t/60-pages.t, t/50-frame.t */
#include "crm/crm.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

#define INLINE_MAX ((size_t)2 << 20)
#define RAW_MAX ((size_t)60 << 20)

/* ---- the document ---- */
static struct json_object *person(struct op *op, struct json_object *row)
{
	struct json_object *o = json_obj(op->pool);
	const char *name = json_text(row, "name"), *email = json_text(row, "email");
	int64_t contact = json_int(row, "contact_id");
	json_set_text(o, "name", name && *name ? name : email);
	json_set_text(o, "email", email);
	json_set_text(o, "url", resource_url(op->pool, "contacts", contact));
	set_has(o, "has_url", contact > 0);
	return o;
}

/* The rows of one message out of those of all, which are in the order of message_id. */
struct part {
	struct json_object *rows;
	size_t at;
};

static struct json_object *row_next(struct part *p, int64_t message)
{
	struct json_object *row = json_at(p->rows, p->at);
	if (!row || json_int(row, "message_id") != message)
		return NULL;
	p->at++;
	return row;
}

static struct json_object *addresses(struct op *op, struct json_object *data, struct part *all)
{
	struct json_object *to = json_add_arr(data, "to"), *cc = json_add_arr(data, "cc"), *from = NULL;
	for (struct json_object *row; (row = row_next(all, json_int(data, "id")));) {
		struct json_object *who = person(op, row);
		const char *role = json_text(row, "role");
		if (str_eq(role, "from"))
			from = from ? from : who;
		else
			json_object_array_add(str_eq(role, "to") ? to : cc, json_object_get(who));
	}
	struct json_object *const lists[] = {to, cc};
	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < json_len(lists[l]); i++)
			json_set_bool(json_at(lists[l], i), "is_last", i + 1 == json_len(lists[l]));
	set_has(data, "has_cc", json_len(cc) > 0);
	return from;
}

static void sentence(struct op *op, struct json_object *data)
{
	struct json_object *to = json_get(data, "to");
	const char *from = json_text(json_get(data, "from"), "name"), *first = json_text(json_at(to, 0), "name");
	size_t others = json_len(to) + json_len(json_get(data, "cc"));
	others = others > 1 ? others - 1 : 0;
	const char *more = others ? pool_printf(op->pool, " and %zu other%s", others, others > 1 ? "s" : "") : "";
	json_set_text(data, "sentence",
		pool_printf(
			op->pool, "%s wrote to %s%s", from ? from : "Somebody", first ? first : "nobody named", more));
}

/* [{"start","len","kind"}] over the text, cut out for the page. */
static void segments(struct op *op, struct json_object *data, const char *text, struct json_object *from)
{
	static const char *const kinds[] = {"reply", "quote", "signature", "forward"};
	static const char *const flags[] = {"is_reply", "is_quote", "is_signature", "is_forward"};
	struct json_object *list = json_add_arr(data, "segments");
	size_t n = strlen(text);
	for (size_t i = 0; i < json_len(from); i++) {
		struct json_object *s = json_at(from, i), *o = json_push_obj(list);
		size_t start = (size_t)json_int(s, "start"), len = (size_t)json_int(s, "len");
		if (start > n || len > n - start)
			start = len = 0;
		const char *part = str_trim(op->pool, pool_strndup(op->pool, text + start, len));
		json_set_text(o, "text", part);
		text_parts(op, o, part);
		json_set_text(o, "kind", json_text(s, "kind"));
		for (size_t k = 0; k < 4; k++)
			json_set_bool(o, flags[k], str_eq(json_text(s, "kind"), kinds[k]));
	}
}

static void attachments(struct op *op, struct json_object *data, struct part *all)
{
	struct json_object *list = json_add_arr(data, "attachments");
	for (struct json_object *a; (a = row_next(all, json_int(data, "id")));) {
		bool stored = json_true(a, "is_stored");
		json_set_text(a, "url",
			stored ? pool_printf(op->pool, "/attachments/%lld", (long long)json_int(a, "id")) : NULL);
		json_object_object_del(a, "message_id");
		json_object_array_add(list, json_object_get(a));
	}
	set_has(data, "has_attachments", json_len(list) > 0);
}

static void links(struct op *op, struct json_object *data, bool has_html)
{
	long long id = (long long)json_int(data, "id");
	set_has(data, "has_html", has_html);
	json_set_text(data, "frame_url", has_html ? pool_printf(op->pool, "/messages/%lld/body", id) : NULL);
	json_set_text(data, "images_url", has_html ? pool_printf(op->pool, "/messages/%lld/body?images=1", id) : NULL);
	json_set_text(data, "headers_url", pool_printf(op->pool, "/messages/%lld/headers", id));
	json_set_text(data, "thread_url", resource_url(op->pool, "threads", json_int(data, "thread_id")));
}

/* What a document is made of, for all messages asked for. */
struct parts {
	struct part bodies, addresses, attachments;
};

static struct parts parts_read(struct op *op, const char *ids)
{
	return (struct parts){
		.bodies = {db_array(op,
			"SELECT message_id, text, segments_json, html IS NOT NULL AS has_html FROM message_bodies_seen"
			" WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY message_id",
			ids)},
		.addresses = {db_array(op,
			"SELECT a.message_id, a.role, coalesce(c.name, a.name) AS name, a.email, e.contact_id FROM"
			" message_addresses_seen a LEFT JOIN contact_emails_live e ON e.email = a.email"
			" LEFT JOIN contacts_live c ON c.id = e.contact_id"
			" WHERE a.message_id IN (SELECT value FROM json_each(?)) AND a.role IN ('from', 'to', 'cc')"
			" AND a.position < 200 ORDER BY a.message_id, a.role, a.position",
			ids)},
		.attachments = {db_array(op,
			"SELECT message_id, id, name, type, size, is_stored, is_inline FROM attachments_seen"
			" WHERE message_id IN (SELECT value FROM json_each(?)) AND is_inline = 0"
			" ORDER BY message_id, position",
			ids)},
	};
}

static void document_fill(struct op *op, struct json_object *data, struct parts *parts)
{
	struct json_object *body = row_next(&parts->bodies, json_int(data, "id"));
	json_set_bool(data, "is_in", str_eq(json_text(data, "direction"), "in"));
	json_set_bool(data, "is_out", str_eq(json_text(data, "direction"), "out"));
	struct json_object *from = addresses(op, data, &parts->addresses), *plain = json_obj(op->pool);
	json_set_text(plain, "name", json_text(data, "from_name"));
	json_set_text(plain, "email", json_text(data, "from_email"));
	json_set(data, "from", json_object_get(from ? from : person(op, plain)));
	json_object_object_del(data, "from_name");
	json_object_object_del(data, "from_email");
	sentence(op, data);
	message_marks(op, data);
	const char *text = body ? json_text(body, "text") : NULL;
	segments(op, data, text ? text : "", body ? json_get(body, "segments_json") : NULL);
	attachments(op, data, &parts->attachments);
	links(op, data, body && json_true(body, "has_html"));
}

static int by_sending(const void *a, const void *b)
{
	struct json_object *const *x = a, *const *y = b;
	int order = strcmp(json_text(*x, "sent_at"), json_text(*y, "sent_at"));
	return order ? order : json_int(*x, "id") < json_int(*y, "id") ? -1 : 1;
}

struct json_object *message_documents(struct op *op, struct json_object *ids)
{
	size_t n;
	const char *text = json_bytes(op->pool, ids, &n);
	struct json_object *list = db_array(op,
		"SELECT id, thread_id, subject, snippet, sent_at, direction, is_automated, is_unparsed, from_name, "
		"from_email, authenticity, warnings, automated, level = 0 AS is_shown"
		" FROM messages_seen WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
		text);
	struct parts parts = parts_read(op, text);
	for (size_t i = 0; i < json_len(list); i++)
		document_fill(op, json_at(list, i), &parts);
	message_bounces(op, list, text);
	json_object_array_sort(list, by_sending);
	return list;
}

struct json_object *message_document(struct op *op, int64_t id)
{
	struct json_object *ids = json_arr(op->pool);
	json_push_int(ids, id);
	return json_at(message_documents(op, ids), 0);
}

/* ---- lists and one ---- */
static void look(struct list *l, int64_t thread)
{
	struct query q;
	query_init(&q, l->r->op.pool);
	if (l->after_key && !*l->after_key)
		l->after_key = db_one_text(&l->r->op, "SELECT sent_at FROM message_places WHERE id = ?", l->after_id);
	query_add(&q, "SELECT sent_at, id FROM message_places WHERE 1");
	if (thread)
		query_add(&q, " AND thread_id = ?", thread);
	if (l->after_key)
		query_add(&q, " AND (sent_at, id) < (?, ?)", l->after_key, l->after_id);
	query_add(&q, " ORDER BY sent_at DESC, id DESC");
	list_look(l, &q);
}

enum status messages_list(struct req *r)
{
	static const struct list_sort sorts[] = {{"-sent", "Newest"}, {NULL, NULL}};
	struct list l;
	list_open(&l, r, "/messages", sorts);
	int64_t thread = list_ref(&l, "thread", "Thread", NULL);
	look(&l, thread);
	query_add(&l.query, "SELECT id, thread_id, subject, snippet, sent_at, direction, from_name, from_email, "
			    "is_automated, is_unparsed,"
			    " has_attachments, size, NULL AS url FROM messages_seen WHERE 1");
	if (thread)
		query_add(&l.query, " AND thread_id = ?", thread);
	if (l.after_key)
		query_add(&l.query, " AND (sent_at, id) < (?, ?)", l.after_key, l.after_id);
	list_floor(&l, "sent_at", "id");
	query_add(&l.query, " ORDER BY sent_at DESC, id DESC LIMIT ?", l.limit + 1);
	rows_urls(list_finish(&l, "sent_at", "id"), "/api/messages");
	return OK;
}

enum status messages_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	struct json_object *data = id ? message_document(&r->op, id) : NULL;
	if (!data)
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such message");
	struct json_object *more = db_object(&r->op,
		"SELECT b.headers, m.size, m.defects FROM messages_seen m JOIN message_bodies_seen b ON b.message_id = "
		"m.id "
		"WHERE m.id = ?",
		id);
	size_t n;
	const char *defects = json_text(more, "defects");
	char **words = str_split(r->op.pool, defects ? defects : "", " ", &n);
	struct json_object *list = json_add_arr(data, "defects");
	for (size_t i = 0; i < n; i++)
		json_push_text(list, words[i]);
	set_has(data, "has_defects", n > 0);
	json_set_text(data, "headers", json_text(more, "headers") ? json_text(more, "headers") : "");
	json_set_int(data, "size", json_int(more, "size"));
	json_set(data, "mailboxes",
		json_object_get(db_array(&r->op,
			"SELECT b.address, replace(i.folder, char(10), ', ') AS folder, i.source_id FROM "
			"mailbox_items_seen i JOIN mailboxes_live b"
			" ON b.id = i.mailbox_id WHERE i.message_id = ? ORDER BY b.address LIMIT 20",
			id)));
	out_data(r, data);
	json_set_text(r->view, "title", json_text(data, "subject"));
	return OK;
}

/* ---- the sender's HTML, in a frame that can do nothing ---- */
static const char *store_path(struct pool *p, const char *sha256)
{
	return pool_printf(p, "%s/%.2s/%s", conf_data_path(p, "mail/store"), sha256, sha256);
}

static void base64_put(struct buf *b, const char *s, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)(unsigned char)s[i] << 16 |
			     (i + 1 < n ? (uint32_t)(unsigned char)s[i + 1] << 8 : 0) |
			     (i + 2 < n ? (unsigned char)s[i + 2] : 0);
		buf_char(b, digits[v >> 18]);
		buf_char(b, digits[v >> 12 & 63]);
		buf_char(b, i + 1 < n ? digits[v >> 6 & 63] : '=');
		buf_char(b, i + 2 < n ? digits[v & 63] : '=');
	}
}

/* cid: of an image part becomes a data: address, so that the frame needs nothing from anywhere (RFC 2392). */
static bool inline_image(struct op *op, struct buf *out, int64_t message, const char *cid, size_t n)
{
	struct json_object *a = db_object(op,
		"SELECT type, sha256, size FROM attachments_seen WHERE message_id = ? AND content_id = ? AND is_stored "
		"= 1"
		" AND type IN ('image/png', 'image/jpeg', 'image/gif', 'image/webp') LIMIT 1",
		message, (const char *)pool_strndup(op->pool, cid, n));
	char *data;
	size_t len;
	if (!a || file_read(op->pool, store_path(op->pool, json_text(a, "sha256")), INLINE_MAX, &data, &len))
		return false;
	buf_printf(out, "data:%s;base64,", json_text(a, "type"));
	base64_put(out, data, len);
	return true;
}

static struct buf *with_images(struct op *op, int64_t message, const char *html)
{
	struct buf *out = buf_new(op->pool, 24 << 20);
	for (const char *s = html;;) {
		const char *cid = strcasestr(s, "cid:");
		if (!cid) {
			buf_str(out, s);
			return out;
		}
		size_t n = strcspn(cid + 4, "\"'> )\r\n");
		buf_add(out, s, (size_t)(cid - s));
		if (!inline_image(op, out, message, cid + 4, n))
			buf_add(out, cid, 4 + n);
		s = cid + 4 + n;
	}
}

enum status messages_body(struct req *r)
{
	int64_t id = in_id(r, "id");
	bool images = in_bool(r, "images");
	const char *html =
		id ? db_one_text(&r->op, "SELECT html FROM message_bodies_seen WHERE message_id = ?", id) : NULL;
	if (!html)
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "this message has no HTML");
	struct buf *b = with_images(&r->op, id, html);
	r->raw_type = "text/html; charset=utf-8";
	r->raw_data = b->data;
	r->raw_len = b->len;
	/* sandbox without a token: no script, no form, no navigation, an origin of its own. Only our page may frame it.
	 */
	r->raw_csp =
		images ? "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; sandbox allow-popups"
			 " allow-popups-to-escape-sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
		       : "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups"
			 " allow-popups-to-escape-sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
	return OK;
}

enum status attachments_show(struct req *r)
{
	int64_t id = in_id(r, "id");
	struct json_object *a =
		id ? db_object(&r->op, "SELECT name, sha256 FROM attachments_seen WHERE id = ? AND is_stored = 1", id)
		   : NULL;
	char *data;
	size_t n;
	if (!a || file_read(r->op.pool, store_path(r->op.pool, json_text(a, "sha256")), RAW_MAX, &data, &n))
		return r->op.fault.status ? r->op.fault.status
					  : fail(&r->op, E_NOT_FOUND, NULL, "there is no such attachment");
	/* Whatever it claims to be, it is a download: nothing of a sender's is ever shown as ours. */
	r->raw_type = "application/octet-stream";
	r->raw_data = data;
	r->raw_len = n;
	r->raw_name = json_text(a, "name");
	r->raw_csp = "default-src 'none'; sandbox";
	return OK;
}
