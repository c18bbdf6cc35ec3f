# The schema's history when something goes wrong (R16): killed anywhere, version and schema agree and the next run completes;
# two migrators at once apply each step once; before an upgrade there is a snapshot that holds what was there. Up and
# down, step by step, leave the same schema. COUNTERSIGN_LONG=1 kills at every system call.
use strict;
use warnings;
use lib 't/lib';
use POSIX ();
use Test::More;
use Countersign::Database;
use Countersign::Kill;
use Countersign::Run;

my $newest = () = glob "$TOP/migrations/*.up.sql";
sub migrate { my ($db, @to) = @_; return run([bin('countersign'), 'migrate', @to], env => $db->env) }
# Version and schema in one line, ALTER TABLE's white space aside.
sub schema {
	my ($db) = @_;
	return join '; ', map { s/\s+/ /gr } map { $_->{line} } @{$db->rows(q{SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_schema
		WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_fts_%' ORDER BY type, name})};
}
sub version { return $_[0]->value('SELECT max(version) FROM schema_migrations') // 0 }
sub fresh { return Countersign::Database->nothing }

# ---- every version's schema: up one by one, down one by one
my @schema;
subtest 'regression 55: every migration up and down again' => sub {
	my $db = fresh();
	for my $v (1 .. $newest) {
		is(migrate($db, '--to', $v)->{status}, 0, "up to $v") or return;
		$schema[$v] = schema($db);
	}
	my $once = fresh();
	is(migrate($once)->{out}, "schema $newest, was 0\n", 'a fresh install in one go');
	is(schema($once), $schema[$newest], 'makes the same schema');
	for my $v (reverse 1 .. $newest - 1) {
		is(migrate($db, '--to', $v)->{status}, 0, "down to $v");
		is(schema($db), $schema[$v], 'is the schema there was');
	}
	is(migrate($db)->{status}, 0, 'and up again');
	is(schema($db), $schema[$newest], 'to the same');
};

# ---- an upgrade of a database with something in it
my $old = Countersign::Database->new(seed => 'demo')->copy;
is(migrate($old, '--to', $newest - 1)->{status}, 0, 'the demo as the last version had it') or BAIL_OUT('nothing to upgrade');
run(['sh', '-c', 'rm -f ' . $old->dir . '/backups/*']);
# All of a file, line by line: a copy by VACUUM has the same in another order.
sub content { my ($db, $path) = @_; return join "\n", sort split /\n/, $db->dump($path) }
my $content = content($old);

sub snapshots { my ($db) = @_; return grep { !/\.(?:part|sha256)$/ } glob $db->dir . '/backups/before-migration-*' }
subtest 'regression 57: an upgrade makes a snapshot first' => sub {
	my $db = $old->copy;
	is(migrate($db)->{status}, 0, 'upgraded');
	my @kept = snapshots($db);
	is(scalar @kept, 1, 'there is a snapshot');
	ok(content($db, $kept[0]) eq $content, 'of all that was there');
	run_ok([bin('countersign'), 'restore', $kept[0]], 'it is restored', env => $db->env);
	is(version($db), $newest - 1, 'to the version before');
	is($db->value('PRAGMA integrity_check'), 'ok', 'and sound');
};

subtest 'R16: two migrators at once apply each step once' => sub {
	for my $round (1 .. 3) {
		my ($db, @pids) = ($round == 1 ? fresh() : $old->copy);
		for (1 .. 3) {
			my $pid = fork // die "fork: $!";
			if (!$pid) {
				$ENV{COUNTERSIGN_DATA} = $db->dir;
				open STDOUT, '>', '/dev/null';
				exec bin('countersign'), 'migrate' or POSIX::_exit(127);
			}
			push @pids, $pid;
		}
		my @ended = map { waitpid $_, 0; $? >> 8 } @pids;
		is("@ended", '0 0 0', 'all three end well');
		is(schema($db), $schema[$newest], 'the schema is the newest');
		is($db->value('SELECT count(*) FROM schema_migrations'), $newest, 'each step is in the ledger once');
		for my $file (snapshots($db)) {
			my ($named) = $file =~ /before-migration-(\d+)/;
			is(run(['sqlite3', $file, 'SELECT max(version) FROM schema_migrations'])->{out} + 0, $named + 0, 'the snapshot holds what its name says');
		}
	}
};

my $impossible = Countersign::Kill::impossible();
SKIP: {
	skip $impossible, 2 if $impossible;
	srand 20260304;
	# Kills one run after another on the same database until one ends, which after so many it may; gives how many, and what was
	# wrong.
	my $MOST = $Countersign::Kill::LONG ? 'inf' : 10;
	my $kill = sub {
		my ($db, $calls, $check) = @_;
		my ($killed, @bad) = (0);
		for (;;) {
			# An upgrade is a snapshot of many calls and few for its steps: every other kill is among the last tenth.
			my $at = rand() < 0.5 ? 1 + int rand $calls : $calls - int rand $calls / 10;
			my $run = Countersign::Kill->start([Countersign::Kill::program('countersign'), 'migrate'], $killed < $MOST ? (at => $at) : (), env => $db->env)->wait;
			push @bad, $check->($at);
			return ($killed, @bad, $run->{status} ? "ended with $run->{status}" : ()) if !$run->{is_killed};
			$killed++;
		}
	};
	my $agrees = sub {
		my ($db, $at) = @_;
		return if !-s $db->path;
		my $v = eval { version($db) } // 0; # the ledger itself may not be there yet
		my $sound = $db->value('PRAGMA integrity_check');
		return "after a kill at call $at the file is not sound: $sound" if $sound ne 'ok';
		return $v == 0 || schema($db) eq $schema[$v] ? () : "after a kill at call $at the schema is not that of version $v";
	};
	my ($killed, @bad) = (0);
	my $calls = Countersign::Kill->start([Countersign::Kill::program('countersign'), 'migrate'], env => fresh()->env)->wait->{count};
	for (1 .. ($Countersign::Kill::LONG ? 200 : 6)) {
		my $db = fresh();
		my ($n, @found) = $kill->($db, $calls, sub { $agrees->($db, @_) });
		push @bad, @found, schema($db) eq $schema[$newest] ? () : 'in the end another schema';
		$killed += $n;
	}
	is(join("\n", @bad), '', "R16: $killed kills of a fresh install of $calls calls");

	@bad = ();
	$killed = 0;
	my $upgrade = Countersign::Kill->start([Countersign::Kill::program('countersign'), 'migrate'], env => $old->copy->env)->wait->{count};
	for (1 .. ($Countersign::Kill::LONG ? 100 : 3)) {
		my $db = $old->copy;
		my ($n, @found) = $kill->($db, $upgrade, sub { $agrees->($db, @_) });
		push @bad, @found, schema($db) eq $schema[$newest] ? () : 'in the end another schema';
		for my $file (snapshots($db)) {
			push @bad, "$file is not what was there" if content($db, $file) ne $content;
		}
		$killed += $n;
	}
	is(join("\n", @bad), '', "R16: $killed kills of an upgrade of $upgrade calls, and what snapshots there are hold what was there");
}
done_testing;
