# Machines' mail is shown and never counts (gmail.md 11, security check M8); a delivery report is linked to what came back and to
# whose address it was. Then the public bounces, as measure.
use strict;
use warnings;
use lib 't/lib';
use JSON::PP ();
use Test::More;
use Countersign::Fund;
use Countersign::Mail;
use Countersign::Run;

my $fund = Countersign::Fund->start;
my ($db, $ada) = @$fund{qw(db ada)};
sub report {
	my (%m) = @_;
	my $about = $m{email} // 'maria@alpine.example';
	return mail(id => $m{id}, from => $m{from} // 'MAILER-DAEMON@mx.alpine.example', to => 'ada@fund.example', subject => 'Undelivered Mail Returned to Sender', date => 'Tue, 03 Mar 2026 10:01:00 +0000',
		more => "Return-Path: <>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
		text => "--b\nContent-Type: text/plain\n\nIt could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.alpine.example\n\nFinal-Recipient: rfc822; $about\nAction: failed\nStatus: $m{status}\n"
			. ($m{of} ? "--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <$m{of}>\nSubject: x\n" : '') . "--b--\n");
}
sub sent { my ($id, %m) = @_; return mail(id => $id, from => 'Ada <ada@fund.example>', to => 'maria@alpine.example', subject => 'Closing', date => 'Tue, 03 Mar 2026 10:00:00 +0000', %m) }

# ---- a report finds what came back, whose address, and says it
$fund->receive('a letter and its report', sent('closing@fund.example'), report(id => 'dsn1@mx.example', status => '5.1.1', of => 'closing@fund.example'));
my ($letter, $dsn) = map { $fund->message($_) } 'closing@fund.example', 'dsn1@mx.example';
ok($dsn, 'a report about somebody we know is kept, though a machine sent it') or BAIL_OUT('no report');
is($dsn->{thread_id}, $letter->{thread_id}, 'in the thread of what came back');
is(join(' ', map { $dsn->{$_} } qw(is_automated automated)), '1 bounce', 'as a machine\'s mail');
is_deeply($db->row('SELECT of_message_id, email, status FROM bounces'), {of_message_id => $letter->{id}, email => 'maria@alpine.example', status => '5.1.1'}, 'linked to the letter and to the address');
is($db->value("SELECT last_direction FROM threads WHERE id = $letter->{thread_id}"), 'out', 'a report is no answer');
my $page = $ada->get("/mail/$letter->{thread_id}")->{content};
like($page, qr/did not reach.{0,40}maria\@alpine\.example.{0,40}5\.1\.1/s, 'the letter says whom it did not reach');
like($page, qr/delivery report.*bounced.{0,40}maria\@alpine\.example/s, 'the report what it is about');
like($ada->get("/contacts/$fund->{maria}")->{content}, qr/address bounced.{0,120}maria\@<wbr>alpine\.example/s, 'and her record that the address bounced');
is($ada->api(GET => "/contacts/$fund->{maria}")->{data}{bounces}[0]{status}, '5.1.1', 'as the API does');
my $proposal = $db->row("SELECT * FROM proposals WHERE kind = 'address'");
is($proposal->{title}, 'Address of Maria Keller bounced: maria@alpine.example', 'what to do about it is proposed');
is($proposal->{change_json}, '{"emails":[]}', 'the address would go');
is($db->value("SELECT count(*) FROM proposals WHERE message_id = $dsn->{id} AND kind <> 'address'"), 0, 'and nothing else comes of a report');

# ---- a report that came first, one that proves nothing, one that says "later", one about a stranger
$fund->receive('more reports', report(id => 'dsn2@mx.example', status => '5.1.1', of => 'later@fund.example'), report(id => 'dsn3@mx.example', status => '5.1.1'),
	report(id => 'dsn4@mx.example', status => '4.4.1', of => 'closing@fund.example'), report(id => 'dsn5@mx.example', status => '5.1.1', email => 'x@stranger.example', of => 'nobody@stranger.example'),
	report(id => 'dsn6@mx.example', status => '5.7.1', of => 'closing@fund.example', from => 'postmaster@fund.example'));
