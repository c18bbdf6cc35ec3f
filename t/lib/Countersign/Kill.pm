# Programs that are killed (SIGKILL) at one of their system calls, by t/kill/killat: those that change a file or tell somebody, for
# a kill between two of them leaves what the next one would have found. COUNTERSIGN_LONG=1 takes every single call.
package Countersign::Kill;
use strict;
use warnings;
use File::Temp ();
use List::Util qw(min);
use POSIX ();
use Countersign::Database;
use Countersign::Run;

our $LONG = $ENV{COUNTERSIGN_LONG};

# The optimised program where it is made of the sources as they are now, for sanitizers start slowly; else this build's.
my %chosen;
sub program {
	my ($name) = @_;
	my $fast = "$TOP/build/bin/$name";
	my $newest = min map { -M } glob "$TOP/{src,cgi-bin}/{*,*/*}.{c,h,def} $TOP/migrations/*.sql";
	return $chosen{$name} //= -x $fast && -M _ < $newest ? $fast : bin($name);
}

# The demo without its history; of its mail, which is not captured yet, five messages a mailbox unless $LONG.
sub uncaptured {
	my $db = Countersign::Database->new;
	$db->program([qw(countersign seed demo)], 'the demo');
	for my $box ($LONG ? () : glob $db->dir . '/mail/demo/*') {
		my @files = sort glob "$box/{cur,new}/*";
		unlink @files[5 .. $#files];
	}
	return $db;
}

# Why it cannot be done on this machine; undef when it can.
sub impossible {
	my $r = Countersign::Kill->start([ '/bin/true' ])->wait;
	return $r->{status} == 77 ? 'one process may not trace another here' : undef;
}

# start([program, …], at => call to be killed at (0: none, the calls are only counted), is_untraced => not even that, from_accept => …,
# env => …, stdin => handle, log => file)
sub start {
	my ($class, $command, %how) = @_;
	my $self = bless {counted => File::Temp->new, at => $how{at} // 0}, $class;
	my $log = $how{log} // '/dev/null';
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		POSIX::dup2(fileno $how{stdin}, 0) if $how{stdin};
		open STDOUT, '>', '/dev/null' or POSIX::_exit(127);
		open STDERR, '>>', $log or POSIX::_exit(127);
		# What looks for leaks wants to trace too.
		$ENV{ASAN_OPTIONS} .= ':detect_leaks=0';
		for (keys %{$how{env} // {}}) { $ENV{$_} = $how{env}{$_} }
		my @by = ("$BUILD/t/kill/killat", ($how{from_accept} ? '-a' : ()), ($LONG ? '-e' : ()), "$self->{counted}", $self->{at});
		exec +($how{is_untraced} ? () : @by), @$command or POSIX::_exit(127);
	}
	$self->{pid} = $pid;
	return $self;
}

# To its own end → {status, count: calls that were counted, is_killed}
sub wait {
	my ($self) = @_;
	local $?;
	waitpid delete $self->{pid}, 0;
	my ($count) = slurp("$self->{counted}") =~ /(\d+)/;
	return {status => $? >> 8, count => $count // 0, is_killed => $self->{at} && ($count // 0) >= $self->{at}};
}

# For what would serve for ever.
sub stop {
	my ($self) = @_;
	local $?;
	kill TERM => $self->{pid};
	waitpid delete $self->{pid}, 0;
	return;
}

1;
