# Every route as every kind of caller, from the generated table: the expected answer, and nothing changed where it is a
# denial (security check W7). CSRF (W12) and mass assignment (W9) with it.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $db = $server->db;
my %routes = map { $_ => JSON::PP->new->decode(run_ok([bin($_), '--routes'], "$_ prints its routes", env => $db->env)->{out}) } qw(app.fcgi admin.cgi);
my @routes = map { @{$routes{$_}} } sort keys %routes;
cmp_ok(scalar @routes, '>', 50, 'there are routes to try');

# ---- what the table itself must say: the tests below believe it
my %public = map { $_ => 1 } 'GET /login', 'POST /login', 'GET /setup', 'POST /setup', 'POST /api/auth/login', 'GET /api/health', 'GET /api/openapi.json';
sub sides { my ($route) = @_; return map { $route->{$_ . "_path"} ? join " ", @$route{$_ . "_verb", $_ . "_path"} : () } qw(page api) }
is(join(', ', map { $_->{access} eq 'admin' ? () : join ' ', sides($_), $_->{access} } @{$routes{'admin.cgi'}}), '', "regression 03: all that admin.cgi does is an administrator's");
cmp_ok(scalar @{$routes{'admin.cgi'}}, '>=', 6, 'which is settings, users and the digest');
is(join(', ', sort map { sides($_) } grep { $_->{access} eq 'public' } @routes), join(', ', sort keys %public), 'what is open to everybody is known by name');
is(join(', ', grep { !/^GET .*\/users\b/ && m{ (?:/api)?/(?:admin\b|users\b|digests/send|organizations/:id/capture)} } map { sides($_) } grep { $_->{access} ne 'admin' } @routes), '', 'nothing of administration is open to others in the workers either');

$db->program([qw(countersign user passwd scout)], 'the agent gets a password', in => "correct horse battery\n");
my %who = (anonymous => $server->client, member => $server->login('grace'), admin => $server->login('ada'),
	agent => $server->client->token('scout', 'correct horse battery'), 'member token' => $server->client->token('grace', 'demo'));
my $revoked = $server->client->token('grace', 'demo');
$revoked->api(POST => '/auth/logout');
$who{revoked} = $revoked;

# May this caller past the door? What a handler says after that is not this test's business.
sub allowed {
	my ($who, $access, $path) = @_;
	return 0 if $who eq 'agent' && $path =~ m{DELETE|/(?:delete|restore)$}; # a person's alone
	return $access eq 'public' if $who eq 'anonymous' || $who eq 'revoked';
	return 1 if $access =~ /^(?:public|reader|writer)$/;
	return 0 if $who eq 'agent' || $who eq 'member token';
	return $access eq 'signer' || $who eq 'admin';
}

