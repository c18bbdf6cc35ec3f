# Which way mail with one of our addresses in From went (gmail.md 4 and 12): From is what its sender wrote, so that a folder, our
# receiver's word, or that no server ever took it has to say so too.
use strict;
use warnings;
use lib 't/lib';
use JSON::PP ();
use Test::More;
use Countersign::Fund;
use Countersign::Mail;

my $fund = Countersign::Fund->start(authserv => 'mx.fund.example');
my ($db, $ada) = @$fund{qw(db ada)};
my $date = 'Tue, 03 Mar 2026 10:00:00 +0000';
my $taken = "Received: from evil.example by mx.fund.example; $date";
my $pass = "Authentication-Results: mx.fund.example; dmarc=pass header.from=fund.example";
my $none = "Authentication-Results: mx.fund.example; spf=fail smtp.mailfrom=evil.example; dmarc=none header.from=fund.example";
sub ours { my ($id, @more) = @_; return mail(id => "$id\@fund.example", from => 'Ada <ada@fund.example>', to => 'maria@alpine.example', cc => 'grace@fund.example', subject => $id, date => $date, (@more ? (more => join("\n", @more)) : ()), text => "Our new bank details are below ($id).\n") }
sub is_stored { my ($id, $want, $what) = @_; local $Test::Builder::Level = $Test::Builder::Level + 1; is(join(' ', map { $_ // '-' } @{$fund->message("$id\@fund.example") // {}}{qw(direction authenticity warnings)}), $want, $what) }
# into(folder, messages): of ada's mailbox, or of the directory given.
sub into { my ($folder, @raw) = @_; maildir($fund->{dir}, map { (($folder ? "$folder/" : '') . $fund->{n}++ . '.m' => $_) } @raw); return }

into('', ours('forged', $taken), ours('none', $none), ours('forged-none', $taken, $none), ours('labelled', $taken, 'X-Gmail-Labels: Sent'), ours('copy'), ours('colleague', $pass, $taken));
into('Sent', ours('sent', $taken));
into('[Gmail].Sent Mail', ours('gmail', $taken));
into('INBOX.Sent Items', ours('items', $taken));
into('Gesendete Elemente', ours('german', $taken));
into('&AMk-l&AOk-ments envoy&AOk-s', ours('french', $taken));
into('Sentinel', ours('sentinel', $taken));
$fund->sync('mail of ours, and what only says so');
is_stored('forged', 'in unverified ours account', 'a server took it and nobody vouches for it: it came in');
is_stored('none', 'in unverified ours account', 'our server found nothing that speaks for it: it came in');
is_stored('forged-none', 'in unverified ours account', 'both');
is_stored('labelled', 'in unverified ours account', 'a label that came with it is nothing');
is_stored('sentinel', 'in unverified ours account', 'nor a folder of another name');
is_stored('copy', 'out - -', 'what no server took is our own copy');
is_stored('colleague', 'out verified -', 'a colleague, and our server says so');
is_stored($_, 'out - -', "a folder for sent mail: $_") for qw(sent gmail items german french);
my $p = $db->row("SELECT change_json, evidence_json FROM proposals WHERE kind = 'activity' AND title LIKE '%: forged'");
is(JSON::PP->new->decode($p->{change_json})->{direction}, 'in', 'no activity says that we sent it');
is(JSON::PP->new->decode($p->{evidence_json})->{authenticity}, 'unverified', 'and its mark says that nobody knows who did');
like($ada->get('/mail/' . $fund->message('forged@fund.example')->{thread_id})->{content}, qr/nothing shows that it was sent from here/, 'the page says so in words');

# ---- a copy that knows more
into('', ours('later', $taken));
$fund->sync('what a colleague received');
is_stored('later', 'in unverified ours account', 'without a proof it came in');
into('Sent', ours('later'));
$fund->sync('what its writer kept');
is_stored('later', 'out - -', 'the copy in a folder for sent mail proves it');
is($db->value("SELECT last_direction FROM threads WHERE id = " . $fund->message('later@fund.example')->{thread_id}), 'out', 'so has its thread');
is(JSON::PP->new->decode($db->value("SELECT change_json FROM proposals WHERE kind = 'activity' AND title LIKE '%: later'"))->{direction}, 'out', 'and what is proposed');
into('', ours('sent', $none, $taken), ours('copy', 'Authentication-Results: mx.fund.example; dmarc=fail header.from=fund.example', $taken));
$fund->sync('copies that come in');
is_stored($_, 'out - -', "nothing that comes in changes what we sent: $_") for qw(sent copy);

# ---- mailboxes of which less is known
my %box = (plain => '', folder => '');
for my $name (sort keys %box) {
	my $dir = $db->dir . "/$name";
	maildir($dir);
	maildir($dir, 'Sent/1772531999.s' => ours("kept-$name")) if $name eq 'folder';
	maildir($dir, '1772531998.s' => ours("in-$name", $taken));
	$db->program([qw(countersign mailbox add), "$name\@fund.example", qw(--source maildir --propose-from all --path), $dir], "a mailbox without a receiver: $name");
}
open my $mbox, '>:raw', $db->dir . '/takeout.mbox' or die;
print {$mbox} map { "From x Tue Mar  3 10:00:00 2026\n$_\n" } "X-GM-THRID: 1\nX-Gmail-Labels: Sent,Important\n" . ours('exported', $taken), "X-Gmail-Labels: Inbox\n" . ours('export-forged', $taken, 'X-Gmail-Labels: Sent');
close $mbox or die;
$db->program([qw(countersign mailbox add takeout@fund.example --source mbox --propose-from all --path), $db->dir . '/takeout.mbox'], 'an export');
$db->program([qw(countersign mailbox authserv takeout@fund.example mx.fund.example)], 'its receiver');
$fund->sync('all of them');
is_stored('in-plain', 'out unknown -', 'neither a receiver nor a folder for sent mail: From is all there is, and nothing proves it');
is_stored('in-folder', 'in unverified ours account', 'with a folder for sent mail, what lies elsewhere was not sent');
is_stored('kept-folder', 'out - -', 'and what lies there was');
is_stored('exported', 'out - -', "an export's own label says so");
is_stored('export-forged', 'in unverified ours account', 'not one below it');
into('', ours('in-plain', $taken));
$fund->sync('the same with a receiver');
is_stored('in-plain', 'in unverified ours account', 'who can tell is believed before who cannot');
$fund->stop;
done_testing;
