# Signatures as they come: how many titles and telephone numbers are found (recall), and how many of those found are right
# (precision). What is expected is kept as a hash: the mail is not ours to copy.
use strict;
use warnings;
use lib 't/lib';
use Digest::SHA qw(sha256_hex);
use JSON::PP ();
use Test::More;
use Countersign::Run;

my $quotes = shared('data/mail-dev/quote');
if (!$quotes) {
	pass('the public mail is not beside the tree: t/unit/mail_signature.c has cases of our own');
	done_testing;
	exit;
}

# body file => [title, phone] as the first 12 digits of their SHA-256; everything else below quote/ has neither.
my %expected = (
	'johndoeexamplecom_body' => ['f51c35b516d9', ''],
	'long_body' => ['', 'a09d9faa9e4f'],
	'sparse_body' => ['', '2f96b9ca62d3'],
);
my $dir = temp_dir();
my %want;
my $n = 0;
for my $path (glob("$quotes/talon/signature/emails/*/*_body"), glob("$quotes/email*/emails/*"), glob("$quotes/talon/standard_replies/*")) {
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
	my @got = map { defined $_ ? substr(sha256_hex($_), 0, 12) : '' } @$_{qw(sender_title sender_phone)};
	for my $i (0, 1) {
		$found++ if $got[$i];
		$there++ if $want[$i];
		$right++ if $got[$i] && $got[$i] eq $want[$i];
		diag("$name: " . ('title', 'phone')[$i] . " is $got[$i], not $want[$i]") if $got[$i] ne $want[$i];
	}
}
cmp_ok($n, '>', 40, "$n messages");
my ($precision, $recall) = ($found ? $right / $found : 0, $there ? $right / $there : 0);
note(sprintf 'precision %.2f (%d of %d), recall %.2f (%d of %d)', $precision, $right, $found, $recall, $right, $there);
cmp_ok($precision, '>=', 0.9, 'what is found is right');
cmp_ok($recall, '>=', 0.9, 'what is there is found');
done_testing;
