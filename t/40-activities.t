# What waits as an activity says what its thread's mail of a day is: each message is in one, and in one only, whatever is done
# to threads and decisions; and what is purged is in none.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Fund;
use Countersign::Mail;
use JSON::PP ();

my $fund = Countersign::Fund->start;
my ($db, $ada) = @$fund{qw(db ada)};
my $minute = 0;
sub letter { my ($id, %m) = @_; return mail(id => "$id\@mail.example", from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example', subject => $id, text => "The $id word.\n", date => sprintf('Tue, 03 Mar 2026 10:%02d:00 +0000', $minute++), %m) }
sub after { my ($id) = @_; return refs => "<$id\@mail.example>" }
sub id { return $fund->message("$_[0]\@mail.example")->{id} }
sub thread { return $fund->message("$_[0]\@mail.example")->{thread_id} }

# Of those named "k1" to "k9": the messages of each activity in that state, "k1 k2 | k3".
sub said {
	my ($letter, $state) = @_;
	my %name = map { $_->{id} => $_->{message_id} =~ s/@.*//r } @{$db->rows("SELECT id, message_id FROM messages WHERE message_id LIKE '$letter%'")};
	my @all;
	for my $p (@{$db->rows("SELECT id, thread_id, change_json FROM proposals WHERE kind = 'activity' AND state = '$state' ORDER BY id")}) {
		my $ids = JSON::PP::decode_json($p->{change_json})->{message_ids} // [];
		push @all, join ' ', map { $name{$_} } @$ids if grep { $name{$_} } @$ids;
		next if $state ne 'pending' || !grep { $name{$_} } @$ids;
		my @evidence = map { $_->{message_id} } @{$db->rows("SELECT message_id FROM proposal_messages WHERE proposal_id = $p->{id}")};
		my %first = map { $_ => 1 } @$ids, $db->value("SELECT id FROM messages WHERE thread_id = $p->{thread_id} ORDER BY sent_at, id LIMIT 1");
		is_deeply([sort @evidence], [sort keys %first], "$all[-1]: its evidence is that, and what gives the thread its name");
	}
	return join ' | ', sort @all;
}
sub waiting { my ($name) = @_; return $db->row("SELECT p.* FROM proposals p JOIN proposal_messages e ON e.proposal_id = p.id WHERE p.kind = 'activity' AND p.state = 'pending' AND e.message_id = " . id($name)) }
sub decide { my ($verb, $p) = @_; return ($ada->api(POST => "/proposals/$p->{id}/$verb", {sha256 => $p->{sha256}, reason => 'no'}))[0]{status} }

# ---- joined by a letter that came late
$fund->receive('a letter', letter('a1'));
$fund->receive('an answer to one not seen', letter('a3', after('a2')));
is(said('a', 'pending'), 'a1 | a3', 'two threads, two activities');
$fund->receive('which comes', letter('a2', after('a1')));
is(thread('a1'), thread('a3'), 'makes them one');
is(said('a', 'pending'), 'a1 a3 a2', 'and one activity of all, by their dates');

# ---- merged by a person, then answered
$fund->receive('two letters', letter('b1'), letter('b2'));
is($ada->post('/mail/' . thread('b2') . '/merge', {into => thread('b1')})->{status}, 303, 'whose threads are merged');
$fund->sync('the next run');
is(said('b', 'pending'), 'b1 b2', 'are one activity');
$fund->receive('an answer', letter('b3', after('b1')));
is(said('b', 'pending'), 'b1 b2 b3', 'that grows');
my $merge = $db->value('SELECT max(id) FROM thread_moves');
is($ada->post('/mail/' . thread('b1') . '/undo', {move => $merge})->{status}, 303, 'taken back');
$fund->sync('the next run');
is(said('b', 'pending'), 'b1 b3 | b2', 'they are two again');
is($ada->post('/mail/' . thread('b2') . '/merge', {into => thread('b1')})->{status}, 303, 'merged once more');
$fund->sync('the next run');
is(said('b', 'pending'), 'b1 b2 b3', 'one again');

# ---- split
$fund->receive('three in one', letter('c1'), letter('c2', after('c1')), letter('c3', after('c2')));
is($ada->post('/mail/' . thread('c1') . '/split', {message_id => id('c3')})->{status}, 303, 'the last split off');
$fund->sync('the next run');
is(said('c', 'pending'), 'c1 c2 | c3', 'each side says its own');
$fund->receive('an answer to the first side', letter('c4', after('c1')));
is(said('c', 'pending'), 'c1 c2 c4 | c3', 'and nothing is lost');

# ---- decisions stay, and come back
$fund->receive('one', letter('d1'));
is(decide('dismiss', waiting('d1')), 200, 'dismissed');
$fund->receive('and its answer', letter('d2', after('d1')));
is(said('d', 'pending'), 'd2', 'what was dismissed stays away');
is(decide('undo', $db->row("SELECT * FROM proposals WHERE kind = 'activity' AND state = 'dismissed'")), 200, 'taken back');
$fund->receive('another answer', letter('d3', after('d2')));
is(said('d', 'pending'), 'd1 d2 d3', 'it is one with what came since');
is(decide('approve', waiting('d3')), 200, 'countersigned');
$fund->receive('more', letter('d4', after('d3')));
is(said('d', 'pending') . ' / ' . said('d', 'approved'), 'd4 / d1 d2 d3', 'is not proposed again');
is($db->value("SELECT count(*) FROM communication_messages WHERE message_id IN (" . join(',', map { id("d$_") } 1 .. 3) . ')'), 3, 'each message is on one record');

# ---- an earlier message that joins later is not passed over
$fund->receive('a letter', letter('e1'));
$fund->receive('another', letter('e2'));
is(decide('approve', waiting('e2')), 200, 'the later one is countersigned');
is($ada->post('/mail/' . thread('e1') . '/move', {message_id => id('e1'), into => thread('e2')})->{status}, 303, 'the earlier one is moved to it');
$fund->sync('the next run');
is(said('e', 'pending') . ' / ' . said('e', 'approved'), 'e1 / e2', 'and still waits');
is($db->value('SELECT count(*) FROM activities_queue'), 0, 'nothing is left to be looked at');

# ---- purged after a split: its words are nowhere
maildir($fund->{dir}, 'Secret/1772539000.q' => letter('q1', text => "The quetzalword is blue.\n"));
$fund->receive('an answer in another folder', letter('q2', after('q1')));
is(said('q', 'pending'), 'q1 q2', 'both in one activity');
$fund->receive('a letter that is dismissed with one of that folder', letter('r2', after('r1'))) if maildir($fund->{dir}, 'Secret/1772539001.r' => letter('r1', text => "The rarebitword too.\n"));
is(decide('dismiss', waiting('r1')), 200, 'another is dismissed');
is($ada->post('/mail/' . thread('q1') . '/split', {message_id => id('q2')})->{status}, 303, 'split');
my %rule = (kind => 'label', value => 'Secret', scope => 'fund');
my ($r, $said) = $ada->api(GET => '/rules/preview?' . join '&', map { "$_=$rule{$_}" } sort keys %rule);
($r) = $ada->api(POST => '/rules', {%rule, purges => $said->{data}{purges}, hides => $said->{data}{hides}});
is($r->{status}, 201, 'the folder is excluded') or diag($r->{content});
$fund->sync($_) for 'a run purges', 'the next';
is(said('q', 'pending'), 'q2', 'what is left is proposed');
unlike($db->dump, qr/quetzalword|rarebitword/, 'no word of what was purged is left') if $db->can('dump');
for my $word (qw(quetzalword rarebitword)) {
	my @left = grep { $db->value("SELECT count(*) FROM $_->[0] WHERE $_->[1] LIKE '%$word%'") } [proposals => 'change_json'], [proposals => 'evidence_json'], [proposals => 'title'], [proposal_versions => 'change_json'], [messages => 'snippet'], [message_bodies => 'text'];
	is_deeply(\@left, [], "$word is left nowhere");
}
$fund->receive('an answer to what was dismissed', letter('r3', after('r2')));
is(said('r', 'pending'), 'r3', 'and what was dismissed with it stays away');

$fund->stop;
done_testing;
