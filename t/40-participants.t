# Who takes part in a message (capture.md 2): From, To, Cc, Reply-To; Bcc of what we sent. Nobody else makes it worth keeping.
use strict;
use warnings;
use lib 't/lib';
use JSON::PP ();
use Test::More;
use Countersign::Fund;
use Countersign::Mail;

my $fund = Countersign::Fund->start;
my ($db, $ada) = @$fund{qw(db ada)};
my $date = 'Tue, 03 Mar 2026 10:00:00 +0000';
my $bob = 'Bob <bob@stranger.example>';
my $maria = 'maria@alpine.example';
sub one { my ($id, %m) = @_; return mail(id => "$id\@x.example", from => $bob, to => 'ada@fund.example', subject => $id, date => $date, %m) }
sub is_kept { my ($id) = @_; return defined $fund->message("$id\@x.example") }

$fund->receive('Maria in every place',
	one('from', from => $maria), one('to', to => "ada\@fund.example, $maria"), one('cc', cc => $maria), one('reply-to', more => "Reply-To: $maria"),
	one('sender', more => "Sender: $maria"), one('bcc', more => "Bcc: $maria"),
	one('bcc-out', from => 'ada@fund.example', to => 'bob@stranger.example', more => "Bcc: $maria"),
	one('assistant', from => $maria, more => 'Sender: Olga New <olga@alpine.example>'),
	one('inside', from => 'ada@fund.example', to => 'grace@fund.example', more => "Sender: $maria"));
ok(is_kept($_), "makes a stranger's mail worth keeping: $_") for qw(from to cc reply-to);
ok(!is_kept($_), "does not: $_") for qw(sender bcc);
ok(is_kept('bcc-out'), 'but Bcc of what we sent does');
is(join(' ', map { "$_->{rule}=$_->{n}" } @{$db->rows("SELECT rule, count(*) n FROM mailbox_items WHERE state = 'excluded' GROUP BY rule ORDER BY rule")}), 'internal=1 stranger=2', 'nor does a Sender from outside make our own mail other than internal');
is($db->value("SELECT count(*) FROM proposals WHERE kind = 'contact' AND title LIKE '%Olga%'"), 0, 'who handed it in is not introduced by it');
is($db->value("SELECT count(*) FROM message_addresses WHERE role = 'sender'"), 0, 'nor found by it');

# ---- a blind copy that a colleague's copy did not tell of
$fund->made('/contacts', {name => 'Otto Ruf', emails => ['otto@alpine.example'], organization_id => $fund->{firm}});
$fund->receive('what a colleague has', one('blind', from => 'ada@fund.example', to => "grace\@fund.example, $maria"));
my $otto = "SELECT count(*) FROM thread_parties p JOIN contacts c ON c.id = p.resource_id WHERE p.resource = 'contacts' AND c.name = 'Otto Ruf'";
is($db->value($otto), 0, 'he has no mail yet');
$fund->receive('what its writer kept', one('blind', from => 'ada@fund.example', to => "grace\@fund.example, $maria", more => 'Bcc: otto@alpine.example'));
is($db->value("SELECT count(*) FROM messages WHERE message_id = 'blind\@x.example'"), 1, 'one message');
is($db->value($otto), 1, 'and it is his as well');
$fund->stop;
done_testing;
