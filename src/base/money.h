/* Amounts of money: whole hundredths of a currency whose name stands elsewhere. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

struct pool;

#define MONEY_MAX INT64_C(100000000000000) /* a million millions, in hundredths: sums of thousands of them fit */

/* As people type it: "2500000", "2,500,000.00", "2 500 000", "2.500.000,00", "2'500'000", "2.5m", "800k". One mark with
 * three digits behind it parts thousands, as "2,500"; before a letter it is decimal. False for anything else, for more than
 * two decimals, a sign, and what is above MONEY_MAX. */
bool money_parse(const char *s, int64_t *hundredths);

/* As money_parse() reads it back: "2,500,000", "12.50". */
const char *money_text(struct pool *p, int64_t hundredths);

#endif
