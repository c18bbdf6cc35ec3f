/* Owns reading names of folders and labels (labels.h). It runs beside the database on what a sender may have written: no
 * recursion, everything bounded by the header's own limit. Tests: t/unit/source_labels.c, t/40-sources.t */
#include "source/labels.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "base/str.h"
#include "mail/headers.h"
#include "base/banned.h"

#define FOLDER_MAX 8000 /* bytes of one message's labels */

/* ---- names ---- */
/* What servers and the common programs call the places of RFC 6154's \Drafts, \Junk and \Trash (Dovecot, Cyrus, Exchange,
 * Gmail, Apple Mail, Thunderbird), in the languages they name them in; folded as str_fold() does. */
static const char *const drafts[] = {"draft", "drafts", "entwürfe", "entwurf", "brouillon", "brouillons", "borrador",
	"borradores", "bozze", "concepten", "rascunhos", "robocze", "wersje robocze", "szkice", "koncepty", "kladder",
	"utkast", "luonnokset", "piszkozatok", "черновики", "чернетки", "下書き", "草稿", "임시보관함", NULL};
static const char *const spam[] = {"spam", "junk", "junk e-mail", "junk email", "junk mail", "junk-e-mail", "bulk mail",
	"spamverdacht", "unerwünscht", "unerwünschte werbung", "courrier indésirable", "indésirables", "pourriel",
	"correo no deseado", "posta indesiderata", "ongewenste e-mail", "lixo eletrônico", "lixo eletrónico",
	"wiadomości-śmieci", "skräppost", "søppelpost", "uønsket e-mail", "uønsket mail", "roskaposti",
	"nevyžádaná pošta", "спам", "нежелательная почта", "迷惑メール", "垃圾邮件", "垃圾郵件", "스팸함", NULL};
static const char *const trash[] = {"trash", "bin", "deleted", "deleted items", "deleted messages", "papierkorb",
	"gelöscht", "gelöschte elemente", "gelöschte objekte", "gelöschte nachrichten", "corbeille",
	"éléments supprimés", "messages supprimés", "papelera", "elementos eliminados", "mensajes eliminados",
	"cestino", "posta eliminata", "elementi eliminati", "prullenbak", "verwijderde items", "lixeira", "lixo",
	"itens excluídos", "itens eliminados", "kosz", "elementy usunięte", "koš", "odstraněná pošta", "papirkurv",
	"slettet post", "slettede elementer", "papperskorg", "papperskorgen", "borttaget", "borttagna objekt",
	"roskakori", "poistetut", "kuka", "корзина", "удаленные", "кошик", "ゴミ箱", "已删除邮件", "已刪除的郵件",
	"垃圾桶", "휴지통", NULL};
/* Gmail's labels that say how a message is marked, not where it lies. */
static const char *const unread[] = {"unread", "ungelesen", "non lus", "non lu", "no leído", "no leídos", "non letti",
	"da leggere", "ongelezen", "não lida", "não lidas", "nieprzeczytane", "ulæst", "oläst", "olästa", NULL};
static const char *const starred[] = {"starred", "markiert", "suivis", "messages suivis", "destacado", "destacados",
	"speciali", "met ster", "com estrela", "oznaczone gwiazdką", "stjernemarkeret", "stjärnmärkt", "stjärnmärkta",
	NULL};
static const char *const prefixes[] = {"inbox", "[gmail]", "[google mail]", NULL};

static bool is_among(const char *const *names, const char *folded)
{
	for (size_t i = 0; names[i]; i++)
		if (str_eq(names[i], folded))
			return true;
	return false;
}

static const char *skip_of(const char *folded)
{
	return is_among(drafts, folded)                            ? SKIP_DRAFT
	       : is_among(spam, folded) || is_among(trash, folded) ? SKIP_SPAM
								   : NULL;
}

/* The last part says what the folder is for. So does the first, after the place that servers put their own in: a folder
 * that was thrown away lies in the trash with its name. */
const char *folder_skip(struct pool *p, const char *name)
{
	size_t n, first = 0;
	char **parts = str_split(p, str_fold(p, name), "./", &n);
	while (first + 1 < n && is_among(prefixes, parts[first]))
		first++;
	const char *skip = n ? skip_of(parts[n - 1]) : NULL;
	return skip || !n ? skip : skip_of(parts[first]);
}

