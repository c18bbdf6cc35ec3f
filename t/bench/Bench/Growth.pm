# What pages cost of a large fund, against a fund of a thousand contacts: processor time of one worker a request, by turns.
package Bench::Growth;
use strict;
use warnings;
use utf8;
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);
use Bench::Kit qw($ROUNDS $SCALE data sql median serve stop login cpu timing quantile);

my $REQUESTS = 10;
my %served;
sub _served { my ($scale) = @_; return $served{$scale} //= serve(data($scale), 1) }

# Where half of a list is done.
sub _middle {
	my ($sort, $columns, $from) = @_;
	return sub {
		my ($key, $id) = split /\|/, sql($_[0], "SELECT $columns FROM $from LIMIT 1 OFFSET (SELECT count(*) / 2 FROM " . ($from =~ /^(\w+)/)[0] . ')');
		return encode_base64url(JSON::PP->new->canonical->encode({s => $sort, k => $key, i => 0 + $id}));
	};
}
my $contacts = _middle('name', 'name, contact_id', 'contacts_cache ORDER BY name, contact_id');
my $threads = _middle('-last', 'last_at, id', 'threads ORDER BY last_at DESC, id DESC');
my $audit = _middle('-id', 'id, id', 'audit ORDER BY id DESC');

my @pages = (
	['/contacts'], ['/api/contacts'], ['/contacts?sort=-last_touch'], ['/contacts?after=%s', $contacts], ['/contacts?q=ma'],
	['/contacts?kind=advisor'], ['/organizations'], ['/investors'], ['/tasks'], ['/review'], ['/api/proposals'],
	['/mail'], ['/mail?after=%s', $threads], ['/contacts/1'], ['/organizations/1'], ['/investors/1'], ['/mail/1'],
	['/pipeline'], ['/opportunities'], ['/commitments'], ['/funds/1'], ['/capture'], ['/digests'], ['/audit'], ['/audit?after=%s', $audit], ['/audit?resource=outbox'], ['/trash'],
);

sub pages {
	my ($small, $large) = (_served(1), _served($SCALE));
	my @rows;
	for my $page (@pages) {
		my ($path, $fill) = @$page;
		my (%cost, %url);
		for my $s ($small, $large) {
			$url{$s} = $fill ? sprintf $path, $fill->($s->{dir}) : $path;
			timing(login($s)->get($url{$s})) for 1 .. 3;
		}
		for (1 .. $ROUNDS) {
			for my $s ($small, $large) {
				my $before = cpu($s);
				timing(login($s)->get($url{$s})) for 1 .. $REQUESTS;
				push @{$cost{$s}}, (cpu($s) - $before) / $REQUESTS;
			}
		}
		my ($less, $more) = map { median(@{$cost{$_}}) } $small, $large;
		push @rows, {name => 'growth ' . ($path =~ s/after=%s/after=…/r), figure => $more / $less, ms_small => 1000 * $less, ms_large => 1000 * $more};
	}
	return @rows;
}

# What one request costs, in milliseconds of the worker and by the clock of its statements.
sub _cost {
	my ($s, $path) = @_;
	my $before = cpu($s);
	my $reply = login($s)->get($path);
	return (1000 * (cpu($s) - $before), timing($reply));
}

# All of Home's figures.
sub home {
	my $s = _served($SCALE);
	my (@ms, @clock);
	for (0 .. 20) { my ($ms, $clock) = _cost($s, '/'); push @ms, $ms if $_; push @clock, $clock if $_ }
	return {figure => median(@ms), p99 => quantile(0.99, @ms), by_the_clock => median(@clock)};
}

# Two words, of which many have one of the most common; once before it counts.
sub search {
	my $s = _served($SCALE);
	my @words = qw(the and meeting data room call fund committee friday close question answers zurich capital deck terms);
	my (@ms, @clock);
	for my $round (0, 1) {
		for my $first (@words) {
			for my $second (grep { $_ ne $first } @words) {
				my ($ms, $clock) = _cost($s, "/api/search?q=$first+$second");
				push @ms, $ms if $round;
				push @clock, $clock if $round;
			}
		}
	}
	return {name => 'search_p50', figure => median(@ms), by_the_clock => median(@clock), queries => scalar @ms},
		{name => 'search_p99', figure => quantile(0.99, @ms), by_the_clock => quantile(0.99, @clock)};
}

1;
