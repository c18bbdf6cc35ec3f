# Mail that was left out for want of somebody known is looked at again when a person asks: after a contact gained an address, or
# when a domain is captured. Nothing else is judged anew, and history proposes nothing.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Database;
use Countersign::Mail;
use Countersign::Server;

my $db = Countersign::Database->new;
my $dir = $db->dir;
$db->program(['countersign', qw(user add), $_->[0], '--email', "$_->[0]\@fund.example", '--role', $_->[1]], "$_->[0]", in => "correct horse battery\n") for ['ada', 'admin'], ['grace', 'member'];
$db->program([qw(countersign config set own_domains), 'fund.example, fund.test'], 'our domains');
my $second = 1700000000;
sub letter { my ($n, $from, $date, %m) = @_; return (($second + $n) . ".$n" => mail(from => $from, to => 'ada@fund.example', subject => "Letter $n", date => $date, %m)) }
my ($old, $today) = ('Mon, 02 Feb 2026 10:00:00 +0000', 'Wed, 04 Mar 2026 07:00:00 +0000');
maildir("$dir/ada", (map { letter($_, 'Lena Vogt <lena@cedar.example>', $old) } 1 .. 4), letter(5, 'lena@cedar.example', $today),
	(map { letter($_, "nobody$_\@elsewhere.example", $old) } 6 .. 8), letter(9, 'ada@fund.test', $old), letter(10, 'Oskar <oskar@cedar.example>', $old));
$db->program([qw(countersign mailbox add ada@fund.example --user ada --source maildir --path), "$dir/ada"], 'a mailbox');
sub sync { my ($hour, @args) = @_; return $db->program(['mail-sync', @args], "a run at $hour", env => {COUNTERSIGN_NOW => "2026-03-04T$hour:00Z"}) }
sub rules { return join ' ', map { "$_->{rule}=$_->{n}" } @{$db->rows("SELECT coalesce(rule, state) AS rule, count(*) AS n FROM mailbox_items GROUP BY 1 ORDER BY 1")} }
sync('08:00');
is(rules(), 'internal=1 stranger=9', 'nobody is known: nine strangers; what goes between two domains of ours is internal');

my $server = Countersign::Server->start(db => $db); # at nine
my ($ada, $grace) = map { $server->login($_, 'correct horse battery') } qw(ada grace);
my $firm = $ada->api(POST => '/organizations', {name => 'Cedar', kind => 'endowment', domains => ['cedar.example']})->{data}{id};
my $lena = $grace->api(POST => '/contacts', {name => 'Lena Vogt', emails => ['lena@cedar.example'], organization_id => $firm})->{data}{id};

# ---- offered, and done when asked
my $offer = $grace->api(GET => "/contacts/$lena")->{data};
is_deeply([map { "$_->{address} $_->{count}" } @{$offer->{lookbacks}}], ['ada@fund.example 9'], 'the new contact may have been among nine');
like($grace->get("/contacts/$lena")->{content}, qr/Mail with lena\@cedar\.example.*9 left out.*Look again/s, 'her page offers to look');
sync('10:00');
is(rules(), 'internal=1 stranger=9', 'unasked nothing is looked at');
is($grace->post('/capture/1/again', {contact_id => $lena})->{status}, 303, 'asked');
is($grace->post('/capture/1/again', {contact_id => $lena})->{status}, 409, 'once at a time');
is($grace->post('/capture/1/again', {contact_id => 999})->{status}, 422, 'for a contact');
is($grace->post('/capture/99/again', {})->{status}, 404, 'of a mailbox');
like($grace->get("/contacts/$lena")->{content}, qr/<progress/, 'the page shows how far it is');
if (my ($strace) = grep { -x } map { "$_/strace" } split /:/, $ENV{PATH}) {
	my $program = -x "$TOP/build/bin/mail-sync" ? "$TOP/build/bin/mail-sync" : bin('mail-sync');
	run([$strace, '-qq', '-o', '/dev/null', '-e', 'trace=pwrite64', '-e', "inject=pwrite64:signal=KILL:when=$_", $program], env => {%{$db->env}, COUNTERSIGN_NOW => '2026-03-04T11:00:00Z'}) for 1 .. 6;
}
sync('11:00');
is(rules(), 'internal=1 stored=5 stranger=4', 'what holds her address is captured, the others are left out as before');
is($db->value("SELECT seen_at FROM mailbox_items WHERE rule = 'internal'"), '2026-03-04T08:00:00Z', 'only the strangers were judged anew');
my $look = $db->row('SELECT * FROM lookbacks');
is("$look->{total} $look->{done} $look->{stored} $look->{ended_at}", '9 9 5 2026-03-04T11:00:00Z', 'with the account of it');
is($db->value("SELECT count(*) FROM audit WHERE resource = 'mailboxes' AND changes_json LIKE '%look again%'"), 2, 'asked and done in the audit log');
is(join(', ', map { $_->{title} } @{$db->rows("SELECT title FROM proposals WHERE kind = 'activity'")}), 'E-mail with Lena Vogt: Letter 5', 'older mail than the cut-off proposes nothing');
my $page = $grace->get("/contacts/$lena")->{content};
unlike($page, qr/Look again/, 'there is nothing more to look for');
like($page, qr/Letter 1/, 'but her letters');
is($db->value('SELECT count(*) FROM messages'), 5, 'each once');

