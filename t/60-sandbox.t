# From inside the worker: no socket, no program, no secrets (the optimised build, for the sanitizers need more). The mail
# parser's own is t/unit/mail_parser.c. Every connection has its settings (security check R6).
use strict;
use warnings;
use Cwd 'abs_path';
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Database;
use Countersign::Server;

my $db = Countersign::Database->new;
for my $program (qw(app.fcgi admin.cgi)) {
	my $r = run_ok([bin($program), '--selftest-sandbox'], "$program: everything that must fail fails", env => $db->env);
	my %lines = $r->{out} =~ /^(\S+) (\S+)/mg;
	is($lines{$_}, 'ok', "$program: $_") for qw(socket-inet socket-inet6 socket-netlink run-program fork ptrace secrets-directory etc-passwd
		write-outside truncate-outside new-privileges);
	# What an older kernel's Landlock cannot do is said, and nothing else changes (security check F6).
	for my $abi (0, 2, 7) {
		my $out = run_ok([bin($program), '--selftest-sandbox'], "$program: with Landlock ABI $abi",
			env => {%{$db->env}, COUNTERSIGN_SELFTEST_LANDLOCK => $abi})->{out};
		my %older = $out =~ /^(\S+) (\S+)/mg;
		my @files = $abi == 0 ? qw(etc-passwd secrets-directory truncate-outside write-outside) : $abi < 3 ? qw(truncate-outside) : ();
		my $unguarded = join ' ', sort grep { $older{$_} ne 'ok' } keys %older;
		is($unguarded, "@files", "$program: ABI $abi leaves these to owner and mode");
	}
	is(run([bin($program), '--selftest-sandbox'], env => {%{$db->env}, COUNTERSIGN_SELFTEST_LANDLOCK => 'x'})->{status}, 64, 'no other switch');
	my $settings = run_ok([bin($program), '--selftest-db'], "$program prints its connections' settings", env => $db->env)->{out};
	my %want = (defensive => 1, trusted_schema => 0, dqs_dml => 0, dqs_ddl => 0, foreign_keys => 1, load_extension => 0, no_ckpt_on_close => 1,
		journal_mode => 'wal', wal_autocheckpoint => 0, synchronous => 2);
	for my $name (sort keys %want) {
		my @values = $settings =~ /^$name=(\S+)$/mg;
		is("@values", join(' ', ($want{$name}) x 3), "$program: $name on each of its connections");
	}
}

# Nothing here is written for threads, so no worker may have a second one (security check F5).
my $server = Countersign::Server->start;
$server->client->get('/login') for 1 .. 8;
my ($serving, $data) = map { abs_path($_) } bin('app.fcgi'), $server->db->dir;
my @workers = workers();
ok(@workers >= 2, 'there are workers') or diag("@workers");
is(scalar(() = glob "/proc/$_/task/*"), 1, 'each has one thread') for @workers;

# However often requests end a worker, the pool is there for the next one.
for my $round (1 .. 5) {
	my %old = map { $_ => 1 } my @old = workers();
	kill TERM => @old;
	is(eventually(sub { scalar grep { !$old{$_} } workers() }), scalar @workers, "all workers ended, time $round: as many come back");
}
is($server->client->get('/login')->{status}, 200, 'and serve');
$server->stop;

# The function's value once it is as many as there were workers, or when ten seconds are over.
sub eventually {
	my ($count) = @_;
	my $until = time + 10;
	select undef, undef, undef, 0.02 while $count->() < @workers && time < $until;
	return $count->();
}

sub workers { return grep { (readlink("/proc/$_/exe") // '') eq $serving && serves($_, $data) } map { m{(\d+)$} } glob '/proc/[0-9]*' }

sub serves {
	my ($pid, $data) = @_;
	open my $environment, '<', "/proc/$pid/environ" or return 0;
	local $/;
	return readline($environment) =~ /(?:^|\0)COUNTERSIGN_DATA=\Q$data\E\0/;
}

done_testing;
