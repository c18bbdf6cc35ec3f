# Probable duplicates: what is proposed as a merge and why, what never is, and that a decided pair stays decided.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Database;
use Countersign::Server;

my $db = Countersign::Database->new;
$db->program([qw(countersign user add ada --email ada@fund.example --role admin)], 'a user', in => "correct horse battery\n");
my $server = Countersign::Server->start(db => $db);
my $ada = $server->login('ada', 'correct horse battery');
sub made { my ($what, %fields) = @_; my ($r, $doc) = $ada->api(POST => "/$what", \%fields); is($r->{status}, 201, $fields{name}) or diag $r->{content}; return $doc->{data}{id} }
sub sweep { $db->program(['mail-sync'], 'cron runs') }
# "a+b reason" of what waits.
sub pairs {
	my ($resource) = @_;
	sweep();
	return join '; ', map { "$_->{target_id}+$_->{other} $_->{why}" } @{$db->rows("SELECT target_id, from_id AS other,
		json_extract(evidence_json, '\$.excerpt') AS why FROM proposals WHERE kind = 'merge' AND state = 'pending' AND resource = '$resource' ORDER BY id")};
}

my $alpine = made('organizations', name => 'Alpine Pension Fund', domains => ['alpine.example']);
my $corvid = made('organizations', name => 'Corvid Investment Group', domains => ['corvid.example']);
my $maria = made('contacts', name => 'Maria Keller', emails => ['maria.keller@alpine.example'], phones => ['+41 44 555 01 20'], organization_id => $alpine);

subtest 'regression 44: the same person twice is proposed, once' => sub {
	my $twin = made('contacts', name => 'Keller, Maria', emails => ['mkeller@home.example'], organization_id => $alpine);
	is(pairs('contacts'), "$maria+$twin the same name, the same organization", 'with the reason');
	is(pairs('contacts'), "$maria+$twin the same name, the same organization", 'once');
	my $p = $db->row("SELECT * FROM proposals WHERE kind = 'merge'");
	is($p->{author_kind}, 'capture', 'by the program');
	is($p->{contact_id}, $maria, 'on the one that is older');
	$ada->api(PATCH => "/contacts/$twin", {title => 'CIO'});
	is(pairs('contacts'), "$maria+$twin the same name, the same organization", 'and brought up to date when one of them changes');
	isnt($db->value("SELECT sha256 FROM proposals WHERE id = $p->{id}"), $p->{sha256}, 'with another hash');
	$ada->api(DELETE => "/contacts/$twin");
	is(pairs('contacts'), '', 'and not proposed any more when one has gone');
};

subtest 'regression 45: the same name in different firms never binds' => sub {
	my $other = made('contacts', name => 'Maria Keller', emails => ['maria@corvid.example'], organization_id => $corvid);
	is(pairs('contacts'), '', 'by itself');
	$ada->api(PATCH => "/contacts/$other", {phones => ['044 555 01 20']});
	is(pairs('contacts'), "$maria+$other the same name, the same telephone", 'a telephone number says more');
	$ada->api(DELETE => "/contacts/$other");
};

subtest 'regression 46: a decided pair does not come back' => sub {
	my $twin = made('contacts', name => 'M. Keller', emails => ['maria.keler@alpine.example'], organization_id => $alpine);
	is(pairs('contacts'), "$maria+$twin a similar name, the same organization, an address that differs by two letters at most", 'proposed');
	my $p = $db->row("SELECT id, sha256 FROM proposals WHERE kind = 'merge' AND state = 'pending'");
	is(($ada->api(POST => "/proposals/$p->{id}/dismiss", {sha256 => $p->{sha256}, reason => 'not the same'}))[0]{status}, 200, 'told apart');
	$ada->api(PATCH => "/contacts/$_", {notes => 'changed'}) for $maria, $twin;
	is(pairs('contacts'), '', 'for good');
	# A third one that is Maria: merged into her, it does not bring the pair back either.
	my $third = made('contacts', name => 'Maria Keller', organization_id => $alpine);
	sweep();
	$ada->api(POST => "/contacts/$third/merge", {from_id => $maria, into_version => 1, from_version => $ada->api(GET => "/contacts/$maria")->{data}{version}});
	is($ada->get("/contacts/$maria")->{headers}{location}, "/contacts/$third", 'she is known under another number');
	unlike(pairs('contacts'), qr/\b$twin\b/, 'the pair is remembered under that too');
	$ada->api(DELETE => "/contacts/$_") for $twin, $third;
};

subtest 'people: what binds and what does not' => sub {
	my $desk = made('contacts', name => 'Investor Relations', emails => ['ir@alpine.example'], organization_id => $alpine);
	my $info = made('contacts', name => 'Information Desk', emails => ['info@alpine.example'], organization_id => $alpine);
	my $anna = made('contacts', name => 'Anna Brand', emails => ['a.brand@alpine.example'], phones => ['+41 44 555 00 00'], organization_id => $alpine);
	my $bert = made('contacts', name => 'Bert Weiss', emails => ['b.brand@alpine.example'], phones => ['+41 44 555 00 00'], organization_id => $alpine);
	is(pairs('contacts'), '', 'neither role inboxes, nor colleagues with the switchboard\'s number and an address that is nearly the same');
	my $bare = made('contacts', name => 'Anna Brand', emails => ['anna.brand@gmail.com']);
	is(pairs('contacts'), "$anna+$bare the same name", 'one without a firm is asked about');
	$ada->api(DELETE => "/contacts/$_") for $bare, $desk, $info, $anna, $bert;
};

subtest 'regression 47: "… Investment Group" does not match everything' => sub {
	made('organizations', name => "$_ Investment Group") for qw(Elm Quarry Harbour);
	made('organizations', name => 'The Investment Group AG');
	made('organizations', name => 'Alpine Ventures');
	is(pairs('organizations'), '', 'nor does one word in common');
	my $twin = made('organizations', name => 'Corvid Investment Group, Inc.');
	is(pairs('organizations'), "$corvid+$twin the same name", 'the same name does');
	my $p = $db->row("SELECT id, sha256 FROM proposals WHERE kind = 'merge' AND state = 'pending'");
	$ada->api(POST => "/proposals/$p->{id}/dismiss", {sha256 => $p->{sha256}});
	my $site = made('organizations', name => 'Pensionskasse Alpina', website => 'https://www.alpine.example/de');
	is(pairs('organizations'), "$alpine+$site the same mail domain", 'so does a domain');
	my ($one, $two) = (made('organizations', name => 'Blue Harbour One'), made('organizations', name => 'Green Field'));
	made('contacts', name => 'Xaver', emails => ['xaver@gmail.com'], organization_id => $one);
	made('contacts', name => 'Ysolde', emails => ['ysolde@gmail.com'], organization_id => $two);
	is(pairs('organizations'), "$alpine+$site the same mail domain", 'but nobody\'s provider');
};

is($db->value('SELECT count(*) FROM duplicates_queue'), 0, 'nothing waits to be compared');
$server->stop;
done_testing;
