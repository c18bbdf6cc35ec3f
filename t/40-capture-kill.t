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
done_testing;
