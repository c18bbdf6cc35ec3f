/* Ids that tie messages together, and the subject without its prefixes. */
#include "../tap.h"

#include "base/pool.h"
#include "mail/message.h"
#include "mail/thread.h"

static struct pool *p;

static void base(const char *in, const char *want)
{
	is(subject_base(p, in), want, in);
}

static const char *ids(const char *value, size_t max)
{
	size_t n;
	const char **list = message_ids_parse(p, value, max, &n);
	char *out = pool_strdup(p, "");
	for (size_t i = 0; i < n; i++)
		out = pool_printf(p, "%s%s%s", out, i ? " " : "", list[i]);
	return out;
}

int main(void)
{
	p = pool_new();
	base("Re: Re[2]: AW: Fwd: Call on Friday", "Call on Friday");
	base("RE : Capital call", "Capital call");
	base("Re(3): x", "x");
	base("答复：转发: 你好", "你好");
	base("  a \t b ", "a b");
	base("[fund] Re: x", "[fund] Re: x");
	base("Regarding: x", "Regarding: x");
	base("Q3: figures", "Q3: figures");
	base("Re:", "Re:");
	base("Re: Re:", "Re: Re:");
	base("", "");
	base("Re[99999]: x", "Re[99999]: x");
	is(subject_base(p, NULL), "", "no subject");
	ok(subject_is_reply("SV: x") && subject_is_reply("Re: "), "replies");
	ok(!subject_is_reply("Fwd: x") && !subject_is_reply("x Re: y") && !subject_is_reply(NULL), "no replies");

	is(ids("<a@x> <b@x>\t<c@x>", 10), "a@x b@x c@x", "in <>");
	is(ids("a@x b", 10), "a@x", "bare words need an @");
	is(ids("your mail of me@x: <a@x>", 10), "a@x", "where there are <>, words do not count");
	is(ids("<a@x", 10), "a@x", "not closed");
	is(ids("<a b@x> <> <c@x>", 10), "c@x", "unusable ones are left out");
	is(ids("<1@x> <2@x> <3@x> <4@x> <5@x>", 3), "1@x 4@x 5@x", "the first and the newest");
	is(ids("<1@x> <2@x>", 1), "1@x", "the first alone");
	is(ids("", 3), "", "none");
	char *longest = pool_alloc(p, 300);
	memset(longest, 'a', 260);
	is(ids(longest, 3), "", "too long");

	struct mail_message *m = message_new(p);
	const char *refs[] = {"a@x", "b@x", "me@x"}, *reply[] = {"b@x", "c@x"};
	m->message_id = "me@x";
	m->references = refs, m->references_count = 3;
	m->in_reply_to = reply, m->in_reply_to_count = 2;
	size_t n;
	const char **all = thread_ids(p, m, &n);
	is_int(n, 3, "each once, not its own");
	is(all[0], "a@x", "first"), is(all[1], "b@x", "second"), is(all[2], "c@x", "third");
	pool_free(p);
	return tap_done();
}
