/*
 * Milliseconds since the start, from the machine's first timer.
 */
#ifndef TIMER_H
#define TIMER_H

#include <stdint.h>

void timer_start(void);

/* Milliseconds since the start; they wrap around. Has to be looked at every two minutes at least, for the timer wraps around as well. */
uint32_t timer_milliseconds(void);

#endif