# ---- a firm's whole domain
is($grace->post("/organizations/$firm/capture", {is_captured => 1})->{status}, 403, 'is for an administrator to capture');
like($ada->get("/organizations/$firm")->{content}, qr/Keep all mail/, 'who finds it on the page');
is($ada->post("/organizations/$firm/capture", {is_captured => 1})->{status}, 303, 'switched on');
is($ada->api(GET => "/organizations/$firm")->{data}{is_domain_captured}, JSON::PP::true(), 'it shows');
is(($ada->api(PATCH => "/organizations/$firm", {domains => ['cedar.example', 'cedar.test']}))[0]{status}, 200, 'a further domain');
is($db->value("SELECT group_concat(domain || '=' || is_captured) FROM (SELECT * FROM organization_domains ORDER BY domain)"), 'cedar.example=1,cedar.test=0', 'waits for an administrator');
maildir("$dir/ada", letter(20, 'Petra <petra@cedar.example>', $today));
sync('12:00');
is($db->value("SELECT count(*) FROM messages WHERE from_email = 'petra\@cedar.example'"), 1, 'mail of somebody unknown there is kept');
is($db->value("SELECT count(*) FROM messages WHERE from_email = 'oskar\@cedar.example'"), 0, 'earlier mail is not');
$server->stop;
$ENV{COUNTERSIGN_NOW} = '2026-03-04T12:30:00Z';
$server = Countersign::Server->start(db => $db);
($ada, $grace) = map { $server->login($_, 'correct horse battery') } qw(ada grace);
like($ada->get('/capture/1')->{content}, qr/4 messages are left out because nobody known took part.*Look again/s, 'until the mailbox is looked at again');
is($ada->post('/capture/1/again', {})->{status}, 303, 'which its page offers');
sync('13:00');
is($db->value("SELECT count(*) FROM messages WHERE from_email = 'oskar\@cedar.example'"), 1, 'then it is');
is($ada->post("/organizations/$firm/capture", {is_captured => 0})->{status}, 303, 'switched off');
my $family = $ada->api(POST => '/organizations', {name => 'The Okoro Family', domains => ['okoro.example', 'gmail.com']})->{data}{id};
$db->same_after(sub {
	my ($r, $doc) = $ada->api(POST => "/organizations/$family/capture", {is_captured => 1});
	is($r->{status}, 409, "a provider's domain is nobody's");
	like($doc->{detail} . $doc->{errors}[0]{message}, qr/gmail\.com, where anybody has an address/, 'which is said');
}, 'and nothing of it is switched on');
maildir("$dir/ada", letter(21, 'Quirin <quirin@cedar.example>', $today));
sync('14:00');
is($db->value("SELECT count(*) FROM messages WHERE from_email LIKE 'quirin%'"), 0, 'only known people again');
is($db->value("SELECT count(*) FROM audit WHERE resource = 'organizations' AND changes_json LIKE '%mail of cedar.example%'"), 2, 'both in the audit log');

# ---- the cut-off
is($grace->post('/capture/1/cutoff', {propose_from => '2026-01-01'})->{status}, 403, "the cut-off is not for another member to move");
is($ada->post('/capture/1/cutoff', {propose_from => 'soon'})->{status}, 422, 'to a day');
is($ada->post('/capture/1/cutoff', {propose_from => '2026-01-01'})->{status}, 303, 'its user moves it');
like($ada->get('/capture/1')->{content}, qr/name="propose_from" type="date" value="2026-01-01"/, 'the page has it');
maildir("$dir/ada", letter(22, 'lena@cedar.example', $old, subject => 'Asked for'));
sync('15:00');
is($db->value("SELECT count(*) FROM proposals WHERE title LIKE '%Asked for'"), 1, 'and what is captured after that proposes from then');
$server->stop;
done_testing;
