/* From MIME to a message: bodies, charsets, names, bounces, and structures made to hurt. */
#include "../tap.h"

#include "base/buf.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/message.h"
#include "mail/mime.h"
#include "mail/mime_text.h"

static struct pool *p;

static struct mail_message *parsed_n(const char *s, size_t n)
{
	struct mail_message *m = message_new(p);
	mime_parse(p, pool_dup(p, s, n), n, m);
	return m;
}

static struct mail_message *parsed(const char *headers_and_body)
{
	const char *s = pool_printf(
		p, "From: a@b.example\nDate: Fri, 20 Nov 2026 14:05:09 +0000\nMessage-ID: <1@b>\n%s", headers_and_body);
	return parsed_n(s, strlen(s));
}

static const char *names(const struct mail_message *m)
{
	struct buf *b = buf_new(p, 10000);
	for (size_t i = 0; i < m->attachment_count; i++)
		buf_printf(b, "%s%s[%s %zu%s]", i ? " " : "", m->attachments[i].name, m->attachments[i].type,
			m->attachments[i].len, m->attachments[i].is_inline ? " inline" : "");
	return b->data;
}

#define ALT(plain, html)                                                                                               \
	"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n" html                     \
	"\n--b\nContent-Type: text/plain\n\n" plain "\n--b--\n"

static void bodies(void)
{
	is(parsed("Subject: x\n\nhello\n")->text, "hello", "no MIME at all");
	struct mail_message *m = parsed(ALT("plain", "<p>rich"));
	is(m->text, "plain", "plain text is read, wherever it stands");
	is(m->html, "<p>rich", "the HTML is kept");
	is(parsed(ALT(" \n", "<p>rich"))->text, "rich", "blank plain text: the HTML is read");
	is(parsed("Content-Type: text/html\n\n<p>a<p>b")->text, "a\n\nb", "HTML alone");
	m = parsed("Content-Type: multipart/mixed; boundary=m\n\n--m\n\none\n--m\nContent-Type: application/pdf; "
		   "name=a.pdf\n"
		   "Content-Transfer-Encoding: base64\n\nAAEC\n--m\nContent-Type: text/html\n\n<b>two</b>\n--m--\n");
	is(m->text, "one\n\ntwo", "bodies before and after a file");
	is(names(m), "a.pdf[application/pdf 3]", "the file");
	m = parsed("Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/html\n\n<p>body\n--m\n\nlist "
		   "footer\n--m--\n");
	is(m->text, "body\n\nlist footer", "a list's footer does not hide the body");
	m = parsed("Content-Type: multipart/related; boundary=m\n\n--m\nContent-Type: text/html\n\n<img "
		   "src='cid:i1@x'>hi\n--m\n"
		   "Content-Type: image/png\nContent-ID: <i1@x>\n\nPNG\n--m\nContent-Type: image/gif\nContent-ID: "
		   "<i2@x>\n\nGIF\n--m--\n");
	is(names(m), "unnamed.png[image/png 3 inline] unnamed.gif[image/gif 3]", "what the HTML shows is inline");
	m = parsed("Content-Type: multipart/mixed; boundary=m\n\n--m\n\ntext\n--m\nContent-Type: text/plain; "
		   "name=b.txt\n\nfile\n--m--\n");
	is(m->text, "text", "a text file is no body");
	is(names(m), "b.txt[text/plain 4]", "but a file");
	m = parsed("Content-Type: text/plain\nContent-Disposition: attachment; filename=\"..\\\\..\\\\x.txt\"\n\nfile");
	is(m->text, "", "an attachment is no body");
	is(names(m), "x.txt[text/plain 4]", "and has no path");
	m = parsed("Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: message/rfc822\n\nSubject: "
		   "In/side\n\nx\n--m--\n");
	is(names(m), "side.eml[message/rfc822 19]", "a message is a file, named by its subject");
	m = parsed("Content-Type: application/ms-tnef; name=winmail.dat\n\nx");
	is(message_defects(p, m), "tnef", "TNEF is named");
	is(parsed("Content-Transfer-Encoding: quoted-printable\n\na=\nb=3D=C3=A9\n")->text, "ab=é", "quoted-printable");
	m = parsed("Content-Transfer-Encoding: x-own\n\nas it is\n");
	is(m->text, "as it is", "an unknown encoding is taken as it stands");
	is(message_defects(p, m), "bad-encoding", "and named");
}

