# Whose word a message is: the topmost Authentication-Results of our own receiver (gmail.md 12, security checks M6, M7), what
# there is to be careful with, and what becomes of facts from mail that failed. Then real fields of ten providers.
use strict;
use warnings;
use lib 't/lib';
use JSON::PP ();
use Test::More;
use Countersign::Fund;
use Countersign::Mail;
use Countersign::Run;

my $fund = Countersign::Fund->start(authserv => 'mx.fund.example');
my ($db, $ada) = @$fund{qw(db ada)};
my $maria = 'Maria Keller <maria@alpine.example>';
sub results { return join '', map { "Authentication-Results: $_\n" } @_ }
sub from_maria { my ($id, %m) = @_; return ($m{top} // '') . mail(id => "$id\@mail.example", from => $maria, to => 'ada@fund.example', date => 'Tue, 03 Mar 2026 10:00:00 +0000', %m) }
my $pass = 'mx.fund.example; dmarc=pass header.from=alpine.example';
my $fail = 'mx.fund.example; dmarc=fail header.from=alpine.example';
my $signed = "Agreed.\n\n-- \nMaria Keller\nHead of Private Equity\nAlpine\nTel. +41 44 555 01 20\n";

$fund->receive('mail of all sorts',
	from_maria('pass', top => results($pass)),
	from_maria('fail', top => results($fail), text => $signed),
	from_maria('below', top => results('mx.fund.example; spf=none', $pass)),
	from_maria('above', top => results('mx.evil.example; dmarc=pass header.from=alpine.example', $pass)),
	from_maria('forged', top => results('mx.evil.example; dmarc=pass header.from=alpine.example')),
	from_maria('comment', top => results('mx.fund.example; spf=fail (x; dmarc=pass header.from=alpine.example)')),
	from_maria('none'),
	from_maria('two', top => results($pass), more => 'From: ada@fund.example'),
	from_maria('ours', from => 'Ada <ada@fund.example>', to => $maria),
	from_maria('us-forged', from => 'Ada <ada@fund.example>', to => 'grace@fund.example, maria@alpine.example', top => results('mx.fund.example; dmarc=fail header.from=fund.example')),
	from_maria('unverified', top => results('mx.fund.example; spf=pass'), text => $signed, date => 'Tue, 03 Mar 2026 11:00:00 +0000'));
my %want = (pass => 'verified', fail => 'failed', below => 'unverified', above => 'unknown', forged => 'unknown', comment => 'unverified', none => 'unknown', two => 'unverified', ours => undef, unverified => 'unverified');
is($fund->message("$_\@mail.example")->{authenticity}, $want{$_}, "M6: $_") for sort keys %want;
is(join(' ', @{$fund->message('us-forged@mail.example')}{qw(authenticity direction)}), 'failed in', 'M6: what only claims to be ours came in');
is($fund->message('ours@mail.example')->{direction}, 'out', 'and what is ours went out');

# ---- what is read of people in mail that failed is nowhere filled in
my $fields = $db->rows("SELECT title, evidence_json, message_id FROM proposals WHERE kind = 'field'");
is(scalar @$fields, 2, 'title and telephone are proposed once');
is_deeply([map { JSON::PP->new->decode($_->{evidence_json})->{authenticity} } @$fields], ['unverified', 'unverified'], 'from the mail that did not fail, with its mark');
is($fields->[0]{message_id}, $fund->message('unverified@mail.example')->{id}, 'and nothing from the one that did');

# ---- what to be careful with
sub to_us { my ($id, $from, %m) = @_; return mail(id => "$id\@mail.example", from => $from, to => 'ada@fund.example, maria@alpine.example', date => 'Tue, 03 Mar 2026 12:00:00 +0000', %m) }
$fund->receive('mail to be careful with',
	to_us('name', 'Maria Keller <maria.keller@evil.example>'),
	to_us('colleague', 'ada <ada@evil.example>'),
	to_us('alike', 'M. Keller <maria@a1pine.example>'),
	to_us('ours-alike', 'Payments <pay@fumd.example>'),
	to_us('ours-far', 'Payments <pay@fumd0.example>'),
	to_us('swapped', 'M. Keller <maria@apline.example>'),
	to_us('puny', 'M. Keller <maria@xn--alpne-1va.example>'),
	to_us('inside', '"maria@alpine.example" <x@evil.example>', more => 'Authentication-Results: mx.fund.example; dmarc=pass header.from=evil.example'),
	to_us('elsewhere', $maria, more => 'Reply-To: maria@evil.example'),
	to_us('account', $maria, text => "Please note our new bank details.\n\nThey follow."),
	to_us('banking', $maria, text => "Dear Ada,\n\nunsere Bankverbindung\nhat sich ge\xc3\xa4ndert.\n", more => "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8"),
	to_us('wires', $maria, text => "Could your administrator confirm the bank details before we release the first drawdown?\n"),
	to_us('quoted', $maria, text => "Thanks.\n\nOn Tue, Mar 3, 2026 Ada wrote:\n> our new bank details\n"),
	to_us('fine', $maria, more => 'Reply-To: office@alpine.example'));
%want = (name => 'known-name', colleague => 'known-name', alike => 'look-alike', 'ours-alike' => 'look-alike', 'ours-far' => undef, swapped => 'look-alike', puny => 'disguised', inside => 'name-address',
	elsewhere => 'reply-to', account => 'account', banking => 'account', wires => undef, quoted => undef, fine => undef);
is($fund->message("$_\@mail.example")->{warnings}, $want{$_}, "warned of: $_") for sort keys %want;
is($fund->message('inside@mail.example')->{authenticity}, 'unverified', 'a name that is another address is never verified');

# ---- on the page and in the API
my $thread = $fund->message('fail@mail.example')->{thread_id};
my $page = $ada->get("/mail/$thread")->{content};
like($page, qr/sender failed verification/, 'the message says that its sender failed');
my $doc = $ada->api(GET => "/messages/" . $fund->message('elsewhere@mail.example')->{id})->{data};
is($doc->{warnings}[0]{word}, 'reply-to', 'the API names the warning');
like($ada->get("/messages/$doc->{id}/headers")->{content}, qr/Elsewhere|elsewhere/, 'its headers can be read');
like($ada->get('/mail/' . $fund->message('elsewhere@mail.example')->{thread_id})->{content}, qr/An answer would go to another domain/, 'the page says it in words');
my $proposal = $db->value("SELECT min(id) FROM proposals WHERE kind = 'field'");
like($ada->get("/review/$proposal")->{content}, qr/sender not verified/, 'beside the card stands the mark of its mail');

# ---- a second mailbox whose receiver judged the same message
maildir($db->dir . '/grace', '1772540000.1' => from_maria('none', top => results($pass)));
$db->program([qw(countersign mailbox add grace@fund.example --user grace --source maildir --propose-from all --path), $db->dir . '/grace'], "grace's Maildir");
$db->program([qw(countersign mailbox authserv grace@fund.example mx.fund.example)], 'its receiver');
$fund->sync('another copy');
is($fund->message('none@mail.example')->{authenticity}, 'verified', 'what one copy did not know another one did');
is($db->value("SELECT changes_json FROM audit WHERE resource = 'mailboxes' AND changes_json LIKE '%authserv%' ORDER BY id LIMIT 1"), '{"authserv_id":[null,"mx.fund.example"]}', 'the audit log has whose word counts');
run_ok([bin('countersign'), qw(mailbox authserv ada@fund.example), 'no such; name'], 'a name is a name', env => $db->env, status => 65);

# ---- links (M5)
$fund->receive('mail with links', from_maria('links', more => 'Content-Type: text/html; charset=utf-8',
	text => '<p>Log in at <a href="https://evil.example/x?a=1&amp;b=2">www.bank.example</a>, or <a href="https://xn--bnk-0na.example/">here</a>, or read <a href="https://news.example/">the news</a>.<p><a href="javascript:alert(1)">x</a>'));
$page = $ada->get('/mail/' . $fund->message('links@mail.example')->{thread_id})->{content};
like($page, qr{<a href="https://evil\.example/x\?a=1&amp;b=2" target="_blank" rel="noopener noreferrer[^"]*">https://evil\.example/x\?a=1&amp;b=2</a> <span class="tag warn">.{0,200}leads to evil\.example, not where it says}s, 'M5: the real target is shown, and that the text named another');
like($page, qr/letters that look like others: xn--bnk-0na\.example/, 'M5: punycode is named');
like($page, qr{>https://news\.example/</a>&gt;}, 'M5: an honest link has no mark');
unlike($page, qr/href="javascript/i, 'M5: nothing but web addresses is a link');
$fund->stop;

# ---- real fields
SKIP: {
	my $set = shared('data/mail-dev/authres/deltachat-core-rust/dkimchecks-2022-09-28') or skip 'the public mail collection is absent', 4;
	my %id = ('alice@fastmail.com' => '.messagingengine.com', 'alice@gmail.com' => 'mx.google.com', 'alice@gmx.de' => 'gmx.net', 'alice@icloud.com' => 'dmarc.icloud.com',
		'alice@mailo.com' => 'mailo.com', 'alice@outlook.com' => 'none', 'alice@posteo.de' => 'posteo.de', 'alice@riseup.net' => 'mx1.riseup.net', 'alice@yahoo.com' => '.yahoo.com', 'alice@yandex.ru' => '.qloud-c.yandex.net');
	my (%seen, @wrong);
	for my $to (sort keys %id) {
		my %n;
		for my $line (split /\n/, run(["$BUILD/mailcheck", '--authserv', $id{$to}, "$set/$to"])->{out}) {
			my $m = JSON::PP->new->decode($line);
			next if !$m->{file};
			$n{$m->{authenticity}}++;
			$seen{$m->{authenticity}}++;
			push @wrong, $m->{file} if $m->{file} =~ /forged|blinzeln/ && $m->{authenticity} eq 'verified';
		}
		diag(sprintf '%-20s %s', $to, join ', ', map { "$_ $n{$_}" } sort keys %n);
	}
	is_deeply(\@wrong, [], 'nothing forged or unsigned is verified');
	cmp_ok($seen{verified}, '>=', 80, 'most of what was signed is');
	is($seen{failed} // 0, 0, 'and nothing of it failed');
	my $foreign = run(["$BUILD/mailcheck", '--authserv', 'mx.fund.example', $set])->{out};
	unlike($foreign, qr/"authenticity":"(?!unknown)/, 'to somebody else all of it is unknown');
}
done_testing;
