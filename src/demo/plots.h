/* What is said: threads as tables. */
#ifndef DEMO_PLOTS_H
#define DEMO_PLOTS_H

#include <stddef.h>

enum speaker { WE, THEY, COLLEAGUE }; /* COLLEAGUE: the firm's next person, who was in Cc or was just named */

struct line {
	enum speaker who;
	int hours;              /* after the one before */
	const char *text;       /* $F the firm, $C its city, $N the colleague's first name */
	const char *attachment; /* NULL: none */
	int flags;
};
enum {
	WITH_COLLEAGUE = 1, /* the firm's next person in Cc */
	WITH_TEAM = 2,      /* our other partner in Cc: the message is in two mailboxes */
	WITH_IR = 4,        /* ir@ in Cc */
};

#define LINES_MAX 6
struct plot {
	const char *subject;
	int stage; /* 0 first contact, 1 under way, 2 late: when in the raise it happens */
	struct line lines[LINES_MAX];
};

extern const struct plot plots[];
extern const size_t plot_count;

/* Mail that capture must leave alone. */
extern const struct plot internal_plots[], stranger_plots[], newsletters[];
extern const size_t internal_count, stranger_count, newsletter_count;

#endif
