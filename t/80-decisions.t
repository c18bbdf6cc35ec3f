# Cases that went wrong elsewhere, about who decides what, and once; named after their number.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my ($db, $ada) = ($server->db, $server->login);
$db->program([qw(countersign user passwd scout)], 'the agent gets a password', in => "correct horse battery\n");
my $scout = $server->client->token('scout', 'correct horse battery');
sub proposed { my ($path, $verb, $change) = @_; return $db->row('SELECT * FROM proposals WHERE id = ' . ($scout->api($verb => $path, $change))[1]{data}{proposal_id}) }
sub approve { my ($p, %more) = @_; return $ada->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}, %more}) }

subtest 'regression 39: two approvals at once' => sub {
	my $p = proposed('/contacts', POST => {name => 'Raced Person', emails => ['raced@elsewhere.example']});
	my @children;
	my @pipes = map {
		pipe my $from, my $to or die;
		push @children, my $child = fork;
		if (!$child) {
			print {$to} (approve($p))[0]{status};
			close $to;
			require POSIX;
			POSIX::_exit(0); # no test of the parent ends twice
		}
		close $to;
		$from;
	} 1 .. 4;
	my @status = sort map { my $from = $_; local $/; <$from> } @pipes;
	waitpid $_, 0 for @children;
	is("@status", '200 409 409 409', 'one decides, the others are told so');
	is($db->value("SELECT count(*) FROM contacts WHERE proposal_id = $p->{id}"), 1, 'and one record comes of it');
	is($db->value("SELECT count(*) FROM audit WHERE action = 'approve' AND resource = 'proposals' AND resource_id = $p->{id}"), 1, 'by one decision');
};

subtest 'regression 40: a second decision on a decided proposal' => sub {
	my $p = proposed('/contacts', POST => {name => 'Decided Person'});
	is((approve($p))[0]{status}, 200, 'decided');
	for my $what (qw(approve dismiss)) {
		$db->same_after(sub {
			my ($r, $doc) = $ada->api(POST => "/proposals/$p->{id}/$what", {sha256 => $p->{sha256}});
			is($r->{status}, 409, "$what comes too late");
			is($doc->{current}{state}, 'approved', 'and is shown how it was decided');
		}, 'nothing changes');
	}
};

subtest 'regression 41: no approval is written under a non-user' => sub {
	my $p = proposed('/contacts', POST => {name => 'Nobody\'s Person'});
	$db->same_after(sub {
		is(($scout->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}}))[0]{status}, 403, 'not under an agent');
		is(($server->client->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}}))[0]{status}, 401, 'not under nobody');
	}, 'nothing changes');
	is($db->value("SELECT count(*) FROM proposals WHERE state IN ('approved', 'edited', 'dismissed') AND NOT EXISTS
		(SELECT 1 FROM users u WHERE u.id = decided_by AND u.role IN ('admin', 'member'))"), 0, 'every decision there is was made by a person');
};

subtest 'regression 42: an edit cannot change what was not edited' => sub {
	my @emails = ('odd+tag.o\'brien_%40@elsewhere.example', 'second@xn--bcher-kva.example');
	my $p = proposed('/contacts', POST => {name => 'Edited Person', title => 'CEO', emails => \@emails, phones => ['+1 (555) 010-0199 ext. 7'], notes => "two\nlines "});
	my ($r, $doc) = approve($p, change => {title => 'Chief'});
	is($r->{status}, 200, 'edited by the API');
	my $record = $ada->api(GET => "/contacts/$doc->{data}{result_id}")->{data};
	is_deeply([@$record{qw(title emails phones)}], ['Chief', \@emails, ['+1 (555) 010-0199 ext. 7']], 'all else is byte for byte as proposed');
	$ada->api(DELETE => "/contacts/$doc->{data}{result_id}");

	# By the page: the form as it is shown, one field typed over.
	$p = proposed('/contacts', POST => {name => 'Typed Person', title => 'CEO', emails => \@emails});
	my $form = $ada->get("/review/$p->{id}/edit")->{content};
	my %field = (sha256 => $p->{sha256}, edited => 1);
	$field{$1} = $2 while $form =~ /<input(?![^>]*type="(?:hidden|checkbox)")[^>]*name="(\w+)"[^>]*value="([^"]*)"/g;
	$field{$1} = $2 while $form =~ m{<textarea[^>]*name="(\w+)"[^>]*>([^<]*)</textarea>}g;
	s/&#39;/'/g, s/&quot;/"/g, s/&amp;/&/g for values %field;
	ok($field{emails}, 'the form shows the addresses');
	is($ada->post("/review/$p->{id}/approve", {%field, kind => 'prospect', title => 'Chief'})->{status}, 303, 'edited by the page');
	my $id = $db->value("SELECT result_id FROM proposals WHERE id = $p->{id}");
	is_deeply([@{$ada->api(GET => "/contacts/$id")->{data}}{qw(title emails)}], ['Chief', \@emails], 'the addresses are what they were');
};
$server->stop;
done_testing;
