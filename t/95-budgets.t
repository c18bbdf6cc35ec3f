# What a page asks of the database does not grow with what is in it: for each GET row of routes.def, and lists with filters
# that nothing passes, statements are counted and SQLite's own steps (a row read through costs some ten) in a small fund and in
# one of a thousand contacts and ten thousand messages, which `seed demo --scale` makes.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Server;

my $STATEMENTS = 30;  # of one page
my $STEPS = 80_000;   # less than looking at each of ten thousand rows takes

# Whose number a route's :id is, by what its path begins with.
my %number = (
	contacts => 'SELECT min(id) FROM contacts_live', organizations => 'SELECT min(id) FROM organizations_live',
	investors => 'SELECT min(id) FROM investors_live', communications => 'SELECT min(id) FROM communications_live',
	notes => "SELECT min(id) FROM communications_live WHERE kind = 'note'", tasks => 'SELECT min(id) FROM tasks_live',
	mail => 'SELECT id FROM threads WHERE messages > 0 ORDER BY messages DESC, id LIMIT 1', messages => 'SELECT min(id) FROM messages',
	attachments => 'SELECT min(a.id) FROM attachments a JOIN blobs b USING (sha256) WHERE a.is_stored = 1',
	capture => 'SELECT min(id) FROM mailboxes', review => "SELECT max(id) FROM proposals WHERE state = 'pending' AND kind = 'contact'",
	digests => 'SELECT min(id) FROM digests', users => 'SELECT min(id) FROM users',
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
	/tasks?bucket=done /tasks?bucket=snoozed /mail?contact=1 /mail?q=meeting /search?q=the+meeting /search?q=is:mail /audit?action=merge
	/audit?actor=3 /audit?until=2020-01-01 /contacts/1?show=changes);

my @routes;
for my $line (split /\n/, slurp('src/routes.def')) {
	my ($verb, $page, $api_verb, $api) = $line =~ /^ROUTE\((\w+),\s+"([^"]*)",\s+(\w+),\s+"([^"]*)"/ or next;
	push @routes, $page if $verb eq 'GET';
	push @routes, "/api$api" if $api_verb eq 'GET';
}
cmp_ok(scalar @routes, '>', 80, 'routes.def has its pages');

# {route => {statements, steps}}
sub counted {
	my ($server, $size) = @_;
	my $ada = $server->login;
	my %count;
	for my $route (@routes, @more) {
		my $path = $route;
		if ($path =~ m{^(?:/api)?/(\w+)/:id}) {
			my $id = $server->db->value($number{$route} // $number{$1} // die "whose number is $route\'s? See %number");
			next if ($id // q{}) eq q{}; # a seeded fund has no digest, no files and no HTML
			$path =~ s/:id/$id/;
		}
		$path .= "?$query{$route}" if $query{$route};
		my $r = $ada->get($path);
		like($r->{status}, qr/^(?:200|303|304|422)$/, "$path of the $size fund is there");
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
$large->stop;
done_testing;
