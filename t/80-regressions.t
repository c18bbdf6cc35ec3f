# What went wrong in programs like this one, each as a test by its number: access, deleted rows, input. The others stand where
# their subject is tested (grep 'regression NN').
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($db, $ada, $grace) = ($server->db, $server->login, $server->login('grace'));
my @pages = ('/', '/review', '/contacts', '/contacts/1', '/contacts/1/edit', '/contacts/new', '/organizations', '/organizations/1', '/investors',
	'/investors/1', '/tasks', '/mail', '/mail/1', '/capture', '/capture/1', '/digests', '/digests/1', '/audit', '/trash', '/search?q=fund', '/admin', '/login', '/nowhere');
my @routes = map { my $cgi = $_ eq 'admin.cgi'; map { +{%$_, is_admin_cgi => $cgi} } @{JSON::PP->new->decode(run([bin($_), '--routes'], env => $db->env)->{out})} } qw(app.fcgi admin.cgi);

subtest 'regression 01: no way through the static files to the database or its secrets' => sub {
	my @cookie = ('', 'Cookie: ' . join '; ', map { "$_=$ada->{jar}{$_}" } sort keys %{$ada->{jar}});
	my @bad;
	for my $base (qw(/assets /static)) {
		for my $up ('../', '%2e%2e/', '..%2f', '%2e%2e%2f', '%252e%252e%252f', '..%255c', '..\\', '%c0%ae%c0%ae/', '..;/') {
			for my $file (qw(data/crm.db countersign.db secrets/key var/countersign.db etc/passwd)) {
				for my $cookie (@cookie) {
					my ($status, undef, $body) = $server->client->raw_get("$base/" . $up x 2 . $file, $cookie || ());
					push @bad, "$base/$up$file: $status" if $status !~ /^4/ || $body =~ /SQLite format 3|^root:/m;
				}
			}
		}
	}
	is("@bad", '', 'plain, encoded, doubly encoded, with a session and without');

	# One step out of the static files is enough: a file that stands beside them, by each way to write that step.
	my $canary = "canary-$$.txt";
	{ open my $f, '>', "$BUILD/$canary" or die; print {$f} "a canary's song\n" }
	my (@sung, $tries);
	for my $base (qw(/assets /static /static/errors /static/icons.svg /files /errors /admin /cgi-bin)) {
		for my $up (map { ($_, "/$_", "//$_", "/x/../$_") } qw(.. %2e%2e .%2e %2e. %252e%252e %c0%ae%c0%ae ..; ..%00 ..%20)) {
			for my $slash ('/', '%2f', '%252f', '//', '\\', '%5c', '%255c', '/./') {
				for my $file ($canary, "../$canary") {
					my ($status, undef, $body) = $server->client->raw_get("$base$up$slash$file", $cookie[1]);
					push @sung, "$base$up$slash$file: $status" if $status !~ /^4/ || $body =~ /a canary's song/;
					$tries++;
				}
			}
		}
	}
	unlink "$BUILD/$canary" or die;
	is(join("\n", @sung), '', "nor by $tries ways to write one step too many");
};

subtest 'regression 03: what the menu hides from a member the server refuses' => sub {
	my (@bad, $tries);
	unlike($grace->get('/')->{content}, qr{href="/admin"}, 'the menu hides the administration');
	$db->same_after(sub {
		for my $route (grep { $_->{access} eq 'admin' } @routes) {
			for ([$route->{page_verb}, $route->{page_path}, 0], [$route->{api_verb}, ($route->{api_path} // '') =~ s{^/api}{}r, 1]) {
				my ($verb, $path, $is_api) = @$_;
				next if !$verb || !length $path;
				$path =~ s/:\w+/1/g;
				my $r = $is_api ? ($grace->api($verb => $path, $verb eq 'GET' ? undef : {}))[0] : $verb eq 'GET' ? $grace->get($path) : $grace->post($path, {});
				push @bad, "$verb $path: $r->{status}" if $r->{status} != 403;
				$tries++;
			}
		}
	}, 'nothing changed');
	is("@bad", '', "$tries calls, each refused");
	cmp_ok($tries, '>', 5, 'there were some');
};

subtest 'regression 05: no page asks for anything from elsewhere' => sub {
	my @bad;
	for my $path (@pages) {
		my $r = ($path eq '/login' ? $server->client : $ada)->get($path);
		push @bad, "$path: $1" while $r->{content} =~ /<(?:script|link|img|iframe|embed|object|source|use|form)\b[^>]*?\s(?:src|srcset|href|data|action)="((?![\/#])[^"]+)"/g;
		push @bad, "$path: $1" while $r->{content} =~ /\s(?:src|srcset|href|data|action)="(\/\/[^"]*)"/g;
		push @bad, "$path: $r->{headers}{'content-security-policy'}" if $r->{headers}{'content-security-policy'} =~ /script-src[^;]*(?:https?:|\*|unsafe)/;
	}
	is("@bad", '', 'scripts, styles, images and frames are our own');
};

