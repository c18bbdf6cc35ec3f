# Mail made to break who reads it (security check M2), through the real mail-sync: each is kept or set aside with a reason, the
# run goes on, every page shows it, and what was wrong is named. Then clocks that are wrong (M10).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Fund;
use Countersign::Kill;
use Countersign::Mail;
use Countersign::Run;

my $fund = Countersign::Fund->start;
my ($db, $ada) = @$fund{qw(db ada)};
my $top = "From: Maria Keller <maria\@alpine.example>\nTo: ada\@fund.example\nDate: Tue, 03 Mar 2026 10:00:00 +0000\n";
my $text = "Content-Type: text/plain; charset=utf-8\n\nReadable.\n";
sub nested { my ($depth) = @_; return join('', map { "Content-Type: multipart/mixed; boundary=b$_\n\n--b$_\n" } 1 .. $depth) . $text }
sub mime { my ($type, $body) = @_; return "MIME-Version: 1.0\nContent-Type: $type\n\n$body" }

# name => [bytes after the Message-ID and Subject, a defect that must be named]
my %case = (
	depth => [nested(1000), 'too-deep'],
	parts => [mime('multipart/mixed; boundary=b', "--b\n$text" x 100_000 . "--b--\n"), 'too-many-parts'],
	'messages in messages' => [join('', map { "Content-Type: message/rfc822\n\nSubject: $_\n" } 1 .. 1000) . $text, undef],
	'a header of 50 MB' => ['X-Long: ' . 'x' x 50_000_000 . "\n\nReadable.\n", 'truncated'],
	'100,000 headers' => [join('', map { "X-$_: x\n" } 1 .. 20_000) . "\nReadable.\n", 'too-many-headers'],
	'1 GB claimed' => ["Content-Length: 1073741824\n" . mime('multipart/mixed; boundary=b', "--b\n$text--b\nContent-Type: application/zip\nContent-Disposition: attachment; filename=bomb.zip; size=1073741824\nContent-Transfer-Encoding: base64\n\n" . ('A' x 76 . "\n") x 150_000 . "--b--\n"), undef],
	'boundary in boundary' => [mime('multipart/mixed; boundary=b', "--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n$text--b\n$text--bb--\n--b--\n"), undef],
	'no boundary' => [mime('multipart/mixed', "--x\n\nReadable.\n--x--\n"), 'no-parts'],
	'boundary that never comes' => [mime('multipart/mixed; boundary=never', "Readable.\n"), 'no-parts'],
	'unknown charset' => [mime('text/plain; charset=klingon-1', "Readable.\n"), 'bad-charset'],
	'utf-7' => [mime('text/plain; charset=utf-7', "Readable. +AGEAYgBj-\n"), undef],
	'iso-2022-kr' => [mime('text/plain; charset=iso-2022-kr', "\e\$)CReadable. \x0e!!\x0f\n"), undef],
	'broken words' => ["Comments: =?utf-8?b?w6?= =?utf-8?q?=ZZ?= =?x?y?z?=\n$text", undef],
	'8-bit headers' => ["Comments: caf\xe9 \xff\xfe\n$text", undef],
	'NUL' => ["X-Nul: a\0b\nContent-Type: text/plain\n\nRead\0able.\n", 'nul'],
	'lone CR' => ["X-Cr: a\rBcc: x\@evil.example\r\rbody?\nContent-Type: text/plain\n\nReadable.\rOn one line.\r", undef],
	'two From' => ["From: ada\@fund.example\n$text", 'two-from'],
	'group syntax' => ["Cc: Investors: urs\@counsel.example, eve\@counsel.example;, undisclosed-recipients:;\n$text", undef],
	'word in an address' => ["Cc: =?utf-8?q?eve=40evil.example?= <urs\@counsel.example>, =?utf-8?q?x=40evil.example?=\@counsel.example\n$text", undef],
	'bad base64' => [mime("text/plain\nContent-Transfer-Encoding: base64", "UmVhZGFibGUu!!!!====\x01\n"), undef],
	'unknown encoding' => [mime("text/plain\nContent-Transfer-Encoding: rot13", "Readable.\n"), 'bad-encoding'],
	'one endless line' => ["Content-Type: text/html\n\n" . '<b>Readable.</b>' . '<i>' x 500_000 . "\n", undef],
	'10,000 addresses' => ['Cc: ' . join(', ', map { "p$_\@counsel.example" } 1 .. 10_000) . "\n$text", 'truncated'],
);
# Of megabytes: under the sanitizers the parser may need longer than it has. Then the message is kept unread, and its row says why.
my %slow = map { $_ => 1 } 'a header of 50 MB', 'one endless line', 'parts', '1 GB claimed';
# Where nothing can be read: past the depth that is looked into.
my %unread = map { $_ => 1 } 'depth', 'messages in messages';
my $n = 0;
my %file = map { $_ => ++$n } sort keys %case;
$fund->receive('messages made to break who reads them', map { "${top}Message-ID: <h$file{$_}\@evil.example>\nSubject: $_\n$case{$_}[0]" } sort keys %case);
$fund->receive('no message at all', '', "\n\n\n", "\0" x 1000, "From x\n" x 1000);
my $box = $ada->api(GET => "/mailboxes/$fund->{box}")->{data};
is($box->{listed}, $n + 4, 'all of them are listed');
is($box->{ever_listed}, $box->{accounted}, 'and accounted for');
for my $name (sort keys %case) {
	my $m = $fund->message("h$file{$name}\@evil.example");
	ok($m, "M2 $name: kept") or diag(explain $db->rows("SELECT state, rule, reason FROM mailbox_items WHERE source_id LIKE '%" . (1772532000 + $file{$name} - 1) . "%'")), next;
	my $why = $db->value("SELECT reason FROM mailbox_items WHERE message_id = $m->{id}");
	if ($slow{$name} && ($why // '') eq 'parser took longer than 10 s') {
		is($m->{is_unparsed}, 1, "M2 $name: kept unread, for it took too long");
	} else {
		is($why, undef, "M2 $name: the parser lived through it");
		is($m->{is_unparsed}, 0, "M2 $name: and read it");
		like(" $m->{defects} ", qr/ $case{$name}[1] /, "M2 $name: what is wrong is named") if $case{$name}[1];
		like($m->{snippet}, qr/\bReadable\./, "M2 $name: what can be read is read") if !$unread{$name};
	}
	is($m->{from_email}, 'maria@alpine.example', "M2 $name: from whom it was, the first From counts");
	my $page = $ada->get("/mail/$m->{thread_id}");
	is($page->{status}, 200, "M2 $name: its page is shown");
	my $headers = $ada->get("/messages/$m->{id}/headers");
	is($headers->{status}, 200, "M2 $name: and its headers");
	cmp_ok(length($page->{content}) + length($headers->{content}), '<', 8 << 20, "M2 $name: neither without end");
}
is($db->value("SELECT count(*) FROM message_addresses WHERE email LIKE '%\@evil.example'"), 0, 'M2: no address is read out of what is none');
is(join(' ', map { $_->{email} } @{$db->rows("SELECT email FROM message_addresses a JOIN messages m ON m.id = a.message_id WHERE m.message_id = 'h$file{'group syntax'}\@evil.example' AND role = 'cc' ORDER BY position")}),
	'urs@counsel.example eve@counsel.example', 'M2: who is in a group is found');
is($db->value("SELECT count(*) FROM mailbox_items WHERE state = 'failed' AND reason IS NULL"), 0, 'what could not be read says why');
$fund->receive('and after all that', mail(id => 'after@mail.example', from => 'maria@alpine.example', to => 'ada@fund.example', date => 'Tue, 03 Mar 2026 11:00:00 +0000'));
ok($fund->message('after@mail.example'), 'an honest message comes through');

# ---- clocks
sub dated { my ($id, $date, %m) = @_; return ($m{received} ? "Received: from a by mx.fund.example; $m{received}\n" : '') . mail(id => "$id\@clock.example", from => 'maria@alpine.example', to => 'ada@fund.example', date => $date) }
$fund->{n} = 1772600000;
$fund->receive('wrong clocks', dated('1970', 'Thu, 01 Jan 1970 00:00:10 +0000'), dated('2100', 'Fri, 01 Jan 2100 00:00:00 +0000'), dated('ahead', 'Wed, 04 Mar 2026 20:00:00 +0000', received => 'Mon, 02 Mar 2026 10:00:00 +0000'),
	dated('none', undef), dated('late', 'Mon, 02 Feb 2026 10:00:00 +0000', received => 'Mon, 02 Mar 2026 10:00:00 +0000'));
my %at = ('1970' => '2026-03-04T04:53:20Z', '2100' => '2026-03-04T04:53:21Z', ahead => '2026-03-02T10:00:00Z', none => '2026-03-04T04:53:23Z', late => '2026-02-02T10:00:00Z');
is($fund->message("$_\@clock.example")->{sent_at}, $at{$_}, "M10: Date $_") for sort keys %at;
maildir($fund->{dir}, '1772610000.behind' => dated('behind', 'Wed, 04 Mar 2026 07:40:00 +0000'));
$db->program(['mail-sync'], 'our own clock two years behind', env => {COUNTERSIGN_NOW => '2024-03-04T09:00:00Z'});
is($fund->message('behind@clock.example')->{sent_at}, '2026-03-04T07:40:00Z', 'M10: what Date and source agree on counts');
maildir($fund->{dir}, '1772620000.before' => dated('before', 'Wed, 04 Mar 2026 07:50:00 +0000'));
$db->program(['mail-sync'], 'and two years ahead', env => {COUNTERSIGN_NOW => '2028-03-04T09:00:00Z'});
is($fund->message('before@clock.example')->{sent_at}, '2026-03-04T07:50:00Z', 'M10: there too');

# What was done by a clock that is hours or days ahead of the server's is not "-2 h ago" anywhere.
for my $at ('2026-03-04T11:00:00Z', '2026-03-07T09:00:00Z') {
	$fund->{n} = 1772610000 + ($at =~ /07T/ ? 1 : 0);
	maildir($fund->{dir}, $fund->{n} . '.soon' => dated("soon$fund->{n}", 'Wed, 04 Mar 2026 08:00:00 +0000'));
	$db->program(['mail-sync'], "our own clock ahead: $at", env => {COUNTERSIGN_NOW => $at});
	my @threads = map { "/mail/$_->{thread_id}" } @{$db->rows("SELECT DISTINCT thread_id FROM messages WHERE message_id LIKE '%\@clock.example'")};
	my @negative;
	for my $path ('/', '/mail', @threads, '/capture', "/capture/$fund->{box}", '/review', '/audit', '/contacts', "/contacts/$fund->{maria}", "/organizations/$fund->{firm}", '/tasks', '/digests') {
		my $page = $ada->get($path);
		my $text = $page->{content} =~ s/<[^>]*>/ /gr;
		push @negative, "$path: $page->{status}" if $page->{status} != 200;
		push @negative, "$path: $1" while $text =~ /(.{0,20}(?:-|\x{2212}|&minus;)\s*\d+(?:\.\d+)?\s*(?:s|min|h|days?|a second)\b.{0,10})/g;
	}
	for my $path ('/home', '/mailboxes', '/threads', '/proposals', "/contacts/$fund->{maria}") {
		my ($r) = $ada->api(GET => $path);
		push @negative, "/api$path: $1" while $r->{content} =~ /("\w+"\s*:\s*-[\d.]+)/g;
	}
	is(join("\n", @negative), '', 'M10: nothing has a negative age');
	like($ada->get('/capture')->{content}, $at =~ /07T/ ? qr/in 3 days/ : qr/in 2 h/, 'M10: it is yet to come, and says so');
}
SKIP: {
	my $impossible = Countersign::Kill::impossible();
	skip $impossible, 2 if $impossible;
	maildir($fund->{dir}, '1772630000.cut' => dated('cut', 'Wed, 04 Mar 2026 08:10:00 +0000'));
	my $at = 0; # until a run is cut off in the middle
	do { Countersign::Kill->start([bin('mail-sync')], at => ++$at, env => {%{$db->env}, COUNTERSIGN_NOW => '2028-03-04T09:00:00Z'})->wait }
		until $at == 100 || $db->value("SELECT run_started_at > '2028' AND run_ended_at IS NULL FROM mailboxes");
	my $cut = $ada->api(GET => "/mailboxes/$fund->{box}")->{data};
	is($cut->{run_started_at}, '2028-03-04T09:00:00Z', 'a run under a clock two years ahead is killed');
	is_deeply([map { $_ ? 1 : 0 } @$cut{qw(is_running is_stopped)}], [0, 1], 'M10: and is not called running until then');
}
$fund->stop;
done_testing;
