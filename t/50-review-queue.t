# The queue over HTTP: putting off, somebody known, both sides of a conflict, filters and pages, the way back to the same
# place, and what expires.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($db, $ada) = ($server->db, $server->login);
$db->program([qw(countersign user passwd scout)], 'the agent gets a password', in => "correct horse battery\n");
my $scout = $server->client->token('scout', 'correct horse battery');

sub ids { my ($query) = @_; return map { $_->{id} } @{$ada->api(GET => "/proposals?limit=200&$query")->{data}} }
sub card { my ($id) = @_; return $ada->api(GET => "/proposals/$id")->{data} }
sub proposed {
	my ($verb, $path, $change) = @_;
	my ($r, $doc) = $scout->api($verb => $path, $change);
	is($r->{status}, 202, "$verb $path waits") or diag($r->{content});
	return card($doc->{data}{proposal_id});
}

# ---- put off, and back by itself
my @waiting = ids('state=pending');
cmp_ok(scalar @waiting, '>', 5, 'proposals wait');
my $later = $waiting[0];
my ($r, $doc) = $ada->api(POST => "/proposals/$later/snooze", {until => '2026-03-09'});
is("$r->{status} $doc->{data}{state}", '200 pending', 'one is put off until Monday');
ok(!(grep { $_ == $later } ids('state=pending')), 'it waits no more');
is(join(' ', ids('state=snoozed')), $later, 'but stands among what is put off');
like($ada->get('/review')->{content}, qr{href="/review\?state=snoozed">1 put off<}, 'which the page counts');
ok($ada->get("/review/$later")->{content} =~ /Put off until 9 Mar 2026.*Bring it back now/s, 'its card says until when');
for my $bad ('2026-03-04', '2020-01-01', 'soon', '2030-01-01', '') {
	is(($ada->api(POST => "/proposals/$waiting[1]/snooze", {until => $bad}))[0]{status}, 422, "not until '$bad'");
}
is(($scout->api(POST => "/proposals/$waiting[1]/snooze", {until => '2026-03-09'}))[0]{status}, 403, 'an agent puts nothing off');
is(($ada->api(POST => "/proposals/$later/undo", {}))[0]{status}, 200, 'undo');
ok((grep { $_ == $later } ids('state=pending')), 'brings it back at once');
$r = $ada->post("/review/$later/snooze", {until => '2026-03-05', from => 'kind=activity', then => $waiting[1]});
is("$r->{status} $r->{headers}{location}", "303 /review?kind=activity&selected=$waiting[1]&decided=$later",
	'the form leads back to the same place, at the next card');
like($ada->get($r->{headers}{location})->{content}, qr{toast.*Put off:.*/proposals/$later/undo}s, 'which offers to undo');

# ---- the way back cannot lead away
for my $from ("x\r\nSet-Cookie: a=b", '//evil.example/', 'a b', 'kind=activity"') {
	my $id = (ids('state=pending'))[0];
	$r = $ada->post("/review/$id/snooze", {until => '2026-03-05', from => $from});
	is($r->{headers}{location}, "/review?decided=$id", 'a place that is none is left out');
}

# ---- somebody known
my $known = $ada->api(POST => '/contacts', {name => 'Rosa Lind', emails => ['rosa@lind.example'], phones => []})->{data}{id};
my $new = proposed(POST => '/contacts', {name => 'R. Lind', title => 'CFO', emails => ['r.lind@lind.example'], phones => ['+41 44 555 01 02']});
ok($new->{same_as_url}, 'a new person may be somebody known');
my $page = $ada->get($new->{same_as_url})->{content};
like($page, qr{<button name="contact_id" value="$known">}, 'the page guesses by the family name');
like($ada->get("$new->{same_as_url}?q=rosa")->{content}, qr{value="$known"}, 'and finds by what is typed');
like($ada->get("$new->{same_as_url}?q=zzzz")->{content}, qr/Nobody fits/, 'or nobody');
my $before = $ada->api(GET => "/contacts/$known")->{data};
is(($ada->api(POST => "/proposals/$new->{id}/same-as", {contact_id => $known, sha256 => '0' x 64}))[0]{status}, 409, 'bound to the hash');
is(($ada->api(POST => "/proposals/$new->{id}/same-as", {contact_id => 999999, sha256 => $new->{sha256}}))[0]{status}, 422, 'to a person who is there');
is(($scout->api(POST => "/proposals/$new->{id}/same-as", {contact_id => $known, sha256 => $new->{sha256}}))[0]{status}, 403, 'and to a person who says so');
$r = $ada->post("/review/$new->{id}/same-as", {contact_id => $known, sha256 => $new->{sha256}});
is($r->{status}, 303, 'the form decides');
my $now = $ada->api(GET => "/contacts/$known")->{data};
is_deeply($now->{emails}, ['rosa@lind.example', 'r.lind@lind.example'], 'the address is added');
is_deeply([$now->{name}, $now->{title}, @{$now->{phones}}], ['Rosa Lind', 'CFO', '+41 44 555 01 02'], 'and what was missing');
is($db->value("SELECT count(*) FROM contacts WHERE name = 'R. Lind'"), 0, 'nobody new is made');
is($db->value("SELECT count(*) FROM audit WHERE resource = 'contacts' AND resource_id = $known AND proposal_id = $new->{id}"), 2, 'audited');
is(($ada->api(POST => "/proposals/$new->{id}/undo", {}))[0]{status}, 200, 'and undone');
$now = $ada->api(GET => "/contacts/$known")->{data};
is_deeply([@$now{qw(emails title phones)}], [@$before{qw(emails title phones)}], 'the contact is as it was');
is(card($new->{id})->{state}, 'pending', 'and the proposal waits');

