/* The demo's pipeline: who is how far on the way to the fund that is being raised. */
#ifndef DEMO_PIPELINE_H
#define DEMO_PIPELINE_H

#include <stdint.h>

#include "base/status.h"
#include "demo/cast.h"

struct op;

/* After the ledger has what the investor promised; nothing, for some. */
enum status pipeline_investor(struct op *op, struct dice *d, int64_t investor);

#endif
