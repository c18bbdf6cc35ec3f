/* Threads over weeks, written into Maildirs. */
#ifndef DEMO_STORY_H
#define DEMO_STORY_H

#include "base/status.h"
#include "demo/cast.h"
#include "demo/demo.h"

struct op;

struct story {
	struct op *op;
	struct dice dice;
	const struct demo_options *o;
	int64_t now;
	unsigned written;
};

enum status story_open(struct story *s); /* makes the Maildirs, where there are any */
enum status story_firm(struct story *s, const struct firm *f, int threads); /* this firm's mail */
enum status story_noise(struct story *s, int count);                        /* internal mail, strangers, newsletters */

#endif
