# How the programs are built (security check F4) and what the worker does not hold: libcurl, the send room.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;

# The optimised build is made once here, for the sanitizers replace some of the hardening.
my $build = "$TOP/build";
my $made = run(['make', '-s', '-C', $build, '-j2'], dir => $TOP);
if ($made->{status}) {
	mkdir $build;
	run(["$TOP/configure"], dir => $build)->{status} == 0 or BAIL_OUT('configure fails');
	$made = run(['make', '-s', '-C', $build, '-j2']);
}
is($made->{status}, 0, 'the optimised build is made') or diag($made->{err});

my @programs = qw(app.fcgi admin.cgi countersign mail-sync daily-digest outbox-send);
for my $name (@programs) {
	my $file = "$build/bin/$name";
	my $elf = `readelf -hldsW '$file' 2>/dev/null`;
	like($elf, qr/Type:\s+DYN/, "$name is position independent");
	like($elf, qr/GNU_RELRO/, "$name has relocations read-only");
	like($elf, qr/BIND_NOW|FLAGS_1.*NOW/, "$name binds at start");
	like($elf, qr/GNU_STACK\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+RW\s/, "$name has no executable stack");
	like($elf, qr/__stack_chk_fail/, "$name has stack protectors");
	like($elf, qr/__(?:memcpy|snprintf|vsnprintf|read|memset)_chk/, "$name has fortified calls");
	unlike($elf, qr/R(?:UN)?PATH/, "$name has no search path of its own");
}

my $needed = `readelf -d '$build/bin/app.fcgi'`;
unlike($needed, qr/libcurl/, 'the worker does not hold libcurl');
my $symbols = `nm -D '$build/bin/app.fcgi' 2>/dev/null; nm '$build/bin/app.fcgi' 2>/dev/null`;
unlike($symbols, qr/\b(?:curl_|transport_|deliver_|smtp_)\w*/, 'nor anything that sends');
unlike($symbols, qr/\bgmime_|\bg_mime_/i, 'nor the mail parser');

done_testing;
