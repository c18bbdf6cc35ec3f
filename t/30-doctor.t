# The doctor: finds nothing in a healthy installation, and each thing that is wrong by its name.
use strict;
use warnings;
use lib 't/lib';
use File::Path qw(make_path);
use JSON::PP ();
use Test::More;
use Countersign::Run;
use Countersign::Database;

my $db = Countersign::Database->new(seed => 'demo');
sub bad { my (%how) = @_; my $r = run([bin('countersign'), 'doctor'], env => {%{$db->env}, %{$how{env} // {}}}); return join "\n", $r->{out} =~ /^BAD +(.*?):/mg }

chmod 0700, $db->dir . '/secrets';
is(bad(), 'there is a backup of the last two days', 'a new installation lacks a backup alone');
$db->program([qw(countersign backup)], 'a backup');
my $r = $db->same_after(sub { $db->program([qw(countersign doctor)], 'now all is well') }, 'looking changes nothing');
unlike($r->{out}, qr/BAD/, 'and it says so');
# What a run leaves that is killed between its files and their rows.
my ($kept) = split /\n/, run(['find', $db->dir . '/mail/store', '-type', 'f'])->{out};
my ($stray, $half) = ($db->dir . '/mail/store/ab/ab' . '0' x 62, $db->dir . '/mail/store/ab/new-4711');
make_path($db->dir . '/mail/store/ab');
for my $file ($stray, $half) { open my $f, '>', $file or die; print {$f} 'x'; close $f or die }
is(bad(), 'every stored file belongs to a message', 'files that nothing refers to');
$db->program([qw(mail-sync)], 'a run');
ok(-e $stray && -e $half, 'leaves them');
$db->program([qw(mail-sync --full)], 'a full one');
ok(!-e $stray && !-e $half, 'removes them');
ok(-e $kept, 'and nothing else');
is(bad(), '', 'all is well again');
chmod 0755, $db->dir . '/secrets';
is(bad(), 'secrets/ is closed to others', 'open secrets');
chmod 0700, $db->dir . '/secrets';
is(bad(env => {COUNTERSIGN_NOW => '2026-03-08T09:00:00Z'}), "there is a backup of the last two days\nevery active mailbox was captured within a day", 'four days later');
$db->program([qw(countersign config set own_domains), ''], 'no own domains');
is(bad(), 'own_domains is set', 'is found');
run(['sqlite3', $db->path, 'UPDATE positions_cache SET committed = committed + 1 WHERE fund_id = 2']);
like(bad(), qr/^what investors hold is what the ledger says$/m, 'a sum that the ledger does not have is found');
run(['sqlite3', $db->path, 'UPDATE positions_cache SET committed = committed - 1 WHERE fund_id = 2']);
my $json = JSON::PP->new->utf8->decode(run([bin('countersign'), 'doctor', '--json'], env => $db->env)->{out});
my ($finding) = grep { !$_->{ok} } @$json;
is($finding->{check}, 'own_domains is set', 'the same as JSON');
like($finding->{advice}, qr/^countersign config set/, 'with advice');
$db->program([qw(countersign migrate --to), $db->value('SELECT max(version) - 1 FROM schema_migrations')], 'an older schema');
like(bad(), qr/^the schema is this program's$/m, 'is found');

# A row changed behind the program's back.
$db->program([qw(countersign migrate)], 'the newest again');
run(['sqlite3', $db->path, "DROP TRIGGER audit_no_update; UPDATE audit SET actor_name = 'Nobody' WHERE id = 2"]);
like(bad(), qr/^the audit log's chain holds$/m, 'is found');
done_testing;
