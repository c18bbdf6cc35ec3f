# Merging two records: both sides are shown, what hangs on them moves, the old number leads on, the audit log keeps both,
# and for a day it can be taken back exactly.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Database;
use Countersign::Mail;
use Countersign::Server;

my $db = Countersign::Database->new;
$db->program([qw(countersign user add), $_, '--email', "$_\@fund.example", '--role', 'admin'], $_, in => "correct horse battery\n") for qw(ada grace);
$db->program([qw(countersign config set own_domains fund.example)], 'our domain');
my $box = maildir($db->dir . '/ada');
$db->program([qw(countersign mailbox add ada@fund.example --user ada --source maildir --path), $box], 'a mailbox');
my $server = Countersign::Server->start(db => $db);
my $ada = $server->login('ada', 'correct horse battery');
sub made { my ($what, %fields) = @_; return $ada->api(POST => "/$what", \%fields)->{data}{id} // die "$what" }
sub version { return $ada->api(GET => $_[0])->{data}{version} }

my $alpine = made('organizations', name => 'Alpine Pension Fund', domains => ['alpine.example'], address => 'Zurich');
my $twin = made('organizations', name => 'Alpine Pension Fund AG', domains => ['alpine-pk.example'], address => 'Geneva', website => 'https://alpine.example/', kind => 'pension');
my $maria = made('contacts', name => 'Maria Keller', emails => ['maria@alpine.example'], organization_id => $alpine, title => 'CIO', notes => 'Likes the mountains.');
my $second = made('contacts', name => 'Maria Keller', emails => ['maria.keller@alpine-pk.example', 'm@home.example'], phones => ['+41 44 555 01 20'],
	title => 'Head of Investments', notes => 'Reads on Sundays.', is_do_not_contact => \1);
my $paul = made('contacts', name => 'Paul Brand', organization_id => $twin);
my @investors = map { made('investors', organization_id => $_) } $alpine, $twin;
my $task = made('tasks', title => 'Call her', due_on => '2026-03-10', contact_id => $second);
my $pursued = made('tasks', title => 'Ask about the fund', due_on => '2026-03-11', investor_id => $investors[1]);
my %talk = (kind => 'call', user_ids => [1], subject => 'A call', occurred_at => '2026-03-01T10:00:00Z');
my @talks = (made('communications', %talk, contact_ids => [$maria]), made('communications', %talk, contact_ids => [$second]), made('communications', %talk, contact_ids => [$maria, $second]));
maildir($box, '1772500001.1' => mail(from => 'm@home.example', to => 'ada@fund.example', subject => 'From home', date => 'Tue, 03 Mar 2026 10:00:00 +0000'));
$db->program(['mail-sync'], 'mail, and the pairs');

# Everything that a person would see of them, without when and how often it was written.
sub picture {
	my @all;
	for my $path ("/contacts/$maria", "/contacts/$second", "/contacts/$paul", "/organizations/$alpine", "/organizations/$twin", "/tasks/$task", "/tasks/$pursued", map { "/investors/$_" } @investors) {
		my ($r, $doc) = $ada->api(GET => $path);
		delete @{$doc->{data}}{qw(version updated_at updated_by_name proposals has_proposals)} if $doc->{data};
		delete @{$_}{qw(version updated_at)} for @{$doc->{data}{tasks} // []};
		push @all, [$path, $r->{status}, $doc->{data}];
	}
	return \@all;
}
my $before = picture();
my $p = $db->row("SELECT * FROM proposals WHERE kind = 'merge' AND resource = 'contacts'");
my $card = $ada->api(GET => "/proposals/$p->{id}")->{data};

subtest 'the card shows both sides, every value to choose from' => sub {
	my %row = map { $_->{name} => $_ } @{$card->{merge}{rows}};
	is_deeply([map { $_->{text} } @{$row{title}{options}}], ['CIO', 'Head of Investments'], 'two titles');
	is($row{emails}{value}, "maria\@alpine.example\nmaria.keller\@alpine-pk.example\nm\@home.example", 'all addresses');
	is($row{notes}{value}, "Likes the mountains.\n\nReads on Sundays.", 'both notes');
	like($ada->get("/review/$p->{id}")->{content}, qr{type="radio" name="title" value="Head of Investments" form="approve-$p->{id}".*<button[^>]*>.*Merge}s, 'in the form of the decision');
	like($ada->get("/review?selected=$p->{id}")->{content}, qr{<table class="merge">}, 'in the queue too');
};

subtest 'who may not, and what is stale' => sub {
	my $token = $server->client->token('grace', 'correct horse battery');
	$db->same_after(sub {
		is(($token->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}}))[0]{status}, 403, 'a token does not merge');
		is(($token->api(POST => "/contacts/$maria/merge", {from_id => $second, into_version => 1, from_version => 1}))[0]{status}, 403, 'nor by hand');
		is(($ada->api(POST => "/contacts/$maria/merge", {from_id => $second, into_version => 1, from_version => 7}))[0]{status}, 409, 'what changed is looked at again');
		is(($ada->api(POST => "/contacts/$maria/merge", {from_id => $maria, into_version => 1, from_version => 1}))[0]{status}, 422, 'nobody is merged into himself');
		is(($ada->api(POST => "/contacts/$maria/merge", {from_id => 4711, into_version => 1, from_version => 1}))[0]{status}, 422, 'nor nobody');
		is(($ada->api(POST => "/contacts/$maria/merge", {from_id => $second}))[0]{status}, 422, 'nor what was not looked at');
	}, 'none of it changes anything');
};

