# Whom mail is about: a firm whose whole domain is captured, new people beside known ones, a colleague's further addresses.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Fund;
use Countersign::Mail;
use Countersign::Run;
use JSON::PP ();

my $fund = Countersign::Fund->start;
my ($db, $ada) = @$fund{qw(db ada)};
my $minute = 0;
sub letter { my ($id, %m) = @_; return mail(id => "$id\@mail.example", to => 'ada@fund.example', date => sprintf('Tue, 03 Mar 2026 10:%02d:00 +0000', $minute++), %m) }
sub of_thread { my ($id) = @_; return $db->rows("SELECT * FROM proposals WHERE kind = 'activity' AND thread_id = " . $fund->message("$id\@mail.example")->{thread_id} . ' ORDER BY id') }
sub change { return JSON::PP->new->decode($_[0]{change_json}) }
sub person { return $db->row("SELECT * FROM proposals WHERE kind = 'contact' AND title LIKE '%$_[0]%'") }
sub approve { my ($p) = @_; my ($r, $doc) = $ada->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}}); is($r->{status}, 200, "$p->{title}: countersigned") or diag $r->{content}; return $doc->{data}{result_id} }

# ---- a firm whose domain is captured
my $cedar = $fund->made('/organizations', {name => 'Cedar', domains => ['cedar.example']});
is($ada->post("/organizations/$cedar/capture", {is_captured => 1})->{status}, 303, 'all mail of a firm is captured');
$fund->receive('somebody nobody knows there', letter('p1', from => 'Petra Stein <petra@cedar.example>', subject => 'Domain'));
my ($activity, @more) = @{of_thread('p1')};
is(scalar @more, 0, 'one activity');
is($activity->{title}, 'E-mail with Cedar: Domain', 'is proposed, with the firm');
is_deeply([@{change($activity)}{qw(contact_ids organization_ids)}], [[], [$cedar]], 'on its record, and on nobody\'s beside');
is($activity->{organization_id}, $cedar, 'under its heading');
approve(person('Petra Stein'));
my $petra = $db->value("SELECT id FROM contacts WHERE name = 'Petra Stein'");
$fund->sync('again, she being known');
is(scalar @{of_thread('p1')}, 1, 'no second one');
$fund->receive('her next letter that day', letter('p2', from => 'petra@cedar.example', subject => 'Re: Domain', refs => '<p1@mail.example>'));
($activity, @more) = @{of_thread('p1')};
is(scalar @more, 0, 'still one');
is_deeply([@{change($activity)}{qw(contact_ids organization_ids)}, scalar @{change($activity)->{message_ids}}], [[$petra], [$cedar], 2], 'of both letters, with her and the firm');
my $done = approve($activity);
is($db->value("SELECT group_concat(resource || resource_id, ' ') FROM (SELECT * FROM communication_parties WHERE communication_id = $done AND resource <> 'users' ORDER BY resource)"),
	"contacts$petra organizations$cedar", 'and so it stands on both records');
$fund->sync('and again');
is(scalar @{of_thread('p1')}, 1, 'what was countersigned is not proposed anew');

# ---- of people known elsewhere, both firms
my $birch = $fund->made('/organizations', {name => 'Birch'});
my $karl = $fund->made('/contacts', {name => 'Karl Ott', emails => ['karl@cedar.example'], organization_id => $birch});
$fund->receive('a man of Birch with an address at Cedar', letter('k1', from => 'Karl Ott <karl@cedar.example>', subject => 'Two hats'));
is_deeply([@{change(of_thread('k1')->[0])}{qw(contact_ids organization_ids)}], [[$karl], [$cedar, $birch]], 'both are taking part');
is($db->value("SELECT count(*) FROM thread_parties WHERE resource = 'organizations' AND thread_id = " . $fund->message('k1@mail.example')->{thread_id}), 2, 'and both records show the thread');

