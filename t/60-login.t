# Throttling of logins (W16 in part): after five failures an account waits at that address, the right password is still
# taken from elsewhere, and an agent gets no browser session.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $db = $server->db;
my $c = $server->client;
sub try_login { my ($name, $password) = @_; delete $c->{csrf}; $c->get('/login'); return $c->post('/login', {username => $name, password => $password}) }
is(try_login('ada', 'wrong')->{status}, 422, "failure $_") for 1 .. 5;
my $r = try_login('ada', 'demo');
is($r->{status}, 429, 'then even the right password waits');
like($r->{content}, qr/too many failed logins/, 'and the page says why');
my ($api, $doc) = $server->client->api(POST => '/auth/login', {username => 'ada', password => 'demo'});
is($api->{status}, 429, 'the API too');
cmp_ok($api->{headers}{'retry-after'}, '>', 0, 'with Retry-After');
is(try_login('grace', 'demo')->{status}, 303, 'another account is not held up');
is(try_login('nobody', 'demo')->{status}, 422, 'an unknown name is answered like a wrong password');
$db->program([qw(countersign user passwd scout)], 'the agent gets a password', in => "correct horse battery\n");
is(try_login('scout', 'correct horse battery')->{status}, 422, 'an agent gets no browser session');
delete $c->{csrf};
$c->{jar} = {};
$c->get('/login?next=//evil.example/');
is($c->post('/login', {username => 'grace', password => 'demo', next => '//evil.example/'})->{headers}{location}, '/', 'the way on is a path of ours');
$server->stop;
done_testing;
