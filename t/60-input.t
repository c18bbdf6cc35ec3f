# Bad input is refused with a clear 4xx, or shown again at its field with what was typed; the database stays as it was
# (security checks W1 W10 W22, interface.md).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($db, $ada) = ($server->db, $server->login);
my $multipart = 'multipart/form-data; boundary=x';
sub part { my ($name, $value) = @_; return "--x\r\nContent-Disposition: form-data; name=\"$name\"\r\n\r\n$value\r\n" }
sub multipart {
	my ($body) = @_;
	return $ada->request('POST', '/contacts', body => $body,
		headers => {'Content-Type' => $multipart, Origin => $server->url, 'X-CSRF-Token' => $ada->csrf});
}
my $cookie = 'Cookie: ' . join '; ', map { "$_=$ada->{jar}{$_}" } keys %{$ada->{jar}};
$ada->csrf;

$db->same_after(sub {
	# ---- targets
	my @targets = qw(/../etc/passwd /static/../countersign.db /%2e%2e/%2e%2e/etc/passwd /static/%2e%2e/var/countersign.db /%252e%252e/x
		/contacts/%2e%2e/audit /..;/x //etc/passwd /contacts//1 /%5c..%5cx /static\..\x /%00 /contacts%00 /%c0%ae%c0%ae/ /%ff
		/static/../../../../etc/passwd /assets../data/crm.db /cgi-bin/admin.cgi /cgi-bin/../x /contacts/%zz /static/.htaccess);
	my @leaks;
	for my $target (@targets, map { '/' . ('../' x $_) . 'etc/passwd' } 1 .. 20) {
		my ($status, $head, $body) = $server->client->raw_get($target, $cookie);
		push @leaks, "$target: $status" if $status < 400 || $status >= 500 || $body =~ /root:|SQLite format/;
	}
	is("@leaks", '', 'no odd path leads anywhere');
	my (undef, $head) = $server->client->raw_get('/%0d%0aSet-Cookie:%20x=1', $cookie);
	unlike($head, qr/^Set-Cookie: x=1/mi, 'a line break in the path makes no header');

	# ---- parameters
	is($ada->get($_->[0])->{status}, $_->[1], "$_->[0] is $_->[1]") for ['/contacts?limit=abc', 400], ['/contacts?limit=0', 400],
		['/contacts?limit=99999999999999999999', 400], ['/contacts?limit=5&limit=6', 400], ['/contacts?after=xyz', 400],
		['/contacts?sort=password', 400], ['/contacts?kind=king', 400], ['/contacts?q=%ff', 400], ['/contacts?q=%', 400],
		['/contacts?q[]=1', 200], ['/contacts/0', 404], ['/contacts/99999999999999999999', 404], ['/contacts/1x', 404], ['/contacts/-1', 404],
		['/review?selected=abc', 400], ['/mail/1?after=x', 400];
	my ($r, $doc) = $ada->api(GET => '/contacts?limit=abc');
	is($doc->{errors}[0]{field}, 'limit', 'the problem names the field');
	like($r->{headers}{'content-type'}, qr{^application/problem\+json}, 'as problem+json');
	ok($doc->{request_id}, 'with a request id');

	# ---- bodies
	my %json = ('a key twice' => '{"name":"A","name":"B"}', 'no JSON' => '{name:1}', 'a list' => '[1]', 'too deep' => '[' x 40 . ']' x 40,
		'a big integer' => '{"organization_id":99999999999999999999}', 'bad UTF-8' => "{\"name\":\"\xff\"}", 'cut short' => '{"name":"A"',
		'NUL' => '{"name":"a\u0000b"}', 'query and body' => undef);
	for my $name (sort keys %json) {
		my ($jr) = defined $json{$name} ? $ada->api(POST => '/contacts', $json{$name}) : $ada->api(POST => '/contacts?name=A', {name => 'B'});
		is($jr->{status}, 400, "$name: 400");
	}
	my %type = (form => 'application/x-www-form-urlencoded', origin => $server->url);
	is($ada->request('POST', '/contacts', body => 'name=%zz', headers => {'Content-Type' => $type{form}, Origin => $type{origin}, 'X-CSRF-Token' => $ada->csrf})->{status}, 400, 'a form with bad escapes');
	is($ada->request('POST', '/contacts', body => 'name=A&name=B', headers => {'Content-Type' => $type{form}, Origin => $type{origin}, 'X-CSRF-Token' => $ada->csrf})->{status}, 400, 'a field twice');
	is($ada->request('POST', '/contacts', body => join('&', map { "f$_=1" } 1 .. 1500), headers => {'Content-Type' => $type{form}, Origin => $type{origin}, 'X-CSRF-Token' => $ada->csrf})->{status}, 400, 'too many fields');
	my @broken = ("--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nA", 'name=A', "--x\r\n\r\nA\r\n--x--\r\n", "--x--\r\nmore",
		"--x\r\nContent-Disposition: form-data; name=\"name\r\n\r\nA\r\n--x--\r\n", part('name', 'A') . part('name', 'B') . "--x--\r\n");
	for my $body (@broken) {
		my $br = multipart($body);
		is($br->{status}, 400, 'a broken multipart form is 400');
		like($br->{content}, qr/not well-formed|is given twice/, 'and says what is wrong with it');
	}
	my $file = multipart(part('name', 'A') . "--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"../../x.png\"\r\n\r\n\xff\xd8\r\n--x--\r\n");
	is($file->{status}, 415, 'a file where none is taken');
	like($file->{content}, qr/photo.*is a file|is a file.*photo/s, 'is named');
	is($ada->request('POST', '/contacts', body => part('name', 'A') . "--x--\r\n", headers => {'Content-Type' => $multipart, Origin => $type{origin}})->{status}, 403, 'a multipart form needs its CSRF token too');
	is($ada->request('POST', '/contacts', body => '<x/>', headers => {'Content-Type' => 'text/xml', Origin => $type{origin}, 'X-CSRF-Token' => $ada->csrf})->{status}, 415, 'another media type');
	is(($ada->api(POST => '/contacts', '{"name":"' . ('x' x 1_100_000) . '"}'))[0]{status}, 413, 'a megabyte of name');
	is($ada->request('BREW', '/contacts')->{status}, 405, 'a method nobody knows');
	is($ada->request('PUT', '/contacts')->{status}, 405, 'one that is not for this address');
	my ($big) = $server->client->raw("GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: " . ('x' x 200_000) . "\r\n\r\n") =~ m{^HTTP/1\.[01] (\d+)};
	ok(!defined $big || $big == 400 || $big == 414 || $big == 431, 'a huge header is refused');

	# ---- values
	my ($vr, $errors) = $ada->api(POST => '/contacts', {name => '', emails => ['no address'], kind => 'king', organization_id => 999999, is_do_not_contact => 'maybe'});
	is($vr->{status}, 422, 'bad values are 422');
	is(join(' ', sort map { $_->{field} } @{$errors->{errors}}), 'emails is_do_not_contact kind name organization_id', 'all of them named at once');
	my $page = $ada->post('/contacts', {name => '', title => '<b>"Boss"</b>', emails => 'broken', kind => 'prospect'});
	is($page->{status}, 422, 'a form with errors comes back');
	like($page->{content}, qr/Name is required/, 'with the error at its field');
	like($page->{content}, qr/&lt;b&gt;&quot;Boss&quot;/, 'and what was typed, escaped');
	like($page->{content}, qr/aria-invalid="true"/, 'marked for everybody');
}, 'none of it changed the database');

