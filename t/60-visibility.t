# Who reads which mail: what others may not read of a mailbox appears on no page, in no reply, search, digest or log, and
# nothing of it can be decided or changed (security checks W7, W8; regressions 3 and 9). Ada's mailbox carries the canaries.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use File::Path qw(make_path);
use JSON::PP ();
use Countersign::Run;
use Countersign::Database;
use Countersign::Server;

my $db = Countersign::Database->new;
my ($dir, $n) = ($db->dir, 0);
sub message {
	my (%m) = @_;
	return join "\n", 'From: Maria Keller <maria@alpine.example>', "To: $m{to}", ($m{more} // ()), "Subject: $m{subject}",
		'Date: Tue, 03 Mar 2026 ' . sprintf('%02d:00:00 +0000', ++$n), "Message-ID: <$m{id}\@mail.example>",
		($m{refs} ? 'References: ' . join(' ', map {"<$_\@mail.example>"} @{$m{refs}}) : ()), '', $m{text} // 'Hello.', '';
}
sub deliver {
	my ($box, $name, $bytes) = @_;
	make_path(map {"$dir/$box/$_"} qw(cur new tmp));
	open my $f, '>', "$dir/$box/cur/$name:2,S" or die "$box: $!";
	print {$f} $bytes;
	close $f or die;
	return;
}
my $file = message(id => 'secret', to => 'Ada Nowak <ada@fund.example>', subject => 'Canarysubject',
	more => "Cc: Canaryname <canaryaddress\@alpine.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b",
	text => "--b\nContent-Type: text/html\n\n<p>Canarybody: could you send the canarything by Friday?</p>\n"
		. "--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=canaryfile.pdf\n\nx\n--b--");
my $both = message(id => 'both', to => 'ada@fund.example, grace@fund.example', subject => 'Terms', text => 'Sharedbody.');
deliver(ada => '1.1' => $file);
deliver($_ => '1.2' => $both) for qw(ada grace);
deliver(ada => '1.3' => message(id => 'aside', to => 'ada@fund.example', subject => 'Re: Terms', refs => ['both'], text => 'Canaryaside.'));
deliver(grace => '1.4' => message(id => 'open', to => 'grace@fund.example', subject => 'Greetings', text => 'Openbody.'));

for (['ada', '--role', 'admin'], ['grace'], ['edda'], ['scout', '--role', 'agent']) {
	my ($name, @more) = @$_;
	$db->program(['countersign', 'user', 'add', $name, '--email', "$name\@fund.example", @more], "user $name", in => "correct horse battery\n");
}
$db->program([qw(countersign config set own_domains fund.example)], 'our domain');
my $server = Countersign::Server->start(db => $db);
my %as = map { $_ => $server->login($_, 'correct horse battery') } qw(ada grace edda);
$as{scout} = $server->client->token('scout', 'correct horse battery'); # a program, by its token
my $firm = $as{ada}->api(POST => '/organizations', {name => 'Alpine', domains => ['alpine.example']})->{data}{id};
$as{ada}->api(POST => '/contacts', {name => 'Maria Keller', emails => ['maria@alpine.example'], organization_id => $firm});
sub box { return (qw(countersign mailbox add), "$_[0]\@fund.example", '--user', $_[0], qw(--source maildir --propose-from all --path), "$dir/$_[0]") }
$db->program([qw(countersign config set mailbox_visibility private)], 'new mailboxes are private by default');
$db->program([box('ada')], "Ada's mailbox");
$db->program([box('grace'), '--visibility', 'everyone'], "Grace's is open");
is($db->value("SELECT visibility FROM mailboxes WHERE id = 1"), 'private', 'the default counts for a new mailbox');
is($db->value("SELECT visibility FROM mailboxes WHERE id = 2"), 'everyone', 'what was said counts for more');
$db->program(['mail-sync'], 'both are read');
run_ok(['chmod', '-R', 'a+rX', "$dir/mail"], 'the workers may read what the test captured');
my %id = map { $_ => $db->row("SELECT id, thread_id FROM messages WHERE message_id = '$_\@mail.example'") } qw(secret both aside open);
is($id{both}{thread_id}, $id{aside}{thread_id}, 'an answer that one of the two got is in the thread of both');

# ---- every route, as the owner and as two others
my @routes = map { @{JSON::PP->new->decode(run([bin($_), '--routes'], env => $db->env)->{out})} } qw(app.fcgi admin.cgi);
my @urls;
for my $route (@routes) {
	for my $path (grep {length} ($route->{page_verb} // '') eq 'GET' ? $route->{page_path} : (), ($route->{api_verb} // '') eq 'GET' ? $route->{api_path} : ()) {
		push @urls, $path =~ /:id/ ? map { $path =~ s/:id/$_/r } 1 .. 9 : ($path, "$path?limit=200&state=any&show=all", "$path?q=canarybody");
	}
}
sub canaries {
	my ($who) = @_;
	return grep { my ($url, $r) = ($_, $as{$who}->get($_)); (my $text = $r->{content}) =~ s/(?:value=|q=|q":)"?canarybody//g; $text =~ /canary/i } @urls;
}
cmp_ok(scalar @urls, '>', 200, scalar(@urls) . ' addresses to read');
my @seen = canaries('ada');
for my $must ("/mail/$id{secret}{thread_id}", '/mail', '/review', '/search?q=canarybody', "/api/messages/$id{secret}{id}") {
	is(scalar(grep { $_ eq $must } @seen), 1, "its owner reads it: $must");
}
is(join(' ', canaries($_)), '', "regression 9: $_ reads no word of it anywhere") for qw(grace edda scout);
is($as{ada}->get('/attachments/1')->{status}, 200, 'its owner opens its attachment');
is($as{$_}->get('/attachments/1')->{status}, 404, "regression 9: nor has $_ its attachment") for qw(grace edda);
is($as{$_}->get("/messages/$id{secret}{id}/body")->{status}, 404, "nor its HTML") for qw(grace edda);

# ---- a program reads what anybody without a mailbox does, and no more
my %asked = map { $_ => [$as{scout}->api(GET => $_)] } "/messages/$id{secret}{id}", "/threads/$id{secret}{thread_id}", "/messages/$id{open}{id}", "/threads/$id{open}{thread_id}", '/threads?limit=200', '/proposals?state=any&limit=200',
	'/search?q=canarybody', '/search?q=openbody', '/contacts/1';
is($asked{$_}[0]{status}, 404, "regression 9: an agent's token does not read $_") for "/messages/$id{secret}{id}", "/threads/$id{secret}{thread_id}";
is($asked{$_}[0]{status}, 200, "but does $_") for "/messages/$id{open}{id}", "/threads/$id{open}{thread_id}";
is(join(' ', map { $_->{id} } @{$asked{'/threads?limit=200'}[1]{data}}), $id{open}{thread_id}, 'of the threads it has that one');
ok(@{$asked{'/proposals?state=any&limit=200'}[1]{data}} && !(grep { ($_->{message_id} // 0) != $id{open}{id} } @{$asked{'/proposals?state=any&limit=200'}[1]{data}}), 'of the proposals those of that one');
like($asked{'/search?q=openbody'}[0]{content}, qr/Greetings/, 'it finds that one');
is(scalar @{$asked{'/search?q=canarybody'}[1]{data}}, 0, 'and nothing of what it may not read');
like($asked{'/contacts/1'}[0]{content}, qr/Greetings/, "and stands on a person's page");
unlike($asked{$_}[0]{content}, qr/canary(?!body")|Terms/i, "regression 9: $_ has nothing of the rest") for sort keys %asked;
unlike($db->program([qw(daily-digest --date 2026-03-04 --dry-run)], 'the digest')->{out}, qr/canary/i, 'regression 9: the digest has no word of it');

# ---- the strictest wins: of a thread with a private mailbox, whoever holds a message reads that, nobody else anything
is($as{ada}->api(GET => "/threads/$id{both}{thread_id}")->{data}{count}, 2, 'the owner reads the whole thread');
my $half = $as{grace}->api(GET => "/threads/$id{both}{thread_id}")->{data};
is(join(' ', map { $_->{id} } @{$half->{messages}}), $id{both}{id}, 'regression 9: who holds one message of it reads that one');
is("$half->{count} $half->{last_at}", '1 ' . $db->value("SELECT sent_at FROM messages WHERE id = $id{both}{id}"), 'and its figures are that one\'s');
is(($as{edda}->api(GET => "/threads/$id{both}{thread_id}"))[0]{status}, 404, 'regression 9: who holds none reads nothing: the strictest wins');
like($as{edda}->get("/mail/$id{open}{thread_id}")->{content}, qr/Openbody/, 'an open mailbox\'s mail is everybody\'s');
deliver(grace => '1.5' => message(id => 'joins', to => 'grace@fund.example', subject => 'Both', refs => ['open', 'secret'], text => 'Joinsbody.'));
$db->program(['mail-sync'], 'a message that joins an open thread and a private one');
is($db->value("SELECT count(DISTINCT thread_id) FROM messages WHERE message_id IN ('open\@mail.example', 'secret\@mail.example')"), 1, 'makes one of them');
is(scalar @{$as{edda}->api(GET => '/threads')->{data}}, 0, 'regression 9: and it is as private as its strictest part');
like($as{grace}->get('/mail')->{content}, qr/Greetings/, 'but who holds a part still reads that');
unlike($as{grace}->get('/mail')->{content}, qr/canary/i, 'and no more');

# ---- nobody else decides or changes anything
my @hidden = map { $_->{id} } @{$db->rows("SELECT DISTINCT proposal_id AS id FROM proposal_messages WHERE message_id IN ($id{secret}{id}, $id{aside}{id})")};
cmp_ok(scalar @hidden, '>', 0, scalar(@hidden) . ' proposals came of what is private');
for my $who (qw(grace edda)) {
	$db->same_after(sub {
		for my $p (@hidden) {
			my $sha = $db->value("SELECT sha256 FROM proposals WHERE id = $p");
			is(($as{$who}->api(POST => "/proposals/$p/$_->[0]", {sha256 => $sha, %{$_->[1]}}))[0]{status}, 404, "$who cannot $_->[0] $p")
				for ['approve', {}], ['dismiss', {reason => 'no'}], ['undo', {}];
		}
		is(($as{$who}->api(PATCH => '/mailboxes/1', {visibility => 'everyone'}))[0]{status}, 403, "regression 3: $who does not open another's mailbox");
		is($as{$who}->post('/capture/1', {visibility => 'everyone'})->{status}, 403, 'nor by the form');
	}, 'regression 3: and nothing changed');
}
is(($as{ada}->api(PATCH => '/mailboxes/2', {visibility => 'private'}))[0]{status}, 403, 'regression 3: an administrator does not decide for the owner');
unlike($as{grace}->get('/capture/1')->{content}, qr/name="visibility"/, 'who may not change it is not offered to');

# ---- in between
sub sight {
	my ($level, $like, $unlike, $name) = @_;
	is(($as{ada}->api(PATCH => '/mailboxes/1', {visibility => $level}))[0]{status}, 200, "its owner makes it: $level");
	my $text = join "\n", map { $as{edda}->get($_)->{content} } "/mail/$id{aside}{thread_id}", '/mail', '/contacts/1', "/api/messages/$id{aside}{id}", '/search?q=canaryaside';
	like($text, $like, $name);
	return if !$unlike;
	unlike($text, $unlike, "and no more");
	my $program = join "\n", map { scalar(($as{scout}->api(GET => $_))[0]{content}) } "/threads/$id{aside}{thread_id}", '/threads', '/contacts/1', "/messages/$id{aside}{id}", '/search?q=canaryaside', '/proposals?state=any';
	unlike($program =~ s/"q":"canaryaside"//gr, $unlike, 'nor a program');
	return;
}
sight('metadata', qr/Maria Keller wrote to.*\(subject not shown\)|\(subject not shown\).*Maria Keller wrote to/s, qr/Re: Terms|Canaryaside/, 'metadata: who wrote to whom');
sight('subject', qr/Terms.*You see the subject/s, qr/Canaryaside/, 'subject: what it is about');
like($as{ada}->get("/mail/$id{aside}{thread_id}")->{content}, qr/Others see the subject/, 'its owner is told what others see');
sight('everyone', qr/Canaryaside/, undef, 'everyone: all of it');
is($db->value("SELECT group_concat(json_extract(changes_json, '\$.visibility[1]'), ' ') FROM audit WHERE resource = 'mailboxes' AND action = 'update' AND changes_json LIKE '%visibility%'"),
	'metadata subject everyone', 'the audit log has each change');

# ---- what its owner countersigns is public by that
$as{ada}->api(PATCH => '/mailboxes/1', {visibility => 'private'});
my $p = $db->row("SELECT id, sha256 FROM proposals WHERE kind = 'activity' AND title LIKE '%Canarysubject%' AND state = 'pending'");
like($as{ada}->get("/review/$p->{id}")->{content}, qr/stands on the record for all/, 'the card says so');
my ($r, $doc) = $as{ada}->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}});
is($r->{status}, 200, 'the owner countersigns');
like($as{edda}->get("/communications/$doc->{data}{result_id}")->{content}, qr/Canarysubject/, 'and it stands there for all');
is($as{edda}->get("/review/$p->{id}")->{status}, 404, 'but not the mail it came from');
$server->stop;
done_testing;
