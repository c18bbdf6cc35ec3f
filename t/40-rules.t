# Exclusion rules: tried before they are saved, held from then on, carried out on what is stored with a receipt; what they
# erase is erased, and nothing else.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Digest::SHA qw(sha256_hex);
use JSON::PP ();
use Countersign::Run;
use Countersign::Database;
use Countersign::Mail;
use Countersign::Server;

my $db = Countersign::Database->new;
my $dir = $db->dir;
$db->program(['countersign', qw(user add), $_->[0], '--email', "$_->[0]\@fund.example", '--role', $_->[1]], "$_->[0]", in => "correct horse battery\n") for ['ada', 'admin'], ['grace', 'member'], ['bot', 'agent'];
$db->program([qw(countersign config set own_domains fund.example)], 'our domain');
my $server = Countersign::Server->start(db => $db);
my ($ada, $grace) = map { $server->login($_, 'correct horse battery') } qw(ada grace);
my $firm = $ada->api(POST => '/organizations', {name => 'Alpine', kind => 'pension', domains => ['alpine.example']})->{data}{id};
my $maria = $ada->api(POST => '/contacts', {name => 'Maria Keller', emails => ['maria@alpine.example'], organization_id => $firm})->{data}{id};
$ada->api(POST => '/contacts', {name => 'Nils Berg', emails => ['nils@borealis.example']});
my $second = 1772532000; # Tue 3 March, 10:00
sub nils { my (%m) = @_; return mail(from => 'nils@borealis.example', to => 'ada@fund.example', date => 'Tue, 03 Mar 2026 12:00:00 +0000', %m) }
sub maria { my (%m) = @_; return mail(from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example', date => 'Tue, 03 Mar 2026 10:00:00 +0000', %m) }
my $private = maria(id => 'private@alpine.example', subject => 'Quetzal diagnosis', refs => '<shared@alpine.example>', cc => 'Doctor Ocelot <ocelot@alpine.example>',
	more => "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b",
	text => "--b\nContent-Type: text/plain\n\n" . ("All is well here. " x 20) . "\n\nThe axolotl is well.\n--b\nContent-Type: text/plain; name=capybara.txt\nContent-Disposition: attachment; filename=capybara.txt\n\nNumbat figures.\n--b--\n");
my $shared = maria(id => 'shared@alpine.example', to => 'ada@fund.example, grace@fund.example', subject => 'Our commitment', text => "Both of you read this.\n");
my %ada = ("$second.1" => $shared, "$second.2" => $private, "$second.3" => nils(subject => 'News', more => 'List-Id: Borealis News <News.borealis.example>'),
	"$second.4" => nils(subject => 'Away', more => 'Auto-Submitted: auto-replied'), "Newsletters/$second.5" => nils(subject => 'In a folder'),
	"$second.6:2,FS" => nils(subject => 'Flagged'), "$second.7" => nils(subject => 'Heavy', text => ("0123456789\n" x 120_000)),
	"$second.8" => mail(from => 'Pangolin <stranger@pangolin.example>', to => 'ada@fund.example', subject => 'Pangolin offers', date => 'Tue, 03 Mar 2026 10:00:00 +0000', text => "Dear pangolins.\n"),
	"$second.9" => mail(from => 'ada@fund.example', to => 'grace@fund.example', subject => 'Tapir salaries', date => 'Tue, 03 Mar 2026 10:00:00 +0000', text => "Confidential tapirs.\n"));
maildir("$dir/ada", %ada);
maildir("$dir/grace", "$second.1" => $shared);
$db->program(['countersign', qw(mailbox add), "$_\@fund.example", '--user', $_, qw(--source maildir --propose-from all --path), "$dir/$_"], "the mailbox of $_") for qw(ada grace);
$db->program(['mail-sync'], 'captured');
is($db->value('SELECT count(*) FROM messages'), 7, 'seven messages are kept');

# ---- of what is excluded nothing but id, date and rule is anywhere
sub bytes_of_everything { return join '', map { slurp($_) } grep { -f } $db->path, $db->path . '-wal', split(/\n/, run(['find', "$dir/mail/store", '-type', 'f'])->{out}) }
my $everything = bytes_of_everything();
like($everything, qr/axolotl/, 'what is kept is found in the bytes of database and store');
unlike($everything, qr/pangolin|tapir/i, 'what is excluded is in none of them');
is_deeply($db->rows("SELECT rule, folder, flags, message_id, reason, sent_at FROM mailbox_items WHERE state = 'excluded' ORDER BY rule"),
	[map { {rule => $_, folder => undef, flags => undef, message_id => undef, reason => undef, sent_at => '2026-03-03T10:00:00Z'} } qw(internal stranger)], 'id, date and rule are all');

# ---- the mail becomes activity, part of it approved
# An activity holds the beginning of each message; what is on a record stays.
my ($proposal) = @{$db->rows("SELECT id, sha256 FROM proposals WHERE kind = 'activity' AND title LIKE '%Our commitment%'")};
is($ada->post("/review/$proposal->{id}/approve", {sha256 => $proposal->{sha256}})->{status}, 303, 'an activity of two messages is countersigned');
my $activity = $db->value('SELECT max(id) FROM communications');
is($db->value("SELECT count(*) FROM communication_messages WHERE communication_id = $activity"), 2, 'it rests on both');
my $person = $db->row("SELECT id, title FROM proposals WHERE kind = 'contact' AND change_json LIKE '%ocelot%'");
ok($person, 'a person in Cc is proposed') or diag explain $db->rows('SELECT kind, title FROM proposals');

# ---- trying
sub effect { my ($who, %q) = @_; my ($r, $d) = $who->api(GET => '/rules/preview?' . join '&', map { "$_=$q{$_}" } sort keys %q); return $d->{data} ? {map { $_ => $d->{data}{$_} } qw(mailboxes hides purges recorded)} : $r->{status} =~ m{^4} ? $r->{status} : die $r->{content} }
my $bot = $server->client->token('bot', 'correct horse battery');
my %mine = (kind => 'address', value => 'Maria%40alpine.example', scope => 'mine');
$db->same_after(sub {
	is_deeply(effect($ada, %mine), {mailboxes => 1, hides => 1, purges => 1, recorded => 1}, 'hides the one that another mailbox holds, purges the other');
	is_deeply(effect($grace, %mine), {mailboxes => 1, hides => 1, purges => 0, recorded => 0}, 'of the other user: her one message stays in the first mailbox');
	is_deeply(effect($ada, %mine, scope => 'fund'), {mailboxes => 2, hides => 0, purges => 2, recorded => 2}, 'for the whole fund both go');
	is(effect($grace, %mine, scope => 'fund'), 403, 'which a member cannot even try');
	my %expect = (domain => ['borealis.example', 5], list => ['news.borealis.example', 1], automatic => ['', 2], label => ['newsletters', 1], size => [1, 1]);
	is(effect($ada, kind => $_, value => $expect{$_}[0], scope => 'mine')->{purges}, $expect{$_}[1], "$_: $expect{$_}[1]") for sort keys %expect;
	is(effect($ada, kind => 'list', value => '', scope => 'mine')->{purges}, 1, 'any list');
	is(effect($ada, kind => 'label', value => '%5Cflagged', scope => 'mine')->{purges}, 1, 'a flag');
	is(effect($ada, kind => $_->[0], value => $_->[1], scope => 'mine'), 422, "$_->[0] $_->[1] is refused")
		for ['address', 'nobody'], ['address', 'grace%40fund.example'], ['domain', 'fund.example'], ['domain', 'a%20b'], ['size', '0'], ['size', 'x'], ['label', ''], ['label', '%5CNothing'];
	is(effect($bot, %mine), 403, 'an agent tries nothing');
	my $page = $ada->get('/rules/preview?' . join '&', map { "$_=$mine{$_}" } keys %mine)->{content};
	like($page, qr{<b>1</b>messages are purged.*<b>1</b>messages are hidden.*The activity stays}s, 'the page says it in words');
	is($ada->get('/rules/preview?kind=size&value=x')->{status}, 422, 'a bad value is shown again');
	my %rule = (kind => 'address', value => 'maria@alpine.example', scope => 'mine');
	is(($ada->api(POST => '/rules', \%rule))[0]{status}, 422, 'nothing is saved untried');
	my ($r, $d) = $ada->api(POST => '/rules', {%rule, purges => 2, hides => 0});
	is("$r->{status} $d->{errors}[0]{field}", '409 purges', 'nor when the numbers are others');
	is(($grace->api(POST => '/rules', {%rule, scope => 'fund', purges => 2, hides => 0}))[0]{status}, 403, 'nor for the fund by a member');
}, 'trying changes nothing');

# ---- saving
my $saved = $ada->post('/rules', {kind => 'address', value => 'maria@alpine.example', scope => 'mine', purges => 1, hides => 1});
is($saved->{status}, 303, 'saved');
is($ada->post('/rules', {kind => 'address', value => 'maria@alpine.example', scope => 'mine', purges => 1, hides => 1})->{status}, 409, 'once');
like($ada->get('/rules')->{content}, qr/Mail with maria\@alpine\.example.*with the next capture run/s, 'the page says that it is under way');
is(join(' ', map { scalar @{$ada->api(GET => "/rules?$_")->{data}} } 'q=maria', 'q=nobody', 'state=live', 'state=retracted'), '1 0 1 0', 'rules are found by what they name and by state');
is(scalar @{$grace->api(GET => '/rules')->{data}}, 0, "nobody else sees a person's own rule");
unlike($grace->get('/audit?resource=rules')->{content}, qr/maria\@alpine/, 'nor in the audit log whom it is about');
my @files = (sha256_hex($private), sha256_hex("Numbat figures.\n"), sha256_hex("Numbat figures."));
my $store = sub { my ($hash) = @_; return "$dir/mail/store/" . substr($hash, 0, 2) . "/$hash" };
cmp_ok(scalar(grep { -e $store->($_) } @files), '==', 2, 'the message and its file are in the store');

# A run that is killed anywhere is finished by the next.
my $strace = (grep { -x } map { "$_/strace" } split /:/, $ENV{PATH})[0];
SKIP: {
	skip 'strace is missing', 2 if !$strace;
	my $program = -x "$TOP/build/bin/mail-sync" ? "$TOP/build/bin/mail-sync" : bin('mail-sync');
	my $killed = 0;
	for my $call ('pwrite64', 'fdatasync,fsync,syncfs', 'unlink,unlinkat') {
		$killed += run([$strace, '-qq', '-o', '/dev/null', '-e', "trace=$call", '-e', "inject=$call:signal=KILL:when=$_", $program], env => $db->env)->{status} == 137 for 1 .. 3;
	}
	cmp_ok($killed, '>=', 3, "killed at $killed points of the purge");
	is($db->value('PRAGMA integrity_check'), 'ok', 'the file is sound');
}
$db->program(['mail-sync'], 'the next capture run');
my ($rule) = @{$ada->api(GET => '/rules')->{data}};
is_deeply({map { $_ => $rule->{$_} } qw(copies hidden messages bytes files)}, {copies => 2, hidden => 1, messages => 1, bytes => length $private, files => 2}, 'the receipt says what the trial said');
ok($rule->{ended_at}, 'and that it is done');
my $audit = $db->row("SELECT * FROM audit WHERE action = 'purge'");
like("$audit->{actor_name} $audit->{changes_json}", qr/^Capture .*"messages":\[0,1\]/, 'so does the audit log');
is(scalar(grep { -e $store->($_) } @files), 0, 'its files are gone');
is(-e $store->(sha256_hex($shared)), 1, 'that of the message that stays is not');
unlike($db->dump, qr/quetzal|axolotl|ocelot|capybara|numbat/i, 'no word of it is in the database') or diag($db->dump =~ /^(.*(?:quetzal|axolotl|ocelot|capybara|numbat).*)$/gim);
$db->program([qw(countersign backup)], 'a copy of the file');
unlike(slurp((glob "$dir/backups/*/countersign.db $dir/backups/*.db")[0]), qr/quetzal|axolotl|capybara|numbat/i, 'has it in no page, nor in the index');
is($db->value("SELECT subject || ' ' || messages FROM threads WHERE messages > 0 AND subject = 'Our commitment'"), 'Our commitment 1', 'its thread goes on without it');
is(join(' ', map { "$_->{rule}=$_->{n}" } @{$db->rows("SELECT rule, count(*) n FROM mailbox_items WHERE mailbox_id = 1 AND state = 'excluded' GROUP BY rule ORDER BY rule")}),
	"internal=1 rule/$rule->{id}=2 stranger=1", "both copies are left out of the first user's mailbox");
is($db->value("SELECT count(*) FROM mailbox_items i JOIN messages m ON m.id = i.message_id WHERE i.mailbox_id = 2 AND m.subject = 'Our commitment'"), 1, 'the other keeps hers');
ok(!(grep { !$_->{is_in_sync} } @{$ada->api(GET => '/mailboxes')->{data}}), 'the account adds up');
like($ada->get("/communications/$activity")->{content}, qr/Our commitment.*A message of.*3 Mar.*was purged.*by rule $rule->{id}/s, 'the approved activity stays and says what became of its mail');
is($db->value("SELECT state FROM proposals WHERE id = $person->{id}"), 'expired', 'what was proposed from it waits no more');
like($ada->get('/rules')->{content}, qr/Purged: 1 messages.*2 files.*Hidden: 1/s, 'the page has the receipt');
$db->program([qw(countersign audit verify)], 'the audit chain holds');
is(join(' ', map { $_->{mailbox_id} } @{$db->rows('SELECT h.mailbox_id FROM thread_holders_cache h JOIN threads t ON t.id = h.thread_id WHERE t.subject = \'Our commitment\'')}), '2', 'whose mailbox holds nothing of the thread has no say in who sees it');
is($db->value('PRAGMA foreign_key_check'), undef, 'no reference leads nowhere');

# ---- from now on
maildir("$dir/ada", "$second.20" => maria(id => 'next@alpine.example', to => 'ada@fund.example, grace@fund.example', subject => 'Next'));
maildir("$dir/grace", "$second.20" => maria(id => 'next@alpine.example', to => 'ada@fund.example, grace@fund.example', subject => 'Next'));
$db->program(['mail-sync'], 'another message of hers');
is($db->value("SELECT group_concat(mailbox_id) FROM mailbox_items i JOIN messages m ON m.id = i.message_id WHERE m.subject = 'Next'"), '2', 'is kept where no rule leaves it out');

# ---- every kind does what its trial said
for my $try (['list', 'news.borealis.example', 'News'], ['automatic', '', 'Away'], ['label', 'Newsletters', 'In a folder'], ['size', '1', 'Heavy'], ['domain', 'borealis.example', 'Flagged']) {
	my ($kind, $value, $subject) = @$try;
	my %q = (kind => $kind, value => $value, scope => $kind eq 'domain' ? 'fund' : 'mine');
	my $said = effect($ada, %q);
	my ($r, $made) = $ada->api(POST => '/rules', {%q, purges => $said->{purges}, hides => $said->{hides}});
	is($r->{status}, 201, "a rule by $kind") or diag explain $made;
	$db->program(['mail-sync'], 'carried out');
	my $receipt = $db->row("SELECT messages, hidden FROM purges WHERE rule_id = $made->{data}{id}");
	is("$receipt->{messages} $receipt->{hidden}", "$said->{purges} $said->{hides}", 'does what it said');
	is($db->value("SELECT count(*) FROM messages WHERE subject = '$subject'"), 0, "$subject is gone");
	my $name = "$second.30$kind" . ($kind eq 'label' ? ':2,S' : '');
	maildir("$dir/ada", ($kind eq 'label' ? 'Newsletters/' : '') . $name => ($ada{(grep { $ada{$_} =~ /^Subject: \Q$subject\E$/m } keys %ada)[0]} =~ s/^Message-ID: <.*/Message-ID: <again-$kind\@borealis.example>/mr));
	$db->program(['mail-sync'], 'another like it');
	is($db->value("SELECT rule FROM mailbox_items WHERE source_id LIKE '%$second.30$kind'"), "rule/$made->{data}{id}", 'is left out as it comes');
}
is(scalar @{$grace->api(GET => '/rules')->{data}}, 1, "the fund's rule is seen by all");
is($grace->post('/rules/' . $db->value("SELECT max(id) FROM rules") . '/retract', {})->{status}, 403, 'but retracted by an administrator only');

# ---- retracted
is($ada->post("/rules/$rule->{id}/retract", {})->{status}, 303, 'the first rule is retracted');
is(($ada->api(DELETE => "/rules/$rule->{id}"))[0]{status}, 404, 'once');
$db->program(['mail-sync'], 'a usual run');
is($db->value("SELECT count(*) FROM messages WHERE message_id = 'private\@alpine.example'"), 0, 'leaves the ledger alone');
$db->program([qw(mail-sync --full)], 'a full run');
is($db->value("SELECT count(*) FROM messages WHERE message_id = 'private\@alpine.example'"), 1, 'captures what it left out');
is($db->value("SELECT count(*) FROM mailbox_items WHERE rule = 'rule/$rule->{id}'"), 0, 'all of it');
is($ada->api(GET => '/rules?state=retracted')->{data}[0]{messages}, 1, 'its receipt stays');
$server->stop;
done_testing;
