/*
 * A serial display of two lines with sixteen characters each, of the kind that takes `fe 80` and `fe c0` as the beginnings of its lines.
 */
#ifndef DISPLAY_H
#define DISPLAY_H

#include <stdint.h>

#include "text.h"

enum { DISPLAY_LINES = 2, DISPLAY_WIDTH = 16 };

struct display {
  uint8_t shown[DISPLAY_LINES][DISPLAY_WIDTH];
};

/* Shows two lines. What stands there already is not written again. */
void display_show(struct display *display, const struct text lines[DISPLAY_LINES]);

#endif
