/* mailcheck: parses the messages of the files and directories named (one message a file; *.mbox: many) as capture does,
 * and prints one JSON line for each. For tests and for looking into a message that came out wrong. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/message.h"
#include "mail/parser.h"
#include "base/banned.h"

static struct parser *parser;
static int parsed, unparsed;

static void check(const char *name, const char *raw, size_t n)
{
	struct pool *p = pool_new();
	struct mail_message *m;
	if (parser_parse(parser, p, raw, n, &m))
		die(70, "the parser is gone");
	struct json_object *o = json_obj(p);
	json_set_text(o, "file", name);
	json_set_text(o, "message_id", m->message_id);
	json_set_text(o, "subject", m->subject);
	json_set_text(o, "from", m->addr_count ? m->addrs[0].email : NULL);
	json_set_text(o, "snippet", m->snippet);
	json_set_int(o, "addresses", (int64_t)m->addr_count);
	json_set_int(o, "text", (int64_t)m->text_len);
	json_set_int(o, "html", (int64_t)m->html_len);
	json_set_int(o, "attachments", (int64_t)m->attachment_count);
	json_set_bool(o, "is_automated", m->is_automated);
	json_set_text(o, "unparsed", m->unparsed_reason);
	json_set_text(o, "defects", message_defects(p, m));
	struct json_object *kinds = json_add_arr(o, "segments");
	for (size_t i = 0; i < m->segment_count; i++)
		json_push_text(kinds, quote_kind_name(m->segments[i].kind));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	parsed++;
	unparsed += m->is_unparsed;
	pool_free(p);
}

static void check_file(const char *path)
{
	struct pool *p = pool_new();
	char *data;
	size_t n;
	if (file_read(p, path, (size_t)400 << 20, &data, &n) == OK) {
		bool many = str_ends(path, ".mbox") && str_starts(data, "From ");
		const char *at = data, *end = data + n;
		while (many && at < end) {
			const char *line = memchr(at, '\n', (size_t)(end - at)), *start = line ? line + 1 : end;
			const char *next = start < end ? memmem(start, (size_t)(end - start), "\n\nFrom ", 7) : NULL;
			check(path, start, (size_t)((next ? next + 1 : end) - start));
			at = next ? next + 2 : end;
		}
		if (!many)
			check(path, data, n);
	}
	pool_free(p);
}

static void check_path(const char *path)
{
	struct stat st;
	struct dirent **files;
	if (stat(path, &st))
		die(66, "%s is not there", path);
	if (!S_ISDIR(st.st_mode)) {
		check_file(path);
		return;
	}
	struct pool *p = pool_new();
	int n = scandir(path, &files, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (files[i]->d_name[0] != '.')
			check_path(pool_printf(p, "%s/%s", path, files[i]->d_name));
		free(files[i]);
	}
	free(files);
	pool_free(p);
}

int main(int argc, char **argv)
{
	struct pool *p = pool_new();
	struct fault f;
	log_open("mailcheck");
	fault_init(&f, p);
	if (parser_start(&f, p, &parser))
		die(70, "%s", f.items->message);
	if (argc > 1 && str_eq(argv[1], "--selftest-sandbox")) {
		struct buf *b = buf_new(p, 4096);
		int bad = parser_selftest_sandbox(parser, b);
		fputs(b->data, stdout);
		pool_free(p);
		return bad != 0;
	}
	for (int i = 1; i < argc; i++)
		check_path(argv[i]);
	fprintf(stderr, "%d messages, %d of them not parsed\n", parsed, unparsed);
	pool_free(p);
	return 0;
}
