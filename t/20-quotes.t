# Quotations as they come: of how many replies exactly what the sender wrote is left when quotation and signature are folded.
use strict;
use warnings;
use lib 't/lib';
use JSON::PP ();
use Test::More;
use Countersign::Run;

my $dir = temp_dir();
my ($n, %want) = (0);
sub letter {
	my ($name, $bytes, $reply) = @_;
	my $as = sprintf '%03d.eml', $n++;
	open my $out, '>:raw', "$dir/$as" or die;
	print {$out} $bytes;
	close $out;
	$want{$as} = [$name, $reply];
	return;
}

# Of our own, always measured.
my $quoted = join '', map { "> $_\n" } 'Could you send the deck?', '', 'Maria';
my %own = (
	'Gmail' => "On Tue, Mar 3, 2026 at 2:05 PM Maria Keller <maria\@alpine.example>\nwrote:\n\n$quoted",
	'Apple' => "On 3 Mar 2026, at 14:05, Maria Keller <maria\@alpine.example> wrote:\n\n$quoted",
	'Outlook' => "From: Maria Keller <maria\@alpine.example>\nSent: Tuesday, March 3, 2026 2:05 PM\nTo: Ada Nowak\nSubject: The deck\n\nCould you send the deck?\n",
	'Outlook, older' => "-----Original Message-----\nFrom: Maria Keller\nSent: Tuesday, March 3, 2026 2:05 PM\nTo: Ada Nowak\nSubject: The deck\n\nCould you send the deck?\n",
	'German' => "Am 03.03.2026 um 14:05 schrieb Maria Keller:\n$quoted",
	'German Outlook' => "Von: Maria Keller\nGesendet: Dienstag, 3. Maerz 2026 14:05\nAn: Ada Nowak\nBetreff: Unterlagen\n\nGern.\n",
	'French' => "Le mar. 3 mars 2026, Maria Keller <maria\@alpine.example> wrote:\n$quoted",
	'nothing quoted' => '',
);
for my $name (sort keys %own) {
	for my $signature ('', "-- \nAda Nowak\nPartner\n\n", "Sent from my phone\n\n") {
		letter($name, "From: Ada <ada\@fund.example>\nTo: maria\@alpine.example\nSubject: Re: The deck\nContent-Type: text/plain; charset=utf-8\n\nIt is attached.\n\nWe speak on Friday.\n\n$signature$own{$name}",
			'It is attached. We speak on Friday.');
	}
}

# What stands beside the tree is public mail; every one of these answers is one word.
my $public = shared('data/mail-dev/quote/talon/standard_replies');
note('the public mail is not beside the tree: only our own is measured') if !$public;
for my $path ($public ? glob "$public/*.eml" : ()) {
	letter($path =~ s{.*/}{}r, slurp($path), 'Hello');
}

my ($right, $seen) = (0, 0);
for (grep { $_->{file} } map { JSON::PP->new->utf8->decode($_) } split /\n/, run(["$BUILD/mailcheck", '--full', $dir])->{out}) {
	my ($name, $reply) = @{$want{$_->{file} =~ s{.*/}{}r}};
	my $left = join(' ', map { $_->{text} } grep { $_->{kind} eq 'reply' } @{$_->{segments}}) =~ s/\s+/ /gr =~ s/\A | \z//gr;
	$seen++;
	$right += $left eq $reply;
	diag("$name: what is left is not what was written (" . length($left) . ' characters)') if $left ne $reply;
}
is($seen, $n, "$n replies");
diag(sprintf 'quotations: %d of %d replies are left with exactly what was written', $right, $n);
cmp_ok($right / $n, '>=', 0.95, 'nearly all of them');
done_testing;
