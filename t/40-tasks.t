# Tasks out of mail: asks and promises in both directions, whose they are, until when, and what is none.
use strict;
use warnings;
use utf8;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Countersign::Database;
use Countersign::Mail;
use Countersign::Run;
use Countersign::Server;

my ($db, $n) = (Countersign::Database->new, 0);
$db->program(['countersign', 'user', 'add', $_, '--email', "$_\@fund.example", '--role', 'admin'], $_, in => "correct horse battery\n") for qw(ada grace);
$db->program([qw(countersign config set own_domains fund.example)], 'our domain');
my $box = $db->dir . '/ada';
$db->program([qw(countersign mailbox add ada@fund.example --user ada --source maildir --propose-from all --path), maildir($box)], 'a mailbox');
my $server = Countersign::Server->start(db => $db);
my $ada = $server->login('ada', 'correct horse battery');
my $firm = $ada->api(POST => '/organizations', {name => 'Alpine', domains => ['alpine.example']})->{data}{id};
my $maria = $ada->api(POST => '/contacts', {name => 'Maria Keller', emails => ['maria@alpine.example'], organization_id => $firm})->{data}{id};
my $investor = $ada->api(POST => '/investors', {organization_id => $firm})->{data}{id};
my %user = map { $_->{username} => $_->{id} } @{$db->rows('SELECT id, username FROM users')};

# Takes in one mail; gives the tasks proposed from it.
sub taken {
	my (%m) = @_;
	maildir($box, sprintf('%d.1', ++$n + 1772500000) => ($m{top} ? "$m{top}\n" : '') . mail(from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example',
		date => 'Tue, 03 Mar 2026 10:00:00 +0000', id => "$n\@mail.example", %m));
	$db->program(['mail-sync'], $m{subject});
	return $db->rows("SELECT * FROM proposals WHERE kind = 'task' AND message_id = (SELECT max(id) FROM messages) ORDER BY id");
}
sub change { my ($p) = @_; return JSON::PP->new->decode($p->{change_json}) }

my ($ask) = @{taken(subject => 'They ask', text => "Dear Ada,\n\nCould you send us the DDQ by Friday?\n\nMaria\n")};
is_deeply(change($ask), {title => 'Maria Keller asks: Could you send us the DDQ by Friday?', due_on => '2026-03-06', assignee_id => $user{ada}, contact_id => $maria},
	'an ask: until its day, for the one who is asked, with the one who asks');
like($ask->{evidence_json}, qr/"message_ids":\[$ask->{message_id}\],"excerpt":"Could you send us the DDQ by Friday\?"/, 'the sentence is the evidence');
is_deeply([@$ask{qw(investor_id organization_id contact_id)}], [$investor, $firm, $maria], 'grouped under the investor');

my ($promise) = @{taken(subject => 'They promise', text => "I will send you the signed form.\n")};
is_deeply(change($promise), {title => 'Maria Keller promised: I will send you the signed form.', due_on => '2026-03-10', assignee_id => $user{ada}, contact_id => $maria},
	'a promise to us, in a week for want of a day');
my ($we) = @{taken(subject => 'We promise', from => 'grace@fund.example', to => 'maria@alpine.example', cc => 'ada@fund.example', text => "I'll let you know tomorrow.\n")};
is_deeply(change($we), {title => "Promised Maria Keller: I'll let you know tomorrow.", due_on => '2026-03-04', assignee_id => $user{grace}, contact_id => $maria}, 'what we promise is for the writer');
my ($asked) = @{taken(subject => 'We ask', from => 'ada@fund.example', to => 'maria@alpine.example', text => "Please confirm the amount until 12 March.\n")};
is_deeply(change($asked), {title => 'Asked Maria Keller: Please confirm the amount until 12 March.', due_on => '2026-03-12', assignee_id => $user{ada}, contact_id => $maria}, 'so is what we ask');
my ($both) = @{taken(subject => 'Two of us', to => 'ada@fund.example, grace@fund.example', text => "Please share the model.\n")};
is(change($both)->{assignee_id}, undef, "what is asked of two is the whole team's");
my $long = 'Could you send ' . join(' and ', ('the accounts of another year') x 8) . '?';
my ($cut) = @{taken(subject => 'At length', text => "$long\n")};
ok(length(change($cut)->{title}) <= 200 && change($cut)->{title} =~ /…$/ && change($cut)->{note} eq $long, 'a long sentence is cut in the title and whole in the note');

