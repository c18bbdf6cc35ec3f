/* Owns what a header block says about a message (headers_fill() of headers.h): ids, date, people, subject, and whether a
 * machine sent it. Decodes only through the codec it is given; used in the parse child and beside the database.
 * Tests: t/unit/mail_headers.c */
#include <string.h>
#include <strings.h>

#include "base/pool.h"
#include "base/str.h"
#include "mail/headers.h"
#include "mail/thread.h"
#include "base/banned.h"

/* Why a message counts as automated, the most telling first: the first that applies is the reason. */
enum sign {
	SIGN_BOUNCE,
	SIGN_REPORT,
	SIGN_AUTO_SUBMITTED,
	SIGN_LIST,
	SIGN_PRECEDENCE,
	SIGN_RESPONDER,
	SIGN_SUPPRESS,
	SIGN_NULL_SENDER,
	SIGN_MACHINE_SENDER,
	SIGN_COUNT
};
static const char *const sign_names[SIGN_COUNT] = {"bounce", "report", "auto-submitted", "list", "precedence",
	"responder", "suppress", "null-sender", "machine-sender"};

struct fill {
	struct pool *p;
	struct mail_message *m;
	const struct header_codec *codec;
	bool signs[SIGN_COUNT];
	bool is_auto_reply; /* by its Precedence, which lists write too */
	bool has_date_field, has_return_path, from_daemon, from_postmaster;
};

typedef void take(struct fill *f, const char *value);

/* Clipped to max bytes on a character. */
static const char *clipped(struct fill *f, const char *s, size_t max)
{
	size_t n = strlen(s);
	return n <= max ? s : pool_strndup(f->p, s, utf8_clip(s, n, max));
}

static const char *plain(struct fill *f, const char *value)
{
	return header_unfold(f->p, value, strlen(value));
}

/* ---- who ---- */
static void take_from(struct fill *f, const char *value)
{
	f->codec->addrs(f->p, value, MAIL_FROM, f->m);
}

static void take_to(struct fill *f, const char *value)
{
	f->codec->addrs(f->p, value, MAIL_TO, f->m);
}

static void take_cc(struct fill *f, const char *value)
{
	f->codec->addrs(f->p, value, MAIL_CC, f->m);
}

static void take_bcc(struct fill *f, const char *value)
{
	f->codec->addrs(f->p, value, MAIL_BCC, f->m);
}

static void take_reply_to(struct fill *f, const char *value)
{
	f->codec->addrs(f->p, value, MAIL_REPLY_TO, f->m);
}

static void take_sender(struct fill *f, const char *value)
{
	f->codec->addrs(f->p, value, MAIL_SENDER, f->m);
}

/* Lists that put themselves into From, for DMARC's sake, say here who wrote it. Google Groups writes both. */
static void take_original_from(struct fill *f, const char *value)
{
	struct mail_message *m = message_new(f->p);
	f->codec->addrs(f->p, value, MAIL_FROM, m);
	if (m->addr_count == 1 && m->addrs[0].email)
		f->m->original = m->addrs[0];
}

static void take_original_sender(struct fill *f, const char *value)
{
	if (!f->m->original.email)
		take_original_from(f, value);
}

/* ---- which and when ---- */
static void take_message_id(struct fill *f, const char *value)
{
	size_t count;
	const char **ids = message_ids_parse(f->p, plain(f, value), 1, &count);
	f->m->message_id = count ? ids[0] : NULL;
}

static void take_in_reply_to(struct fill *f, const char *value)
{
	f->m->in_reply_to = message_ids_parse(f->p, plain(f, value), MAIL_REFS_MAX, &f->m->in_reply_to_count);
}

static void take_references(struct fill *f, const char *value)
{
	f->m->references = message_ids_parse(f->p, plain(f, value), MAIL_REFS_MAX, &f->m->references_count);
}

static void take_date(struct fill *f, const char *value)
{
	f->has_date_field = true;
	f->m->has_date = mail_date_parse(plain(f, value), &f->m->date);
	if (!f->m->has_date)
		message_defect(f->p, f->m, "bad-date");
}

/* RFC 5322 3.6.7: the date stands after the last semicolon. The topmost field is the last server's. */
static void take_received(struct fill *f, const char *value)
{
	const char *line = plain(f, value), *date = strrchr(line, ';');
	f->m->has_received = date && mail_date_parse(date + 1, &f->m->received);
}

static void take_delivery_date(struct fill *f, const char *value)
{
	if (!f->m->has_received)
		f->m->has_received = mail_date_parse(plain(f, value), &f->m->received);
}

static void take_subject(struct fill *f, const char *value)
{
	f->m->subject = clipped(f, f->codec->text(f->p, value), MAIL_SUBJECT_MAX);
}