# ---- the record changed since: both sides, and a way on
my $change = proposed(PATCH => "/contacts/$known", {title => 'Partner', phones => ['+1 555 0100']});
$ada->api(PATCH => "/contacts/$known", {notes => 'Met in Lisbon'});
ok(!card($change->{id})->{is_target_changed}, 'a change elsewhere is no conflict');
$ada->api(PATCH => "/contacts/$known", {title => 'Director'});
my $card = card($change->{id});
ok($card->{is_target_changed}, 'one of the same field is');
($r, $doc) = $ada->api(POST => "/proposals/$change->{id}/approve", {sha256 => $change->{sha256}});
is($r->{status}, 409, 'nobody overwrites it unseen');
is_deeply([$doc->{current}{record}{title}, $doc->{current}{change_json}{title}, $doc->{shown}{title}], ['Director', 'Partner', undef],
	'the answer has the record as it is, the proposal, and the record as it was');
$r = $ada->post("/review/$change->{id}/approve", {sha256 => $change->{sha256}});
is($r->{status}, 409, 'nor by the form');
like($r->{content}, qr/Nothing was decided.*Somebody worked on the record.*Director.*Partner.*Countersign anyway/s, 'whose page shows both and what to do');
my ($version) = $r->{content} =~ /name="version" value="(\d+)"/;
is($ada->post("/review/$change->{id}/approve", {sha256 => $change->{sha256}, version => $version - 1})->{status}, 409, 'an older version will not do');
is($ada->post("/review/$change->{id}/approve", {sha256 => $change->{sha256}, version => $version})->{status}, 303, 'who saw it goes on');
is($ada->api(GET => "/contacts/$known")->{data}{title}, 'Partner', 'and it lands');
$r = $ada->post("/review/$change->{id}/dismiss", {sha256 => $change->{sha256}});
is($r->{status}, 409, 'who comes second');
like($r->{content}, qr/Somebody was faster.*Countersigned by Ada/s, 'sees who decided, and what');

# ---- filters
for my $filter ('kind=activity', 'kind=contact', 'author=agent', 'author=capture', 'age=day', 'age=week', 'age=older') {
	my @found = @{$ada->api(GET => "/proposals?limit=200&$filter")->{data}};
	my ($name, $value) = split /=/, $filter;
	my %day = (day => '2026-03-03T09:00:00Z', week => '2026-02-25T09:00:00Z', older => '2026-02-25T09:00:00Z');
	my @wrong = grep { $name eq 'kind' ? $_->{kind} ne $value : $name eq 'author' ? $_->{author_kind} ne $value
		: $value eq 'older' ? $_->{occurred_at} ge $day{older} : $_->{occurred_at} lt $day{$value} } @found;
	is("@wrong", '', "$filter finds only such (" . @found . ')');
}
my $investor = $db->value("SELECT investor_id FROM proposals WHERE state = 'pending' AND investor_id IS NOT NULL LIMIT 1");
my @of = @{$ada->api(GET => "/proposals?investor=$investor")->{data}};
ok(@of && !(grep { $_->{investor_id} != $investor } @of), 'by investor');
like($ada->get("/review?investor=$investor")->{content}, qr/<option value="$investor" selected>/, 'which the page keeps chosen');
my $contact = $db->value("SELECT contact_id FROM proposals WHERE state = 'pending' AND contact_id IS NOT NULL LIMIT 1");
like($ada->get("/review?contact=$contact")->{content}, qr/<input type="hidden" name="contact" value="$contact">/, 'a contact stays chosen too');
my ($box) = map { $_->{id} } grep { $_->{address} =~ /^grace/ } @{$ada->api(GET => '/mailboxes')->{data}};
my @boxed = @{$ada->api(GET => "/proposals?mailbox=$box&limit=200")->{data}};
my %held = map { $_->{message_id} => 1 } @{$db->rows("SELECT message_id FROM mailbox_items WHERE mailbox_id = $box AND message_id IS NOT NULL")};
ok(@boxed && !(grep { !$held{$_->{message_id}} } @boxed), 'by the mailbox that holds the mail');
is(($ada->api(GET => '/proposals?kind=nonsense'))[0]{status}, 400, 'a filter that is none is refused');

