/* The day that a sentence sets: "by Friday", "until 15 March", "within two weeks", "bis Ende der Woche". English and German.
 * Pure, linear time; fuzzed (t/fuzz/mail_ask.c). */
#ifndef MAIL_DUE_H
#define MAIL_DUE_H

#include <stdbool.h>

#include "base/clock.h"

struct pool;

/* today: the day the sentence was written. False when it names no day, or one that has passed: then *day is untouched. A
 * day behind "by", "until", "bis" … goes before others. */
bool due_find(struct pool *p, const char *sentence, const char *today, char day[static DAY_SIZE]);

#endif
