#include "timer.h"

struct timer {
  volatile uint32_t control;
  volatile uint32_t value;
  volatile uint32_t reload;
};

#define TIMER ((struct timer *)0x40000000u)

enum { TICKS_PER_MILLISECOND = 25000 };

static uint32_t last = UINT32_MAX;
/* Ticks that are not a whole millisecond yet. */
static uint32_t rest;
static uint32_t milliseconds;

void timer_start(void) {
  TIMER->reload = UINT32_MAX;
  TIMER->control = 1;
}

uint32_t timer_milliseconds(void) {
  const uint32_t now = TIMER->value;
  /* It counts down. */
  uint32_t ticks = last - now;
  last = now;
  milliseconds += ticks / TICKS_PER_MILLISECOND;
  rest += ticks % TICKS_PER_MILLISECOND;
  milliseconds += rest / TICKS_PER_MILLISECOND;
  rest %= TICKS_PER_MILLISECOND;
  return milliseconds;
}