# ---- new people beside those of a firm that is no investor and has no domain
my $borealis = $fund->made('/organizations', {name => 'Borealis'});
$fund->made('/contacts', {name => 'Nils Berg', emails => ['nils@borealis.example'], organization_id => $borealis});
$fund->made('/contacts', {name => 'Urs Brunner', emails => ['urs@counsel.example']});
$fund->receive('somebody new in Cc', letter('n1', from => 'Nils Berg <nils@borealis.example>', cc => 'Olga Ny <olga@borealis.example>', subject => 'New here'),
	letter('u1', from => 'Urs Brunner <urs@counsel.example>', cc => 'Ivo Lang <ivo@nowhere.example>', subject => 'No firm'));
my $olga = person('Olga Ny');
is($olga->{change_json}, '{"name":"Olga Ny","kind":"prospect","emails":["olga@borealis.example"]}', 'is proposed; where she works a person says');
is($olga->{organization_id}, $borealis, 'under the firm that is known there');
is(person('Ivo Lang'), undef, 'not where no firm takes part');

# ---- a colleague's further addresses
my ($grace_id) = map { $_->{id} } grep { $_->{username} eq 'grace' } @{$ada->api(GET => '/users')->{data}};
like($ada->get('/admin')->{content}, qr/name="aliases"/, 'the administrator\'s page has a field for them');
my %grace = (name => 'Grace', email => 'grace@fund.example', role => 'member', is_active => 1);
is($ada->post("/admin/users/$grace_id", {%grace, aliases => "grace\@home.example\r\nGrace.H\@mail.example\r\n"})->{status}, 303, 'one a line');
like($ada->get('/admin')->{content}, qr/^grace\.h\@mail\.example\ngrace\@home\.example</m, 'which it shows');
is_deeply($ada->api(GET => "/users/$grace_id")->{data}{aliases}, ['grace.h@mail.example', 'grace@home.example'], 'as does the API');
is($ada->post("/admin/users/$grace_id", {%grace, aliases => 'ada@fund.example'})->{status}, 409, 'not one of somebody else\'s');
is($ada->post("/admin/users/$grace_id", {%grace, aliases => 'nonsense'})->{status}, 422, 'nor what is none');
my ($r) = $ada->api(PATCH => "/admin/users/$grace_id", {aliases => ['grace@cedar.example', 'grace@home.example']});
is($r->{status}, 200, 'the API changes them') or diag $r->{content};
is($db->value("SELECT changes_json FROM audit WHERE resource = 'users' ORDER BY id DESC LIMIT 1"), '{"aliases":[["grace.h@mail.example","grace@home.example"],["grace@cedar.example","grace@home.example"]]}', 'and the audit log has it');
like($ada->get('/audit')->{content}, qr/grace\.h\@mail\.example, grace\@home\.example/, 'for people to read');
$fund->receive('a letter that she wrote from home', letter('g1', from => 'Grace <grace@home.example>', to => 'maria@alpine.example', cc => 'ada@fund.example', subject => 'From home'),
	letter('g4', from => 'grace@cedar.example', to => 'maria@alpine.example', subject => 'From a client\'s'), letter('g2', from => 'grace@home.example', subject => 'Between us'));
is($fund->message('g1@mail.example')->{direction}, 'out', 'is ours');
is($fund->message('g2@mail.example'), undef, 'what she writes to us is our own business');
is_deeply(change(of_thread('g1')->[0])->{user_ids}, [sort map { $_->{id} } @{$ada->api(GET => '/users')->{data}}], 'and she took part');
is_deeply(change(of_thread('g4')->[0])->{organization_ids}, [$fund->{firm}], 'one at a captured domain speaks for us, not for that firm');
is(person('Grace'), undef, 'she is nobody new');
$db->program([qw(countersign user unalias grace grace@home.example)], 'it is taken back');
$fund->receive('then the address', letter('g3', from => 'grace@home.example', cc => 'maria@alpine.example', subject => 'A stranger'));
is($fund->message('g3@mail.example')->{direction}, 'in', 'is anybody\'s');
$fund->stop;
done_testing;
