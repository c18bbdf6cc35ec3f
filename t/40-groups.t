# Mail that a group of ours passes on under its own address: its writer is who the group says, when the group is among
# own_groups, and nobody else's word counts (gmail.md 12).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Fund;
use Countersign::Mail;

my $fund = Countersign::Fund->start(authserv => 'mx.fund.example');
my ($db, $ada) = @$fund{qw(db ada)};
my $date = 'Tue, 03 Mar 2026 10:00:00 +0000';
my $list = "List-ID: <ir.fund.example>\nPrecedence: list";
my $pass = 'Authentication-Results: mx.fund.example; dmarc=pass header.from=fund.example';
my $taken = "Received: from groups.example by mx.fund.example; $date";
my $maria = 'Maria Keller <maria@alpine.example>';
# via(id, group, header lines)
sub via { my ($id, $group, @more) = @_; return mail(id => "$id\@x.example", from => qq{"'Maria Keller' via IR" <$group\@fund.example>}, to => "$group\@fund.example", subject => $id, date => $date, more => join("\n", $pass, $taken, $list, @more), text => "Could you send me the accounts by Friday?\n\n-- \nMaria Keller\nHead of Private Equity\n") }
sub is_stored { my ($id, $want, $what) = @_; local $Test::Builder::Level = $Test::Builder::Level + 1; return is(join(' ', map { $_ // '-' } @{$fund->message("$id\@x.example") // {}}{qw(direction from_email from_name is_automated authenticity warnings)}), $want, $what) }
sub proposed { my ($id) = @_; return $db->value("SELECT coalesce(group_concat(kind, ' '), '') FROM (SELECT kind FROM proposals WHERE message_id = (SELECT id FROM messages WHERE message_id = '$id\@x.example') ORDER BY kind)") }

$fund->receive('a group that is not among ours', via('unlisted', 'ir', "X-Original-From: $maria", "Reply-To: $maria"));
is_stored('unlisted', "in ir\@fund.example 'Maria Keller' via IR 1 unverified ours", 'nobody is taken for somebody else, and it is not mail that we sent');
$db->program([qw(countersign config set own_groups), 'ir@fund.example, Deals@fund.example'], 'our groups');
$fund->receive('what our groups pass on',
	via('both', 'ir', "X-Original-Sender: maria\@alpine.example", "X-Original-From: $maria", "Reply-To: $maria"),
	via('sender', 'deals', 'X-Original-Sender: maria@alpine.example'),
	via('reply', 'ir', "Reply-To: $maria"),
	via('nobody', 'ir', 'Cc: maria@alpine.example', 'Reply-To: ir@fund.example'),
	via('foreign', 'other', "X-Original-From: $maria", "Reply-To: $maria"),
	via('away', 'ir', "X-Original-From: $maria", 'Auto-Submitted: auto-replied'),
	via('machine', 'ir', 'X-Original-From: noreply@alpine.example', 'Cc: maria@alpine.example'),
	via('colleague', 'ir', 'X-Original-From: Grace <grace@fund.example>', 'Cc: maria@alpine.example'),
	mail(id => 'stranger@x.example', from => 'Bob <bob@stranger.example>', to => 'ada@fund.example, maria@alpine.example', subject => 'stranger', date => $date, more => "$taken\nX-Original-From: $maria"));
my $person = 'in maria@alpine.example Maria Keller 0 unverified -';
is_stored($_, $person, "its writer is the sender: $_") for qw(both sender reply);
is(proposed('both'), 'activity task', 'it proposes what her mail proposes');
is_stored('nobody', "out ir\@fund.example 'Maria Keller' via IR 1 verified -", 'where the group names nobody, nobody is guessed');
is_stored('foreign', "in other\@fund.example 'Maria Keller' via IR 1 unverified ours", 'one that is not listed is not believed');
is_stored('away', 'in maria@alpine.example Maria Keller 1 unverified -', 'an automatic reply stays one');
is_stored('machine', 'in noreply@alpine.example Maria Keller 1 unverified known-name', 'and so does what nobody wrote');
is_stored('colleague', 'out grace@fund.example Grace 0 verified -', 'a colleague who writes to it is one of us');
is_stored('stranger', 'in bob@stranger.example Bob 0 unknown -', 'anybody may write the header, and nothing comes of it');
$fund->stop;
done_testing;
