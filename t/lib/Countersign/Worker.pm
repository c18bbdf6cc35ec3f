# One worker without a web server: each request starts app.fcgi on a socket of its own and speaks FastCGI with it, so that
# it can be killed at any system call. Stands where HTTP::Tiny stands in Countersign::Client.
package Countersign::Worker;
use strict;
use warnings;
use IO::Socket::UNIX;
use Countersign::Client;
use Countersign::Kill;
use Countersign::Run;

my $HOST = 'countersign.test';
my ($BEGIN, $END, $PARAMS, $STDIN, $STDOUT) = (1, 3, 4, 5, 6); # FastCGI 1.0, 8: record types

# A client of a worker on this database; $client->at(…) gives the same person at another.
sub client {
	my ($class, $db) = @_;
	my $c = Countersign::Client->new("http://$HOST");
	$c->{http} = bless {db => $db, at => 0}, $class;
	return $c;
}

# The same person, on another database, whose worker is killed at call $n (0: not at all). env => {…}: for the worker.
sub elsewhere {
	my ($class, $client, $db, $n, %how) = @_;
	return bless {%$client, http => bless({db => $db, at => $n // 0, env => $how{env} // {}}, $class)}, ref $client;
}

# HTTP::Tiny's request(). Besides: is_complete, whether the worker came to the end of its reply; again, when the reply is an error
# of the server's: what the same worker says to the same request after it.
sub request {
	my ($self, $method, $url, $how) = @_;
	my ($target) = $url =~ m{^http://[^/]+(/.*)$} or die "no address: $url";
	my $body = $how->{content} // '';
	my %env = (REQUEST_METHOD => $method, REQUEST_URI => $target, REMOTE_ADDR => '127.0.0.1', HTTP_HOST => $HOST,
		CONTENT_LENGTH => length $body);
	for my $name (keys %{$how->{headers} // {}}) {
		my $cgi = uc($name =~ tr/-/_/r);
		$env{$cgi eq 'CONTENT_TYPE' ? $cgi : "HTTP_$cgi"} = $how->{headers}{$name};
	}
	my $path = $self->{db}->dir . '/run/one.sock';
	unlink $path;
	my $listen = IO::Socket::UNIX->new(Local => $path, Listen => 1) or die "$path: $!";
	my $worker = Countersign::Kill->start([Countersign::Kill::program('app.fcgi')], at => $self->{at}, is_untraced => !$self->{at}, from_accept => 1, stdin => $listen,
		env => {%{$self->{db}->env}, %{$self->{env} // {}}}, log => $self->{db}->dir . '/log/app.log');
	close $listen;
	my $ask = sub { return _exchange(IO::Socket::UNIX->new(Peer => $path) || die("no worker: $!"), \%env, $body) };
	my $reply = $ask->();
	$reply->{again} = $ask->() if $reply->{is_complete} && $reply->{status} >= 500;
	$worker->stop;
	return $reply;
}

sub _record { my ($type, $content) = @_; return pack('CCnnCx', 1, $type, 1, length $content, 0) . $content }
sub _length { my ($n) = @_; return $n < 128 ? chr $n : pack 'N', $n | 0x80000000 }

sub _exchange {
	my ($socket, $env, $body) = @_;
	my $params = join '', map { _length(length $_) . _length(length $env->{$_}) . $_ . $env->{$_} } sort keys %$env;
	my $sent = _record($BEGIN, pack 'nCx5', 1, 0) . _record($PARAMS, $params) . _record($PARAMS, '');
	$sent .= _record($STDIN, $_) for unpack '(a65535)*', $body;
	local $SIG{PIPE} = 'IGNORE';
	print {$socket} $sent . _record($STDIN, '');
	$socket->flush;
	my $bytes = do { local $/; readline $socket } // '';
	my ($out, $is_complete) = ('', 0);
	while (length $bytes >= 8) {
		my (undef, $type, undef, $n, $pad) = unpack 'CCnnC', $bytes;
		$out .= substr $bytes, 8, $n if $type == $STDOUT;
		$is_complete = 1 if $type == $END;
		substr $bytes, 0, 8 + $n + $pad, '';
	}
	my ($head, $content) = split /\r\n\r\n/, $out, 2;
	my %headers;
	for my $line (split /\r\n/, $head // '') {
		my ($name, $value) = split /:\s*/, $line, 2;
		push @{$headers{lc $name}}, $value;
	}
	my ($status) = $headers{status} ? $headers{status}[0] =~ /^(\d+)/ : $is_complete ? 200 : 599;
	$_ = @$_ == 1 ? $_->[0] : $_ for values %headers;
	return {status => $status, success => $status < 300, headers => \%headers, content => $content // '', is_complete => $is_complete};
}

1;
