# Throttling of logins (W16): after five failures an account waits at that address, the right password is still taken from
# elsewhere, many tries at once are no way round it, and an agent gets no browser session. Then a clock that moves (M10).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo', workers => 4);
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
# ---- many at once: [name, password] each from the same address, each with a form of its own → [status of each]
sub at_once {
	my ($from, @tries) = @_;
	pipe my $go, my $start or die;
	my (@pids, @answers);
	for my $try (@tries) {
		pipe my $answer, my $to or die;
		push @answers, $answer;
		push @pids, my $pid = fork // die "fork: $!";
		next if $pid;
		close $start;
		my $client = $server->client(from => $from);
		$client->csrf;
		readline $go; # until all have their form
		print {$to} $client->post('/login', {username => $try->[0], password => $try->[1]})->{status};
		close $to;
		require POSIX;
		POSIX::_exit(0); # no test of the parent ends twice
	}
	close $start;
	my @status = map { my $from_child = $_; local $/; readline $from_child } @answers;
	waitpid $_, 0 for @pids;
	return @status;
}
sub count { my ($what, @all) = @_; return scalar grep { $_ == $what } @all }
sub attempts { my ($from) = @_; return $db->value("SELECT count(*) FROM login_attempts WHERE address = '$from'") }

my @status = at_once('127.0.0.2', (['ada', 'wrong']) x 16);
is(count(422, @status), 5, 'of sixteen tries at once five are answered');
is(count(429, @status), 11, 'the others wait');
is(attempts('127.0.0.2'), 5, 'and five are counted');
@status = at_once('127.0.0.3', map { ["name$_", 'wrong'] } 1 .. 28);
is(count(422, @status), 20, 'an address has twenty a minute, also at once');
is(attempts('127.0.0.3'), 20, 'which are counted');
@status = at_once('127.0.0.4', (['grace', 'wrong']) x 6, ['grace', 'demo'], (['grace', 'wrong']) x 6);
my $good = $status[6];
like($good, qr/^(?:303|429)$/, 'the right one among wrong ones is let in or waits, as it comes before the sixth or after');
cmp_ok(count(422, @status), '<=', $good == 303 ? 9 : 5, 'and opens the way for five more at most');
cmp_ok(attempts('127.0.0.4'), '<=', 5, 'of which no more are left');
@status = at_once('127.0.0.5', (['grace', 'demo']) x 8);
is(count(303, @status), 8, 'eight right ones at once are all let in');

# ---- what does not count any more goes
my $then = $db->value('SELECT count(*) FROM login_attempts');
cmp_ok($then, '>', 30, "$then failures are known");
$db->program([qw(mail-sync --mailbox ada@larkspur.example)], 'within the day', env => {COUNTERSIGN_NOW => '2026-03-05T08:59:59Z'});
is($db->value('SELECT count(*) FROM login_attempts'), $then, 'they stay');
$db->program([qw(mail-sync --mailbox ada@larkspur.example)], 'a day later', env => {COUNTERSIGN_NOW => '2026-03-05T09:00:00Z'});
is($db->value('SELECT count(*) FROM login_attempts'), 0, 'they go');
$server->stop;

# ---- M10: a clock that moves: two years ahead, put right, and on
sub at { my ($now) = @_; return Countersign::Server->start(db => $db, env => {COUNTERSIGN_NOW => $now}) }
sub elsewhere { my ($client) = @_; my $url = $server->url; $client->{url} = $url; delete $client->{csrf}; return $client }
my $now = '2026-03-10T09:00:00Z';
$server = at($now);
my ($before, $token) = ($server->login('grace'), $server->client->token('grace', 'demo'));
$server->stop;
$server = at('2028-03-04T09:00:00Z');
is(elsewhere($before)->get('/')->{status}, 303, 'M10: a session of two years ago has ended');
is((elsewhere($token)->api(GET => '/contacts'))[0]{status}, 401, 'M10: so has a token');
my ($ahead, $token_ahead) = ($server->login('grace'), $server->client->token('grace', 'demo'));
$c = $server->client;
is(try_login('ada', 'wrong')->{status}, 422, "M10: failure $_ under a clock that is ahead") for 1 .. 5;
is(try_login('ada', 'demo')->{status}, 429, 'M10: there it waits, as anywhere');
is(try_login('nobody', 'wrong')->{status}, 422, 'M10: a failure that nothing takes back');
$server->stop;
$server = at($now);
is(elsewhere($before)->get('/')->{status}, 200, 'M10: put right, a session from before goes on');
is((elsewhere($token)->api(GET => '/contacts'))[0]{status}, 200, 'M10: and a token');
is(elsewhere($ahead)->get('/')->{status}, 303, 'M10: a session that would last two years does not');
is((elsewhere($token_ahead)->api(GET => '/contacts'))[0]{status}, 401, 'M10: nor a token');
$c = $server->client;
is(try_login('ada', 'demo')->{status}, 303, 'M10: and nobody waits for the day of the wrong clock');
is(try_login('ada', 'wrong')->{status}, 422, "M10: failure $_ under the right one") for 1 .. 5;
my ($waits) = $server->client->api(POST => '/auth/login', {username => 'ada', password => 'demo'});
is($waits->{status}, 429, 'M10: wait');
cmp_ok($waits->{headers}{'retry-after'}, '<=', 900, 'M10: no longer than a window');
is($db->value(q{SELECT count(*) FROM login_attempts WHERE at > '2027'}), 1, 'M10: a failure of the wrong clock is left');
$db->program([qw(mail-sync --mailbox ada@larkspur.example)], 'what mail-sync tidies up', env => {COUNTERSIGN_NOW => $now});
is($db->value(q{SELECT count(*) FROM login_attempts WHERE at > '2027'}), 0, 'M10: goes');
$server->stop;
$server = at('2026-03-10T21:00:01Z');
is((elsewhere($token)->api(GET => '/contacts'))[0]{status}, 401, 'M10: a token lasts twelve hours');
is(elsewhere($before)->get('/')->{status}, 200, 'M10: a session longer');
$server->stop;
$server = at('2026-03-24T09:00:00Z');
is(elsewhere($before)->get('/')->{status}, 303, 'M10: a fortnight');
$server->stop;
done_testing;
