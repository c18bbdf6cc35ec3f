# "View as": somebody looks at the program as another user sees it: what both may see, nothing changed, a banner on every
# page, both ends in the audit log.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $db = $server->db;
my ($ada, $grace) = ($server->login('ada'), $server->login('grace'));
my %id = map { $_->{username} => $_->{id} } @{$db->rows('SELECT id, username FROM users')};
like($ada->get('/view-as')->{content}, qr/Look as Grace/, 'the team is offered');
is($ada->post('/view-as', {user_id => $_->[0]})->{status}, $_->[1], "not as $_->[2]") for [$id{ada}, 422, 'oneself'], [$id{scout}, 404, 'a program'], [9999, 404, 'nobody'], ['', 422, 'no one named'];
is(($server->client->token('ada', 'demo')->api(POST => '/view-as', {user_id => $id{grace}}))[0]{status}, 403, 'nor by a token');

# ---- both have something that the other may not read
my %mail;
for my $who (qw(ada grace)) {
	my $box = $db->value("SELECT id FROM mailboxes WHERE user_id = $id{$who} LIMIT 1");
	is((($who eq 'ada' ? $ada : $grace)->api(PATCH => "/mailboxes/$box", {visibility => 'private'}))[0]{status}, 200, "$who closes a mailbox");
	$mail{$who} = $db->value("SELECT message_id FROM mailbox_items i WHERE mailbox_id = $box AND message_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM mailbox_items o"
		. ' WHERE o.message_id = i.message_id AND o.mailbox_id <> i.mailbox_id) LIMIT 1');
}
is(($ada->api(GET => "/messages/$mail{ada}"))[0]{status}, 200, 'Ada reads hers');
is(($grace->api(GET => "/messages/$mail{grace}"))[0]{status}, 200, 'Grace reads hers');

is((($grace->api(POST => '/rules', {kind => 'address', value => 'canary@elsewhere.example', scope => 'mine', hides => 0, purges => 0}))[0]{status} // 0) < 300 ? 1 : 0, 1, 'Grace leaves somebody out');
like($grace->get('/rules')->{content}, qr/canary\@elsewhere/, 'and sees that');

is($ada->post('/view-as', {user_id => $id{grace}})->{status}, 303, 'Ada looks as Grace');
unlike($ada->get('/rules')->{content}, qr/canary\@elsewhere/, 'a rule of her own is not shown');
is($ada->get('/rules/preview?kind=address&value=a%40b.example')->{status}, 403, 'nor what it would find');
for my $path ('/', '/mail', '/contacts', '/review', '/audit', '/nowhere') {
	like($ada->get($path)->{content}, qr/You are looking as <strong>Grace/, "$path says so");
}
is(($ada->api(GET => "/messages/$mail{$_}"))[0]{status}, 404, "what only $_ may read is not shown") for qw(ada grace);
is($ada->get('/admin')->{status}, 403, 'nor what Grace may not do');
unlike($ada->get('/contacts')->{content}, qr{href="/admin"|href="/contacts/new"}, 'nor is it offered');

my $contact = $ada->api(GET => '/contacts?limit=1')->{data}[0]{id};
my ($p) = @{$db->rows("SELECT id, sha256 FROM proposals WHERE state = 'pending' ORDER BY id LIMIT 1")};
$db->same_after(sub {
	is(($ada->api(@$_))[0]{status}, 403, "$_->[0] $_->[1] is refused") for [POST => '/contacts', {name => 'X'}], [PATCH => "/contacts/$contact", {name => 'X'}],
		[DELETE => "/contacts/$contact"], [POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}}], [PATCH => '/mailboxes/1', {visibility => 'everyone'}],
		[POST => '/view-as', {user_id => $id{ada}}], [PATCH => '/admin/settings', {fund_name => 'X'}];
	like($ada->post('/contacts', {name => 'X'})->{content}, qr/you are looking as Grace.*stop looking first/is, 'a form too, and it says why');
}, 'nothing was changed');
is($ada->post('/view-as/end', {})->{status}, 303, 'Ada stops looking');
unlike($ada->get('/contacts')->{content}, qr/You are looking as/, 'no banner');
is(($ada->api(GET => "/messages/$mail{ada}"))[0]{status}, 200, 'and reads her own again');
is(join(' ', map { "$_->{actor_id}:$_->{action}:$_->{resource_id}" } @{$db->rows("SELECT actor_id, action, resource_id FROM audit WHERE action LIKE 'view_as%' ORDER BY id")}),
	"$id{ada}:view_as:$id{grace} $id{ada}:view_as_end:$id{grace}", 'both are in the audit log, as hers');

# ---- a member gains nothing by it
$grace->post('/view-as', {user_id => $id{ada}});
is($grace->get('/admin')->{status}, 403, 'a member who looks as an administrator is none');
is(($grace->api(GET => "/messages/$mail{ada}"))[0]{status}, 404, 'and reads no mail of hers');
is($grace->post('/logout', {})->{status}, 303, 'logging out works');
unlike($server->login('grace')->get('/contacts')->{content}, qr/You are looking as/, 'and a new session begins as oneself');
$server->stop;
done_testing;
