/* Owns the names. All domains are under .example (RFC 2606). Tests: t/unit/demo_seed.c */
#include "demo/cast.h"

#include "base/pool.h"
#include "base/str.h"
#include "base/banned.h"

struct person team[TEAM] = {
	{.name = "Ada Nowak",
		.first = "Ada",
		.email = "ada@larkspur.example",
		.title = "Managing Partner",
		.client = CLIENT_GMAIL},
	{.name = "Grace Okafor",
		.first = "Grace",
		.email = "grace@larkspur.example",
		.title = "Partner",
		.client = CLIENT_APPLE},
	{.name = "Larkspur Investor Relations",
		.first = "Larkspur IR",
		.email = "ir@larkspur.example",
		.title = "Investor Relations",
		.client = CLIENT_GMAIL},
};

uint32_t roll(struct dice *d, uint32_t sides) /* splitmix64 */
{
	uint64_t z = (d->state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) % sides);
}

static const struct {
	const char *name, *slug, *kind, *city;
} firms[] = {
	{"Alpine Pension Fund", "alpine-pension", "pension", "Zurich"},
	{"Bergmann Family Office", "bergmann", "family_office", "Munich"},
	{"Cardinal Fund of Funds", "cardinalfof", "fund_of_funds", "London"},
	{"Delphi Endowment", "delphi-endowment", "endowment", "Boston"},
	{"Evergreen Teachers' Retirement", "evergreen-trs", "pension", "Denver"},
	{"Fjord Capital Partners", "fjordcp", "fund_of_funds", "Oslo"},
	{"Granite Peak Advisors", "granitepeak", "ria", "Chicago"},
	{"Harbor Street Wealth", "harborstreet", "ria", "Seattle"},
	{"Indigo Ventures FoF", "indigofof", "fund_of_funds", "Singapore"},
	{"Juniper Foundation", "juniper-foundation", "endowment", "Toronto"},
	{"Keystone Industrial Group", "keystone-ig", "corporate", "Pittsburgh"},
	{"Lindqvist & Sons", "lindqvist", "family_office", "Stockholm"},
	{"Meridian Insurance", "meridian-ins", "corporate", "Hartford"},
	{"Northlight University", "northlight-u", "endowment", "Edinburgh"},
	{"Okoro Holdings", "okoro-holdings", "family_office", "Lagos"},
	{"Pacific Rim Bank", "pacrimbank", "bank", "Vancouver"},
	{"Quarry Lane Partners", "quarrylane", "fund_of_funds", "New York"},
	{"Rosenthal Family Trust", "rosenthal-trust", "family_office", "Vienna"},
	{"Silverbrook Capital", "silverbrook", "ria", "Dallas"},
	{"Tamarind Sovereign Partners", "tamarind-sp", "fund_of_funds", "Abu Dhabi"},
	{"Umbra Re", "umbra-re", "corporate", "Hamilton"},
	{"Vasari Multi-Family Office", "vasari-mfo", "family_office", "Milan"},
	{"Westmark County Employees", "westmark-cers", "pension", "Sacramento"},
	{"Xenia Hospital Endowment", "xenia-endowment", "endowment", "Columbus"},
	{"Yarrow Investment Office", "yarrow-io", "family_office", "Dublin"},
	{"Zephyr Wealth Partners", "zephyrwealth", "ria", "Miami"},
	{"Anchor Mutual", "anchormutual", "corporate", "Omaha"},
	{"Blue Heron Foundation", "blueheron", "endowment", "Portland"},
	{"Castellan Private Bank", "castellan-pb", "bank", "Geneva"},
	{"Dunmore Estates", "dunmore", "family_office", "Glasgow"},
	{"Elm Court Capital", "elmcourt", "fund_of_funds", "Amsterdam"},
	{"Ferro Steelworks Pension", "ferro-pension", "pension", "Essen"},
	{"Glenhaven Advisors", "glenhaven", "ria", "Austin"},
	{"Hinoki Capital", "hinoki", "fund_of_funds", "Tokyo"},
	{"Isidore College", "isidore-college", "endowment", "Philadelphia"},
	{"Jessamy Group", "jessamy", "family_office", "Cape Town"},
	{"Karst Ventures", "karst", "fund_of_funds", "Ljubljana"},
	{"Lantern Street Partners", "lanternstreet", "ria", "Atlanta"},
	{"Marlowe Group Pension", "marlowe-pension", "pension", "Manchester"},
	{"Nordhaven Shipping", "nordhaven", "corporate", "Hamburg"},
};
static const char *const firsts[] = {"Maria", "Tobias", "Priya", "Jonas", "Helen", "Rafael", "Ingrid", "Samuel", "Yuki",
	"Claire", "Marcus", "Elena", "Omar", "Sofia", "Daniel", "Amara", "Victor", "Lucía", "Peter", "Noor", "Hannah",
	"Gideon", "Mei", "Stefan", "Ruth", "Anders", "Beatriz", "Kwame", "Nina", "Oliver", "Zoë", "Henrik", "Leila",
	"Matthew", "Camille", "Arjun", "Freya", "Søren", "Agnes", "Malik"};
