# R1: the worker is killed in the transactions that people start, and each time it is all or nothing: what the next request
# finds is the state before or the state after, the file is sound, and the same request then ends well. COUNTERSIGN_LONG=1
# kills at every single system call.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Database;
use Countersign::Kill;
use Countersign::Mail;
use Countersign::Run;
use Countersign::Worker;

my $impossible = Countersign::Kill::impossible();
plan skip_all => $impossible if $impossible;

# The frames of a commit are many calls alike: of those before the last few, every sixth.
my $STEP = $Countersign::Kill::LONG ? 1 : 6;
my $made = Countersign::Database->new(seed => 'demo');
my $db = $made->copy;
my $ada = Worker()->client($db)->login('ada', 'demo');
$ada->get('/'); # its page has the session's CSRF token
sub Worker { return 'Countersign::Worker' }

my $points = 0;
# killed(name, request): the request is a function of a client; its reply is < 400 when it is carried out.
sub killed {
	my ($name, $request) = @_;
	my $before = $db->state;
	like($before, qr/\Aok\n/, "$name: the file is sound before");
	my $whole = $db->copy;
	my $reply = $request->(Worker->elsewhere($ada, $whole));
	cmp_ok($reply->{status}, '<', 400, "$name: without a kill it is carried out") or diag($reply->{content});
	my $after = $whole->state;
	isnt($after, $before, "$name: and changes something");
	my (@bad, %left);
	# One kill; whether the request came to its end before it.
	my $at = sub {
		my ($n) = @_;
		my $copy = $db->copy;
		my $ended = $request->(Worker->elsewhere($ada, $copy, $n))->{is_complete};
		$points++ if !$ended;
		my $found = $copy->state;
		my $side = $found eq $before ? 'before' : $found eq $after ? 'after' : 'neither';
		push @bad, "at call $n: the state is $side" if $side eq 'neither' || $ended && $side ne 'after';
		return $ended if $left{$side}++ && !$Countersign::Kill::LONG;
		# The first of each kind: the next worker completes what was cut off, or sees that it is done.
		my $again = $request->(Worker->elsewhere($ada, $copy));
		push @bad, "after a kill at call $n: $again->{status}" if $side eq 'before' && $again->{status} >= 400;
		push @bad, "after a kill at call $n and again: another state" if $side eq 'before' && $copy->state ne $after;
		my $chain = run([Countersign::Kill::program('countersign'), qw(audit verify)], env => $copy->env);
		push @bad, "after a kill at call $n: $chain->{err}" if $chain->{status};
		return $ended;
	};
	my $n = 1;
	$n += $STEP while !$at->($n);
	$at->($_) for $n - $STEP + 1 .. $n - 1;
	is(join("\n", @bad), '', "$name: all or nothing at each of its calls");
	ok($left{before} && $left{after}, "$name: kills before and after its commit were among them");
	return;
}

# ---- of the kinds that the demo has none of: two people who are one, and an address that is dead
my $known = $db->row('SELECT e.email, c.name, c.organization_id FROM contact_emails_live e JOIN contacts_live c ON c.id = e.contact_id WHERE c.organization_id IS NOT NULL ORDER BY c.id LIMIT 1');
is(($ada->api(POST => '/contacts', {name => 'Wilhelmina Quarterly', organization_id => $known->{organization_id}, emails => [$_]}))[0]{status}, 201, "one of two: $_") for 'wilhelmina@quarterly.example', 'w.quarterly@quarterly.example';
maildir($db->dir . '/killed', '1772530000.sent' => mail(id => 'dead@larkspur.example', from => 'Ada <ada@larkspur.example>', to => $known->{email}, subject => 'To nobody', date => 'Tue, 03 Mar 2026 09:00:00 +0000'),
	'1772530001.report' => mail(id => 'dsn@mx.example', from => 'MAILER-DAEMON@mx.example', to => 'ada@larkspur.example', date => 'Tue, 03 Mar 2026 09:01:00 +0000',
		more => "Return-Path: <>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
		text => "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; $known->{email}\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <dead\@larkspur.example>\n\n--b--\n"));
$db->program([qw(countersign mailbox add killed@larkspur.example --user ada --source maildir --propose-from all --path), $db->dir . '/killed'], 'a mailbox');
run([Countersign::Kill::program('mail-sync')], env => $db->env); # the demo's own mail is not in the copy, which it says

sub pending { my ($kind) = @_; return $db->row("SELECT id, sha256 FROM proposals WHERE kind = '$kind' AND state = 'pending' ORDER BY id LIMIT 1") }
my ($activity, $person, $task, $address, $merge) = map { pending($_) // BAIL_OUT("no proposal of kind $_") } qw(activity contact task address merge);
my $contact = $db->row('SELECT id, version FROM contacts WHERE deleted_at IS NULL ORDER BY id LIMIT 1');
sub json { my ($method, $path, $doc) = @_; return sub { my ($c) = @_; return ($c->api($method => $path, $doc))[0] } }

killed('approve', sub { $_[0]->post("/review/$activity->{id}/approve", {sha256 => $activity->{sha256}}) });
killed('approve a new person', json(POST => "/proposals/$person->{id}/approve", {sha256 => $person->{sha256}}));
killed('approve a task', json(POST => "/proposals/$task->{id}/approve", {sha256 => $task->{sha256}}));
killed('approve that an address goes', json(POST => "/proposals/$address->{id}/approve", {sha256 => $address->{sha256}}));
killed('approve a merge', json(POST => "/proposals/$merge->{id}/approve", {sha256 => $merge->{sha256}}));
killed('edit, then approve', json(POST => "/proposals/$activity->{id}/approve", {sha256 => $activity->{sha256}, change => {subject => 'Edited'}}));
killed('dismiss', json(POST => "/proposals/$activity->{id}/dismiss", {sha256 => $activity->{sha256}, reason => 'Small talk'}));
killed('put off', json(POST => "/proposals/$activity->{id}/snooze", {until => '2026-03-09'}));
# Each of a batch is decided in a part of its own of one transaction; the one in the middle is refused, for its hash is another's.
my @batch = ({id => $activity->{id}, sha256 => $activity->{sha256}}, {id => $person->{id}, sha256 => $activity->{sha256}},
	@{$db->rows("SELECT id, sha256 FROM proposals WHERE kind = 'activity' AND state = 'pending' AND id <> $activity->{id} ORDER BY id LIMIT 1")});
killed('approve a batch', json(POST => '/proposals/batch', {action => 'approve', items => \@batch}));
my $reply = $db->row('SELECT m.thread_id, m.id FROM messages m JOIN threads t ON t.id = m.thread_id WHERE t.messages > 2 AND m.sent_at > t.first_at ORDER BY m.thread_id, m.sent_at LIMIT 1');
killed('split a thread', json(POST => "/threads/$reply->{thread_id}/split", {message_id => $reply->{id}}));
killed('change a record', json(PATCH => "/contacts/$contact->{id}", {title => 'Partner'}));
killed('delete a record', json(DELETE => "/contacts/$contact->{id}"));
killed('make a task', json(POST => '/tasks', {title => 'Call back', due_on => '2026-03-05'}));
my $done = json(POST => "/proposals/$activity->{id}/approve", {sha256 => $activity->{sha256}})->($ada);
is($done->{status}, 200, 'a decision to take back');
killed('undo', json(POST => "/proposals/$activity->{id}/undo", {}));

cmp_ok($points, '>=', 100, "$points points");
unlike(slurp($db->dir . '/log/app.log'), qr/Sanitizer|runtime error:/, 'no report from a sanitizer');
done_testing;
