# Many processes on one database. Writers and checkpointers lose no row through our lock; without it they do, which shows
# that this test can see SQLite's WAL-reset bug (security check R7; COUNTERSIGN_LONG=1 runs it for half an hour). Sixteen
# writers and eight readers with open snapshots: nobody is told that the database is busy (R8). One file, so that prove
# does not run both at once.
use strict;
use warnings;
use Test::More;

# In memory where there is such a place: the order of events is the subject, not the disk.
$ENV{TMPDIR} = '/dev/shm' if -d '/dev/shm' && -w _;
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

# ---- busy
my $out = `$storm busy 200`;
is($?, 0, 'the storm ends');
my %figures = $out =~ /^(\w+) (-?\d+)$/mg;
is($figures{acknowledged}, 16 * 200, 'every write was acknowledged');
is($figures{lost}, 0, 'and is there');
is($figures{failures}, 0, 'nobody was turned away');

# A read transaction cannot become a writer's (SQLITE_BUSY_SNAPSHOT), so every transaction starts as one; BEGIN DEFERRED is
# for a reader's view, on a connection that cannot write (t/unit/db_tx.c).
my @plain = grep { /\bBEGIN\b(?! IMMEDIATE| DEFERRED)/ && !m{^[^:]+:\s*(?:/?\*|//)} && /"[^"]*\bBEGIN\b/ }
    split /\n/, `grep -rn '"[^"]*BEGIN' '$ENV{SRCDIR}/src' '$ENV{SRCDIR}/cgi-bin'`;
is("@plain", '', 'no transaction begins otherwise than with BEGIN IMMEDIATE');
my @deferred = map { /^[^:]*?([^\/:]+):/ } split /\n/, `grep -rn 'BEGIN DEFERRED' '$ENV{SRCDIR}/src'`;
is(join(' ', sort keys %{{map { $_ => 1 } @deferred}}), 'tx.c', 'and views are opened in one place');

done_testing;
