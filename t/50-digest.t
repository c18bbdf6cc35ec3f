# The digest: what it says, once a day, two runs at once, delivered into Maildirs, read in the browser.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $db = $server->db;
my $day = '2026-03-04';
my $dry = $db->same_after(sub { $db->program(['daily-digest', '--date', $day, '--dry-run'], 'a dry run') }, 'changes nothing');
like($dry->{out}, qr/WAITING FOR A HUMAN/, 'and prints it');
like($dry->{out}, qr{http://127\.0\.0\.1:8080/review}, 'with links');
ok(!(grep { length > 100 } split /\n/, $dry->{out}), 'in readable lines');

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
like($mail, qr/^Content-Type: multipart\/alternative/m, 'text and HTML');
like($mail, qr/^Message-ID: <digest\.$day\.ada\@larkspur\.example>\r$/m, 'with a stable Message-ID');
ok(!(grep { length > 998 } split /\r\n/, $mail), 'no line is too long');
my $py = run(['python3', '-c', 'import email,sys; from email import policy; m=email.message_from_file(open(sys.argv[1]),policy=policy.default); print(m["subject"]); print(m.get_body(("plain",)).get_content()[:60])', (grep { slurp($_) =~ /2026-03-04/ } @files)[0]]);
like($py->{out}, qr/\[Countersign\] Wednesday 2026-03-04/, 'an independent parser reads it') if $py->{status} == 0;

# ---- a run that died between delivery and mark delivers nothing twice
is(scalar(() = glob $db->dir . '/mail/out/*/tmp/*'), 0, 'nothing half-written');
is($db->value("SELECT count(*) FROM outbox WHERE countersigned_by IS NULL AND origin <> 'digest'"), 0, 'nothing else left');

# ---- to the team only
$db->program([qw(countersign user disable grace)], 'grace leaves');
$db->program(['daily-digest', '--date', '2026-03-05'], 'the next day');
is($db->value("SELECT count(*) FROM outbox o JOIN digests d ON d.id = o.digest_id WHERE d.day = '2026-03-05'"), 1, 'goes to who is still there');

my $ada = $server->login;
my $id = $db->value("SELECT id FROM digests WHERE day = '$day'");
my $page = $ada->get("/digests/$id");
like($page->{content}, qr{src="/digests/$id/body"}, 'the page frames it');
like($ada->get("/digests/$id/body")->{content}, qr/Larkspur Capital/, 'as it was sent');
like($ada->get('/digests')->{content}, qr{href="/digests/$id"}, 'the archive lists it');
like(run_ok([bin('daily-digest'), '--date', 'nonsense'], 'a bad day is misuse', env => $db->env, status => 64)->{err}, qr/YYYY-MM-DD/, 'and says so');
$server->stop;
done_testing;
