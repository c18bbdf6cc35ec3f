# Tasks: a day is required, buckets, quick actions, recurrence once, an agent's task waits, a record's tasks leave with it
# (regressions 11, 12, 17, 18, 23).
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo', env => {COUNTERSIGN_NOW => '2026-03-04T09:00:00Z'}); # a Wednesday
my $db = $server->db;
my $ada = $server->login;
my $grace = $server->login('grace');
my $contact = $ada->api(GET => '/contacts?limit=1')->{data}[0]{id};

# ---- the form
like($ada->get("/tasks/new?contact_id=$contact")->{content}, qr/name="due_on"[^>]*value="2026-03-11"/, 'the form begins with a week from today');
my ($r, $doc) = $ada->api(POST => '/tasks', {title => 'No day'});
is($r->{status}, 422, 'a task without a day is refused (23)');
is($doc->{errors}[0]{field}, 'due_on', 'at its field');
($r, $doc) = $ada->api(POST => '/tasks', {title => 'Two records', due_on => '2026-03-05', contact_id => $contact, investor_id => 1});
is($r->{status}, 422, 'a task belongs to one record');
is($ada->post('/tasks', {title => 'Call back', due_on => '2026-03-06', contact_id => $contact, assignee_id => 1, next => "/contacts/$contact"})->{headers}{location},
	"/contacts/$contact", 'quick add goes back to the record');
like($ada->get("/contacts/$contact")->{content}, qr/>Call back<.*name="contact_id" value="$contact"/s, 'which shows the task and the form');

# ---- buckets and whose
my %due = (overdue => '2026-03-03', today => '2026-03-04', week => '2026-03-08', later => '2026-03-09');
my %id;
for my $bucket (sort keys %due) {
	($r, $doc) = $ada->api(POST => '/tasks', {title => "Task $bucket", due_on => $due{$bucket}, assignee_id => $bucket eq 'later' ? 2 : 1});
	is($r->{status}, 201, "a task for $bucket");
	$id{$bucket} = $doc->{data}{id};
}
for my $bucket (sort keys %due) {
	my %in = map { $_->{id} => $_->{bucket} } @{$ada->api(GET => "/tasks?bucket=$bucket")->{data}};
	is($in{$id{$bucket}}, $bucket, "is in $bucket");
	ok(!grep({ $_ ne $bucket } values %in), "with nothing else");
}
like($ada->get('/tasks')->{content}, qr/Task overdue/, 'my page has mine');
unlike($ada->get('/tasks')->{content}, qr/Task later/, "not a colleague's");
like($grace->get('/tasks')->{content}, qr/Task later/, 'who has it');
is($ada->get('/tasks?bucket=never')->{status}, 400, 'an unknown bucket is refused');
my (@seen, $after);
do {
	my $page = $ada->api(GET => '/tasks?limit=2' . ($after ? "&after=$after" : ''));
	push @seen, map { $_->{id} } @{$page->{data}};
	$after = $page->{meta}{next};
} while $after;
is(scalar @seen, $db->value('SELECT count(*) FROM tasks WHERE deleted_at IS NULL'), 'page by page, all of them (21)');
is(scalar keys %{{map { $_ => 1 } @seen}}, scalar @seen, 'and each once');
my $waits = $db->value("SELECT count(*) FROM tasks WHERE state = 'open' AND due_on <= '2026-03-04' AND coalesce(assignee_id, 1) = 1");
cmp_ok($waits, '>=', 2, 'some are due');
like($ada->get('/')->{content}, qr{To do</a> <span class="badge">$waits<}, 'the first page counts them');

