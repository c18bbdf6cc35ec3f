#!/usr/bin/perl
# bench.pl BUILD [NAME…]: subject and reference by turns on one machine in one run; a table of figures beside what they must
# be, and BUILD/bench.json. SCALE (10) is the large fund in thousands of contacts: 100 is what the figures are meant for and
# takes its time to make; ROUNDS (5), REQUESTS (20000), SECONDS_WRITING (60), BENCH_DATA (BUILD/bench-data) where funds are kept.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin", "$FindBin::Bin/../lib";
use JSON::PP ();
use Bench::Growth;
use Bench::Kit qw($BUILD $SCALE $ROUNDS);
use Bench::Process;
use Bench::Web;

my ($build, @names) = @ARGV;
$BUILD = abs_path($build);
$ENV{COUNTERSIGN_SHARE} = abs_path('.');
$ENV{COUNTERSIGN_FAST_HASH} = 1;
binmode STDOUT, ':utf8';

# A bench gives one or more rows; what a row must be is found by its name, up to the first space.
my @benches = (
	[list => sub { Bench::Web::page('list') }],
	[list_json => sub { Bench::Web::page('list_json') }],
	[record => sub { Bench::Web::page('record') }],
	[predecessor => \&Bench::Web::predecessor],
	[growth => \&Bench::Growth::pages],
	[home => \&Bench::Growth::home],
	[search => \&Bench::Growth::search],
	[capture => \&Bench::Process::capture],
	[cold => \&Bench::Process::cold],
	[memory => \&Bench::Process::memory],
	[writers => \&Bench::Process::writers],
);
# name => [what the figure is, at least or at most, must, aim]
my %goal = (
	list => ['of a bare hello', '>=', 0.40, 0.55], list_json => ['of a bare hello', '>=', 0.40, 0.60],
	record => ['of a bare hello', '>=', 0.25, 0.40], predecessor => ['times', '>=', 20, 50],
	(map { $_ => ['p99 / p50', '<=', 5, 3] } qw(list_p99 list_json_p99 record_p99)),
	growth => ['of the small cost', '<=', 1.3, 1.1], home => ['ms of a worker', '<=', 20, 5],
	search_p50 => ['ms of a worker', '<=', 20, 3], search_p99 => ['ms of a worker', '<=', 60, 15],
	capture => ['of parsing alone', '>=', 0.5, 0.7], cold => ['ms of a worker', '<=', 50, 10], memory => ['MB', '<=', 40, 20],
	writers_p99 => ['ms', '<=', 50, 20], writers_lost => ['writes', '<=', 0, 0], writers_refused => ['writes', '<=', 0, 0],
);

my %known = map { $_->[0] => 1 } @benches;
$known{$_} or die "no bench $_; there are: @{[map { $_->[0] } @benches]}\n" for @names;
my %want = map { $_ => 1 } @names;
my @rows;
printf "%-36s %9s  %-18s %7s %7s\n", qw(bench figure unit must aim);
for my $bench (grep { !@names || $want{$_->[0]} } @benches) {
	for my $row ($bench->[1]->()) {
		$row->{name} //= $bench->[0];
		my ($unit, $sense, $must, $aim) = @{$goal{$row->{name} =~ s/ .*//r}};
		@$row{qw(unit must aim)} = ($unit, "$sense $must", "$sense $aim");
		$row->{holds} = ($sense eq '>=' ? $row->{figure} >= $must : $row->{figure} <= $must) ? JSON::PP::true : JSON::PP::false;
		printf "%-36s %9.2f  %-18s %7s %7s%s\n", @$row{qw(name figure unit must aim)}, $row->{holds} ? '' : '  misses';
		push @rows, $row;
	}
}
open my $f, '>', "$BUILD/bench.json" or die;
print {$f} JSON::PP->new->utf8->pretty->canonical->encode({scale => 0 + $SCALE, rounds => 0 + $ROUNDS, rows => \@rows});
