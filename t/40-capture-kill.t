# mail-sync is killed (SIGKILL) at two hundred points and more (R1), the next run at another, until one comes to its end: the
# database says the same as after one undisturbed run, nothing lost, nothing twice. Then at each such call of a run over one batch
# of a few messages: what it finds is the state before or the state after. COUNTERSIGN_LONG=1 takes the whole demo's mail instead
# of a part of it, and every system call instead of those that change something.
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

my $made = Countersign::Kill::uncaptured();
my $whole = $made->copy;
my $all = Countersign::Kill->start([Countersign::Kill::program('mail-sync')], env => $whole->env)->wait;
is($all->{status}, 0, 'an undisturbed run');
my $want = $whole->account;
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
	push @bad, "round $rounds: another outcome" if $db->account ne $want;
	my $chain = run([Countersign::Kill::program('countersign'), qw(audit verify)], env => $db->env);
	push @bad, "round $rounds: $chain->{err}" if $chain->{status};
	$rounds++;
}
is(join("\n", @bad), '', "after $killed kills in $rounds rounds of $all->{count} calls the outcome is always that of an undisturbed run");

# ---- one batch, call by call
my $small = Countersign::Kill::uncaptured();
my ($one, @others) = sort glob $small->dir . '/mail/demo/*';
for my $box ($one, @others) {
	my @files = sort glob "$box/{cur,new}/*";
	unlink @files[($box eq $one ? 4 : 0) .. $#files];
}
my @sync = (Countersign::Kill::program('mail-sync'), '--mailbox', $small->value(q{SELECT address FROM mailboxes WHERE path LIKE '%/} . ($one =~ s{.*/}{}r) . q{'}));
my $before = $small->account;
my $after = $small->copy;
my $undisturbed = Countersign::Kill->start(\@sync, env => $after->env)->wait;
is($undisturbed->{status}, 0, 'one batch, undisturbed');
my $captured = $after->account;
like($captured, qr/^message /m, 'captured some of it');
my (%found, @half);
# A run for each of its calls; the first that comes to its own end is past the last.
for (my $n = 1;; $n++) {
	my $db = $small->copy;
	my $run = Countersign::Kill->start(\@sync, at => $n, env => $db->env)->wait;
	my $state = $db->account;
	my $side = $state eq $before ? 'before' : $state eq $captured ? 'after' : 'neither';
	push @half, "at call $n: $side" if $side eq 'neither' || !$run->{is_killed} && $side ne 'after';
	last if !$run->{is_killed};
	next if $found{$side}++ && $n % 10 && !$Countersign::Kill::LONG;
	my $again = Countersign::Kill->start(\@sync, env => $db->env, is_untraced => 1)->wait;
	push @half, "after a kill at call $n: $again->{status}" if $again->{status};
	push @half, "after a kill at call $n and again: another outcome" if $db->account ne $captured;
	my $chain = run([Countersign::Kill::program('countersign'), qw(audit verify)], env => $db->env);
	push @half, "after a kill at call $n: $chain->{err}" if $chain->{status};
}
is(join("\n", @half), '', "all or nothing at each of the $undisturbed->{count} calls of one batch");
ok($found{before} && $found{after}, 'kills before and after its commit were among them');
done_testing;
