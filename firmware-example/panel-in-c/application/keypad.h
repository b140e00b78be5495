/*
 * A keypad matrix: rows are driven low one after the other, and a key that is down pulls its column low.
 */
#ifndef KEYPAD_H
#define KEYPAD_H

#include <stdint.h>

enum { NO_KEY = '\0', KEY_STAR = '*', KEY_HASH = '#' };

struct keypad {
  /* What the last scan found, and when it first did. */
  char seen;
  uint32_t since;
  /* What was told last. */
  char held;
};

/* The key that has gone down since the last look, as ASCII, or NO_KEY. */
char keypad_pressed(struct keypad *keypad, uint32_t milliseconds);

#endif
