/* Domains that are made to be taken for another. */
#include "../tap.h"

#include "../../src/mail/lookalike.c"

static struct pool *p;

static void alike(const char *a, const char *b, bool want)
{
	ok(domain_resembles(p, a, b) == want && domain_resembles(p, b, a) == want, "%s and %s are%s alike", a, b,
		want ? "" : " not");
}

static void disguised(const char *domain, bool want)
{
	ok(domain_is_disguised(domain, strlen(domain)) == want, "%s is%s disguised", domain, want ? "" : " not");
}

int main(void)
{
	p = pool_new();
	alike("alpine.example", "a1pine.example", true);
	alike("alpine.example", "alp1ne.example", true);
	alike("alpine.example", "apline.example", true); /* neighbours swapped */
	alike("alpine.example", "aplin.example", true);  /* and one left out */
	alike("alpine.example", "apl1ni.example", false);
	alike("alpine.example", "albin.example", true);
	alike("alpine.example", "alpines.example", true);
	alike("alpine-capital.example", "alpinecapital.example", true);
	alike("alpine-capital.example", "alpin-capitol.example", true);
	alike("modern.example", "modem.example", true);
	alike("vvater.example", "water.example", true);
	alike("fund.example", "fumd.example", true);
	alike("fund.example", "fnud.example", true);
	alike("fund.example", "f0und.example", true);
	alike("fund.example", "f0umd.example", false); /* half of it is another */
	alike("ubs.example", "ups.example", true);
	alike("ubs.example", "kkr.example", false);
	alike("ing.example", "axa.example", false);
	alike("ab.example", "ac.example", false);
	alike("alpha.example", "omega.example", false);
	alike("smith.example", "jones.example", false);
	alike("fund0.example", "fundo.example", true);
	alike("alpine.example", "alpine.example", false);
	alike("mail.alpine.example", "alpine.example", false);
	alike("alpine.example", "lindenhof.example", false);
	alike("alpine.example", "alpine.net", false);
	disguised("alpine.example", false);
	disguised("xn--alpne-1va.example", true);
	disguised("mail.XN--alpne.example", true);
	disguised("zürich.example", false);
	disguised("alp\xd1\x96ne.example", true); /* U+0456 among Latin letters */
	disguised("\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82.example", false);
	disguised("\xe6\x9d\xb1\xe4\xba\xac\xe3\x81\xae.example", false);
	disguised("a\xff.example", true);
	disguised("", false);
	pool_free(p);
	return tap_done();
}
