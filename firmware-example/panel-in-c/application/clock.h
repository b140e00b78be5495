/*
 * The clock: a DS3231 that may have stopped.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <keyholder.h>
#include <stdbool.h>

struct clock {
  /* It was set to something that the chip cannot hold, or somebody said that it is wrong. */
  bool is_distrusted;
};

/* KH_TIME_UNKNOWN of a chip that has stood still since it was set, or that does not answer. */
kh_instant clock_time(const struct clock *clock);

/* Sets it. What the chip cannot hold, or reads back otherwise, leaves it without a time, and so does KH_TIME_UNKNOWN. */
void clock_set(struct clock *clock, kh_instant time);

#endif
