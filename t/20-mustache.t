# The template engine against the official specification (its core and inheritance) when it is beside the tree, and against cases of our
# own always; the pages' templates are all well-formed (app.fcgi renders them in t/60-pages.t).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;

my @files = ("$TOP/t/golden/mustache.json");
if (my $spec = shared('data/mustache-spec')) {
	push @files, map { "$spec/$_.json" } qw(comments delimiters inheritance interpolation inverted partials sections);
} else {
	diag('the official cases (../shared/data/mustache-spec) are absent: only our own run');
}
my $r = run_ok(["$BUILD/t/unit/mustache", @files], 'every case renders as it should');
my @bad = grep { /^not ok/ } split /\n/, $r->{out};
is(join("\n", @bad), '', 'none differs');
cmp_ok(scalar(() = $r->{out} =~ /^ok/mg), '>=', 11, 'the cases were run');
done_testing;
