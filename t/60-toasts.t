# What a page says once about what was just done, the button that takes it back, and what a browser is asked to remember.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($db, $ada) = ($server->db, $server->login);
sub undo_of { ($_[0]{content} =~ m{<div class="flash">.*?<form method="post" action="([^"]+)"}s)[0] }

# ---- taken back
my $contact = $ada->api(POST => '/contacts', {name => 'Undo Person'})->{data}{id};
my $r = $ada->post("/contacts/$contact/delete", {});
is($r->{headers}{location}, '/contacts', 'a deletion leads to the list');
$r = $ada->get('/contacts');
like($r->{content}, qr/Contact deleted/, 'which says so');
is(undo_of($r), "/contacts/$contact/restore", 'and offers to take it back');
unlike($ada->get('/contacts')->{content}, qr/class="flash"/, 'once');
is($ada->post("/contacts/$contact/restore", {})->{headers}{location}, "/contacts/$contact", 'taken back, the record is shown');

my $note = $ada->api(POST => '/communications', {kind => 'note', subject => 'Short-lived', occurred_at => '2026-03-01T10:00:00Z', contact_ids => [$contact]})->{data}{id};
is($ada->post("/communications/$note/delete", {})->{headers}{location}, "/contacts/$contact", 'a deleted note leads to whom it was about');
is(undo_of($ada->get("/contacts/$contact")), "/communications/$note/restore", 'and can be taken back from there');

my $task = $ada->api(POST => '/tasks', {title => 'Done too soon', due_on => '2026-03-04'})->{data}{id};
$r = $ada->post("/tasks/$task/done", {next => '/tasks?bucket=today'});
is($r->{headers}{location}, '/tasks?bucket=today', 'a quick action leads back to the list as it was filtered');
$r = $ada->get('/tasks?bucket=today');
is(undo_of($r), "/tasks/$task/undo", 'done can be taken back');
like($r->{content}, qr{name="next" value="/tasks\?bucket=today"}, 'and leads back there again');
$ada->post("/tasks/$task/undo", {next => '//evil.example/'});
is($db->value("SELECT state FROM tasks WHERE id = $task"), 'open', 'it is');
is($ada->post("/tasks/$task/snooze", {next => '//evil.example/'})->{headers}{location}, "/tasks/$task", 'never to another host');
$ada->get('/', headers => {'X-Fragment' => 1});
like($ada->get('/')->{content}, qr/Task snoozed/, 'a fragment does not use up what the next page has to say');

# ---- a planted cookie makes no form
for my $url ('//evil.example', '/tasks/1/done?x', 'https://evil.example/', "/tasks/\"><script>") {
	$ada->{jar}{flash} = 'Saved';
	$ada->{jar}{undo} = $url =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger;
	is(undo_of($ada->get('/contacts')), undef, "no button for $url");
}

# ---- preferences
$r = $ada->get('/preferences');
like($r->{content}, qr/name="keys" value="on" checked/, 'keys of one letter are on at first');
like($r->{content}, qr/<body[^>]* data-keys="on"/, 'and the script is told');
is($ada->post('/preferences', {keys => 'off', next => '/preferences'})->{headers}{location}, '/preferences', 'they are switched off');
$r = $ada->get('/contacts');
like($r->{content}, qr/<body[^>]* data-keys="off"/, 'on every page');
like($r->{content}, qr/data-theme="system"/, 'and nothing else changed');
$ada->post('/preferences', {theme => 'dark'});
$r = $ada->get('/preferences');
like($r->{content}, qr/data-theme="dark".*data-keys="off".*name="theme" value="dark" checked/s, 'each by itself');
is($ada->post('/preferences', {theme => 'pink'})->{status}, 422, 'a theme there is not');
is($server->client->get('/contacts?q=a&kind=investor')->{headers}{location}, '/login?next=%2Fcontacts%3Fq%3Da%26kind%3Dinvestor',
	'who has to log in comes back to the list as it was filtered');

$server->stop;
done_testing;
