# Writers and checkpointers in many processes lose no row through our lock; without it they do, which shows that this
# test can see SQLite's WAL-reset bug (security check R7). COUNTERSIGN_LONG=1 runs it for half an hour.
use strict;
use warnings;
use Test::More;

my $storm = "$ENV{BUILD}/t/storm/storm";

sub figures { my $out = `@_ 2>/dev/null`; is($?, 0, "@_[1 .. $#_]"); diag($out) if $?; return { $out =~ /^(\w+) (-?\d+)$/mg } }

my $long = $ENV{COUNTERSIGN_LONG};
my $with = figures($storm, 'wal', $long ? 1800 : 6);
cmp_ok($with->{acknowledged}, '>', 100, "rows were written ($with->{acknowledged})");
cmp_ok($with->{checkpoints}, '>', 5, "while checkpoints ran ($with->{checkpoints})");
is($with->{lost}, 0, 'no acknowledged row is lost and the file is sound');
is($with->{failures}, 0, 'no write failed');

my $without = figures($storm, 'wal', 600, '--no-lock');
isnt($without->{lost}, 0, "the control run without the lock loses rows ($without->{lost} of $without->{acknowledged})");

done_testing;