# ---- none
for (['Quoted', text => "Thanks.\n\nOn Tue, Mar 3, 2026 Ada wrote:\n> Could you send the deck?\n"],
	['Signature', text => "Thanks.\n\n-- \nMaria\nPlease send mail to my new address\n"],
	['Automated', text => "Could you send the deck?\n", more => 'Auto-Submitted: auto-replied'],
	['A list', text => "Could you send the deck?\n", more => 'List-Id: <news.alpine.example>'],
	['Of months ago', text => "Could you send the deck?\n", date => 'Tue, 02 Dec 2025 10:00:00 +0000'],
	['To another', text => "Could you send the deck?\n", to => 'paul@elsewhere.example', cc => 'ada@fund.example'],
	['To many', text => "Please confirm.\n", from => 'ada@fund.example', to => 'maria@alpine.example, a@x.example, b@x.example, c@x.example'],
	['Courtesy', text => "Please let me know if you have any questions.\n"]) {
	my ($subject, @rest) = @$_;
	is(scalar @{taken(subject => $subject, @rest)}, 0, "$subject: nothing is proposed");
}
$db->program([qw(countersign mailbox authserv ada@fund.example mx.fund.example)], 'whose word on senders counts');
is(scalar @{taken(subject => 'Forged', top => 'Authentication-Results: mx.fund.example; dmarc=fail header.from=alpine.example', text => "Could you send the deck?\n")}, 0,
	'nor from mail whose sender failed');
my ($verified) = @{taken(subject => 'Verified', top => 'Authentication-Results: mx.fund.example; dmarc=pass header.from=alpine.example', text => "Could you send the charts?\n")};
like($verified->{evidence_json}, qr/"authenticity":"verified"/, 'whose the sentence is stands with it');
my $thread = $n + 1;
taken(subject => 'Answer', from => 'ada@fund.example', to => 'maria@alpine.example', date => 'Tue, 03 Mar 2026 12:00:00 +0000', text => "Attached.\n");
is(scalar @{taken(subject => 'Answered already', refs => "<$thread\@mail.example>", text => "Could you send the deck?\n")}, 0, 'what was answered meanwhile is no task');

# ---- once, decided once, and where it lands
my $count = $db->value("SELECT count(*) FROM proposals WHERE kind = 'task'");
$db->program(['mail-sync', '--full'], 'the same mail once more');
is($db->value("SELECT count(*) FROM proposals WHERE kind = 'task'"), $count, 'proposes nothing twice');
is($ada->post("/review/$promise->{id}/dismiss", {sha256 => $promise->{sha256}})->{status}, 303, 'dismissed');
taken(subject => 'They promise', refs => '<2@mail.example>', text => "I will send you the signed form.\n");
is($db->value("SELECT count(*) FROM proposals WHERE kind = 'task'"), $count, 'the same words in the same thread do not come back');
my $done = $ada->api(POST => "/proposals/$ask->{id}/approve", {sha256 => $ask->{sha256}})->{data};
my $task = $ada->api(GET => "/tasks/$done->{result_id}")->{data};
is_deeply([@$task{qw(due_on assignee_id contact_id source)}], ['2026-03-06', $user{ada}, $maria, 'capture'], 'countersigned, it is a task');
like($ada->get('/review?kind=task')->{content}, qr/Promised Maria Keller/, 'the queue shows the others');
$server->stop;
done_testing;
