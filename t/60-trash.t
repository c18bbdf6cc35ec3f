# The trash: every resource's deleted records, newest first, page by page, and back again (regressions 11, 12, 18).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $db = $server->db;
my $ada = $server->login;
is(scalar @{$ada->api(GET => '/trash')->{data}}, 0, 'nothing has been deleted');
like($ada->get('/trash')->{content}, qr/Nothing has been deleted/, 'and the page says so');

my %made = (
	contacts => {name => 'Trash contacts'}, organizations => {name => 'Trash organizations'},
	tasks => {title => 'Trash tasks', due_on => '2030-01-01'},
	communications => {kind => 'note', subject => 'Trash communications', occurred_at => '2026-01-01T10:00:00Z'},
);
my %id = map { $_ => $ada->api(POST => "/$_", $made{$_})->{data}{id} } sort keys %made;
my $firm = $ada->api(POST => '/organizations', {name => 'Trash investors'})->{data}{id};
$id{investors} = $ada->api(POST => '/investors', {organization_id => $firm})->{data}{id};
is(($ada->api(DELETE => "/$_/$id{$_}"))[0]{status}, 204, "one of the $_ is deleted") for sort keys %id;

# ---- at its own address
for my $resource (sort keys %id) {
	my $r = $ada->get("/$resource/$id{$resource}");
	is($r->{status}, 404, "$resource: one that was deleted is not found");
	like($r->{content}, qr{This \w+ was deleted on \d+ \w+ \d{4} by Ada Nowak}i, 'and the page says when it was, and by whom');
	like($r->{content}, qr{action="/$resource/$id{$resource}/restore".*href="/trash"}s, 'with both ways to it');
}
like($ada->get("/contacts/$id{contacts}/edit")->{content}, qr/was deleted on/, 'its form says so too');
unlike($ada->get('/contacts/999999')->{content}, qr{was deleted|See the trash}, 'what never was says nothing of it');

# It is looked for where it is, not among everything that is there.
for my $kind ($ada->get('/trash')->{content} =~ /<option value="(\w+)"/g) {
	like(run(['sqlite3', $db->path, "EXPLAIN QUERY PLAN SELECT id FROM ${kind}_trash"])->{out}, qr/INDEX ${kind}_deleted/, "deleted $kind have an index");
}

my (@seen, $after);
do {
	my $page = $ada->api(GET => '/trash?limit=2' . ($after ? "&after=$after" : ''));
	push @seen, @{$page->{data}};
	$after = $page->{meta}{next};
} while $after;
is(join(' ', sort map { "$_->{resource}/$_->{id}" } @seen), join(' ', sort map { "$_/$id{$_}" } keys %id), 'each is in the trash, once');
is(join(' ', map { $_->{deleted_at} } @seen), join(' ', sort { $b cmp $a } map { $_->{deleted_at} } @seen), 'newest first');
for my $row (@seen) {
	is("$row->{label} $row->{deleted_by_name}", "Trash $row->{resource} Ada Nowak", "$row->{resource}: what and by whom")
		if $row->{deleted_by_name};
	ok($row->{deleted_by_name}, "$row->{resource}: somebody deleted it");
}
is(join(' ', map { $_->{resource} } @{$ada->api(GET => '/trash?kind=tasks')->{data}}), 'tasks', 'one kind only');
is($ada->get('/trash?kind=users')->{status}, 400, 'of those there are');
for my $resource (sort keys %id) {
	like($ada->get('/trash')->{content}, qr{action="/$resource/$id{$resource}/restore"}, "$resource: a button");
	is($ada->post("/$resource/$id{$resource}/restore", {})->{status}, 303, 'restores it');
	is(($ada->api(GET => "/$resource/$id{$resource}"))[0]{status}, 200, 'and it is there again');
}
is(scalar @{$ada->api(GET => '/trash')->{data}}, 0, 'the trash is empty again');
is($server->client->get('/trash')->{status}, 303, 'a stranger has to log in');
$server->stop;
done_testing;
