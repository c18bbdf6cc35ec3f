# Where things are, and running programs. Every test starts here; the rest of t/lib uses it.
package Countersign::Run;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Spec;
use File::Temp ();
use Test::More ();

our @EXPORT = qw($TOP $BUILD bin run run_ok temp_dir shared slurp);

our $TOP = $ENV{SRCDIR} ? abs_path($ENV{SRCDIR}) : abs_path(dirname(__FILE__) . '/../../..');
our $BUILD = abs_path($ENV{BUILD} // "$TOP/build-san") // "$TOP/build-san";

# Time stands still in every program a test starts, unless it says otherwise: a Wednesday morning.
$ENV{COUNTERSIGN_NOW} //= '2026-03-04T09:00:00Z';
delete $ENV{COUNTERSIGN_NOW} if $ENV{COUNTERSIGN_NOW} eq '';
$ENV{COUNTERSIGN_FAST_HASH} = 1;
$ENV{COUNTERSIGN_STRICT} = 1;
$ENV{COUNTERSIGN_SHARE} = $TOP;
$ENV{TZ} = 'UTC';
$ENV{ASAN_OPTIONS} //= 'abort_on_error=0:exitcode=99:detect_stack_use_after_return=1';
$ENV{UBSAN_OPTIONS} //= 'print_stacktrace=1';
delete @ENV{qw(COUNTERSIGN_DATA COUNTERSIGN_DEMO PORT)};

# The path of a program just built.
sub bin { my ($name) = @_; return "$BUILD/bin/$name" }

# A directory that goes when the test ends. Others may walk through it: the workers run under another user.
sub temp_dir {
	my $dir = File::Temp->newdir('countersign-test-XXXXXX', TMPDIR => 1);
	chmod 0755, "$dir";
	return $dir;
}

# The path of shared test data, or undef where there is none: `my $mail = shared('data/mail-dev') or plan skip_all => …`
sub shared {
	my ($below) = @_;
	my $path = "$TOP/../shared/$below";
	return -e $path ? abs_path($path) : undef;
}

sub slurp {
	my ($path) = @_;
	open my $in, '<:raw', $path or die "$path: $!";
	local $/;
	return scalar <$in>;
}

# run([program, arguments…], in => bytes, env => {NAME => value or undef}, dir => …)
# → {status (exit status, or 128 + signal), out, err}
sub run {
	my ($command, %how) = @_;
	my ($in, $out, $err) = map { File::Temp->new } 1 .. 3;
	print {$in} $how{in} // '';
	close $in;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDIN, '<', "$in" or die;
		open STDOUT, '>', "$out" or die;
		open STDERR, '>', "$err" or die;
		for (keys %{$how{env} // {}}) { defined $how{env}{$_} ? ($ENV{$_} = $how{env}{$_}) : delete $ENV{$_} }
		chdir $how{dir} or die "$how{dir}: $!" if $how{dir};
		exec {$command->[0]} @$command or do { print STDERR "$command->[0]: $!\n"; require POSIX; POSIX::_exit(127) };
	}
	waitpid $pid, 0;
	my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	return {status => $status, out => slurp("$out"), err => slurp("$err")};
}

# Runs it as a test of its own: exit status 0 (or `status =>`) and nothing from the sanitizers. Gives the result.
sub run_ok {
	my ($command, $name, %how) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $r = run($command, %how);
	my $want = $how{status} // 0;
	my $broken = $r->{err} =~ /(?:Address|Leak|UndefinedBehavior)Sanitizer|runtime error:/;
	Test::More::ok($r->{status} == $want && !$broken, $name)
		or Test::More::diag("@$command\nexit status $r->{status}, expected $want\n", substr($r->{out}, -2000), substr($r->{err}, -6000));
	return $r;
}

1;
