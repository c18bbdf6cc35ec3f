# R12: the disk is full. Writing says so (507), reading goes on, capture stops and its cursor with it; when there is space again
# everything resumes, without a restart. The disk is a small one of its own, where this machine lets us mount it.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use File::Path qw(make_path);
use Countersign::Database;
use Countersign::Run;
use Countersign::Server;

my $made = Countersign::Database->new(seed => 'demo');
my $place = temp_dir();
my $disk = "$place/data";
make_path($disk);
plan skip_all => 'a file system cannot be mounted here' if run(['mount', '-t', 'tmpfs', '-o', 'size=16m,mode=0755', 'none', $disk])->{status};
END { local $?; run(['umount', '-l', $disk]) if $disk && run(['mountpoint', '-q', $disk])->{status} == 0 }

# The logs are elsewhere: this is about the database's disk.
make_path("$place/log", map { "$disk/$_" } qw(mail secrets run backups));
symlink "$place/log", "$disk/log" or die;
run(['cp', $made->path, $disk])->{status} == 0 or die;
my $db = Countersign::Database->new(dir => $disk);
my $mail = "$place/mail/full";
make_path("$mail/$_") for qw(cur new tmp);
my $known = $db->value('SELECT email FROM contact_emails WHERE deleted_at IS NULL ORDER BY id LIMIT 1');
sub arrives {
	my ($n) = @_;
	open my $f, '>', "$mail/cur/177253200$n.$n:2,S" or die;
	print {$f} "From: Somebody <$known>\nTo: full\@larkspur.example\nSubject: Number $n\nDate: Tue, 03 Mar 2026 10:00:00 +0000\nMessage-ID: <full$n\@mail.example>\n\n",
		join("\n", map { "Line $_ of a long message." } 1 .. 4000), "\n";
	close $f or die;
	return;
}
$db->program([qw(countersign mailbox add full@larkspur.example --user ada --source maildir --path), $mail], 'a mailbox');
$db->program([qw(mail-sync --mailbox full@larkspur.example)], 'in sync, with nothing in it');

my $server = Countersign::Server->start(db => $db);
my $ada = $server->login;
$ada->csrf;
sub fill { return run(['sh', '-c', "cat /dev/zero >'$disk/fill'"]) }
sub box { return $db->row(q{SELECT cursor, complete_at, listed FROM mailboxes WHERE address = 'full@larkspur.example'}) }
sub new_contact { my ($name) = @_; return $ada->post('/contacts', {name => $name, kind => 'prospect', notes => 'long ' x 2000}) }

fill();
my ($before, $r) = (box());
# What Settings says of the disk, as text.
sub disk_line { my ($client) = @_; my ($line) = $client->get('/admin')->{content} =~ m{<p[^>]*>(Disk of the data:.*?)</p>}s; return ($line // '') =~ s/<svg.*?<\/svg>//gsr }
arrives($_) for 1 .. 3;
$db->same_after(sub {
	$r = new_contact('Nobody Else') for 1 .. 5;
	is($r->{status}, 507, 'a form is answered with 507');
	like($r->{content}, qr/no space|full/i, 'on a page that says why');
	like($r->{content}, qr/[0-9a-f]{32}/, 'with the request id');
	my ($api, $doc) = $ada->api(POST => '/contacts', {name => 'Nobody Else', notes => 'long ' x 2000});
	is($api->{status}, 507, 'a call of the API too');
	like($doc->{type}, qr/full|space|storage/, 'as a problem of its kind');
	is($ada->get($_)->{status}, 200, "$_ is read") for qw(/ /contacts /contacts/1 /review /capture /audit);
	my $sync = run([bin('mail-sync'), '--mailbox', 'full@larkspur.example'], env => $db->env);
	isnt($sync->{status}, 0, 'capture says that it failed');
	unlike($sync->{err}, qr/Sanitizer/, 'and ends in order');
	like(disk_line($ada), qr/<span class="tag warn">0 B free<.*capture stops/, 'Settings has it as an alarm');
	ok($ada->api(GET => '/admin/settings')->{data}{disk}{is_low}, 'the API too');
	like(run([bin('countersign'), 'doctor'], env => $db->env)->{out}, qr/BAD  the disk has space/, 'and so has the doctor');
}, 'and nothing was changed');
is_deeply(box(), $before, 'its cursor stayed where it was');

unlink "$disk/fill" or die;
like(disk_line($ada), qr/<span class="tag warn">[\d.]+ MB free</, 'Settings says how much there is again, which is little');
is(new_contact('Somebody New')->{status}, 303, 'with space again writing goes on, without a restart');
$db->program([qw(mail-sync --mailbox full@larkspur.example)], 'and so does capture');
is($db->value("SELECT count(*) FROM messages WHERE message_id LIKE '%full_\@mail.example%'"), 3, 'with all that came meanwhile');
is(box()->{listed}, 3, 'counted');
is($db->value('PRAGMA integrity_check'), 'ok', 'the file is sound');
$db->program([qw(countersign audit verify)], 'and the audit chain holds');
$server->allow_log('no space|disk is full|disk I/O|SQLITE_FULL|507');
$server->stop;
{
	my $big = Countersign::Server->start(db => $made);
	my $admin = $big->login;
	my $disk_of = $admin->api(GET => '/admin/settings')->{data}{disk};
	my ($blocks) = run(['df', '-B1', '--output=avail', $made->dir])->{out} =~ /(\d+)\s*\z/;
	cmp_ok(abs($disk_of->{free} - $blocks), '<', 1 << 30, 'of another disk it says what is there');
	if ($blocks > 2 << 30) { like(disk_line($admin), qr/^Disk of the data: [\d.]+ GB free$/, 'without an alarm') }
	$big->stop;
}
run_ok(['umount', $disk], 'nothing holds on to it');
done_testing;
