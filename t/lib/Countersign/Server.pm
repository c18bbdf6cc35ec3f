# The whole thing for a test: nginx, workers and one-shot CGI from the sanitizer build, on a port and a data directory of
# its own, started by dev.d/serve. stop() is a test: no error line, no sanitizer's report in any log.
package Countersign::Server;
use strict;
use warnings;
use IO::Socket::INET;
use POSIX qw(WNOHANG);
use Test::More ();
use Countersign::Client;
use Countersign::Database;
use Countersign::Run;

# start(seed => 'demo' | 'empty', db => Countersign::Database, workers => 2, env => {…})
sub start {
	my ($class, %how) = @_;
	my $self = bless {allowed => [], owner => $$}, $class;
	$self->{db} = $how{db} // Countersign::Database->new(seed => $how{seed} // 'demo');
	for (1 .. 3) {
		$self->{port} = _free_port();
		return $self if $self->_launch(%how);
	}
	die "the server does not start:\n$self->{said}" . $self->log_text;
}

sub db { $_[0]{db} }
sub port { $_[0]{port} }
sub url { "http://127.0.0.1:$_[0]{port}" }
sub client { my ($self, %how) = @_; return Countersign::Client->new($self->url, %how) }
sub login { my ($self, $user, $password) = @_; return $self->client->login($user // 'ada', $password // 'demo') }

sub _free_port {
	my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1) or die "no port: $@";
	return $s->sockport;
}

sub _launch {
	my ($self, %how) = @_;
	pipe my $out, my $in or die;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		close $out;
		open STDOUT, '>&', $in;
		open STDERR, '>&', $in;
		open STDIN, '<', '/dev/null';
		my %env = (PORT => $self->{port}, COUNTERSIGN_DATA => $self->db->dir, COUNTERSIGN_DEMO => 0, COUNTERSIGN_CRON => 0,
			WORKERS => $how{workers} // 2, %{$how{env} // {}});
		for (keys %env) { defined $env{$_} ? ($ENV{$_} = $env{$_}) : delete $ENV{$_} }
		exec "$TOP/dev.d/serve", $BUILD or POSIX::_exit(127);
	}
	close $in;
	@$self{qw(pid out said)} = ($pid, $out, '');
	while (defined(my $line = readline $out)) {
		$self->{said} .= $line;
		return 1 if $line =~ /^ready: /;
	}
	waitpid $pid, 0;
	delete $self->{pid};
	return 0;
}

# Everything written so far to the log with this name (app, admin, nginx, access), or to all but nginx's access log.
sub log_text {
	my ($self, @names) = @_;
	@names = qw(app admin nginx) if !@names;
	return join '', map { -e $_ ? slurp($_) : '' } map { $self->db->dir . "/log/$_.log" } @names;
}

# Error lines that match are part of what this test does.
sub allow_log { my ($self, @patterns) = @_; push @{$self->{allowed}}, @patterns; return }

# Stops everything. Called by the test, it is a test.
sub stop {
	my ($self) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $status = $self->_end;
	Test::More::is($status, 0, 'the server stops on TERM');
	my @bad = grep { /Sanitizer|runtime error:|"level":"(?:error|bug)"|\[(?:error|crit|alert|emerg)\]/ } split /\n/, $self->log_text;
	for my $pattern (@{$self->{allowed}}) { @bad = grep { !/$pattern/ } @bad }
	Test::More::is(scalar @bad, 0, 'no error and no sanitizer report in the logs')
		or Test::More::diag(join "\n", @bad[0 .. ($#bad < 9 ? $#bad : 9)], substr($self->log_text('app'), -3000));
	return;
}

sub _end {
	my ($self) = @_;
	my $pid = delete $self->{pid} or return -1;
	kill TERM => $pid;
	local $?;
	waitpid $pid, 0;
	close $self->{out};
	return $?;
}

sub DESTROY { my ($self) = @_; $self->_end if $self->{pid} && $self->{owner} == $$; return }

1;
