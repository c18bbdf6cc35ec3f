# Search: what is found, in which order, what never is; the index follows every write; odd input is never an error
# (regressions 15, 21, 24).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($db, $ada) = ($server->db, $server->login);
sub encode { join '', map { sprintf '%%%02X', ord } split //, $_[0] }
sub search { my ($q, $more) = @_; (($ada->api(GET => '/search?q=' . encode($q) . ($more // '')))[1]) }
sub kinds { join ' ', map { "$_->{kind}:$_->{id}" } @{search(@_)->{data}} }

# ---- the index follows the records
my ($r, $doc) = $ada->api(POST => '/contacts', {name => 'Zoë Quetzal', title => 'Ornithologist', emails => ['zoe@xylograph.example']});
my $id = $doc->{data}{id};
is(kinds('quetzal'), "contact:$id", 'a new person is found by name');
is(kinds('ZOE quet'), "contact:$id", 'without case and accent, as one types');
is(kinds('ornithologist'), "contact:$id", 'by title');
is(kinds('zoe@xylograph.example'), "contact:$id", 'by address');
is(kinds('quetzal zzzz'), '', 'every word counts');
$ada->api(PATCH => "/contacts/$id", {name => 'Zoë Kakapo'});
is(kinds('quetzal'), '', 'the old name is gone');
is(kinds('kakapo'), "contact:$id", 'the new one is there');
($r, $doc) = $ada->api(POST => '/communications', {kind => 'note', subject => 'Feathers', occurred_at => '2026-01-02T10:00:00Z',
	body => 'About <b>plumage</b> & wings', contact_ids => [$id]});
my $note = $doc->{data}{id} or diag explain $doc;
my $found = search('plumage')->{data}[0];
is("$found->{kind}:$found->{id}", "communication:$note", 'a note is found by its text');
is_deeply($found->{snippet}, [{text => 'About <b>', is_hit => JSON::PP::false}, {text => 'plumage', is_hit => JSON::PP::true},
	{text => '</b> & wings', is_hit => JSON::PP::false}], 'its snippet comes in pieces');
my $page = $ada->get('/search?q=plumage')->{content};
like($page, qr{About &lt;b&gt;<mark>plumage</mark>&lt;/b&gt; &amp; wings}, 'and the page marks the hit and nothing else');
is(kinds('plumage is:communication before:2026-01-03 after:2026-01-02'), "communication:$note", 'between days');
is(kinds('plumage before:2026-01-02'), '', 'not before');
is(kinds('plumage is:mail'), '', 'not as mail');
$ada->api(DELETE => "/communications/$note");
is(kinds('plumage'), '', 'what is deleted is not found');
unlike($ada->get('/search?q=plumage')->{content}, qr/wings/, 'nor a snippet of it');
is($db->value("SELECT count(*) FROM search_fts_content WHERE c3 LIKE '%plumage%'"), 0, 'nor is its text in the index');
$ada->api(POST => "/communications/$note/restore");
is(kinds('plumage'), "communication:$note", 'what is restored is found again');
$ada->api(DELETE => "/contacts/$id");
is(kinds('kakapo'), '', 'a deleted person is not found');

# ---- mail and firms of the demo
my ($thread, $from, $word) = split /\|/, $db->value(
	"SELECT thread_id || '|' || from_email || '|' || subject FROM messages WHERE from_email IS NOT NULL ORDER BY id DESC LIMIT 1");
ok((grep { $_->{kind} eq 'mail' && $_->{id} == $thread } @{search("from:$from \"$word\" is:mail")->{data}}), 'mail by sender and subject');
is(kinds("to:nobody-at-all is:mail"), '', 'mail to nobody');
my $firm = $db->value('SELECT name FROM organizations WHERE deleted_at IS NULL ORDER BY id LIMIT 1');
like(kinds("org:\"$firm\""), qr/organization:\d+/, 'what belongs to a firm');
like(kinds($firm), qr/^organization:/, 'a firm stands before its mail');
my $all = search('the');
is_deeply([map { $_->{kind} } @{$all->{meta}{kinds}}], [qw(contact organization investor communication mail)], 'each kind is counted');
is_deeply([grep { $_->{kind} ne 'mail' } @{search('the', '&kind=mail')->{data}}], [], 'a kind alone');
is(search('the', '&kind=mail')->{meta}{kinds}[4]{count}, $all->{meta}{kinds}[4]{count}, 'keeps the counts');
like($ada->get('/search')->{content}, qr/What can be asked/, 'the page without a question');
like($ada->get('/search?q=zzzzqqq')->{content}, qr/Nothing fits/, 'and without an answer');
is($ada->get('/search?q=a&kind=king')->{status}, 400, 'a kind there is not');

# ---- how much there is, and how much of it is shown
my $fund = search('fund');
my %n = map { $_->{kind} => $_ } @{$fund->{meta}{kinds}};
cmp_ok($n{mail}{messages}, '>', $n{mail}{count}, 'several mails of a thread fit');
my $mail = search('fund', '&kind=mail');
my %once = map { $_->{id} => 1 } @{$mail->{data}};
is(scalar keys %once, scalar @{$mail->{data}}, 'which stands once');
is(scalar @{$mail->{data}}, $n{mail}{count} < 50 ? $n{mail}{count} : 50, 'and as many stand there as are counted, or as fit');
is($mail->{meta}{total}, $n{mail}{count}, 'of them in all');
my $sum = 0;
$sum += $_->{count} for values %n;
is($fund->{meta}{total}, $sum, 'everything is the sum');
is(scalar @{$fund->{data}}, $sum < 50 ? $sum : 50, 'of which the best fill the list');
is(scalar @{search('fund', '&limit=3')->{data}}, 3, 'or as many as were asked for');
is(scalar @{search('fund', '&limit=200')->{data}}, scalar @{$fund->{data}}, 'never more');
is(($ada->api(GET => '/search?q=fund&limit=0'))[0]{status}, 400, 'none is no number');
my $cut = $ada->get('/search?q=fund&limit=3')->{content};
like($cut, qr/The best 3 of $sum are shown\. Another word/, 'the page says that there is more, and how to come to it');
like($cut, qr/Mail is counted and shown by thread: $n{mail}{count}, in $n{mail}{messages} messages/, 'and what it counts');
unlike($ada->get('/search?q=kakapo')->{content}, qr/are shown|by thread/, 'where all is shown it says nothing');

# ---- odd input
my @odd = ('"', "it's", 'from:bob', 'from:', '*', '(', 'a AND', 'NEAR(', '-x', '^', '{body}:x', '!!!', "\x01", 'is:', 'before:x', '""',
	'x' x 1000, 'a ' x 500, "\xe6\x97\xa5", "\xf0\x9f\x98\x80", '%', "';--", 'org:"', 'org:!!');
srand 5;
push @odd, join '', map { ('"', '*', ':', ' ', 'a', "'", '(', ')', 'from:', 'is:mail', 'org:', 'OR ', '^', '-')[rand 14] } 1 .. 12 for 1 .. 300;
is(join(' ', grep { !/:200$/ } map { encode($_) . ':' . ($ada->api(GET => '/search?q=' . encode($_)))[0]{status} } grep { /\S/ } @odd), '',
	'no odd input is an error');
is($ada->get('/search?q=%00')->{status}, 400, 'NUL is refused at the edge');

# ---- upkeep
is($db->value('SELECT (SELECT count(*) FROM search_all) - (SELECT count(*) FROM search_fts)'), 0, 'everything is indexed');
my $before = kinds('fund');
$db->program([qw(countersign search rebuild)], 'the index can be made anew');
is(kinds('fund'), $before, 'and says the same');
$server->stop;
done_testing;
