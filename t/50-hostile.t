# W14: hostile texts in every field that a person, a stranger's mail or a request can fill, and every page that shows them, in a
# real browser: no script runs, no dialog opens, nothing is left for the policy to refuse, and each text is shown as it is.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use File::Path qw(make_path);
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Countersign::Database;
use Countersign::Run;
use Countersign::Server;

my $json = JSON::PP->new->utf8;
my $list = $json->decode(run_ok(['node', "$TOP/t/browser/hostile.mjs", "--texts"], 'the texts')->{out});
my @texts = @{$list->{texts}};
my $all = substr $list->{all}, 0, 9000;
sub bytes { my ($s) = @_; utf8::encode($s); return $s }
# At most n bytes, no character cut in two.
sub fit { my ($s, $n) = @_; $s = substr $s, 0, -1 while length bytes($s) > $n; return $s }

my $db = Countersign::Database->new(seed => 'demo');
my ($known) = map { $_->{email} } @{$db->rows('SELECT email FROM contact_emails WHERE deleted_at IS NULL ORDER BY id LIMIT 1')};
my ($domain) = $known =~ /@(.*)/;
my $dir = $db->dir . '/mail/hostile';
make_path("$dir/$_") for qw(cur new tmp);
sub word { my ($s) = @_; my $b = encode_base64(bytes(fit($s, 300)), ''); return join ' ', map { "=?utf-8?B?$_?=" } unpack '(a60)*', $b }
for my $n (0 .. $#texts) {
	my $w = word($texts[$n]);
	open my $f, '>', sprintf('%s/cur/17725%05d.%d:2,S', $dir, $n, $n) or die;
	print {$f} "From: $w <", ($n % 3 ? $known : "s$n\@$domain"), ">\nTo: $w <hostile\@larkspur.example>\nCc: $w <c$n\@$domain>\nSubject: $w\n",
		"Date: Tue, 03 Mar 2026 10:00:00 +0000\nMessage-ID: <h$n\@mail.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n",
		"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n", bytes("$texts[$n]\n\nCould you send $texts[$n] by Friday?\n-- \n$texts[$n]\n"),
		"\n--b\nContent-Type: application/octet-stream; name=\"$w\"\nContent-Disposition: attachment; filename=\"$w\"\n\nx\n--b--\n";
	close $f or die;
}
$db->program([qw(countersign mailbox add hostile@larkspur.example --user ada --source maildir --propose-from all --path), $dir], 'a mailbox');
$db->program(['mail-sync'], 'strangers have written');
$db->program([qw(countersign user add mallory --email mallory@larkspur.example --role member --name), bytes(fit($texts[1], 100))], 'a user', in => "correct horse battery\n");
$db->program([qw(countersign config set fund_name), bytes(fit($texts[14], 60))], 'a fund');

my $server = Countersign::Server->start(db => $db);
my $ada = $server->login;
my (%title, %made);
for (my $n = 0; $n < @texts; $n += 2) { # two texts a record, each of them in a short field and in a long one
	my ($short, $other) = map { fit($_, 190) } $texts[$n], $texts[($n + 1) % @texts];
	my $long = $n % 16 ? "$texts[$n] $texts[($n + 1) % @texts]" : $all;
	my $make = sub {
		my ($what, $fields) = @_;
		my ($r, $doc) = $ada->api(POST => "/$what", $fields);
		$made{$doc->{data}{id} ? $what : "$what $r->{status}"}++;
		return $doc->{data}{id};
	};
	my $contact = $make->(contacts => {name => $short, title => $other, notes => $long, kind => 'other'}) // next;
	$title{"/contacts/$contact"} = $short;
	$make->(communications => {subject => $other, body => $long, kind => 'note', occurred_at => '2026-03-04T08:00:00Z', contact_ids => [$contact]});
	$make->(tasks => {title => $other, note => $long, due_on => '2026-03-05', contact_id => $contact});
	next if $n % 8; # an address has twenty failed logins a minute, and the browser is at the same one
	$make->(organizations => {name => $short, introduced_by => $other, address => $other, notes => $long, kind => 'other'});
	$server->client->post('/login', {username => bytes(fit($short, 60)), password => 'x'}, headers => {'User-Agent' => bytes($short =~ s/[^ -~]//gr)});
}
is(join(' ', grep { !/^\w+$/ } sort keys %made), '', 'each text is taken: ' . join ', ', map { "$made{$_} $_" } sort keys %made);
for my $p (@{$ada->api(GET => '/proposals?limit=6')->{data}}) { # decided ones are shown too
	$ada->api(POST => "/proposals/$p->{id}/dismiss", {sha256 => $p->{sha256}, reason => $texts[$p->{id} % @texts]});
}
$db->program([qw(daily-digest --date 2026-03-04)], 'a digest of it', env => {COUNTERSIGN_NOW => '2026-03-05T09:00:00Z'});

# Where they must have come to. (What else is text in the schema: states, hashes, days, and what is made of these.)
my @columns = qw(contacts.name contacts.title contacts.notes organizations.name organizations.introduced_by organizations.address organizations.notes
	communications.subject communications.body tasks.title tasks.note messages.subject messages.from_name message_addresses.name message_bodies.text
	threads.subject attachments.name proposals.title proposals.change_json proposals.reason audit.changes_json audit.why users.name settings.value
	login_attempts.username digests.html);
for (@columns) {
	my ($table, $column) = split /\./;
	cmp_ok($db->value("SELECT count(*) FROM $table WHERE $column LIKE '%console.log%' OR $column LIKE '%onerror%'"), '>', 0, "in $_");
}

# ---- every page that links lead to, a few of each kind, and what was typed into the address
my (%seen, %shape, @pages);
my @queue = ('/', '/review', '/contacts?limit=200', '/organizations?limit=200', '/tasks?limit=200', '/mail?limit=200', '/audit?limit=200', '/trash', '/admin');
while (defined(my $path = shift @queue)) {
	my $kind = $path =~ s/[?#].*//r =~ s/\d+/N/gr;
	next if $seen{$path}++ || ($path !~ /limit=200/ && $shape{$kind}++ >= 2) || $path =~ m{^/attachments/};
	push @pages, $path;
	my $content = $ada->get($path)->{content};
	push @queue, $1 =~ s/&amp;/&/gr while $content =~ /href="(\/(?!static\/|\/)[^"#]*)"/g;
}
push @pages, sort { $a cmp $b } grep { !$seen{$_} } keys %title;
my $url = sub { bytes($_[0]) =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger };
for my $n (map { $_ * 8 } 0 .. $#texts / 8) {
	my $q = $url->($texts[$n]);
	push @pages, "/search?q=$q", "/contacts?q=$q", "/contacts?limit=$q", "/contacts?kind=$q", "/login?next=$q", "/$q";
}
my $to = temp_dir();
open my $out, '>', "$to/pages.json" or die;
print {$out} $json->encode({pages => \@pages, titles => \%title});
close $out or die;
cmp_ok(scalar @pages, '>', 120, scalar(@pages) . ' pages');
my $r = run(['node', "$TOP/t/browser/hostile.mjs", $server->url, "$to/pages.json"]);
my @lines = split /\n/, $r->{out};
for (@lines) { ok(!$1, $2) if /^(not )?ok \d+ - (.*)/ }
diag(join "\n", map { substr $_, 0, 400 } grep { defined } (grep { /^# / } @lines)[0 .. 20]) if grep { /^not ok/ } @lines;
is($r->{status}, 0, 'the browser ended well') or diag($r->{err});
$server->stop;
done_testing;
