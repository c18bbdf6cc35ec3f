# The include graph is the one of src/DEPENDS: arrows point down only. Each header stands on its own.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;

my %may;
for (split /\n/, slurp("$TOP/src/DEPENDS")) {
	next if /^\s*#/ || !/\S/;
	my ($room, $below) = /^(\S+):\s*(.*)$/ or die "src/DEPENDS: $_";
	$may{$room} = {map { $_ => 1 } $room, split ' ', $below};
}

my (%seen, @wrong);
for my $file (glob("$TOP/src/*/*.[ch] $TOP/cgi-bin/*.[ch]")) {
	my ($room) = $file =~ m{([^/]+)/[^/]+$};
	$seen{$room} = 1;
	for my $path (slurp($file) =~ /^#include "([^"]+)"/mg) {
		my ($other) = $path =~ m{^([^/]+)/};
		next if !defined $other && $path =~ /^(?:config\.h|routes(?:_admin)?\.def)$/;
		push @wrong, "$file includes $path" if !defined $other || !$may{$room}{$other};
	}
}
is(join("\n", @wrong), '', 'no include points up or sideways');
is(join(' ', sort grep { !$may{$_} } keys %seen), '', 'every room is in src/DEPENDS');

# The table itself has no circle: a room's rooms are all declared before it.
my (@circles, %declared);
for (split /\n/, slurp("$TOP/src/DEPENDS")) {
	next if /^\s*#/ || !/\S/;
	my ($room, $below) = /^(\S+):\s*(.*)$/;
	push @circles, "$room uses $_" for grep { !$declared{$_} } split ' ', $below;
	$declared{$room} = 1;
}
is("@circles", '', 'rooms are declared from the bottom up');

my $flags = `pkg-config --cflags json-c sqlite3 2>/dev/null`;
chomp $flags;
my @alone;
for my $header (glob "$TOP/src/*/*.h") {
	next if $header =~ m{/(?:banned|foreach)\.h$};
	my $r = run(['sh', '-c', "printf '#include \"%s\"\\n' '$header' | cc -std=gnu17 -D_GNU_SOURCE -Wall -Werror -fsyntax-only -I'$TOP/src' $flags -x c -"]);
	push @alone, "$header\n$r->{err}" if $r->{status};
}
is(join("\n", @alone), '', 'each header compiles alone');

done_testing;
