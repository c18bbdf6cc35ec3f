# Funds and the ledger: what is held follows from the entries, on any day; entries are added or deleted, never changed; the
# raise stands on the first page; deleted rows do not count (regressions 11-14).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'empty', env => {COUNTERSIGN_NOW => '2026-03-04T09:00:00Z'});
my $db = $server->db;
$db->program([qw(countersign user add ada --email ada@fund.example --role admin)], 'a user', in => "correct horse battery\n");
my $ada = $server->login('ada', 'correct horse battery');
my $m = 100_000_000; # a million, in hundredths

sub made { my ($path, $in) = @_; my ($r, $doc) = $ada->api(POST => $path, $in); is($r->{status}, 201, "$path is made") or diag($r->{content}); return $doc->{data}{id} }
sub refused {
	my ($path, $in, $field, $like, $name) = @_;
	my ($r, $doc) = $ada->api(POST => $path, $in);
	is($r->{status}, 422, $name);
	is($doc->{errors}[0]{field}, $field, '… at its field');
	like($doc->{errors}[0]{message}, $like, '… and why');
}
sub held { my ($fund, $query) = @_; return $ada->api(GET => "/funds/$fund" . ($query // ''))->{data} }
sub sums { my ($row) = @_; return join ' ', map { $row->{$_} / $m } qw(soft_circled committed called paid) }

# ---- nothing yet
like($ada->get('/commitments')->{content}, qr/The ledger is empty/, 'an empty ledger says what belongs there');
like($ada->get('/funds')->{content}, qr/No funds yet/, 'so do funds');
is_deeply($ada->api(GET => '/home')->{data}{raises}, [], 'no raise on the first page');

# ---- funds
refused('/funds', {name => ''}, 'name', qr/required/, 'a fund has a name');
refused('/funds', {name => 'X', target => 'lots'}, 'target', qr/not an amount/, 'an amount is one');
refused('/funds', {name => 'X', target => -5}, 'target', qr/more than 0/, 'and more than nothing');
refused('/funds', {name => 'X', target => 1.5}, 'target', qr/whole number of hundredths/, 'in hundredths');
refused('/funds', {name => 'X', target => 10 * $m, hard_cap => 9 * $m}, 'hard_cap', qr/below the target/, 'the cap is above the target');
refused('/funds', {name => 'X', first_close_on => '2026-02-01', final_close_on => '2026-01-01'}, 'final_close_on', qr/before/, 'the final close is the last');
refused('/funds', {name => 'X', vintage => 26}, 'vintage', qr/year/, 'a vintage is a year');
refused('/funds', {name => 'X', currency => 'QQQ'}, 'currency', qr/choices/, 'a currency is one');
my $r = $ada->post('/funds', {name => 'Fund II', stage => 'raising', currency => 'EUR', target => '100m', hard_cap => '120,000,000.00'});
is($r->{status}, 303, 'the form makes a fund');
my ($fund) = $r->{headers}{location} =~ m{/funds/(\d+)};
is(held($fund)->{target}, 100 * $m, 'with its target as people type it');
is(($ada->api(POST => '/funds', {name => 'fund ii'}))[0]{status}, 409, 'a second of that name is refused');

# ---- the ledger
my $firm = made('/organizations', {name => 'Alpine Pension'});
my $alpine = made('/investors', {organization_id => $firm});
my $birch = made('/investors', {organization_id => made('/organizations', {name => 'Birch Trust'})});
sub entry { my ($who, $kind, $millions, $day, %more) = @_; return {investor_id => $who, fund_id => $fund, kind => $kind, amount => $millions * $m, occurred_on => $day, %more} }
refused('/commitments', {fund_id => $fund, kind => 'paid', amount => 5, occurred_on => '2026-01-01'}, 'investor_id', qr/required/, 'somebody promises');
refused('/commitments', {%{entry($alpine, 'soft_circled', 5, '2026-01-01')}, fund_id => 99}, 'fund_id', qr/does not exist/, 'to a fund that there is');
refused('/commitments', {%{entry($alpine, 'x', 5, '2026-01-01')}}, 'kind', qr/choices/, 'in one of the ways');
refused('/commitments', entry($alpine, 'soft_circled', 5, '2026-03-05'), 'occurred_on', qr/still to come/, 'what is still to come has not happened');
my %made;
$made{soft} = made('/commitments', entry($alpine, 'soft_circled', 5, '2026-01-10', evidence => 'On the telephone'));
is(sums(held($fund)), '5 0 0 0', 'a word is soft-circled');
$made{committed} = made('/commitments', entry($alpine, 'committed', 3, '2026-01-20', closing => 1));
is(sums(held($fund)), '2 3 0 0', 'a signature firms it');
refused('/commitments', entry($alpine, 'called', 4, '2026-01-25'), 'amount', qr/committed and not called yet: 3,000,000 at most/, 'no more is called than is committed');
refused('/commitments', entry($alpine, 'called', 1, '2026-01-15'), 'amount', qr/: 0 at most/, 'nor before it was');
$made{called} = made('/commitments', entry($alpine, 'called', 1, '2026-02-01'));
refused('/commitments', entry($alpine, 'paid', 2, '2026-02-05'), 'amount', qr/called and not paid yet: 1,000,000 at most/, 'no more is paid than is called');
$made{paid} = made('/commitments', entry($alpine, 'paid', 1, '2026-02-05'));
refused('/commitments', entry($alpine, 'released', 5, '2026-02-10'), 'amount', qr/: 4,000,000 at most/, 'what is called is not released');
$made{released} = made('/commitments', entry($alpine, 'released', 3, '2026-02-10'));
is(sums(held($fund)), '0 2 1 1', 'what is released comes off the soft circle first, then off the commitment');
made('/commitments', entry($alpine, 'soft_circled', 4, '2026-02-20'));
is(sums(held($fund)), '4 2 1 1', 'a new word stands beside what is committed');
made('/commitments', entry($birch, 'committed', 7, '2026-02-01'));
is(sums(held($fund)), '4 9 1 1', 'the fund is the sum of its investors');
is(held($fund)->{percent}, 9, 'against its target');

# ---- any day
is(sums(held($fund, '?as_of=2026-01-31')), '2 3 0 0', 'as of a day');
is(sums(held($fund, '?as_of=2026-01-09')), '0 0 0 0', 'and before the first');
is(held($fund, '?as_of=2026-01-31')->{positions}[0]{name}, 'Alpine Pension', 'with who held it');
is(held($fund, '?as_of=2026-03-04')->{as_of}, undef, 'today is today');
is(($ada->api(GET => "/funds/$fund?as_of=yesterday"))[0]{status}, 400, 'what is no day is refused');
for my $query ('', '?as_of=2026-02-06') {
	my $data = held($fund, $query);
	for my $of (qw(soft_circled committed called paid)) {
		my $sum = 0;
		$sum += $_->{$of} for @{$data->{positions}};
		is($sum, $data->{$of}, "$of is the sum of its rows");
	}
}
is(sums(held($fund, '?as_of=2026-03-03')), sums(held($fund)), 'what triggers keep is what the ledger says');

# ---- never changed
is(($ada->api(PATCH => "/commitments/$made{soft}", {amount => 1}))[0]{status}, 405, 'an entry has no way to be changed');
my ($in, $doc) = $ada->api(DELETE => "/commitments/$made{committed}");
is($in->{status}, 409, 'what others build on is not deleted');
like($doc->{detail}, qr/would not add up at the entry of 1 Feb 2026: called 1,000,000/, 'and says which');
is($db->value("SELECT count(*) FROM commitments_live WHERE id = $made{committed}"), 1, 'it is still there');
is(($ada->api(DELETE => "/commitments/$made{paid}"))[0]{status}, 204, 'what nothing builds on can be');
is(sums(held($fund)), '4 9 1 0', 'it does not count any more');
is(($ada->api(GET => "/commitments/$made{paid}"))[0]{status}, 404, 'nor is it there');
like($ada->get('/trash?kind=commitments')->{content}, qr/Alpine Pension, Fund II/, 'but in the trash');
is($ada->post("/commitments/$made{paid}/restore")->{status}, 303, 'from where it comes back');
is(sums(held($fund)), '4 9 1 1', 'and counts again');

# ---- pages
my $page = $ada->get("/funds/$fund")->{content};
like($page, qr/aria-label="Fund II: committed 9,000,000 of a target of 100,000,000, of it called 1,000,000 and paid 1,000,000; soft-circled 4,000,000 more, in EUR"/, 'the bar is said in words');
like($page, qr{<rect class="committed" width="75".*<rect class="called" width="8".*<rect class="soft-circled" x="75" width="33"}s, 'and drawn against the hard cap');
my $home = $ada->get('/')->{content};
like($home, qr{<a href="/funds/$fund">Fund II</a>.*9\xe2\x80\xaf000\xe2\x80\xaf000</a> <span class="muted">9 %</span>}s, 'the first page has the raise at a glance');
like($home, qr{/commitments\?fund_id=$fund&amp;kind=called">1\xe2\x80\xaf000\xe2\x80\xaf000<}, 'whose numbers lead to their rows');
is(scalar @{$ada->api(GET => "/commitments?fund_id=$fund&kind=called")->{data}}, 1, 'of which there are as many');
like($ada->get("/investors/$alpine")->{content}, qr{Commitments.*Fund II.*4\xe2\x80\xaf000\xe2\x80\xaf000.*2\xe2\x80\xaf000\xe2\x80\xaf000}s, "an investor's page has what they hold");
for my $url ("/investors/$alpine", "/organizations/$firm", "/organizations/$firm?show=commitments") {
	like($ada->get($url)->{content}, qr{href="/commitments/$made{soft}">Soft-circled 5,000,000 EUR to Fund II</a>.*On the telephone}s, "$url has it on its timeline");
}
unlike($ada->get("/organizations/$firm?show=tasks")->{content}, qr/Soft-circled/, 'where it is not asked for it is not');
like($ada->get("/commitments/new?investor_id=$alpine&fund_id=$fund")->{content}, qr/value="2026-03-04"/, 'the form begins with today');
$r = $ada->post('/commitments', {investor_id => $alpine, fund_id => $fund, kind => 'called', amount => '2m', occurred_on => '2026-03-04'});
is($r->{status}, 422, 'the form refuses what does not add up');
like($r->{content}, qr/value="2m".*is more than is committed and not called yet: 1,000,000 at most/s, 'with what was typed, and why');
my $all = $ada->api(GET => '/commitments?limit=3');
my $next = $ada->api(GET => "/commitments?limit=3&after=$all->{meta}{next}");
is(join(' ', map { $_->{occurred_on} } @{$all->{data}}, @{$next->{data}}), '2026-02-20 2026-02-10 2026-02-05 2026-02-01 2026-02-01 2026-01-20', 'the latest first, page by page');
is(scalar @{$ada->api(GET => '/commitments?q=birch')->{data}}, 1, "found by the investor's name");

# ---- deleted and merged
is(($ada->api(PATCH => "/funds/$fund", {currency => 'USD'}))[0]{status}, 422, 'amounts of one currency do not become those of another');
is(($ada->api(DELETE => "/investors/$birch"))[0]{status}, 204, 'an investor is deleted');
is(sums(held($fund)), '4 2 1 1', 'and does not count');
is($ada->post("/investors/$birch/restore")->{status}, 303, 'and comes back');
is(sums(held($fund)), '4 9 1 1', 'with what they hold');
is(($ada->api(DELETE => "/funds/$fund"))[0]{status}, 204, 'a fund is deleted');
is_deeply($ada->api(GET => '/commitments')->{data}, [], 'with its ledger');
($in, $doc) = $ada->api(POST => "/commitments/$made{paid}/restore");
is($in->{status}, 409, 'of which nothing comes back alone') or diag($in->{content});
is($ada->post("/funds/$fund/restore")->{status}, 303, 'it comes back');
is(sums(held($fund)), '4 9 1 1', 'with all of it');

# ---- two that are one: what both hold is held by the one that stays, until that is taken back
my $other = made('/organizations', {name => 'Alpine Pension Fund'});
my $twin = made('/investors', {organization_id => $other});
made('/commitments', entry($twin, 'committed', 5, '2026-02-15'));
my $both = sums(held($fund));
($in, $doc) = $ada->api(POST => "/organizations/$firm/merge", {from_id => $other, into_version => 1, from_version => 1});
is($in->{status}, 200, 'two firms are merged') or diag($in->{content});
is(sums(held($fund)), $both, 'the fund has what it had');
is(sums($ada->api(GET => "/investors/$alpine")->{data}{positions}[0]), '4 7 1 1', 'one investor holds it');
is($ada->post("/proposals/" . $db->value('SELECT max(id) FROM proposals') . '/undo', {})->{status}, 303, 'taken back');
is(sums($ada->api(GET => "/investors/$alpine")->{data}{positions}[0]), '4 2 1 1', 'each has their own again');
is(sums($ada->api(GET => "/investors/$twin")->{data}{positions}[0]), '0 5 0 0', 'the other, too');
# A word of one, firmed by the other, would be released by the first a second time.
made('/commitments', entry($twin, 'called', 5, '2026-02-16'));
my $third = made('/organizations', {name => 'Alpine Pension AG'});
my $word = made('/investors', {organization_id => $third});
made('/commitments', entry($word, 'soft_circled', 5, '2026-02-01'));
made('/commitments', entry($word, 'released', 5, '2026-02-20'));
($in, $doc) = $ada->api(POST => "/organizations/$other/merge", {from_id => $third, into_version => $ada->api(GET => "/organizations/$other")->{data}{version}, from_version => 1});
is($in->{status}, 409, 'two ledgers that do not add up to one are not made one');
like($doc->{detail}, qr/would not add up at the entry of 20 Feb 2026: released 5,000,000/, 'and it says where');
is($ada->api(GET => "/investors/$word")->{data}{organization_id}, $third, 'nothing is merged');
is(($ada->api(DELETE => "/investors/$_"))[0]{status}, 204, 'they go') for $twin, $word;

# ---- agents propose
$db->program([qw(countersign user add scout --role agent --email scout@fund.example)], 'an agent', in => "a long enough password\n");
my $scout = $server->client->token('scout', 'a long enough password');
($in, $doc) = $scout->api(POST => '/commitments', entry($birch, 'called', 2, '2026-03-01'));
is($in->{status}, 202, "an agent's entry waits");
my $card = $ada->api(GET => "/proposals/$doc->{data}{proposal_id}")->{data};
is($card->{title}, 'New ledger entry Birch Trust', 'under its name');
is((grep { $_->{name} eq 'amount' } @{$card->{fields}})[0]{new}, '2,000,000', 'with the amount as people write it');
is(sums(held($fund)), '4 9 1 1', 'and counts nothing');
($in) = $ada->api(POST => "/proposals/$card->{id}/approve", {sha256 => $card->{sha256}});
is($in->{status}, 200, 'until it is countersigned');
is(sums(held($fund)), '4 9 3 1', 'then it does');

# ---- what the log says
is($db->value("SELECT count(*) FROM audit WHERE resource = 'commitments' AND action = 'create'"), 12, 'every entry is in the audit log');
like($ada->get("/audit?resource=commitments&id=$made{soft}")->{content}, qr/Soft-circled.*5,000,000/s, 'as people say it');
$server->stop;
done_testing;
