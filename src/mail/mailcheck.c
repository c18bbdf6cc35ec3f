/* mailcheck [--full] [--authserv ID] PATH…: parses the messages of the files and directories named (one message a file; *.mbox: many) as
 * capture does, one JSON line for each and one with the totals. Exit 1 when a message was not parsed or a file not read.
 * mailcheck --sandbox: tries what a parse worker must not be able to do. For tests, and for looking into a message that
 * came out wrong. Never stores anything. Tests: t/20-mail-corpus.t */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/authres.h"
#include "mail/message.h"
#include "mail/parser.h"
#include "base/banned.h"

#define FILE_MAX ((size_t)400 << 20)

static struct {
	struct parser *parser;
	bool full;
	const char *authserv_id;
	int64_t messages, unparsed, unread, bytes;
} run;

static void print_line(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

static void set_ids(struct json_object *o, const char *key, const char **ids, size_t n)
{
	struct json_object *list = json_add_arr(o, key);
	for (size_t i = 0; i < n; i++)
		json_push_text(list, ids[i]);
}

static void set_instant(struct json_object *o, const char *key, bool known, int64_t t)
{
	char text[INSTANT_SIZE];
	instant_format(t, text);
	json_set_text(o, key, known ? text : NULL);
}

/* What --full adds. */
static void set_details(struct json_object *o, const struct mail_message *m)
{
	struct json_object *people = json_add_arr(o, "addresses"), *segments = json_add_arr(o, "segments");
	for (size_t i = 0; i < m->addr_count; i++) {
		struct json_object *a = json_push_obj(people);
		json_set_text(a, "role", mail_role_name(m->addrs[i].role));
		json_set_text(a, "name", m->addrs[i].name);
		json_set_text(a, "email", m->addrs[i].email);
	}
	for (size_t i = 0; i < m->segment_count; i++) {
		const struct quote_segment *s = &m->segments[i];
		struct json_object *g = json_push_obj(segments);
		json_set_text(g, "kind", quote_kind_name(s->kind));
		json_set(g, "text", json_object_new_string_len(m->text + s->start, (int)s->len));
	}
	struct json_object *files = json_add_arr(o, "attachments");
	for (size_t i = 0; i < m->attachment_count; i++) {
		struct json_object *a = json_push_obj(files);
		json_set_text(a, "name", m->attachments[i].name);
		json_set_text(a, "type", m->attachments[i].type);
		json_set_int(a, "bytes", (int64_t)m->attachments[i].len);
		json_set_text(a, "sha256", m->attachments[i].sha256);
		json_set_bool(a, "is_inline", m->attachments[i].is_inline);
	}
	json_set_text(o, "sender_title", m->sender_title);
	json_set_text(o, "sender_phone", m->sender_phone);
	json_set_text(o, "text", m->text);
	json_set_text(o, "html", m->html);
	set_ids(o, "references", m->references, m->references_count);
	set_ids(o, "in_reply_to", m->in_reply_to, m->in_reply_to_count);
	set_instant(o, "received_at", m->has_received, m->received);
	json_set_text(o, "list_id", m->list_id);
	json_set_text(o, "bounce_email", m->bounce_count ? m->bounces[0].email : NULL);
	json_set_text(o, "bounce_status", m->bounce_count ? m->bounces[0].status : NULL);
	json_set_text(o, "bounce_message_id", m->bounce_message_id);
}

static const char *from_domain(const struct mail_message *m)
{
	for (size_t i = 0; i < m->addr_count; i++)
		if (m->addrs[i].role == MAIL_FROM && m->addrs[i].email)
			return addr_domain(m->addrs[i].email);
	return NULL;
}

static void check(const char *name, const char *raw, size_t n)
{
	struct pool *p = pool_new();
	struct mail_message *m;
	if (parser_parse(run.parser, p, raw, n, &m) != OK)
		die(EX_SOFTWARE, "the parser is gone at %s", name);
	struct json_object *o = json_obj(p);
	json_set_text(o, "file", name);
	json_set_text(o, "message_id", m->message_id);
	json_set_text(o, "subject", m->subject);
	set_instant(o, "date_at", m->has_date, m->date);
	json_set_int(o, "address_count", (int64_t)m->addr_count);
	json_set_int(o, "text_bytes", (int64_t)m->text_len);
	json_set_int(o, "html_bytes", (int64_t)m->html_len);
	json_set_int(o, "segment_count", (int64_t)m->segment_count);
	json_set_int(o, "attachment_count", (int64_t)m->attachment_count);
	json_set_text(o, "automated_reason", m->automated_reason);
	json_set_bool(o, "is_list", m->is_list);
	json_set_bool(o, "is_bounce", m->is_bounce);
	json_set_text(o, "snippet", m->snippet);
	json_set_text(o, "defects", message_defects(p, m));
	json_set_text(o, "unparsed_reason", m->unparsed_reason);
	json_set_text(o, "body_sha256", m->body_sha256);
	if (run.authserv_id)
		json_set_text(o, "authenticity",
			authenticity_name(authres_judge(p, raw, n, run.authserv_id, from_domain(m))));
	if (run.full)
		set_details(o, m);
	print_line(o);
	run.messages++;
	run.bytes += (int64_t)n;
	run.unparsed += m->is_unparsed;
	pool_free(p);
}

/* Each message of a mailbox file from its "From " line on. */
static void check_mbox(const char *path, const char *data, size_t n)
{
	for (const char *at = data, *end = data + n, *next; at < end; at = next) {
		const char *blank = memmem(at, (size_t)(end - at), "\n\nFrom ", 7);
		next = blank ? blank + 2 : end;
		check(path, at, (size_t)(next - at));
	}
}

static void check_file(const char *path)
{
	struct pool *p = pool_new();
	char *data;
	size_t n;
	if (file_read(p, path, FILE_MAX, &data, &n) != OK) {
		log_error("a file cannot be read", "path", path, NULL);
		run.unread++;
	} else if (str_ends(path, ".mbox") && str_starts(data, "From ")) {
		check_mbox(path, data, n);
	} else {
		check(path, data, n);
	}
	pool_free(p);
}

static void check_path(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		die(EX_NOINPUT, "%s is not there", path);
	if (!S_ISDIR(st.st_mode)) {
		check_file(path);
		return;
	}
	struct pool *p = pool_new();
	size_t n;
	for (char **files = dir_list(p, path, &n); files && *files; files++)
		check_path(pool_printf(p, "%s/%s", path, *files));
	pool_free(p);
}

static int check_sandbox(struct pool *p)
{
	struct buf *b = buf_new(p, 4096);
	int failed = parser_selftest_sandbox(run.parser, b);
	fputs(b->data, stdout);
	return failed != 0;
}

int main(int argc, char **argv)
{
	struct pool *p = pool_new();
	struct fault f;
	int first = 1, status;
	log_open("mailcheck");
	fault_init(&f, p);
	if (parser_start(&f, p, &run.parser) != OK)
		die(EX_SOFTWARE, "%s", f.items->message);
	if (argc == 2 && str_eq(argv[1], "--sandbox")) {
		status = check_sandbox(p);
		pool_free(p);
		return status;
	}
	run.full = argc > 1 && str_eq(argv[1], "--full");
	first += run.full;
	if (argc > first + 1 && str_eq(argv[first], "--authserv")) {
		run.authserv_id = argv[first + 1];
		first += 2;
	}
	int64_t start = clock_mono_us();
	for (int i = first; i < argc; i++)
		check_path(argv[i]);
	struct json_object *o = json_obj(p);
	json_set_int(o, "messages", run.messages);
	json_set_int(o, "unparsed", run.unparsed);
	json_set_int(o, "unread_files", run.unread);
	json_set_int(o, "bytes", run.bytes);
	json_set_int(o, "milliseconds", (clock_mono_us() - start) / 1000);
	print_line(o);
	status = run.unparsed || run.unread || fflush(stdout) != 0;
	pool_free(p);
	return status;
}
