# R2: the disk fails (EIO, ENOSPC, half a write) at each call that changes a file, once and from then on, in the transactions of
# review, capture and the digest: who asked is told, with the request's id; nothing is half done and nothing acknowledged is
# lost; the same worker carries out the next request; the next run of a program completes what this one could not.
# COUNTERSIGN_LONG=1 takes every call.
use strict;
use warnings;
use lib 't/lib';
use File::Temp ();
use JSON::PP ();
use Test::More;
use Countersign::Database;
use Countersign::Kill;
use Countersign::Run;
use Countersign::Worker;

my @WAYS = (['EIO'], ['ENOSPC'], ['SHORT'], ['EIO', 1], ['ENOSPC', 1]); # how, and whether it stays so
my $points = 0;

# The environment in which call $n fails in that way; and how many calls there were since.
my $count = File::Temp->new;
sub failing {
	my ($n, $way, %how) = @_;
	my ($as, $on) = @$way;
	open my $f, '>:raw', "$count" or die;
	print {$f} pack 'l!', 0;
	close $f or die;
	return {LD_PRELOAD => "$BUILD/t/preload/faults.so", FAULTS_COUNT => "$count", FAULTS_AT => $n, FAULTS_AS => $as, ($on ? (FAULTS_ON => 1) : ()),
		($how{accept} ? (FAULTS_ACCEPT => 1) : ()), ASAN_OPTIONS => "$ENV{ASAN_OPTIONS}:verify_asan_link_order=0:detect_leaks=0"};
}
sub calls { return unpack 'l!', slurp("$count") }
# Every call's number, or some four of them; each way in turn has its own.
sub numbers { my ($all, $way) = @_; my $step = $Countersign::Kill::LONG || $all <= 4 ? 1 : int $all / 4; return grep { $_ <= $all } map { 1 + $way % $step + $_ * $step } 0 .. $all }

# ---- review
my $db = Countersign::Database->new(seed => 'demo')->copy;
my $ada = Countersign::Worker->client($db)->login('ada', 'demo');
$ada->get('/'); # its page has the session's CSRF token

sub fails_in_request {
	my ($name, $request) = @_;
	my $before = $db->state;
	my $whole = $db->copy;
	my $reply = $request->(Countersign::Worker->elsewhere($ada, $whole, 0, env => failing(0, ['EIO'], accept => 1)));
	cmp_ok($reply->{status}, '<', 400, "$name: with a good disk it is carried out") or diag($reply->{content});
	my ($after, $all, $refused, $late, @bad) = ($whole->state, calls(), 0, 0);
	cmp_ok($all, '>', 3, "$name: in $all calls");
	for my $way (0 .. $#WAYS) {
		for my $n (numbers($all, $way)) {
			my $at = "call $n, " . join ' ', @{$WAYS[$way]};
			my $copy = $db->copy;
			my $r = $request->(Countersign::Worker->elsewhere($ada, $copy, 0, env => failing($n, $WAYS[$way], accept => 1)));
			my $state = $copy->state;
			$points++;
			push @bad, "$at: no reply" if !$r->{is_complete};
			if ($r->{status} < 400) {
				push @bad, "$at: $r->{status}, but it is not done" if $state ne $after;
				next;
			}
			$refused++;
			push @bad, "$at: $r->{status}" if $r->{status} !~ /^50[037]$/;
			push @bad, "$at: without the request's id" if index($r->{content}, $r->{headers}{'x-request-id'} || 'none') < 0;
			push @bad, "$at: something is half done" if $state ne $before && $state ne $after;
			if (!$WAYS[$way][1]) { # the disk is well again
				push @bad, "$at: the same worker then says $r->{again}{status}" if $r->{again}{status} >= 400 || $state ne $after;
				next;
			}
			# All was written and only then the disk failed: SQLite cannot take that back, and whoever opens the file next
			# finds it done.
			next if $state eq $after && ++$late;
			my $next = $request->(Countersign::Worker->elsewhere($ada, $copy));
			push @bad, "$at: the next worker says $next->{status}, or does something else" if $next->{status} >= 400 || $copy->state ne $after;
		}
	}
	is(join("\n", @bad), '', "$name: all or nothing, said, and then carried out");
	cmp_ok($refused - $late, '>', 3, "$name: $refused times it could not be done, and was found done after all $late times");
	return;
}

