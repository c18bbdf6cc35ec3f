# mail-sync is killed (SIGKILL) at a hundred points and more, then run to its end: the database says the same as after one
# undisturbed run, nothing lost, nothing twice. The points are its own system calls that change something, one after another.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Database;

my $strace = (grep { -x } map { "$_/strace" } split /:/, $ENV{PATH})[0] or BAIL_OUT('strace is missing');
my $program = -x "$TOP/build/bin/mail-sync" ? "$TOP/build/bin/mail-sync" : bin('mail-sync'); # a sanitizer and a tracer do not go together

# What capture made of the mail, without numbers that only say in which order.
my $account = q{SELECT group_concat(line, char(10)) AS account FROM (SELECT line FROM (
	SELECT 'message ' || coalesce(message_id, '') || ' ' || subject || ' ' || sent_at || ' ' || direction AS line FROM messages
	UNION ALL SELECT 'item ' || mailbox_id || ' ' || source_id || ' ' || state || ' ' || coalesce(rule, '') FROM mailbox_items
	UNION ALL SELECT 'thread ' || t.subject || ' ' || t.messages || ' ' || t.last_at FROM threads t WHERE merged_into IS NULL
	UNION ALL SELECT 'proposal ' || kind || ' ' || title || ' ' || occurred_at FROM proposals
	UNION ALL SELECT 'file ' || a.name || ' ' || a.sha256 || ' ' || coalesce(m.message_id, '') FROM attachments a JOIN messages m ON m.id = a.message_id)
	ORDER BY line)};

sub fresh {
	my $db = Countersign::Database->new;
	$db->program([qw(countersign seed demo)], 'the demo') or die;
	return $db;
}
my $whole = fresh();
is(run([$program], env => $whole->env)->{status}, 0, 'an undisturbed run');
my $want = $whole->value($account);
like($want, qr/^message /m, 'captured mail');

my $db = fresh();
my ($killed, $ended) = (0, 0);
for my $call ("pwrite64", "fdatasync,fsync,syncfs", "rename,renameat,renameat2", "write", "openat", "flock") {
	for my $when (1 .. 12, map { $_ * 7 } 3 .. 16) {
		my $r = run([$strace, '-qq', '-o', '/dev/null', '-e', "trace=$call", '-e', "inject=$call:signal=KILL:when=$when", $program], env => $db->env);
		$r->{status} == 128 + 9 ? $killed++ : $ended++;
	}
	# The ledger is taken back so that there is work for the next kind of call too: in a database made anew.
	is($db->value('PRAGMA integrity_check'), 'ok', "after kills at $call the file is sound");
	is(run([$program], env => $db->env)->{status}, 0, 'a clean run ends well');
	is($db->value($account), $want, 'and the outcome is that of an undisturbed run');
	$db->program([qw(countersign audit verify)], 'the audit chain holds');
	$db = fresh();
}
cmp_ok($killed, '>=', 100, "killed at $killed points ($ended runs ended before theirs)");
done_testing;
