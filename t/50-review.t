# The main job over HTTP: the queue, a countersignature and where it lands, the hash, conflicts, who may not.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($db, $ada) = ($server->db, $server->login);
sub pending { return scalar $ada->api(GET => '/proposals?kind=activity&limit=100') }

my $queue = pending();
ok(@{$queue->{data}} > 5, 'proposals wait');
my $first = $queue->{data}[0];
my $card = $ada->api(GET => "/proposals/$first->{id}")->{data};
is($card->{sha256}, $first->{sha256}, 'the card shows the hash');
ok($card->{has_message} && @{$card->{message}{segments}}, 'with the mail behind it');
ok((grep { $_->{name} eq 'subject' } @{$card->{fields}}), 'and what approval will do');

# ---- countersign, as the page's form does
my $r = $ada->post("/review/$first->{id}/approve", {sha256 => $first->{sha256}});
is($r->{status}, 303, 'the form is answered with a redirect');
my $row = $db->row("SELECT * FROM proposals WHERE id = $first->{id}");
is($row->{state}, 'approved', 'the proposal is approved');
is($row->{decided_by}, 1, 'by ada');
my $landed = $db->row("SELECT * FROM communications WHERE id = $row->{result_id}");
is($landed->{source}, 'capture', 'the record says where it came from');
is($landed->{proposal_id}, $first->{id}, 'and points to its proposal');
is($db->value("SELECT count(*) FROM communication_messages WHERE communication_id = $landed->{id}"),
	scalar @{$card->{change}{message_ids}}, 'its messages are linked');
my $contact = $card->{change}{contact_ids}[0];
my $page = $ada->get("/contacts/$contact")->{content};
like($page, qr{href="/communications/$landed->{id}"}, "it is on the contact's timeline");
my $investor = $db->value("SELECT investor_id FROM proposals WHERE id = $first->{id}");
like($ada->get("/investors/$investor")->{content}, qr{href="/communications/$landed->{id}"}, "and on the investor's") if $investor;
my $audit = $db->row("SELECT * FROM audit WHERE resource = 'communications' AND resource_id = $landed->{id} AND action = 'create'");
is($audit->{proposal_id}, $first->{id}, 'the audit row names the proposal');

# ---- twice, changed, wrong
$db->same_after(sub {
	my ($again, $doc) = $ada->api(POST => "/proposals/$first->{id}/approve", {sha256 => $first->{sha256}});
	is($again->{status}, 409, 'deciding twice is a conflict');
	is($doc->{current}{state}, 'approved', 'that shows how it stands now');
}, 'and changes nothing');
my $second = pending()->{data}[0];
$db->same_after(sub {
	is(($ada->api(POST => "/proposals/$second->{id}/approve", {sha256 => '0' x 64}))[0]{status}, 409, 'another hash is a conflict');
	is(($ada->api(POST => "/proposals/$second->{id}/approve", {}))[0]{status}, 422, 'no hash is bad input');
	is(($ada->api(POST => '/proposals/999999/approve', {sha256 => '0' x 64}))[0]{status}, 404, 'an unknown one is not found');
}, 'none of it changes anything');

# ---- edit, then approve
my ($er, $edited) = $ada->api(POST => "/proposals/$second->{id}/approve", {sha256 => $second->{sha256}, change => {subject => 'As I would say it'}});
is($er->{status}, 200, 'edited and approved');
is($edited->{data}{state}, 'edited', 'the state says so');
is($db->value("SELECT subject FROM communications WHERE id = $edited->{data}{result_id}"), 'As I would say it', 'with what was typed');
like($db->value("SELECT decided_change_json FROM proposals WHERE id = $second->{id}"), qr/As I would say it/, 'which is kept beside the original');
my $third = pending()->{data}[0];
my $form = $ada->get("/review/$third->{id}/edit")->{content};
like($form, qr/name="subject"/, 'the edit form has the fields');
$r = $ada->post("/review/$third->{id}/approve", {sha256 => $third->{sha256}, edited => 1, subject => '', kind => 'email', occurred_at => '2026-03-01T10:00'});
is($r->{status}, 422, 'a bad edit comes back');
like($r->{content}, qr/Subject is required/, 'with the error at its field');
is($db->value("SELECT state FROM proposals WHERE id = $third->{id}"), 'pending', 'and decides nothing');

# ---- dismiss
$r = $ada->post("/review/$third->{id}/dismiss", {sha256 => $third->{sha256}, reason => 'Small talk'});
is($r->{status}, 303, 'dismissed');
is($db->value("SELECT reason FROM proposals WHERE id = $third->{id}"), 'Small talk', 'with its reason');
is($db->value("SELECT why FROM audit WHERE resource = 'proposals' AND action = 'dismiss' AND resource_id = $third->{id}"), 'Small talk', 'also in the audit log');

# ---- who may not
my $fourth = pending()->{data}[0];
my $grace_token = $server->client->token('grace', 'demo');
$db->program(['mail-sync'], 'capture runs again');
$db->same_after(sub {
	for my $what (qw(approve dismiss)) {
		is(($grace_token->api(POST => "/proposals/$fourth->{id}/$what", {sha256 => $fourth->{sha256}}))[0]{status}, 403, "a bearer token may not $what");
		is(($server->client->api(POST => "/proposals/$fourth->{id}/$what", {sha256 => $fourth->{sha256}}, headers => {'X-CSRF-Token' => 'x'}))[0]{status},
			401, "nobody may not $what");
		is($ada->request('POST', "/review/$fourth->{id}/$what", body => "sha256=$fourth->{sha256}&csrf=wrong",
			headers => {'Content-Type' => 'application/x-www-form-urlencoded'})->{status}, 403, "nor a form without its token ($what)");
	}
}, 'and nothing was changed');

# ---- a new person becomes a contact
my $person = $ada->api(GET => '/proposals?kind=contact')->{data}[0];
{
	ok($person, 'a new person is proposed') or die;
	my ($pr, $done) = $ada->api(POST => "/proposals/$person->{id}/approve", {sha256 => $person->{sha256}});
	is($pr->{status}, 200, 'countersigned');
	my $who = $ada->api(GET => "/contacts/$done->{data}{result_id}")->{data};
	is(scalar @{$who->{emails}}, 1, 'a contact with an address');
	ok($who->{has_threads}, 'whose mail is there already');
}
$db->program([qw(countersign audit verify)], 'the audit chain holds');
$server->stop;
done_testing;