# ---- quick actions
like($ada->get("/tasks/$id{overdue}")->{content}, qr{>Task overdue</h1>.*action="/tasks/$id{overdue}/snooze"}s, 'a task has its page');
is($ada->get("/tasks/$id{overdue}/edit")->{status}, 200, 'and its form');
is($ada->post("/tasks/$id{today}/snooze", {next => '/tasks?bucket=open'})->{headers}{location}, '/tasks?bucket=open', 'snooze');
is($ada->api(GET => "/tasks/$id{today}")->{data}{bucket}, 'snoozed', 'it sleeps');
is($db->value("SELECT snoozed_until FROM tasks WHERE id = $id{today}"), '2026-03-05', 'until tomorrow');
is(($ada->api(POST => "/tasks/$id{today}/snooze", {until => '2026-03-04'}))[0]{status}, 422, 'not until today');
$r = $ada->post("/tasks/$id{week}/snooze", {until => '2026-03-01'});
is($r->{status}, 422, 'nor on the page');
like($r->{content}, qr{<h1>Task week.*min="2026-03-05" value="2026-03-01" aria-invalid="true".*The day must be after today}s, 'which says so at the day, with what was typed');
is(($ada->api(PATCH => "/tasks/$id{week}", {state => 'snoozed'}))[0]{status}, 422, 'snoozed needs a day');
$ada->post("/tasks/$id{today}/reopen", {});
is($ada->api(GET => "/tasks/$id{today}")->{data}{bucket}, 'today', 'opened again');
$ada->post("/tasks/$id{today}/done", {title => 'Not this'});
is($db->value("SELECT state || title FROM tasks WHERE id = $id{today}"), 'doneTask today', 'done, and nothing else changed');
$ada->post("/tasks/$id{week}/cancel", {});
is($ada->api(GET => "/tasks/$id{week}")->{data}{bucket}, 'done', 'cancelled');

# ---- the digest
my $text = $db->program([qw(daily-digest --dry-run --date 2026-03-04)], 'the digest', env => {COUNTERSIGN_NOW => '2026-03-04T09:00:00Z'})->{out};
like($text, qr/TO DO.*Task overdue: Ada Nowak\n\s+overdue since 3 Mar 2026/s, 'says what is overdue');
unlike($text, qr/Task (?:week|later|today)/, 'and nothing that is done or not yet due');

# ---- recurrence
for (['monthly', '2027-01-31', '2027-02-28'], ['quarterly', '2027-01-31', '2027-04-30'], ['daily', '2026-03-01', '2026-03-05'], ['weekly', '2026-03-06', '2026-03-13']) {
	my ($every, $due, $next) = @$_;
	my $task = $ada->api(POST => '/tasks', {title => "Every $every", due_on => $due, recurrence => $every, contact_id => $contact})->{data}{id};
	$ada->post("/tasks/$task/$_", {}) for qw(done reopen done);
	my $rows = $db->rows("SELECT due_on, state, recurrence, contact_id FROM tasks WHERE follows_id = $task");
	is(scalar @$rows, 1, "done twice, one next $every");
	is(join(' ', @{$rows->[0]}{qw(due_on state recurrence contact_id)}), "$next open $every $contact", 'on its day');
}

# ---- done, and not done after all
{
	my $live = sub { return $db->value("SELECT group_concat(due_on || ' ' || state, ', ') FROM (SELECT due_on, state FROM tasks WHERE title = '$_[0]' AND deleted_at IS NULL ORDER BY id)") };
	my $begun = sub { return $ada->api(POST => '/tasks', {title => $_[0], due_on => '2026-03-06', recurrence => 'weekly'})->{data}{id} };
	my $task = $begun->('Taken back');
	$ada->post("/tasks/$task/done", {});
	my $next = $db->value("SELECT id FROM tasks WHERE follows_id = $task");
	$ada->post("/tasks/$task/undo", {});
	is($live->('Taken back'), '2026-03-06 open', 'what is taken back takes the next one along');
	is(join(' ', map { $_->{action} } @{$ada->api(GET => "/audit?resource=tasks&id=$next")->{data}}), 'delete create', 'which is in the audit');
	$ada->post("/tasks/$task/done", {});
	is($live->('Taken back'), '2026-03-06 done, 2026-03-13 open', 'done again makes one again');
	$task = $begun->('Kept');
	$ada->post("/tasks/$task/done", {});
	my $touched = $db->value("SELECT id FROM tasks WHERE follows_id = $task");
	$ada->api(PATCH => "/tasks/$touched", {note => 'Ask for the figures first'});
	$ada->post("/tasks/$task/undo", {});
	is($live->('Kept'), '2026-03-06 open, 2026-03-13 open', 'one that somebody has touched stays');
	$task = $begun->('Put off');
	$ada->post("/tasks/$task/snooze", {until => '2026-03-20'});
	for my $what (qw(done cancel)) {
		$ada->post("/tasks/$task/$what", {});
		$ada->post("/tasks/$task/undo", {});
		is($db->value("SELECT state || ' ' || snoozed_until FROM tasks WHERE id = $task"), 'snoozed 2026-03-20', "what was put off before $what is so again");
	}
	$ada->post("/tasks/$task/$_", {}) for qw(done reopen);
	is($db->value("SELECT state || coalesce(snoozed_until, '') FROM tasks WHERE id = $task"), 'open', 'opened anew it is not');
}

