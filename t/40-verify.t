# Source and ledger side by side, and what a person sees of a run: its progress while it goes on, and an account that adds up.
use strict;
use warnings;
use lib 't/lib';
use JSON::PP ();
use Test::More;
use Countersign::Fund;
use Countersign::Mail;
use Countersign::Run;

my $fund = Countersign::Fund->start;
my ($db, $ada) = @$fund{qw(db ada)};
sub letter { my ($id, %m) = @_; return mail(id => "$id\@mail.example", from => 'maria@alpine.example', to => 'ada@fund.example', date => 'Tue, 03 Mar 2026 10:00:00 +0000', %m) }
sub verify { my ($status, $name) = @_; local $Test::Builder::Level = $Test::Builder::Level + 1; my $r = $fund->{db}->program([qw(mail-sync --verify --json)], $name, status => $status); return JSON::PP->new->decode($r->{out}) }
sub box { return scalar $ada->api(GET => "/mailboxes/$fund->{box}")->{data} }

$fund->receive('four messages', letter('v1'), letter('v2'), letter('v3', from => 'x@stranger.example'), letter('v4'));
is_deeply([@{verify(0, 'they agree')}{qw(listed missing left returned)}], [4, 0, 0, 0], 'nothing differs');
my $box = box();
is($box->{ever_listed}, $box->{accounted}, 'the account adds up');
like($ada->get("/capture/$fund->{box}")->{content}, qr/4 ever listed = 3 stored \+ 1 left out \+ 0 failed \+ 0 gone<.*in sync/s, 'and the page shows it');

# ---- each way to differ
my @files = sort glob "$fund->{dir}/cur/*";
unlink $files[0] or die;
maildir($fund->{dir}, '1772599999.new' => letter('v5'));
my $d = $db->same_after(sub { verify(65, 'they differ, and the exit status says so') }, '--verify changes nothing');
is_deeply([@$d{qw(listed missing left returned)}], [4, 1, 1, 0], 'one to be captured, one that left');
is_deeply([sort map { "$_->{difference} " . ($_->{source_id} =~ s/.*\.//r) } @{$d->{differences}}], ['left m', 'missing new'], 'named');
my $text = run([bin('mail-sync'), '--verify'], env => $db->env)->{out};
like($text, qr/1 missing, 1 left, 0 returned\n.*listed, but not captured/s, 'in words for people');
$fund->sync('a run');
is_deeply([@{verify(0, 'mends it')}{qw(listed stored excluded gone)}], [4, 3, 1, 1], 'what left is gone in the ledger');
maildir($fund->{dir}, '1772532000.m' => letter('v1'));
is_deeply([@{verify(65, 'a message that is back')}{qw(missing left returned)}], [0, 0, 1], 'is called returned');
$fund->sync('and captured again');
verify(0, 'all is well');
like($ada->get("/capture/$fund->{box}")->{content}, qr/5 ever listed = 4 stored \+ 1 left out \+ 0 failed \+ 0 gone/, 'the account again') or diag(box()->{ever_listed});

# ---- a run as it goes on
subtest 'regression 28: the first back-fill shows its progress' => sub {
	maildir($fund->{dir}, map { (1772600000 + $_) . '.big' => letter("big$_", text => "Hello.\n" x 200) } 1 .. 2400);
	my $pid = fork // die;
	if (!$pid) {
		open STDOUT, '>', '/dev/null';
		open STDERR, '>', '/dev/null';
		$ENV{COUNTERSIGN_DATA} = $db->dir;
		exec bin('mail-sync') or POSIX::_exit(127);
	}
	my ($seen, $page);
	for (1 .. 3000) {
		$box = box();
		if ($box->{is_running} && $box->{run_done} > 0 && $box->{run_done} < $box->{run_total}) {
			$page = $ada->get("/capture/$fund->{box}")->{content};
			my $then = box();
			$seen = {%$box}, last if $then->{is_running} && $then->{run_done} < $then->{run_total}; # so it ran while the page was made
		}
		last if kill(0, $pid) && waitpid($pid, 1) == $pid;
	}
	waitpid $pid, 0;
	ok($seen, 'a look in the middle of it') or return;
	is($seen->{run_total}, 2400, 'how much there is');
	cmp_ok($seen->{percent}, '<', 100, 'how far it is');
	like($seen->{rate}, qr/^[\d.]+ a second$/, 'how fast');
	ok($seen->{remaining}, 'how long it takes');
	cmp_ok($seen->{missing}, '>', 0, 'and what is missing meanwhile');
	ok(!$seen->{is_in_sync}, 'which is not called in sync');
	like($page, qr/<section class="card" data-live aria-live="polite">.*<progress max="100" value="\d+".*of 2[^<]{1,5}400 messages, \d+ %, [\d.]+ a second, about \d+ (?:s|min) left/s, 'the page says so, and follows');
	$box = box();
	ok(!$box->{is_running} && !$box->{missing}, 'then it is done');
	is($box->{ever_listed}, $box->{accounted}, 'and adds up');
};
# ---- the same on a terminal
maildir($fund->{dir}, map { (1772700000 + $_) . '.bar' => letter("bar$_") } 1 .. 900);
my $typed = run(['script', '-qec', bin('mail-sync') . ' --mailbox ada@fund.example', '/dev/null'], env => $db->env)->{out};
my @bar = grep { /\[/ } split /[\r\n]+/, $typed =~ s/\n.*listed.*//sr;
like($bar[0], qr{^ada\@fund\.example   \[\#{5} {7}\] 400/900, [\d.]+ a second, (?:\d+ s|\d+ min) left *$}, 'a bar says how far it is, how fast, and how long it takes');
like($bar[-1], qr{^ada\@fund\.example   \[\#{12}\] 900/900, [\d.]+ a second *$}, 'and at the end that all is done');
is(join(' ', map { length } @bar), join(' ', (79) x @bar), 'in lines that fit, and leave nothing of the one before');
my ($rate) = $bar[-1] =~ /, ([\d.]+) a/;
cmp_ok($rate, '>', 0, 'the rate is one');
unlike(run([bin('mail-sync')], env => $db->env)->{err}, qr/\[#/, 'elsewhere there is none');
$fund->stop;
done_testing;
