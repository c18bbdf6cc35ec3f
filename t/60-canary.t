# What is deleted appears nowhere (security check R18), and what a stranger sends does not reach the log as more than one
# escaped line, nor do secrets (W25).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($db, $ada) = ($server->db, $server->login);
my $canary = 'Zyzzyva Canary';
my $firm = $ada->api(POST => '/organizations', {name => "$canary Firm", domains => ['zyzzyva.example'], kind => 'other'})->{data}{id};
my $person = $ada->api(POST => '/contacts', {name => "$canary Person", emails => ['zyzzyva@zyzzyva.example'], organization_id => $firm})->{data}{id};
my $investor = $ada->api(POST => '/investors', {organization_id => $firm})->{data}{id};
my $talk = $ada->api(POST => '/communications', {subject => "$canary Call", kind => 'call', occurred_at => '2026-03-03T10:00:00Z', contact_ids => [$person]})->{data}{id};
my $fund = $ada->api(POST => '/funds', {name => "$canary Fund", stage => 'raising'})->{data}{id};
my $way = $ada->api(POST => '/opportunities', {investor_id => $investor, fund_id => $fund, next_step => "$canary Step"})->{data}{id};
like($ada->get('/')->{content}, qr{href="/opportunities/$way">\Q$canary\E}, 'and its way to a fund');
like($ada->get('/contacts?q=zyzzyva')->{content}, qr/\Q$canary\E/, 'the canary is seen while it lives');
is(($ada->api(DELETE => "/$_->[0]/$_->[1]"))[0]{status}, 204, "$_->[0] deleted") for ['communications', $talk], ['investors', $investor], ['contacts', $person], ['organizations', $firm], ['funds', $fund];

my @routes = map { @{JSON::PP->new->decode(run([bin($_), '--routes'], env => $db->env)->{out})} } qw(app.fcgi admin.cgi);
my @seen;
for my $route (@routes) {
	for my $path (grep { length } ($route->{page_verb} // '') eq 'GET' ? $route->{page_path} : (), ($route->{api_verb} // '') eq 'GET' ? $route->{api_path} : ()) {
		next if $path =~ m{/(audit|trash)$}; # the log of what was done keeps its words, and the trash is where to look for it
		for my $url ($path =~ /:id/ ? map { $path =~ s/:id/$_/r } 1, $firm, $person, $investor, $talk, $fund, $way : ($path, "$path?limit=200", "$path?q=zyzzyva")) {
			my $r = $ada->get($url);
			push @seen, $url if $r->{content} =~ /zyzzyva/i && $url !~ /q=/;
			push @seen, $url if $url =~ /q=/ && $r->{content} =~ /\Q$canary\E/;
		}
	}
}
is("@seen", '', 'deleted, it is on no page and in no reply');
like($ada->get('/trash')->{content}, qr/\Q$canary\E/, 'but in the trash');
unlike($db->program([qw(daily-digest --date 2026-03-04 --dry-run)], 'the digest')->{out}, qr/Zyzzyva/, 'does not name it either');
is(($ada->api(POST => "/$_->[0]/$_->[1]/restore", {}))[0]{status}, 200, "$_->[0] restored") for ['organizations', $firm], ['contacts', $person];
like($ada->get('/contacts?q=zyzzyva')->{content}, qr/\Q$canary\E/, 'restored, it is back');

# ---- the log
my $nobody = $server->client;
$nobody->get('/login');
for my $evil ("a\r\nb", "\e[31mred", "\x{202e}gnp", 'x' x 60, '"},{"level":"error"', "\0nul") {
	my $bytes = $evil;
	utf8::encode($bytes);
	$nobody->post('/login', {username => $bytes, password => 'swordfish-canary'}, headers => {'User-Agent' => ($bytes =~ s/[\r\n\0]//gr)});
	$nobody->request('GET', '/' . ($bytes =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger), headers => {Cookie => 'cs=cookie-canary', Authorization => 'Bearer token-canary'});
}
my @lines = split /\n/, $server->log_text('app');
my @broken = grep { length > 4096 || !eval { JSON::PP->new->utf8->decode($_) } || /[\x00-\x08\x0b-\x1f\x7f]/ } @lines;
is(scalar @broken, 0, scalar(@lines) . ' lines, each one JSON object of at most 4 KiB without controls') or diag($broken[0]);
unlike($server->log_text('app'), qr/swordfish-canary|cookie-canary|token-canary/, 'and no password, cookie or token in any');
$server->stop;
done_testing;
