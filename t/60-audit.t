# The audit page finds by who, what, which and when; each record leads to its own history.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'empty', env => {COUNTERSIGN_NOW => '2026-03-04T09:00:00Z'});
my $db = $server->db;
$db->program([qw(countersign user add ada --email ada@fund.example --role admin)], 'a user', in => "correct horse battery\n",
	env => {COUNTERSIGN_NOW => '2026-03-01T09:00:00Z'});
my $ada = $server->login('ada', 'correct horse battery');
my $id = $ada->api(POST => '/contacts', {name => 'Found Person'})->{data}{id};
$ada->api(PATCH => "/contacts/$id", {title => 'Found'});

sub found { my ($query) = @_; return join ' ', map { "$_->{resource}:$_->{action}" } @{$ada->api(GET => "/audit?$query")->{data}} }
is(found("resource=contacts&id=$id"), 'contacts:update contacts:create', 'a record');
is(found('action=update&resource=contacts'), 'contacts:update', 'an action');
is(found('from=2026-03-01&until=2026-03-01&resource=users'), 'users:create', 'a day');
is(found('from=2026-03-02&resource=users'), '', 'not of another day');
is(found('until=2026-03-03&resource=contacts'), '', 'nor before');
is(found('actor=1&resource=contacts&from=2026-03-04&until=2026-03-04'), 'contacts:update contacts:create', 'who, and both ends of the range');
$db->program([qw(daily-digest --date 2026-03-04)], 'a digest');
is(found('program=Digest&resource=digests&action=create'), 'digests:create', 'a program, and what it writes');
is(found('program=Digest&resource=contacts'), '', 'nothing else');
is(found('actor=1&resource=digests'), '', 'nobody else');
is($ada->api(POST => '/rules', {kind => 'domain', scope => 'fund', value => 'nobody.example', purges => 0, hides => 0}) && found('resource=rules'), 'rules:create', 'rules');
like($ada->get('/audit')->{content}, qr{<option value="$_"}, "the page offers $_") for qw(rules digests Capture purge);
is(found('q=Found+Person'), 'contacts:create', 'words of what changed');
is(found('q=100%25'), '', 'taken as they stand');
like($ada->get("/audit?resource=contacts&id=$id")->{content}, qr/<input type="hidden" name="id" value="$id">/, 'the record stays chosen when the page is filtered further');
is($ada->get('/audit?from=yesterday')->{status}, 400, 'what is no day is refused');
my $page = $ada->get('/audit?from=2026-03-01')->{content};
like($page, qr/name="from" type="date" value="2026-03-01"/, 'the page has the filter with its value');
like($ada->get("/contacts/$id")->{content}, qr{href="/audit\?resource=contacts(?:&amp;|&)id=$id"}, 'a record leads to its history');
# ---- values as a person reads them
my $firm = $ada->api(POST => '/organizations', {name => 'Alpine Pension', kind => 'pension'})->{data}{id};
my $investor = $ada->api(POST => '/investors', {organization_id => $firm, lead_id => 1})->{data}{id};
my $log = $ada->get("/audit?resource=investors&id=$investor")->{content};
like($log, qr{<a href="/investors/$investor">Investor Alpine Pension</a>}, 'a record by its name');
like($log, qr{Organization: <ins>Alpine Pension</ins>}, 'what it refers to by name as well');
like($log, qr{Lead: <ins>ada</ins>}, 'and who');
like($log, qr{Not pursued any more: <ins>no</ins>}, 'yes and no in words');
my ($entry) = @{$ada->api(GET => "/audit?resource=investors&id=$investor")->{data}};
is_deeply([map { @$_{qw(new new_text)} } grep { $_->{field} eq 'organization_id' } @{$entry->{changes}}], [$firm, 'Alpine Pension'], 'a program gets the value as it is stored, too');
$ada->api(DELETE => "/organizations/$firm");
like($ada->get("/audit?resource=organizations&id=$firm")->{content}, qr{deleted <a href="/organizations/$firm">Organization $firm</a>}, 'what is not there any more by its number');
like($ada->get("/audit?resource=investors&id=$investor")->{content}, qr{Organization: <ins>$firm</ins>}, 'everywhere');
my $week = $ada->api(POST => '/communications', {kind => 'call', subject => 'First call', occurred_at => '2026-03-03T10:30:00Z', contact_ids => [$id]})->{data}{id};
like($ada->get("/audit?resource=communications&id=$week")->{content}, qr{When: <ins><time[^>]*>3 Mar 2026, 1\d:30</time></ins>|When: <ins>3 Mar 2026, 1\d:30</ins>}, 'an instant in the zone of the reader');
$server->stop;
done_testing;
