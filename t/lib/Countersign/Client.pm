# A browser without a screen, and an API client: cookies, CSRF token, JSON. Core modules only.
package Countersign::Client;
use strict;
use warnings;
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP ();
use Test::More ();

my $json = JSON::PP->new->utf8->canonical->allow_nonref;

# new(url, bearer => token): sends the token instead of cookies.  new(url, from => '127.0.0.2'): comes from that address.
sub new {
	my ($class, $url, %how) = @_;
	return bless {url => $url, jar => {}, bearer => $how{bearer},
		http => HTTP::Tiny->new(max_redirect => 0, timeout => 60, agent => 'countersign-test', local_address => $how{from})}, $class;
}

# $c->request(METHOD, path, headers => {…}, body => bytes) → HTTP::Tiny's response, with `json` decoded lazily by json().
# A redirect is shown, not followed.
sub request {
	my ($self, $method, $path, %how) = @_;
	my %headers = %{$how{headers} // {}};
	if ($self->{bearer}) { $headers{Authorization} //= "Bearer $self->{bearer}" }
	elsif (%{$self->{jar}}) { $headers{Cookie} //= join '; ', map { "$_=$self->{jar}{$_}" } sort keys %{$self->{jar}} }
	my $r = $self->{http}->request($method, $self->{url} . $path,
		{headers => \%headers, defined $how{body} ? (content => $how{body}) : ()});
	$self->_keep($_) for ref $r->{headers}{'set-cookie'} ? @{$r->{headers}{'set-cookie'}} : $r->{headers}{'set-cookie'} // ();
	$self->{csrf} = $1 if ($r->{content} // '') =~ /<meta name="csrf-token" content="([^"]+)"/;
	$self->{last} = $r;
	return $r;
}

sub _keep {
	my ($self, $line) = @_;
	my ($name, $value) = $line =~ /^([^=]+)=([^;]*)/ or return;
	if ($value eq '' || $line =~ /max-age=0\b/i) { delete $self->{jar}{$name} }
	else { $self->{jar}{$name} = $value }
	return;
}

sub get { my ($self, $path, %how) = @_; return $self->request('GET', $path, %how) }

# A form as a browser sends it, with the CSRF token of the last page (form => {field => value or [values]}).
sub post {
	my ($self, $path, $form, %how) = @_;
	my @fields = (csrf => $self->csrf, %{$form // {}});
	my $body = '';
	while (my ($name, $value) = splice @fields, 0, 2) {
		next if !defined $value;
		$body .= ($body eq '' ? '' : '&') . _url($name) . '=' . _url($_) for ref $value ? @$value : $value;
	}
	return $self->request('POST', $path, body => $body,
		headers => {'Content-Type' => 'application/x-www-form-urlencoded', Origin => $self->{url}, %{$how{headers} // {}}});
}

sub _url { my ($s) = @_; utf8::encode($s) if utf8::is_utf8($s); return $s =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger }

# A call of the API: $c->api(POST => '/contacts', {name => …}, headers => {…}) → (response, document). Path is below /api.
sub api {
	my ($self, $method, $path, $doc, %how) = @_;
	my %headers = (Accept => 'application/json', %{$how{headers} // {}});
	$headers{'Content-Type'} //= 'application/json' if defined $doc;
	$headers{'X-CSRF-Token'} //= $self->csrf, $headers{Origin} //= $self->{url} if !$self->{bearer} && $method ne 'GET';
	my $r = $self->request($method, "/api$path", headers => \%headers, defined $doc ? (body => ref $doc ? $json->encode($doc) : $doc) : ());
	my $reply = ($r->{headers}{'content-type'} // '') =~ m{^application/(?:problem\+)?json} ? json($r) : undef;
	return wantarray ? ($r, $reply) : $reply;
}

sub json { my ($r) = @_; return eval { $json->decode($r->{content}) } }

# The token of the page seen last; of the login or home page when none was.
sub csrf {
	my ($self) = @_;
	$self->get(%{$self->{jar}} ? '/' : '/login') if !defined $self->{csrf};
	return $self->{csrf} // '';
}

# Through the login form; dies when that fails. Gives the client.
sub login {
	my ($self, $user, $password) = @_;
	$self->get('/login');
	my $r = $self->post('/login', {username => $user, password => $password});
	die "login as $user: $r->{status} $r->{content}" if $r->{status} != 303;
	delete $self->{csrf};
	return $self;
}

# A client with a bearer token of this account.
sub token {
	my ($self, $user, $password) = @_;
	my ($r, $doc) = Countersign::Client->new($self->{url})->api(POST => '/auth/login', {username => $user, password => $password});
	die "token for $user: $r->{status} $r->{content}" if !$doc || !($doc->{token} // $doc->{data}{token});
	return Countersign::Client->new($self->{url}, bearer => $doc->{token} // $doc->{data}{token});
}

# Exactly these bytes to the port; everything that comes back until the peer closes.
sub raw {
	my ($self, $bytes, %how) = @_;
	my ($host, $port) = $self->{url} =~ m{//([^:/]+):(\d+)};
	my $s = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 10) or die "connect: $@";
	local $SIG{PIPE} = 'IGNORE';
	print {$s} $bytes;
	$s->flush;
	shutdown $s, 1 if $how{half_close};
	local $/;
	my $reply = readline $s;
	return $reply // '';
}

# One request with a path exactly as given (HTTP::Tiny would touch it): (status, headers as text, body).
sub raw_get {
	my ($self, $target, @headers) = @_;
	my $reply = $self->raw(join "\r\n", "GET $target HTTP/1.1", 'Host: localhost', 'Connection: close', @headers, '', '');
	my ($head, $body) = split /\r\n\r\n/, $reply, 2;
	my ($status) = ($head // '') =~ m{^HTTP/1\.[01] (\d{3})};
	return ($status // 0, $head // '', $body // '');
}

1;
