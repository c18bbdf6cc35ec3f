# Every page of the program as people see it: those of the route tables in the demo, on an empty database and with one record
# of each kind; filtered to nothing, with errors, refused, through another's eyes, printed. What must hold is in
# t/browser/looks.mjs; the pictures stay in artifacts/looks.
use strict;
use warnings;
use lib 't/lib';
use File::Path qw(make_path remove_tree);
use Test::More;
use JSON::PP ();
use Countersign::Run;
use Countersign::Server;

my $json = JSON::PP->new->canonical;
sub browse {
	my ($server, $state, %plan) = @_;
	my $r = run(['node', "$TOP/t/browser/looks.mjs", $server->url, "$BUILD/artifacts/looks/$state", $json->encode(\%plan)]);
	my @lines = split /\n/, $r->{out};
	for (@lines) { ok(!$1, "$state: $2") if /^(not )?ok \d+ - (.*)/ }
	diag(join "\n", grep { /^(?:not ok|# )/ } @lines) if grep { /^not ok/ } @lines;
	is($r->{status}, 0, "$state: the browser ends well") or diag($r->{err});
	return;
}

# ---- the demo
my $server = Countersign::Server->start(seed => 'demo');
my $db = $server->db;
my @rows = grep { $_->{template} } map { @{$json->decode(run_ok([bin($_), '--routes'], "$_ prints its routes", env => $db->env)->{out})} } qw(app.fcgi admin.cgi);
my @routes = grep { ($_->{page_verb} // '') eq 'GET' && $_->{access} ne 'public' } @rows;
# What only a form's answer shows, and who brings it about below. A new one has to be looked at too.
my %sent = map { $_ => 1 } qw(review/again review/result login setup);
is(join(' ', grep { my $t = $_; !$sent{$t} && !grep { $_->{template} eq $t } @routes } sort keys %{{map { $_->{template} => 1 } @rows}}), '', 'every template is looked at');

# What a page is asked for, where it is nothing without.
my @pick = map { $_->{id} } @{$db->rows("SELECT id FROM proposals WHERE state = 'pending' ORDER BY id LIMIT 3")};
my $batch = '/review/batch?action=approve' . join('', map { "&pick_$_=1" } @pick);
my %ask = ('/review/batch' => substr($batch, 13), '/rules/preview' => '?kind=domain&scope=fund&value=' . $db->value("SELECT substr(email, instr(email, '\@') + 1) FROM contact_emails ORDER BY id LIMIT 1"),
	'/contacts/:id/merge' => '?with=' . $db->value('SELECT max(id) FROM contacts WHERE deleted_at IS NULL'),
	'/organizations/:id/merge' => '?with=' . $db->value('SELECT max(id) FROM organizations WHERE deleted_at IS NULL'));
my @plain = grep { !/:/ && !$ask{$_} } map { $_->{page_path} } @routes;

# An example for what takes an id: the first one, unless another shows more.
my %table = (review => 'proposals', mail => 'threads', capture => 'mailboxes');
my %first = (
	proposals => "SELECT id FROM proposals WHERE state = 'pending' ORDER BY message_id IS NULL, id LIMIT 1",
	threads => 'SELECT id FROM threads WHERE merged_into IS NULL ORDER BY messages DESC, id LIMIT 1',
	contacts => "SELECT resource_id FROM touches WHERE resource = 'contacts' ORDER BY last_at DESC LIMIT 1",
	organizations => "SELECT resource_id FROM touches WHERE resource = 'organizations' ORDER BY last_at DESC LIMIT 1",
	messages => 'SELECT message_id FROM message_bodies WHERE html IS NOT NULL ORDER BY message_id LIMIT 1');
my %path;
my $waiting = "SELECT id FROM proposals WHERE state = 'pending'";
$path{'/review/:id/same-as'} = '/review/' . $db->value("$waiting AND kind = 'contact' ORDER BY id LIMIT 1") . '/same-as';
for my $route (grep { /:/ && !$path{$_} } map { $_->{page_path} } @routes) {
	my ($noun) = $route =~ m{^/(\w+)};
	my $table = $table{$noun} // $noun;
	my $id = $db->value($first{$table} // "SELECT id FROM $table ORDER BY id LIMIT 1");
	ok($id, "there is an example for $route") or next;
	$path{$route} = ($route =~ s/:\w+/$id/r) . ($ask{$route} // '');
}
my @kinds = map { "/review/$_" } grep { $_ } map { $db->value("$waiting AND kind = '$_' ORDER BY id LIMIT 1") } qw(contact field task merge);
my ($contact, $mail) = @path{'/contacts/:id', '/mail/:id'};
my %demo = (login => ['ada', 'demo'],
	pages => [@plain, (map { "$_$ask{$_}" } grep { !/:/ } sort keys %ask), (map { $path{$_} } sort keys %path), @kinds, '/search?q=fund', '/search?q=zzzzqqqq', '/review?state=any', '/audit?resource=contacts',
		'/digests/figures?of=recorded&day=2026-03-03', "$contact/merge", "$contact?show=changes", $path{'/organizations/:id'} =~ s{\d+$}{1}r, $mail . '/arrange?q=zzzzqqqq', '/contacts?sort=-last_touch', '/tasks?whose=all&bucket=all',
		'/funds/2?as_of=2026-01-01', '/commitments?q=zzzzqqqq', '/funds?stage=planned', '/pipeline?fund_id=2', '/opportunities?stage=any'],
	forms => ['/admin', '/admin/digest', grep { $_ } map { $path{$_->{page_path}} // $_->{page_path} } grep { $_->{page_path} =~ m{/(?:new|edit)$} } @routes],
	stale => "$contact/edit", forged => "$contact/edit", late => $kinds[0], batch => $batch,
	problems => {'/nowhere' => 404, '/contacts/999999' => 404, '/contacts?limit=abc' => 400, '/rules/preview?kind=address&value=nonsense' => 422},
	paper => {record => $contact, digest => $path{'/digests/:id'}, list => '/contacts?kind=investor', board => '/pipeline'});
browse($server, 'many', %demo);
browse($server, 'member', login => ['grace', 'demo'], problems => {'/admin' => 403}, pages => ['/capture/2'], gone => '/contacts');
# What cannot be done is not offered, and a page that is nothing but a form says why it is not there.
browse($server, 'as-another', login => ['ada', 'demo'], as => 'Grace Okafor', pages => ['/', $contact, '/review'],
	offers => [(grep { !m{/(?:new|admin.*)$} } @plain), grep { !m{/(?:edit|merge|arrange|same-as)\b} } map { $path{$_} } sort keys %path],
	problems => {map { $_ => 403 } '/contacts/new', "$contact/edit", $path{'/contacts/:id/merge'}, "$mail/arrange", $path{'/review/:id/same-as'}, $batch});
# A source that is not there any more.
my $lost = $db->dir . '/mail/' . 'a-folder-with-a-long-name-that-was-moved-elsewhere';
make_path("$lost/cur", "$lost/new", "$lost/tmp");
$db->program([qw(countersign mailbox add lost@fund.example --user ada --source maildir --path), $lost], 'one more mailbox');
remove_tree($lost);
$db->program(['mail-sync'], 'whose source is gone', status => 66);
browse($server, 'trouble', login => ['ada', 'demo'], pages => ['/', '/capture', '/capture/' . $db->value('SELECT max(id) FROM mailboxes')], is_once => 1);
$server->stop;

# ---- from nothing
$server = Countersign::Server->start(seed => 'empty');
browse($server, 'nobody', pages => ['/setup'], forms => ['/setup']);
$server->db->program([qw(countersign user add ada --name), 'Ada Nowak', qw(--email ada@fund.example --role admin)], 'the first user', in => "correct horse battery\n");
my @login = (login => ['ada', 'correct horse battery']);
browse($server, 'anybody', pages => ['/login'], forms => ['/login']);
browse($server, 'empty', @login, pages => [grep { !m{/new$|^/admin|^/preferences} } @plain], is_once => 1);

my $ada = $server->login('ada', 'correct horse battery');
my %one;
for (['organizations', {name => 'Only Partners', domains => ['only.example']}], ['contacts', {name => 'Only Person', emails => ['one@only.example']}],
	['investors', {organization_id => 1}], ['funds', {name => 'Only fund', stage => 'raising'}], ['commitments', {investor_id => 1, fund_id => 1, kind => 'committed', amount => 100, occurred_on => '2026-03-03'}],
	['opportunities', {investor_id => 1, fund_id => 1, amount => 250_000_000, next_step => 'Only step'}],
	['tasks', {title => 'Only task', due_on => '2026-03-04', contact_id => 1}],
	['communications', {kind => 'note', subject => 'Only note', occurred_at => '2026-03-03T10:00:00Z', body => "Only note\nwith a second line", contact_ids => [1]}]) {
	my ($noun, $fields) = @$_;
	my ($r, $doc) = $ada->api(POST => "/$noun", $fields);
	is($r->{status}, 201, "one of $noun");
	$one{$noun} = "/$noun/$doc->{data}{id}";
}
browse($server, 'one', @login, pages => ['/', '/pipeline', (map { "/$_" } grep { $_ ne 'communications' } sort keys %one), sort values %one], is_once => 1);
is(($ada->api(DELETE => $one{contacts}))[0]{status}, 204, 'and one in the trash');
browse($server, 'trash', @login, pages => ['/trash'], is_once => 1);
$server->stop;
done_testing;
