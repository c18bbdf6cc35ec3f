# /api/openapi.json is what the API does: every route is in it, and replies fit the schemas it gives.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Countersign::Run;
use Countersign::Server;

my $server = Countersign::Server->start(seed => 'demo');
my $ada = $server->login;
my $api = $ada->api(GET => '/openapi.json');
is($api->{openapi}, '3.1.0', 'OpenAPI 3.1');
my @routes = @{JSON::PP->new->decode(run([bin('app.fcgi'), '--routes'], env => $server->db->env)->{out})};
my @missing = grep { $_->{api_path} && !$api->{paths}{$_->{api_path} =~ s/:(\w+)/{$1}/gr}{lc $_->{api_verb}} } @routes;
is(join(' ', map { "$_->{api_verb} $_->{api_path}" } @missing), '', 'every API route is described');

# The part of JSON Schema that the document uses.
sub problems {
	my ($schema, $value, $at) = @_;
	$schema = $api->{components}{schemas}{$1} if ($schema->{'$ref'} // '') =~ m{/schemas/(.+)};
	return "$at: no schema" if !$schema;
	my @types = ref $schema->{type} ? @{$schema->{type}} : $schema->{type} // ();
	my $is = !defined $value ? 'null' : ref $value eq 'HASH' ? 'object' : ref $value eq 'ARRAY' ? 'array'
		: JSON::PP::is_bool($value) ? 'boolean' : JSON::PP->new->allow_nonref->encode($value) =~ /^-?\d+$/ ? 'integer' : 'string';
	return "$at: $is is not @types" if @types && !grep { $_ eq $is } @types;
	my @found;
	push @found, "$at: not one of its values" if $schema->{enum} && !grep { (defined $_ ? $_ : "\0") eq (defined $value ? $value : "\0") } @{$schema->{enum}};
	if ($is eq 'object') {
		push @found, map { "$at.$_ is missing" } grep { !exists $value->{$_} } @{$schema->{required} // []};
		push @found, map { problems($schema->{properties}{$_}, $value->{$_}, "$at.$_") } grep { exists $value->{$_} } sort keys %{$schema->{properties} // {}};
	}
	push @found, map { problems($schema->{items}, $value->[$_], "$at\[$_]") } 0 .. $#$value if $is eq 'array' && $schema->{items};
	return @found;
}

my $db = $server->db;
my %id = (contacts => 1, organizations => 1, affiliations => 1, investors => 1, communications => $db->value('SELECT min(id) FROM communications'),
	proposals => 1, threads => 1, messages => 1, mailboxes => 1, digests => 1, users => 1, tasks => 1, funds => 1, commitments => 1, opportunities => 1,
	notes => $db->value("SELECT min(id) FROM communications WHERE kind = 'note'"));
my $checked = 0;
for my $path (sort keys %{$api->{paths}}) {
	my $get = $api->{paths}{$path}{get} or next;
	next if $path =~ m{^/api/admin};
	my ($noun) = $path =~ m{^/api/(\w+)};
	my $url = $path =~ s/\{id\}/$id{$noun}/r;
	my ($r, $doc) = $ada->api(GET => $url =~ s{^/api}{}r);
	is($r->{status}, 200, "GET $url");
	my $schema = $get->{responses}{200}{content}{'application/json'}{schema};
	is(join('; ', problems($schema, $doc, 'reply')), '', "$url fits its schema") if $schema;
	$checked++;
}
cmp_ok($checked, '>', 15, 'replies were checked');
my (undef, $problem) = $ada->api(GET => '/contacts/999999');
is(join('; ', problems({'$ref' => '#/components/schemas/Problem'}, $problem, 'problem')), '', 'a problem fits its schema');
$server->stop;
done_testing;
