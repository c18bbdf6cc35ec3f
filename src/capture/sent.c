/* Owns whether mail with one of our addresses in From was sent by us. From is what its sender wrote, so that it alone says
 * nothing: a folder, a server's verdict, or the way the mail never took do. Tests: t/40-direction.t */
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "capture/capture.h"
#include "mail/headers.h"
#include "base/banned.h"

/* As servers and mail programs name it, in modified UTF-7 (RFC 3501 5.1.3) as Maildirs have it, and in UTF-8. */
static bool is_sent_name(const char *s, size_t n)
{
	static const char *const names[] = {"Sent", "Sent Items", "Sent Messages", "Sent Mail", "Sent-Mail",
		"Sent Objects", "Gesendet", "Gesendete Elemente", "Gesendete Objekte", "Gesendete Nachrichten",
		"Envoyés", "Envoy&AOk-s", "Messages envoyés", "Messages envoy&AOk-s", "Éléments envoyés",
		"&AMk-l&AOk-ments envoy&AOk-s", "Enviados", "Elementos enviados", "Inviata", "Inviati", "Posta inviata",
		"Verzonden", "Verzonden items"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == n && !strncasecmp(names[i], s, n))
			return true;
	return false;
}

/* "Sent", "INBOX.Sent", "[Gmail].Sent Mail", "Sent.2025", one of several labels with a line each: nobody outside files anything
 * there. */
bool folder_is_sent(const char *folder)
{
	for (const char *at = folder; at && *at;) {
		size_t n = strcspn(at, "./\n");
		if (is_sent_name(at, n))
			return true;
		at += n + (at[n] != 0);
	}
	return false;
}

/* An export from Gmail has its labels above all that came with the mail, and so above every Received (RFC 5321 4.4). */
static bool is_labelled_sent(struct pool *p, const char *raw, size_t len)
{
	struct header_walk w;
	struct header_field f;
	size_t body_at, n;
	header_walk_init(&w, raw, headers_length(raw, len, &body_at));
	while (header_walk_next(&w, &f) && !header_is(&f, "Received")) {
		if (!header_is(&f, "X-Gmail-Labels"))
			continue;
		char **labels = str_split(p, header_unfold(p, f.value, f.value_len), ",", &n);
		for (size_t i = 0; i < n; i++)
			if (is_sent_name(labels[i], strlen(labels[i])))
				return true;
		return false;
	}
	return false;
}

/* What was never received was written here: a program's own copy of what it sent. */
static bool is_received(struct pool *p, const struct judged *j)
{
	return headers_first(p, j->raw, j->len, "Received") != NULL;
}

void direct(struct op *op, const struct source_item *item, struct judged *j)
{
	struct pool *p = op->pool;
	bool unknown = j->authenticity == AUTH_UNKNOWN;
	if (j->authenticity == AUTH_FAILED)
		return;
	j->is_sent = folder_is_sent(item->folder) || (!item->folder && is_labelled_sent(p, j->raw, j->len)) ||
		     (unknown && !j->m->original.email && !is_received(p, j));
	/* A group that is not among own_groups says itself that another wrote it. */
	bool passed_on = j->m->original.email && !own_is(j->own, j->m->original.email);
	j->is_out = j->is_sent || (j->authenticity == AUTH_VERIFIED && !passed_on);
	/* A mailbox with neither: nothing could ever say that we sent something, so From is taken at its word, unproven. */
	if (!j->is_out && unknown && !passed_on && !j->authserv_id && !j->has_sent_folder)
		j->is_out = true;
	if (!j->is_out)
		j->authenticity = AUTH_UNVERIFIED;
}
