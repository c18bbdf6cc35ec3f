# A small fund for tests of capture: users ada and grace, a Maildir of ada's, one firm (Alpine) with one person (Maria), and a
# server on it.
package Countersign::Fund;
use strict;
use warnings;
use Countersign::Database;
use Countersign::Mail;
use Countersign::Server;

# start(authserv => 'mx.fund.example'): fields db, server, ada (a logged-in client), box, firm, maria (ids).
sub start {
	my ($class, %how) = @_;
	my $db = Countersign::Database->new;
	my $self = bless {db => $db, dir => $db->dir . '/ada', n => 1772532000}, $class;
	my $in = "correct horse battery\n";
	$db->program([qw(countersign user add ada --email ada@fund.example --role admin)], 'a user', in => $in);
	$db->program([qw(countersign user add grace --email grace@fund.example)], 'another', in => $in);
	$db->program([qw(countersign config set own_domains fund.example)], 'our domain');
	maildir($self->{dir});
	$db->program([qw(countersign mailbox add ada@fund.example --user ada --source maildir --propose-from all --path), $self->{dir}], 'a Maildir');
	$db->program([qw(countersign mailbox authserv ada@fund.example), $how{authserv}], 'whose word counts') if $how{authserv};
	$self->{box} = $db->value('SELECT id FROM mailboxes');
	$self->{server} = Countersign::Server->start(db => $db);
	$self->{ada} = $self->{server}->login('ada', 'correct horse battery');
	$self->{firm} = $self->made('/organizations', {name => 'Alpine', domains => ['alpine.example']});
	$self->{maria} = $self->made('/contacts', {name => 'Maria Keller', emails => ['maria@alpine.example'], organization_id => $self->{firm}});
	$self->made('/investors', {organization_id => $self->{firm}});
	return $self;
}

# The id of a record just made.
sub made { my ($self, $path, $fields) = @_; return scalar $self->{ada}->api(POST => $path, $fields)->{data}{id} }

# Messages into ada's Maildir, in order, and a run of mail-sync as a test. Gives its result.
sub receive {
	my ($self, $name, @raw) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	maildir($self->{dir}, map { $self->{n}++ . '.m' => $_ } @raw);
	return $self->sync($name);
}

sub sync { my ($self, $name, @args) = @_; local $Test::Builder::Level = $Test::Builder::Level + 1; return $self->{db}->program(['mail-sync', @args], $name) }

# The stored row of a Message-ID.
sub message { my ($self, $id) = @_; return $self->{db}->row("SELECT * FROM messages WHERE message_id = '$id'") }
sub stop { $_[0]{server}->stop; return }

1;
