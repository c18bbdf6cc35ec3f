/* Finding people and firms by a few typed letters, with the index of migration 0007. */
#ifndef CORE_DIRECTORY_H
#define CORE_DIRECTORY_H

#include "db/db.h"

/* Adds a condition on id_column for each word of `typed`: every one must begin a word of the record's name, addresses,
 * domains or, for a person, firm ("mar alp" finds Maria Keller of Alpine Pension). Case and accents do not count. Live
 * records only. What holds no word finds nothing; words past the eighth are left out. `resource` is "contacts" or
 * "organizations", `id_column` a column of q, such as "c.id"; `words_column` one that holds the record's words, each after a
 * space, or NULL where q has none: then a word that many have costs a look into the directory for each row on the way. */
void directory_filter(struct op *op, struct query *q, const char *id_column, const char *words_column,
	const char *resource, const char *typed);

#endif