static void charset(const char *name, const char *bytes, const char *want, const char *defects)
{
	struct mail_message *m =
		parsed(pool_printf(p, "Content-Type: text/plain%s%s\n\n%s", *name ? "; charset=" : "", name, bytes));
	is(m->text, want, *name ? name : "none declared");
	is(message_defects(p, m), defects, "its defects");
}

static void charsets(void)
{
	charset("utf-8", "é€", "é€", "");
	charset("UTF-8", "\xe9", "é", "bad-charset");
	charset("iso-8859-1", "\xe9\x93x\x94", "é“x”", "");
	charset("ISO-8859-15", "\xa4", "€", "");
	charset("windows-1251", "\xcf\xf0\xe8", "При", "");
	charset("koi8-r", "\xf0\xd2\xc9", "При", "");
	charset("iso-2022-jp", "\x1b$B$3$s\x1b(B", "こん", "");
	charset("shift_jis", "\x82\xb1\x82\xf1", "こん", "");
	charset("gb2312", "\xc4\xe3\xba\xc3", "你好", "");
	charset("big5", "\xa7\x41\xa6\x6e", "你好", "");
	charset("euc-kr", "\xbe\xc8", "안", "");
	charset("utf-7", "+AOk-", "é", "");
	charset("unicode-1-1-utf-7", "+AOk-", "é", "");
	charset("", "\xe9", "é", "bad-charset");
	charset("no-such-thing", "a\xe9", "aé", "bad-charset");
	charset("us-ascii", "caf\xc3\xa9", "café", "");
	charset("big5",
		"a\xff\xff"
		"b",
		"a\xef\xbf\xbd\xef\xbf\xbd"
		"b",
		"bad-charset");
	struct mail_message *m = parsed("Content-Type: text/html\n\n<meta charset='windows-1251'><p>\xcf\xf0\xe8");
	is(m->text, "При", "HTML says its own charset");
	m = parsed_n("From: a@b.example\n\na\0b", 22);
	is(m->text, "ab", "NUL is dropped");
	ok(strstr(message_defects(p, m), "nul"), "and named");
}

static void headers(void)
{
	struct mail_message *m = parsed(
		"Subject: =?iso-8859-1?Q?Caf=E9?= =?utf-8?B?w6k=?=\n x\n"
		"To: =?utf-8?q?Zo=C3=AB?= <Zoe@B.example>, \"=?utf-8?q?q?=\" <c@d.example>, Team: e@f.example;,\n"
		"  broken, MAILER-DAEMON\n\n");
	is(m->subject, "Caféé x", "encoded words");
	is(m->addrs[1].name, "Zoë", "a name");
	is(m->addrs[1].email, "zoe@b.example", "normalised");
	is(m->addrs[3].email, "e@f.example", "in a group");
	is(m->addrs[m->addr_count - 1].name, "MAILER-DAEMON", "what is no address stays as it stood");
	ok(!m->addrs[m->addr_count - 1].email, "without an address");
	is(parsed("Subject: caf\xe9\n\n")->subject, "café", "a raw 8-bit header");
	is(parsed("Subject: =?utf-8?q?broken\n\n")->subject, "=?utf-8?q?broken", "a broken word");
	const char *mbox = "From me Mon Jan 1 00:00:00 2026\n>From you\nFrom: a@b.example\nSubject: x\n\nbody";
	m = parsed_n(mbox, strlen(mbox));
	is(m->subject, "x", "after a mailbox file's From line");
	is(m->text, "body", "and its body");
}

