# Sixteen writers and eight readers with open snapshots: nobody is told that the database is busy (security check R8).
use strict;
use warnings;
use Test::More;

my $out = `$ENV{BUILD}/t/storm/storm busy 200`;
is($?, 0, 'the storm ends');
my %figures = $out =~ /^(\w+) (-?\d+)$/mg;
is($figures{acknowledged}, 16 * 200, 'every write was acknowledged');
is($figures{lost}, 0, 'and is there');
is($figures{failures}, 0, 'nobody was turned away');

# A read transaction cannot become a writer's (SQLITE_BUSY_SNAPSHOT), so every transaction starts as one.
my @plain = grep { /\bBEGIN\b(?! IMMEDIATE)/ && !m{^[^:]+:\s*(?:/?\*|//)} && /"[^"]*\bBEGIN\b/ }
    split /\n/, `grep -rn '"[^"]*BEGIN' '$ENV{SRCDIR}/src' '$ENV{SRCDIR}/cgi-bin'`;
is("@plain", '', 'no transaction begins otherwise than with BEGIN IMMEDIATE');

done_testing;
