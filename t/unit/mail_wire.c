/* What a worker sends: read back as it was, and refused when anything at all is not as it should be. */
#include "../tap.h"

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/message.h"
#include "mail/wire.h"

static struct pool *p;

static char *flat(const struct mail_message *m, size_t *n)
{
	int count;
	struct iovec *v = wire_encode(p, m, &count, n);
	struct buf *b = buf_new(p, 64 << 20);
	for (int i = 0; i < count; i++)
		buf_add(b, v[i].iov_base, v[i].iov_len);
	ok(b->len == *n, "the pieces are as long as announced");
	return b->data;
}

static struct mail_message *full(void)
{
	struct mail_message *m = message_new(p);
	static const char *ids[] = {"a@x", "b@x"};
	static struct quote_segment s[] = {{0, 3, QUOTE_REPLY}, {3, 3, QUOTE_QUOTE}};
	static struct mail_attachment a = {.name = "a.pdf",
		.type = "application/pdf",
		.content_id = "i@x",
		.is_inline = true,
		.data = (const unsigned char *)"\0\1\2",
		.len = 3};
	m->message_id = "1@x";
	m->in_reply_to = ids, m->in_reply_to_count = 1;
	m->references = ids, m->references_count = 2;
	m->subject = "Grüße";
	m->date = 5, m->has_date = true;
	m->received = 6, m->has_received = true;
	message_add_addr(p, m, MAIL_FROM, "Maria", "m@b.example");
	message_add_addr(p, m, MAIL_CC, NULL, "c@b.example");
	message_add_addr(p, m, MAIL_TO, "nobody", NULL);
	m->list_id = "l.x";
	m->is_automated = true, m->automated_reason = "list";
	m->is_list = true, m->is_bounce = true;
	message_add_bounce(p, m, "b@b.example", "5.1.1");
	message_add_bounce(p, m, NULL, NULL);
	m->bounce_message_id = "o@x";
	m->countersign_id = "17";
	m->original = (struct mail_addr){.role = MAIL_FROM, .name = "Olga", .email = "o@b.example"};
	m->is_list_only = true;
	m->text = "ab\ncd\n", m->text_len = 6;
	m->html = "<p>\x01", m->html_len = 4;
	m->segments = s, m->segment_count = 2;
	m->snippet = "ab";
	m->attachments = &a, m->attachment_count = 1;
	message_defect(p, m, "no-date");
	return m;
}

static void there_and_back(void)
{
	size_t n;
	char *data = flat(full(), &n);
	struct mail_message *m = message_new(p), *want = full();
	if (!ok(wire_decode(p, data, n, m), "decoded"))
		return;
	is(m->message_id, want->message_id, "id");
	is(m->in_reply_to[0], "a@x", "in reply to");
	is(m->references[1], "b@x", "references");
	is(m->subject, want->subject, "subject");
	ok(m->has_date && m->date == 5 && m->has_received && m->received == 6, "times");
	is_int(m->addr_count, 3, "people");
	ok(m->addrs[0].role == MAIL_FROM && m->addrs[1].role == MAIL_CC && !m->addrs[1].name && !m->addrs[2].email,
		"roles");
	is(m->addrs[0].name, "Maria", "name");
	is(m->addrs[1].email, "c@b.example", "address");
	ok(m->is_list && m->is_bounce && m->is_automated, "flags");
	is(m->automated_reason, "list", "reason");
	is_int(m->bounce_count, 2, "recipients of a report");
	is(m->bounces[0].status, "5.1.1", "status");
	ok(!m->bounces[1].email && !m->bounces[1].status, "nobody, nothing");
	is(m->bounce_message_id, "o@x", "bounced");
	is(m->bounces[0].email, "b@b.example", "whose");
	is(m->countersign_id, "17", "our id");
	is(m->original.email, "o@b.example", "the writer");
	is(m->original.name, "Olga", "the writer's name");
	ok(m->is_list_only, "a list and nothing else");
	is(m->list_id, "l.x", "list");
	is(m->text, "ab\ncd\n", "text");
	is(m->html, "<p>\x01", "HTML may hold anything");
	is(m->snippet, "ab", "snippet");
	ok(m->segment_count == 2 && m->segments[1].start == 3 && m->segments[1].kind == QUOTE_QUOTE, "segments");
	ok(m->attachment_count == 1 && m->attachments[0].len == 3 && m->attachments[0].data[2] == 2, "attachment");
	is(m->attachments[0].name, "a.pdf", "its name");
	is(m->attachments[0].content_id, "i@x", "its id");
	is(message_defects(p, m), "no-date", "defects");
	struct mail_message *empty = message_new(p);
	data = flat(empty, &n);
	ok(wire_decode(p, data, n, message_new(p)), "an empty message");
	ok(!wire_decode(p, data, 0, message_new(p)), "nothing at all is refused");
}

