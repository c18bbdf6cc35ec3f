# The fuzz targets of the mail room and of its sources over their seeds, and over the messages of t/data/mail: no report, no broken promise.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;

for my $target (qw(mail_addr mail_ask mail_authres mail_date mail_headers mail_html mail_links mail_mime mail_quote mail_wire source_mbox)) {
	my @seeds = glob "$TOP/t/fuzz/corpus/$target/*";
	my @mail = glob "$TOP/t/data/mail/*";
	ok(@seeds > 1, "$target has seeds");
	my $ran = run(["$BUILD/t/fuzz/$target.replay", @seeds, @mail]);
	is($ran->{status}, 0, "$target survives them") or diag($ran->{err});
	is($ran->{out}, @seeds + @mail . "\n", 'all of them');
}

done_testing;
