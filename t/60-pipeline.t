# The pipeline: an investor is once on the way to a fund, moves by a person's hand and keeps each move; the sums are those of
# the rows; what leaves returns (regressions 11 to 17, 48, 50).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'empty', env => {COUNTERSIGN_NOW => '2026-03-04T09:00:00Z'});
my $db = $server->db;
my $in = "correct horse battery\n";
$db->program([qw(countersign user add ada --name Ada --email ada@fund.example --role admin)], 'ada', in => $in);
$db->program([qw(countersign user add grace --name Grace --email grace@fund.example)], 'grace', in => $in);
$db->program([qw(countersign user add scout --name Scout --email scout@fund.example --role agent)], 'an agent', in => $in);
my $ada = $server->login('ada', 'correct horse battery');
my $scout = $server->client->token('scout', 'correct horse battery');
sub made { my ($path, $fields) = @_; my ($r, $doc) = $ada->api(POST => $path, $fields); is($r->{status}, 201, "made: $path"); return $doc->{data}{id} }
sub live { return $ada->api(GET => "/opportunities/$_[0]")->{data} }
sub status { my ($r) = $ada->api(@_); return $r->{status} }

my ($fund, $dollars) = (made('/funds', {name => 'Fund II', stage => 'raising', currency => 'EUR'}), made('/funds', {name => 'Fund D', currency => 'USD'}));
my %firm = map { $_ => made('/organizations', {name => $_}) } qw(Alpine Birch Cedar);
my %investor = map { $_ => made('/investors', {organization_id => $firm{$_}}) } sort keys %firm;

# ---- one for each investor and fund
my $alpine = made('/opportunities', {investor_id => $investor{Alpine}, fund_id => $fund, amount => 500_000_000, owner_id => 2, next_step => 'Call Maria'});
is(live($alpine)->{stage}, 'lead', 'who says no stage begins with the first');
is(live($alpine)->{chance}, 10, 'with its chance');
is(live($alpine)->{weighted}, 50_000_000, 'and weighs what that says');
is(status(POST => "/opportunities/$alpine/move", {stage => 'diligence'}), 200, 'it moves');
subtest 'regression 48: an opportunity that is there is not made again, and keeps its stage' => sub {
	my ($r, $doc) = $ada->api(POST => '/opportunities', {investor_id => $investor{Alpine}, fund_id => $fund, stage => 'lead', amount => 1});
	is($r->{status}, 200, 'by the API: the one there is');
	is("$doc->{data}{id} $doc->{data}{stage} $doc->{data}{amount}", "$alpine diligence 500000000", 'as it was');
	$r = $ada->post('/opportunities', {investor_id => $investor{Alpine}, fund_id => $fund, stage => 'lead'});
	is("$r->{status} $r->{headers}{location}", "303 /opportunities/$alpine", 'by the page: its own');
	like($ada->get($r->{headers}{location})->{content}, qr/in this pipeline already/, 'which says so');
	($r, $doc) = $scout->api(POST => '/opportunities', {investor_id => $investor{Alpine}, fund_id => $fund});
	is("$r->{status} $doc->{data}{id}", "200 $alpine", 'nor does an agent propose it');
	is($db->value('SELECT count(*) FROM opportunities'), 1, 'there is one');
	is(live($alpine)->{stage}, 'diligence', 'where it was');
	my $other = made('/opportunities', {investor_id => $investor{Alpine}, fund_id => $dollars});
	is(status(PATCH => "/opportunities/$other", {fund_id => $fund}), 409, 'nor does another come to stand beside it');
	is(($ada->api(POST => "/opportunities/$other/move", {stage => 'lost'}))[0]{status}, 200, 'one that is lost');
	($r, $doc) = $ada->api(POST => '/opportunities', {investor_id => $investor{Alpine}, fund_id => $dollars});
	is("$r->{status} $doc->{data}{id} $doc->{data}{stage}", "200 $other lost", 'is still the one');
	is(status(DELETE => "/opportunities/$other"), 204, 'and can be deleted');
};