static void refused(const char *name, const struct mail_message *m)
{
	size_t n;
	char *data = flat(m, &n);
	ok(!wire_decode(p, data, n, message_new(p)), "refused: %s", name);
}
#define REFUSED(change)                                                                                                \
	do {                                                                                                           \
		struct mail_message *m = full();                                                                       \
		change;                                                                                                \
		refused(#change, m);                                                                                   \
	} while (0)

static void lies(void)
{
	struct quote_segment gap[] = {{0, 2, QUOTE_REPLY}, {3, 3, QUOTE_QUOTE}}, past[] = {{0, 7, QUOTE_REPLY}},
			     less[] = {{0, 5, QUOTE_REPLY}}, kind[] = {{0, 6, (enum quote_kind)9}},
			     empty[] = {{0, 0, QUOTE_REPLY}, {0, 6, QUOTE_REPLY}};
	REFUSED(m->message_id = "a b");
	REFUSED(m->message_id = "");
	REFUSED(m->message_id = "a\xff");
	REFUSED(m->subject = "a\nb");
	REFUSED(m->subject = "\xff");
	REFUSED(m->date = -1);
	REFUSED(m->date = INT64_MAX);
	REFUSED(m->addrs[0].email = "M@b.example");
	REFUSED(m->addrs[0].email = "not an address");
	REFUSED(m->original.email = "O@b.example");
	REFUSED(m->addrs[0].name = "a\x1b");
	REFUSED(m->addrs[0].role = (enum mail_role)77);
	REFUSED(m->bounces[1].email = "x");
	REFUSED(m->bounces[1].status = "five");
	REFUSED(m->automated_reason = "A Reason");
	REFUSED(m->automated_reason = NULL);
	REFUSED(m->is_automated = false);
	REFUSED(m->snippet = "a\nb");
	REFUSED(m->text = "\x01xxxxx");
	REFUSED(m->html = "\xff\xff\xff\xff");
	REFUSED((m->segments = gap, m->segment_count = 2));
	REFUSED((m->segments = past, m->segment_count = 1));
	REFUSED((m->segments = less, m->segment_count = 1));
	REFUSED((m->segments = kind, m->segment_count = 1));
	REFUSED((m->segments = empty, m->segment_count = 2));
	REFUSED(m->segment_count = 0);
	static const char *const bad_names[] = {"", ".rc", "a/b", "a\\b", "a\nb"};
	for (size_t i = 0; i < sizeof bad_names / sizeof *bad_names; i++) {
		struct mail_attachment a = {
			.name = bad_names[i], .type = "a/b", .data = (const unsigned char *)"", .len = 0};
		REFUSED(m->attachments = &a);
	}
	struct mail_attachment a = {.name = "a", .type = "a b", .data = (const unsigned char *)"", .len = 0};
	REFUSED(m->attachments = &a);
	REFUSED(m->defects[0] = "Two words");
}

/* Every truncation and every changed byte gives a clean answer; most are refused, none may go outside. */
static void broken(void)
{
	size_t n, accepted = 0;
	char *data = flat(full(), &n);
	for (size_t i = 0; i < n; i++)
		accepted += wire_decode(p, pool_dup(p, data, i), i, message_new(p));
	ok(accepted < 16, "cut short: %zu of %zu taken", accepted, n);
	for (size_t i = 0; i < n; i++) {
		char *copy = pool_dup(p, data, n);
		copy[i] = (char)(copy[i] ^ 0x80);
		struct mail_message *m = message_new(p);
		if (wire_decode(p, copy, n, m))
			for (size_t k = 0; k < m->segment_count; k++)
				if (m->segments[k].start + m->segments[k].len > m->text_len)
					ok(false, "a segment outside the text, byte %zu", i);
	}
	char *twice = pool_alloc(p, 2 * n);
	memcpy(twice, data, n);
	memcpy(twice + n, data, n);
	ok(!wire_decode(p, twice, 2 * n, message_new(p)), "everything twice");
}

int main(void)
{
	p = pool_new();
	there_and_back();
	lies();
	broken();
	pool_free(p);
	return tap_done();
}
