# A large set of real and broken mail through capture: no crash, no sanitizer's report, and every message stored,
# excluded or failed with a reason. Without the shared set, messages made here.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use File::Find ();
use File::Path qw(make_path);
use Countersign::Run;
use Countersign::Database;
use JSON::PP ();

my $db = Countersign::Database->new;
my $box = $db->dir . '/corpus';
make_path("$box/$_") for qw(cur new tmp);
my ($count, %senders) = (0);
sub put { my ($raw) = @_; open my $f, '>:raw', sprintf "%s/cur/%d.corpus:2,S", $box, 1700000000 + $count++ or die; print {$f} $raw; close $f;
	$senders{lc $1}++ if $raw =~ /^From:.*?([A-Za-z0-9._+-]+\@[A-Za-z0-9.-]+\.[A-Za-z]+)/m; return }

if (my $shared = shared('data/mail-dev')) {
	File::Find::find({no_chdir => 1, wanted => sub {
		return if !-f || /(?:README|MANIFEST|LICENSE)/ || /\.(?:md|tsv|json|txt)$/;
		my $bytes = slurp($_);
		if ($bytes =~ /\AFrom /) { put($_) for split /(?:^|\n)From [^\n]*\n/, substr $bytes, index($bytes, "\n") + 1 } else { put($bytes) }
	}}, $shared);
} else {
	diag('the shared mail set is absent: messages made here instead');
	my @heads = ("From: a\@known.example\nSubject: =?utf-8?B?w6k=?=", "From: =?x?Q?=FF?= <b\@known.example>\nDate: nonsense", "From: c\@known.example\nFrom: d\@known.example");
	my @bodies = ("Content-Type: multipart/mixed; boundary=x\n\n--x\n\nA\n--x\nContent-Type: text/html\n\n<p>B<script>1</script>\n", "Content-Type: text/plain; charset=nope\n\n\xff\xfe",
		"Content-Transfer-Encoding: base64\n\n%%%%", 'Content-Type: multipart/mixed; boundary=""' . "\n\n" . ('--' x 1000), "\n" . ("\0" x 100), '');
	for my $i (0 .. 199) { put("$heads[$i % @heads]\nMessage-ID: <$i\@made.example>\n$bodies[$i % @bodies]") }
}
cmp_ok($count, '>', 100, "$count messages");

$db->program([qw(countersign user add ada --email ada@fund.example --role admin)], 'a user', in => "correct horse battery\n");
$db->program([qw(countersign config set own_domains fund.example)], 'our domain');
$db->program([qw(countersign mailbox add ada@fund.example --user ada --source maildir --path), $box], 'the mailbox');
# Whoever wrote most is known, so that much is kept.
require Countersign::Server;
my $server = Countersign::Server->start(db => $db);
my $web = $server->login('ada', 'correct horse battery');
my @known = (sort { $senders{$b} <=> $senders{$a} || $a cmp $b } keys %senders)[0 .. 149];
my $made = 0;
for my $address (grep { defined } @known) { $made++ if ($web->api(POST => '/contacts', {name => $address, emails => [$address]}))[0]{status} == 201 }
cmp_ok($made, '>', 0, "$made of the senders are known");

my $r = $db->program(['mail-sync', '--json'], 'capture runs to its end without a report of a sanitizer');
my $report = JSON::PP->new->decode((split /\n/, $r->{out})[0]);
is($report->{listed}, $count, 'all of it was listed');
is($report->{stored} + $report->{excluded} + $report->{failed}, $count, "and accounted for ($report->{stored} stored, $report->{excluded} excluded, $report->{failed} failed)");
cmp_ok($report->{stored}, '>', 0, 'some was kept');
is($db->value("SELECT count(*) FROM mailbox_items WHERE state = 'failed' AND reason IS NULL"), 0, 'each failure has its reason');
is_deeply($db->rows("SELECT reason, count(*) AS n, min(source_id) AS first FROM mailbox_items WHERE reason LIKE 'parser%' AND reason <> 'parser took longer than 10 s' GROUP BY reason"), [],
	'no message made the parser crash, or answer nonsense');
cmp_ok($db->value("SELECT count(*) FROM mailbox_items WHERE reason LIKE 'parser%'"), '<=', 3, 'and hardly one took it too long');
is($db->value('SELECT count(*) FROM messages WHERE is_unparsed = 1 AND id NOT IN (SELECT message_id FROM mailbox_items WHERE message_id IS NOT NULL AND reason IS NOT NULL)'), 0, 'what is kept unread says why');
is($db->value('PRAGMA integrity_check'), 'ok', 'the database is sound');
my @bad;
for my $id (map { $_->{thread_id} } @{$db->rows('SELECT DISTINCT thread_id FROM messages ORDER BY thread_id LIMIT 60')}) {
	my $page = $web->get("/mail/$id");
	push @bad, "/mail/$id: $page->{status}" if $page->{status} != 200 && $page->{status} != 303;
}
is("@bad", '', 'and every thread can be shown');
$server->stop;
done_testing;
