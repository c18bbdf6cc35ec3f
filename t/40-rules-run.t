# A rule that is saved while a run is between judging a batch and writing it: the batch is judged again in its own
# transaction, and what the rule takes is neither in the database nor in the store.
use strict;
use warnings;
use lib 't/lib';
use POSIX qw(mkfifo);
use Test::More;
use Countersign::Fund;
use Countersign::Mail;
use Countersign::Run;

my $fund = Countersign::Fund->start;
my ($db, $ada) = @$fund{qw(db ada)};
my $meet = $db->dir . '/meet';
mkfifo($meet, 0600) or die "$meet: $!";
my %m = (to => 'ada@fund.example', date => 'Tue, 03 Mar 2026 10:00:00 +0000');
my $attached = "Content-Type: multipart/mixed; boundary=b\nMIME-Version: 1.0";
maildir($fund->{dir}, '1772532001.1' => mail(%m, from => 'maria@alpine.example', id => 'secret@alpine.example', subject => 'Quetzal', more => $attached,
	text => "--b\nContent-Type: text/plain\n\nThe axolotl.\n--b\nContent-Type: text/plain; name=x.txt\nContent-Disposition: attachment; filename=x.txt\n\nNumbat.\n--b--\n"),
	'1772532002.2' => mail(%m, from => 'maria@alpine.example', id => 'kept@alpine.example', cc => 'nils@borealis.example', subject => 'Kept'));
$ada->csrf;

my $pid = fork // die "fork: $!";
if (!$pid) {
	my $r = run([bin('mail-sync')], env => {%{$db->env}, LD_PRELOAD => "$BUILD/t/preload/faults.so", FAULTS_MEET => $meet,
		ASAN_OPTIONS => "$ENV{ASAN_OPTIONS}:verify_asan_link_order=0"});
	print STDERR $r->{err} if $r->{status};
	POSIX::_exit($r->{status}); # no test of the parent ends twice
}
open my $there, '>', $meet or die "$meet: $!"; # the run has judged its batch, its files are written, and it waits
is($db->value('SELECT count(*) FROM messages'), 0, 'nothing of the batch is written yet');
isnt(run(['find', $db->dir . '/mail/store', '-type', 'f'])->{out}, '', 'but its files are');
my %rule = (kind => 'address', value => 'maria@alpine.example', scope => 'fund', purges => 0, hides => 0);
my ($r, $doc) = $ada->api(POST => '/rules', \%rule);
is($r->{status}, 201, 'a rule is saved now') or diag($r->{content});
close $there or die; # it goes on
waitpid $pid, 0;
is($?, 0, 'the run ends well');
my $rule = $doc->{data}{id};
is_deeply($db->rows('SELECT source_id, state, rule, message_id FROM mailbox_items ORDER BY source_id'),
	[map { {source_id => $_->{source_id}, state => 'excluded', rule => "rule/$rule", message_id => undef} } @{$db->rows('SELECT source_id FROM mailbox_items ORDER BY source_id')}], 'the rule took the whole batch');
is($db->value('SELECT count(*) FROM mailbox_items'), 2, 'of two');
is($db->value($_->[0]), 0, $_->[1]) for ['SELECT count(*) FROM messages', 'no message is stored'], ['SELECT count(*) FROM proposals', 'nothing is proposed from it'],
	['SELECT count(*) FROM blobs_queue', 'nothing waits to be removed'];
is(run(['find', $db->dir . '/mail/store', '-type', 'f'])->{out}, '', 'and its files are gone');
unlike(slurp($db->path) . (-e $db->path . '-wal' ? slurp($db->path . '-wal') : ''), qr/axolotl|Numbat|Quetzal/, 'no word of it is in the database');
$fund->stop;
done_testing;
