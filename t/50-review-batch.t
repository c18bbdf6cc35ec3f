# Many at once: a page that says exactly what will happen, each decided by itself, and what became of each.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($db, $ada) = ($server->db, $server->login);
$db->program([qw(countersign user passwd scout)], 'the agent gets a password', in => "correct horse battery\n");
my $scout = $server->client->token('scout', 'correct horse battery');

sub waiting { return @{$ada->api(GET => '/proposals?limit=200&kind=activity')->{data}} }
sub proposed { my ($verb, $path, $change) = @_; return $ada->api(GET => '/proposals/' . ($scout->api($verb => $path, $change))[1]{data}{proposal_id})->{data} }
sub item { return {id => $_[0]{id}, sha256 => $_[1] // $_[0]{sha256}} }
sub batch { my ($action, @items) = @_; return $ada->api(POST => '/proposals/batch', {action => $action, items => \@items}) }

# ---- the page before
my @some = (waiting())[0 .. 2];
my $taken = $ada->api(POST => '/contacts', {name => 'Taken', emails => ['taken@batch.example']})->{data}{id};
my $clash = proposed(POST => '/contacts', {name => 'Clash', emails => ['taken@batch.example']});
my $stale = proposed(PATCH => "/contacts/$taken", {title => 'Chair'});
$ada->api(PATCH => "/contacts/$taken", {title => 'Treasurer'});
my $picks = join '', map { "&pick_$_->{id}=1" } @some, $clash, $stale;
$db->same_after(sub {
	my $page = $ada->get("/review/batch?action=approve$picks")->{content};
	like($page, qr/Countersign 4 of what was selected/, 'the page says how many');
	for my $p (@some, $clash) {
		like($page, qr/name="pick_$p->{id}" value="$p->{sha256}"/, "the form holds what was shown of $p->{id}");
		like($page, qr{<code>$p->{sha256}</code>}, 'and so does the page');
	}
	unlike($page, qr/name="pick_$stale->{id}"/, 'what the record overtook is left out');
	like($page, qr/Left out: the record changed/, 'and said to be');
	like($ada->get('/review/batch?action=approve')->{content}, qr/Nothing that can be decided/, 'nothing selected');
	is($ada->get("/review/batch?action=burn$picks")->{status}, 400, 'no other action');
}, 'looking changes nothing');

# ---- each by itself
my ($r, $doc) = batch(approve => item($some[0]), item($some[1], '0' x 64), item($clash), item($stale), item({id => 999999, sha256 => 'x'}), item($some[2]), item($some[0]));
is($r->{status}, 200, 'a batch is answered');
is(join(' ', map { $_->{status} } @{$doc->{data}}), '200 409 409 409 404 200 409', 'item by item');
is_deeply($doc->{meta}, {done => 2, failed => 5}, 'and counted');
like($doc->{data}[1]{error}, qr/changed since it was shown/, 'why: another hash');
like($doc->{data}[2]{error}, qr/another contact has one of these addresses/, 'why: a rule of the record');
like($doc->{data}[3]{error}, qr/record changed since/, 'why: the record');
is($doc->{data}[0]{state}, 'approved', 'what was done says so');
ok($doc->{data}[0]{result_url}, 'and where it landed');
is($db->value("SELECT count(*) FROM communications WHERE proposal_id IN ($some[0]{id}, $some[2]{id})"), 2, 'those two landed');
is($db->value("SELECT count(*) FROM proposals WHERE state = 'pending' AND id IN ($some[1]{id}, $clash->{id}, $stale->{id})"), 3, 'the others wait as before');
is($db->value("SELECT count(*) FROM contacts WHERE name = 'Clash'"), 0, 'and left nothing behind');
is($db->value("SELECT count(*) FROM audit WHERE proposal_id = $clash->{id}"), 0, 'not even in the audit log');
is($db->value("SELECT proposal_id FROM audit WHERE resource = 'communications' AND action = 'create' AND resource_id = $doc->{data}[5]{result_id}"),
	$some[2]{id}, 'an audit row names its own proposal');

# ---- by the form
my @more = (waiting())[0, 1];
$r = $ada->post('/review/batch', {action => 'dismiss', reason => 'Small talk', from => 'kind=activity', map { ("pick_$_->{id}" => $_->{sha256}) } @more});
is($r->{status}, 200, 'the form shows what became of it');
like($r->{content}, qr/2 done/, 'all done');
like($r->{content}, qr{href="/review\?kind=activity"}, 'and leads back');
for my $p (@more) {
	is($db->value("SELECT state || reason FROM proposals WHERE id = $p->{id}"), 'dismissedSmall talk', 'dismissed with the reason');
	like($r->{content}, qr{action="/proposals/$p->{id}/undo"}, 'each can be undone');
	is(($ada->api(POST => "/proposals/$p->{id}/undo", {}))[0]{status}, 200, 'and is');
}

# ---- limits and strangers
my @left = waiting();
my $token = $server->client->token('grace', 'demo');
$db->same_after(sub {
	($r, $doc) = batch(dismiss => map { {id => $_, sha256 => 'x'} } 1 .. 101);
	is($r->{status}, 422, 'more than a hundred');
	like($doc->{detail}, qr/more than 100/, 'is said to be too many');
	is((batch(dismiss =>))[0]{status}, 422, 'none at all');
	is((batch(burn => item($left[0])))[0]{status}, 422, 'no such action');
	is(($ada->api(POST => '/proposals/batch', {action => 'dismiss', items => [{id => 1}]}))[0]{status}, 422, 'a hash is required');
	is(($ada->api(POST => '/proposals/batch', {action => 'dismiss', items => 'all'}))[0]{status}, 422, 'a list is required');
	is(($scout->api(POST => '/proposals/batch', {action => 'approve', items => [item($left[0])]}))[0]{status}, 403, 'an agent countersigns nothing');
	is(($token->api(POST => '/proposals/batch', {action => 'approve', items => [item($left[0])]}))[0]{status}, 403, 'nor a token');
}, 'none of it changes anything');
my @hundred = map { proposed(POST => '/contacts', {name => "Person $_"}) } 1 .. 12;
($r, $doc) = batch(approve => map { item($_) } @hundred);
is($doc->{meta}{done}, 12, 'a dozen at once');
cmp_ok($r->{headers}{'x-db-statements'}, '<', 12 * 30, 'within a bounded number of statements each');
$db->program([qw(countersign audit verify)], 'the audit chain holds');
$server->stop;
done_testing;
