# Capture from a Maildir and an mbox written here: what is kept, what is left out, one message over two mailboxes, threads,
# the ledger's account, running twice and at once.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Digest::SHA qw(sha256_hex);
use Fcntl qw(:flock);
use File::Path qw(make_path);
use Countersign::Run;
use Countersign::Database;
use JSON::PP ();

my $db = Countersign::Database->new;
my $dir = $db->dir;
my $n = 0;
sub message {
	my (%m) = @_;
	my $id = $m{id} // sprintf 'm%d@mail.example', ++$n;
	return join("\n", "From: $m{from}", "To: $m{to}", ($m{cc} ? "Cc: $m{cc}" : ()), "Subject: $m{subject}", 'Date: ' . ($m{date} // 'Tue, 03 Mar 2026 10:00:00 +0000'),
		"Message-ID: <$id>", ($m{refs} ? "References: $m{refs}" : ()), ($m{more} // ()), '', $m{text} // 'Hello.', '');
}
sub maildir { my ($name, %files) = @_; make_path("$dir/$name/$_") for qw(cur new tmp); for (keys %files) { open my $f, '>', "$dir/$name/cur/$_:2,S" or die; print {$f} $files{$_} } return "$dir/$name" }

my $shared = message(id => 'one@mail.example', from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example, grace@fund.example', subject => 'Our commitment');
my $reply = message(id => 'two@mail.example', from => 'Ada Nowak <ada@fund.example>', to => 'maria@alpine.example', cc => 'Nora Lind <nora@alpine.example>',
	subject => 'Re: Our commitment', refs => '<one@mail.example>', date => 'Tue, 03 Mar 2026 11:00:00 +0000',
	text => "Thank you!\n\nOn Tue, Mar 3, 2026 Maria Keller <maria\@alpine.example> wrote:\n> Hello.\n");
my $ada = maildir('ada', '1772532000.1' => $shared, '1772535600.2' => $reply,
	'1772535601.3' => message(from => 'ada@fund.example', to => 'grace@fund.example', subject => 'Internal'),
	'1772535602.4' => message(from => 'Stranger <x@elsewhere.example>', to => 'ada@fund.example', subject => 'Secret of a stranger'),
	'1772535603.5' => "no header at all\n\nmaria\@alpine.example\n",
	'1772535604.6' => message(from => 'maria@alpine.example', to => 'ada@fund.example', subject => 'Out of office', more => 'Auto-Submitted: auto-replied'));
make_path("$ada/.Drafts/$_") for qw(cur new tmp);
{ open my $f, '>', "$ada/.Drafts/cur/9:2,D" or die; print {$f} message(from => 'ada@fund.example', to => 'maria@alpine.example', subject => 'Draft') }
my $mbox = "$dir/grace.mbox";
{ open my $f, '>', $mbox or die; print {$f} "From maria\@alpine.example Tue Mar  3 10:00:00 2026\n$shared\nFrom x Tue Mar  3 12:00:00 2026\n",
	message(from => 'maria@alpine.example', to => 'grace@fund.example', subject => 'Quoted line', text => ">From here on it is quoted.\n") }

$db->program([qw(countersign user add ada --email ada@fund.example --role admin)], 'a user', in => "correct horse battery\n");
$db->program([qw(countersign user add grace --email grace@fund.example)], 'another', in => "correct horse battery\n");
$db->program([qw(countersign config set own_domains fund.example)], 'our domain');
$db->program([qw(countersign mailbox add ada@fund.example --user ada --source maildir --propose-from all --path), $ada], 'a Maildir');
$db->program([qw(countersign mailbox add grace@fund.example --user grace --source mbox --propose-from all --path), $mbox], 'an mbox');

# ---- nobody is known yet: nothing is kept
$db->program(['mail-sync'], 'a first run');
is($db->value('SELECT count(*) FROM messages'), 0, 'without a known person nothing is kept');
is($db->value("SELECT count(*) FROM mailbox_items WHERE state = 'excluded'"), 9, 'and all of it is accounted for');
unlike($db->dump, qr/Secret of a stranger|elsewhere\.example/, 'no word of it is in the database');

# ---- a known person, in a fresh database
my $two = Countersign::Database->new;
for (['user', 'add', 'ada', '--email', 'ada@fund.example', '--role', 'admin'], ['user', 'add', 'grace', '--email', 'grace@fund.example']) {
	$two->program(['countersign', @$_], "@$_", in => "correct horse battery\n");
}
$two->program([qw(countersign config set own_domains fund.example)], 'our domain');
$two->program([qw(countersign mailbox add ada@fund.example --user ada --source maildir --propose-from all --path), $ada], 'the Maildir');
$two->program([qw(countersign mailbox add grace@fund.example --user grace --source mbox --propose-from all --path), $mbox], 'the mbox');
require Countersign::Server;
my $server = Countersign::Server->start(db => $two);
my $web = $server->login('ada', 'correct horse battery');
my $firm = $web->api(POST => '/organizations', {name => 'Alpine', domains => ['alpine.example']})->{data}{id};
$web->api(POST => '/contacts', {name => 'Maria Keller', emails => ['maria@alpine.example'], organization_id => $firm});
$web->api(POST => '/investors', {organization_id => $firm});

my $r = $two->program(['mail-sync', '--json'], 'now there is somebody to keep mail of');
my @reports = map { JSON::PP->new->decode($_) } split /\n/, $r->{out};
for (@reports) {
	is($_->{listed}, $_->{stored} + $_->{excluded} + $_->{failed}, "$_->{mailbox}: the account adds up");
}
is($two->value('SELECT count(*) FROM messages'), 4, 'four messages are kept');
is($two->value("SELECT count(*) FROM mailbox_items WHERE message_id = (SELECT id FROM messages WHERE message_id = 'one\@mail.example')"), 2,
	'one of them for two mailboxes, stored once');
is($two->value('SELECT count(DISTINCT thread_id) FROM messages WHERE message_id IN (\'one@mail.example\', \'two@mail.example\')'), 1, 'an answer joins its thread');
is(join(' ', map { "$_->{rule}=$_->{n}" } @{$two->rows('SELECT rule, count(*) n FROM mailbox_items WHERE state = \'excluded\' GROUP BY rule ORDER BY rule')}),
	'draft=1 internal=2 stranger=1', 'the others by their rules') or diag($two->dump =~ /mailbox_items.*/g);
is($two->value("SELECT direction FROM messages WHERE message_id = 'two\@mail.example'"), 'out', 'what we wrote is out');
my $segments = $two->value("SELECT segments_json FROM message_bodies b JOIN messages m ON m.id = b.message_id WHERE m.message_id = 'two\@mail.example'");
like($segments, qr/"kind":"quote"/, 'the quotation is marked');
is($two->value("SELECT text FROM message_bodies b JOIN messages m ON m.id = b.message_id WHERE m.subject = 'Quoted line'"), 'From here on it is quoted.', "mbox's quoting is undone");

# ---- proposals
my $activity = $two->rows("SELECT * FROM proposals WHERE kind = 'activity' ORDER BY id");
is(scalar(grep { $_->{title} =~ /Our commitment/ } @$activity), 1, 'one activity for a thread and day');
like($activity->[0]{evidence_json}, qr/"message_ids":\[\d+,\d+\]/, 'with both messages') if $activity->[0]{title} =~ /Our commitment/;
ok(!(grep { $_->{title} =~ /Out of office/ } @$activity), 'none for an automatic reply');
my $person = $two->row("SELECT * FROM proposals WHERE kind = 'contact'");
like($person->{change_json}, qr/"name":"Nora Lind".*"organization_id":$firm/, 'the new person in Cc is proposed, at the firm');
ok($person->{investor_id}, 'grouped under the investor');

# ---- again, at once, gone
my $before = $two->value('SELECT count(*) FROM messages') . '/' . $two->value('SELECT count(*) FROM proposals') . '/' . $two->value('SELECT count(*) FROM mailbox_items');
$two->program(['mail-sync'], 'a second run');
is($two->value('SELECT count(*) FROM messages') . '/' . $two->value('SELECT count(*) FROM proposals') . '/' . $two->value('SELECT count(*) FROM mailbox_items'), $before, 'adds nothing');
open my $lock, '>>', $two->dir . '/run/sync-1.lock' or die;
flock $lock, LOCK_EX or die;
like($two->program(['mail-sync', '--mailbox', 'ada@fund.example'], 'while another run holds the lock')->{out}, qr/another run is at it/, 'says so and ends well');
close $lock;
unlink "$ada/cur/1772535602.4:2,S";
$two->program(['mail-sync'], 'after a message left the source');
is($two->value("SELECT count(*) FROM mailbox_items WHERE state = 'gone'"), 1, 'it is gone in the ledger');
$two->program(['mail-sync', '--verify'], 'source and ledger agree');
my $health = $web->api(GET => '/mailboxes')->{data};
ok(!(grep { !$_->{is_in_sync} && !$_->{failed} } @$health), 'and the page says in sync');

# ---- what was countersigned is not proposed again with what came later that day, in whatever order mail was read
($activity) = grep { $_->{title} =~ /Our commitment/ } @{$two->rows("SELECT * FROM proposals WHERE kind = 'activity'")};
is($two->value("SELECT (SELECT id FROM messages WHERE message_id = 'two\@mail.example') < (SELECT id FROM messages WHERE message_id = 'one\@mail.example')"), 1,
	'the newer message was read first');
is($web->post("/review/$activity->{id}/approve", {sha256 => $activity->{sha256}})->{status}, 303, 'both are countersigned');
maildir('ada', '1772540000.12' => message(from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example', subject => 'Re: Our commitment', refs => '<one@mail.example>',
	date => 'Tue, 03 Mar 2026 15:00:00 +0000', text => 'One more thing.'));
$two->program(['mail-sync'], 'one more that day');
my $more = $two->row("SELECT * FROM proposals WHERE kind = 'activity' AND state = 'pending' AND title LIKE '%Our commitment%'");
like($more->{change_json}, qr/"body":"Maria Keller: One more thing\."/, 'only that is proposed');
like($more->{evidence_json}, qr/"message_ids":\[\d+\]/, 'on the evidence of that alone');

# ---- a circular introduces nobody but who wrote it
maildir('ada', '1772540001.13' => message(from => 'Olga New <olga@alpine.example>', to => 'ada@fund.example', subject => 'To all investors',
	cc => join(', ', map { "Investor $_ <p$_\@alpine.example>" } 1 .. 20), date => 'Tue, 03 Mar 2026 16:00:00 +0000', more => "Reply-To: maria\@alpine.example"));
$two->program(['mail-sync'], 'a circular');
is($two->value("SELECT group_concat(title) FROM proposals WHERE kind = 'contact' AND state = 'pending' AND title NOT LIKE '%Nora%'"), 'New person: Olga New at Alpine', 'proposes its writer, and none of the twenty');

# ---- what mail says of people
my $signed = "Agreed.\n\n-- \nMaria Keller\nHead of Private Equity\nAlpine\nTel. +41 44 555 01 20\n";
maildir('ada', '1772535605.7' => message(from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example', subject => 'Signed', text => $signed, date => 'Wed, 04 Mar 2026 10:00:00 +0000'),
	'1772535606.8' => message(from => 'Maria Keller <maria.keller@home.example>', to => 'ada@fund.example', cc => 'maria@alpine.example', subject => 'From home', date => 'Wed, 04 Mar 2026 20:00:00 +0000'));
$two->program(['mail-sync'], 'a signature and a private address');
my ($maria) = map { $_->{id} } @{$web->api(GET => '/contacts?q=maria')->{data}};
my %field = map { $_->{title} =~ /^(Job title|Telephone)/ ? ($1 => $_) : () } @{$two->rows("SELECT * FROM proposals WHERE kind = 'field'")};
is($field{'Job title'}{change_json}, '{"title":"Head of Private Equity"}', 'the title in her signature is proposed');
is($field{Telephone}{change_json}, '{"phones":["+41 44 555 01 20"]}', 'and the number');
is_deeply([@{$field{'Job title'}}{qw(target_id contact_id organization_id)}], [$maria, $maria, $firm], 'for her record');
my $address = $two->row("SELECT * FROM proposals WHERE kind = 'address'");
is($address->{change_json}, '{"emails":["maria@alpine.example","maria.keller@home.example"]}', 'her new address beside the old one');
is($two->value("SELECT count(*) FROM proposals WHERE kind = 'contact' AND title LIKE '%Maria%'"), 0, 'not a second Maria');
for ($field{'Job title'}, $field{Telephone}, $address) {
	my $done = $web->post("/review/$_->{id}/approve", {sha256 => $_->{sha256}});
	is($done->{status}, 303, "$_->{title} is countersigned") or diag($done->{content} =~ m{<main.*?>(.*)</main>}s);
}
my $record = $web->api(GET => "/contacts/$maria")->{data};
is_deeply([@$record{qw(title phones emails)}], ['Head of Private Equity', ['+41 44 555 01 20'], ['maria@alpine.example', 'maria.keller@home.example']], 'and stands on the record');
maildir('ada', '1772535607.9' => message(from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example', subject => 'Signed again',
	text => $signed =~ s/\+41 44 555/044 555/r, date => 'Thu, 05 Mar 2026 10:00:00 +0000'));
my $proposed = $two->value("SELECT count(*) FROM proposals WHERE kind IN ('field', 'address', 'contact')");
$two->program(['mail-sync'], 'the same signature, the number written in another way');
is($two->value("SELECT count(*) FROM proposals WHERE kind IN ('field', 'address', 'contact')"), $proposed, 'is no news');

# ---- an attachment that is larger than the setting allows is described, and not stored
$two->program([qw(countersign config set attachment_max_mb 1)], 'attachments up to 1 MB');
my ($small, $large) = ("small\n" x 10, "0123456789abcde\n" x (65536 + 1));
maildir('ada', '1772535608.10' => message(id => 'files@mail.example', from => 'maria@alpine.example', to => 'ada@fund.example', subject => 'Two files', date => 'Thu, 05 Mar 2026 11:00:00 +0000',
	more => "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b", text => "--b\nContent-Type: text/plain\n\nBoth.\n"
		. join('', map { "--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=$_->[0].bin\n\n$_->[1]\n" } ['small', $small], ['large', $large]) . "--b--\n"));
$two->program(['mail-sync'], 'a message with a small and a large file');
my %file = map { $_->{name} => $_ } @{$two->rows("SELECT a.*, b.sha256 AS blob FROM attachments a JOIN messages m ON m.id = a.message_id LEFT JOIN blobs b ON b.sha256 = a.sha256 WHERE m.subject = 'Two files'")};
is_deeply([map { [@{$file{"$_.bin"}}{qw(type size sha256 is_stored blob)}] } qw(small large)],
	[['application/octet-stream', length $small, sha256_hex($small), 1, sha256_hex($small)], ['application/octet-stream', length $large, sha256_hex($large), 0, undef]], 'both are described; the large one has no content');
is(join(' ', map { my $hash = sha256_hex($_); -e $two->dir . '/mail/store/' . substr($hash, 0, 2) . "/$hash" ? 1 : 0 } $small, $large), '1 0', 'nor a file in the store');
my $thread = $two->value("SELECT thread_id FROM messages WHERE subject = 'Two files'");
my %url = map { ($_ => '/attachments/' . $file{"$_.bin"}{id}) } qw(small large);
like($web->get("/mail/$thread")->{content}, qr{<a href="\Q$url{small}\E">small\.bin</a> <span class="muted">application/octet-stream, 60[^<]*B</span>.*</svg>large\.bin <span class="muted">application/octet-stream, 1\.0[^<]*MB, not kept</span>}s, 'the page names both, and says that one is not kept')
	or diag($web->get("/mail/$thread")->{content} =~ /(<ul class="files">.*?<\/ul>)/s);
my ($shown) = map { $_->{attachments} } grep { $_->{subject} eq 'Two files' } @{$web->api(GET => "/threads/$thread")->{data}{messages}};
is(join(' ', map { $_->{url} // '-' } sort { $b->{name} cmp $a->{name} } @$shown), "$url{small} -", 'so does the API');
is($web->get($url{large})->{status}, 404, 'there is nothing to fetch');

# ---- what failed can be tried again, or skipped
for my $name (qw(1772535700.90 1772535701.91)) {
	open my $huge, '>', "$ada/cur/$name:2,S" or die;
	truncate $huge, 51 << 20;
	close $huge;
}
$two->program(['mail-sync'], 'two messages of 51 MiB') for 1 .. 6;
my $box = $two->value("SELECT id FROM mailboxes WHERE address = 'ada\@fund.example'");
my $failed = $two->rows("SELECT * FROM mailbox_items WHERE state = 'failed' ORDER BY source_id");
is(scalar @$failed, 2, 'both have failed') or diag explain $failed;
is($failed->[0]{attempts}, 5, 'five times, then no more');
like($web->get("/capture/$box")->{content}, qr/larger than 50 MiB.*Retry.*Skip/s, 'the page offers both ways');
is($web->post("/capture/$box/retry", {source_id => $failed->[0]{source_id}})->{status}, 303, 'one is to be tried again');
is($web->post("/capture/$box/skip", {source_id => $failed->[1]{source_id}})->{status}, 303, 'the other one skipped');
my $unchanged = $two->dump;
is($web->post("/capture/$box/skip", {source_id => $failed->[1]{source_id}})->{status}, 404, 'once');
is($web->post("/capture/$box/retry", {source_id => 'zzz'})->{status}, 404, 'what did not fail cannot be settled');
is($web->post("/capture/$box/skip", {})->{status}, 422, 'a message must be named');
is($two->dump, $unchanged, 'none of that changed anything');
$two->program(['mail-sync'], 'the next run');
is($two->value("SELECT group_concat(state || ' ' || coalesce(rule, '-') || ' ' || attempts) FROM (SELECT * FROM mailbox_items WHERE source_id IN ('$failed->[0]{source_id}', '$failed->[1]{source_id}') ORDER BY source_id)"),
	'failed - 1,excluded skipped 5', 'tries the one and leaves the other');
is($two->value("SELECT count(*) FROM audit WHERE resource = 'mailboxes' AND changes_json LIKE '%$failed->[1]{source_id}%'"), 1, 'and the audit log knows who');
rename "$ada/cur", "$ada/moved";
run_ok([bin('mail-sync'), '--mailbox', 'ada@fund.example'], 'a source that is not there any more', env => $two->env, status => 66);
like($web->get('/capture')->{content}, qr/is not a Maildir/, 'and the page says what is wrong');
is($two->value("SELECT count(*) FROM mailbox_items WHERE state = 'gone'"), 1, 'nothing is called gone for that');
$server->stop;
done_testing;
