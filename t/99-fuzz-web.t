# The fuzz targets of what comes in over HTTP, over their seeds: no report, no broken promise.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;

for my $target (qw(base_json crm_search web_cookie web_form web_multipart web_path web_query web_tmpl web_token)) {
	my @seeds = glob "$TOP/t/fuzz/corpus/$target/*";
	ok(@seeds > 1, "$target has seeds");
	my $ran = run(["$BUILD/t/fuzz/$target.replay", @seeds]);
	is($ran->{status}, 0, "$target survives them") or diag($ran->{err});
	is($ran->{out}, @seeds . "\n", 'all of them');
}

done_testing;
