# The programs at the shell: users, mailboxes, settings, backup and restore, and what they say when called wrongly.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;
use Countersign::Database;

my $db = Countersign::Database->new;
for my $name (qw(countersign mail-sync daily-digest outbox-send app.fcgi admin.cgi)) {
	like(run_ok([bin($name), '--help'], "$name --help")->{out}, qr/^Usage: $name/, 'says how it is called');
	next if $name =~ /cgi$/;
	my $page = "$TOP/doc/man/$name.1";
	my $manual = slurp($page) =~ s/\\-/-/gr;
	my @unsaid = grep { index($manual, $_) < 0 } run([bin($name), '--help'])->{out} =~ /(--[a-z-]+)/g;
	is("@unsaid", '', "$name.1 has every option");
	is(run(['sh', '-c', "man --warnings -E UTF-8 -l -Tutf8 '$page' 2>&1 >/dev/null"])->{out}, '', 'and is well-formed') if -x '/usr/bin/man';
}
for my $name (qw(countersign mail-sync daily-digest outbox-send app.fcgi admin.cgi)) {
	like(run_ok([bin($name), '--version'], "$name --version")->{out}, qr/^\S+ \d+\.\d+/, 'says its version');
}
sub fails { my ($args, $status, $like, $name, %how) = @_; my $r = run_ok([bin('countersign'), @$args], $name, env => $db->env, status => $status, %how); like($r->{err}, $like, 'and says why'); return }
sub works { my ($args, $name, %how) = @_; return $db->program(['countersign', @$args], $name, %how)->{out} }

fails([], 64, qr/Usage/, 'nothing to do is misuse');
fails(['fly'], 64, qr/no such command/, 'an unknown command');
works([qw(user add ada --email ada@fund.example --name), 'Ada Nowak', qw(--role admin)], 'a user', in => "correct horse battery\n");
like(works([qw(user list)], 'the list'), qr/^ada\s+admin\s+active\s+Ada Nowak <ada\@fund.example>/m, 'shows her');
fails([qw(user add bob --email bob@fund.example)], 65, qr/too short/, 'a short password', in => "short\n");
fails([qw(user add ada --email other@fund.example)], 65, qr/exists already/, 'a name that is taken', in => "correct horse battery\n");
fails([qw(user add Bad!Name --email x@fund.example)], 65, qr/username/, 'a bad name', in => "correct horse battery\n");
works([qw(user alias ada Ada.Home@mail.example)], 'another address of hers');
like(works([qw(user list)], 'the list'), qr/<ada\@fund.example>, <ada.home\@mail.example>$/m, 'shows it');
like(works([qw(user list --json)], 'as JSON'), qr/"aliases":\["ada.home\@mail.example"\]/, 'too');
fails([qw(user add bob --email ada.home@mail.example)], 65, qr/a user's address already/, 'nobody else has it', in => "correct horse battery\n");
fails([qw(user alias ada nonsense)], 65, qr/not an e-mail address/, 'what is no address');
works([qw(user unalias ada ada.home@mail.example)], 'it is taken back');
fails([qw(user unalias ada ada.home@mail.example)], 66, qr/no such address/, 'once');
fails([qw(user alias nobody x@mail.example)], 66, qr/no user nobody/, 'of nobody');
fails([qw(user disable ada)], 65, qr/last administrator/, 'the last administrator stays');
fails([qw(user passwd nobody)], 66, qr/no user nobody/, 'an unknown user', in => "correct horse battery\n");
works([qw(config set own_domains), 'fund.example, other.example'], 'a setting');
like(works([qw(config get own_domains)], 'read back'), qr/^fund.example, other.example$/, 'as it was set');
fails([qw(config set digest_hour 25)], 65, qr/digest_hour/, 'a bad value');
fails([qw(config set nothing x)], 65, qr/not a setting/, 'an unknown key');
fails([qw(mailbox add ada@fund.example --user ada --source maildir --path /nonexistent)], 65, qr/not there/, 'a path that is not there');
like(works([qw(audit verify)], 'the audit chain'), qr/the chain holds/, 'holds');

# A row changed behind the program's back is found.
run(['sqlite3', $db->path, "DROP TRIGGER audit_no_update; UPDATE audit SET actor_name = 'Nobody' WHERE id = 2"]);
fails([qw(audit verify)], 65, qr/row 2/, 'a changed audit row');
my $r = run_ok([bin('countersign'), 'doctor'], 'doctor finds it too', env => $db->env, status => 65);
like($r->{out}, qr/^BAD\s+the audit log/m, 'and names it');
my $none = run([bin('countersign'), 'user', 'list'], env => {COUNTERSIGN_DATA => '/nonexistent/x'});
isnt($none->{status}, 0, 'without a data directory it says no');

# ---- down and up again
my $fresh = Countersign::Database->new;
$fresh->program([qw(countersign migrate --to 0)], 'all the way down');
$fresh->program([qw(countersign migrate)], 'and up');
done_testing;