is($db->value('SELECT count(*) FROM bounces'), 5, 'what concerns people we know is noted');
ok(!$fund->message('dsn5@mx.example'), 'what concerns strangers is not kept');
ok($fund->message('dsn6@mx.example'), 'even our own server may report');
is($db->value("SELECT count(*) FROM proposals WHERE kind = 'address'"), 1, 'only a dead address that we wrote to is proposed to go');
$fund->receive('what came back after its report', sent('later@fund.example', subject => 'Later'));
is($fund->message('later@fund.example')->{thread_id}, $fund->message('dsn2@mx.example')->{thread_id}, 'joins it');
is($db->value("SELECT of_message_id FROM bounces WHERE message_id = " . $fund->message('dsn2@mx.example')->{id}), $fund->message('later@fund.example')->{id}, 'and is linked to it');
$fund->receive('mail from that address', mail(id => 'alive@alpine.example', from => 'maria@alpine.example', to => 'ada@fund.example', date => 'Wed, 04 Mar 2026 08:00:00 +0000'));
is_deeply($ada->api(GET => "/contacts/$fund->{maria}")->{data}{bounces}, [], 'an address that mail comes from is alive');

# ---- one report about several
my $otto = $fund->made('/contacts', {name => 'Otto Ruf', emails => ['otto@alpine.example'], organization_id => $fund->{firm}});
my $nora = $fund->made('/contacts', {name => 'Nora Lind', emails => ['nora@alpine.example'], organization_id => $fund->{firm}});
sub of_several { my ($id, $of, @groups) = @_; my $raw = report(id => $id, status => '4.4.1', of => $of); my $all = join "\n", map { "Final-Recipient: rfc822; $_->[0]\@alpine.example\nAction: $_->[1]\nStatus: $_->[2]\n" } @groups; $raw =~ s/Final-Recipient.*?Status: [^\n]*\n/$all/s or die; return $raw }
$fund->receive('a report about several', sent('several@fund.example', to => 'maria@alpine.example, otto@alpine.example, nora@alpine.example', subject => 'Several'),
	of_several('dsn7@mx.example', 'several@fund.example', [maria => 'delayed', '4.4.1'], [otto => 'failed', '5.1.1'], [nora => 'failed', '5.1.2'], [ada => 'relayed', '2.0.0']));
my $several = $fund->message('dsn7@mx.example');
is(join(', ', map { "$_->{email} $_->{status}" } @{$db->rows("SELECT email, status FROM bounces WHERE message_id = $several->{id} ORDER BY position")}),
	'otto@alpine.example 5.1.1, nora@alpine.example 5.1.2, maria@alpine.example 4.4.1', 'what failed and what is late is noted, what arrived is not');
is_deeply([map { $_->{title} } @{$db->rows("SELECT title FROM proposals WHERE kind = 'address' AND message_id = $several->{id} ORDER BY title")}],
	['Address of Nora Lind bounced: nora@alpine.example', 'Address of Otto Ruf bounced: otto@alpine.example'], 'each dead address is proposed to go');
is($db->value("SELECT count(*) FROM thread_parties WHERE thread_id = $several->{thread_id} AND resource = 'contacts'"), 3, 'all whom it is about are in the thread');
$page = $ada->get("/mail/$several->{thread_id}")->{content};
like($page, qr/did not reach[^\n]{0,60}otto\@[^\n]*did not reach[^\n]{0,60}nora\@[^\n]*delayed[^\n]{0,60}maria\@/s, 'the letter says whom it did not reach');
like($page, qr/bounced[^\n]{0,60}otto\@[^\n]*bounced[^\n]{0,60}nora\@[^\n]*delayed[^\n]{0,60}maria\@/s, 'the report all that it is about');
my ($shown) = grep { $_->{id} == $several->{id} } @{$ada->api(GET => "/threads/$several->{thread_id}")->{data}{messages}};
is("$shown->{report}{email} " . @{$shown->{report}{recipients}}, 'otto@alpine.example 3', 'and the API too');
$fund->receive('a report that nothing failed', of_several('dsn8@mx.example', 'several@fund.example', [otto => 'delivered', '2.0.0']));
my $arrived = $fund->message('dsn8@mx.example');
is($db->value("SELECT count(*) FROM bounces WHERE message_id = $arrived->{id}"), 0, 'of what arrived nothing is noted');
$fund->receive('a report before what it is about', of_several('dsn9@mx.example', 'several2@fund.example', [nora => 'failed', '5.7.1'], [maria => 'failed', '5.1.1']));
$fund->receive('which follows', sent('several2@fund.example', to => 'maria@alpine.example, nora@alpine.example', subject => 'Several again'));
is($db->value('SELECT count(*) FROM bounces WHERE of_message_id = ' . $fund->message('several2@fund.example')->{id}), 2, 'is linked to all of it');

