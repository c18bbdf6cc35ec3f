# doc/adding-a-resource.md is true: followed to the letter in a copy of the tree, the new resource builds and its test
# passes. README.md names what there is.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Countersign::Run;

my $dir = temp_dir();
my $copy = "$dir/countersign";
mkdir $copy;
is(run(['sh', '-c', "cd '$TOP' && tar cf - --exclude=./build --exclude=./build-san --exclude=./node_modules --exclude=./.git --exclude=./var . | tar xf - -C '$copy'"])->{status}, 0, 'a copy of the tree');
my $doc = slurp("$TOP/doc/adding-a-resource.md");
my ($last) = sort { $b <=> $a } map { m{/(\d{4})_} } glob "$TOP/migrations/*.up.sql";
my $next = sprintf '%04d', $last + 1;
$doc =~ s/NNNN_/${next}_/g;
my $steps = 0;
while ($doc =~ /^```(\w+) (\S+)(?: after ([^\n]*))?\n(.*?)^```$/msg) {
	my ($kind, $file, $after, $text) = ($1, $2, $3, $4);
	$steps++;
	if ($kind ne 'line') {
		my ($folder) = $file =~ m{(.*)/};
		run(['mkdir', '-p', "$copy/$folder"]);
		open my $out, '>', "$copy/$file" or die "$file: $!";
		print {$out} $text;
		next;
	}
	my $old = slurp("$copy/$file");
	my $at = index $old, $after;
	ok($at >= 0, "$file has the place that is named") or next;
	my $end = index($old, "\n", $at) + 1;
	open my $out, '>', "$copy/$file" or die;
	print {$out} substr($old, 0, $end), $text, substr($old, $end);
}
cmp_ok($steps, '>=', 11, 'the steps were found');
mkdir "$copy/build";
my $built = run(['sh', '-c', "cd '$copy' && autoreconf -i >/dev/null 2>&1; cd build && ../configure --enable-sanitizers CFLAGS=-O0 >/dev/null && make -s -j2"]);
is($built->{status}, 0, 'it builds') or diag(substr $built->{err}, -3000);
my $r = run(['prove', "-I$copy/t/lib", "$copy/t/60-events.t"], dir => $copy, env => {SRCDIR => $copy, BUILD => "$copy/build"});
is($r->{status}, 0, 'and its test passes') or diag($r->{out}, $r->{err});

my $readme = slurp("$TOP/README.md");
like($readme, qr/^\s*\.\/dev run$/m, 'README names the first command');
like($readme, qr/^\s*\.\/dev test$/m, 'and the second');
for my $path ($readme =~ /\]\(((?!https?:)[^)#]+)\)/g) { ok(-e "$TOP/$path", "README's link leads to $path") }
done_testing;