# ---- pages: every waiting one once, newest first
my (@seen, $after);
do {
	my $part = $ada->api(GET => '/proposals?limit=3' . ($after ? "&after=$after" : ''));
	push @seen, @{$part->{data}};
	$after = $part->{meta}{next};
} while ($after);
my @all = ids('state=pending');
is_deeply([map { $_->{id} } @seen], \@all, 'pages of three give what one page gives');
my @order = map { "$_->{occurred_at} " . sprintf('%09d', $_->{id}) } @seen;
is_deeply(\@order, [sort { $b cmp $a } @order], 'newest first');
my $first = $ada->get('/review?limit=3')->{content};
my ($next) = $first =~ /<a href="([^"]+)" rel="next"/;
my $second = $ada->get($next =~ s/&amp;/&/gr)->{content};
my ($from) = $second =~ /name="from" value="([^"]+)"/;
like($from, qr/limit=3&amp;after=/, 'the second page remembers its place');
my ($id, $sha, $then) = ($second =~ /data-proposal="(\d+)"/, $second =~ /name="sha256" value="(\w+)"/, $second =~ /name="then" value="(\d+)"/);
$r = $ada->post("/review/$id/dismiss", {sha256 => $sha, from => $from =~ s/&amp;/&/gr, then => $then});
like($ada->get($r->{headers}{location})->{content}, qr/data-proposal="$then"/, 'and a decision leads to the next card there');

# ---- what nobody decides
my $left = @{[ids('state=pending'), ids('state=snoozed')]};
$db->program(['mail-sync'], 'capture, sixty-one days later', env => {COUNTERSIGN_NOW => '2026-05-04T09:00:00Z'});
is(scalar @{[ids('state=pending')]}, 0, 'nothing of then waits');
is(scalar @{[ids('state=expired')]}, $left, 'it expired, and so did what had been put off');
is($db->value("SELECT count(*) FROM audit WHERE action = 'expire' AND actor_kind = 'system'"), $left, 'each audited');
like($ada->get('/review?state=expired')->{content}, qr/Expired/, 'and can be looked at');
is(($ada->api(POST => "/proposals/$all[0]/approve", {sha256 => '0' x 64}))[0]{status}, 409, 'but not decided');
my ($gone, $other) = ids('state=expired');
my $sha256 = card($gone)->{sha256};
is(($scout->api(POST => "/proposals/$gone/undo", {}))[0]{status}, 403, 'an agent does not bring it back');
is($db->value("SELECT state FROM proposals WHERE id = $gone"), 'expired', 'which changes nothing');
like($ada->get("/review/$gone")->{content}, qr{action="/proposals/$gone/undo".*Bring it back }s, 'its card can bring it back');
is($ada->post("/proposals/$gone/undo", {})->{status}, 303, 'a person does');
is(card($gone)->{state}, 'pending', 'and it waits again');
is($db->value("SELECT actor_name || ' ' || action FROM audit WHERE resource = 'proposals' AND resource_id = $gone ORDER BY id DESC LIMIT 1"), 'Ada Nowak undo', 'audited');
is(($ada->api(POST => "/proposals/$other/undo", {}))[0]{status}, 200, 'by the API too');
is(($ada->api(POST => "/proposals/$gone/dismiss", {sha256 => $sha256}))[0]{status}, 200, 'to be decided');
$db->program([qw(countersign audit verify)], 'the audit chain holds');
$server->stop;
done_testing;
