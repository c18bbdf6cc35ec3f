/* What a fuzz target is: libFuzzer's entry point, and a way to say that a promise is broken. */
#ifndef T_FUZZ_H
#define T_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define PROMISE(cond) ((cond) ? (void)0 : BUG("broken promise: %s", #cond))

#endif