# ---- what may be said of one
for (['stage', {stage => 'nowhere'}], ['probability', {probability => 101}], ['probability', {probability => -1}], ['amount', {amount => 'much'}],
	['amount', {amount => 0}], ['expected_close_on', {expected_close_on => '2026-02-30'}], ['owner_id', {owner_id => 99}], ['fund_id', {fund_id => 99}],
	['stage', {stage => undef}]) {
	my ($field, $change) = @$_;
	my ($r, $doc) = $ada->api(PATCH => "/opportunities/$alpine", $change);
	is("$r->{status} $doc->{errors}[0]{field}", "422 $field", "$field is refused by its name");
}
my ($r, $doc) = $ada->api(POST => '/opportunities', {fund_id => $fund});
is("$r->{status} $doc->{errors}[0]{field}", '422 investor_id', 'it has an investor');
($r, $doc) = $ada->api(PATCH => "/opportunities/$alpine", {fund_id => $dollars});
is("$r->{status} $doc->{errors}[0]{field}", '422 fund_id', 'euros do not become dollars');
is(status(PATCH => "/funds/$fund", {currency => 'USD'}), 422, 'nor by changing the fund');
($r, $doc) = $ada->api(POST => "/opportunities/$alpine/move", {});
is("$r->{status} $doc->{errors}[0]{field}", '422 stage', 'a move says where to');
like($ada->post("/opportunities/$alpine/move", {stage => 'nowhere'})->{content}, qr/Stage is not one of the choices/, 'and there');
is(status(POST => '/opportunities/999/move', {stage => 'lead'}), 404, 'what is not there does not move');

