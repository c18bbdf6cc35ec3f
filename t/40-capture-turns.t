# Whose mail is captured when: turns among mailboxes, newest first, what is tried again, and what a history proposes.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Database;
use Countersign::Mail;
use Countersign::Server;
use Digest::SHA qw(sha256_hex);
use POSIX qw(strftime);

my $db = Countersign::Database->new;
my $dir = $db->dir;
$db->program([qw(countersign user add ada --email ada@fund.example --role admin)], 'a user', in => "correct horse battery\n");
$db->program([qw(countersign config set own_domains fund.example)], 'our domain');
my $server = Countersign::Server->start(db => $db);
my $web = $server->login('ada', 'correct horse battery');
my $firm = $web->api(POST => '/organizations', {name => 'Alpine', kind => 'pension', domains => ['alpine.example']})->{data}{id};
my $other = $web->api(POST => '/organizations', {name => 'Borealis', kind => 'other'})->{data}{id};
my $maria = $web->api(POST => '/contacts', {name => 'Maria Keller', emails => ['maria@alpine.example'], organization_id => $firm})->{data}{id};
my $nils = $web->api(POST => '/contacts', {name => 'Nils Berg', emails => ['nils@borealis.example'], organization_id => $other})->{data}{id};
my $noon = 1772625600; # 2026-03-04 12:00 UTC, three hours after the tests' now: still today
sub at { my ($back) = @_; return strftime('%a, %d %b %Y %H:%M:%S +0000', gmtime($noon - 14400 - $back)) }
sub from_maria { my ($back, %m) = @_; return mail(from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example', date => at($back), %m) }
sub arrived { my ($back) = @_; return sprintf '%d.m%d', $noon - 14400 - $back, $back }

# ---- two mailboxes: 450 messages in one, 3 in the other
my $day = 86400;
maildir("$dir/large", map { (arrived($_ * $day) => from_maria($_ * $day, subject => "Old $_", id => "old$_\@alpine.example", refs => '<old0@alpine.example>')) } 1 .. 450);
maildir("$dir/small", map { (arrived($_) => from_maria($_, to => 'ir@fund.example', subject => "New $_", id => "new$_\@alpine.example")) } 1 .. 3);

subtest 'regression 27: a shared mailbox is added without a user, a wrong one is told what to do' => sub {
	my $r = run_ok([bin('countersign'), qw(mailbox add x@fund.example --user nobody --source maildir --path), "$dir/small"], 'an unknown user', env => $db->env, status => 65);
	like($r->{err}, qr/nobody: nobody.*user list.*shared mailbox needs none/, 'says how to go on');
	$db->program([qw(countersign mailbox add ada@fund.example --user ada --source maildir --path), "$dir/large"], 'a mailbox of hers');
	$db->program([qw(countersign mailbox add ir@fund.example --source maildir --path), "$dir/small"], 'one of nobody');
	like($db->program([qw(countersign mailbox list)], 'the list')->{out}, qr/^ir\@fund\.example\s+-\s/m, 'has it, with no user');
	is($web->get('/capture/2')->{status}, 200, 'and its page stands');
};

$db->program(['mail-sync', '--mailbox', 'ada@fund.example'], 'the large one alone, for its time');
is($db->value('SELECT count(*) FROM messages'), 450, 'captured');
subtest 'regression 31: all mail is captured, however old and whether read or not' => sub {
	is($db->value("SELECT min(sent_at) < '2025-01-01' FROM messages"), 1, 'of more than a year ago');
	is($db->value("SELECT listed FROM mailboxes WHERE id = 1"), 450, 'as many as there are');
};
is($db->value('SELECT subject FROM messages ORDER BY id LIMIT 1'), 'Old 1', 'the newest first');
is($db->value('SELECT count(*) FROM messages a JOIN messages b ON b.id = a.id + 1 WHERE b.sent_at > a.sent_at'), 0, 'and back in time from there');
subtest 'regression 36: the history that a mailbox brings makes no proposals' => sub {
	is($db->value("SELECT propose_from FROM mailboxes WHERE id = 1"), '2026-03-04', 'it proposes from the day it was added');
	is($db->value('SELECT count(*) FROM proposals'), 0, 'so 450 old messages propose nothing');
	$db->program(['mail-sync'], 'with the other mailbox');
	is($db->value("SELECT count(*) FROM proposals WHERE kind = 'activity'"), 3, 'what is of today does');
	maildir("$dir/asked", arrived(9 * $day) => mail(from => 'nils@borealis.example', to => 'deals@fund.example', date => at(9 * $day), subject => 'Asked for'));
	$db->program([qw(countersign mailbox add deals@fund.example --source maildir --propose-from 2026-02-20 --path), "$dir/asked"], 'asked for a day to begin with');
	$db->program(['mail-sync'], 'it');
	is($db->value("SELECT count(*) FROM proposals WHERE title LIKE '%Asked for'"), 1, 'proposes from that day');
	run_ok([bin('countersign'), qw(mailbox add y@fund.example --source maildir --propose-from yesterday --path), "$dir/asked"], 'no day', env => $db->env, status => 65);
};

# ---- turns
maildir("$dir/large", map { (arrived(500 * $day + $_) => from_maria(500 * $day + $_, subject => "Older $_")) } 1 .. 450);
maildir("$dir/small", arrived(10) => from_maria(10, subject => 'Urgent'));
$db->program(['mail-sync'], 'much in one mailbox, one message in the other');
cmp_ok($db->value("SELECT count(*) FROM messages WHERE subject LIKE 'Older%' AND id < (SELECT id FROM messages WHERE subject = 'Urgent')"), '<=', 400,
	'the one message waits for one batch at most');
is($db->value("SELECT count(*) FROM messages WHERE subject LIKE 'Older%'"), 450, 'and none is forgotten');
subtest 'regression 34: in sync is said of what adds up, and only then' => sub {
	ok(!(grep { !$_->{is_in_sync} || $_->{listed} != $_->{stored} + $_->{excluded} } @{$web->api(GET => '/mailboxes')->{data}}), 'all are in sync');
	maildir("$dir/empty");
	$db->program([qw(countersign mailbox add new@fund.example --source maildir --path), "$dir/empty"], 'a mailbox never captured');
	is($web->api(GET => '/mailboxes/4')->{data}{is_in_sync}, JSON::PP::false(), 'is not');
	$db->program([qw(countersign mailbox remove new@fund.example)], 'gone again');
};

# ---- one message that cannot be written, for whatever reason, stops neither its batch nor its mailbox
subtest 'regression 35: a message that cannot be stored is set aside, the others are captured' => sub {
	run(['sqlite3', $db->path, "CREATE TRIGGER poison BEFORE INSERT ON messages WHEN NEW.subject = 'Poison' BEGIN SELECT RAISE(ABORT, '409 out of cheese'); END"]);
	maildir("$dir/small", map { (arrived(20 + $_) => from_maria(20 + $_, subject => $_ == 2 ? 'Poison' : "Sound $_")) } 1 .. 5);
	my $heavy = "$dir/small/cur/" . arrived(30) . ':2,S';
	{ open my $f, '>', $heavy or die; truncate $f, 51 << 20 or die }
	$db->program(['mail-sync', '--mailbox', 'ir@fund.example'], 'a run over both');
	is($db->value("SELECT count(*) FROM messages WHERE subject LIKE 'Sound%'"), 4, 'the sound ones are there');
	is(join('; ', map { $_->{reason} } @{$db->rows("SELECT reason FROM mailbox_items WHERE state = 'failed' ORDER BY source_id DESC")}),
		'it could not be stored: out of cheese; larger than 50 MiB', 'the others wait with the reason') or diag explain $db->rows("SELECT * FROM mailbox_items WHERE state = 'failed'");
	like($web->get('/capture/2')->{content}, qr/out of cheese.*Retry.*Skip/s, 'to be retried or skipped');
	run(['sqlite3', $db->path, 'DROP TRIGGER poison']);
	unlink $heavy;
	$db->program(['mail-sync', '--mailbox', 'ir@fund.example'], 'once the cause is mended');
	is($db->value("SELECT count(*) FROM messages WHERE subject = 'Poison'"), 1, 'it is captured');
	is($db->value("SELECT count(*) FROM mailbox_items WHERE state = 'failed'"), 0, 'and nothing waits');
};

subtest 'a mailbox that cannot go on leaves the parser to the others' => sub {
	my @stopped = map { from_maria(60 + $_, subject => "Stopped $_") } 1 .. 9;
	maildir("$dir/large", map { (arrived(61 + $_) => $stopped[$_]) } 0 .. $#stopped);
	maildir("$dir/small", arrived(70) => from_maria(70, subject => 'Beside it'));
	# Where the first one's directory would be is a file, as on a store that somebody restored wrongly.
	my $place = $db->dir . '/mail/store/' . substr(sha256_hex($stopped[0]), 0, 2);
	rename $place, "$place-away";
	{ open my $f, '>', $place or die }
	my $r = run([bin('mail-sync')], env => $db->env);
	isnt($r->{status}, 0, 'a run says that not all is well');
	like($r->{err}, qr/ada\@fund\.example: the content store cannot be written/, 'of which mailbox, and why');
	is($db->value("SELECT count(*) FROM messages WHERE subject = 'Beside it'"), 1, 'and captures the other');
	unlink $place;
	rename "$place-away", $place;
	$db->program(['mail-sync'], 'once the store is mended');
	is($db->value("SELECT count(*) FROM messages WHERE subject LIKE 'Stopped%'"), 9, 'all of the first is there');
};

subtest 'regression 26: a transient error is tried with each run, one that needs mending each hour' => sub {
	symlink "$dir/nowhere-yet", "$dir/small/cur/" . arrived(40) . ':2,S' or die;
	$db->program(['mail-sync'], 'a message that cannot be read now') for 1 .. 7;
	my $item = $db->row("SELECT state, attempts FROM mailbox_items WHERE source_id LIKE '%.m40'");
	is("$item->{state} $item->{attempts}", 'failed 0', 'has used up nothing after seven runs');
	{ open my $f, '>', "$dir/nowhere-yet" or die; print {$f} from_maria(40, subject => 'Readable at last') }
	$db->program(['mail-sync'], 'and once it can be read');
	is($db->value("SELECT count(*) FROM messages WHERE subject = 'Readable at last'"), 1, 'it is captured');
	rename "$dir/asked/cur", "$dir/asked/away" or die;
	run_ok([bin('mail-sync')], 'a source that is not there', env => $db->env, status => 66);
	rename "$dir/asked/away", "$dir/asked/cur" or die;
	$db->program(['mail-sync'], 'a run within the hour');
	like($db->value('SELECT error FROM mailboxes WHERE id = 3'), qr/not a Maildir/, 'leaves it alone');
	$db->program(['mail-sync'], 'an hour later', env => {COUNTERSIGN_NOW => '2026-03-04T10:00:00Z'});
	is($db->value('SELECT error FROM mailboxes WHERE id = 3'), undef, 'it is tried again, and well');
	rename "$dir/asked/cur", "$dir/asked/away" or die;
	run_ok([bin('mail-sync')], 'it is gone again, under a clock two years ahead', env => {%{$db->env}, COUNTERSIGN_NOW => '2028-03-04T09:00:00Z'}, status => 66);
	rename "$dir/asked/away", "$dir/asked/cur" or die;
	is($db->value('SELECT retry_at FROM mailboxes WHERE id = 3'), '2028-03-04T10:00:00Z', 'which says when it is tried again');
	$db->program(['mail-sync'], 'once the clock is right', env => {COUNTERSIGN_NOW => '2026-03-04T10:05:00Z'});
	is($db->value('SELECT error FROM mailboxes WHERE id = 3'), undef, 'M10: nothing waits for that day');
};

# ---- one invitation in two mailboxes: no Reply-To, somebody in Cc, a calendar file
my $invitation = from_maria(50, subject => 'Invitation', cc => 'Nils Berg <nils@borealis.example>', id => 'invitation@alpine.example',
	more => "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b",
	text => "--b\nContent-Type: text/plain\n\nCome.\n--b\nContent-Type: text/calendar; method=REQUEST; name=invite.ics\nContent-Disposition: attachment; filename=invite.ics\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n--b--\n");
maildir("$dir/$_", arrived(50) . ':2,' => $invitation) for qw(large small);
subtest 'regression 38: capture only reads a source' => sub {
	my $listing = sub { run(['find', "$dir/large", "$dir/small", '-printf', '%P %s %T@ %m\n'])->{out} };
	my $before = $listing->();
	$db->program(['mail-sync'], 'a run');
	is($listing->(), $before, 'nothing in it is marked, moved or made');
};
my $kept = $db->rows("SELECT m.id, m.thread_id, a.name FROM messages m LEFT JOIN attachments a ON a.message_id = m.id WHERE m.subject = 'Invitation'");
my $message = $kept->[0] // {id => 0, thread_id => 0};
subtest 'regression 25: mail without Reply-To is captured' => sub {
	unlike($invitation, qr/^Reply-To/m, 'this has none');
	ok($message->{id}, 'and is there');
};
subtest 'regression 30: the same mail in two mailboxes counts once' => sub {
	is(scalar @$kept, 1, 'it is stored once');
	is($db->value("SELECT count(*) FROM mailbox_items WHERE message_id = $message->{id}"), 2, 'both mailboxes account for it');
	is($db->value("SELECT count(*) FROM proposals WHERE kind = 'activity' AND title LIKE '%Invitation'"), 1, 'it is proposed once');
};
subtest 'regression 32: a calendar file does not drop the mail' => sub { is($message->{name}, 'invite.ics', 'it is an attachment as any') };
subtest 'regression 33: a message is on the records of all who take part, Cc too' => sub {
	is(join(' ', map { "$_->{resource}/$_->{resource_id}" } @{$db->rows("SELECT resource, resource_id FROM thread_parties WHERE thread_id = $message->{thread_id} ORDER BY 1, 2")}),
		join(' ', "contacts/$maria", "contacts/$nils", "organizations/$firm", "organizations/$other"), 'two people and their firms');
};
$server->stop;
done_testing;
