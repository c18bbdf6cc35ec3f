# What a page says once about what was just done, the button that takes it back, and what a browser is asked to remember.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($db, $ada) = ($server->db, $server->login);
sub undo_of { ($_[0]{content} =~ m{<div class="flash">(?:(?!</div>).)*?<form method="post" action="([^"]+)"}s)[0] }

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

# ---- what was saved is put back, and that too can be taken back
sub saved {
	my ($path, $form, $says) = @_;
	my $made = $ada->post($path, $form);
	is($made->{status}, 303, "saved by the form of $path") or diag($made->{content});
	my $page = $ada->get($made->{headers}{location});
	like($page->{content}, qr/<div class="flash">.*?\Q$says\E/s, $says) if $says;
	return (scalar undo_of($page), $made->{headers}{location});
}
my %before = (name => 'Undo Person', title => 'Partner', kind => 'prospect', emails => "first\@undo.example\nsecond\@undo.example", phones => '', notes => "One\nTwo",
	is_do_not_contact => 'on');
my ($undo, $url) = saved('/contacts', \%before, 'Contact created');
is($undo, "$url/delete", 'what was made can be deleted');
my ($id) = $url =~ m{(\d+)$};
my @keys = qw(name title kind emails phones notes is_do_not_contact);
my $fields = sub { my $d = $ada->api(GET => "/contacts/$id")->{data}; return {map { $_ => $d->{$_} } @keys} };
my $old = $fields->();
is(($ada->api(POST => "/contacts/$id/revert/1"))[0]{status}, 409, 'that it was made is no change to revert');
($undo) = saved($url, {%before, title => '', emails => 'second@undo.example', phones => '+1 555 0100', notes => 'x' x 15000, is_do_not_contact => undef, version => 1}, 'Contact saved');
is($undo, "$url/revert/2", 'a change can be taken back');
my $new = $fields->();
($undo) = saved($undo, {next => '/contacts?kind=prospect'}, 'Contact put back');
is_deeply($fields->(), $old, 'then the record is as it was: texts, choices, boxes, lists, long texts');
is($undo, "$url/revert/3", 'and that can be taken back');
($undo) = saved($undo, {}, 'Contact put back');
is_deeply($fields->(), $new, 'to what was saved');
is($db->value("SELECT count(*) FROM audit WHERE resource = 'contacts' AND resource_id = $id AND changes_json LIKE '%title%'"), 4, 'each time the log says so');

is((saved($url, {version => 4, %before, title => '', emails => 'second@undo.example', phones => '+1 555 0100', notes => 'x' x 15000, is_do_not_contact => undef}, 'Contact saved'))[0], undef,
	'where nothing was changed there is nothing to take back');
$server->login('grace')->api(PATCH => "/contacts/$id", {title => 'Director'}, headers => {'If-Match' => '"4"'});
$r = $ada->post($undo, {});
is($r->{status}, 409, 'once somebody changed it since, it stays');
like($r->{content}, qr/Grace[^<]* changed this contact since/, 'and says who it was');
is($fields->()->{title}, 'Director', 'as it is');
my ($reply, $doc) = $ada->api(POST => "/contacts/$id/revert/5");
is("$reply->{status} $doc->{data}{version}", '200 6', 'the API reverts too');
is($doc->{data}{title}, undef, 'to what was there');
is($ada->post("/contacts/$id/revert/99999999", {})->{status}, 409, 'a version there is not');
is($ada->post('/contacts/99999999/revert/1', {})->{status}, 404, 'a record there is not');

my $firm = $ada->api(POST => '/organizations', {name => 'Undo Partners', domains => ['undo.example']})->{data}{id};
($undo) = saved("/organizations/$firm", {name => 'Undo Partners', kind => 'bank', domains => "undo.example\nundo.test"}, 'Organization saved');
saved($undo, {}, 'Organization put back');
is(join(' ', @{$ada->api(GET => "/organizations/$firm")->{data}}{qw(kind)}, @{$ada->api(GET => "/organizations/$firm")->{data}{domains}}), 'other undo.example', 'an organization');
my $investor = $ada->api(POST => '/investors', {organization_id => $firm})->{data}{id};
($undo) = saved("/investors/$investor", {organization_id => $firm, priority => 'high', cadence_days => 30}, 'Investor saved');
saved($undo, {}, 'Investor put back');
is_deeply([@{$ada->api(GET => "/investors/$investor")->{data}}{qw(priority cadence_days)}], ['normal', undef], 'an investor');
($undo) = saved("/tasks/$task", {title => 'Done later', due_on => '2026-03-09', recurrence => 'none'}, 'Task saved');
saved($undo, {}, 'Task put back');
is($db->value("SELECT title || ' ' || due_on FROM tasks WHERE id = $task"), 'Done too soon 2026-03-04', 'a task');

my $works = $ada->api(POST => '/contacts', {name => 'Works There', organization_id => $firm})->{data}{id};
my $call = $ada->api(POST => '/communications', {kind => 'call', subject => 'Call', occurred_at => '2026-03-01T10:00:00Z', contact_ids => [$id]})->{data}{id};
my $parties = sub { $db->value("SELECT group_concat(resource || resource_id, ' ') FROM (SELECT * FROM communication_parties WHERE communication_id = $call AND deleted_at IS NULL ORDER BY 2, 3)") };
my $who = $parties->();
($undo) = saved("/communications/$call", {kind => 'call', subject => 'Call', occurred_at => '2026-03-01T12:00', contact_ids => "$id\n$works", organization_ids => '', user_ids => ''},
	'Communication saved');
like($parties->(), qr/organizations$firm\b/, 'whose firm came along');
saved($undo, {}, 'Communication put back');
is($parties->(), $who, 'goes again with its contact');
is($db->value("SELECT occurred_at FROM communications WHERE id = $call"), '2026-03-01T10:00:00Z', 'and when it was');

# Undo believes the log: each column that a form has must be in it.
my $schemas = $ada->api(GET => '/openapi.json')->{components}{schemas};
for my $of (['Contact', 'contacts'], ['Organization', 'organizations'], ['Investor', 'investors'], ['Task', 'tasks'], ['Communication', 'communications']) {
	my %columns = map { $_->{name} => 1 } @{$db->rows("SELECT name FROM pragma_table_info('$of->[1]')")};
	my $trigger = $db->value("SELECT sql FROM sqlite_master WHERE name = '$of->[1]_audit_update'");
	is(join(' ', grep { $columns{$_} && $trigger !~ /'$_', OLD\.$_, NEW\.$_/ } sort keys %{$schemas->{"$of->[0]Change"}{properties}}), '', "the log has all of $of->[1]");
}
$db->program([qw(countersign user passwd scout)], 'the agent gets a password', in => "correct horse battery\n");
my $scout = $server->client->token('scout', 'correct horse battery');
is(($scout->api(POST => "/contacts/$id/revert/6"))[0]{status}, 202, 'an agent proposes it');

# ---- where a task was made one stays when it goes again
($undo) = saved('/tasks', {title => 'Made here', due_on => '2026-03-04', recurrence => 'none', next => "/contacts/$id"}, 'Task created');
is((saved($undo, {next => "/contacts/$id"}, 'Task deleted'))[1], "/contacts/$id", 'and so does who takes it back');
is(($undo, (saved($undo =~ s/delete/restore/r, {}, 'Task restored'))[0])[1], $undo, 'what was brought back can go again');
is((saved($undo, {next => $undo =~ s{/delete}{}r}, 'Task deleted'))[1], '/tasks', 'from its own page one comes to the list');

# ---- the settings
sub settings_flash { my ($url, $form, $page) = @_; my $r = $ada->post($url, $form); is($r->{status}, 303, "$url is taken") or diag $r->{content}; return undo_of($ada->get($page)) }
my $name = sub { return $db->value("SELECT value FROM settings WHERE key = 'fund_name'") };
my $back = settings_flash('/admin/settings', {fund_name => 'Elsewhere Capital', proposal_days => 61}, '/admin');
like($back, qr{^/admin/settings/revert/\d+$}, 'saved settings can be taken back');
my $again = settings_flash($back, {next => '/admin'}, '/admin');
is($name->() . ' ' . $db->value("SELECT value FROM settings WHERE key = 'proposal_days'"), 'Larkspur Capital 60', 'all that was saved at once');
settings_flash($again, {}, '/admin');
is($name->(), 'Elsewhere Capital', 'and that, too');
is($ada->post($back, {})->{status}, 409, 'not once something was set since');
is($name->(), 'Elsewhere Capital', 'which changes nothing');
like(settings_flash('/admin/digest', {digest_hour => 9, time_zone => 'Europe/Zurich', digest_recipients => 'admins', day_mon => 1, section_health => 1, digest_unanswered_days => 3}, '/admin/digest'), qr{^/admin/settings/revert/\d+$}, "the digest's likewise");
is($ada->post('/admin/settings', {fund_name => 'Elsewhere Capital'})->{status} . (undo_of($ada->get('/admin')) // ' none'), '303 none', 'nothing changed, nothing to take back');

# ---- one word, one button: that of a page nobody saw goes with it
$ada->post("/contacts/$id/delete", {});
$ada->post("/contacts/$id/restore", {});
$ada->post('/preferences', {theme => 'system'});
is(undo_of($ada->get('/contacts')), undef, 'what cannot be taken back has no button of what came before');

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