static void file_names(void)
{
	static const char *const cases[][3] = {{"a.pdf", "x/y", "a.pdf"}, {"/etc/passwd", "x/y", "passwd"},
		{"C:\\x\\a.doc", "x/y", "a.doc"}, {"...hidden", "x/y", "hidden"},
		{"\xe2\x80\xae.bashrc", "x/y", "bashrc"},
		{"inv\xe2\x80\xae"
		 "fdp.exe",
			"x/y", "invfdp.exe"},
		{"a\nb\tc", "x/y", "a b c"}, {"", "image/png", "unnamed.png"}, {"../", "text/plain", "unnamed.txt"},
		{"/", "application/vnd.ms-excel", "unnamed.bin"}, {"\xff", "x/y", "\xef\xbf\xbd"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		is(file_name(p, cases[i][0], cases[i][1]), cases[i][2],
			str_squeeze(p, utf8_repair(p, cases[i][0], strlen(cases[i][0]))));
	is(file_name(p, NULL, "text/calendar"), "unnamed.ics", "no name");
	char *longest = pool_alloc(p, 600);
	memset(longest, 'a', 400);
	memcpy(longest + 400, ".docx", 5);
	const char *name = file_name(p, longest, "x/y");
	ok(strlen(name) == MAIL_NAME_MAX && str_ends(name, ".docx"), "a long name keeps its suffix");
	is(media_type(p, "Text", "HTML"), "text/html", "a type");
	is(media_type(p, "te xt", "html"), "application/octet-stream", "no type");
}

/* Who a report of these fields is about: "email status, …". */
static const char *whom(const char *headers, const char *fields)
{
	struct mail_message *m =
		parsed(pool_printf(p, "%sContent-Type: message/delivery-status\n\n%s", headers, fields));
	const char *list = "";
	for (size_t i = 0; i < m->bounce_count; i++)
		list = pool_printf(p, "%s%s%s %s", list, i ? ", " : "", m->bounces[i].email ? m->bounces[i].email : "-",
			m->bounces[i].status ? m->bounces[i].status : "-");
	return list;
}

#define TO(email, action, status) "Final-Recipient: rfc822; " email "\nAction: " action "\nStatus: " status "\n"

/* RFC 3464: a report speaks of each recipient. */
static void recipients(void)
{
	static const char mta[] = "Reporting-MTA: dns; x\n";
	is(whom("", pool_printf(p, "%s\n%s\n%s", mta, TO("a@x.example", "delayed", "4.4.1"),
			    TO("b@x.example", "failed", "5.1.1"))),
		"b@x.example 5.1.1, a@x.example 4.4.1", "what failed comes before what is late");
	is(whom("", TO("a@x.example", "relayed", "2.1.9") "\r\n" TO("b@x.example", "expanded", "5.0.0") "\n" TO(
			    "c@x.example", "failed", "5.2.1") "\n" TO("d@x.example", "failed", "5.1.1")),
		"c@x.example 5.2.1, d@x.example 5.1.1, a@x.example 2.1.9, b@x.example 2.0.0", "what arrived last");
	is(whom("", pool_printf(p, "%s%s%s", mta, TO("a@x.example", "failed", "5.1.1"),
			    TO("b@x.example", "failed", "5.1.2"))),
		"a@x.example 5.1.1, b@x.example 5.1.2", "without the empty lines between them");
	is(whom("", "Final-Recipient: rfc822; a@x.example\n\nStatus: 5.1.1\n"), "a@x.example 5.1.1",
		"with one too many");
	is(whom("", "Final-Recipient: rfc822; a@x.example\nAction: delayed\n"), "a@x.example 4.0.0",
		"late, without a status");
	is(whom("", "Final-Recipient: rfc822; a@x.example\nOriginal-Recipient: rfc822;b@x.example\nStatus: 5.1.1\n"),
		"a@x.example 5.1.1", "in Postfix's order");
	is(whom("", "Status: 5.1.1\n"), "- 5.1.1", "about nobody");
	is(whom("", "Reporting-MTA: dns; x\n"), "", "about nothing");
	is(whom("X-Failed-Recipients: a@x.example, b@x.example\n",
		   TO("c@x.example", "delayed", "4.4.1") "\n" TO("b@x.example", "failed", "5.1.1")),
		"b@x.example 5.1.1, a@x.example -, c@x.example 4.4.1", "and whom the headers name");
	is(whom("X-Failed-Recipients: a@x.example\n", TO("forwarded@y.example", "failed", "5.1.1")),
		"a@x.example 5.1.1", "by the address that was written to");
	struct buf *many = buf_new(p, 1 << 20);
	for (int i = 0; i < 200; i++)
		buf_printf(many, "Final-Recipient: rfc822; r%d@x.example\nStatus: 5.1.1\n\n", i);
	ok(strlen(whom("", many->data)) < 200 * 20, "no more than so many");
}

static void bounces(void)
{
	struct mail_message *m = parsed(
		"Content-Type: multipart/report; report-type=delivery-status; boundary=m\n\n--m\n\nfailed\n--m\n"
		"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nOriginal-Recipient: "
		"rfc822;Maria@LP.example\n"
		"Final-Recipient: rfc822; other@lp.example\nAction: failed\nStatus: 5.1.1 (no such user)\n\n--m\n"
		"Content-Type: text/rfc822-headers\n\nMessage-ID: <ours@fund.example>\nSubject: x\n\n--m--\n");
	ok(m->is_bounce && m->is_automated, "a bounce");
	is(m->automated_reason, "bounce", "for that reason");
	is(m->bounces[0].email, "maria@lp.example", "whom");
	is(m->bounces[0].status, "5.1.1", "why");
	is(m->bounce_message_id, "ours@fund.example", "which mail");
	is_int(m->attachment_count, 0, "its parts are no files");
	m = parsed("Content-Type: multipart/mixed; boundary=m\n\n--m\n\nYes\n--m\nContent-Type: text/calendar; "
		   "method=REPLY\n\nBEGIN:VCALENDAR\n--m--\n");
	is(m->automated_reason, "calendar", "a calendar's answer");
	is(names(m), "unnamed.ics[text/calendar 15]", "its file is kept");
	ok(!parsed("Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n")->is_automated,
		"an invitation is a person's");
}

static void hurtful(void)
{
	struct buf *b = buf_new(p, 32 << 20);
	buf_str(b, "From: a@b.example\n");
	for (int i = 0; i < 1000; i++)
		buf_printf(b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	buf_str(b, "\ndeep\n");
	struct mail_message *m = parsed_n(b->data, b->len);
	ok(strstr(message_defects(p, m), "too-deep"), "a thousand multiparts in each other");
	buf_clear(b);
	buf_str(b, "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n");
	for (int i = 0; i < 20000; i++)
		buf_str(b, "--b\nContent-Type: image/png\n\nx\n");
	m = parsed_n(b->data, b->len);
	ok(strstr(message_defects(p, m), "too-many-parts"), "twenty thousand parts");
	ok(m->attachment_count <= MAIL_PARTS_MAX, "of which only so many are kept");
	m = parsed("Content-Type: multipart/mixed\n\n--x\n\nno boundary\n--x--\n");
	ok(m->text, "no boundary");
	m = parsed("Content-Type: multipart/mixed; boundary=b\n\nno parts at all\n");
	ok(m->text, "no parts");
	m = parsed("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nnot closed");
	is(m->text, "not closed", "not closed");
	buf_clear(b);
	for (int i = 0; i < 300000; i++)
		buf_str(b, "line of text\n");
	m = parsed(b->data);
	ok(m->text_len <= MAIL_TEXT_MAX, "text within its limit");
	m = parsed(pool_printf(p, "\n%s", b->data));
	is_int(m->text_len <= MAIL_TEXT_MAX && m->text_len > MAIL_TEXT_MAX - 20, 1, "a long body is cut at the limit");
	is(message_defects(p, m), "truncated", "and that is said");
	parsed_n("", 0);
	parsed_n("\n", 1);
	ok(true, "nothing at all");
}

int main(void)
{
	p = pool_new();
	mime_warm();
	bodies();
	charsets();
	headers();
	file_names();
	bounces();
	recipients();
	hurtful();
	pool_free(p);
	return tap_done();
}
