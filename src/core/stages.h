/* The stages of the pipeline: the setting `stages`, one a line, in their order. "diligence 50": what is there comes to a
 * commitment in 50 of 100 cases, unless it says otherwise itself. "lost archives": what is there is over. */
#ifndef CORE_STAGES_H
#define CORE_STAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/op.h"

#define STAGES_DEFAULT "lead 10\nengaged 25\ndiligence 50\ncommitment 90\nlost archives"
#define STAGES_MAX 16
#define AGEING_DAYS 30 /* in one stage */
#define STALE_DAYS 60

struct stage {
	const char *name;
	int64_t probability; /* percent */
	bool is_archive;
};
struct stages {
	const char *names[STAGES_MAX + 1]; /* ends with NULL: what a field may hold */
	struct stage all[STAGES_MAX];
	size_t n;
};

struct stages *stages_now(struct op *op);                                 /* in op->pool */
const struct stage *stage_find(const struct stages *s, const char *name); /* NULL: there is none, any more */
const struct stage *stage_first(const struct stages *s);                  /* where one begins */
const char *stages_archived(struct op *op, const struct stages *s);       /* names, as a JSON array */
const char *const *stages_offered(struct op *op); /* names alone, as a field's choices; ends with NULL */

bool stages_valid(const char *value);
/* E_INPUT when it leaves out a stage that somebody is in. */
enum status stages_fit(struct op *op, const char *value);

#endif
