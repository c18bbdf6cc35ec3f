# The digest: what it says, once a day, two runs at once, delivered into Maildirs, read in the browser.
use strict;
use warnings;
use lib 't/lib';
use Encode qw(decode);
use Test::More;
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $db = $server->db;
my $day = '2026-03-04';
my $dry = $db->same_after(sub { $db->program(['daily-digest', '--date', $day, '--dry-run'], 'a dry run') }, 'changes nothing');
like($dry->{out}, qr/WAITING FOR A HUMAN/, 'and prints it');
like($dry->{out}, qr{http://127\.0\.0\.1:8080/review}, 'with links');
ok(!(grep { length > 76 } map { decode('UTF-8', $_) } split /\n/, $dry->{out}), 'in lines of 76 columns');
like($dry->{out}, qr/There is no backup/, 'it misses a backup');
unlike($dry->{out}, qr/[{}]/, 'and every name was filled in');

# ---- twice at once
my @pids = map { my $pid = fork // die; if (!$pid) { $ENV{COUNTERSIGN_DATA} = $db->dir; open STDOUT, '>', '/dev/null'; exec bin('daily-digest'), '--date', $day } $pid } 1 .. 3;
my @status = map { waitpid $_, 0; $? >> 8 } @pids;
is("@status", '0 0 0', 'three runs at once all end well');
is($db->value("SELECT count(*) FROM digests WHERE day = '$day'"), 1, 'and made one digest');
is($db->value("SELECT count(*) FROM outbox o JOIN digests d ON d.id = o.digest_id WHERE d.day = '$day'"), 2, 'with one message for each who wants it');
$db->program(['daily-digest', '--date', $day], 'a later run');
is($db->value("SELECT count(*) FROM outbox o JOIN digests d ON d.id = o.digest_id WHERE d.day = '$day'"), 2, 'adds nothing');
$db->program(['outbox-send'], 'the outbox is emptied');
is($db->value("SELECT group_concat(DISTINCT state) FROM outbox"), 'sent', 'all are sent');
my @files = glob $db->dir . '/mail/out/ada@larkspur.example/new/*';
is(scalar @files, $db->value("SELECT count(*) FROM outbox WHERE to_json LIKE '%ada\@%'"), 'each is one file in its Maildir');
my ($mail) = grep { /Wednesday 2026-03-04|2026-03-04/ } map { slurp($_) } @files;
like($mail, qr/^Auto-Submitted: auto-generated\r$/m, 'marked as automatic');
like($mail, qr/^X-Auto-Response-Suppress: All\r$/m, 'so that nobody answers that they are away');
like($mail, qr/^List-Id: .*<digest\.larkspur\.example>\r$/m, 'as a list');
like($mail, qr/^Content-Type: multipart\/alternative/m, 'text and HTML');
like($mail, qr/^Message-ID: <digest\.$day\.ada\@larkspur\.example>\r$/m, 'with a stable Message-ID');
ok(!(grep { length > 998 } split /\r\n/, $mail), 'no line is too long');
my $py = run(['python3', '-c', 'import email,sys; from email import policy; m=email.message_from_file(open(sys.argv[1]),policy=policy.default); print(m["subject"]); print(m.get_body(("plain",)).get_content()[:60])', (grep { slurp($_) =~ /2026-03-04/ } @files)[0]]);
like($py->{out}, qr/\[Countersign\] Wednesday 2026-03-04/, 'an independent parser reads it') if $py->{status} == 0;

# ---- a run that died between delivery and mark delivers nothing twice
is(scalar(() = glob $db->dir . '/mail/out/*/tmp/*'), 0, 'nothing half-written');
is($db->value("SELECT count(*) FROM outbox WHERE countersigned_by IS NULL AND origin <> 'digest'"), 0, 'nothing else left');

# ---- one alone first, then the others; nobody twice
my $next = {COUNTERSIGN_NOW => '2026-03-05T05:30:00Z'};
my $later = {COUNTERSIGN_NOW => '2026-03-05T09:00:00Z'};
sub sent { return $db->value("SELECT group_concat(message_id, ' ') FROM (SELECT message_id FROM outbox WHERE message_id LIKE 'digest.2026-03-05.%' ORDER BY id)") // '' }
$db->program(['daily-digest'], 'before the hour', env => $next);
is($db->value("SELECT count(*) FROM digests WHERE day = '2026-03-05'"), 0, 'none is made');
$db->program(['daily-digest', '--to', 'grace'], 'for grace alone', env => $next);
is(sent(), 'digest.2026-03-05.grace@larkspur.example', 'she has it');
my $stored = $db->value("SELECT text FROM digests WHERE day = '2026-03-05'");
$db->program([qw(countersign backup)], 'a backup meanwhile');
$db->program(['daily-digest'], 'from the hour on', env => $later);
is(sent(), 'digest.2026-03-05.grace@larkspur.example digest.2026-03-05.ada@larkspur.example', 'the others have it too');
is($db->value("SELECT text FROM digests WHERE day = '2026-03-05'"), $stored, 'the same one');
$db->same_after(sub { $db->program(['daily-digest'], 'a quarter of an hour later', env => $later) }, 'nothing happens');
is($db->value("SELECT from_at FROM digests WHERE day = '2026-03-05'"), '2026-03-03T23:00:00Z', 'it begins where the last one ended');
like($db->program(['daily-digest', '--dry-run', '--date', '2026-03-05'], 'anew', env => $later)->{out}, qr/Last backup/, 'the backup is seen');

# ---- a machine that slept, and a clock that went wrong
$db->same_after(sub { $db->program(['daily-digest'], 'a clock set back by 25 hours', env => {COUNTERSIGN_NOW => '2026-03-04T08:00:00Z'}) }, 'makes no second one');
{
	my $far = Countersign::Database->new(seed => 'demo');
	my $run = sub { $far->program(['daily-digest'], "at $_[0]", env => {COUNTERSIGN_NOW => $_[0]}) };
	$run->('2026-03-04T09:00:00Z');
	$far->same_after(sub { $run->('2026-03-03T08:00:00Z') }, 'set back to the day before, which had none, it makes none');
	$run->('2026-03-12T09:00:00Z') for 1 .. 3;
	is($far->value("SELECT group_concat(day || ' from ' || from_at) FROM digests WHERE day > '2026-03-04'"),
		'2026-03-12 from 2026-03-03T23:00:00Z', 'regression 52: a week asleep is one digest of all of it');
	is($far->value("SELECT count(*) FROM outbox WHERE message_id LIKE 'digest.2026-03-12.%'"), 2, 'once for each');
	$run->('2026-03-14T09:00:00Z');
	is($far->value('SELECT max(day) FROM digests'), '2026-03-12', 'none on a Saturday');
	$far->program(['daily-digest', '--to', 'ada'], 'but for ada alone, who asks', env => {COUNTERSIGN_NOW => '2026-03-14T09:00:00Z'});
	$run->('2026-03-16T09:00:00Z');
	is($far->value("SELECT from_at FROM digests WHERE day = '2026-03-16'"), '2026-03-11T23:00:00Z', 'regression 51: which takes nothing from Monday\'s');
}

{
	my $ahead = Countersign::Database->new(seed => 'demo');
	my $run = sub { $ahead->program(['daily-digest'], "at $_[0]", env => {COUNTERSIGN_NOW => $_[0]}) };
	my $made = sub { $ahead->value("SELECT group_concat(day || ' ' || (SELECT count(*) FROM outbox WHERE digest_id = d.id), ', ') FROM (SELECT * FROM digests ORDER BY day) d") };
	my $others = $ahead->value("SELECT count(*) FROM digests");
	$run->('2028-03-06T09:00:00Z');
	is($ahead->value("SELECT count(*) FROM digests"), $others + 1, 'M10: a clock two years ahead makes one');
	$run->('2026-03-05T09:00:00Z') for 1, 2;
	$run->('2026-03-09T09:00:00Z') for 1, 2;
	like($made->(), qr/2026-03-05 2, 2026-03-09 2, 2028-03-06 2$/, 'M10: and put right it makes each day\'s, once');
	is($ahead->value("SELECT from_at FROM digests WHERE day = '2026-03-09'"), '2026-03-04T23:00:00Z', 'M10: from where the one before left off');
	$run->('2028-03-06T10:00:00Z');
	like($made->(), qr/2028-03-06 2$/, 'M10: the day that had its own gets no second one');
}

# ---- to the team only
$db->program([qw(countersign user disable grace)], 'grace leaves');
$db->program(['daily-digest', '--resend', '--date', '2026-03-05'], 'once more', env => $later);
like(sent(), qr/digest\.2026-03-05\.ada\+2\@larkspur\.example$/, 'ada has it again');
unlike(sent(), qr/grace\+/, 'who left does not');
like(run_ok([bin('daily-digest'), '--to', 'grace'], 'nor when asked for', env => {%{$db->env}, %$later}, status => 66)->{err}, qr/no active user grace/, 'and it says so');
like(run_ok([bin('daily-digest'), '--date', '2026-03-06'], 'tomorrow', env => {%{$db->env}, %$later}, status => 65)->{err}, qr/has not begun/, 'has not begun');
my $empty = Countersign::Database->new;
like(run_ok([bin('daily-digest')], 'without a user', env => $empty->env, status => 78)->{err}, qr/no user yet/, 'it says so');

# ---- a disk that refuses: try again later, lose nothing
{
	my $tmp = $db->dir . '/mail/out/ada@larkspur.example/tmp';
	ok(rmdir $tmp, 'nothing is left in tmp');
	open my $f, '>', $tmp or die;
	my $friday = {%{$db->env}, COUNTERSIGN_NOW => '2026-03-06T09:00:00Z'};
	like(run_ok([bin('daily-digest')], 'a folder that is in the way', env => $friday, status => 75)->{err}, qr/not be delivered yet/, 'is said');
	unlink $tmp;
	$db->program(['outbox-send'], 'later', env => {COUNTERSIGN_NOW => '2026-03-06T09:05:00Z'});
	is($db->value("SELECT state FROM outbox WHERE message_id LIKE 'digest.2026-03-06.%'"), 'sent', 'it leaves');

	my $ahead = Countersign::Database->new(seed => 'demo');
	$tmp = $ahead->dir . '/mail/out/ada@larkspur.example/tmp';
	rmdir $tmp;
	{ open my $in_the_way, '>', $tmp or die }
	run_ok([bin('daily-digest')], 'the same under a clock two years ahead', env => {%{$ahead->env}, COUNTERSIGN_NOW => '2028-03-06T09:00:00Z'}, status => 75);
	unlink $tmp;
	$ahead->program(['outbox-send'], 'once it is right', env => {COUNTERSIGN_NOW => '2026-03-09T09:05:00Z'});
	is($ahead->value("SELECT group_concat(DISTINCT state) FROM outbox WHERE message_id LIKE 'digest.2028-03-06.%'"), 'sent', 'M10: what was put off does not wait for that day');
}

my $ada = $server->login;
my $id = $db->value("SELECT id FROM digests WHERE day = '$day'");
my $page = $ada->get("/digests/$id");
like($page->{content}, qr{src="/digests/$id/body"}, 'the page frames it');
like($ada->get("/digests/$id/body")->{content}, qr/Larkspur Capital/, 'as it was sent');
like($ada->get('/digests')->{content}, qr{href="/digests/$id"}, 'the archive lists it');
like(run_ok([bin('daily-digest'), '--date', 'nonsense'], 'a bad day is misuse', env => $db->env, status => 64)->{err}, qr/YYYY-MM-DD/, 'and says so');
$server->stop;
done_testing;
