# The original HTML of a hostile mail, as src/crm/messages.c serves it, in a real browser: the frame's policy alone, for
# nothing is taken out of the HTML, lets no script run and no request leave (security check M4).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use File::Path qw(make_path);
use Countersign::Run;
use Countersign::Database;
use Countersign::Server;

my $db = Countersign::Database->new(seed => 'demo');
my $html = run_ok(['node', "$TOP/t/browser/vectors.mjs", '--print'], 'the vectors')->{out};
my $known = $db->value('SELECT email FROM contact_emails WHERE deleted_at IS NULL ORDER BY id LIMIT 1');
my $dir = $db->dir . '/mail/hostile';
make_path("$dir/$_") for qw(cur new tmp);
open my $mail, '>', "$dir/cur/1772532000.1:2,S" or die;
print {$mail} "From: A Stranger <$known>\nTo: ada\@fund.example\nSubject: Hostile\nDate: Tue, 03 Mar 2026 10:00:00 +0000\n",
	"Message-ID: <hostile\@mail.example>\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n$html";
close $mail or die;
$db->program([qw(countersign mailbox add hostile@fund.example --user ada --source maildir --path), $dir], 'a mailbox');
$db->program(['mail-sync'], 'captured');
my $id = $db->value("SELECT id FROM messages WHERE message_id LIKE '%hostile\@mail.example%'");
ok($id, 'the message is there') or BAIL_OUT('without it there is nothing to look at');
is($db->value("SELECT html FROM message_bodies WHERE message_id = $id") =~ s/\s+//gr, $html =~ s/\s+//gr, 'as it was sent');

my $server = Countersign::Server->start(db => $db);
my $r = run(['node', "$TOP/t/browser/frame.mjs", $server->url, "/messages/$id/body"]);
my @lines = split /\n/, $r->{out};
for (@lines) { ok(!$1, $2) if /^(not )?ok \d+ - (.*)/ }
diag(join "\n", grep { /^# / } @lines) if grep { /^not ok/ } @lines;
is(scalar(grep { /ok \d+ - / } @lines), 15, 'the browser looked at all of it');
is($r->{status}, 0, 'and ended well') or diag($r->{err});
$server->stop;
done_testing;
