# Nobody but SQLite opens the database file: closing such a descriptor would drop SQLite's locks. And no process forks with
# a connection open (security check R17). The programs run with t/preload/opens.c before them, which writes down both.
use strict;
use warnings;
use lib 't/lib';
use IO::Socket::UNIX;
use Test::More;
use Countersign::Run;
use Countersign::Database;

my $db = Countersign::Database->new(seed => 'demo');
my $log = $db->dir . '/log/opens';
my %env = (LD_PRELOAD => "$BUILD/t/preload/opens.so", OPENS_LOG => $log, ASAN_OPTIONS => "$ENV{ASAN_OPTIONS}:verify_asan_link_order=0");

# watched(command, name, …): runs it and judges what it opened; gives the lines.
sub watched {
	my ($command, $name, %how) = @_;
	unlink $log;
	my $r = $db->program($command, $name, %how, env => {%env, %{$how{env} // {}}});
	return ($r, judge());
}

sub judge {
	my @lines = split /\n/, -e $log ? slurp($log) : '';
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @opens = grep { /^open / } @lines;
	ok((grep { m{^open \S*/libsqlite3\.so\S* \S*/countersign\.db$} } @opens), 'SQLite opened the database')
		or diag(join "\n", @lines);
	# The lock beside it is ours: src/db/tx.c says why it is a file of its own.
	my @others = grep { !m{^open \S*/libsqlite3\.so} && m{/countersign\.db(?:-wal|-shm|-journal)?$} } @opens;
	is("@others", '', 'nobody else did');
	is(join(' ', grep { /^fork [^0]/ } @lines), '', 'nothing forked with a connection open');
	return @lines;
}

my @sync = watched(['mail-sync'], 'mail-sync');
ok((grep { /^fork 0 / } @sync), 'which does fork, for its parser');
watched(['daily-digest', '--date', '2026-03-02'], 'daily-digest');
watched(['outbox-send'], 'outbox-send');
watched(['countersign', 'backup', $db->dir . '/copy.db'], 'backup');
watched(['countersign', 'config', 'set', 'fund_name', 'Changed'], 'a setting');
watched(['countersign', 'audit', 'verify'], 'the audit chain');
my ($settings) = watched(['admin.cgi'], 'admin.cgi answers', env => {params('/settings')});
like($settings->{out}, qr/^Status: \d+ /, 'a page, or the way to the login');

# ---- a worker: its socket is descriptor 0, as spawn-fcgi gives it
sub params { return (REQUEST_METHOD => 'GET', REQUEST_URI => $_[0], SERVER_PROTOCOL => 'HTTP/1.1', REMOTE_ADDR => '127.0.0.1') }
sub record { my ($type, $data) = @_; return pack('CCnnCC', 1, $type, 1, length $data, 0, 0) . $data }
sub ask {
	my ($path, $uri) = @_;
	my $s = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!";
	my (%p, $reply) = params($uri);
	my $pairs = join '', map { pack('CC', length, length $p{$_}) . $_ . $p{$_} } keys %p;
	print {$s} record(1, pack('nCx5', 1, 0)), record(4, $pairs), record(4, ''), record(5, '');
	$s->flush;
	local $/;
	return scalar readline $s;
}
unlink $log;
my $path = $db->dir . '/run/app.sock';
my $listening = IO::Socket::UNIX->new(Local => $path, Listen => 5) or die "$path: $!";
my $pid = fork // die "fork: $!";
if (!$pid) {
	open STDIN, '<&', $listening or die;
	open STDERR, '>', $db->dir . '/log/app.log' or die;
	@ENV{keys %env, 'COUNTERSIGN_DATA'} = (values %env, $db->dir);
	exec bin('app.fcgi') or die;
}
like(ask($path, $_), qr/Status: \d+ /, "app.fcgi answers $_") for qw(/api/health /login /contacts /api/contacts /review);
kill TERM => $pid;
waitpid $pid, 0;
judge();
done_testing;
