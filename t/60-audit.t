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
is(found('q=Found+Person'), 'contacts:create', 'words of what changed');
is(found('q=100%25'), '', 'taken as they stand');
like($ada->get("/audit?resource=contacts&id=$id")->{content}, qr/<input type="hidden" name="id" value="$id">/, 'the record stays chosen when the page is filtered further');
is($ada->get('/audit?from=yesterday')->{status}, 400, 'what is no day is refused');
my $page = $ada->get('/audit?from=2026-03-01')->{content};
like($page, qr/name="from" type="date" value="2026-03-01"/, 'the page has the filter with its value');
like($ada->get("/contacts/$id")->{content}, qr{href="/audit\?resource=contacts(?:&amp;|&)id=$id"}, 'a record leads to its history');
$server->stop;
done_testing;
