# Mail as it comes: each kind of message parsed as capture does, by the sandboxed parser; then a large public collection,
# where there is one, of which not one message may crash the parser or be lost (security check M1).
use strict;
use warnings;
use utf8;
use lib 't/lib';
use JSON::PP ();
use Test::More;
use Countersign::Run;

binmode Test::More->builder->$_, ':encoding(UTF-8)' for qw(output failure_output todo_output);

# mailcheck(arguments…) → (exit status, totals, messages…)
sub mailcheck {
	my $ran = run(["$BUILD/mailcheck", @_]);
	my @lines = map { JSON::PP->new->utf8->decode($_) } split /\n/, $ran->{out};
	my $totals = pop @lines // {};
	diag($ran->{err}) if $ran->{err} =~ /\S/;
	return ($ran->{status}, $totals, @lines);
}

my ($status, $totals, @messages) = mailcheck('--full', "$TOP/t/data/mail");
is($status, 0, 'every message is parsed');
is($totals->{messages}, 18, 'and none is lost');
my %by = map { my $name = $_->{file} =~ s{.*/}{}r; $name =~ /mbox$/ ? ("$name $_->{message_id}" => $_) : ($name => $_) } @messages;

sub people { my ($m) = @_; return join ' ', map { "$_->{role}=$_->{email}" } @{$m->{addresses}} }
sub kinds { my ($m) = @_; return join ' ', map { $_->{kind} } @{$m->{segments}} }
sub part { my ($m, $kind) = @_; return join '|', map { $_->{text} =~ s/\s+\z//r } grep { $_->{kind} eq $kind } @{$m->{segments}} }
sub files { my ($m) = @_; return join ' ', map { "$_->{name}($_->{bytes}" . ($_->{is_inline} ? ' inline' : '') . ')' } @{$m->{attachments}} }

for (map { $by{$_} } sort keys %by) {
	my $joined = join '', map { $_->{text} } @{$_->{segments}};
	is($joined, $_->{text}, "$_->{file}: the segments are the whole text");
	unlike($_->{snippet}, qr/\n/, 'the snippet is one line');
}

# What is new, what is quoted.
my $m = $by{'gmail-reply.eml'};
is(kinds($m), 'reply quote', 'Gmail: an answer and what it answers');
like(part($m, 'quote'), qr/\AOn Tue, Mar 3.*wrote:.*Jo\n>\z/s, 'with its wrapped attribution');
is($m->{snippet}, 'Thursday at ten works for us. Urs will join.', 'the snippet is what is new, without the sign-off');
is(people($m), 'from=maria.keller@lindenhof.example to=jo@northlight.example cc=urs.brunner@lindenhof.example', 'everybody in it');
is("@{$m->{references}} @{$m->{in_reply_to}}", 'first@northlight.example q1-call@northlight.example q1-call@northlight.example', 'its thread');
is($m->{date_at}, '2026-03-04T08:12:44Z', 'its date in UTC');
is($m->{defects}, '', 'nothing wrong with it');
$m = $by{'outlook-reply.eml'};
is(part($m, 'reply'), "Lieber Jo,\n\ndanke, das genügt uns.\n\nGrüsse\nHans", 'Outlook: HTML in Latin-1 becomes text');
like(part($m, 'quote'), qr/\AVon: Jo Frei/, 'and its German header block begins the quotation');
is($m->{received_at}, '2026-03-04T08:30:02Z', 'when a server took it');
is(kinds($by{'apple-reply.eml'}), 'reply signature quote', 'Apple: signature and quotation');
is(part($by{'interleaved.eml'}, 'reply'), 'The Luxembourg one.|On 12 March.', 'answers between quoted lines stay');
is(kinds($by{'forward.eml'}), 'reply forward', 'a forward is shown');
is(kinds($by{'format-flowed.eml'}), 'reply signature', "a telephone's signature");

# Structure, files, charsets.
$m = $by{'nested-multipart.eml'};
is($m->{text}, 'The pack is attached.', 'multiparts in multiparts: one text');
is(files($m), 'logo.png(8 inline) Fragebogen für LPs.pdf(20) Earlier note.eml(62)', 'its files');
is(people($m), 'from=agent@placement.example to=jo@northlight.example to=maria@northlight.example to=jo@northlight.example', "a group's members");
like($_->{sha256}, qr/\A[0-9a-f]{64}\z/, 'with a hash') for @{$m->{attachments}};
is(files($by{'only-attachment.eml'}), 'page 1.pdf(20)', 'a file name leads nowhere');
$m = $by{'rfc2047-headers.eml'};
is($m->{subject}, 'Привет – こん and raw é', 'four charsets in one subject');
is(join('|', map { $_->{name} } @{$m->{addresses}}), 'André Pérez|张伟|Zoë Lang|Keller, Maria', 'and in names');
is($m->{text}, 'Привет', 'and in the body');
$m = $by{'tnef.eml'};
is($m->{defects}, 'tnef', 'TNEF is named');
is(files($m), 'winmail.dat(6)', 'and kept');
$m = $by{'broken-mime.eml'};
is($m->{defects}, 'two-from two-headers bad-date no-message-id nul bad-charset no-parts', 'what is broken is named');
like($m->{text}, qr/café  still readable/, 'and what can be read is shown');
is(people($m), 'from=a@lp.example to=jo@northlight.example', 'of repeated headers the first counts');
$m = $by{'missing-headers.eml'};
is($m->{defects}, 'no-message-id no-from no-date', 'headers that are missing');
is($m->{text}, 'Somebody exported this by hand.', 'do not cost the text');
is($by{'mailbox.mbox mb-1@lindenhof.example'}{text}, ">From here on we use the new account.\nMaria", 'an escaped From line is no quotation');
is($by{'mailbox.mbox mb-2@lindenhof.example'}{text}, 'Thanks.', 'the second message of a mailbox file');

# Machines.
$m = $by{'bounce.eml'};
is(join(' ', map { $m->{$_} } qw(automated_reason bounce_email bounce_status bounce_message_id)),
	'bounce gone.person@lp.example 5.1.1 call-7@northlight.example', 'a bounce says who, why and which mail');
is($by{'calendar-reply.eml'}{automated_reason}, 'calendar', "a calendar's answer");
is($by{'out-of-office.eml'}{automated_reason}, 'auto-submitted', 'an out-of-office answer');
$m = $by{'newsletter.eml'};
is("$m->{automated_reason} $m->{list_id}", 'list pmw.weekly.example', 'a newsletter');
is($m->{text}, "This week\n\nFund Size\nAlpha 200m\n\nRead the story <https://weekly.example/a?x=1&y=2>.\n\nBye",
	'without script, preheader and pixel');
is_deeply([sort map { $_->{file} =~ s{.*/}{}r } grep { !defined $_->{automated_reason} && $_->{file} =~ /reply|forward|nested/ } @messages],
	[qw(apple-reply.eml forward.eml gmail-reply.eml nested-multipart.eml outlook-reply.eml)], "people's mail is not taken for a machine's");

# The sandbox, and a file that is not there.
my $sandbox = run(["$BUILD/mailcheck", '--sandbox']);
is($sandbox->{status}, 0, 'the worker can do nothing else') or diag($sandbox->{out});
is((() = $sandbox->{out} =~ /=ok$/mg), 12, 'as twelve attempts show');
isnt(run(["$BUILD/mailcheck", "$TOP/t/data/no-such-mail"])->{status}, 0, 'a file that is not there is an error');

if (my $mail = shared('data/mail-dev')) {
	my $files = grep { -f } split /\0/, `find '$mail' -type f -not -name '.*' -print0`;
	($status, $totals, @messages) = mailcheck($mail);
	is($status, 0, 'the public collection: every message is parsed');
	is($totals->{messages}, $files, "and none of the $files is lost");
	is(scalar(@messages), $totals->{messages}, 'each has its line');
	is(scalar(grep { defined $_->{unparsed_reason} } @messages), 0, 'no worker crashed or was late');
} else {
	diag('the public mail collection (../shared/data/mail-dev) is absent: only the synthetic messages were parsed');
}

done_testing;
