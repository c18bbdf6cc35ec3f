/* What the demo's people did after capture: most of the older proposals are countersigned, some dismissed. */
#ifndef DEMO_HISTORY_H
#define DEMO_HISTORY_H

#include "base/status.h"

struct op;

/* On a DB_OWNER connection; op's actor a person at the shell. The newest proposals are left for whoever looks. */
enum status demo_history(struct op *op);

#endif
