# A person at a real browser: the review and all else by keyboard, by thumb, fields that name records, facts edited where they stand, the board of the pipeline, the frame, the same without a script; screenshots stay in
# artifacts/.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
for my $script (qw(keys review pick thumb kept inplace board)) {
	my $r = run(['node', "$TOP/t/browser/$script.mjs", $server->url, "$BUILD/artifacts"]);
	my @lines = split /\n/, $r->{out};
	for my $line (@lines) {
		next if $line !~ /^(not )?ok \d+ - (.*)/;
		my ($bad, $name) = ($1, $2);
		ok(!$bad, "$script: $name");
	}
	diag(join "\n", grep { /^# / } @lines) if grep { /^not ok/ } @lines;
	is($r->{status}, 0, "$script: the browser ends well") or diag($r->{err});
}
$server->stop;
done_testing;
