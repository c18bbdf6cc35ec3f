# Bearer tokens for agents, made at the shell: what they open, what they do not, and their end.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Client;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $db = $server->db;
sub token { my (@args) = @_; my $r = $db->program(['countersign', 'token', @args], "token @args"); return $r->{out} =~ s/\s+\z//r }
sub me { my ($jwt) = @_; my ($r, $doc) = Countersign::Client->new($server->url, bearer => $jwt)->api(GET => '/auth/me'); return $r->{status} == 200 ? ($doc->{data} // $doc)->{username} : $r->{status} }

my $jwt = token(qw(add scout));
like($jwt, qr/^[\w-]+\.[\w-]+\.[\w-]+$/, 'a token, alone on its line');
is(me($jwt), 'scout', 'with which scout is known');
my $agent = Countersign::Client->new($server->url, bearer => $jwt);
is(($agent->api(GET => '/contacts?limit=1'))[0]{status}, 200, 'it may read');
my ($id) = $db->value("SELECT id FROM proposals WHERE state = 'pending' LIMIT 1");
is(($agent->api(POST => "/proposals/$id/approve", {}))[0]{status}, 403, 'and not countersign');
is($db->value("SELECT count(*) FROM sessions WHERE kind = 'token' AND user_id = (SELECT id FROM users WHERE username = 'scout')"), 1, 'it is a session');
my $short = token(qw(add scout --days 1));
my $list = token('list');
like($list, qr/^\d+\s+scout\s+made 2026-03-04T09:00:00Z  ends 2026-06-02T09:00:00Z$/m, 'listed, good for 90 days');
like($list, qr/ends 2026-03-05T09:00:00Z$/m, 'or for as many as were asked for');
unlike($list, qr/\Q$jwt\E/, 'the list does not hold them');
ok(!grep({ index($db->dump, $_) >= 0 } $jwt, $short), 'nor does the database');

my ($first) = $list =~ /^(\d+)/;
token('revoke', $first);
is(me($jwt), 401, 'a revoked one opens nothing');
is(me($short), 'scout', 'another goes on');
is(run_ok([bin('countersign'), 'token', 'revoke', $first], 'revoked twice', env => $db->env, status => 66)->{err}, "countersign: there is no token $first\n", 'is said');
is(me(substr($short, 0, -2) . 'xx'), 401, 'a forged one opens nothing');
is($db->value("SELECT group_concat(action) FROM audit WHERE resource = 'sessions' AND resource_id = $first"), 'create,delete', 'the audit log has both');

like(run_ok([bin('countersign'), qw(token add ada)], 'for a person', env => $db->env, status => 65)->{err}, qr/not an active agent/, 'there is none');
like(run_ok([bin('countersign'), qw(token add nobody)], 'nor for nobody', env => $db->env, status => 66)->{err}, qr/no user nobody/, 'and it says so');
run_ok([bin('countersign'), qw(token add scout --days 9999)], 'nor for ever', env => $db->env, status => 64);
$db->program([qw(countersign user disable scout)], 'scout is disabled');
is(me($short), 401, 'and the token with it');
$server->stop;
done_testing;
