# One message over many mailboxes is stored once, whatever its way did to its bytes; another body under the same Message-ID is a
# message of its own (capture.md 4).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Fund;
use Countersign::Mail;
use Countersign::Run;

my $fund = Countersign::Fund->start;
my ($db, $ada) = @$fund{qw(db ada)};
my $other = $db->dir . '/ir';
maildir($other);
$db->program([qw(countersign mailbox add ir@fund.example --source maildir --propose-from all --path), $other], 'a second mailbox');

my $n = 0;
sub letter { my ($id, %m) = @_; return mail(id => "$id\@x.example", from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example, ir@fund.example', subject => $id, date => 'Tue, 03 Mar 2026 10:00:00 +0000', %m) }
sub stored { my ($id) = @_; return $db->value("SELECT count(*) FROM messages WHERE message_id = '$id\@x.example'") }
# both(what, ada's copy, the other's): the other's comes second.
sub both { my ($what, $first, $second) = @_; $fund->receive("$what: one copy", $first); maildir($other, 1772533000 + $n++ . '.c' => $second); return $fund->sync("$what: the other") }

my $lf = letter('lines', text => "Hello\nthere \n");
both('line ends', $lf, $lf =~ s/\n/\r\n/gr);
is(stored('lines'), 1, 'LF and CRLF: one message');
is($db->value("SELECT count(*) FROM mailbox_items WHERE message_id = (SELECT id FROM messages WHERE message_id = 'lines\@x.example')"), 2, 'in two mailboxes');
unlike($db->value("SELECT change_json FROM proposals WHERE kind = 'activity' AND title LIKE '%: lines'"), qr/Hello.*Hello/s, 'and one line in its activity');

my $mime = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding:";
both('encodings', letter('encoded', more => "$mime 8bit", text => "Gr\xc3\xbc\xc3\x9fe\n"), letter('encoded', more => "$mime quoted-printable", text => "Gr=C3=BC=C3=9Fe=\n\n"));
is(stored('encoded'), 1, '8bit and quoted-printable: one message');
both('a footer', letter('footer'), letter('footer', text => "Hello.\n\n"));
is(stored('footer'), 1, 'empty lines at the end: one message');

both('another body', letter('reused'), letter('reused', text => "Our new bank details follow.\n"));
is(stored('reused'), 2, 'another body under the same id is kept');
both('another sender', letter('sender'), letter('sender', from => 'Maria Keller <maria@evil.example>', cc => 'maria@alpine.example', text => "Hello. \n"));
is(stored('sender'), 2, 'so is the same from somebody else');
my $html = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b";
sub two { my ($link) = @_; return "--b\nContent-Type: text/plain\n\nPay here.\n--b\nContent-Type: text/html\n\n<a href=\"https://$link\">Pay here.</a>\n--b--\n" }
both('another link', letter('link', more => $html, text => two('alpine.example')), letter('link', more => $html, text => two('evil.example')));
is(stored('link'), 2, 'so is the same text beside other HTML');
is(stored('lines'), 1, 'and nothing of it replaced anything');
run_ok([bin('mail-sync'), '--verify'], 'every copy is accounted for', env => $db->env);
$fund->stop;
done_testing;
