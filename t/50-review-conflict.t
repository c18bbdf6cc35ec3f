# More mail comes in while a card is open: who decides on what is not proposed any more is shown both, and decides on what is.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Fund;
use Countersign::Mail;

my $fund = Countersign::Fund->start;
my ($db, $ada) = @$fund{qw(db ada)};
my %m = (from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example');
$fund->receive('a mail', mail(%m, id => 'one@alpine.example', subject => 'Our commitment', date => 'Tue, 03 Mar 2026 10:00:00 +0000', text => "We are at twelve million.\n"));
my $p = $db->row("SELECT id, sha256, title FROM proposals WHERE kind = 'activity'");
my $page = $ada->get("/review/$p->{id}")->{content};
like($page, qr/name="sha256" value="$p->{sha256}"/, 'its card is open');

$fund->receive('another the same day', mail(%m, id => 'two@alpine.example', refs => '<one@alpine.example>', subject => 'Re: Our commitment', date => 'Tue, 03 Mar 2026 15:00:00 +0000', text => "Make it fifteen.\n"));
my $now = $db->row("SELECT id, sha256, title FROM proposals WHERE kind = 'activity'");
is($now->{id}, $p->{id}, 'belongs to the same proposal');
isnt($now->{sha256}, $p->{sha256}, 'which says something else now');

for my $verb (qw(approve dismiss)) {
	$db->same_after(sub {
		my $r = $ada->post("/review/$p->{id}/$verb", {sha256 => $p->{sha256}});
		is($r->{status}, 409, "$verb: nothing is decided unseen");
		like($r->{content}, qr/Nothing was decided.*More mail came in meanwhile\. What you saw:.*\Q$p->{title}\E/s, 'the page shows what was seen');
		like($r->{content}, qr/And what is proposed now.*Make it fifteen/s, 'and what is proposed now');
		like($r->{content}, qr/name="sha256" value="$now->{sha256}"/, 'to be decided on under its own hash');
	}, 'nothing changes');
}
my ($r, $doc) = $ada->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}});
is($r->{status}, 409, 'the API says so too');
is_deeply([$doc->{current}{sha256}, $doc->{shown}{sha256}], [$now->{sha256}, $p->{sha256}], 'with both');
is($ada->post("/review/$p->{id}/approve", {sha256 => $now->{sha256}})->{status}, 303, 'who has seen it goes on');
is($db->value("SELECT count(*) FROM communication_messages"), 2, 'and the activity rests on both mails');

# ---- and after the decision
$fund->receive('a third', mail(%m, id => 'three@alpine.example', refs => '<two@alpine.example>', subject => 'Re: Our commitment', date => 'Tue, 03 Mar 2026 17:00:00 +0000', text => "Twenty.\n"));
is($db->value("SELECT sha256 FROM proposals WHERE id = $p->{id}"), $now->{sha256}, 'what was countersigned stays as it was');
$fund->stop;
done_testing;