/* ---- a person or a machine ---- */
static void take_list_id(struct fill *f, const char *value)
{
	const char *text = f->codec->text(f->p, value), *open = strrchr(text, '<');
	if (open && open[1] && open[1] != '>')
		text = pool_strndup(f->p, open + 1, strcspn(open + 1, ">"));
	f->m->list_id = *text ? clipped(f, text, MAIL_ID_MAX) : NULL;
	f->signs[SIGN_LIST] = f->m->is_list = true;
}

static void take_list(struct fill *f, const char *value)
{
	(void)value;
	f->signs[SIGN_LIST] = f->m->is_list = true;
}

/* RFC 3834 5: "no", perhaps with parameters or a comment, is the only value that means a person. */
static void take_auto_submitted(struct fill *f, const char *value)
{
	const char *word = plain(f, value);
	if (strncasecmp(word, "no", 2) != 0 || (word[2] && !strchr(" ;(", word[2])))
		f->signs[SIGN_AUTO_SUBMITTED] = true;
}

static void take_return_path(struct fill *f, const char *value)
{
	f->has_return_path = true;
	f->signs[SIGN_NULL_SENDER] |= strcmp(plain(f, value), "<>") == 0;
}

static void take_precedence(struct fill *f, const char *value)
{
	const char *word = plain(f, value);
	bool list = str_ieq(word, "list") || str_ieq(word, "bulk") || str_ieq(word, "junk");
	f->m->is_list |= list;
	f->is_auto_reply |= str_ieq(word, "auto_reply");
	f->signs[SIGN_PRECEDENCE] |= list || f->is_auto_reply;
}

static void take_responder(struct fill *f, const char *value)
{
	(void)value;
	f->signs[SIGN_RESPONDER] = true;
}

static void take_suppress(struct fill *f, const char *value)
{
	f->signs[SIGN_SUPPRESS] |= !str_ieq(plain(f, value), "none");
}

static void take_own(struct fill *f, const char *value)
{
	f->m->countersign_id = clipped(f, plain(f, value), MAIL_ID_MAX);
}

/* Exim's reports are no multipart/report: it names the addresses here. */
static void take_failed(struct fill *f, const char *value)
{
	size_t n;
	char **names = str_split(f->p, plain(f, value), ", ", &n);
	f->signs[SIGN_BOUNCE] = true;
	for (size_t i = 0; i < n; i++) {
		const char *email = addr_normalise(f->p, names[i]);
		if (email)
			message_add_bounce(f->p, f->m, email, NULL);
	}
}

/* RFC 6522 3: what the report is about stands in report-type. */
static void take_content_type(struct fill *f, const char *value)
{
	const char *type = str_lower(f->p, plain(f, value));
	bool report = str_starts(type, "multipart/report");
	if (str_starts(type, "message/delivery-status") || (report && strstr(type, "delivery-status")))
		f->signs[SIGN_BOUNCE] = true;
	else if (report || str_starts(type, "message/disposition-notification"))
		f->signs[SIGN_REPORT] = true;
}

static const struct known {
	const char *name;
	take *take;
	bool single; /* RFC 5322 3.6: at most one; the first counts */
	bool first;  /* may be repeated, but only the topmost is read */
} known[] = {
	{"From", take_from, true, false},
	{"To", take_to, true, false},
	{"Cc", take_cc, true, false},
	{"Bcc", take_bcc, true, false},
	{"Reply-To", take_reply_to, true, false},
	{"Sender", take_sender, true, false},
	{"X-Original-From", take_original_from, false, true},
	{"X-Original-Sender", take_original_sender, false, true},
	{"Message-ID", take_message_id, true, false},
	{"In-Reply-To", take_in_reply_to, true, false},
	{"References", take_references, true, false},
	{"Date", take_date, true, false},
	{"Subject", take_subject, true, false},
	{"Received", take_received, false, true},
	{"Delivery-Date", take_delivery_date, false, true},
	{"List-Id", take_list_id, false, true},
	{"List-Post", take_list, false, true},
	{"List-Unsubscribe", take_list, false, true},
	{"Auto-Submitted", take_auto_submitted, false, false},
	{"Return-Path", take_return_path, false, true},
	{"Precedence", take_precedence, false, false},
	{"X-Autoreply", take_responder, false, true},
	{"X-Autorespond", take_responder, false, true},
	{"X-Loop", take_responder, false, true},
	{"Feedback-ID", take_responder, false, true},
	{"X-Auto-Response-Suppress", take_suppress, false, false},
	{"X-Countersign-Id", take_own, false, true},
	{"X-Failed-Recipients", take_failed, false, true},
	{"Content-Type", take_content_type, false, true},
};
#define KNOWN_COUNT (sizeof known / sizeof *known)