subtest 'regression 22: no stray 0 where something is not so' => sub {
	my @bad;
	for my $path (@pages) {
		my $content = $ada->get($path)->{content} =~ s/<(script|style|textarea|option|svg)\b.*?<\/\1>//gsr;
		$content =~ s/<(\w+)[^>]*class="[^"]*(?:badge|count|figure|number|num)[^"]*"[^>]*>\s*0\s*<\/\1>//g; # what is counted may be none
		push @bad, "$path: $1" if $content =~ /(.{0,60}>\s*0\s*<(?!\/(?:td|dd|strong|b)\b).{0,20})/s; # where a number may stand alone
		push @bad, "$path: $1" if $content =~ /(.{0,60}>\s*(?:true|false|null)\s*<.{0,20})/s;
	}
	is(join("\n", @bad), '', 'on no page');
	my $doc = $ada->api(GET => '/contacts?limit=1')->{data}[0];
	ok(JSON::PP::is_bool($doc->{is_do_not_contact}), 'and the API has booleans for it');
};

subtest 'regression 20: ?limit=abc is refused on every list, and the worker lives' => sub {
	# What answers with all there is, the best fifty, or one document. Everything else is a list, whether it has a row now or not.
	my %no_limit = map { $_ => 1 } qw(/search /pipeline /mailboxes /users /rules/preview /digests/preview /admin/settings /admin/digest);
	my (@bad, %asked);
	for my $route (grep { ($_->{api_verb} // '') eq 'GET' && $_->{api_path} !~ /:|health|openapi|auth|home/ } @routes) {
		my $path = $route->{api_path} =~ s{^/api}{}r;
		next if $no_limit{$path};
		my $one = $ada->api(GET => "$path?limit=1")->{data};
		push @bad, "$path?limit=1" if ref $one ne 'ARRAY' || @$one > 1;
		$asked{$route->{api_path}} = @$one;
		for my $limit (qw(abc -1 0 99999999999999999999 1e3 0x10 5%00)) {
			my ($r) = $ada->api(GET => "$path?limit=$limit");
			push @bad, "$path?limit=$limit: $r->{status}" if $r->{status} != 400;
		}
	}
	is("@bad", '', scalar(keys %asked) . ' lists refuse it');
	ok(defined $asked{"/api/$_"}, "/$_ is one of them") for qw(contacts organizations investors communications tasks notes threads messages proposals rules digests digests/figures outbox trash audit);
	cmp_ok(scalar(grep { $_ } values %asked), '>=', 12, 'most have rows');
	is($ada->get('/contacts')->{status}, 200, 'the worker lives');
};

subtest 'regression 23: every open task is in one bucket, and none is without a day' => sub {
	is(($ada->api(POST => '/tasks', {title => 'Some day'}))[0]{status}, 422, 'a task without a day is refused');
	is($db->value('SELECT count(*) FROM tasks WHERE due_on IS NULL'), 0, 'there is none');
	my %seen;
	for my $bucket (qw(overdue today week later snoozed)) {
		$seen{$_->{id}}++ for @{$ada->api(GET => "/tasks?bucket=$bucket&limit=200")->{data} // []};
	}
	my $open = $db->rows(q{SELECT id FROM tasks WHERE deleted_at IS NULL AND state IN ('open', 'snoozed')});
	is(join(' ', sort { $a <=> $b } keys %seen), join(' ', sort { $a <=> $b } map { $_->{id} } @$open), 'all that are open are in the buckets');
	is_deeply([grep { $_ != 1 } values %seen], [], 'each in one');
};

subtest 'regression 24: what people type into the search is never an error' => sub {
	is($ada->get('/search?q=' . $_)->{status}, 200, $_) for "from:bob", 'it%27s', '%22', 'a%20AND', 'NEAR(', '*', 'from:', '-x', 'title:%5E';
};

# ---- deleted rows: a firm with two people, one of whom is deleted, with what hangs on them
my $firm = $ada->api(POST => '/organizations', {name => 'Quillon Partners', kind => 'other', domains => ['quillon.example']})->{data}{id};
my %person = map { $_ => $ada->api(POST => '/contacts', {name => "$_ Quillon", emails => ["$_\@quillon.example"], organization_id => $firm})->{data}{id} } qw(Stays Leaves);
my $investor = $ada->api(POST => '/investors', {organization_id => $firm})->{data}{id};
my %talk = map { $_ => $ada->api(POST => '/communications', {subject => "Talk that $_", body => "Plumbago $_", kind => 'call',
	occurred_at => $_ eq 'stays' ? '2026-03-01T10:00:00Z' : '2026-03-03T10:00:00Z', contact_ids => [$person{Stays}]})->{data}{id} } qw(stays leaves);
sub firm_row { my ($row) = grep { $_->{id} == $firm } @{$ada->api(GET => '/organizations?q=quillon')->{data}}; return $row }
my $full = firm_row();
is("$full->{people} $full->{communications}", '2 2', 'two people, two talks');
my @deleted = (['contacts', $person{Leaves}], ['communications', $talk{leaves}]);
is(($ada->api(DELETE => "/$_->[0]/$_->[1]"))[0]{status}, 204, "$_->[0] deleted") for @deleted;

subtest 'regression 11: a deleted record is not found by its id' => sub {
	for (@deleted) {
		my ($what, $id) = @$_;
		is(($ada->api(GET => "/$what/$id"))[0]{status}, 404, "$what by the API");
		is($ada->get("/$what/$id$_")->{status}, 404, "$what$_ by the page") for '', '/edit';
		is(($ada->api(PATCH => "/$what/$id", {name => 'Back', subject => 'Back'}))[0]{status}, 404, "$what is not changed");
	}
};
subtest 'regression 12: nor on the records it hung on' => sub {
	for my $path ("/organizations/$firm", "/contacts/$person{Stays}", "/investors/$investor", "/contacts?organization_id=$firm") {
		unlike($ada->get($path)->{content}, qr/Leaves Quillon|Talk that leaves/, "$path, the page");
		unlike(($ada->api(GET => $path))[0]{content}, qr/Leaves Quillon|Talk that leaves|leaves\@quillon/, "$path, the API") if $path !~ /\?/;
	}
};
subtest 'regression 13: nor in the figures of a list' => sub {
	my $row = firm_row();
	is($row->{people}, 1, 'people');
	is($row->{communications}, 1, 'talks');
	is($row->{last_at}, '2026-03-01T10:00:00Z', 'the last one');
	my ($investors) = grep { $_->{id} == $investor } @{$ada->api(GET => '/investors?limit=200&q=quillon')->{data}};
	is("$investors->{communications} $investors->{last_at}", '1 2026-03-01T10:00:00Z', 'an investor\'s too');
};
subtest 'regression 14: nor in what is reported of the whole' => sub {
	my $home = ($ada->api(GET => '/home'))[0]{content};
	unlike($home, qr/Leaves Quillon|Talk that leaves/, 'on the first page');
	my $list = $ada->api(GET => '/contacts?limit=1');
	is($list->{meta}{total}, $db->value('SELECT count(*) FROM contacts WHERE deleted_at IS NULL'), 'a total counts the living') if defined $list->{meta}{total};
	my %by_kind = map { $_->{value} // $_->{kind} // '' => $_->{count} } @{$ada->api(GET => '/search?q=plumbago')->{meta}{kinds}};
	is((grep { $_ } values %by_kind)[0], 1, "so does the search's count");
};
subtest 'regression 15: nor in the search and its snippets' => sub {
	for my $q ('quillon', 'plumbago', 'leaves%40quillon.example', 'talk') {
		my ($r) = $ada->api(GET => "/search?q=$q&limit=100");
		unlike($r->{content}, qr/Leaves Quillon|Talk that leaves|Plumbago leaves/, "$q finds what lives");
	}
	like(($ada->api(GET => '/search?q=quillon'))[0]{content}, qr/Stays Quillon/, 'which is found');
};
subtest 'regression 16: nor in what can be taken away: every list of the API, page by page' => sub {
	my (@found, $rows);
	for my $route (grep { ($_->{api_verb} // '') eq 'GET' && $_->{api_path} !~ /:|health|openapi|auth|search|audit|trash/ } @routes) {
		my $path = $route->{api_path} =~ s{^/api}{}r;
		for (my $after = '';;) {
			my ($r, $doc) = $ada->api(GET => "$path?limit=200$after");
			($r, $doc) = $ada->api(GET => $path) if $r->{status} == 400;
			push @found, $path if $r->{content} =~ /Leaves Quillon|Talk that leaves/;
			$rows += ref $doc->{data} eq 'ARRAY' ? @{$doc->{data}} : 1;
			my $next = ref $doc->{meta} eq 'HASH' ? $doc->{meta}{next} : undef;
			last if !defined $next;
			$after = "&after=$next";
		}
	}
	is("@found", '', "$rows rows without it");
};
subtest 'regression 18: the id of what was deleted is never given again' => sub {
	my $again = $ada->api(POST => '/contacts', {id => $person{Leaves}, name => 'Leaves Quillon', emails => ['leaves@quillon.example']})->{data}{id};
	cmp_ok($again, '>', $person{Leaves}, 'made again it is another record');
	is(($ada->api(GET => "/contacts/$person{Leaves}"))[0]{status}, 404, 'the deleted one stays buried');
	my $reused = $db->rows(q{SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c ON c.name = 'deleted_at'
		WHERE t.type = 'table' AND t.sql NOT LIKE '%AUTOINCREMENT%' AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'id')});
	is_deeply($reused, [], 'in no table');
};
$server->stop;

subtest 'regression 21: of a thousand people all are listed, and the last is found' => sub {
	my $big = Countersign::Database->new;
	$big->program([qw(countersign seed demo --scale 1 --without-mail)], 'a thousand people');
	my $s = Countersign::Server->start(db => $big);
	my $c = $s->login;
	my $all = $big->value('SELECT count(*) FROM contacts WHERE deleted_at IS NULL');
	cmp_ok($all, '>', 720, "$all people");
	my (%seen, $page);
	for (my $after = ''; !$page || $page->{meta}{next}; $after = '&after=' . ($page->{meta}{next} // '')) {
		$page = $c->api(GET => "/contacts?limit=200&sort=name$after");
		$seen{$_->{id}}++ for @{$page->{data}};
	}
	is(scalar keys %seen, $all, 'page by page, all of them');
	is_deeply([grep { $_ != 1 } values %seen], [], 'each once');
	my $last = $big->row('SELECT id, name FROM contacts WHERE deleted_at IS NULL ORDER BY name DESC, id DESC LIMIT 1');
	utf8::encode($last->{name});
	my $q = $last->{name} =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger;
	ok((grep { $_->{kind} eq 'contact' && $_->{id} == $last->{id} } @{$c->api(GET => "/search?q=$q&limit=100")->{data}}), 'the last one is found');
	ok((grep { $_->{id} == $last->{id} } @{$c->api(GET => "/contacts?q=$q&limit=200")->{data}}), 'in the list too');
	$s->stop;
};

subtest 'regression 56: making the demo again changes nothing' => sub {
	my $demo = Countersign::Database->new(seed => 'demo')->copy;
	$demo->same_after(sub {
		isnt(run([bin('countersign'), qw(seed demo)], env => $demo->env)->{status}, 0, 'a second demo is refused');
	}, 'and nothing is touched');
	my $decided = $demo->rows(q{SELECT id, state, result_id FROM proposals WHERE state <> 'pending' ORDER BY id});
	run([bin('countersign'), qw(seed demo --history)], env => $demo->env);
	my $ids = join ',', map { $_->{id} } @$decided;
	is_deeply($demo->rows("SELECT id, state, result_id FROM proposals WHERE id IN ($ids) ORDER BY id"), $decided, 'what was decided is not decided again');
};
done_testing;
