# What goes with every reply: policy, no sniffing, no cache (W13), cookies (W15), request ids; also on errors, also from
# nginx alone. The proxy header (W3) and nginx.conf's own rules (W2).
use strict;
use warnings;
use lib 't/lib';
use File::Temp ();
use Test::More;
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($ada, $nobody) = ($server->login, $server->client);
my %nonces;
for my $case ([$ada, '/'], [$ada, '/review'], [$ada, '/contacts/1'], [$ada, '/nowhere'], [$ada, '/contacts?limit=abc'], [$nobody, '/login'],
	[$nobody, '/contacts'], [$ada, '/admin'], [$ada, '/api/contacts'], [$nobody, '/api/contacts']) {
	my ($client, $path) = @$case;
	my $h = $client->get($path)->{headers};
	my $csp = $h->{'content-security-policy'} // '';
	my ($nonce) = $csp =~ /script-src 'nonce-([A-Za-z0-9_-]{22})'/;
	ok($nonce && !$nonces{$nonce}++, "$path: a nonce of 128 bits, never the same");
	like($csp, qr/default-src 'none'/, "$path: nothing is allowed that is not named");
	like($csp, qr/\Q$_\E/, "$path: $_") for "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'";
	unlike($csp, qr/unsafe-/, "$path: nothing unsafe");
	is($h->{'x-content-type-options'}, 'nosniff', "$path: nosniff");
	is($h->{'referrer-policy'}, 'no-referrer', "$path: no referrer");
	is($h->{'cross-origin-opener-policy'}, 'same-origin', "$path: COOP");
	is($h->{'cross-origin-resource-policy'}, 'same-origin', "$path: CORP");
	is($h->{'cache-control'}, 'no-store', "$path: not stored");
	like($h->{'x-request-id'}, qr/^[0-9a-f]{32}$/, "$path: a request id");
	like($h->{'server-timing'}, qr/^db;dur=[\d.]+, render;dur=[\d.]+$/, "$path: timing");
}

# ---- the frame that shows a sender's HTML
my $id = $server->db->value('SELECT message_id FROM message_bodies WHERE html IS NOT NULL LIMIT 1');
my $frame = $ada->get("/messages/$id/body")->{headers}{'content-security-policy'};
like($frame, qr/sandbox allow-popups/, 'a message is shown in a sandbox');
unlike($frame, qr/allow-scripts|allow-same-origin|https:/, 'without scripts, without our origin, without remote images');
like($ada->get("/messages/$id/body?images=1")->{headers}{'content-security-policy'}, qr/img-src data: https:/, 'images when asked for');

# ---- what browsers keep for a year has another address when any of it changes
{
	my $share = File::Temp->newdir;
	system('cp', '-r', "$TOP/templates", "$TOP/static", $share) == 0 or die;
	my %env = (%{$server->db->env}, COUNTERSIGN_SHARE => "$share", REQUEST_METHOD => 'GET', REQUEST_URI => '/nowhere', REMOTE_ADDR => '127.0.0.1', HTTP_HOST => 'localhost');
	my $address = sub { return run([bin('admin.cgi')], env => \%env)->{out} =~ m{/static/app\.css\?v=([0-9a-f]{12})"} ? $1 : die 'no page' };
	my %seen = ($address->() => 'as they are');
	is(keys %seen, 1, 'static files have an address');
	for my $file (map { s{.*/}{}r } glob "$TOP/static/*.*") {
		open my $f, '>>', "$share/static/$file" or die;
		print {$f} "\n";
		close $f;
		ok(!$seen{$address->()}++, "$file: another one when it changes");
	}
}

# ---- an attachment is a download
my $file = $server->db->value('SELECT id FROM attachments LIMIT 1');
my $r = $ada->get("/attachments/$file");
is($r->{headers}{'content-type'}, 'application/octet-stream', 'an attachment is bytes');
like($r->{headers}{'content-disposition'}, qr/^attachment; filename=/, 'to be saved');

# ---- cookies
my $login = $server->client;
$login->get('/login');
my $set = $login->post('/login', {username => 'grace', password => 'demo'})->{headers}{'set-cookie'};
my ($session) = grep { /^cs=/ } ref $set ? @$set : $set;
like($session, qr/; HttpOnly/, 'the session cookie is HttpOnly');
like($session, qr/; SameSite=Lax/, 'SameSite=Lax');
like($session, qr/; Path=\/(?:;|$)/, 'for the whole path');
unlike($session, qr/Domain/i, 'for this host alone');
delete $login->{csrf}; # of the page before
my ($secret) = $session =~ /^cs=([^;]+)/;
is(length $secret, 43, 'of 256 bits');
is($server->db->value("SELECT count(*) FROM sessions WHERE token_sha256 = '$secret'"), 0, 'and its hash alone is in the database');
my $old = $login->{jar}{cs};
$login->post('/logout', {});
my $again = $server->client;
$again->{jar}{cs} = $old;
is($again->get('/')->{status}, 303, 'after logging out it is worth nothing');
my $before = $server->login('grace');
$server->db->program([qw(countersign user passwd grace)], 'a password changes', in => "a longer password\n");
is($before->get('/')->{status}, 303, 'and every session of that user ends');

# ---- nginx alone
my (undef, $head) = $server->client->raw_get('/static/app.css?v=abc');
like($head, qr/^Content-Security-Policy: default-src 'none'/mi, 'static files have a policy too');
like($head, qr/max-age=31536000, immutable/, 'and may be kept when their hash is named');
my $reply = $server->client->raw("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
like($reply, qr{^HTTP/1.1 421}, 'another host is not ours');
is(($server->client->raw_get('/static/'))[0], 404, 'no directory is listed');
my $conf = slurp("$TOP/nginx.conf");
like($conf, qr/fastcgi_param HTTP_PROXY\s+"";/, 'Proxy: never becomes HTTP_PROXY');
unlike($conf, qr/^\s*alias\s/m, 'no alias that could be walked out of');
unlike($conf, qr/location ~[^;]*\.(?:cgi|php)/, 'no script is found by a pattern');
unlike($conf, qr/^\s*fastcgi_keep_conn/m, 'no kept connections');
unlike($conf, qr/return[^;]*\$uri|rewrite/, 'no rewriting with a decoded path');

# ---- a reply arrives whole: as one record of FastCGI up to 65,535 bytes, head and all, and as several past that
my $long = $ada->api(POST => '/communications', {kind => 'call', subject => 'Long', occurred_at => '2026-03-03T10:30:00Z', contact_ids => [1], body => 'x'})->{data}{id};
my (%lengths, @cut);
for my $n (map { 7_000 + 40 * $_ } 0 .. 60) {
	is(($ada->api(PATCH => "/communications/$long", {body => '"' x $n}))[0]->{status}, 200, "$n quotation marks") or last;
	my $r = $ada->get("/communications/$long");
	my $whole = length($r->{content}) == $r->{headers}{'content-length'} && $r->{content} =~ m{</html>\s*\z} && $r->{content} =~ /(?:&quot;){$n}/;
	$whole ? $lengths{$r->{headers}{'content-length'} > 65_535}++ : push @cut, $n;
}
ok($lengths{''} && $lengths{1} && !@cut, 'replies of every length about 64 KiB are whole') or diag explain [\%lengths, \@cut];

$server->allow_log(qr/access forbidden|client sent invalid/);
$server->stop;
done_testing;
