# What the source must and must not hold: sizes, banned calls, SQL as literals, markup in templates only, no loose ends.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;

my @c = glob "$TOP/src/*/*.[ch] $TOP/cgi-bin/*.[ch]";
my @all = (@c, glob("$TOP/t/*.t $TOP/t/*/*.[ch] $TOP/t/lib/*/*.pm $TOP/dev $TOP/dev.d/* $TOP/migrations/*.sql $TOP/doc/*.md $TOP/*.md"),
	glob("$TOP/templates/*.html $TOP/templates/*/*.html $TOP/templates/*/*.txt $TOP/static/*.js $TOP/static/*.css $TOP/src/*.def"));
ok(@c > 40, 'there is source to look at');

sub findings {
	my ($name, $files, $code) = @_;
	my @found;
	for my $file (@$files) {
		my $n = 0;
		for my $line (split /\n/, slurp($file)) {
			$n++;
			push @found, "$file:$n: $line" if do { local $_ = $line; $code->($file) };
		}
	}
	is(join("\n", @found), '', $name);
	return;
}

my @long = grep { (() = slurp($_) =~ /\n/g) > 600 } @all;
is("@long", '', 'no file is longer than 600 lines');

# A function's length: from the brace in column one to the one that closes it.
my @functions;
for my $file (grep { /\.c$/ } @c) {
	my ($start, $n) = (undef, 0);
	for (split /\n/, slurp($file)) {
		$n++;
		$start = $n if /^\{/;
		next if !/^\}/ || !defined $start;
		push @functions, "$file:$start: " . ($n - $start) if $n - $start > 60;
		undef $start;
	}
}
is(join("\n", @functions), '', 'no function is longer than 60 lines');

findings('no banned call', \@c, sub {
	$_[0] !~ /banned\.h$/ && /(?<![\w.>])(?:strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|system|popen|alloca|tmpnam|mktemp)\s*\(/
		&& !m{^\s*(?:/?\*|//)};
});
findings('malloc and free stay in base', [grep { !m{/base/} } @c],
	sub { /(?<![\w.>])(?:malloc|calloc|realloc|strdup|asprintf)\s*\(/ && !m{^\s*(?:/?\*|//)} });
findings('SQL is not put together by printf', \@c,
	sub { /(?:printf|buf_str|buf_printf)\s*\([^"]*"\s*(?:SELECT|INSERT|UPDATE|DELETE)\b/ });
findings('sqlite3 is called in the db room only', [grep { !m{/src/db/} } @c], sub { /sqlite3_\w+\s*\(|#include <sqlite3\.h>/ });
findings('no markup in C', [grep { m{/src/(?:web|crm|core|digest|send|capture|source|cmd)/} } @c],
	sub { m{"[^"]*<(?:p|div|span|a|b|i|h[1-6]|table|tr|td|li|ul|form|input)\b[^"]*"} && !/MARKUP:/ });
findings('nothing is put out raw', [grep { m{/templates/.*\.html$} } @all], sub { /\{\{\{|\{\{&/ });
findings('no loose ends', [grep { !m{/90-source\.t$} } @all], sub { /\b(?:TODO|FIXME|XXX|HACK)\b/ && !/XXXXXX/ });
my @silent = grep { /\.c$/ && slurp($_) !~ m{\A/\*} } @c;
is("@silent", '', 'every C file begins by saying what it owns');

done_testing;
