# What a page asks of the database does not grow with what is in it: for each GET row of routes.def, and lists with filters
# that nothing passes, statements are counted and SQLite's own steps (a row read through costs some ten) in a small fund and in
# one of a thousand contacts and ten thousand messages, which `seed demo --scale` makes. So it is for readers who may not read
# all mail, whatever is closed to them.
use strict;
use warnings;
use lib 't/lib';
use MIME::Base64 ();
use Test::More;
use Countersign::Run;
use Countersign::Server;

my $STATEMENTS = 32;  # of one page
my $STEPS = 80_000;   # less than looking at each of ten thousand rows takes

# Whose number a route's :id is, by what its path begins with.
my %number = (
	contacts => 'SELECT min(id) FROM contacts_live', organizations => 'SELECT min(id) FROM organizations_live',
	affiliations => 'SELECT min(id) FROM affiliations_live',
	investors => 'SELECT min(id) FROM investors_live', communications => 'SELECT min(id) FROM communications_live',
	notes => "SELECT min(id) FROM communications_live WHERE kind = 'note'", tasks => 'SELECT min(id) FROM tasks_live',
	funds => 'SELECT max(id) FROM funds_live', commitments => 'SELECT min(id) FROM commitments_live',
	mail => 'SELECT id FROM threads WHERE messages > 0 ORDER BY messages DESC, id LIMIT 1', messages => 'SELECT min(id) FROM messages',
	attachments => 'SELECT min(a.id) FROM attachments a JOIN blobs b USING (sha256) WHERE a.is_stored = 1',
	capture => 'SELECT min(id) FROM mailboxes', review => "SELECT max(id) FROM proposals WHERE state = 'pending' AND kind = 'contact'",
	digests => 'SELECT min(id) FROM digests', users => 'SELECT min(id) FROM users', funds => 'SELECT max(id) FROM funds_live', commitments => 'SELECT min(id) FROM commitments_live',
	opportunities => 'SELECT min(id) FROM opportunities_live',
);
@number{qw(threads mailboxes proposals)} = @number{qw(mail capture review)};
$number{'/messages/:id/body'} = 'SELECT min(message_id) FROM message_bodies WHERE html IS NOT NULL';
# What a route cannot do without.
my %query = ('/rules/preview' => 'kind=domain&value=newsletter.example', '/api/rules/preview' => 'kind=domain&value=newsletter.example',
	'/digests/figures' => 'of=pending', '/api/digests/figures' => 'of=pending', '/review/batch' => 'action=approve', '/search' => 'q=meeting',
	'/api/search' => 'q=mee');
# By hand and rarely, and as long as what it is about: the dry run of a rule, a day's digest, the API's own description.
my %unbounded = map { $_ => 1 } qw(/rules/preview /api/rules/preview /digests/preview /api/digests/preview /digests/preview/body);
my @more = qw(/review?state=any /review?kind=merge /review?author=agent /contacts?sort=-last_touch /contacts?q=ma /contacts?q=a+example
	/contacts?kind=advisor /contacts?owner_id=3&sort=-updated /organizations?owner_id=3 /investors?is_graveyard=any /investors?lead_id=3
	/funds?stage=planned /commitments?fund_id=3 /commitments?investor_id=999999 /commitments?kind=released /commitments?q=zzzz
	/contacts/1?show=commitments /tasks?bucket=done /tasks?bucket=snoozed /mail?contact=1 /mail?q=meeting /search?q=the+meeting /search?q=is:mail /audit?action=merge
	/audit?actor=3 /audit?program=Sender /audit?until=2020-01-01 /contacts/1?show=changes
	/pipeline?fund_id=2 /pipeline?owner_id=2 /pipeline?q=an /opportunities?stage=any&sort=-amount /opportunities?sort=close /opportunities?sort=name
	/opportunities?fund_id=1 /opportunities?owner_id=3 /opportunities?stage=lead&sort=moved /digests/figures?of=moves /digests/figures?of=ageing);