# ---- every sign of a machine
my %sign = ('Auto-Submitted: auto-replied' => 'auto-submitted', 'Return-Path: <>' => 'null-sender', "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b" => 'report',
	'X-Auto-Response-Suppress: All' => 'suppress', 'Precedence: bulk' => 'precedence', 'Precedence: auto_reply' => 'precedence', 'X-Autoreply: yes' => 'responder', 'X-Autorespond: yes' => 'responder', 'X-Loop: x' => 'responder',
	'Feedback-ID: a:b' => 'responder', 'List-Id: <l.example>' => 'list', 'List-Post: <mailto:l@l.example>' => 'list', 'List-Unsubscribe: <https://l.example>' => 'list');
my %local = ('mailer-daemon@alpine.example' => 'bounce', map { ("$_\@alpine.example" => 'machine-sender') } qw( noreply no-reply donotreply do-not-reply donot-reply do-notreply do_not_reply alerts-no-reply bounce bounces x-bounces owner-x x-request notifications));
my $before = $db->value('SELECT count(*) FROM proposals');
my $n = 0;
my %by;
my @mail = (map({ $by{'sign' . ++$n} = [$sign{$_}, s/\n.*//sr]; mail(id => "sign$n\@x.example", from => 'maria@alpine.example', to => 'ada@fund.example', cc => 'New Person <new@alpine.example>', date => 'Wed, 04 Mar 2026 08:30:00 +0000', more => $_) } sort keys %sign),
	map({ $by{'sign' . ++$n} = [$local{$_}, $_]; mail(id => "sign$n\@x.example", from => $_, to => 'ada@fund.example, maria@alpine.example', date => 'Wed, 04 Mar 2026 08:30:00 +0000') } sort keys %local));
$db->program(['daily-digest', '--date', '2026-03-03'], 'mail of our own');
my $digest = $db->row('SELECT message_id, bytes FROM outbox');
like($digest->{bytes}, qr/^X-Countersign-Id: \Q$digest->{message_id}\E\r?$/m, 'bears the name of its row');
sub back { my ($id, @more) = @_; return mail(id => $id, from => 'maria@alpine.example', to => 'ada@fund.example', date => 'Wed, 04 Mar 2026 08:32:00 +0000', more => join("\n", @more)) }
$fund->receive('machines', @mail, mail(id => 'person@x.example', from => 'maria@alpine.example', to => 'ada@fund.example', date => 'Wed, 04 Mar 2026 08:31:00 +0000', more => 'Auto-Submitted: no'),
	back('loop@x.example', "X-Countersign-Id: $digest->{message_id}"), back($digest->{message_id}, 'X-Countersign-Id: rewritten'));
is($fund->message("$_\@x.example")->{automated}, $by{$_}[0], "M8: $by{$_}[1]") for sort { substr($a, 4) <=> substr($b, 4) } keys %by;
is($fund->message('person@x.example')->{is_automated}, 0, 'Auto-Submitted: no is a person');
is($fund->message($_)->{automated}, 'own', "M8: our own mail coming back is a machine's: $_") for 'loop@x.example', $digest->{message_id};
is($db->value('SELECT count(*) FROM proposals'), $before + 1, 'M8: of all these only the person leads to a proposal');
is($db->value("SELECT count(*) FROM threads t WHERE last_direction IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.thread_id = t.id AND is_automated = 0)"), 0, 'M8: nobody waits for an answer to a machine');
$fund->receive('what only says that it is ours', back('guess@x.example', 'X-Countersign-Id: whatever'),
	mail(id => 'sent@x.example', from => 'ada@fund.example', to => 'maria@alpine.example', date => 'Wed, 04 Mar 2026 08:33:00 +0000', more => "X-Countersign-Id: $digest->{message_id}"));
is(join(' ', map { $_ // '-' } @{$fund->message('guess@x.example')}{qw(direction is_automated automated)}), 'in 0 -', 'nobody keeps mail out by writing our field');
is(join(' ', map { $_ // '-' } @{$fund->message('sent@x.example')}{qw(direction is_automated automated)}), 'out 0 -', 'and what we send with it is mail we sent');
like($ada->get('/mail/' . $fund->message('sign1@x.example')->{thread_id})->{content}, qr/<span class="tag">automatic reply/, 'the page says what it is');
$fund->stop;

# ---- somebody of whom nothing but machines' mail came, beside somebody who wrote: all that was proposed is approved, and counts
subtest 'M8: none of it is a touch' => sub {
	my $quiet = Countersign::Fund->start;
	my $nils = $quiet->made('/contacts', {name => 'Nils Berg', emails => ['nils@borealis.example'], organization_id => $quiet->made('/organizations', {name => 'Borealis', domains => ['borealis.example']})});
	my $k = 0;
	$quiet->receive('machines for Nils', map({ mail(id => 'auto' . ++$k . '@x.example', from => 'Nils Berg <nils@borealis.example>', to => 'ada@fund.example', date => 'Tue, 03 Mar 2026 10:00:00 +0000', more => $_) } sort keys %sign),
		report(id => 'dsn@x.example', status => '5.1.1', email => 'nils@borealis.example', from => 'MAILER-DAEMON@mx.borealis.example'),
		mail(id => 'wrote@x.example', from => 'maria@alpine.example', to => 'ada@fund.example', date => 'Tue, 03 Mar 2026 10:00:00 +0000'));
	is($quiet->{db}->value("SELECT count(*) FROM messages WHERE is_automated = 1"), $k + 1, 'all of it is kept');
	my $web = $quiet->{ada};
	for my $p (@{$web->api(GET => '/proposals?limit=200')->{data}}) {
		is(($web->api(POST => "/proposals/$p->{id}/approve", {sha256 => $p->{sha256}}))[0]{status}, 200, "approved: $p->{title}") if $p->{kind} eq 'activity';
	}
	my %is = map { $_->[0] => $web->api(GET => "/contacts/$_->[1]")->{data} } [nils => $nils], [maria => $quiet->{maria}];
	is_deeply([@{$is{maria}}{qw(last_at communications)}], ['2026-03-03T10:00:00Z', 1], 'what a person wrote is a touch');
	is_deeply([@{$is{nils}}{qw(last_at last_in_at last_out_at communications)}], [undef, undef, undef, 0], 'what machines sent in his name is none');
	unlike($web->get('/')->{content}, qr/Nils Berg/, 'and nobody is told to answer him');
	$quiet->stop;
};

# ---- the public set
SKIP: {
	my $set = shared('data/mail-dev/bounce') or skip 'the public mail collection is absent', 4;
	my @m = grep { $_->{file} } map { JSON::PP->new->decode($_) } split /\n/, run(["$BUILD/mailcheck", '--full', $set])->{out};
	my %n = (automated => scalar(grep { $_->{automated_reason} } @m), bounce => scalar(grep { $_->{is_bounce} } @m));
	for my $what (qw(email status message_id)) { $n{$what} = grep { $_->{is_bounce} && defined $_->{"bounce_$what"} } @m }
	diag(sprintf '%d public bounces: %d automated, %d delivery reports; of those %d name the address, %d a status, %d the mail that came back', scalar @m, @n{qw(automated bounce email status message_id)});
	cmp_ok($n{automated}, '>=', 0.97 * @m, 'machines are known as machines');
	cmp_ok($n{bounce}, '>=', 0.85 * @m, 'most are read as delivery reports');
	cmp_ok($n{email}, '>=', 0.70 * @m, 'and say whose address it was');
	cmp_ok($n{message_id}, '>=', 0.58 * @m, 'and which mail');
}
done_testing;