my (@wrong, $tries);
for my $route (@routes) {
	for my $side (['page_verb', 'page_path'], ['api_verb', 'api_path']) {
		my ($verb, $path) = @$route{@$side};
		next if !$verb || !$path || $path =~ m{/(?:logout|login)$};
		$path =~ s/:\w+/999999/g; # of nothing: what is let through finds nothing to change
		for my $who (sort keys %who) {
			my $before = $db->commits;
			my $r = $side->[0] eq 'api_verb' ? ($who{$who}->api($verb => $path =~ s{^/api}{}r, $verb eq 'GET' ? undef : {}))[0]
				: $verb eq 'GET' ? $who{$who}->get($path)
				: $who{$who}->post($path, {});
			$tries++;
			my $to_login = ($r->{headers}{location} // '') =~ m{^/login};
			my $denied = $r->{status} == 401 || $r->{status} == 403 || ($r->{status} == 303 && $to_login);
			my $public = $route->{access} eq 'public' && $who eq 'revoked';
			push @wrong, "$verb $path as $who: $r->{status}" if !$public && (allowed($who, $route->{access}, "$verb $path" =~ s/^DELETE.*/DELETE/r) ? $denied : !$denied) && $path ne '/setup';
			push @wrong, "$verb $path as $who: changed something" if $denied && $db->commits ne $before;
			push @wrong, "$verb $path as $who: $r->{status}" if $r->{status} >= 500;
		}
	}
}
is(join("\n", @wrong), '', "$tries tries answered as the table says");

# ---- nobody makes himself an administrator, with a form or a document that is as it should be
my %new = (username => 'mallory', name => 'Mallory', email => 'mallory@larkspur.example', role => 'admin', password => 'correct horse battery');
my $users = $db->rows('SELECT * FROM users ORDER BY id');
my ($grace_id) = map { $_->{id} } grep { $_->{username} eq 'grace' } @$users;
for my $who ('member', 'member token', 'agent', 'anonymous') {
	my $client = $who{$who};
	my $denied = $who eq 'anonymous' ? 401 : 403;
	is(($client->api(POST => '/admin/users', \%new))[0]{status}, $denied, "regression 03: $who makes no user");
	is(($client->api(PATCH => "/admin/users/$grace_id", {role => 'admin'}))[0]{status}, $denied, "regression 03: $who gives no role");
	next if $who ne 'member';
	is($client->post('/admin/users', \%new)->{status}, 403, "regression 03: nor by the form");
	is($client->post("/admin/users/$grace_id", {name => 'Grace', email => 'grace@larkspur.example', role => 'admin', is_active => 1})->{status}, 403, 'regression 03: nor by that of a user');
}
is_deeply($db->rows('SELECT * FROM users ORDER BY id'), $users, 'and the users are who they were');

# ---- CSRF: no token, another's token, another site
my $grace = $server->login('grace');
my $id = $grace->api(GET => '/contacts?limit=1')->{data}[0]{id};
my %attacks = (
	'no token' => {'X-CSRF-Token' => ''},
	"another user's token" => {'X-CSRF-Token' => $who{admin}->csrf},
	'another site' => {'X-CSRF-Token' => $grace->csrf, 'Sec-Fetch-Site' => 'cross-site'},
	'a sibling site' => {'X-CSRF-Token' => $grace->csrf, 'Sec-Fetch-Site' => 'same-site'},
	'Origin null' => {'X-CSRF-Token' => $grace->csrf, Origin => 'null'},
	'another origin' => {'X-CSRF-Token' => $grace->csrf, Origin => 'http://evil.example'},
);
$db->same_after(sub {
	for my $name (sort keys %attacks) {
		my ($r) = $grace->api(PATCH => "/contacts/$id", {name => 'Owned'}, headers => {Origin => $server->url, %{$attacks{$name}}});
		is($r->{status}, 403, "$name is refused");
	}
	$grace->get($_) for '/contacts', "/contacts/$id", '/review', '/';
}, 'and nothing changed, nor by reading');

# ---- mass assignment
my %extra = map { $_ => 7 } qw(id created_at created_by updated_at version deleted_at proposal_id source state approved_by role is_admin);
my ($cr, $made) = $grace->api(POST => '/contacts', {name => 'Only this', %extra});
is($cr->{status}, 201, 'a contact with fields that are not for callers');
my $row = $db->row("SELECT * FROM contacts WHERE id = $made->{data}{id}");
is(join(',', @$row{qw(source created_by version)}), 'user,2,1', 'is made as if they were not there');
ok(!defined $row->{deleted_at} && !defined $row->{proposal_id} && $row->{id} != 7, 'none of them counted');

# ---- an agent proposes
my ($ar, $proposal) = $who{agent}->api(POST => '/contacts', {name => 'Proposed Person'});
is($ar->{status}, 202, "an agent's write is accepted");
is($db->value("SELECT author_kind FROM proposals WHERE id = $proposal->{data}{proposal_id}"), 'agent', 'as a proposal');
is($db->value("SELECT count(*) FROM contacts WHERE name = 'Proposed Person'"), 0, 'and no record');
is(($who{agent}->api(DELETE => "/contacts/$id"))[0]{status}, 403, 'it deletes nothing');

$server->stop;
done_testing;
