# A mail matches every organization that its people belonged to on its day, not only the one they work at (regression 33): its
# thread and its activity stand on each, and follow when an affiliation is added, ended, removed or merged.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Fund;
use Countersign::Mail;
use JSON::PP ();

my $fund = Countersign::Fund->start;
my ($db, $ada, $alpine, $maria) = @$fund{qw(db ada firm maria)};
my $minute = 0;
sub letter { my ($id, $day, %m) = @_; return mail(id => "$id\@mail.example", from => 'Maria Keller <maria@alpine.example>', to => 'ada@fund.example', subject => $id, date => sprintf('%s 10:%02d:00 +0000', $day, $minute++), %m) }
sub thread { return $fund->message("$_[0]\@mail.example")->{thread_id} }
sub firms { return join ' ', map { $_->{resource_id} } @{$db->rows("SELECT resource_id FROM thread_parties WHERE resource = 'organizations' AND thread_id = " . thread($_[0]) . ' ORDER BY 1')} }
sub activity { return $db->row("SELECT * FROM proposals WHERE kind = 'activity' AND state = 'pending' AND thread_id = " . thread($_[0])) }
sub proposed { return join ' ', @{JSON::PP->new->decode(activity($_[0])->{change_json})->{organization_ids}} }
sub patch { my ($id, %fields) = @_; is(($ada->api(PATCH => "/affiliations/$id", \%fields))[0]{status}, 200, join ' ', 'saved:', %{{map { $_ => $fields{$_} // 'none' } keys %fields}}); return }
sub parties { return join ' ', map { "$_->{resource}$_->{resource_id}/$_->{thread_id}" } @{$db->rows('SELECT * FROM thread_parties ORDER BY 1, 2, 3')} }
sub subjects { return join ' ', sort map { $_->{subject} } @{$ada->api(GET => "/organizations/$_[0]")->{data}{threads}} }

my ($birch, $cedar, $dover) = map { $fund->made('/organizations', {name => $_}) } qw(Birch Cedar Dover);
$fund->made('/affiliations', {contact_id => $maria, organization_id => $birch, role => 'Board member', from_on => '2026-03-02'});
$fund->made('/affiliations', {contact_id => $maria, organization_id => $cedar, role => 'Partner', from_on => '2020-01-01', to_on => '2026-02-20'});
my ($before, $last, $first, $after) = ('Thu, 19 Feb 2026', 'Fri, 20 Feb 2026', 'Mon, 02 Mar 2026', 'Tue, 03 Mar 2026');
$fund->receive('one letter on each of these days', letter('before', $before), letter('last', $last), letter('gap', 'Sat, 21 Feb 2026'), letter('first', $first), letter('now', $after));
is(firms($_->[0]), $_->[1], "mail of $_->[0] stands on the firms of that day") for ['before', "$alpine $cedar"], ['last', "$alpine $cedar"], ['gap', $alpine], ['first', "$alpine $birch"], ['now', "$alpine $birch"];
is(proposed($_->[0]), $_->[1], 'and so would its activity') for ['last', "$alpine $cedar"], ['gap', $alpine], ['now', "$alpine $birch"];
is(subjects($cedar), 'before last', 'a firm\'s page has the mail of its days');
$fund->sync('again');
is(proposed('now'), "$alpine $birch", 'which another look at the mail does not change');

# ---- countersigned, it stands on each timeline
my $p = activity('now');
my ($r, $doc) = $ada->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}});
is($r->{status}, 200, 'countersigned') or diag $r->{content};
my $done = $doc->{data}{result_id};
like(join(' ', map { $_->{url} } @{$ada->api(GET => "/organizations/$_")->{data}{timeline}{items}}), qr{/communications/$done\b}, 'the activity stands on the timeline of both') for $alpine, $birch;
unlike(join(' ', map { $_->{url} } @{$ada->api(GET => "/organizations/$cedar")->{data}{timeline}{items}}), qr{/communications/$done\b}, 'and of no other');

# ---- under whose heading: the firm they work at, unless only another invests
is($p->{organization_id}, $alpine, 'the first firm is the heading');
my $nils = $fund->made('/contacts', {name => 'Nils Berg', emails => ['nils@dover.example'], organization_id => $dover});
my $hat = $fund->made('/affiliations', {contact_id => $nils, organization_id => $alpine});
$fund->receive('a man whose second firm invests', letter('nils', $after, from => 'Nils Berg <nils@dover.example>', to => 'ada@fund.example', text => "Hello\n-- \nNils Berg\nHead of Investments\nDover\n"));
is(proposed('nils'), "$dover $alpine", 'the one he works at comes first');
is_deeply([@{activity('nils')}{qw(organization_id investor_id)}], [$alpine, $db->value("SELECT id FROM investors WHERE organization_id = $alpine")], 'but it waits with the investor');

# ---- said later: what is stored follows, both ways
is(($ada->api(DELETE => "/affiliations/$hat"))[0]{status}, 204, 'he belongs there no more');
is(firms('nils'), $dover, 'nor does his mail');
$fund->sync('the next run');
is(proposed('nils'), $dover, 'nor what waits');
is($ada->api(GET => "/organizations/$alpine")->{data}{has_proposals}, JSON::PP::true, 'others wait there still');
$ada->api(POST => "/affiliations/$hat/restore", {});
is(firms('nils'), "$alpine $dover", 'restored, it does again');
patch($hat, to_on => '2026-03-01');
is(firms('nils'), $dover, 'ended before that day, it does not');
patch($hat, to_on => '2026-03-03');
is(firms('nils'), "$alpine $dover", 'on its last day it does');
patch($hat, organization_id => $cedar);
is(firms('nils'), "$cedar $dover", 'it goes where the affiliation goes');
patch($hat, organization_id => $alpine, to_on => undef);
$fund->sync('the next run');
is(proposed('nils'), "$dover $alpine", 'and what waits with it');
is(firms('now'), "$alpine $birch", 'other mail stays where it is');

# ---- an address that is found later
$fund->receive('he writes from home, to her as well', letter('home', $after, from => 'nils@home.example', cc => 'maria@alpine.example'));
is(firms('home'), "$alpine $birch", 'of whom nothing is known');
$ada->api(PATCH => "/contacts/$nils", {emails => ['nils@dover.example', 'nils@home.example']});
is(firms('home'), "$alpine $birch $dover", 'until it is his');

# ---- who may not read all mail finds on each firm what they may
is(($ada->api(PATCH => "/mailboxes/$fund->{box}", {visibility => 'subject'}))[0]{status}, 200, 'the mailbox shows subjects only');
my $grace = $fund->{server}->login('grace', 'correct horse battery');
is(join(' ', sort map { $_->{subject} } @{$grace->api(GET => "/organizations/$cedar")->{data}{threads}}), 'before last', 'a colleague sees the threads of a second firm as well');

# ---- arranged by hand
($r, $doc) = $ada->api(POST => '/threads/' . thread('gap') . '/merge', {into => thread('first')});
is($r->{status}, 201, 'two threads are joined') or diag $r->{content};
is(firms('gap'), "$alpine $birch", 'and stand on the firms of both');

# ---- merged and parted
sub made_at_cedar {
	my ($name, $is_beside) = @_;
	my $id = $fund->made('/contacts', {name => $name, emails => [lc("$name\@dover.example")], organization_id => $is_beside ? undef : $cedar});
	$fund->made('/affiliations', {contact_id => $id, organization_id => $cedar}) if $is_beside;
	return $id;
}
sub version { return $ada->api(GET => $_[0])->{data}{version} }
sub joined { my ($what, $into, $from) = @_; my ($mr, $merged) = $ada->api(POST => "/$what/$into/merge", {from_id => $from, into_version => version("/$what/$into"), from_version => version("/$what/$from")}); is($mr->{status}, 200, "$what are merged") or diag $mr->{content}; return $merged->{data}{proposal_id} }
sub and_parted {
	my ($what, $into, $from, $mail, $firms, $name) = @_;
	my $before_merge = parties();
	my $merge = joined($what, $into, $from);
	is(firms($mail), $firms, $name);
	is(($ada->api(POST => "/proposals/$merge/undo", {}))[0]{status}, 200, 'parted');
	is(parties(), $before_merge, 'all is as it was');
	return;
}
and_parted('contacts', $nils, made_at_cedar('Berg', 1), 'nils', "$alpine $cedar $dover", 'who takes in another belongs where that one did');
and_parted('organizations', $dover, $cedar, 'before', "$alpine $dover", 'the mail of a firm goes with it');
and_parted('contacts', $nils, made_at_cedar('Olsen'), 'nils', "$alpine $cedar $dover", 'the firm where the other one works is one of them');
$fund->stop;
done_testing;
