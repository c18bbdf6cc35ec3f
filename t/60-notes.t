# Notes: the communications of kind note by their own name in the API, and the one-step form on a record's page.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($db, $ada) = ($server->db, $server->login);
my $contact = $ada->api(GET => '/contacts?limit=1')->{data}[0]{id};

my ($r, $doc) = $ada->api(POST => '/notes', {body => "Prefers the telephone\nNever before ten.", contact_ids => [$contact]});
is($r->{status}, 201, 'a note needs its text only');
my $id = $doc->{data}{id};
is($r->{headers}{location}, "/api/notes/$id", 'and has its address');
my $note = $ada->api(GET => "/notes/$id")->{data};
is("$note->{kind}: $note->{subject} ($note->{occurred_at})", 'note: Prefers the telephone (2026-03-04T09:00:00Z)', 'its first line is its subject, it is of now');
is($ada->api(GET => "/communications/$id")->{data}{body}, $note->{body}, 'it is a communication');
like($ada->get("/contacts/$contact?show=notes")->{content}, qr/Prefers the telephone/, 'and stands on the timeline');
is(($ada->api(POST => '/notes', {contact_ids => [$contact]}))[0]{status}, 422, 'one without text is none');
is(join(' ', grep { $_ ne 'note' } map { $_->{kind} } @{$ada->api(GET => '/notes?kind=email&limit=200')->{data}}), '', 'the list has notes alone');
is(($ada->api(PATCH => "/notes/$id", {subject => 'Telephone', kind => 'call'}))[0]{status}, 200, 'a note is changed');
is($db->value("SELECT kind || subject FROM communications WHERE id = $id"), 'noteTelephone', 'and stays one');
my $email = $db->value("SELECT id FROM communications WHERE kind = 'email' AND deleted_at IS NULL LIMIT 1");
for (['GET', ''], ['PATCH', '', {subject => 'x'}], ['DELETE', ''], ['POST', '/restore', {}]) {
	my ($verb, $below, $body) = @$_;
	is(($ada->api($verb => "/notes/$email$below", $body))[0]{status}, 404, "$verb: an e-mail is no note");
}
is(($ada->api(DELETE => "/notes/$id"))[0]{status}, 204, 'a note is deleted');
is(($ada->api(GET => "/notes/$id"))[0]{status}, 404, 'and gone');
is(($ada->api(POST => "/notes/$id/restore", {}))[0]{status}, 200, 'and restored');

is($ada->post('/communications', {note => "From the page\nin one step", note_contact_id => $contact})->{headers}{location}, "/contacts/$contact",
	'the form on a record leads back to it');
is($db->value("SELECT subject || kind FROM communications ORDER BY id DESC LIMIT 1"), 'From the pagenote', 'with the note on it');
$r = $ada->post('/communications', {note => " \n ", note_contact_id => $contact});
is($r->{status}, 422, 'one without a text comes back');
like($r->{content}, qr{<form method="post" action="/communications".*aria-invalid="true".*Subject is required}s, 'as a form that says what it lacks');
like($r->{content}, qr{#$contact\b}, 'of the same record');
$server->stop;
done_testing;