my ($merged, $doc) = $ada->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}, change => {title => 'Head of Investments'}});
is($merged->{status}, 200, 'merged') or diag $merged->{content};
is_deeply([@{$doc->{data}}{qw(state result_id)}], ['edited', $maria], 'with a choice');

subtest 'what hung on the one hangs on the other' => sub {
	my $now = $ada->api(GET => "/contacts/$maria")->{data};
	is_deeply([@$now{qw(title emails phones is_do_not_contact)}], ['Head of Investments', ['maria@alpine.example', 'maria.keller@alpine-pk.example', 'm@home.example'], ['+41 44 555 01 20'], JSON::PP::true],
		'values: as chosen, both lists, and a warning of either');
	is($ada->api(GET => "/tasks/$task")->{data}{contact_id}, $maria, 'tasks');
	is($now->{communications}, 3, 'communications, each once');
	is_deeply([map { $_->{id} } @{$ada->api(GET => "/communications/$talks[2]")->{data}{contacts}}], [$maria], 'also where both took part');
	is($now->{threads}[0]{subject}, 'From home', 'threads');
	is($now->{known_by}[0]{communications}, 3, 'acquaintances');
	is(($ada->api(GET => "/search?q=m\@home.example"))[0]{status}, 200, 'search');
};

subtest 'the old number leads on' => sub {
	my $r = $ada->get("/contacts/$second");
	is("$r->{status} $r->{headers}{location}", "303 /contacts/$maria", 'page');
	($r) = $ada->api(GET => "/contacts/$second");
	is("$r->{status} $r->{headers}{location}", "303 /api/contacts/$maria", 'API');
	my $new = made('tasks', title => 'By the old number', due_on => '2026-03-12', contact_id => $second);
	is($ada->api(GET => "/tasks/$new")->{data}{contact_id}, $maria, 'where a record is named, too');
	$ada->api(DELETE => "/tasks/$new");
	is(($ada->api(POST => "/contacts/$second/restore", {}))[0]{status}, 409, 'the trash is no way back');
	is(($ada->api(PATCH => "/contacts/$second", {title => 'x'}))[0]{status}, 404, 'nothing is written on it');
};

subtest 'the audit log keeps both sides' => sub {
	my $stays = $db->value("SELECT changes_json FROM audit WHERE action = 'merge' AND resource = 'contacts' AND resource_id = $maria");
	like($stays, qr/"title":\["CIO","Head of Investments"\]/, 'what both said');
	like($db->value("SELECT changes_json FROM audit WHERE action = 'merge' AND resource_id = $second"), qr/"notes":\["Reads on Sundays.",null\]/, 'and all of the one that went');
	like($ada->get("/audit?resource=contacts&id=$second")->{content}, qr/merged/, 'on the page');
};

