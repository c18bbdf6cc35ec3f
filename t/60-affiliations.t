# Where a person belongs beside where they work: page, API, bad input, what an agent proposes, audit, undo, trash, and merges
# of the person and of the organization (regression 33, first half; the mail is in t/40-affiliations.t).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'empty');
my $db = $server->db;
$db->program([qw(countersign user add ada --email ada@fund.example --role admin)], 'a user', in => "correct horse battery\n");
$db->program([qw(countersign user add scout --email scout@fund.example --role agent)], 'an agent', in => "correct horse battery\n");
my $ada = $server->login('ada', 'correct horse battery');
my $scout = $server->client->token('scout', 'correct horse battery');

sub made { my ($path, %fields) = @_; my ($r, $doc) = $ada->api(POST => "/$path", \%fields); is($r->{status}, 201, "$path: made") or diag $r->{content}; return $doc->{data}{id} }
sub of_contact { return [map { [$_->{organization_name}, @$_{qw(role from_on to_on)}] } @{$ada->api(GET => "/contacts/$_[0]")->{data}{affiliations}}] }
sub page { return $ada->get("/contacts/$_[0]")->{content} }
sub people { return join ' ', map { $_->{name} } @{$ada->api(GET => "/contacts?organization_id=$_[0]")->{data}} }
sub counted { my ($id) = @_; return (map { $_->{people} } grep { $_->{id} == $id } @{$ada->api(GET => '/organizations')->{data}})[0] }
sub refused { my ($fields, $field, $why, $name) = @_; my ($r, $doc) = $ada->api(POST => '/affiliations', $fields); return is_deeply([$r->{status}, map { $_->{field} } @{$doc->{errors}}], [422, split / /, $field], $name) && like($doc->{errors}[0]{message}, $why, 'and why') }

my ($alpine, $birch, $cedar) = map { made('organizations', name => $_) } qw(Alpine Birch Cedar);
my $maria = made('contacts', name => 'Maria Keller', title => 'CIO', organization_id => $alpine);
my $paul = made('contacts', name => 'Paul Ott', organization_id => $birch);

# ---- the page
like(page($maria), qr{<h2>Also at</h2>.*No other organization.*<form method="post" action="/affiliations"[^>]*>.*name="contact_id" value="$maria".*name="organization_id"}s, 'a contact\'s page asks where else they belong');
my $r = $ada->post('/affiliations', {contact_id => $maria, organization_id => 'Birch', role => 'Board member', from_on => '2024-01-01', to_on => '', next => "/contacts/$maria"});
is("$r->{status} $r->{headers}{location}", "303 /contacts/$maria", 'a name is enough, and the answer is the page again');
my $id = $db->value('SELECT max(id) FROM affiliations');
my $page = page($maria);
like($page, qr{Affiliation created.*action="/affiliations/$id/delete"[^>]*data-act="undo"}s, 'with its undo');
like($page, qr{<a href="/organizations/$birch">Birch</a>.*Board member from 1 Jan 2024<.*href="/affiliations/$id/edit".*action="/affiliations/$id/end".*action="/affiliations/$id/delete"}s, 'and what can be done with it');
like($ada->get("/affiliations/$id")->{content}, qr{<h1>Maria Keller at Birch</h1>.*<dt>Role</dt><dd>Board member.*<h2>History</h2>}s, 'it has a page of its own');

# ---- the organization's page, its people, the list
like($ada->get("/organizations/$birch")->{content}, qr{<h2>People</h2>.*Paul Ott.*Maria Keller</a> <span class="muted">Board member}s, 'the organization shows who belongs there');
is(people($birch), 'Maria Keller Paul Ott', 'the list of its people has both');
is(people($alpine), 'Maria Keller', 'and the other\'s still has her');
is(counted($birch), 2, 'both are counted');
is_deeply([map { [@$_{qw(id is_beside role)}] } @{$ada->api(GET => "/organizations/$birch")->{data}{people}}], [[$paul, JSON::PP::false, undef], [$maria, JSON::PP::true, 'Board member']], 'the API says how');
like($ada->get("/search?q=is:contact+org:birch")->{content}, qr/Maria Keller/, 'search by organization finds her');

