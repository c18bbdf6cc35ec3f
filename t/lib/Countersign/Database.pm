# A test's own data directory: made by the real migrations and the real programs, looked at through sqlite3, read-only.
package Countersign::Database;
use strict;
use warnings;
use Fcntl qw(:flock);
use File::Path qw(make_path);
use IPC::Open2 qw(open2);
use JSON::PP ();
use Test::More ();
use Countersign::Run;

# new(seed => 'demo'): the demo with its mail captured, its history and a digest (made once per build, then copied).
# new(): an empty, migrated database.  new(dir => path): what is there already.
sub new {
	my ($class, %how) = @_;
	my $self = bless {}, $class;
	if ($how{dir}) {
		$self->{dir} = $how{dir};
		return $self;
	}
	$self->{temp} = temp_dir();
	$self->{dir} = "$self->{temp}/data";
	my $from = _made($how{seed} // 'empty');
	run(['cp', '-a', $from, $self->{dir}])->{status} == 0 or die "cannot copy $from";
	return $self;
}

# A data directory without a database.
sub nothing {
	my ($class) = @_;
	my $self = bless {temp => temp_dir()}, $class;
	$self->{dir} = "$self->{temp}/data";
	make_path("$self->{dir}/$_") for qw(mail/store secrets run log backups);
	return $self;
}

# Another of the same content, without its mail. Nobody may have the original open.
sub copy {
	my ($self) = @_;
	my $copy = (ref $self)->nothing;
	my @files = grep { -e } map { $self->path . $_ } '', '-wal';
	run(['cp', @files, $copy->{dir}])->{status} == 0 or die 'cannot copy ' . $self->path;
	return $copy;
}

sub dir { $_[0]{dir} }
sub path { "$_[0]{dir}/countersign.db" }
sub env { return {COUNTERSIGN_DATA => $_[0]{dir}} }

# $db->program(['mail-sync', …]): runs a program of ours on this directory, as a test; gives run()'s result.
sub program {
	my ($self, $command, $name, %how) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($program, @args) = @$command;
	$how{env} = {%{$self->env}, %{$how{env} // {}}};
	return run_ok([bin($program), @args], $name // "@$command", %how);
}

my %STEPS = (
	empty => [['countersign', 'migrate']],
	demo => [['countersign', 'migrate'], ['countersign', 'seed', 'demo'], ['mail-sync'],
		['countersign', 'seed', 'demo', '--history'], ['daily-digest', '--date', '2026-03-03'], ['outbox-send']],
);

sub _made {
	my ($seed) = @_;
	my $clock = $ENV{COUNTERSIGN_NOW} // 'now';
	my $base = "$BUILD/test-data";
	make_path($base);
	my $dir = "$base/$seed-" . ($clock =~ tr/0-9A-Za-z//cdr);
	open my $lock, '>', "$dir.lock" or die "$dir.lock: $!";
	flock $lock, LOCK_EX or die;
	my $newest = (sort { $b <=> $a } map { (stat)[9] // 0 } (map { bin($_) } qw(countersign mail-sync daily-digest)),
		glob("$TOP/migrations/*.sql"))[0];
	return $dir if -e "$dir/.made" && (stat _)[9] > $newest;
	run(['rm', '-rf', $dir]);
	make_path("$dir/$_") for qw(mail secrets run log backups);
	for my $step (@{$STEPS{$seed} or die "no such seed: $seed"}) {
		my ($program, @args) = @$step;
		my $r = run([bin($program), @args], env => {COUNTERSIGN_DATA => $dir});
		die "making the $seed database: @$step ended with $r->{status}\n$r->{out}$r->{err}" if $r->{status};
	}
	# A Maildir's path is stored absolutely; the copies share the original's mail.
	open my $made, '>', "$dir/.made" or die;
	return $dir;
}

# One query's rows as an array of hashes. What the program's own SQL functions make cannot be written from here.
sub rows {
	my ($self, $sql) = @_;
	my $r = run(['sqlite3', '-batch', '-json', 'file:' . $self->path . '?mode=ro', $sql]);
	die "sqlite3: $r->{err}" if $r->{status} || $r->{err};
	return $r->{out} =~ /\S/ ? JSON::PP->new->utf8->decode($r->{out}) : [];
}
sub row { my ($self, $sql) = @_; return $self->rows($sql)->[0] }
sub value { my ($self, $sql) = @_; my $row = $self->row($sql) or return undef; return (values %$row)[0] }

# Everything in the database, or in another file, as SQL text.
sub dump {
	my ($self, $path) = @_;
	my $r = run(['sqlite3', '-batch', 'file:' . ($path // $self->path) . '?mode=ro', '.dump']);
	die "sqlite3: $r->{err}" if $r->{status};
	return $r->{out};
}

# All that a transaction could leave half done, by table, but for the request's id and the hashes in the audit log, which differ
# from run to run. The index's own tables count by what they hold. Begins with what SQLite says of the file.
my $state;
sub state {
	my ($self) = @_;
	$state //= 'PRAGMA integrity_check; PRAGMA foreign_key_check;'
		. "SELECT 'audit', sha3_query('SELECT id, at, actor_name, action, resource, resource_id, changes_json, proposal_id, why FROM audit ORDER BY id');"
		. "SELECT 'search_fts', sha3_query('SELECT rowid, * FROM search_fts ORDER BY rowid');"
		. join '', map { "SELECT '$_->{name}', sha3_query('SELECT * FROM $_->{name} ORDER BY 1, 2');" } @{$self->rows(
			q{SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_fts%' AND name <> 'audit' ORDER BY name})};
	my $r = run(['sqlite3', '-batch', 'file:' . $self->path . '?mode=ro', $state]);
	die "sqlite3: $r->{err}" if $r->{status} || $r->{err};
	return $r->{out};
}

# What capture made of the mail, without numbers that only say in which order.
sub account {
	my ($self) = @_;
	return $self->value(q{SELECT group_concat(line, char(10)) AS account FROM (SELECT line FROM (
		SELECT 'message ' || coalesce(message_id, '') || ' ' || subject || ' ' || sent_at || ' ' || direction AS line FROM messages
		UNION ALL SELECT 'item ' || mailbox_id || ' ' || source_id || ' ' || state || ' ' || coalesce(rule, '') FROM mailbox_items
		UNION ALL SELECT 'thread ' || t.subject || ' ' || t.messages || ' ' || t.last_at FROM threads t WHERE merged_into IS NULL
		UNION ALL SELECT 'proposal ' || kind || ' ' || title || ' ' || occurred_at FROM proposals
		UNION ALL SELECT 'file ' || a.name || ' ' || a.sha256 || ' ' || coalesce(m.message_id, '') FROM attachments a JOIN messages m ON m.id = a.message_id
		UNION ALL SELECT 'integrity ' || integrity_check FROM pragma_integrity_check
		UNION ALL SELECT 'reference ' || "table" FROM pragma_foreign_key_check)
		ORDER BY line)});
}

# $db->same_after(sub { … }, 'name'): nothing in the database changed meanwhile.
sub same_after {
	my ($self, $code, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $before = $self->dump;
	my @got = $code->();
	my $after = $self->dump;
	Test::More::ok($before eq $after, $name) or Test::More::diag(_first_difference($before, $after));
	return wantarray ? @got : $got[0];
}

sub _first_difference {
	my %old = map { $_ => 1 } split /\n/, $_[0];
	my @new = grep { !$old{$_} } split /\n/, $_[1];
	return join "\n", 'new in the database:', map { substr $_, 0, 300 } @new[0 .. ($#new < 4 ? $#new : 4)];
}

# $db->commits: a number that changes when, and only when, somebody commits. For thousands of looks; the dump says what.
sub commits {
	my ($self) = @_;
	if (!$self->{shell}) {
		my ($out, $in);
		$self->{shell} = open2($out, $in, 'sqlite3', '-batch', 'file:' . $self->path . '?mode=ro');
		@$self{qw(out in)} = ($out, $in);
		$in->autoflush(1);
	}
	print { $self->{in} } "PRAGMA data_version;\n";
	my $line = readline $self->{out};
	chomp($line //= '');
	return $line;
}

sub DESTROY {
	my ($self) = @_;
	return if !$self->{shell};
	close $self->{in};
	local $?;
	waitpid $self->{shell}, 0;
}

1;
