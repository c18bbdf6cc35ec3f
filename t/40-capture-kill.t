# mail-sync is killed (SIGKILL) at two hundred points and more (R1), the next run at another, until one comes to its end: the
# database says the same as after one undisturbed run, nothing lost, nothing twice. COUNTERSIGN_LONG=1 takes the whole
# demo's mail instead of a part of it, and every system call instead of those that change something.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Database;
use Countersign::Kill;
use Countersign::Run;

my $impossible = Countersign::Kill::impossible();
plan skip_all => $impossible if $impossible;
my $KILLS = $Countersign::Kill::LONG ? 2000 : 200;
srand 20260304; # the points are the same each time

# What capture made of the mail, without numbers that only say in which order.
my $account = q{SELECT group_concat(line, char(10)) AS account FROM (SELECT line FROM (
	SELECT 'message ' || coalesce(message_id, '') || ' ' || subject || ' ' || sent_at || ' ' || direction AS line FROM messages
	UNION ALL SELECT 'item ' || mailbox_id || ' ' || source_id || ' ' || state || ' ' || coalesce(rule, '') FROM mailbox_items
	UNION ALL SELECT 'thread ' || t.subject || ' ' || t.messages || ' ' || t.last_at FROM threads t WHERE merged_into IS NULL
	UNION ALL SELECT 'proposal ' || kind || ' ' || title || ' ' || occurred_at FROM proposals
	UNION ALL SELECT 'file ' || a.name || ' ' || a.sha256 || ' ' || coalesce(m.message_id, '') FROM attachments a JOIN messages m ON m.id = a.message_id
	UNION ALL SELECT 'integrity ' || integrity_check FROM pragma_integrity_check
	UNION ALL SELECT 'reference ' || "table" FROM pragma_foreign_key_check)
	ORDER BY line)};

my $made = Countersign::Database->new;
$made->program([qw(countersign seed demo)], 'the demo');
if (!$Countersign::Kill::LONG) {
	for my $box (glob $made->dir . '/mail/demo/*') {
		my @files = sort glob "$box/{cur,new}/*";
		unlink @files[5 .. $#files];
	}
}
my $whole = $made->copy;
my $all = Countersign::Kill->start([Countersign::Kill::program('mail-sync')], env => $whole->env)->wait;
is($all->{status}, 0, 'an undisturbed run');
my $want = $whole->value($account);
like($want, qr/^integrity ok\nitem .*^message .*^proposal /ms, 'captured mail');

my ($killed, $rounds, @bad) = (0, 0);
while ($killed < $KILLS) {
	my $db = $made->copy;
	for (;;) {
		my $run = Countersign::Kill->start([Countersign::Kill::program('mail-sync')], at => 1 + int rand $all->{count}, env => $db->env)->wait;
		last if !$run->{is_killed} && $run->{status} == 0;
		push @bad, "a run that was not killed ended with $run->{status}" if !$run->{is_killed};
		$killed++;
	}
	push @bad, "round $rounds: another outcome" if $db->value($account) ne $want;
	my $chain = run([Countersign::Kill::program('countersign'), qw(audit verify)], env => $db->env);
	push @bad, "round $rounds: $chain->{err}" if $chain->{status};
	$rounds++;
}
is(join("\n", @bad), '', "after $killed kills in $rounds rounds of $all->{count} calls the outcome is always that of an undisturbed run");
done_testing;
