# Undo of a review decision: what an approval wrote goes, the proposal waits again; only by people, within a day, and only
# while the record is as the approval left it.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $db = $server->db;
my $ada = $server->login;
$db->program([qw(countersign user passwd scout)], 'the agent gets a password', in => "correct horse battery\n");
my $scout = $server->client->token('scout', 'correct horse battery');

sub proposed {
	my ($verb, $path, $change) = @_;
	my ($r, $doc) = $scout->api($verb => $path, $change);
	is($r->{status}, 202, "$verb $path waits") or diag($r->{content});
	return $db->row("SELECT id, sha256 FROM proposals WHERE id = $doc->{data}{proposal_id}");
}
sub decide { my ($p, $what) = @_; return ($ada->api(POST => "/proposals/$p->{id}/$what", {sha256 => $p->{sha256}}))[1]{data} }
sub state_of { return $db->value("SELECT state FROM proposals WHERE id = $_[0]{id}") }

# ---- a new record
my $p = proposed(POST => '/contacts', {name => 'Brief Person', emails => ['brief@elsewhere.example']});
my $id = decide($p, 'approve')->{result_id};
is(($scout->api(POST => "/proposals/$p->{id}/undo", {}))[0]{status}, 403, 'an agent undoes nothing');
is(($server->client->token('grace', 'demo')->api(POST => "/proposals/$p->{id}/undo", {}))[0]{status}, 403, 'nor does a token');
is(($ada->api(POST => "/proposals/$p->{id}/undo", {}, headers => {'X-CSRF-Token' => 'no'}))[0]{status}, 403, 'nor another site');
is(state_of($p), 'approved', 'and nothing happened');
my ($r, $doc) = $ada->api(POST => "/proposals/$p->{id}/undo", {});
is("$r->{status} $doc->{data}{state}", '200 pending', 'a person does: it waits again');
is(($ada->api(GET => "/contacts/$id"))[0]{status}, 404, 'and the record is gone');
is($db->value("SELECT count(*) FROM audit WHERE action = 'undo' AND resource = 'proposals' AND resource_id = $p->{id}"), 1, 'the audit log has it');
is(($ada->api(POST => "/contacts/$id/restore", {}))[0]{status}, 409, 'the trash is no way around the countersignature');
is(($ada->api(POST => "/proposals/$p->{id}/undo", {}))[0]{status}, 409, 'what is not decided cannot be undone');
my $again = decide($p, 'approve')->{result_id};
ok($again && $again != $id, 'it can be approved again, as a new record (18)');

# ---- a change
my $contact = $ada->api(GET => '/contacts?limit=1')->{data}[0]{id};
my $before = $ada->api(GET => "/contacts/$contact")->{data};
my $change = proposed(PATCH => "/contacts/$contact", {title => 'Chief of Nothing', phones => ['+1 555 0100']});
decide($change, 'approve');
$ada->api(POST => "/proposals/$change->{id}/undo", {});
my $now = $ada->api(GET => "/contacts/$contact")->{data};
is_deeply([@$now{qw(title phones)}], [@$before{qw(title phones)}], 'the old values are back');
is(state_of($change), 'pending', 'and it waits');

decide($change, 'approve');
$ada->api(PATCH => "/contacts/$contact", {title => 'Since then'});
$db->same_after(sub {
	($r, $doc) = $ada->api(POST => "/proposals/$change->{id}/undo", {});
}, 'what somebody did since stays');
is($r->{status}, 409, 'and is the reason');
is($doc->{current}{title}, 'Since then', 'which is shown');

# ---- dismissed, and by the page
my $other = proposed(POST => '/contacts', {name => 'Unwanted Person'});
my $page = $ada->post("/review/$other->{id}/dismiss", {sha256 => $other->{sha256}});
like($ada->get($page->{headers}{location})->{content}, qr{action="/proposals/$other->{id}/undo"[^>]*data-act="undo"}, 'the page offers to undo');
is($ada->post("/proposals/$other->{id}/undo", {})->{status}, 303, 'the button works');
is(state_of($other), 'pending', 'a dismissal is undone too');

# ---- so that nothing ever stands there as undone, and nobody is asked to look for it
unlike($ada->get('/review')->{content}, qr/value="undone"/, 'Review has no filter for it');
is(($ada->api(GET => '/proposals?state=undone'))[0]{status}, 400, 'nor has the API');
is($db->value("SELECT count(*) FROM proposals WHERE state = 'undone'"), 0, 'as there is none');

# ---- of nothing, and a day later
is(($ada->api(POST => '/proposals/999999/undo', {}))[0]{status}, 404, 'of nothing');
decide($other, 'dismiss');
$server->stop;
my $later = Countersign::Server->start(db => $db, env => {COUNTERSIGN_NOW => '2100-01-01T00:00:00Z'});
is(($later->login->api(POST => "/proposals/$other->{id}/undo", {}))[0]{status}, 409, 'after a day it stands');
is(state_of($other), 'dismissed', 'as it was decided');
$later->stop;
done_testing;