subtest 'regression 46: no loop' => sub {
	is(($ada->api(POST => "/contacts/$second/merge", {from_id => $maria, into_version => 1, from_version => version("/contacts/$maria")}))[0]{status}, 404, 'what went cannot take in what stayed');
	is(($ada->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}}))[0]{status}, 409, 'nor is it merged twice');
};

# ---- firms, with an investor each
my $q = $db->row("SELECT * FROM proposals WHERE kind = 'merge' AND resource = 'organizations'");
is(($ada->post("/review/$q->{id}/approve", {sha256 => $q->{sha256}, edited => 1, kind => 'pension', address => "Zurich\n\nGeneva"}))->{status}, 303, 'firms are merged by the page');
subtest 'firms' => sub {
	my $now = $ada->api(GET => "/organizations/$alpine")->{data};
	is_deeply([@$now{qw(kind address domains)}], ['pension', "Zurich\n\nGeneva", ['alpine.example', 'alpine-pk.example']], 'values');
	is($now->{investor}{id}, $investors[0], 'one investor');
	is($ada->api(GET => "/contacts/$paul")->{data}{organization_id}, $alpine, 'people');
	is($ada->get("/investors/$investors[1]")->{headers}{location}, "/investors/$investors[0]", 'to whom the other number leads');
	is($ada->api(GET => "/tasks/$pursued")->{data}{investor_id}, $investors[0], 'with its tasks');
};

# ---- back
my $grace = $server->login('grace', 'correct horse battery');
is(($grace->api(POST => "/proposals/$q->{id}/undo", {}))[0]{status}, 200, 'the firms are two again');
is(($grace->api(POST => "/proposals/$p->{id}/undo", {}))[0]{status}, 200, 'and the people');
is_deeply(picture(), $before, 'exactly as they were');
is($db->value('SELECT count(*) FROM merges WHERE undone_at IS NULL'), 0, 'nothing leads anywhere');
$db->program(['mail-sync'], 'cron looks at them again');

# ---- by hand, from the record's page
subtest 'merge with …' => sub {
	my $page = $ada->get("/contacts/$maria");
	like($page->{content}, qr{href="/contacts/$maria/merge"}, 'the page offers it');
	like($ada->get("/contacts/$maria/merge")->{content}, qr{href="/contacts/$maria/merge\?with=$second"}, 'with whom it looks like');
	like($ada->get("/contacts/$maria/merge?q=kell")->{content}, qr{with=$second}, 'or who is found');
	is($ada->get("/contacts/$maria/merge?with=4711")->{status}, 404, 'not with nobody');
	my $form = $ada->get("/contacts/$maria/merge?with=$second")->{content};
	my %field = $form =~ /name="(from_id|into_version|from_version)" value="(\d+)"/g;
	my $r = $ada->post("/contacts/$maria/merge", {%field, title => 'CIO', emails => "m\@home.example"});
	like($r->{headers}{location}, qr{^/review/\d+$}, 'and leads to where it can be undone') or diag $r->{content};
	is_deeply($ada->api(GET => "/contacts/$maria")->{data}{emails}, ['m@home.example'], 'an address can be left out');
	my $card = $ada->get($r->{headers}{location})->{content};
	like($card, qr{maria\@(?:<wbr>)?alpine\.example}, 'the card shows both as they were');
	my ($undo) = $card =~ m{action="(/proposals/\d+/undo)"};
	is($ada->post($undo, {})->{status}, 303, 'undone');
	is_deeply(picture(), $before, 'exactly as before');
};

subtest 'what changed since is not undone' => sub {
	my ($r, $done) = $ada->api(POST => "/contacts/$maria/merge", {from_id => $second, into_version => version("/contacts/$maria"), from_version => version("/contacts/$second")});
	is($r->{status}, 200, 'merged once more') or diag $r->{content};
	$ada->api(PATCH => "/contacts/$maria", {title => 'Since then'});
	$db->same_after(sub {
		is(($ada->api(POST => "/proposals/$done->{data}{proposal_id}/undo", {}))[0]{status}, 409, 'what somebody did since stays');
	}, 'and nothing changes');
};
$db->program([qw(countersign audit verify)], 'the audit chain holds');
$server->stop;
done_testing;
