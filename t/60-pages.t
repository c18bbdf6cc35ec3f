# Every page answers, in strict mode (a name that a document lacks is an error), each within a bounded number of
# statements; and every link on them leads somewhere.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($ada, $db) = ($server->login, $server->db);
my %budget = ('/' => 21, '/review' => 60);

# What a page is called, and the words that stand over it.
sub called { return map { s/<span[^>]*>.*?<\/span>|<[^>]+>//gsr =~ s/^\s+|\s+$//gr } $_[0] =~ m{<title>(.*?) · Countersign</title>.*?<h1[^>]*>(.*?)</h1>}s }

my (%seen, @queue, @bad, @many, @called);
push @queue, ['/', 'start'];
while (my $next = shift @queue) {
	my ($path, $from) = @$next;
	my ($shape) = $path =~ s/\d+/N/gr =~ /^([^?#]*)/;
	next if $seen{$path}++ || ($seen{"shape $shape"}++ > 3);
	my $r = $ada->get($path);
	push @bad, "$path (from $from): $r->{status}" if $r->{status} !~ /^(?:200|303)$/;
	my @both = called($r->{content});
	push @called, "$path: $both[0], $both[1]" if $shape =~ m{^/(?!digests)\w+/N$} && @both == 2 && $both[0] ne $both[1];
	my $statements = $r->{headers}{'x-db-statements'} // 0;
	push @many, "$path: $statements" if $statements > ($budget{$shape} // 60) && $shape ne '/mail/N';
	while ($r->{content} =~ /href="(\/[^"]*)"/g) {
		my $link = $1 =~ s/&amp;/&/gr;
		push @queue, [$link =~ s/#.*//r, $path] if $link !~ m{^/static/|images=1};
	}
}
is("@bad", '', 'no link is broken');
is(join("\n", @called), '', 'the page of a record is called what stands over it');
is("@many", '', 'no page asks the database without bound');
ok($seen{"shape $_"}, "the walk came by $_") for qw(/review /contacts /contacts/N /contacts/N/edit /contacts/new /organizations
	/organizations/N /organizations/new /investors /investors/N /mail /mail/N /messages/N/headers /capture /capture/N /digests
	/digests/N /audit /communications/N /communications/new /funds /funds/N /funds/new /commitments /commitments/N /commitments/new /admin);

# ---- every contact: the title of their work is a field of its own
is(join(', ', grep { my @both = called($ada->get("/contacts/$_")->{content}); $both[0] ne $both[1] } split /,/, $db->value('SELECT group_concat(id) FROM contacts_live')),
	'', 'no contact is called by the title of their work');

my $r = $ada->get('/contacts?limit=abc');
is($r->{status}, 400, 'a bad parameter is refused');
is($ada->get('/nowhere')->{status}, 404, 'an unknown address is not found');
like($ada->get('/nowhere')->{content}, qr/There is no|there is no such page/, 'and says so on a page');

# ---- each order, page by page: everybody once, and turned round the same the other way
for my $noun (qw(contacts organizations investors)) {
	my %order;
	for my $sort (qw(name -name last_touch -last_touch -updated)) {
		my ($after, $pages, @ids) = ('', 0);
		do {
			my $page = $ada->api(GET => "/$noun?limit=7&sort=$sort$after");
			push @ids, map { $_->{id} } @{$page->{data}};
			$after = $page->{meta}{next} ? "&after=$page->{meta}{next}" : '';
		} while ($after && ++$pages < 50);
		my %once = map { $_ => 1 } @ids;
		is(scalar keys %once, scalar @ids, "$noun by $sort: nobody comes twice");
		$order{$sort} = \@ids;
	}
	is("@{$order{-name}}", join(' ', reverse @{$order{name}}), "$noun: -name is name from its end");
	is("@{$order{-last_touch}}", join(' ', reverse @{$order{last_touch}}), "$noun: so is -last_touch");
	is(scalar @{$order{-updated}}, scalar @{$order{name}}, "$noun: each order has all");
}
my $list = $ada->get('/contacts?kind=investor&q=a&sort=-last_touch')->{content};
like($list, qr{aria-sort="descending"><a href="/contacts\?q=a&amp;kind=investor&amp;sort=last_touch">Last touch}, 'the head of the column in force turns it round and keeps the filters');
like($list, qr{<th scope="col"><a href="/contacts\?q=a&amp;kind=investor&amp;sort=name">Name}, 'another one sorts by itself');

# ---- who waits for an answer: investors, the same as in the digest, and nobody who does not invest
my $home = $ada->api(GET => '/home')->{data};
my $digest = $ada->api(GET => '/digests/figures?of=unanswered&limit=10');
cmp_ok(scalar @{$home->{unanswered}}, '>', 0, 'somebody waits');
is_deeply([map { "$_->{name} $_->{last_in_at}" } @{$home->{unanswered}}], [map { "$_->{title} $_->{at}" } @{$digest->{data}}], 'on the first page as in the digest');
like($ada->get('/')->{content}, qr{<a class="tile" href="/digests/figures\?of=unanswered">}, 'whose tile leads to all of them');
my $anybody = $ada->api(POST => '/contacts', {name => 'Nobody Investing'})->{data}{id};
$ada->api(POST => '/communications', {kind => 'call', direction => 'in', subject => 'They called', occurred_at => '2026-01-05T10:00:00Z', contact_ids => [$anybody]});
unlike($ada->get('/')->{content}, qr/without an answer.*Nobody Investing.*Recorded lately/s, 'who does not invest is not among them');

# ---- a form that comes back is called what it was
for my $form ($ada->get('/communications/new')->{content}, $ada->post('/communications', {kind => 'call', subject => ''})->{content}) {
	like($form, qr{<h1>Log a call or meeting</h1>.*<button class="primary">Save</button>}s, 'the form to log a call, new or to be mended');
}

# ---- what came and went with a record's mail is listed on it
for my $path ('/organizations/1', '/investors/1') {
	my ($file) = $ada->get($path)->{content} =~ m{<h2>Files</h2>.*?<a href="(/attachments/\d+)">[^<]+\.pdf</a>}s;
	is($file ? $ada->get($file)->{status} : 'none', 200, "$path has files, and they can be had");
}

# ---- a page without a place of its own stands under that which leads to it
my %under = ('/rules' => 'capture', '/messages/1/headers' => 'mail', '/contacts/new' => 'contacts', '/search' => '', '/' => 'home');
for my $path (sort keys %under) {
	my %at = map { $_ => 1 } $ada->get($path)->{content} =~ /data-key="(\w+)" aria-current="page"/g;
	is(join(' ', keys %at), $under{$path}, "$path stands under " . ($under{$path} || 'nothing'));
}

$server->stop;
done_testing;
