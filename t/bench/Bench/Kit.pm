# What the benches share: data directories made once for each scale, servers on them, load, figures.
package Bench::Kit;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Path qw(make_path remove_tree);
use IO::Socket::INET;
use Countersign::Client;
our @EXPORT_OK = qw($BUILD $ROUNDS $SCALE $WORKERS run data sql median quantile free_port serve stop login cookie hit cpu workers rss timing);

our $BUILD;                           # absolute
our $ROUNDS = $ENV{ROUNDS} // 5;      # medians are of so many
our $SCALE = $ENV{SCALE} // 10;       # thousands of contacts, tens of thousands of messages
our $WORKERS = $ENV{WORKERS} // 4;
my @servers;

sub run { system(@_) == 0 or die "@_ failed\n"; return }
sub quantile { my ($q, @all) = @_; my @s = sort { $a <=> $b } @all; return $s[int($q * $#s + 0.5)] }
sub median { return quantile(0.5, @_) }
sub sql { my ($dir, $sql) = @_; my $out = `sqlite3 -readonly '$dir/countersign.db' "$sql"`; chomp $out; return $out }

# A data directory with the demo at this scale, made when it is not there. BENCH_DATA says where they are.
sub data {
	my ($scale, @options) = @_;
	my $root = $ENV{BENCH_DATA} // "$BUILD/bench-data";
	my $dir = join '-', "$root/$scale", map { s/^--//r } @options;
	local @ENV{qw(COUNTERSIGN_DATA COUNTERSIGN_SHARE COUNTERSIGN_FAST_HASH)} = ($dir, abs_path('.'), 1);
	return abs_path($dir) if -e "$dir/.made";
	remove_tree($dir);
	make_path($dir);
	print STDERR "bench: making ${scale},000 contacts @options\n";
	run("$BUILD/bin/countersign migrate >/dev/null && $BUILD/bin/countersign seed demo --scale $scale @options");
	open my $f, '>', "$dir/.made" or die;
	return abs_path($dir);
}

sub free_port { return IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1)->sockport }

# nginx and the pool on a data directory: {url, port, pid, dir}.
sub serve {
	my ($dir, $workers) = @_;
	stop($_) for grep { $_->{dir} eq $dir } @servers;
	my $port = free_port();
	local @ENV{qw(PORT COUNTERSIGN_DATA COUNTERSIGN_DEMO COUNTERSIGN_CRON COUNTERSIGN_FAST_HASH WORKERS)} = ($port, $dir, 0, 0, 1, $workers // $WORKERS);
	my $pid = open my $out, '-|', 'dev.d/serve', $BUILD or die;
	my $said = '';
	while (<$out>) { $said .= $_; last if /^ready/ }
	my $server = {url => "http://127.0.0.1:$port", port => $port, pid => $pid, dir => $dir, out => $out};
	$said =~ /^ready/m or die "no server on $dir: $said";
	push @servers, $server;
	return $server;
}
sub stop { my ($server) = @_; kill TERM => $server->{pid}; close $server->{out}; @servers = grep { $_ != $server } @servers; return }
END { my $status = $?; kill TERM => map { $_->{pid} } @servers; $? = $status }

sub login { my ($server) = @_; return $server->{client} //= Countersign::Client->new($server->{url})->login('ada', 'demo') }
sub cookie { my ($server) = @_; my $jar = login($server)->{jar}; return join '; ', map { "$_=$jar->{$_}" } sort keys %$jar }

# Load by wrk: (requests a second, p50, p99 in seconds).
sub hit {
	my ($url, $cookie, $seconds) = @_;
	$seconds //= 2;
	my $text = `wrk -t1 -c8 -d${seconds}s --latency -H 'Cookie: $cookie' '$url' 2>/dev/null`;
	my ($rate) = $text =~ m{Requests/sec:\s+([\d.]+)} or die "wrk: $text";
	die "wrk: $text" if $text =~ /Non-2xx/;
	my %unit = (us => 1e-6, ms => 1e-3, s => 1);
	my %at = map { $_->[0] => $_->[1] * $unit{$_->[2]} } map { [/(\d+)%\s+([\d.]+)(us|ms|s)/] } grep { /^\s+\d+%/ } split /\n/, $text;
	return ($rate, $at{50}, $at{99});
}

# The server's workers, and what they used of the processor so far, in seconds: other work on the machine is not in it.
sub workers {
	my ($server) = @_;
	return grep { (readlink("/proc/$_/exe") // '') =~ /app\.fcgi/ && _slurp("/proc/$_/environ") =~ /\bCOUNTERSIGN_DATA=\Q$server->{dir}\E\0/ }
		map { m{(\d+)$} } glob '/proc/[0-9]*';
}
sub cpu { my ($server) = @_; my $ns = 0; $ns += (split ' ', _slurp("/proc/$_/schedstat"))[0] for @{$server->{workers} //= [workers($server)]}; return $ns / 1e9 }
sub rss { my ($pid) = @_; return _slurp("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m ? $1 / 1024 : 0 }
sub _slurp { my ($path) = @_; open my $f, '<', $path or return ''; local $/; return readline($f) // '' }

# What the reply says its statements took, in milliseconds.
sub timing { my ($reply) = @_; $reply->{status} == 200 or die "status $reply->{status}"; return $reply->{headers}{'server-timing'} =~ /db;dur=([\d.]+)/ ? $1 : die }

1;