# ---- an agent's write waits
($r, $doc) = $scout->api(POST => "/opportunities/$alpine/move", {stage => 'commitment'});
is($r->{status}, 202, "an agent's move is a proposal");
is(live($alpine)->{stage}, 'diligence', 'and moves nothing');
my $proposal = $doc->{data}{proposal_id};
my $card = $ada->api(GET => "/proposals/$proposal")->{data};
is(join(' ', map { $_->{name} // $_->{label} } @{$card->{fields}}) =~ /stage/i ? 1 : 0, 1, 'which says what it is about');
is(status(POST => "/proposals/$proposal/approve", {sha256 => $card->{sha256}}), 200, 'a person countersigns');
is(live($alpine)->{stage}, 'commitment', 'then it moves');
($r, $doc) = $scout->api(POST => '/opportunities', {investor_id => $investor{Cedar}, fund_id => $fund});
is($r->{status}, 202, 'so it is with a new one');
$proposal = $doc->{data}{proposal_id};
my $cedar = made('/opportunities', {investor_id => $investor{Cedar}, fund_id => $fund, stage => 'engaged', amount => 100_000_050, probability => 40});
is(status(POST => "/proposals/$proposal/approve", {sha256 => $ada->api(GET => "/proposals/$proposal")->{data}{sha256}}), 409, 'which comes too late when a person was faster');

# ---- each move is kept
is(join(', ', map { ($_->{from_stage} // '') . '>' . $_->{to_stage} } reverse @{live($alpine)->{moves}}), '>lead, lead>diligence, diligence>commitment', 'its history');
$r = $ada->post("/opportunities/$alpine/move", {stage => 'engaged', next => '/pipeline?fund_id=1', amount => 1});
is("$r->{status} $r->{headers}{location}", '303 /pipeline?fund_id=1', 'by the page it goes back to the board');
my $board = $ada->get('/pipeline')->{content};
my ($undo) = $board =~ m{action="(/opportunities/$alpine/revert/\d+)"};
ok($undo, 'which offers to take it back');
is($ada->post($undo, {next => '/pipeline'})->{status}, 303, 'that');
is(live($alpine)->{stage}, 'commitment', 'puts it back');
is(live($alpine)->{amount}, 500_000_000, 'and nothing else came with a move');
is($db->value("SELECT count(*) FROM stage_moves WHERE opportunity_id = $alpine"), 5, 'both ways stay on record');
is($db->value("SELECT count(*) FROM audit WHERE resource = 'opportunities' AND resource_id = $alpine AND changes_json LIKE '%\"stage\"%'"), 5, 'and in the log');
for my $sql ('UPDATE stage_moves SET to_stage = 1', 'DELETE FROM stage_moves') {
	like(Countersign::Run::run(['sqlite3', $db->path, $sql])->{err}, qr/stays on record|hard-deleted/, "nobody changes that: $sql");
}

# ---- sums are those of the rows
my $birch = made('/opportunities', {investor_id => $investor{Birch}, fund_id => $fund, stage => 'engaged', amount => 300_000_000, owner_id => 2});
my $more = made('/opportunities', {investor_id => $investor{Birch}, fund_id => $dollars, stage => 'engaged', amount => 700_000_000});
sub sums_hold {
	my ($name, $query) = @_;
	my $pipeline = $ada->api(GET => "/pipeline$query")->{data};
	for my $stage (@{$pipeline->{stages}}, @{$pipeline->{archives}}) {
		my $url = $stage->{url} =~ s/&amp;/&/gr;
		my %sum;
		my $rows = $ada->api(GET => $url)->{data};
		for (grep { $_->{amount} } @$rows) { $sum{$_->{currency}}[0] += $_->{amount}; $sum{$_->{currency}}[1] += $_->{weighted} }
		is($stage->{count}, scalar @$rows, "$name, $stage->{name}: as many as rows behind it");
		is(join(' ', map { "$_->{currency} $_->{amount} $_->{weighted}" } @{$stage->{amounts}}), join(' ', map { "$_ @{$sum{$_}}" } sort keys %sum), 'of as much');
		is(join(' ', map { $_->{id} } @{$stage->{cards}}), join(' ', map { $_->{id} } @$rows), 'the same rows') if $stage->{cards} && !grep { $_ eq $stage } @{$pipeline->{archives}};
	}
	return;
}
sums_hold('all', '');
sums_hold('of a fund', "?fund_id=$fund");
sums_hold('of an owner', '?owner_id=2');
sums_hold('by name', '?q=irc');
my ($engaged) = grep { $_->{name} eq 'engaged' } @{$ada->api(GET => '/pipeline')->{data}{stages}};
is(join(' ', map { "$_->{currency} $_->{amount} $_->{weighted}" } @{$engaged->{amounts}}), 'EUR 400000050 115000020 USD 700000000 175000000', 'a chance of its own counts, and no currency is added to another');
like($ada->get('/pipeline')->{content}, qr{href="/opportunities\?stage=engaged">engaged</a>.*Birch.*action="/opportunities/$birch/move"}s, 'the board leads to the rows, and moves without a script');
is(status(POST => "/opportunities/$cedar/move", {stage => 'lost'}), 200, 'one is lost');
sums_hold('with one over', '');
unlike($ada->get('/opportunities')->{content}, qr{/opportunities/$cedar"}, 'what is over stands in no list of what is not');
like($ada->get('/opportunities?stage=lost')->{content}, qr{/opportunities/$cedar"}, 'but in its own');
like($ada->get('/opportunities?stage=any')->{content}, qr{/opportunities/$cedar"}, 'and among all');
is($ada->get('/opportunities?stage=nowhere')->{status}, 400, 'a stage that is none is refused');
for my $sort (qw(-moved moved -amount close name)) {
	my (@seen, $after);
	do {
		my $page = $ada->api(GET => "/opportunities?stage=any&limit=1&sort=$sort" . ($after ? "&after=$after" : ''));
		push @seen, map { $_->{id} } @{$page->{data}};
		$after = $page->{meta}{next};
	} while $after;
	is(join(' ', sort { $a <=> $b } @seen), join(' ', sort { $a <=> $b } $alpine, $cedar, $birch, $more), "$sort: page by page, each once");
	is($seen[0], $more, 'the largest first') if $sort eq '-amount';
	is($seen[0], $alpine, 'by name') if $sort eq 'name';
}

# ---- stages are a setting
sub stages { my ($value) = @_; return $ada->api(PATCH => '/admin/settings', {stages => $value}, headers => {'X-CSRF-Token' => $ada->csrf}) }
($r, $doc) = stages("lead 10\ndiligence 50\ncommitment 90\nlost archives");
is("$r->{status} $doc->{errors}[0]{field}", '422 stages', 'a stage that somebody is in stays');
like($doc->{errors}[0]{message}, qr/must keep "engaged": 2 opportunities are there, move them first/, 'and it says why');
($r) = stages("lead 10\nengaged 20\nterm sheet 60\ncommitment 90\nlost archives");
is($r->{status}, 200, 'one that nobody is in can go, and another come');
is(live($birch)->{chance}, 20, 'chances follow');
sums_hold('with other stages', '');
is(status(POST => "/opportunities/$birch/move", {stage => 'term sheet'}), 200, 'there one can go');
is(status(POST => "/opportunities/$birch/move", {stage => 'diligence'}), 422, 'and no more to what was');
like($ada->get('/admin')->{content}, qr{<textarea id="s-stages"[^>]*>\nlead 10\nengaged 20\nterm sheet 60}, 'the settings show them');
my $before = $db->value("SELECT count(*) FROM audit WHERE resource = 'settings'");
$ada->post('/admin/settings', {stages => "lead 10\r\nengaged 20\r\nterm sheet 60\r\ncommitment 90\r\nlost archives"});
is($db->value("SELECT count(*) FROM audit WHERE resource = 'settings'"), $before, "and a form's line ends change nothing");

# ---- pages, timelines, first page
like($ada->get("/investors/$investor{Alpine}")->{content}, qr{href="/opportunities/$alpine">Fund II</a> <span class="tag">commitment<}, "the investor's page has it");
for my $path ("/investors/$investor{Alpine}", "/organizations/$firm{Alpine}", "/organizations/$firm{Alpine}?show=moves") {
	like($ada->get($path)->{content}, qr{href="/opportunities/$alpine">Moved from lead to diligence, Fund II<}, "the timeline of $path its moves");
}
unlike($ada->get("/organizations/$firm{Alpine}?show=calls")->{content}, qr/Moved from lead/, 'but not where others are asked for');
like($ada->get('/')->{content}, qr{Moved since yesterday.*href="/opportunities/$birch">Birch</a>}s, 'the first page what moved');
like($ada->get("/opportunities/new?investor_id=$investor{Cedar}")->{content}, qr{<option value="$fund" selected>Fund II<}, 'a new one is meant for the fund that is being raised');

# ---- ageing
$server->stop;
$server = Countersign::Server->start(db => $db, env => {COUNTERSIGN_NOW => '2026-04-04T09:00:00Z'});
$ada = $server->login('ada', 'correct horse battery');
is(join(' ', map { live($alpine)->{$_} ? 1 : 0 } qw(is_ageing is_stale)), '1 0', 'after a month it ages');
is(live($alpine)->{days}, 31, 'by the day');
is(live($cedar)->{is_ageing} ? 1 : 0, 0, 'what is over does not');
is(status(PATCH => "/opportunities/$alpine", {next_step => 'Ask again'}), 200, 'other changes');
is(live($alpine)->{days}, 31, 'do not make it younger');
is(status(POST => "/opportunities/$birch/move", {stage => 'commitment'}), 200, 'a move');
is(live($birch)->{days}, 0, 'does');
is(status(POST => "/opportunities/$alpine/move", {stage => 'lead'}), 200, 'a move by mistake');
is(live($alpine)->{days}, 0, 'is one too');
is(status(POST => "/opportunities/$alpine/move", {stage => 'commitment'}), 200, 'taken back');
is(live($alpine)->{days}, 31, 'it has done nothing to its age');
$server->stop;
$server = Countersign::Server->start(db => $db, env => {COUNTERSIGN_NOW => '2026-05-05T09:00:00Z'});
$ada = $server->login('ada', 'correct horse battery');
is(join(' ', map { live($alpine)->{$_} ? 1 : 0 } qw(is_ageing is_stale)), '1 1', 'after two it is stale');
is(live($alpine)->{stage}, 'commitment', 'and nothing demotes it');
my $of_birch = live($birch)->{moves}[0]{from_stage};
is(status(POST => "/opportunities/$birch/move", {stage => $of_birch}), 200, 'back where it was a month ago');
is(live($birch)->{days}, 0, 'is a move of today');
is(status(POST => "/opportunities/$birch/move", {stage => 'commitment'}), 200, 'and back again');

# ---- what leaves returns
subtest 'regression 50: an investor takes its opportunities along' => sub {
	my $path = "/investors/$investor{Birch}";
	is(status(DELETE => $path), 204, 'an investor is deleted');
	for my $list ('/opportunities?stage=any', '/pipeline', '/', "/organizations/$firm{Birch}", '/digests/figures?of=moves') {
		unlike($ada->get($list)->{content}, qr{/opportunities/(?:$birch|$more)"}, "its opportunities are not in $list");
	}
	is(status(GET => "/opportunities/$birch"), 404, 'nor at their own address');
	sums_hold('without it', '');
	is(status(POST => "/opportunities/$birch/restore"), 409, 'they do not come back without it');
	is(status(POST => '/opportunities', {investor_id => $investor{Birch}, fund_id => $fund}), 422, 'nor does another');
	is(status(DELETE => "/funds/$dollars"), 204, 'a fund is deleted');
	is(status(POST => "$path/restore"), 200, 'the investor returns');
	is(status(GET => "/opportunities/$birch"), 200, 'and what it had');
	is(status(GET => "/opportunities/$more"), 404, 'but for what waits for its fund');
	is(status(POST => "/funds/$dollars/restore"), 200, 'which returns');
	is(status(GET => "/opportunities/$more"), 200, 'with it');
	sums_hold('with both', '');
};
is(status(DELETE => "/opportunities/$alpine"), 204, 'one is deleted');
my $again = made('/opportunities', {investor_id => $investor{Alpine}, fund_id => $fund});
isnt($again, $alpine, 'then a new one can be made');
is(status(POST => "/opportunities/$alpine/restore"), 409, 'beside which the old one does not return');
is(status(DELETE => "/investors/$investor{Alpine}"), 204, 'with their investor');
is(status(POST => "/investors/$investor{Alpine}/restore"), 200, 'both of one moment');
is(status(GET => "/opportunities/$again"), 200, 'the younger returns');
is($db->value('SELECT count(*) FROM (SELECT * FROM pipeline_summary EXCEPT SELECT * FROM pipeline_cache)'), 0, 'and the sums hold through all of it');
is($db->value('SELECT count(*) FROM (SELECT * FROM pipeline_cache EXCEPT SELECT * FROM pipeline_summary)'), 0, 'with nothing besides');

# ---- merged
my $twin_firm = made('/organizations', {name => 'Alpine Twin'});
my $twin = made('/investors', {organization_id => $twin_firm});
my $theirs = made('/opportunities', {investor_id => $twin, fund_id => $fund, stage => 'commitment', amount => 900});
my $alone = made('/opportunities', {investor_id => $twin, fund_id => $dollars, stage => 'engaged'});
my $form = $ada->get("/organizations/$firm{Alpine}/merge?with=$twin_firm")->{content};
$r = $ada->post("/organizations/$firm{Alpine}/merge", {$form =~ /name="(from_id|into_version|from_version)" value="(\d+)"/g});
is($r->{status}, 303, 'two firms that invest are merged');
is(join(' ', map { $_->{id} } @{$ada->api(GET => "/opportunities?investor_id=$investor{Alpine}&stage=any&sort=moved")->{data}} ) =~ /\b$again\b/ ? 1 : 0, 1, 'where both were on the way, the one of who stays stays');
is(live($alone)->{investor_id}, $investor{Alpine}, 'the others come along');
is(status(GET => "/opportunities/$theirs"), 404, 'the second way goes');
my $merge = $db->value("SELECT max(id) FROM proposals WHERE kind = 'merge'");
is(status(POST => "/proposals/$merge/undo", {}), 200, 'undone');
is(live($theirs)->{investor_id}, $twin, 'it is there again');
is(live($alone)->{investor_id}, $twin, 'and the others are back');
is(live($theirs)->{stage}, 'commitment', 'where they were');

is(ref $ada->api(GET => '/openapi.json')->{paths}{'/api/opportunities/{id}/move'}{post}, 'HASH', 'the API describes it');
$server->stop;
done_testing;
