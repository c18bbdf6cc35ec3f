# What a page asks of the database does not grow with what is in it: each page's statements are counted in a small fund and
# in one of a thousand contacts and ten thousand messages and proposals, which `seed demo --scale` makes.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Server;

my @pages = qw(/ /review /review?state= /contacts /contacts?sort=-last_touch /contacts?q=ma /organizations /investors
	/tasks /mail /capture /digests /audit /trash /search?q=meeting /contacts/1 /organizations/1 /investors/1 /mail/:thread);

# {path => statements}; the threads are the shortest of one and the longest of the other.
sub counted {
	my ($server, $order) = @_;
	my $ada = $server->login;
	my $thread = $server->db->value("SELECT id FROM threads WHERE messages > 0 ORDER BY messages $order, id LIMIT 1");
	my %count;
	for my $page (@pages) {
		my $r = $ada->get($page =~ s/:thread/$thread/r);
		is($r->{status}, 200, "$page is there");
		$count{$page} = $r->{headers}{'x-db-statements'};
	}
	return \%count;
}

my $small = Countersign::Server->start(seed => 'demo', workers => 1);
my $few = counted($small, 'ASC');
$small->stop;

my $db = Countersign::Database->new;
$db->program([qw(countersign seed demo --scale 1)], 'a fund of a thousand contacts');
cmp_ok($db->value('SELECT count(*) FROM contacts_live'), '>=', 1000, 'has a thousand contacts');
cmp_ok($db->value('SELECT count(*) FROM messages'), '>=', 9000, 'and ten messages for each');
is($db->value("SELECT count(*) FROM mailbox_items WHERE state = 'stored' AND message_id IS NULL"), 0, 'each in the ledger');
is($db->value('SELECT count(*) FROM mailboxes b JOIN mailbox_counts c ON c.mailbox_id = b.id WHERE b.listed <> c.stored + c.excluded'), 0,
	'and the ledger adds up');
cmp_ok($db->value("SELECT count(*) FROM mailbox_items WHERE state = 'excluded' AND rule IN ('internal', 'stranger')"), '>', 100, 'what nobody may keep is left out');
cmp_ok($db->value("SELECT count(*) FROM proposals WHERE state = 'pending'"), '>', 100, 'the last days wait for a person');
my $large = Countersign::Server->start(db => $db, workers => 1);
my $many = counted($large, 'DESC');
for my $page (@pages) {
	cmp_ok($few->{$page}, '>', 0, "$page asks something");
	cmp_ok($many->{$page}, '<=', $few->{$page} + 3, "$page asks no more of a large fund"); # but for what only a full page has
	cmp_ok($many->{$page}, '<=', 30, 'and not too much');
}
$large->stop;
done_testing;
