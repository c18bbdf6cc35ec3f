# A person at a real browser: the review by keyboard, every page for axe, in light and dark, at phone width; screenshots
# stay in artifacts/.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $r = run(['node', "$TOP/t/browser/review.mjs", $server->url, "$BUILD/artifacts"]);
my @lines = split /\n/, $r->{out};
for my $line (@lines) {
	next if $line !~ /^(not )?ok \d+ - (.*)/;
	my ($bad, $name) = ($1, $2);
	ok(!$bad, $name);
}
diag(join "\n", grep { /^# / } @lines) if grep { /^not ok/ } @lines;
is($r->{status}, 0, 'the browser ends well') or diag($r->{err});
$server->stop;
done_testing;
