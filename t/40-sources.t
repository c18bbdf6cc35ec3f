# What a folder or a label says of mail: what is none of it is not captured, what it says now is what rules go by. And an mbox
# file that grows, or holds a message twice.
use strict;
use warnings;
use utf8;
use lib 't/lib';
use Digest::SHA qw(sha256_hex);
use Test::More;
use Countersign::Fund;
use Countersign::Mail;
use Countersign::Run;

my $fund = Countersign::Fund->start;
my ($db, $ada) = @$fund{qw(db ada)};
my %day = (date => 'Tue, 03 Mar 2026 10:00:00 +0000');
sub maria { my (%m) = @_; return mail(from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example', %day, %m) }
sub subjects { my ($like) = @_; return join ' ', map { $_->{subject} } @{$db->rows("SELECT subject FROM messages WHERE subject LIKE '$like%' ORDER BY subject")} }

# ---- folders of a Maildir, by the names that servers and programs give them
my %skip = (spam => ['[Gmail].Spam', 'Junk E-mail', 'Papierkorb', 'INBOX.Trash', 'spam', 'Trash.Old', 'Gel&APY-schte Elemente'], draft => ['[Gmail].Drafts', 'Entw&APw-rfe', 'drafts']);
my $n = 0;
my @skipped = map { my $rule = $_; map { ["$_/17725340" . (10 + $n++) . '.m', $rule] } @{$skip{$rule}} } sort keys %skip;
maildir($fund->{dir}, map({ ($_->[0] => maria(subject => "Not mail $_->[0]")) } @skipped), '1772534090.m:2,DS' => maria(subject => 'Not mail, a draft'), '1772534091.m:2,ST' => maria(subject => 'Not mail, thrown away'),
	map { ("$_/1772534092.m" => maria(subject => "Mail in $_")) } '[Gmail].All Mail', 'Anf&AOQ-nge', 'Spam reports');
$fund->sync('folders of many names');
is(subjects('Not mail'), '', 'drafts, spam and trash are not captured');
is(subjects('Mail in'), 'Mail in Anf&AOQ-nge Mail in Spam reports Mail in [Gmail].All Mail', 'any other folder is');
is_deeply({map { $_->{source_id} => $_->{rule} } @{$db->rows("SELECT source_id, rule FROM mailbox_items WHERE state = 'excluded'")}},
	{(map { @$_ } @skipped), '1772534090.m' => 'draft', '1772534091.m' => 'spam'}, 'each is accounted for as what it is');
my %label = map { $_->{rule_label} => $_->{count} } @{$ada->api(GET => "/mailboxes/$fund->{box}")->{data}{rules}};
is_deeply(\%label, {'Spam or trash' => 8, 'A draft' => 4}, 'and called so');
is($db->value("SELECT folder FROM mailbox_items WHERE source_id LIKE 'Anf%'"), 'Anfänge', 'a folder has its name as people write it');

run(['sqlite3', $db->path, "UPDATE mailbox_items SET rule = 'draft' WHERE rule = 'spam'"]);
$fund->sync('after an earlier version, which called all of it drafts');
is($db->value("SELECT count(*) FROM mailbox_items WHERE rule = 'spam'"), 8, 'each is called what it is');

# ---- marked after it was captured
sub effect { my ($value) = @_; my (undef, $d) = $ada->api(GET => "/rules/preview?kind=label&scope=mine&value=$value"); return "$d->{data}{purges} $d->{data}{hides}" }
sub rule { my ($value, $says) = @_; my ($r) = $ada->api(POST => '/rules', {kind => 'label', scope => 'mine', value => $value, purges => (split / /, $says)[0], hides => (split / /, $says)[1]}); return $r->{status} }
$fund->receive('three messages', map { maria(id => "mark$_\@x.example", subject => "Mark $_") } 1 .. 3);
sub marked { my ($k, $from, $to) = @_; my ($file) = grep { -e && slurp($_) =~ /^Subject: Mark $k$/m } glob "$fund->{dir}/cur/*"; rename $file, $file =~ s/:2,$from$/:2,$to/r or die; return }
is(effect('%5CFlagged'), '0 0', 'none is flagged');
marked(1, 'S', 'FS');
$fund->sync('a run after one was flagged');
is($db->value("SELECT flags FROM mailbox_items i JOIN messages m ON m.id = i.message_id WHERE subject = 'Mark 1'"), 'FS', 'the ledger has it as it is marked now');
is(effect('%5CFlagged'), '1 0', 'and a rule takes it');
run(['sqlite3', $db->path, "CREATE TRIGGER quiet BEFORE UPDATE ON mailbox_items BEGIN SELECT RAISE(ABORT, '409 written'); END"]);
$fund->sync('a run without news writes none of it');
run(['sqlite3', $db->path, 'DROP TRIGGER quiet']);
is(rule('\\Flagged', '1 0'), 201, 'the rule is saved');
$fund->sync('and carried out');
is(subjects('Mark'), 'Mark 2 Mark 3', 'the flagged one has gone');
marked(2, 'S', 'FRS');
$fund->sync('another is flagged');
is(subjects('Mark'), 'Mark 3', 'which the rule takes too');
is($ada->api(GET => '/rules')->{data}[0]{messages}, 2, 'and its receipt counts');
marked(3, 'S', 'ST');
$fund->sync('one is thrown away that was captured');
is(subjects('Mark'), 'Mark 3', 'that stays on record');
my ($spam) = glob "$fund->{dir}/cur/1772534091.m:2,ST";
rename $spam, $spam =~ s/ST$/S/r or die;
$fund->sync('one comes back from the trash');
is(subjects('Not mail'), 'Not mail, thrown away', 'that is mail again');

# ---- labels of a Takeout
my $mbox = $db->dir . '/grace.mbox';
sub mbox { my ($end, @raw) = @_; open my $f, '>:raw', $mbox or die; print {$f} map { my $m = "From x Tue Mar  3 10:00:00 2026\n$_\n"; $m =~ s/\n/$end/g; $m } @raw; close $f or die; return -s $mbox }
sub takeout { my ($labels, %m) = @_; my $raw = maria(%m, to => 'grace@fund.example'); utf8::encode($labels); return "X-GM-THRID: 1\nX-Gmail-Labels: $labels\n$raw" }
sub grace { my $id = $db->value("SELECT id FROM mailboxes WHERE address = 'grace\@fund.example'"); return scalar $ada->api(GET => "/mailboxes/$id")->{data} }
sub ledger { return join ' ', map { "$_->{state}=$_->{n}" } @{$db->rows("SELECT state, count(*) AS n FROM mailbox_items WHERE mailbox_id = (SELECT id FROM mailboxes WHERE address = 'grace\@fund.example') GROUP BY state ORDER BY state")} }
my @labelled = (takeout('Inbox,Important,Fund IV,Private', subject => 'Take both'), takeout('Inbox,Unread,Starred', subject => 'Take starred'), takeout('Spam,Unread', subject => 'Take spam'), takeout('Trash', subject => 'Take trash'),
	takeout("=?UTF-8?Q?Entw=C3=BCrfe,Ge=C3=B6?=\n =?UTF-8?Q?ffnet?=", subject => 'Take draft'), maria(subject => 'Take forged', more => "Received: from x by y; Tue, 3 Mar 2026 10:00:00 +0000\nX-Gmail-Labels: Spam"));
mbox("\n", @labelled);
$db->program([qw(countersign mailbox add grace@fund.example --user grace --source mbox --propose-from all --path), $mbox], 'an mbox');
$fund->sync('the mbox');
is(subjects('Take'), 'Take both Take forged Take starred', 'drafts, spam and trash are not captured, whatever the language; what its sender calls spam is');
is(ledger(), 'excluded=3 stored=3', 'the ledger has them all');
is_deeply([map { "$_->{rule}=$_->{count}" } sort { $a->{rule} cmp $b->{rule} } @{grace()->{rules}}], ['draft=1', 'spam=2'], 'by what they are');
my $both = $db->value("SELECT id FROM messages WHERE subject = 'Take both'");
like($ada->get("/messages/$both/headers")->{content}, qr/Inbox, Important, Fund IV, Private/, 'all labels are shown');
is(rule('Nowhere', '0 0'), 201, 'a label that nothing has');
sub fund_effect { my ($value) = @_; my (undef, $d) = $ada->api(GET => "/rules/preview?kind=label&scope=fund&value=$value"); return $d->{data}{purges} }
is(join(' ', map { fund_effect($_) } 'private', 'Inbox', 'Priv', '%5CFlagged', '%5CSeen', 'Fund%20IV'), '1 4 0 1 ' . $db->value("SELECT count(*) FROM mailbox_items WHERE instr(flags, 'S') AND message_id IS NOT NULL") . ' 1', 'rules take each label by its whole name, in whatever source, and the flags');
is(($ada->api(POST => '/rules', {kind => 'label', scope => 'fund', value => 'private', purges => 1, hides => 0}))[0]{status}, 201, 'a rule for one label of several');
# As an earlier version left it, which knew no labels.
run(['sqlite3', $db->path, "UPDATE mailbox_items SET folder = NULL, flags = NULL WHERE folder LIKE '%Private%'"]);
mbox("\n", @labelled, takeout('Private,Inbox', subject => 'Take next'));
$fund->sync('with one more');
is(subjects('Take'), 'Take forged Take starred', 'takes what is there and what comes');

# ---- an mbox that grows, with either line end
for my $end ("\n", "\r\n") {
	my $name = $end eq "\n" ? 'LF' : 'CRLF';
	my @m = map { maria(id => "grow$_\@$name.example", subject => "Grow$name $_", to => 'grace@fund.example') } 1 .. 4;
	mbox($end, @m[0, 1]);
	$fund->sync("$name: two messages");
	my $ids = $db->value("SELECT group_concat(source_id) FROM (SELECT source_id FROM mailbox_items i JOIN messages m ON m.id = i.message_id WHERE subject LIKE 'Grow$name%' ORDER BY m.subject)");
	is($ids, join(',', map { my $raw = $_; $raw =~ s/\n/$end/g; sha256_hex($raw . ($end eq "\n" ? '' : "\r")) } @m[0, 1]), "$name: by the ids they have always had, the last one as the others");
	is($db->value("SELECT count(*) FROM messages m JOIN message_bodies b ON b.message_id = m.id WHERE subject LIKE 'Grow$name%' AND body_sha256 = '" . sha256_hex("Hello.$end") . "'"), 2, "$name: without the line that ends them in the file");
	mbox($end, @m[0 .. 2]);
	$fund->sync("$name: one is appended");
	is(subjects("Grow$name"), "Grow$name 1 Grow$name 2 Grow$name 3", "$name: what was last is not stored twice");

	# As an earlier version left it, which took the empty line for a part of what was last.
	my $raw = "$m[2]\n";
	$raw =~ s/\n/$end/g;
	my $before = sha256_hex($raw);
	run(['sqlite3', $db->path, "UPDATE mailbox_items SET source_id = '$before' WHERE message_id = (SELECT id FROM messages WHERE subject = 'Grow$name 3')"]);
	is($db->value("SELECT count(*) FROM mailbox_items WHERE source_id = '$before'"), 1, "$name: by an earlier version");
	mbox($end, @m);
	$fund->sync("$name: one more is appended");
	is(subjects("Grow$name"), "Grow$name 1 Grow$name 2 Grow$name 3 Grow$name 4", "$name: what that captured is not stored twice");
	is($db->value("SELECT count(*) FROM mailbox_items WHERE source_id = '$before'"), 0, "$name: it is known by its id");
	$db->program([qw(mail-sync --verify --mailbox grace@fund.example)], "$name: source and ledger agree");
}

# ---- an mbox that holds a message twice
my ($one, $two) = map { maria(id => "twice$_\@x.example", subject => "Twice $_", to => 'grace@fund.example') } 1, 2;
mbox("\n", $one, $one, $two, $one);
$fund->sync('a message three times in a file');
is(subjects('Twice'), 'Twice 1 Twice 2', 'is stored once');
my $box = grace();
is(join(' ', map { $box->{$_} ? $box->{$_} : 0 } qw(listed missing is_in_sync)), '2 0 1', 'and listed once: nothing is missing');
$db->program([qw(mail-sync --verify --mailbox grace@fund.example)], 'source and ledger agree');
$fund->stop;
done_testing;
