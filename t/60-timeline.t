# A record's timeline: one kind at a time, older pages without loss, where each item came from; a note in one step.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $db = $server->db;
my $ada = $server->login;
my ($id) = $db->value("SELECT resource_id FROM communication_parties WHERE resource = 'contacts' AND deleted_at IS NULL
	GROUP BY resource_id ORDER BY count(*) DESC LIMIT 1");
my %kinds = (mail => qr/^(?:thread|email)$/, calls => qr/^call$/, meetings => qr/^meeting$/, notes => qr/^note$/, tasks => qr/^task$/, changes => qr/^change$/);
is($ada->post('/communications', {note_contact_id => $id, note => "Likes tea\nand long walks"})->{headers}{location}, "/contacts/$id", 'a note in one step');
is($db->value("SELECT kind || '/' || subject FROM communications ORDER BY id DESC LIMIT 1"), 'note/Likes tea', 'its first line is the subject');
isnt($ada->post('/communications', {note_contact_id => $id, note => ' '})->{status}, 303, 'an empty one is refused');
$ada->api(POST => '/communications', {kind => $_, subject => "One $_", occurred_at => '2026-01-01T10:00:00Z', contact_ids => [$id]}) for qw(call meeting);
$ada->api(POST => '/tasks', {title => 'One task', due_on => '2030-01-01', contact_id => $id});
$ada->api(PATCH => "/contacts/$id", {title => 'Tea drinker'});

for my $show (sort keys %kinds) {
	my $timeline = $ada->api(GET => "/contacts/$id?show=$show")->{data}{timeline};
	cmp_ok(scalar @{$timeline->{items}}, '>', 0, "there are $show");
	is(scalar grep({ $_->{kind} !~ $kinds{$show} } @{$timeline->{items}}), 0, 'and nothing else');
	is(join(' ', map { $_->{label} } grep { $_->{is_current} } @{$timeline->{filters}}), ucfirst $show, 'it says so');
}
is($ada->get("/contacts/$id?show=gossip")->{status}, 400, 'of the kinds there are');
my ($note) = grep { $_->{title} eq 'Likes tea' } @{$ada->api(GET => "/contacts/$id?show=notes")->{data}{timeline}{items}};
like($note->{source}{label}, qr/^typed by Ada/, 'who typed it');
is($note->{snippet}, 'and long walks', 'its first line is said once');
my ($thread) = map { $_->{id} } @{$ada->api(GET => '/threads?limit=1')->{data}};
unlike($ada->get("/mail/$thread")->{content}, qr{">thread</a>}, 'a thread does not lead to itself');
like($ada->get('/review/' . $db->value("SELECT max(id) FROM proposals WHERE state = 'pending' AND message_id IS NOT NULL"))->{content}, qr{">thread</a>}, 'a mail elsewhere leads to its thread');
my ($mail) = grep { $_->{kind} eq 'email' } @{$ada->api(GET => "/contacts/$id?show=mail")->{data}{timeline}{items}};
like($mail->{source}{label}, qr/^proposal countersigned by \w+/, 'who countersigned it');
like($mail->{source}{url}, qr{^/review/\d+$}, 'with its proposal');
is($mail->{sight}, undef, 'whose mail everybody reads');
my $grace = $server->login('grace');
$_->[0]->api(PATCH => "/mailboxes/$_->[1]", {visibility => 'subject'}) for [$ada, 1], [$grace, 2], [$ada, 3];
($mail) = grep { $_->{id} == $mail->{id} } @{$ada->api(GET => "/contacts/$id?show=mail")->{data}{timeline}{items}};
is($mail->{sight}, 'Not everybody reads its mail', 'or not everybody');
like($ada->get("/contacts/$id")->{content}, qr{<span class="tag">Not everybody reads its mail</span>}, 'the page says so too');
$_->[0]->api(PATCH => "/mailboxes/$_->[1]", {visibility => 'everyone'}) for [$ada, 1], [$grace, 2], [$ada, 3];

$ada->post('/communications', {note_contact_id => $id, note => "Note $_"}) for 1 .. 65;
my ($after, @seen) = ('');
while (defined $after) {
	my $timeline = $ada->api(GET => "/contacts/$id?show=notes" . ($after && "&after=$after"))->{data}{timeline};
	push @seen, map { $_->{id} } @{$timeline->{items}};
	$after = $timeline->{next};
}
my $want = $db->value("SELECT count(*) FROM communications c JOIN communication_parties p ON p.communication_id = c.id
	WHERE p.resource = 'contacts' AND p.resource_id = $id AND c.kind = 'note' AND c.deleted_at IS NULL AND p.deleted_at IS NULL");
is(scalar @seen, $want, 'page by page, all the notes');
is(scalar keys %{{map { $_ => 1 } @seen}}, $want, 'and each once');
is(scalar grep({ $_->{kind} eq 'call' } @{$ada->api(GET => '/investors/1?show=calls')->{data}{timeline}{items}}),
	scalar @{$ada->api(GET => '/investors/1?show=calls')->{data}{timeline}{items}}, 'an investor has the same');
is($ada->get("/$_/1?show=changes")->{status}, 200, "$_: the page with changes") for qw(contacts organizations investors);
$server->stop;
done_testing;
