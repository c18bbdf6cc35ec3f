# Pages under load against what else could serve them: a bare FastCGI hello of the same size on the same nginx and number of
# processes, and the stack that such programs often stand on, a threaded server of Python's own library over SQLite.
package Bench::Web;
use strict;
use warnings;
use File::Temp ();
use Bench::Kit qw($BUILD $ROUNDS $WORKERS run data sql median free_port serve stop login cookie hit);

my %page = (list => '/contacts', list_json => '/api/contacts', record => '/contacts/1');
my $server; # 100,000 contacts; its mail does not matter here

sub _server {
	return $server if $server;
	$server = serve(data(100, '--without-mail'));
	my $have = sql($server->{dir}, "SELECT count(*) FROM communication_parties WHERE resource = 'contacts' AND resource_id = 1");
	login($server)->api(POST => '/communications', {subject => "Call $_", kind => 'call', contact_ids => [1],
		occurred_at => sprintf('2025-%02d-%02dT10:00:00Z', 1 + $_ % 12, 1 + $_ % 28)}) for $have .. 499;
	return $server;
}

sub _wait { my ($port) = @_; for (1 .. 100) { return if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port); select undef, undef, undef, 0.1 } die "nothing on $port" }

# Subject and reference by turns; the first round warms up.
sub _against {
	my ($name, $reference, $cookie) = @_;
	my %got;
	for my $round (0 .. $ROUNDS) {
		my @reference = hit($reference, $cookie);
		my @subject = hit(_server()->{url} . $page{$name}, cookie(_server()));
		next if !$round;
		push @{$got{reference}}, $reference[0];
		push @{$got{$_->[0]}}, $subject[$_->[1]] for ['subject', 0], ['p50', 1], ['p99', 2];
	}
	return map { $_ => median(@{$got{$_}}) } keys %got;
}

sub page {
	my ($name) = @_;
	my $served = _server();
	my $tmp = File::Temp->newdir;
	chmod 0755, "$tmp";
	run("cc -O2 -o $tmp/hello t/bench/hello.c -lfcgi");
	my $port = free_port();
	my $conf = do { local (@ARGV, $/) = "$served->{dir}/run/nginx.conf"; <> };
	$conf =~ s/127\.0\.0\.1:\Q$served->{port}\E/127.0.0.1:$port/g;
	$conf =~ s{\Q$served->{dir}\E/run/app\.sock}{$tmp/hello.sock}g;
	$conf =~ s{nginx\.pid}{nginx-hello.pid};
	open my $f, '>', "$tmp/nginx.conf" or die;
	print {$f} $conf;
	close $f;
	local $ENV{HELLO_BYTES} = length login($served)->get($page{$name})->{content};
	my @kids = map { my $pid = fork // die; $pid || exec @$_ } ['spawn-fcgi', '-n', '-s', "$tmp/hello.sock", '-M', '0666', '--', '/usr/bin/multiwatch', '-f', $WORKERS, '--', "$tmp/hello"],
		['nginx', '-c', "$tmp/nginx.conf", '-e', "$tmp/nginx.log", '-g', 'daemon off;'];
	_wait($port);
	my %got = _against($name, "http://127.0.0.1:$port/", 'none=1');
	kill TERM => @kids;
	waitpid $_, 0 for @kids;
	return {figure => $got{subject} / $got{reference}, requests_per_second => $got{subject}, bytes => 0 + $ENV{HELLO_BYTES}},
		{name => "${name}_p99", figure => $got{p99} / $got{p50}, p50_ms => 1000 * $got{p50}};
}

sub predecessor {
	my $port = free_port();
	my $pid = fork // die;
	$pid || exec 'python3', 't/bench/predecessor.py', _server()->{dir} . '/countersign.db', $port;
	_wait($port);
	my %got = _against('list', "http://127.0.0.1:$port/contacts", 'session=bench');
	kill TERM => $pid;
	waitpid $pid, 0;
	return {figure => $got{subject} / $got{reference}, requests_per_second => $got{reference}};
}

1;
