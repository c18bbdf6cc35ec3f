# What a worker is as a process: how soon it serves, how large it grows, and four of them writing at once.
package Bench::Process;
use strict;
use warnings;
use File::Temp ();
use JSON::PP ();
use Time::HiRes qw(time sleep);
use Bench::Kit qw($BUILD $ROUNDS $SCALE run data sql median quantile serve stop login cookie hit workers rss cpu);

# A worker is ended; what the next one used of the processor, from its start to the end of its first page.
sub cold {
	my $s = serve(data($SCALE), 1);
	login($s)->get('/contacts');
	my @ms;
	for (1 .. $ROUNDS) {
		my ($old) = workers($s);
		kill TERM => $old;
		sleep 0.01 while !grep { $_ != $old } workers($s);
		login($s)->get('/contacts')->{status} == 200 or die 'no first page';
		$s->{workers} = [grep { $_ != $old } workers($s)];
		push @ms, 1000 * cpu($s);
	}
	stop($s);
	return {figure => median(@ms)};
}

# REQUESTS=100000 is what the figure is about; fewer show the direction.
sub memory {
	my $requests = $ENV{REQUESTS} // 20_000;
	my $s = serve(data($SCALE));
	my @pages = ('/contacts', '/', '/mail', '/api/search?q=data+room', '/contacts/1');
	my $load = sub { my ($n) = @_; for (my ($i, $done) = (0, 0); $done < $n; $i++) { my ($rate) = hit($s->{url} . $pages[$i % @pages], cookie($s)); $done += 2 * $rate } };
	my $largest = sub { return (sort { $b <=> $a } map { rss($_) } workers($s))[0] };
	$load->($requests / 5);
	my $early = $largest->();
	$load->($requests * 4 / 5);
	my $late = $largest->();
	stop($s);
	return {figure => $late, requests => $requests, mb_after_a_fifth => $early};
}

# One writer: communications on one contact, which all four count, until the time is over.
sub _writer {
	my ($s, $n, $until) = @_;
	my $c = Countersign::Client->new($s->{url})->login('ada', 'demo');
	my %got = (done => 0, refused => 0, ms => []);
	while (time < $until) {
		my $start = time;
		my ($r) = $c->api(POST => '/communications', {subject => "Writer $n", kind => 'call', occurred_at => '2026-01-01T10:00:00Z', contact_ids => [2]});
		push @{$got{ms}}, 1000 * (time - $start);
		$got{$r->{status} == 201 || $r->{status} == 200 ? 'done' : 'refused'}++;
	}
	return \%got;
}

sub writers {
	my $tmp = File::Temp->newdir; # what is written would make the next run's fund another one
	chmod 0755, "$tmp";
	my $seconds = $ENV{SECONDS_WRITING} // 60;
	run('cp', data(1) . '/countersign.db', data(1) . '/countersign.db-wal', "$tmp/");
	my $s = serve("$tmp");
	my $count = q{SELECT communications FROM touches WHERE resource = 'contacts' AND resource_id = 2};
	my $before = sql("$tmp", $count);
	my $until = time + $seconds;
	my @pipes = map {
		my $n = $_;
		my $pid = open(my $pipe, '-|') // die;
		if (!$pid) { print JSON::PP->new->encode(_writer($s, $n, $until)); close STDOUT; require POSIX; POSIX::_exit(0) }
		$pipe;
	} 1 .. 4;
	my @got = map { my $pipe = $_; local $/; JSON::PP->new->decode(scalar readline $pipe) } @pipes;
	my ($done, $refused) = (0, 0);
	for (@got) { $done += $_->{done}; $refused += $_->{refused} }
	my @ms = map { @{$_->{ms}} } @got;
	my $lost = $before + $done - sql("$tmp", $count);
	stop($s);
	return {name => 'writers_p99', figure => quantile(0.99, @ms), p50_ms => median(@ms), writes => $done},
		{name => 'writers_lost', figure => abs $lost}, {name => 'writers_refused', figure => $refused};
}

# A small set of mail, parsed alone and captured, by turns. A mailbox at a time: then nothing but capture is done, and not
# the search for duplicates among a thousand people who were made at once.
sub capture {
	my (@alone, @whole, @rooms, $count); # a file system is slow at new files where many were just removed: all stays
	for (1 .. $ROUNDS) {
		my $tmp = File::Temp->newdir;
		push @rooms, $tmp;
		mkdir "$tmp/data";
		local $ENV{COUNTERSIGN_DATA} = "$tmp/data";
		run("$BUILD/bin/countersign migrate >/dev/null && $BUILD/bin/countersign seed demo --scale 1 --maildirs && sync");
		my @boxes = map { "$tmp/data/mail/demo/$_/cur" } qw(ada grace ir);
		my $start = time;
		run("$BUILD/mailcheck @boxes >/dev/null 2>&1");
		push @alone, time - $start;
		$start = time;
		run("$BUILD/bin/mail-sync --mailbox $_\@larkspur.example >/dev/null 2>&1") for qw(ada grace ir);
		push @whole, time - $start;
		$count = () = glob "$tmp/data/mail/demo/*/cur/*";
	}
	my ($alone, $whole) = (median(@alone), median(@whole));
	return {figure => $alone / $whole, messages => $count, seconds_parsing => $alone, seconds_capture => $whole};
}

1;
