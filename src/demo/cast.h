/* Who plays: the team, the firms, their people. */
#ifndef DEMO_CAST_H
#define DEMO_CAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

struct dice {
	uint64_t state;
};
uint32_t roll(struct dice *d, uint32_t sides); /* 0 .. sides-1 */
#define PICK(d, array) ((array)[roll((d), sizeof(array) / sizeof *(array))])

enum client { CLIENT_GMAIL, CLIENT_OUTLOOK, CLIENT_APPLE, CLIENT_PLAIN, CLIENT_COUNT };

#define PEOPLE_MAX 4
struct person {
	const char *name, *first, *email, *title;
	enum client client;
	bool is_known; /* a contact already; the others turn up in Cc and are proposed */
	int64_t id;    /* contacts.id or users.id once written */
};

struct firm {
	const char *name, *domain, *kind, *city;
	struct person people[PEOPLE_MAX];
	size_t count;
	bool is_person; /* invests in their own name: no organization */
	int64_t id;
};

/* ada, grace, ir: who has a mailbox. */
#define TEAM 3
extern struct person team[TEAM];

/* Firm number i; the first forty have names of their own, later ones are numbered. */
void firm_make(struct pool *p, struct dice *d, size_t i, struct firm *f);

#endif
