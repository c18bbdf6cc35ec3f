/* Instants and days. An instant is seconds since 1970 UTC and is stored as text YYYY-MM-DDTHH:MM:SSZ; a day is
 * YYYY-MM-DD. COUNTERSIGN_NOW (RFC 3339) fixes the clock of every program, for tests. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define INSTANT_SIZE sizeof "YYYY-MM-DDTHH:MM:SSZ"
#define DAY_SIZE sizeof "YYYY-MM-DD"
#define CLOCK_SIZE sizeof "HH:MM"
#define DURATION_SIZE 40

/* How far ahead of its own reading a program takes a stored instant for right: another process read the clock later. What
 * lies further ahead was written by a clock that was wrong. */
#define CLOCK_AHEAD 60

int64_t clock_now(void);     /* wall clock, or COUNTERSIGN_NOW */
int64_t clock_mono_us(void); /* monotonic microseconds, never fixed: for durations only */

void instant_format(int64_t t, char out[static INSTANT_SIZE]);
bool instant_parse(const char *s, int64_t *t); /* RFC 3339, any offset, fraction ignored; years 1900..9999 */
bool day_valid(const char *s);
void duration_format(int64_t seconds, char out[static DURATION_SIZE]); /* "40 s", "3 min", "2 h 5 min" */

/* Local time of an IANA zone, e.g. "Europe/Zurich"; an unknown zone counts as UTC. zone_* set TZ: single-threaded. */
bool zone_known(const char *zone);
void zone_day(const char *zone, int64_t t, char out[static DAY_SIZE]);     /* the local day t falls on */
void zone_clock(const char *zone, int64_t t, char out[static CLOCK_SIZE]); /* the local time of day */
int64_t zone_day_start(const char *zone, const char *day, int plus_days);  /* instant of local 00:00 */
int zone_hour(const char *zone, int64_t t);
int zone_weekday(const char *zone, int64_t t); /* 0 = Sunday */

#endif