# ---- bad input
$db->same_after(sub {
	refused({}, 'contact_id organization_id', qr/is required/, 'who and where are required');
	refused({contact_id => $maria, organization_id => 4711}, 'organization_id', qr/./, 'an organization that there is');
	refused({contact_id => $maria, organization_id => $cedar, from_on => '2025-02-01', to_on => '2025-01-31'}, 'to_on', qr/before the first day/, 'no end before the beginning');
	refused({contact_id => $maria, organization_id => $cedar, from_on => '2025-02-30'}, 'from_on', qr/./, 'days that there are');
	refused({contact_id => $maria, organization_id => $alpine}, 'organization_id', qr/where they work now/, 'not the present organization');
	refused({contact_id => $maria, organization_id => $birch, role => 'Twice'}, 'organization_id', qr/already/, 'not twice at once');
	my $form = $ada->post('/affiliations', {contact_id => $maria, organization_id => $alpine, role => '<b>Boss</b>'});
	is($form->{status}, 422, 'the form comes back');
	like($form->{content}, qr{Organization is where they work now.*&lt;b&gt;Boss}s, 'with what was typed and what is wrong');
	is(($ada->api(PATCH => "/affiliations/$id", {to_on => '2023-12-31'}))[0]{status}, 422, 'nor is it ended before it began');
	is($ada->post("/affiliations/$id/end", {to_on => '2023-12-31'})->{status}, 422, 'by the button either');
	is(($ada->api(PATCH => "/affiliations/$id", {role => 'x'}, headers => {'If-Match' => '"7"'}))[0]{status}, 412, 'what changed meanwhile is not overwritten');
}, 'none of it changes anything');
is(scalar @{[made('affiliations', contact_id => $paul, organization_id => $birch, role => 'Analyst', from_on => '2010-01-01', to_on => '2012-12-31')]}, 1, 'an earlier time at the present organization can be said');
is(people($birch), 'Maria Keller Paul Ott', 'and makes nobody two');
is(counted($birch), 2, 'nor is anybody counted twice');

# ---- ended, edited, taken back
is($ada->post("/affiliations/$id/end", {next => "/contacts/$maria"})->{headers}{location}, "/contacts/$maria", 'it is ended');
$page = page($maria);
like($page, qr{from 1 Jan 2024 until 4 Mar 2026<}, 'today');
my ($undo) = $page =~ m{action="(/affiliations/$id/revert/\d+)"};
ok($undo, 'which can be taken back') or diag $page;
$ada->post($undo, {next => "/contacts/$maria"});
is_deeply(of_contact($maria), [['Birch', 'Board member', '2024-01-01', undef]], 'and is');
is(($ada->api(POST => "/affiliations/$id/end", {to_on => '2025-12-31', role => 'ignored'}))[0]{status}, 200, 'the API ends it by any day');
is_deeply(of_contact($maria), [['Birch', 'Board member', '2024-01-01', '2025-12-31']], 'and nothing else');
is(people($birch), 'Paul Ott', 'she is not among the people any more');
is(counted($birch), 1, 'nor counted');
like($ada->get("/organizations/$birch")->{content}, qr{Maria Keller</a> <span class="muted">Board member until 31 Dec 2025}, 'but the page still says so');
like(page($maria), qr{Birch</a> <span class="tag">ended</span>}, 'as does hers');
is($ada->post("/affiliations/$id", {contact_id => $maria, organization_id => $birch, role => 'Adviser', from_on => '2024-01-01', to_on => ''})->{headers}{location}, "/contacts/$maria", 'the form edits');
is_deeply(of_contact($maria), [['Birch', 'Adviser', '2024-01-01', undef]], 'all of it');
is($ada->api(GET => "/affiliations?contact_id=$maria")->{data}[0]{role}, 'Adviser', 'the API lists it by contact');
is(scalar @{$ada->api(GET => "/affiliations?organization_id=$cedar")->{data}}, 0, 'and by organization');