static const char *const lasts[] = {"Keller", "Brandt", "Raman", "Lindholm", "Whitfield", "Moreno", "Dahl", "Adeyemi",
	"Tanaka", "Fournier", "Hale", "Petrova", "Haddad", "Rossi", "Ashworth", "Diallo", "Novak", "Serrano", "Vance",
	"Rahimi", "Engel", "Stone", "Chen", "Huber", "Goldberg", "Nyström", "Carvalho", "Mensah", "Voss", "Barlow",
	"Maier", "Solberg", "Farouk", "Pryce", "Lambert", "Iyer", "Macleod", "Jensen", "Bauer", "Osei", "Kovač",
	"Thornton", "Weiss", "Delgado", "Sato", "Byrne", "Lund"};
static const char *const titles[] = {"Chief Investment Officer", "Head of Private Markets", "Investment Director",
	"Senior Associate", "Portfolio Manager", "Managing Director", "Principal", "Head of Alternatives"};

/* A name as people's IT writes it: "Søren Nyström" gives "soren.nystrom". */
static const char *address(struct pool *p, const char *first, const char *last, const char *domain)
{
	char *s = str_words(p, pool_printf(p, "%s %s", first, last)), *out = s;
	for (const char *in = s; *in; in++) {
		bool stroke = str_starts(in, "ø"); /* a letter of its own: no accent to take away */
		*out++ = stroke ? 'o' : (char)(*in == ' ' ? '.' : *in);
		in += stroke;
	}
	*out = 0;
	return pool_printf(p, "%s@%s", s, domain);
}

/* The name is chosen by number, so that no two people of a firm and few in all share one. */
static void person_make(struct pool *p, struct dice *d, size_t number, const char *domain, struct person *out)
{
	const size_t nf = sizeof firsts / sizeof *firsts, nl = sizeof lasts / sizeof *lasts;
	const char *first = firsts[(number * 7 + number / nf) % nf], *last = lasts[(number * 11 + 3) % nl];
	*out = (struct person){
		.name = pool_printf(p, "%s %s", first, last),
		.first = first,
		.email = address(p, first, last, domain),
		.title = PICK(d, titles),
		.client = (enum client)roll(d, CLIENT_COUNT),
	};
}

void firm_make(struct pool *p, struct dice *d, size_t i, struct firm *f)
{
	const size_t named = sizeof firms / sizeof *firms;
	*f = (struct firm){.kind = firms[i % named].kind, .city = firms[i % named].city};
	f->name = i < named ? firms[i].name : pool_printf(p, "%s %zu", firms[i % named].name, i / named + 1);
	f->domain = i < named ? pool_printf(p, "%s.example", firms[i].slug)
			      : pool_printf(p, "%s-%zu.example", firms[i % named].slug, i / named + 1);
	f->is_person = i % 11 == 10;
	f->count = f->is_person ? 1 : PEOPLE_MAX;
	for (size_t n = 0; n < f->count; n++) {
		person_make(p, d, i * PEOPLE_MAX + n, f->domain, &f->people[n]);
		f->people[n].is_known = n < 2 || (n == 2 && roll(d, 4) == 0);
	}
}
