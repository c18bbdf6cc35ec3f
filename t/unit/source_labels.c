/* Names of folders and labels: what they are for, and how they are written down. */
#include "../tap.h"

#include "../../src/source/labels.c"

static struct pool *p;

static void skips(const char *name, const char *want)
{
	const char *got = folder_skip(p, name);
	ok(str_eq(got, want), "%s is %s", name, want ? want : "mail");
}

static void named(const char *disk, const char *want)
{
	is(folder_name(p, disk), want, disk);
}

static void labelled(const char *value, const char *folder, const char *flags, const char *skip)
{
	struct labels l;
	labels_read(p, value, strlen(value), &l);
	const char *name = str_squeeze(p, value);
	is(l.folder, folder, name);
	is(l.flags, flags, pool_printf(p, "%s: how it is marked", name));
	is(l.skip, skip, pool_printf(p, "%s: what it is", name));
}

int main(void)
{
	p = pool_new();
	static const char *const none[] = {"INBOX", "Sent", "[Gmail].All Mail", "Archive", "Newsletters",
		"Spam reports", "Draft agreements", "[Gmail]", "", ".", "Clients.Alpine", "Junk bonds", "INBOX.INBOX"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		skips(none[i], NULL);
	static const char *const thrown[] = {"Spam", "SPAM", "[Gmail].Spam", "[Google Mail]/Bin", "INBOX.Trash",
		"INBOX/Junk", "Junk E-mail", "Papierkorb", "INBOX.GELÖSCHTE ELEMENTE", "Corbeille", "Deleted Items",
		"Trash.Old clients", "INBOX.Trash.Old clients", "Archive.2019.Trash", "ゴミ箱"};
	for (size_t i = 0; i < sizeof thrown / sizeof *thrown; i++)
		skips(thrown[i], "spam");
	static const char *const unsent[] = {
		"Drafts", "[Gmail].Drafts", "INBOX.drafts", "Entwürfe", "ENTWÜRFE", "Brouillons"};
	for (size_t i = 0; i < sizeof unsent / sizeof *unsent; i++)
		skips(unsent[i], "draft");

	named("INBOX", "INBOX");
	named("Entw&APw-rfe", "Entwürfe");
	named("Gel&APY-schte Elemente", "Gelöschte Elemente");
	named("R&-D", "R&D");
	named("&MLQw33ux-", "ゴミ箱");
	named("&2D3eAA-", "😀");
	named("R&D", "R&D");           /* no end */
	named("R&D-Team", "R&D-Team"); /* no base64 */
	named("&2D0-x", "&2D0-x");     /* half a character */
	named("&AAA-x", "&AAA-x");     /* NUL */
	named("&APw", "&APw");
	named("Entwürfe", "Entwürfe"); /* as Maildirs without a server have it */

	labelled("Inbox,Important", "Inbox\nImportant", "S", NULL);
	labelled("Inbox,Unread,Starred", "Inbox", "F", NULL);
	labelled("Spam,Unread", "Spam", "", "spam");
	labelled("Trash", "Trash", "S", "spam");
	labelled(" drafts , Opened", "drafts\nOpened", "S", "draft");
	labelled("=?UTF-8?Q?Entw=C3=BCrfe,Ge=C3=B6ffnet?=", "Entwürfe\nGeöffnet", "S", "draft");
	labelled("=?UTF-8?Q?Gel=C3?=\r\n =?utf-8?q?=B6scht,Ungelesen?=", "Gelöscht", "", "spam");
	labelled("=?UTF-8?B?UGFwaWVya29yYixGb25kcw==?=", "Papierkorb\nFonds", "S", "spam");
	labelled("=?UTF-8?Q?Fonds_Z=C3=BCrich?=", "Fonds Zürich", "S", NULL);
	labelled("\"Alpine, Zurich\",Inbox", "Alpine, Zurich\nInbox", "S", NULL);
	labelled("Research/Spam", "Research/Spam", "S", NULL); /* a label of somebody's own */
	labelled("[Imap]/Trash", "[Imap]/Trash", "S", "spam");
	labelled("=?ISO-8859-1?Q?Entw=FCrfe?=", "=?ISO-8859-1?Q?Entw=FCrfe?=", "S", NULL); /* Takeout writes UTF-8 */
	labelled("=?UTF-8?Q?x", "=?UTF-8?Q?x", "S", NULL);
	labelled("=?UTF-8?B?!?=", "=?UTF-8?B?!?=", "S", NULL);
	labelled("=?UTF-8?Q?=FF=0A?=", "\xef\xbf\xbd", "S", NULL);
	labelled("", NULL, "S", NULL);
	labelled(",,\"", NULL, "S", NULL);
	pool_free(p);
	return tap_done();
}