/* The value without line ends and NUL, other bytes as they are: what a codec decodes. */
static const char *raw_value(struct pool *p, const struct header_field *h)
{
	char *out = pool_alloc(p, h->value_len + 1), *to = out;
	for (size_t i = 0; i < h->value_len; i++) {
		char c = h->value[i];
		if (c != '\r' && c != '\n')
			*to++ = (unsigned char)c < ' ' ? ' ' : c;
	}
	return out;
}

static void take_field(struct fill *f, const struct header_field *h, bool seen[static KNOWN_COUNT])
{
	for (size_t i = 0; i < KNOWN_COUNT; i++) {
		const struct known *k = &known[i];
		if (!header_is(h, k->name))
			continue;
		if (seen[i] && k->single)
			message_defect(f->p, f->m, k->take == take_from ? "two-from" : "two-headers");
		if (!seen[i] || !(k->single || k->first))
			k->take(f, raw_value(f->p, h));
		seen[i] = true;
		return;
	}
}

/* Local parts no person answers from. */
static bool is_machine_local(const char *email, size_t n)
{
	static const char *const whole[] = {
		"mailer-daemon", "postmaster", "bounce", "bounces", "notification", "notifications"};
	static const char *const tails[] = {"-bounces", "-bounce", "-request"};
	char local[ADDR_LOCAL_MAX + 1] = {0};
	if (n > ADDR_LOCAL_MAX)
		return false;
	memcpy(local, email, n);
	local[strcspn(local, "+")] = 0;
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		if (strcmp(local, whole[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
		if (str_ends(local, tails[i]))
			return true;
	return str_starts(local, "owner-") || addr_refuses_replies(email);
}

static void judge_senders(struct fill *f)
{
	for (size_t i = 0; i < f->m->addr_count; i++) {
		const struct mail_addr *a = &f->m->addrs[i];
		if (a->role != MAIL_FROM && a->role != MAIL_SENDER)
			continue;
		/* Local daemons often write no domain at all, so that their address is no addr-spec. */
		const char *text = a->email ? a->email : a->name;
		if (!text)
			continue;
		size_t n = strcspn(text, "@");
		f->from_daemon |= strncasecmp(text, "mailer-daemon", n) == 0 && n == strlen("mailer-daemon");
		f->from_postmaster |= a->email && strncmp(text, "postmaster", n) == 0 && n == strlen("postmaster");
		f->signs[SIGN_MACHINE_SENDER] |= a->email && is_machine_local(text, n);
	}
}

static bool is_list_only(const struct fill *f)
{
	for (int i = 0; i < SIGN_COUNT; i++)
		if (f->signs[i] && i != SIGN_LIST && i != SIGN_PRECEDENCE)
			return false;
	return f->m->is_list && !f->is_auto_reply;
}

static void judge(struct fill *f)
{
	bool null_sender = f->signs[SIGN_NULL_SENDER];
	const char *original = f->m->original.email;
	judge_senders(f);
	f->signs[SIGN_MACHINE_SENDER] |= original && is_machine_local(original, strcspn(original, "@"));
	f->m->is_list_only = is_list_only(f);
	if ((f->from_daemon && (null_sender || !f->has_return_path)) || (f->from_postmaster && null_sender))
		f->signs[SIGN_BOUNCE] = true;
	f->m->is_bounce = f->signs[SIGN_BOUNCE];
	for (int i = 0; i < SIGN_COUNT; i++) {
		if (f->signs[i]) {
			f->m->is_automated = true;
			f->m->automated_reason = sign_names[i];
			return;
		}
	}
}

static bool has_role(const struct mail_message *m, enum mail_role role)
{
	for (size_t i = 0; i < m->addr_count; i++)
		if (m->addrs[i].role == role)
			return true;
	return false;
}

void headers_fill(struct pool *p, const char *block, size_t n, const struct header_codec *codec, struct mail_message *m)
{
	struct fill f = {.p = p, .m = m, .codec = codec};
	bool seen[KNOWN_COUNT] = {0};
	struct header_walk w;
	struct header_field h;
	header_walk_init(&w, block, n);
	while (header_walk_next(&w, &h))
		take_field(&f, &h, seen);
	if (w.at < w.end)
		message_defect(p, m, "too-many-headers");
	if (n > MAIL_HEADER_MAX)
		message_defect(p, m, "truncated");
	if (!m->message_id)
		message_defect(p, m, "no-message-id");
	if (!has_role(m, MAIL_FROM))
		message_defect(p, m, "no-from");
	if (!f.has_date_field)
		message_defect(p, m, "no-date");
	judge(&f);
}