# ---- the investor of a second firm
my $investor = made('investors', organization_id => $birch);
is($ada->api(GET => "/contacts/$maria")->{data}{investor}{id}, $investor, 'a contact of an investor\'s is one by affiliation too');

# ---- the log
is($db->value("SELECT group_concat(action, ' ') FROM (SELECT action FROM audit WHERE resource = 'affiliations' AND resource_id = $id ORDER BY id)"), 'create update update update update', 'the log has every step');
like($ada->get("/audit?resource=affiliations&id=$id")->{content}, qr/Maria Keller at Birch.*Last day.*31 Dec 2025/s, 'for people to read');

# ---- removed, and back
is($ada->post("/affiliations/$id/delete", {})->{headers}{location}, "/contacts/$maria", 'it is removed');
is_deeply(of_contact($maria), [], 'and gone');
like($ada->get('/trash')->{content}, qr{Maria Keller at Birch.*action="/affiliations/$id/restore"}s, 'into the trash');
is($ada->post("/affiliations/$id/restore", {})->{headers}{location}, "/contacts/$maria", 'from where it returns');
$ada->api(DELETE => "/contacts/$maria");
is(($ada->api(GET => "/affiliations/$id"))[0]{status}, 404, 'it leaves with the contact');
unlike($ada->get('/trash')->{content}, qr{/affiliations/$id/restore}, 'in the trash the contact stands for both');
is(($ada->api(POST => "/affiliations/$id/restore", {}))[0]{status}, 409, 'nor does it return alone');
is(people($birch), 'Paul Ott', 'she is nobody\'s');
$ada->api(POST => "/contacts/$maria/restore", {});
$ada->api(DELETE => "/organizations/$birch");
is_deeply(of_contact($maria), [], 'so it leaves with the organization');
$ada->api(POST => "/organizations/$birch/restore", {});
is_deeply(of_contact($maria), [['Birch', 'Adviser', '2024-01-01', undef]], 'and returns with it');

# ---- a call with her belongs to both, as of that day
my %call = (kind => 'call', subject => 'A call', contact_ids => [$maria]);
is_deeply($ada->api(GET => '/communications/' . made('communications', %call, occurred_at => '2025-06-01T10:00:00Z'))->{data}{organizations}, [{id => $alpine, name => 'Alpine', url => "/organizations/$alpine"}, {id => $birch, name => 'Birch', url => "/organizations/$birch"}], 'a call stands on both firms');
is_deeply([map { $_->{id} } @{$ada->api(GET => '/communications/' . made('communications', %call, occurred_at => '2023-06-01T10:00:00Z'))->{data}{organizations}}], [$alpine], 'one of before only on the one');

# ---- an agent
my ($ar, $doc) = $scout->api(POST => '/affiliations', {contact_id => $paul, organization_id => $cedar, role => 'Trustee'});
is($ar->{status}, 202, 'what an agent writes waits');
my $p = $db->row("SELECT * FROM proposals WHERE id = $doc->{data}{proposal_id}");
is("$p->{title} $p->{contact_id} $p->{organization_id}", "New affiliation Paul Ott $paul $cedar", 'under contact and organization');
like($ada->get("/review/$p->{id}")->{content}, qr/Paul Ott.*Cedar.*Trustee/s, 'the card says what it would be');
is(($ada->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}}))[0]{status}, 200, 'a person countersigns it');
is_deeply(of_contact($paul)->[0], ['Cedar', 'Trustee', undef, undef], 'and there it is');
is($db->value("SELECT source || proposal_id FROM affiliations WHERE organization_id = $cedar"), "agent$p->{id}", 'from whom it came');
is(($scout->api(PATCH => "/affiliations/$id", {role => 'King'}))[0]{status}, 202, 'so does a change');
is(($scout->api(DELETE => "/affiliations/$id"))[0]{status}, 403, 'an agent removes none');