# ---- a form as `curl -F` sends it
my $made = multipart(part('name', "Zo\xc3\xab \"Z\" Meier") . part('kind', 'prospect') . part('notes', "one\r\n--y\r\ntwo") . "--x--\r\n");
is($made->{status}, 303, 'a multipart form makes a contact');
my ($made_id) = $made->{headers}{location} =~ m{/contacts/(\d+)};
is($db->value("SELECT name FROM contacts WHERE id = $made_id"), "Zo\x{eb} \"Z\" Meier", 'with what stood in it');

# ---- versions
my $contact = $ada->api(GET => '/contacts?limit=1')->{data}[0];
is(($ada->api(PATCH => "/contacts/$contact->{id}", {title => 'New'}, headers => {'If-Match' => '"' . ($contact->{version}) . '"'}))[0]{status}, 200, 'the version seen may be changed');
my ($sr, $stale) = $ada->api(PATCH => "/contacts/$contact->{id}", {title => 'Newer'}, headers => {'If-Match' => '"' . ($contact->{version}) . '"'});
is($sr->{status}, 412, 'an older one may not');
is($stale->{current}{title}, 'New', 'and the present one is shown');
my $form = $ada->post("/contacts/$contact->{id}", {name => $contact->{name}, kind => $contact->{kind}, title => 'Typed', version => $contact->{version}});
like($form->{content}, qr/saved this/, 'the form says that somebody was faster');
like($form->{content}, qr/There now: New/, 'and shows what stands there');

# ---- delete, restore
is(($ada->api(DELETE => "/contacts/$contact->{id}"))[0]{status}, 204, 'deleted');
is(($ada->api(GET => "/contacts/$contact->{id}"))[0]{status}, 404, 'gone from view');
is($db->value("SELECT count(*) FROM contacts WHERE id = $contact->{id}"), 1, 'not from the database');
is(($ada->api(POST => "/contacts/$contact->{id}/restore", {}))[0]{status}, 200, 'restored');
is(($ada->api(GET => "/contacts/$contact->{id}"))[0]{status}, 200, 'and there again');

$server->stop;
done_testing;
