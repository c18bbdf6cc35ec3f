/* Instants, days, zones with their summer time. */
#include "../tap.h"

#include <stdlib.h>

#include "base/clock.h"

static void instants(void)
{
	char text[INSTANT_SIZE];
	instant_format(1700000000, text);
	is(text, "2023-11-14T22:13:20Z", "an instant");
	int64_t t;
	ok(instant_parse("2023-11-14T23:13:20+01:00", &t) && t == 1700000000, "with an offset");
	ok(instant_parse("2023-11-14T22:13:20.999Z", &t) && t == 1700000000, "a fraction is ignored");
	static const char *const bad[] = {"2023-02-29T00:00:00Z", "2023-11-14", "2023-11-14T25:00:00Z",
		"2023-11-14T22:13:20", "2023-11-14T22:13:20Zx", "", "23-11-14T22:13:20Z", "1800-01-01T00:00:00Z"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!instant_parse(bad[i], &t), "refused: %s", bad[i]);
	/* From 1900 to 9999 in steps of a bit more than a month, so that each day of the year comes, at each time. */
	int64_t wrong = 0;
	for (int64_t at = INT64_C(-2208988800); at <= INT64_C(253402300799); at += 2699987) {
		instant_format(at, text);
		wrong += !instant_parse(text, &t) || t != at;
	}
	is_int(wrong, 0, "what is written reads as it was");
	ok(day_valid("2024-02-29") && !day_valid("2023-02-29") && !day_valid("2023-2-1"), "days");
}

static void zones(void)
{
	char day[DAY_SIZE];
	zone_day("Europe/Zurich", 1700000000, day);
	is(day, "2023-11-14", "23:13 in Zurich is the same day");
	zone_day("Asia/Tokyo", 1700000000, day);
	is(day, "2023-11-15", "in Tokyo it is tomorrow");
	ok(zone_known("Europe/Zurich") && !zone_known("Mars/Olympus") && !zone_known("../etc/passwd"),
		"zones are known or not");
	is_int(zone_hour("Europe/Zurich", 1700000000), 23, "the hour there");
	is_int(zone_weekday("UTC", 1700000000), 2, "a Tuesday");
	char clock[CLOCK_SIZE];
	zone_clock("Asia/Kathmandu", 1700000000, clock);
	is(clock, "03:58", "the time of day where zones differ by quarters of an hour");
	/* 2024-03-31: the clocks of Zurich go forward, the day has 23 hours. */
	is_int(zone_day_start("Europe/Zurich", "2024-04-01", 0) - zone_day_start("Europe/Zurich", "2024-03-31", 0),
		23 * 3600, "a day of 23 hours");
	is_int(zone_day_start("Europe/Zurich", "2024-03-31", 1), zone_day_start("Europe/Zurich", "2024-04-01", 0),
		"the day after");
	/* 2024-11-03 in Havana: 01:00 becomes 00:00 again. 2024-09-08 in Santiago: 00:00 does not exist. */
	is_int(zone_day_start("America/Havana", "2024-11-03", 0), 1730606400, "of two midnights the first");
	is_int(zone_day_start("America/Santiago", "2024-09-08", 0), 1725768000,
		"without one the first instant there is");
}

int main(void)
{
	instants();
	zones();
	setenv("COUNTERSIGN_NOW", "2026-01-02T03:04:05Z", 1);
	char text[INSTANT_SIZE];
	instant_format(clock_now(), text);
	is(text, "2026-01-02T03:04:05Z", "a fixed clock");
	static const struct {
		int64_t seconds;
		const char *words;
	} spans[] = {{0, "0 s"}, {89, "89 s"}, {90, "2 min"}, {5399, "90 min"}, {7500, "2 h 5 min"}};
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		char words[DURATION_SIZE];
		duration_format(spans[i].seconds, words);
		is(words, spans[i].words, spans[i].words);
	}
	int64_t first = clock_mono_us();
	ok(clock_mono_us() >= first, "the monotonic one goes on");
	return tap_done();
}
