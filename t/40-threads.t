# Threads: joined by references, never by a newsletter; arranged by a person, and what he arranged survives new answers and every
# run over the mailbox. After each step the figures on the threads are worked out again and compared.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Fund;
use Countersign::Mail;
use Countersign::Run;

my $fund = Countersign::Fund->start;
my ($db, $ada, $server) = @$fund{qw(db ada server)};
my $urs = $fund->made('/contacts', {name => 'Urs Brunner', emails => ['urs@counsel.example']});
my $minute = 0;
sub letter { my ($id, %m) = @_; return mail(id => "$id\@mail.example", from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example', date => sprintf('Tue, 03 Mar 2026 10:%02d:00 +0000', $minute++), %m) }
sub id { return $fund->message("$_[0]\@mail.example")->{id} }
sub thread { return $fund->message("$_[0]\@mail.example")->{thread_id} }
# "a b | c": which of these are together.
sub together { my %t; push @{$t{thread($_)}}, $_ for @_; return join ' | ', sort map { join ' ', @$_ } values %t }

sub right {
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $wrong = $db->rows('SELECT t.id, t.messages, t.first_at, t.last_at, t.last_direction FROM threads t WHERE t.messages <> (SELECT count(*) FROM messages WHERE thread_id = t.id)'
		. ' OR (t.merged_into IS NULL) <> (t.messages > 0) OR (t.messages > 0 AND (t.first_at <> (SELECT min(sent_at) FROM messages WHERE thread_id = t.id) OR t.last_at <> (SELECT max(sent_at) FROM messages WHERE thread_id = t.id)'
		. ' OR t.last_direction IS NOT (SELECT direction FROM messages WHERE thread_id = t.id AND is_automated = 0 ORDER BY sent_at DESC, id DESC LIMIT 1)))');
	is_deeply($wrong, [], "$name: the figures of every thread");
	my $have = $db->rows("SELECT resource, resource_id, p.thread_id, p.last_at = t.last_at AS dated FROM thread_parties p JOIN threads t ON t.id = p.thread_id WHERE t.merged_into IS NULL ORDER BY 1, 2, 3");
	my $want = $db->rows("SELECT 'contacts' AS resource, e.contact_id AS resource_id, m.thread_id, 1 AS dated FROM messages m JOIN message_addresses a ON a.message_id = m.id JOIN contact_emails e USING (email)"
		. " UNION SELECT 'organizations', c.organization_id, m.thread_id, 1 FROM messages m JOIN message_addresses a ON a.message_id = m.id JOIN contact_emails e USING (email) JOIN contacts c ON c.id = e.contact_id WHERE c.organization_id IS NOT NULL ORDER BY 1, 2, 3");
	is_deeply($have, $want, "$name: who is in them");
	is($db->value('SELECT count(*) FROM thread_refs r JOIN threads t ON t.id = r.thread_id WHERE t.merged_into IS NOT NULL'), 0, "$name: no reference leads to an empty thread");
	return;
}

# ---- by references
$fund->receive('three letters and an answer', letter('a1', subject => 'Terms'), letter('a2', subject => 'Re: Terms', from => 'ada@fund.example', to => 'maria@alpine.example, urs@counsel.example', refs => '<a1@mail.example>'),
	letter('a3', subject => 'Re: Terms', from => 'urs@counsel.example', refs => '<a1@mail.example> <a2@mail.example>'), letter('b1', subject => 'Terms'));
is(together(qw(a1 a2 a3 b1)), 'a1 a2 a3 | b1', 'references join, a subject does not');
right('captured');

# ---- split, with an answer to either side afterwards
my $r = $ada->post('/mail/' . thread('a1') . '/split', {message_id => id('a2')});
is($r->{status}, 303, 'the rest of a thread is split off');
is(together(qw(a1 a2 a3)), 'a1 | a2 a3', 'from that message on');
right('split');
is($r->{headers}{location}, '/mail/' . thread('a2'), 'and the page shows the new one');
like($ada->get($r->{headers}{location})->{content}, qr/A thread of its own.*Split off/s, 'saying so');
$fund->receive('answers to both, one naming the other side too', letter('a4', refs => '<a1@mail.example> <a2@mail.example> <a3@mail.example>'), letter('a5', refs => '<a1@mail.example>'),
	letter('a6', refs => '<a3@mail.example> <a1@mail.example>'));
is(together(qw(a1 a2 a3 a4 a5 a6)), 'a1 a5 a6 | a2 a3 a4', 'go to the thread they name last, and join nothing again');
$fund->sync('the whole mailbox once more', '--full');
is(together(qw(a1 a2 a3 a4 a5 a6)), 'a1 a5 a6 | a2 a3 a4', 'nor does a full run');
right('answered');

# ---- move one message
$r = $ada->post('/mail/' . thread('a4') . '/move', {message_id => id('a4'), into => thread('b1')});
is($r->{status}, 303, 'a message is moved to another thread');
is(together(qw(a2 a3 a4 b1)), 'a2 a3 | a4 b1', 'there it is');
$fund->receive('an answer to it', letter('a7', refs => '<a2@mail.example> <a4@mail.example>'));
is(together(qw(a4 a7 b1)), 'a4 a7 b1', 'its answers follow it');
right('moved');

# ---- merge, by the API, and back
my ($from, $into) = (thread('a2'), thread('b1'));
my ($api, $doc) = $ada->api(POST => "/threads/$from/merge", {into => $into});
cmp_ok($api->{status}, '<', 300, 'two threads are made one') or diag($api->{content});
is(together(qw(a2 a3 a4 a7 b1)), 'a2 a3 a4 a7 b1', 'with all their messages');
is($ada->get("/mail/$from")->{headers}{location}, "/mail/$into", 'the old address leads there');
$fund->receive('an answer to what was merged', letter('a8', refs => '<a3@mail.example>'));
is(thread('a8'), $into, 'joins the merged thread');
right('merged');
my ($merge, $move, $split) = map { $_->{id} } @{$db->rows('SELECT id FROM thread_moves ORDER BY id DESC')};
is($ada->post("/mail/$into/undo", {move => $merge})->{status}, 303, 'a merge is taken back');
is(together(qw(a2 a3 b1)), 'a2 a3 | b1', 'as it was');
is($ada->get("/mail/$from")->{status}, 200, 'the old address lives again');
right('unmerged');
$fund->receive('mail that refers to both', letter('a9', refs => '<a3@mail.example> <b1@mail.example>'));
is(together(qw(a3 b1 a9)), 'a3 | b1 a9', 'does not make them one again');
is($ada->post("/mail/$into/undo", {move => $merge})->{status}, 404, 'once');
is($ada->post("/mail/$into/undo", {move => $move})->{status}, 303, 'the move is taken back too');
is(thread('a4'), $from, 'and the message back where it was');
is($ada->post("/mail/$from/undo", {move => $split})->{status}, 303, 'and the split');
is(together(qw(a1 a2 a3)), 'a1 a2 a3', 'one thread again');
right('all taken back');

# ---- what cannot be done, and by whom
my $t = thread('a1');
$db->same_after(sub {
	is($ada->post("/mail/$t/split", {message_id => id('a1')})->{status}, 422, 'nothing can be split off before the first message');
	is($ada->post("/mail/$t/split", {message_id => id('b1')})->{status}, 422, 'nor at a message of another thread');
	is($ada->post("/mail/$t/merge", {into => $t})->{status}, 422, 'a thread is not merged with itself');
	is($ada->post("/mail/$t/merge", {into => 999999})->{status}, 422, 'nor with none');
	is($ada->post("/mail/$t/merge", {})->{status}, 422, 'nor without saying with which');
	is($ada->post("/mail/999999/merge", {into => $t})->{status}, 404, 'none is merged with nothing');
	is($ada->post("/mail/$t/move", {message_id => id('a2'), into => $t})->{status}, 422, 'a message does not move to where it is');
}, 'none of that changed anything');
my $robot = $server->client->token('ada', 'correct horse battery');
$db->same_after(sub { is(($robot->api(POST => "/threads/$t/merge", {into => thread('b1')}))[0]{status}, 403, 'a token arranges nothing') }, 'nothing at all');
my $log = $db->rows("SELECT action, resource_id, actor_name FROM audit WHERE resource = 'threads' ORDER BY id");
is(join(' ', map { $_->{action} } @$log), 'split move merge undo undo undo', 'the audit log has every step') or diag explain $log;
like($ada->get('/audit?resource=threads')->{content}, qr/Mail thread/, 'and its page names them');

# ---- the chooser
like($ada->get("/mail/$t/arrange")->{content}, qr/Merge with another thread.*name="into" value="@{[thread('b1')]}"/s, 'threads of the same people are offered');
like($ada->get("/mail/$t/arrange?message=" . id('a2'))->{content}, qr{Move a message.*action="/mail/$t/move"}s, 'for one message too');
is_deeply([map { $_->{id} } @{$ada->api(GET => "/threads/$t/arrange?q=" . thread('b1'))->{data}{threads}}], [thread('b1')], 'by number');
is_deeply($ada->api(GET => "/threads/$t/arrange?q=nosuchsubject")->{data}{threads}, [], 'by words that stand nowhere');
is(scalar @{$ada->api(GET => "/threads/$t/arrange?q=TERM")->{data}{threads}}, 2, 'by words of a subject');
is($ada->get("/mail/$t/arrange?message=" . id('b1'))->{status}, 404, "not for another thread's message");

# ---- newsletters
subtest 'regression 37: newsletter replies of strangers are not merged into one thread' => sub {
	my @strangers = map { [$_, $fund->made('/contacts', {name => "Reader $_", emails => ["r$_\@reader$_.example"]})] } 1 .. 4;
	my $news = letter('news', from => 'ada@fund.example', to => 'undisclosed-recipients:;', subject => 'Our quarter', more => "Precedence: bulk\nList-Id: <q.fund.example>\nBcc: r1\@reader1.example");
	$fund->receive('a newsletter of ours and two answers', $news, map { letter("n$_", from => "r$_\@reader$_.example", subject => 'Re: Our quarter', refs => '<news@mail.example>') } 2, 3);
	is(together(qw(n2 n3)), 'n2 | n3', 'answers to one newsletter stay apart');
	$fund->receive('an answer to an answer', letter('n2a', from => 'ada@fund.example', to => 'r2@reader2.example', refs => '<news@mail.example> <n2@mail.example>'), letter('n2b', from => 'r2@reader2.example', refs => '<news@mail.example> <n2@mail.example> <n2a@mail.example>'));
	is(together(qw(n2 n2a n2b)), 'n2 n2a n2b', 'each goes on by itself');
	$fund->receive('answers to one that was never captured', map { letter("m$_", from => "r$_\@reader$_.example", subject => 'Re: Elsewhere', refs => '<unseen@bulk.example>') } 1 .. 3);
	is(together(qw(m1 m2 m3)), 'm1 | m2 | m3', 'nor does one nobody has seen join strangers');
	$fund->receive('one more by the same reader', letter('m4', from => 'r1@reader1.example', refs => '<unseen@bulk.example>'));
	is(together(qw(m1 m4)), 'm1 m4', 'who wrote before is no stranger');
	$fund->receive('answers of two to a letter that comes late', map { letter("l$_", from => "r$_\@reader$_.example", refs => '<late@mail.example>') } 3, 4);
	is(together(qw(l3 l4)), 'l3 | l4', 'two who share nothing but a letter not seen yet');
	$fund->receive('the letter', letter('late', from => 'ada@fund.example', to => 'r3@reader3.example, r4@reader4.example'));
	is(together(qw(l3 l4 late)), 'l3 l4 late', "when it comes and is a person's, it brings them together");
	right('newsletters');
};

subtest 'M7: a stranger who knows a thread does not get into it' => sub {
	my $wrote = sub { my ($thread) = @_; return $db->value("SELECT last_direction FROM threads WHERE id = $thread") };
	$fund->receive('we wrote last', letter('k1', subject => 'Side letter'), letter('k2', subject => 'Re: Side letter', from => 'ada@fund.example', to => 'maria@alpine.example', refs => '<k1@mail.example>'));
	my ($known, $messages) = (thread('k1'), $db->value('SELECT messages FROM threads WHERE id = ' . thread('k1')));
	$fund->receive('a stranger', letter('s1', from => 'x@stranger.example', refs => '<a1@mail.example>'));
	ok(!$fund->message('s1@mail.example'), 'mail of a stranger is not kept, whatever it refers to');
	$fund->receive('one who names Maria in Cc', letter('s2', from => 'Maria Keller <maria@stranger.example>', cc => 'maria@alpine.example', refs => '<a1@mail.example>'));
	is($fund->message('s2@mail.example')->{warnings}, 'known-name', 'with somebody known in it it is kept, and warned of');
	is($fund->message('s2@mail.example')->{authenticity}, 'unknown', 'and not taken for hers');
	isnt(thread('s2'), thread('a1'), 'in a thread of its own');
	$fund->receive('and to a thread in which she is to answer', letter('s3', from => 'Maria Keller <maria@stranger.example>', cc => 'maria@alpine.example', refs => '<k1@mail.example> <k2@mail.example>'),
		letter('s4', from => 'Maria Keller <maria@stranger.example>', cc => 'maria@alpine.example', refs => '<k2@mail.example> <s3@mail.example>'));
	is(together(qw(k1 k2 s3 s4)), 'k1 k2 | s3 s4', 'each of his goes to his own');
	is($wrote->($known), 'out', 'hers waits for her answer as before');
	is($db->value("SELECT messages FROM threads WHERE id = $known"), $messages, 'and has as many messages');
	$fund->receive('who is no stranger', letter('k3', from => 'Paul <paul@alpine.example>', cc => 'maria@alpine.example', refs => '<k2@mail.example>'), # of her firm
		letter('k4', refs => '<k3@mail.example>', cc => 'Counsel <eva@lawyers.example>'), letter('k5', from => 'Eva <eva@lawyers.example>', cc => 'maria@alpine.example', refs => '<k4@mail.example>'), # whom she brought in
		letter('k6', from => 'Otto <otto@lawyers.example>', cc => 'maria@alpine.example', refs => '<k5@mail.example>'), # of that one's firm
		letter('k7', from => 'urs@counsel.example', refs => '<k2@mail.example>'), # a contact
		letter('k8', from => 'Zoe <zoe@fund.example>', to => 'maria@alpine.example', refs => '<k5@mail.example>')); # one of us
	is(together(map { "k$_" } 1 .. 8), join(' ', map { "k$_" } 1 .. 8), 'is in the thread');
	$fund->receive('a stranger with an address where anybody has one', letter('k9', from => 'x1@gmail.com', cc => 'maria@alpine.example, x2@gmail.com', refs => '<k2@mail.example>'));
	is(together(qw(k1 k9)), 'k1 | k9', 'begins one');
	$fund->receive('she answers', letter('k10', to => 'x2@gmail.com, ada@fund.example', refs => '<k2@mail.example> <k8@mail.example>'), letter('k11', from => 'x1@gmail.com', cc => 'maria@alpine.example', refs => '<k10@mail.example>'));
	is(together(qw(k1 k10 k11)), 'k1 k10 | k11', 'and one whom she knows at that provider brings in nobody else of it');
	$fund->receive('we answer the stranger', letter('s5', from => 'ada@fund.example', to => 'maria@stranger.example, maria@alpine.example', refs => '<k1@mail.example> <k2@mail.example> <s3@mail.example>'));
	is(together(qw(k1 s3 s5)), 'k1 s3 s5', 'whom one of the thread answers is let in');
	right('strangers');
	# All at once the newest is read first: the stranger's mail before what it refers to.
	my @first = (letter('p1', subject => 'First close'), letter('p2', from => 'ada@fund.example', to => 'maria@alpine.example', refs => '<p1@mail.example>'),
		letter('p3', from => 'Maria Keller <maria@stranger.example>', cc => 'maria@alpine.example', refs => '<p1@mail.example> <p2@mail.example>'));
	$fund->receive('a back-fill', @first);
	is(together(qw(p1 p2 p3)), 'p1 p2 | p3', 'what he referred to first is not his');
	$fund->receive('what goes on', letter('p4', refs => '<p1@mail.example> <p2@mail.example>'));
	is(together(qw(p1 p3 p4)), 'p1 p4 | p3', 'nor later');
	right('a back-fill');
};

subtest 'regression 29: a colleague who is not enrolled is one of us' => sub {
	$fund->receive('mail of a colleague without an account', letter('c1', from => 'Zoe <zoe@fund.example>', to => 'maria@alpine.example'), letter('c2', from => 'zoe@fund.example', to => 'ada@fund.example'));
	is($fund->message('c1@mail.example')->{direction}, 'out', 'what she wrote to an investor went out');
	is($db->value("SELECT last_direction FROM threads WHERE id = " . thread('c1')), 'out', 'and Maria is the one to answer');
	ok(!$fund->message('c2@mail.example'), 'what she wrote to us is internal');
	is($db->value("SELECT count(*) FROM proposals WHERE kind = 'contact' AND change_json LIKE '%zoe%'"), 0, 'nobody proposes her as a new person');
};

subtest 'regression 43: the sentence says who wrote to whom' => sub {
	my %said = map { $_ => $ada->api(GET => '/messages/' . id($_))->{data}{sentence} } qw(a1 a2 c1);
	like($said{a1}, qr/^Maria Keller wrote to /, 'in');
	like($said{a2}, qr/ wrote to Maria Keller and 1 other$/, 'out, to two');
	like($said{c1}, qr/^Zoe wrote to Maria Keller$/, 'by a colleague');
	unlike($ada->get('/mail/' . thread('a1'))->{content}, qr/\b(?:Sent|Received)\b/, 'never "sent" or "received" alone');
};
$fund->stop;
done_testing;
