# The digest names people and firms: what makes it has no way to a host outside. Link, includes, and the setting.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Database;
use Countersign::Run;

my $program = bin('daily-digest');
my $needed = `readelf -d '$program'`;
like($needed, qr/NEEDED/, 'the program is linked to something');
unlike($needed, qr/curl|libssl|nghttp|libresolv/, 'and to nothing that speaks with other hosts');
my %undefined = map { $_ => 1 } `nm -D --undefined-only '$program'` =~ /\bU (\w+)/g;
ok($undefined{open} || $undefined{open64} || $undefined{fopen}, 'it asks the system for files');
is(join(' ', grep { $undefined{$_} } qw(connect sendto sendmsg getaddrinfo gethostbyname gethostbyname2 res_query execve execvp posix_spawn popen system gnutls_handshake gnutls_record_send)),
	'', 'and never for a connection, a name or another program');

my %may = map { /^(\S+):\s*(.*)$/ ? ($1 => {map { $_ => 1 } split ' ', $2}) : () } grep { !/^#/ } split /\n/, slurp("$TOP/src/DEPENDS");
is(join(' ', grep { $may{digest}{$_} } qw(net send source)), '', 'its room may include none that does');
my @outside = grep { slurp($_) =~ m{#include\s*<(?:sys/socket|netdb|netinet/\w+|arpa/inet|curl/\w+)\.h>} } glob "$TOP/src/digest/*.[ch] $TOP/src/base/*.[ch]";
is("@outside", '', 'nor does one of its files');

my $db = Countersign::Database->new(seed => 'demo');
like(run_ok([bin('countersign'), 'config', 'set', 'digest_gateway', $_], "the gateway $_", env => $db->env, status => 65)->{err}, qr/digest_gateway/, 'is refused')
	for qw(http://gateway.example/ https://127.0.0.1/ http://127.0.0.1.example/ http://127.0.0.1@gateway.example/ http://localhost/);
$db->program(['countersign', 'config', 'set', 'digest_gateway', 'http://127.0.0.1:9/'], 'one on this machine is a setting');
like($db->program(['daily-digest', '--dry-run'], 'a digest with a gateway that nobody answers at')->{out},
	qr/About 3 Mar 2026\n\n.*wait for a countersignature\..*\n\nIN NUMBERS/s, 'has our own summary');
$db->program(['countersign', 'config', 'set', 'digest_narrative', '0'], 'switched off');
like($db->program(['daily-digest', '--dry-run'], 'it')->{out}, qr/About 3 Mar 2026\n\nIN NUMBERS/, 'has none');
done_testing;
