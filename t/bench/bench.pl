#!/usr/bin/perl
# bench.pl BUILD [NAME…]: subject and reference alternate on one machine in one run; a table of ratios, and BUILD/bench.json.
# list: 50 of 100,000 contacts, record: a page with 500 timeline items, both against a bare FastCGI hello of the same size
# on the same nginx and number of processes; capture: mail-sync against parsing the same mail alone.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Path qw(make_path remove_tree);
use File::Temp ();
use IO::Socket::INET;
use JSON::PP ();
use Time::HiRes qw(time);
use lib 't/lib';

my ($build, @names) = @ARGV;
$build = abs_path($build);
my %want = map { $_ => 1 } @names ? @names : qw(list record capture);
my $rounds = $ENV{ROUNDS} // 5;
my $scale = $ENV{SCALE} // 100; # thousands of contacts
my $dir = "$build/bench-data";
$ENV{COUNTERSIGN_DATA} = $dir;
$ENV{COUNTERSIGN_SHARE} = abs_path('.');
$ENV{COUNTERSIGN_FAST_HASH} = 1;
my %result;

sub run { system(@_) == 0 or die "@_ failed\n" }
sub median { my @s = sort { $a <=> $b } @_; return $s[$#s / 2] }
sub sql { my ($sql) = @_; my $out = `sqlite3 '$dir/countersign.db' "$sql"`; chomp $out; return $out }

# ---- data: made once for each scale
if (!-e "$dir/.scale-$scale") {
	remove_tree($dir);
	make_path($dir);
	print STDERR "bench: making $scale,000 contacts\n";
	run("$build/bin/countersign migrate >/dev/null && $build/bin/countersign seed demo --scale $scale --without-mail");
	open my $f, '>', "$dir/.scale-$scale" or die;
}

# ---- capture: a small set of mail, parsed alone and captured, alternately
if ($want{capture}) {
	# A file system is slow at new files where many were just removed: everything stays until the end.
	my (@alone, @whole, @rooms, $count);
	for (1 .. $rounds) {
		my $tmp = File::Temp->newdir;
		push @rooms, $tmp;
		local $ENV{COUNTERSIGN_DATA} = "$tmp/data";
		make_path("$tmp/data");
		run("$build/bin/countersign migrate >/dev/null && $build/bin/countersign seed demo --scale 1 --maildirs && sync");
		my @boxes = map { "$tmp/data/mail/demo/$_/cur" } qw(ada grace ir);
		my $start = time;
		run("$build/mailcheck @boxes >/dev/null 2>&1");
		push @alone, time - $start;
		$start = time;
		run("$build/bin/mail-sync >/dev/null 2>&1");
		push @whole, time - $start;
		$count = () = glob "$tmp/data/mail/demo/*/cur/*";
	}
	my ($alone, $whole) = (median(@alone), median(@whole));
	$result{capture} = {ratio => $alone / $whole, must => 0.5, messages => $count, seconds_parsing => $alone, seconds_capture => $whole};
}

# ---- web
sub free_port { return IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1)->sockport }
if ($want{list} || $want{record}) {
	my $port = free_port();
	my $pid = open my $out, '-|', "PORT=$port COUNTERSIGN_DEMO=0 COUNTERSIGN_CRON=0 exec dev.d/serve $build" or die;
	while (<$out>) { last if /^ready/ }
	require Countersign::Client;
	my $url = "http://127.0.0.1:$port";
	my $ada = Countersign::Client->new($url)->login('ada', 'demo');
	my $cookie = join '; ', map { "$_=$ada->{jar}{$_}" } keys %{$ada->{jar}};
	my $busiest = 1;
	if ($want{record}) {
		my $have = sql("SELECT count(*) FROM communication_parties WHERE resource = 'contacts' AND resource_id = 1");
		for ($have .. 499) {
			$ada->api(POST => '/communications', {subject => "Call $_", kind => 'call', occurred_at => sprintf('2025-%02d-%02dT10:00:00Z', 1 + $_ % 12, 1 + $_ % 28), contact_ids => [1]});
		}
	}
	my %pages = (list => '/contacts', list_json => '/api/contacts', record => "/contacts/$busiest");
	delete @pages{qw(list list_json)} if !$want{list};
	delete $pages{record} if !$want{record};

	# The reference: a hello of the page's size, behind an nginx made from the same configuration.
	my $tmp = File::Temp->newdir;
	run("cc -O2 -o $tmp/hello t/bench/hello.c -lfcgi");
	for my $name (sort keys %pages) {
		my $bytes = length $ada->get($pages{$name})->{content};
		my $hello_port = free_port();
		my $conf = do { local (@ARGV, $/) = "$dir/run/nginx.conf"; <> };
		$conf =~ s/127\.0\.0\.1:\Q$port\E/127.0.0.1:$hello_port/g;
		$conf =~ s{\Q$dir\E/run/app\.sock}{$tmp/hello.sock}g;
		$conf =~ s{nginx\.pid}{nginx-hello.pid};
		open my $f, '>', "$tmp/nginx.conf" or die;
		print {$f} $conf;
		close $f;
		chmod 0755, "$tmp";
		my @kids;
		local $ENV{HELLO_BYTES} = $bytes;
		push @kids, fork // die;
		exec 'spawn-fcgi', '-n', '-s', "$tmp/hello.sock", '-M', '0666', '--', '/usr/bin/multiwatch', '-f', $ENV{WORKERS} // 4, '--', "$tmp/hello" if !$kids[-1];
		push @kids, fork // die;
		exec 'nginx', '-c', "$tmp/nginx.conf", '-e', "$tmp/nginx.log", '-g', 'daemon off;' if !$kids[-1];
		for (1 .. 100) { last if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $hello_port); select undef, undef, undef, 0.1 }
		my (@subject, @reference, @p50, @p99);
		for my $round (0 .. $rounds) {
			my $hit = sub {
				my ($target) = @_;
				my $text = `wrk -t1 -c8 -d2s --latency -H 'Cookie: $cookie' '$target' 2>/dev/null`;
				my ($rate) = $text =~ m{Requests/sec:\s+([\d.]+)} or die "wrk: $text";
				my %unit = (us => 1e-6, ms => 1e-3, s => 1);
				my %at = map { $_->[0] => $_->[1] * $unit{$_->[2]} } map { [/(\d+)%\s+([\d.]+)(us|ms|s)/] } grep { /^\s+\d+%/ } split /\n/, $text;
				return ($rate, $at{50}, $at{99});
			};
			my ($reference) = $hit->("http://127.0.0.1:$hello_port/");
			my ($subject, $p50, $p99) = $hit->("$url$pages{$name}");
			next if !$round; # the first warms up
			push @reference, $reference;
			push @subject, $subject;
			push @p50, $p50;
			push @p99, $p99;
		}
		kill TERM => @kids;
		waitpid $_, 0 for @kids;
		$result{$name} = {ratio => median(@subject) / median(@reference), must => $name eq 'record' ? 0.25 : 0.40, bytes => $bytes,
			p99_over_p50 => median(@p99) / median(@p50), requests_per_second => median(@subject)};
	}
	kill TERM => $pid;
	close $out;
}

open my $json, '>', "$build/bench.json" or die;
print {$json} JSON::PP->new->pretty->canonical->encode(\%result);
printf "%-12s %8s %8s %10s\n", qw(bench ratio must p99/p50);
printf "%-12s %8.2f %8.2f %10s\n", $_, $result{$_}{ratio}, $result{$_}{must}, $result{$_}{p99_over_p50} ? sprintf('%.1f', $result{$_}{p99_over_p50}) : '-' for sort keys %result;
