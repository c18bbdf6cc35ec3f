# Signatures as they come: how many titles and telephone numbers are found (recall), and how many of those found are right
# (precision). What is expected is kept as a hash: the mail is not ours to copy.
use strict;
use warnings;
use utf8;
use lib 't/lib';
use Digest::SHA qw(sha256_hex);
use Encode ();
use JSON::PP ();
use MIME::Base64 ();
use Test::More;
use Countersign::Run;

# Letters of our own: [sender, body, title, phone], always measured. What stands beside the tree is public mail.
my @own = (
	['Maria Keller', "Agreed.\n\n-- \nMaria Keller\nHead of Private Equity\nAlpine Pension Fund\nTel. +41 44 555 01 20\n", 'Head of Private Equity', '+41 44 555 01 20'],
	['Paul Brand', "Thursday works.\n\nBest regards,\nPaul\n\nPaul Brand | Managing Director | Elm Court\nm +44 7700 900123\n", 'Managing Director', '+44 7700 900123'],
	['Zoë Müller', "Gern.\n\nMit freundlichen Grüßen\nZoë Müller\nLeiterin Anlagen\nT +49 (0)89 555-0120 | F +49 (0)89 555-0199\n", 'Leiterin Anlagen', '+49 (0)89 555-0120'],
	['Keller, Maria', "Please find it attached.\n\nDr. Maria Keller, CFA\nChief Investment Officer\nOffice: 044 555 01 20\nMobile: 079 555 01 21\n", 'Chief Investment Officer', '044 555 01 20'],
	['Noor Lind', "Yes.\n\nNoor Lind\nDirector, Investor Relations\n+1 (212) 555-0100\n", 'Director, Investor Relations', '+1 (212) 555-0100'],
	['Ana Costa', "Thank you!\nAna\n\nSent from my iPhone\n", '', ''],
	['Ana Costa', "I spoke with their managing director. Call me on Friday.\n\nAna\n", '', ''],
	['Tom Reed', "See the 2026-03-04 report, pages 120-155.\n\n-- \nTom Reed\nwww.reed.example\nP.O. Box 12345678\n", '', ''],
	['Ida Berg', "Fine.\n\nOn Tue, Mar 3, 2026 Paul Brand wrote:\n> Paul Brand\n> Managing Director\n> Tel. +44 20 5550 0100\n", '', ''],
	['Ida Berg', "Fine.\n\n-- \nIda Berg\nPartner\nFax: +47 22 55 50 10\n", 'Partner', ''],
);
my $quotes = shared('data/mail-dev/quote');

# body file => [title, phone] as the first 12 digits of their SHA-256; everything else below quote/ has neither.
my %expected = (
	'johndoeexamplecom_body' => ['f51c35b516d9', ''],
	'long_body' => ['', 'a09d9faa9e4f'],
	'sparse_body' => ['', '2f96b9ca62d3'],
);
my $dir = temp_dir();
my %want;
my $n = 0;
for (@own) {
	my ($who, $body, @facts) = @$_;
	my $as = sprintf '%03d.eml', $n++;
	open my $out, '>:utf8', "$dir/$as" or die;
	print {$out} 'From: ' . ($who =~ /[,\x80-\xff]/ ? '=?utf-8?B?' . MIME::Base64::encode_base64(Encode::encode_utf8($who), '') . '?=' : $who),
		" <somebody\@mail.example>\nTo: us\@fund.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n$body";
	close $out;
	$want{$as} = ["own $as", map { $_ eq '' ? '' : substr sha256_hex(Encode::encode_utf8($_)), 0, 12 } @facts];
}
for my $path (!$quotes ? () : glob("$quotes/talon/signature/emails/*/*_body"), glob("$quotes/email*/emails/*"), glob("$quotes/talon/standard_replies/*")) {
	my ($name) = $path =~ m{([^/]+)$};
	my $body = slurp($path);
	my $sender = 'Somebody <somebody@mail.example>';
	if ($name =~ /_body$/) {
		(my $file = $path) =~ s/_body$/_sender/;
		my $who = -e $file ? slurp($file) : '';
		$who =~ s/\s+\z//;
		$sender = $who =~ /\@/ ? $who : "$who <somebody\@mail.example>";
		$body =~ s/^#sig#//mg;
	}
	my $mail = $name =~ /\.eml$/ ? $body : "From: $sender\nTo: us\@fund.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n$body";
	my $as = sprintf '%03d.eml', $n++;
	open my $out, '>', "$dir/$as" or die;
	print {$out} $mail;
	close $out;
	$want{$as} = [$name, @{$expected{$name} // ['', '']}];
}

my $ran = run(["$BUILD/mailcheck", '--full', $dir]);
my ($found, $right, $there) = (0, 0, 0);
for (grep { $_->{file} } map { JSON::PP->new->utf8->decode($_) } split /\n/, $ran->{out}) {
	my ($as) = $_->{file} =~ m{([^/]+)$};
	my ($name, @want) = @{$want{$as}};
	my @got = map { defined $_ ? substr(sha256_hex(Encode::encode_utf8($_)), 0, 12) : '' } @$_{qw(sender_title sender_phone)};
	for my $i (0, 1) {
		$found++ if $got[$i];
		$there++ if $want[$i];
		$right++ if $got[$i] && $got[$i] eq $want[$i];
		diag("$name: " . ('title', 'phone')[$i] . " is $got[$i], not $want[$i]") if $got[$i] ne $want[$i];
	}
}
note('the public mail is not beside the tree: only our own was measured') if !$quotes;
cmp_ok($n, '>=', $quotes ? 40 : @own, "$n messages");
my ($precision, $recall) = ($found ? $right / $found : 0, $there ? $right / $there : 0);
diag(sprintf 'signatures: precision %.2f (%d of %d), recall %.2f (%d of %d)', $precision, $right, $found, $recall, $right, $there);
cmp_ok($precision, '>=', 0.9, 'what is found is right');
cmp_ok($recall, '>=', 0.9, 'what is there is found');
done_testing;