my ($activity, $other) = @{$db->rows(q{SELECT id, sha256 FROM proposals WHERE kind = 'activity' AND state = 'pending' ORDER BY id LIMIT 2})};
sub json { my ($method, $path, $doc) = @_; return sub { my ($c) = @_; return ($c->api($method => $path, $doc))[0] } }
fails_in_request('approve, by the page', sub { $_[0]->post("/review/$activity->{id}/approve", {sha256 => $activity->{sha256}}) });
fails_in_request('approve a batch', json(POST => '/proposals/batch', {action => 'approve', items => [$activity, $other]}));
fails_in_request('put off', json(POST => "/proposals/$activity->{id}/snooze", {until => '2026-03-09'}));

# ---- programs that cron starts
# fails_in_run(name, database, [program, …], what it made): the outcome of the next run is that of an undisturbed one.
sub fails_in_run {
	my ($name, $made, $command, $outcome, %how) = @_;
	my ($program, @args) = @$command;
	my $start = sub { my ($db, $env) = @_; return run([Countersign::Kill::program($program), @args], env => {%{$db->env}, %{$how{env} // {}}, %{$env // {}}}) };
	my $whole = $made->copy;
	is($start->($whole, failing(0, ['EIO']))->{status}, 0, "$name: an undisturbed run");
	my ($want, $all, $refused, @bad) = ($outcome->($whole), calls(), 0);
	cmp_ok($all, '>', 3, "$name: in $all calls");
	for my $way (0 .. $#WAYS) {
		for my $n (numbers($all, $way)) {
			my $at = "call $n, " . join ' ', @{$WAYS[$way]};
			my $copy = $made->copy;
			my $r = $start->($copy, failing($n, $WAYS[$way]));
			$points++;
			push @bad, "$at: $r->{status} $r->{err}" if $r->{status} > 128 || $r->{err} =~ /Sanitizer|runtime error:/;
			if ($r->{status}) {
				$refused++;
				push @bad, "$at: it says nothing" if $r->{err} !~ /\w/;
			}
			my $next = $start->($copy);
			push @bad, "$at: the next run ends with $next->{status}: $next->{err}" if $next->{status};
			$how{later}->($copy) if $how{later};
			push @bad, "$at: another outcome" if $outcome->($copy) ne $want;
			push @bad, "$at: a file is not what its name says" if $how{files} && !$how{files}->($copy);
		}
	}
	is(join("\n", @bad), '', "$name: said, and then completed");
	cmp_ok($refused, '>', 3, "$name: $refused times it could not be done");
	return;
}

# The content store's files are named by their hash.
sub files_are_whole {
	my ($db) = @_;
	my $r = run(['sh', '-c', 'cd "$1" && for f in $(find . -type f); do set -- $(sha256sum "$f"); [ "${f##*/}" = "$1" ] || case ${f##*/} in new-*) ;; *) echo "$f" ;; esac; done', 'sh', $db->dir . '/mail/store']);
	return $r->{out} eq '';
}
fails_in_run('mail-sync', Countersign::Kill::uncaptured(), ['mail-sync'], sub { $_[0]->account }, files => \&files_are_whole);
# What could not be delivered cron delivers when a claim that nobody lived to give up counts no more.
sub digest_of {
	my ($db) = @_;
	my $rows = $db->rows("SELECT d.day, hex(sha3_query('SELECT headline, subject, document_json, text, html FROM digests WHERE id = ' || d.id)) AS digest,
		hex(sha3_query('SELECT user_id, document_json, text, html FROM digest_editions WHERE digest_id = ' || d.id || ' ORDER BY user_id')) AS editions,
		(SELECT group_concat(message_id || ' ' || sha256 || ' ' || state, char(10)) FROM outbox o WHERE o.digest_id = d.id) AS letters FROM digests d ORDER BY d.id");
	return JSON::PP->new->canonical->encode([$rows, $db->value('PRAGMA integrity_check')]) . run(['find', $db->dir . '/mail/out', '-type', 'f', '-path', '*/new/*', '-printf', '%P\n'])->{out};
}
fails_in_run('daily-digest', $db, [qw(daily-digest --date 2026-03-04)], \&digest_of, env => {COUNTERSIGN_NOW => '2026-03-05T09:00:00Z'},
	later => sub { run([Countersign::Kill::program('outbox-send')], env => {%{$_[0]->env}, COUNTERSIGN_NOW => '2026-03-05T09:15:00Z'}) });

note("$points points");
unlike(slurp($db->dir . '/log/app.log'), qr/Sanitizer|runtime error:/, 'no report from a sanitizer');
done_testing;
