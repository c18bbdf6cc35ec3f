# The digest's pages: figures lead to the rows they count, a preview changes nothing, what is sent by hand takes nothing
# from the day's own, settings and who wants it.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $db = $server->db;
my ($ada, $grace) = map { $server->login($_) } qw(ada grace);
sub outbox { return $db->value("SELECT count(*) FROM outbox WHERE $_[0]") }

# ---- each figure is the number of rows behind it
sub preview { return $ada->api(GET => '/digests/preview')->{data} }
sub rows_behind {
	my ($path) = @_;
	my ($n, $total, $after) = (0, undef, '');
	do {
		my ($r, $doc) = $ada->api(GET => "$path&limit=7$after");
		is($r->{status}, 200, $path) if !$n;
		$n += @{$doc->{data}};
		$total //= $doc->{meta}{total};
		$after = defined $doc->{meta}{next} ? "&after=$doc->{meta}{next}" : '';
	} while $after;
	return ($n, $total);
}
my $document = preview()->{document};
my %numbers;
for my $figure (@{$document->{figures}}, @{$document->{waiting}}, map { {%{$document->{$_}}, name => $_} } qw(tasks unanswered cadence)) {
	my ($name, $n) = @$figure{qw(name n)};
	$numbers{$name} = $n;
	my ($path) = $figure->{url} =~ m{^http://127\.0\.0\.1:8080(/.*)};
	if ($path eq '/review') {
		my ($rows) = rows_behind('/proposals?state=pending');
		is($rows, $n, "$name: as many as wait in Review");
		$path = "/digests/figures?of=pending&day=$document->{day}";
	}
	my ($rows, $total) = rows_behind($path);
	is("$rows $total", "$n $n", "$name: $n");
	like($ada->get($path)->{content}, qr/<h1>[^<]+: $n<\/h1>/, 'and on its page');
}
ok((grep { $_ } values %numbers) >= 4, 'the demo has something to count') or diag explain \%numbers;
is($ada->get('/digests/figures?of=nothing')->{status}, 400, 'a figure that there is not');
is($ada->get('/digests/figures?day=2026-13-01')->{status}, 400, 'a day that there is not');
is($ada->get('/digests/figures?day=2027-01-01')->{status}, 422, 'a day that has not begun');

# ---- 17: deleted rows count nowhere
{
	my $made = $ada->api(POST => '/communications', {kind => 'call', direction => 'out', subject => 'Zyzzyva', occurred_at => '2026-03-03T10:00:00Z'})->{data}{id};
	my $with = preview();
	is($with->{document}{counts}{recorded}, $numbers{recorded} + 1, 'a call is recorded');
	like($with->{text}, qr/Zyzzyva/, 'and told of');
	$ada->api(DELETE => "/communications/$made");
	my $without = preview();
	is($without->{document}{counts}{recorded}, $numbers{recorded}, 'regression 17: deleted, it does not count');
	unlike($without->{text} . $ada->get('/digests/preview/body')->{content} . $ada->get("/digests/figures?of=recorded&day=$document->{day}")->{content}, qr/Zyzzyva/, 'regression 17: and is nowhere');
}

# ---- looking changes nothing
$db->same_after(sub {
	for my $who ($ada, $grace) {
		like($who->get('/digests/preview')->{content}, qr{src="/digests/preview/body"}, 'the preview frames the mail');
		my $body = $who->get('/digests/preview/body');
		like($body->{headers}{'content-security-policy'}, qr/default-src 'none'.*sandbox/, 'as harmless as any mail');
		unlike($body->{content}, qr/(?:src|background)\s*=|url\(|\@import|<link/i, 'which loads nothing');
	}
}, 'regression 51: the preview changes nothing');

# ---- by hand
my $token = $server->client->token('ada', 'demo');
unlike($grace->get('/digests/preview')->{content}, qr{/digests/send}, 'a member is not offered to send it');
$db->same_after(sub {
	is($grace->post('/digests/send', {to => 'all'})->{status}, 403, 'nor can one');
	is(($token->api(POST => '/digests/send', {to => 'all'}))[0]{status}, 403, 'nor a token');
	is($ada->post('/digests/send', {to => 'stranger@outside.example'})->{status}, 422, 'nor to anybody else');
}, 'a refusal changes nothing');
is($ada->post('/digests/send', {to => 'me'})->{status}, 303, 'ada sends it to herself');
is(($ada->api(POST => '/digests/send', {to => 'all'}, headers => {'X-CSRF-Token' => $ada->csrf}))[0]{status}, 202, 'and to all');
is(outbox('digest_id IS NULL'), 3, 'three messages');
is(outbox("digest_id IS NULL AND author_kind = 'human' AND author_id = 1"), 3, 'by her');
$db->program(['outbox-send'], 'they leave');
is(outbox("digest_id IS NULL AND state = 'sent'"), 3, 'all of them');
is($db->value('SELECT max(day) FROM digests'), '2026-03-03', 'regression 51: no day was made');
$db->program(['daily-digest'], 'the day\'s own');
is(outbox("message_id LIKE 'digest.2026-03-04.%' AND digest_id IS NOT NULL"), 2, 'regression 51: comes all the same');
is($db->value("SELECT from_at FROM digests WHERE day = '2026-03-04'"), '2026-03-02T23:00:00Z', 'regression 51: and is about the same time');
like($ada->get('/digests/preview')->{content}, qr/Today's has been sent/, 'the preview says that it has gone');

# ---- who wants it
my $thursday = {COUNTERSIGN_NOW => '2026-03-05T09:00:00Z'};
like($grace->get('/digests')->{content}, qr/You get it by mail\..*Stop sending/s, 'grace gets it');
$grace->post('/digests/subscription', {wants => 0});
like($grace->get('/digests')->{content}, qr/no more.*You do not get it by mail.*Send it to me/s, 'until she says no');
$ada->post('/digests/subscription', {wants => 0});
like($ada->get('/digests')->{content}, qr/administrators get it all the same.*as every administrator does/s, 'an administrator gets it');
$db->program(['daily-digest'], 'on Thursday', env => $thursday);
is($db->value("SELECT group_concat(to_json) FROM outbox WHERE message_id LIKE 'digest.2026-03-05.%'"), '["ada@larkspur.example"]', 'so it goes to ada alone');
is($db->value("SELECT count(*) FROM audit WHERE resource = 'users' AND changes_json LIKE '%wants_digest%'"), 2, 'both are in the audit log');
is(($grace->api(PATCH => '/digests/subscription', {wants => \1}, headers => {'X-CSRF-Token' => $grace->csrf}))[1]{data}{gets_digest}, JSON::PP::true(), 'by the API too');

# ---- settings
my %good = (digest_hour => 6, time_zone => 'Europe/Zurich', day_mon => 1, day_thu => 1, section_health => 1, digest_recipients => 'asked', digest_unanswered_days => 5);
is($grace->get('/admin/digest')->{status}, 403, 'settings are the administrators\'');
like($ada->get('/admin/digest')->{content}, qr/<option value="7" selected>07:00/, 'the hour that is set');
my $bad = $ada->post('/admin/digest', {%good, digest_unanswered_days => 0, time_zone => 'Mars/Base', day_mon => 0, day_thu => 0});
is($bad->{status}, 422, 'bad ones are refused');
like($bad->{content}, qr/Time zone must be an IANA name/, 'the zone');
like($bad->{content}, qr/At least one day/, 'no day');
like($bad->{content}, qr/value="0" aria-invalid="true"/, 'and the days of patience, as they were typed');
is($db->value("SELECT count(*) FROM settings WHERE key LIKE 'digest_%'"), 0, 'nothing was saved');
is($ada->post('/admin/digest', \%good)->{status}, 303, 'good ones are saved');
is($db->value("SELECT group_concat(value, ' ') FROM (SELECT value FROM settings WHERE key LIKE 'digest_%' ORDER BY key)"), 'mon,thu 6 0 asked health 5', 'all of them');
unlike(preview()->{text}, qr/RECORDED|TO DO|WAITING/, 'sections that were left out are');
like(preview()->{text}, qr/IN NUMBERS.*CAPTURE AND UPKEEP/s, 'the counts and what was left in are not');
is(($ada->api(PATCH => '/admin/digest', {digest_hour => 8, digest_sections => 'activity,radar'}, headers => {'X-CSRF-Token' => $ada->csrf}))[1]{data}{values}{digest_hour}, '8', 'the API changes some');
is($db->value("SELECT group_concat(value, ' ') FROM (SELECT value FROM settings WHERE key LIKE 'digest_%' ORDER BY key)"), 'mon,thu 8 0 asked activity,radar 5', 'and leaves the others');
unlike($ada->get('/admin')->{content}, qr/name="digest_/, 'they stand on one page only');

# ---- the archive, a page at a time
$db->program(['daily-digest', '--date', $_], "of $_", env => $thursday) for map { sprintf '2026-02-%02d', $_ } 2 .. 6;
my (@days, $next);
do {
	my ($r, $doc) = $ada->api(GET => '/digests?limit=3' . ($next ? "&after=$next" : ''));
	push @days, map { $_->{day} } @{$doc->{data}};
	$next = $doc->{meta}{next};
} while $next;
is("@days", "@{[reverse sort @days]}", 'newest first');
is(scalar @days, $db->value('SELECT count(*) FROM digests'), 'each once');

$server->stop;

# ---- a demo that serve loads: its links lead to where it serves
my $fresh = Countersign::Server->start(seed => 'empty', env => {COUNTERSIGN_DEMO => 1});
like($fresh->login->get('/digests/1/body')->{content}, qr{href="@{[$fresh->url]}/review}, 'the links of a fresh demo have its port');
$fresh->stop;
done_testing;