# ---- an agent proposes
$db->program([qw(countersign user passwd scout)], 'the agent gets a password', in => "correct horse battery\n");
my $scout = $server->client->token('scout', 'correct horse battery');
($r, $doc) = $scout->api(POST => '/tasks', {title => 'Agent says call', due_on => '2026-03-20', contact_id => $contact});
is($r->{status}, 202, "an agent's task waits");
is($db->value("SELECT count(*) FROM tasks WHERE title = 'Agent says call'"), 0, 'and is no task');
my $p = $db->row("SELECT id, kind, contact_id, sha256 FROM proposals WHERE id = $doc->{data}{proposal_id}");
is("$p->{kind} $p->{contact_id}", "task $contact", 'it is a proposal of its kind, on its record');
is(($ada->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}}))[0]{status}, 200, 'countersigned');
is($db->value("SELECT source || proposal_id FROM tasks WHERE title = 'Agent says call'"), "agent$p->{id}", 'it lands');
($r) = $scout->api(POST => "/tasks/$id{later}/done", {});
is($r->{status}, 202, 'that something is done is proposed as well');
is($db->value("SELECT state FROM tasks WHERE id = $id{later}"), 'open', 'and not yet so');

# ---- deleted
my $mine = $ada->api(POST => '/contacts', {name => 'Leaving Person'})->{data}{id};
my $task = $ada->api(POST => '/tasks', {title => 'Leaves too', due_on => '2026-03-04', contact_id => $mine})->{data}{id};
my $early = $ada->api(POST => '/tasks', {title => 'Gone before', due_on => '2026-03-04', contact_id => $mine})->{data}{id};
is(($ada->api(DELETE => "/tasks/$early"))[0]{status}, 204, 'a task can be deleted');
is(($ada->api(GET => "/tasks/$early"))[0]{status}, 404, 'and is not found (11)');
unlike($ada->get("/contacts/$mine")->{content}, qr/Gone before/, 'nor on its record (12)');
is(($ada->api(POST => "/tasks/$early/restore", {}))[0]{status}, 200, 'a deleted task is restored by itself');
$ada->api(DELETE => "/contacts/$mine");
is(($ada->api(GET => "/tasks/$task"))[0]{status}, 404, 'a record takes its tasks along');
unlike($ada->get('/')->{content}, qr/Leaves too/, 'from the first page too (13)');
$ada->api(POST => "/contacts/$mine/restore", {});
is(($ada->api(GET => "/tasks/$task"))[0]{status}, 200, 'and brings them back');
ok($ada->api(GET => '/openapi.json')->{paths}{'/api/tasks/{id}/done'}{post}, 'the API describes the actions');
is($db->value("SELECT group_concat(action) FROM audit WHERE resource = 'tasks' AND resource_id = $early"), 'create,delete,restore,delete,restore',
	'each change of a task is in the audit log');
$db->program([qw(countersign audit verify)], 'the audit chain is whole');

$server->stop;
done_testing;