/* ---- what its owner sent ---- */
/* As servers and mail programs name it. */
static bool is_sent_name(const char *s, size_t n)
{
	static const char *const names[] = {"Sent", "Sent Items", "Sent Messages", "Sent Mail", "Sent-Mail",
		"Sent Objects", "Gesendet", "Gesendete Elemente", "Gesendete Objekte", "Gesendete Nachrichten",
		"Envoyés", "Messages envoyés", "Éléments envoyés", "Enviados", "Elementos enviados", "Inviata",
		"Inviati", "Posta inviata", "Verzonden", "Verzonden items"};
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

/* ---- modified UTF-7 ---- */
static void utf8_add(struct buf *out, uint32_t c)
{
	static const unsigned char heads[] = {0, 0xc0, 0xe0, 0xf0};
	unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	buf_char(out, (char)(heads[more] | c >> (6 * more)));
	while (more--)
		buf_char(out, (char)(0x80 | (c >> (6 * more) & 0x3f)));
}

/* The UTF-16 of one "&…-" as UTF-8; false when it is none. */
static bool utf16_add(struct buf *out, const unsigned char *s, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		uint32_t c = (uint32_t)s[i] << 8 | s[i + 1];
		if (c >= 0xd800 && c < 0xdc00 && i + 3 < n) {
			uint32_t low = (uint32_t)s[i + 2] << 8 | s[i + 3];
			if (low < 0xdc00 || low > 0xdfff)
				return false;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		if (!c)
			return false;
		utf8_add(out, c);
	}
	return n && n % 2 == 0;
}

/* Base64 of the ordinary alphabet, or with a comma for its slash; NULL when it is none. */
static const unsigned char *base64(struct pool *p, const char *s, size_t n, size_t *len)
{
	char *url = pool_strndup(p, s, n);
	while (n && url[n - 1] == '=')
		url[--n] = 0;
	for (size_t i = 0; i < n; i++)
		url[i] = url[i] == '+' ? '-' : url[i] == '/' || url[i] == ',' ? '_' : url[i];
	return base64url_decode(p, url, n, len);
}

const char *folder_name(struct pool *p, const char *name)
{
	struct buf *out = buf_new(p, strlen(name) * 3 + 1);
	for (const char *at = name; *at; at++) {
		const char *end = *at == '&' ? strchr(at, '-') : NULL;
		size_t n, len = end ? (size_t)(end - at - 1) : 0;
		if (*at != '&') {
			buf_char(out, *at);
		} else if (end && !len) {
			buf_char(out, '&');
		} else {
			const unsigned char *utf16 = end ? base64(p, at + 1, len, &n) : NULL;
			if (!utf16 || !utf16_add(out, utf16, n))
				return name;
		}
		at = end ? end : at;
	}
	return utf8_valid(out->data, out->len) ? out->data : name;
}

/* ---- encoded words (RFC 2047) ---- */
static void q_add(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int high = s[i] == '=' && i + 2 < n ? hex_digit(s[i + 1]) : -1,
		    low = high < 0 ? -1 : hex_digit(s[i + 2]);
		buf_char(out, low >= 0 ? (char)(high << 4 | low) : s[i] == '_' ? ' ' : s[i]);
		i += low >= 0 ? 2 : 0;
	}
}

/* One "=?UTF-8?Q?…?=" at s; how long it is, 0 when there is none. What Takeout writes is UTF-8. */
static size_t word_add(struct pool *p, struct buf *out, const char *s)
{
	static const char *const charsets[] = {"=?utf-8?", "=?us-ascii?"};
	for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++) {
		size_t head = strlen(charsets[i]), n;
		if (strncasecmp(s, charsets[i], head) != 0 || !s[head] || s[head + 1] != '?')
			continue;
		const char *text = s + head + 2, *end = strstr(text, "?=");
		bool q = s[head] == 'q' || s[head] == 'Q', b = s[head] == 'b' || s[head] == 'B';
		const unsigned char *bytes = end && b ? base64(p, text, (size_t)(end - text), &n) : NULL;
		if (end && q)
			q_add(out, text, (size_t)(end - text));
		else if (bytes)
			buf_add(out, bytes, n);
		return end && (q || bytes) ? (size_t)(end + 2 - s) : 0;
	}
	return 0;
}

/* The space between two of them is none (RFC 2047 6.2). A character may be cut in two by their ends. */
static const char *words_decode(struct pool *p, const char *s)
{
	struct buf *out = buf_new(p, strlen(s) + 1);
	bool after_word = false;
	while (*s) {
		size_t gap = after_word ? strspn(s, " ") : 0, n = word_add(p, out, s + gap);
		after_word = n > 0;
		if (!n)
			buf_char(out, *s);
		s += n ? gap + n : 1;
	}
	return str_squeeze(p, utf8_repair(p, out->data, out->len));
}

/* ---- labels ---- */
/* The next name, without its quotes; *at moves past its comma. NULL at the end. */
static char *label_next(struct pool *p, const char **at)
{
	if (!**at)
		return NULL;
	struct buf *out = buf_new(p, strlen(*at) + 1);
	bool quoted = false;
	const char *s = *at;
	for (; *s && (quoted || *s != ','); s++)
		if (*s == '"')
			quoted = !quoted;
		else
			buf_char(out, *s);
	*at = *s ? s + 1 : s;
	return str_trim(p, out->data);
}

void labels_read(struct pool *p, const char *value, size_t n, struct labels *out)
{
	const char *at = words_decode(p, header_unfold(p, value, n));
	struct buf *folder = buf_new(p, FOLDER_MAX);
	bool is_unread = false, is_starred = false;
	*out = (struct labels){0};
	for (char *label; (label = label_next(p, &at));) {
		const char *folded = str_fold(p, label);
		/* A person's own label may have such a name as one part: a name of Gmail's has none, or a place of its own. */
		const char *skip = *label == '[' ? folder_skip(p, label) : skip_of(folded);
		out->skip = out->skip ? out->skip : skip;
		if (is_among(unread, folded)) {
			is_unread = true;
		} else if (is_among(starred, folded)) {
			is_starred = true;
		} else if (*label && !folder->full) {
			buf_str(folder, folder->len ? "\n" : "");
			buf_str(folder, label);
		}
	}
	out->folder = folder->len ? folder->data : NULL;
	out->flags = pool_printf(p, "%s%s", is_starred ? "F" : "", is_unread ? "" : "S");
}