my @routes;
for my $line (split /\n/, slurp('src/routes.def')) {
	my ($verb, $page, $api_verb, $api) = $line =~ /^ROUTE\((\w+),\s+"([^"]*)",\s+(\w+),\s+"([^"]*)"/ or next;
	push @routes, $page if $verb eq 'GET';
	push @routes, "/api$api" if $api_verb eq 'GET';
}
cmp_ok(scalar @routes, '>', 80, 'routes.def has its pages');

# {route => {statements, steps}}
sub counted {
	my ($server, $size, $reader) = @_;
	my $there = $reader ? qr/^(?:200|303|304|403|404|422)$/ : qr/^(?:200|303|304|422)$/;
	$reader //= $server->login;
	my %count;
	for my $route (@routes, @more) {
		my $path = $route;
		if ($path =~ m{^(?:/api)?/(\w+)/:id}) {
			my $id = $server->db->value($number{$route} // $number{$1} // die "whose number is $route\'s? See %number");
			next if ($id // q{}) eq q{}; # a seeded fund has no digest, no files and no HTML
			$path =~ s/:id/$id/;
		}
		$path .= "?$query{$route}" if $query{$route};
		my $r = $reader->get($path);
		like($r->{status}, $there, "$path of the $size fund is there");
		$count{$route} = {statements => $r->{headers}{'x-db-statements'} // 0, steps => $r->{headers}{'x-db-steps'} // 0};
	}
	return \%count;
}

my $small = Countersign::Server->start(seed => 'demo', workers => 1);
my $few = counted($small, 'small');
$small->stop;
is(join(' ', grep { !$few->{$_} } @routes), '', 'every GET row was looked at');

my $db = Countersign::Database->new;
$db->program([qw(countersign seed demo --scale 1)], 'a fund of a thousand contacts');
cmp_ok($db->value('SELECT count(*) FROM contacts_live'), '>=', 1000, 'has a thousand contacts');
cmp_ok($db->value('SELECT count(*) FROM messages'), '>=', 9000, 'and ten messages for each');
is($db->value("SELECT count(*) FROM mailbox_items WHERE state = 'stored' AND message_id IS NULL"), 0, 'each in the ledger');
is($db->value('SELECT count(*) FROM mailboxes b JOIN mailbox_counts c ON c.mailbox_id = b.id WHERE b.listed <> c.stored + c.excluded'), 0,
	'and the ledger adds up');
cmp_ok($db->value("SELECT count(*) FROM mailbox_items WHERE state = 'excluded' AND rule IN ('internal', 'stranger')"), '>', 100, 'what nobody may keep is left out');
cmp_ok($db->value("SELECT count(*) FROM proposals WHERE state = 'pending'"), '>', 100, 'the last days wait for a person');
my $large = Countersign::Server->start(db => $db, workers => 1);
my $many = counted($large, 'large');
for my $route (grep { $many->{$_} } @routes, @more) {
	cmp_ok($many->{$route}{statements}, '<=', $few->{$route}{statements} + 3, "$route asks no more of a large fund"); # but for what only a full page has
	cmp_ok($many->{$route}{statements}, '<=', $STATEMENTS, 'and not too much') if !$unbounded{$route};
	cmp_ok($many->{$route}{steps}, '<=', $STEPS, "$route reads through nothing") if !$unbounded{$route};
}
note(join "\n", map { sprintf '%8d %8d %s', $few->{$_}{steps}, $many->{$_}{steps}, $_ } sort { $many->{$b}{steps} <=> $many->{$a}{steps} } grep { $many->{$_} } @routes, @more);

# ---- for who may not read all mail
$db->program([qw(countersign user add edda --email edda@larkspur.example)], 'somebody without a mailbox', in => "correct horse battery\n");
my %as = (edda => $large->login('edda', 'correct horse battery'), map { $_ => $large->login($_) } qw(ada grace));
my %box = map { $_->{id} => $_->{user_id} } @{$db->rows('SELECT id, user_id FROM mailboxes')};
my %name = map { $_->{id} => $_->{username} } @{$db->rows('SELECT id, username FROM users')};
my %id = reverse %name;
is(scalar keys %box, 3, 'three mailboxes');
sub closed {
	is(($as{$name{$box{$_}}}->api(PATCH => "/mailboxes/$_", {visibility => 'private'}))[0]{status}, 200, "mailbox $_ is closed") for @_;
	return;
}
my %restricted;
closed(1);
$restricted{"$_, one closed"} = counted($large, 'large', $as{$_}) for qw(edda grace);
closed(2, 3);
$restricted{"$_, all closed"} = counted($large, 'large', $as{$_}) for qw(edda grace);
is($as{ada}->post('/view-as', {user_id => $id{grace}})->{status}, 303, 'Ada looks as Grace');
$restricted{'ada as grace, all closed'} = counted($large, 'large', $as{ada});
$as{ada}->post('/view-as/end', {});
for my $who (sort keys %restricted) {
	for my $route (grep { $restricted{$who}{$_} && !$unbounded{$_} } @routes, @more) {
		cmp_ok($restricted{$who}{$route}{statements}, '<=', $STATEMENTS, "$route asks not too much ($who)");
		cmp_ok($restricted{$who}{$route}{steps}, '<=', $STEPS, "$route reads through nothing ($who)");
	}
}
note(join "\n", map { my $route = $_; join ' ', (map { sprintf '%8d', $restricted{$_}{$route}{steps} // 0 } sort keys %restricted), $route } @routes, @more);

# ---- what a page does not look at stands on the next ones, and the words say so
sub walked {
	my ($reader, $path) = @_;
	my ($after, $cut, @ids) = ('', 0);
	for (1 .. 200) {
		my $doc = $reader->api(GET => "$path$after");
		push @ids, map { $_->{id} } @{$doc->{data}};
		my $next = $doc->{meta}{next} // last;
		$cut++ if @{$doc->{data}} < 50;
		$after = ($path =~ /\?/ ? '&' : '?') . "after=$next";
	}
	return ($cut, join ' ', sort { $a <=> $b } @ids);
}
sub ids { return join ' ', map { $_->{id} } @{$db->rows($_[0])} }
my $hers = "EXISTS (SELECT 1 FROM mailbox_items i JOIN mailboxes b ON b.id = i.mailbox_id WHERE i.message_id = m.id AND b.user_id = $id{grace})";
my $whole = "NOT EXISTS (SELECT 1 FROM proposal_messages x JOIN messages m ON m.id = x.message_id WHERE x.proposal_id = p.id AND NOT $hers)";
for (['/proposals', "SELECT id FROM proposals p WHERE state = 'pending' AND $whole ORDER BY id"],
	['/proposals?state=any', "SELECT id FROM proposals p WHERE $whole ORDER BY id"],
	['/threads', "SELECT id FROM threads t WHERE EXISTS (SELECT 1 FROM messages m WHERE m.thread_id = t.id AND $hers) ORDER BY id"],
	['/messages', "SELECT id FROM messages m WHERE $hers ORDER BY id"]) {
	my ($path, $sql) = @$_;
	my ($cut, $seen) = walked($as{grace}, $path);
	is($seen, ids($sql), "page by page Grace reads of $path what is hers, and no more");
}
my $firm = $db->value("SELECT resource_id FROM thread_parties WHERE resource = 'organizations' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1");
my ($cut, $seen) = walked($as{grace}, "/threads?organization=$firm");
is($seen, ids("SELECT id FROM threads t WHERE EXISTS (SELECT 1 FROM thread_parties q WHERE q.thread_id = t.id AND q.resource = 'organizations' AND q.resource_id = $firm)"
	. " AND EXISTS (SELECT 1 FROM messages m WHERE m.thread_id = t.id AND $hers) ORDER BY id"), 'so it is with a record\'s');
($cut, $seen) = walked($as{edda}, '/threads');
is($seen, '', 'Edda reads none');
cmp_ok($cut, '>', 5, 'which no page says of more than it looked at');
my $found = () = $as{edda}->get('/review')->{content} =~ /data-waiting="\d+\+"/g;
is($found, 1, 'nor does the count of what waits: it ends with a +');
like($as{edda}->get('/mail')->{content}, qr/none of the \d+ newest here.*Look further back/s, 'the page says why, and leads on');
my ($next) = $as{edda}->get('/mail')->{content} =~ /after=([\w%-]+)/;
unlike(MIME::Base64::decode_base64url($next), qr/20\d\d-/, 'where it goes on says no day of a thread that is not shown');
$large->stop;
done_testing;
