/* The demo's funds and what its investors promised them. */
#ifndef DEMO_LEDGER_H
#define DEMO_LEDGER_H

#include <stdint.h>

#include "base/status.h"
#include "demo/cast.h"

struct op;

/* A fund that was raised and one that is being raised, the first and the second of their table. */
enum status ledger_open(struct op *op);
/* What an investor promised and paid so far; nothing, for some. */
enum status ledger_investor(struct op *op, struct dice *d, int64_t investor);

#endif