# ---- merged, and parted
sub version { return $ada->api(GET => $_[0])->{data}{version} }
sub merge {
	my ($what, $into, $from) = @_;
	my ($mr, $merged) = $ada->api(POST => "/$what/$into/merge", {from_id => $from, into_version => version("/$what/$into"), from_version => version("/$what/$from")});
	is($mr->{status}, 200, "$what are merged") or diag $mr->{content};
	return $merged->{data}{proposal_id};
}
sub part { is(($ada->api(POST => "/proposals/$_[0]/undo", {}))[0]{status}, 200, 'and two again'); return }
my $twin = made('contacts', name => 'M. Keller');
made('affiliations', contact_id => $twin, organization_id => $_->[0], role => $_->[1]) for [$birch, 'Council'], [$cedar, 'Founder'];
my @before = map { of_contact($_) } $maria, $twin;
my $merged = merge('contacts', $maria, $twin);
is_deeply(of_contact($maria), [['Birch', 'Adviser', '2024-01-01', undef], ['Cedar', 'Founder', undef, undef]], 'the one has what both had, each organization once');
part($merged);
is_deeply([map { of_contact($_) } $maria, $twin], \@before, 'each with their own');
$merged = merge('organizations', $cedar, $birch);
is_deeply([map { of_contact($_) } $maria, $twin], [[['Cedar', 'Adviser', '2024-01-01', undef]], [['Cedar', 'Founder', undef, undef]]], 'who belonged to either belongs to the one');
part($merged);
is_deeply([map { of_contact($_) } $maria, $twin], \@before, 'and to each again');

# ---- two records at two firms: the firm that is not chosen is not lost
my $other = made('contacts', name => 'Maria K.', organization_id => $cedar);
@before = map { of_contact($_) } $maria, $other;
like($ada->get("/contacts/$maria/merge?with=$other")->{content}, qr{name="organization_id" value="$cedar".*The other stays among the affiliations}s, 'the page says what becomes of the firm that is not chosen');
$merged = merge('contacts', $maria, $other);
is_deeply(of_contact($maria), [['Birch', 'Adviser', '2024-01-01', undef], ['Cedar', undef, undef, undef]], 'the other\'s firm is where they belong too');
like(people($cedar), qr/Maria Keller/, 'on its side as well');
part($merged);
is_deeply([map { of_contact($_) } $maria, $other], \@before, 'until the two are two again');
my ($cr, $chosen) = $ada->api(POST => "/contacts/$maria/merge", {from_id => $other, into_version => version("/contacts/$maria"), from_version => version("/contacts/$other"), organization_id => $cedar});
is($cr->{status}, 200, 'merged, with the other\'s firm') or diag $cr->{content};
is_deeply([$ada->api(GET => "/contacts/$maria")->{data}{organization_id}, of_contact($maria)], [$cedar, [['Alpine', undef, undef, undef], ['Birch', 'Adviser', '2024-01-01', undef]]], 'then it is the former one that stays beside it');
$ada->api(DELETE => '/affiliations/' . $db->value("SELECT id FROM affiliations WHERE organization_id = $alpine AND deleted_at IS NULL"));
part($chosen->{data}{proposal_id});
is_deeply([map { of_contact($_) } $maria, $other], \@before, 'what somebody deleted meanwhile stands in no undo\'s way');
my $third = made('contacts', name => 'Keller, Maria', organization_id => $birch);
$merged = merge('contacts', $maria, $third);
is_deeply(of_contact($maria), $before[0], 'a firm that stood there already stands there once');
part($merged);
$db->program([qw(countersign audit verify)], 'the audit chain holds');
$server->stop;
done_testing;
