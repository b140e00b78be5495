/*
 * What a person sees and touches, at the end of the second serial line: a keypad matrix, a serial display, relays and lights, a detector. Their functions are
 * in hardware.h.
 *
 * A byte that comes is a key that somebody presses for a moment (`0`-`9`, `*`, `#`), or moves the detector (`d` somebody comes, `D` nobody is there any more),
 * or it takes the line down (`l`), so that nothing goes out over it, or up again (`L`). What goes out is what a serial display is sent, for every pin that
 * switches `fd`, its number and its level, and for every byte that came `fc` when the finger has gone.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

/* Lets fingers come and go. Call it before the keypad is looked at. */
void terminal_carry_on(uint32_t milliseconds);

/* Whether what is sent over the line goes out. */
bool terminal_has_line(void);

#endif
