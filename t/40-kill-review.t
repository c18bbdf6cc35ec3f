# R1: the worker is killed in the transactions that people start, and each time it is all or nothing: what the next request
# finds is the state before or the state after, the file is sound, and the same request then ends well. COUNTERSIGN_LONG=1
# kills at every single system call.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Database;
use Countersign::Kill;
use Countersign::Run;
use Countersign::Worker;

my $impossible = Countersign::Kill::impossible();
plan skip_all => $impossible if $impossible;

# The frames of a commit are many calls alike: of those before the last few, every sixth.
my $STEP = $Countersign::Kill::LONG ? 1 : 6;
my $made = Countersign::Database->new(seed => 'demo');
# All that a transaction could leave half done: every table's rows, but for the request's id and the hashes in the audit log,
# which differ from run to run. The index's own tables count by what they hold.
my $state = 'PRAGMA integrity_check; PRAGMA foreign_key_check;'
	. "SELECT 'audit', sha3_query('SELECT id, at, actor_name, action, resource, resource_id, changes_json, proposal_id, why FROM audit ORDER BY id');"
	. "SELECT 'search_fts', sha3_query('SELECT rowid, * FROM search_fts ORDER BY rowid');"
	. join '', map { "SELECT '$_->{name}', sha3_query('SELECT * FROM $_->{name} ORDER BY 1, 2');" } @{$made->rows(
		q{SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_fts%' AND name <> 'audit' ORDER BY name})};
sub state_of {
	my ($db) = @_;
	my $r = run(['sqlite3', '-batch', 'file:' . $db->path . '?mode=ro', $state]);
	die "sqlite3: $r->{err}" if $r->{status} || $r->{err};
	return $r->{out};
}

my $db = $made->copy;
my $ada = Worker()->client($db)->login('ada', 'demo');
$ada->get('/'); # its page has the session's CSRF token
sub Worker { return 'Countersign::Worker' }

my $points = 0;
# killed(name, request): the request is a function of a client; its reply is < 400 when it is carried out.
sub killed {
	my ($name, $request) = @_;
	my $before = state_of($db);
	like($before, qr/\Aok\n/, "$name: the file is sound before");
	my $whole = $db->copy;
	my $reply = $request->(Worker->elsewhere($ada, $whole));
	cmp_ok($reply->{status}, '<', 400, "$name: without a kill it is carried out") or diag($reply->{content});
	my $after = state_of($whole);
	isnt($after, $before, "$name: and changes something");
	my (@bad, %left);
	# One kill; whether the request came to its end before it.
	my $at = sub {
		my ($n) = @_;
		my $copy = $db->copy;
		my $ended = $request->(Worker->elsewhere($ada, $copy, $n))->{is_complete};
		$points++ if !$ended;
		my $found = state_of($copy);
		my $side = $found eq $before ? 'before' : $found eq $after ? 'after' : 'neither';
		push @bad, "at call $n: the state is $side" if $side eq 'neither' || $ended && $side ne 'after';
		return $ended if $left{$side}++ && !$Countersign::Kill::LONG;
		# The first of each kind: the next worker completes what was cut off, or sees that it is done.
		my $again = $request->(Worker->elsewhere($ada, $copy));
		push @bad, "after a kill at call $n: $again->{status}" if $side eq 'before' && $again->{status} >= 400;
		push @bad, "after a kill at call $n and again: another state" if $side eq 'before' && state_of($copy) ne $after;
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

sub pending { my ($kind) = @_; return $db->row("SELECT id, sha256 FROM proposals WHERE kind = '$kind' AND state = 'pending' ORDER BY id LIMIT 1") }
my ($activity, $person) = map { pending($_) } qw(activity contact);
my $contact = $db->row('SELECT id, version FROM contacts WHERE deleted_at IS NULL ORDER BY id LIMIT 1');
sub json { my ($method, $path, $doc) = @_; return sub { my ($c) = @_; return ($c->api($method => $path, $doc))[0] } }

killed('approve', sub { $_[0]->post("/review/$activity->{id}/approve", {sha256 => $activity->{sha256}}) });
killed('approve a new person', json(POST => "/proposals/$person->{id}/approve", {sha256 => $person->{sha256}}));
killed('edit, then approve', json(POST => "/proposals/$activity->{id}/approve", {sha256 => $activity->{sha256}, change => {subject => 'Edited'}}));
killed('dismiss', json(POST => "/proposals/$activity->{id}/dismiss", {sha256 => $activity->{sha256}, reason => 'Small talk'}));
killed('change a record', json(PATCH => "/contacts/$contact->{id}", {title => 'Partner'}));
killed('delete a record', json(DELETE => "/contacts/$contact->{id}"));
killed('make a task', json(POST => '/tasks', {title => 'Call back', due_on => '2026-03-05'}));
my $done = json(POST => "/proposals/$activity->{id}/approve", {sha256 => $activity->{sha256}})->($ada);
is($done->{status}, 200, 'a decision to take back');
killed('undo', json(POST => "/proposals/$activity->{id}/undo", {}));

cmp_ok($points, '>=', 80, "$points points");
unlike(slurp($db->dir . '/log/app.log'), qr/Sanitizer|runtime error:/, 'no report from a sanitizer');
done_testing;
