# Mail for tests of capture: messages as bytes, Maildirs of them.
package Countersign::Mail;
use strict;
use warnings;
use Exporter qw(import);
use File::Path qw(make_path);

our @EXPORT = qw(mail maildir);

my $count = 0;

# mail(from => …, to => …, subject => …, id, cc, date, refs, more (further header lines), text) → bytes. No Date without one.
sub mail {
	my (%m) = @_;
	my $id = $m{id} // sprintf 'made%d@mail.example', ++$count;
	return join "\n", (defined $m{from} ? "From: $m{from}" : ()), (defined $m{to} ? "To: $m{to}" : ()), ($m{cc} ? "Cc: $m{cc}" : ()),
		'Subject: ' . ($m{subject} // 'Hello'), ($m{date} ? "Date: $m{date}" : ()), "Message-ID: <$id>", ($m{refs} ? "References: $m{refs}" : ()),
		($m{more} // ()), '', $m{text} // 'Hello.', '';
}

# maildir(path, name => bytes, …): makes it where it is not there and puts the messages in; "Folder/name" goes to a folder. A
# name begins with the second of its arrival. Gives the path.
sub maildir {
	my ($path, %files) = @_;
	make_path("$path/$_") for qw(cur new tmp);
	for my $name (sort keys %files) {
		my ($folder, $base) = $name =~ m{^(?:(.*)/)?([^/]+)$};
		my $dir = defined $folder ? "$path/.$folder" : $path;
		make_path("$dir/$_") for qw(cur new tmp);
		open my $f, '>:raw', "$dir/cur/" . ($base =~ /:2,/ ? $base : "$base:2,S") or die "$dir/cur/$base: $!";
		print {$f} $files{$name};
		close $f or die;
	}
	return $path;
}

1;
