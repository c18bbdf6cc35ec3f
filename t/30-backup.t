# Backup and restore: a good copy comes back, a bad one is refused, what was there is never lost.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Database;
use Countersign::Server;

my $db = Countersign::Database->new(seed => 'demo');
my $copy = $db->dir . '/copy.db';
my $fund = $db->value("SELECT value FROM settings WHERE key = 'fund_name'");
sub works { my ($args, $name) = @_; return $db->program(['countersign', @$args], $name)->{out} }
sub fails { my ($args, $like, $name) = @_; like(run_ok([bin('countersign'), @$args], $name, env => $db->env, status => 65)->{err}, $like, 'and says why'); return }
sub spew { my ($path, $bytes) = @_; open my $f, '>:raw', $path or die "$path: $!"; print {$f} $bytes; close $f or die; return }
sub left { return join ' ', map { s{.*/}{}r } glob $db->dir . '/countersign.db.restore*' }

works(['backup', $copy], 'a backup');
like(slurp("$copy.sha256"), qr/^[0-9a-f]{64}  copy\.db$/, 'with its hash beside it');
my ($sum) = run(['sha256sum', $copy])->{out} =~ /^(\S+)/;
is(substr(slurp("$copy.sha256"), 0, 64), $sum, 'which sha256sum finds too');
my $inode = (stat $copy)[1] . ' ' . (stat _)[9];
my $said = $db->same_after(sub { works(['restore', '--check', $copy], 'it is looked at') }, 'the database is left alone');
like($said, qr/sound; schema \d+, \d+ contacts, \d+ messages, \d+ audit rows/, 'and counted');
is((stat $copy)[1] . ' ' . (stat _)[9], $inode, 'the backup is not written to');
is(join(' ', map { s{.*/}{}r } glob "$copy*"), 'copy.db copy.db.sha256', 'nothing appears beside it');
is(left(), '', 'and no copy stays behind');

works([qw(config set fund_name Changed)], 'a change after the backup');
my $restored = works(['restore', $copy], 'restored');
is(works([qw(config get fund_name)], 'the setting'), "$fund\n", 'is as it was');
is($db->value('SELECT count(*) FROM sessions WHERE revoked_at IS NULL'), 0, 'no old login came back to life');
is($db->value('SELECT action FROM audit ORDER BY id DESC LIMIT 1'), 'restore', 'the audit log knows');
like(works([qw(audit verify)], 'its chain'), qr/holds/, 'holds');
my ($kept) = $restored =~ /^the old database is (\S+)$/m;
is(run(['sqlite3', '-batch', $kept, "SELECT value FROM settings WHERE key = 'fund_name'"])->{out}, "Changed\n",
	'what was there is kept, with what was in its -wal');
is(left(), '', 'and no copy stays behind');

# ---- what is refused leaves everything as it is
works([qw(config set fund_name Now)], 'a change');
my $bytes = slurp($copy);
spew("$copy.bad", 'not a database' x 1000);
fails(['restore', "$copy.bad"], qr/not a database/, 'something else');
fails(['restore', '--check', $db->path], qr/in use, not a backup/, 'a database without its -wal');
srand 7;
my $missed = 0;
for (1 .. 20) {
	my $at = int rand length $bytes;
	my $changed = $bytes;
	substr($changed, $at, 1) ^= "\x10";
	spew("$copy.flipped", $changed);
	spew("$copy.flipped.sha256", slurp("$copy.sha256"));
	$missed++ if run([bin('countersign'), 'restore', '--check', "$copy.flipped"], env => $db->env)->{status} == 0;
}
is($missed, 0, 'a changed bit, wherever it is, is found');
spew("$copy.short", substr $bytes, 0, length($bytes) / 2);
fails(['restore', "$copy.short"], qr/./, 'half a backup, without its hash');
is(run([bin('countersign'), 'restore', '/nonexistent'], env => $db->env)->{status}, 66, 'a file that is not there');
is(works([qw(config get fund_name)], 'after all that'), "Now\n", 'nothing was lost');

# ---- a database somebody has open is not replaced
my $server = Countersign::Server->start(db => $db);
like($server->login->get('/contacts')->{content}, qr/<h1/, 'a worker has the database open');
fails(['restore', $copy], qr/in use; stop the programs/, 'restoring below it');
is(works([qw(config get fund_name)], 'and'), "Now\n", 'nothing changed');
$server->stop;
works(['restore', $copy], 'after it stopped');
is(works([qw(config get fund_name)], 'and now'), "$fund\n", 'restored');
rename $db->path, $db->dir . '/gone';
unlink glob $db->path . '-*';
works(['restore', $copy], 'onto an empty place');
is(works([qw(config get fund_name)], 'too'), "$fund\n", 'restored');
done_testing;
