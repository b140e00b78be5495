#include "display.h"

#include <string.h>

#include "hardware.h"

void display_show(struct display *display, const struct text lines[DISPLAY_LINES]) {
  static const uint8_t positions[DISPLAY_LINES] = {0x80, 0xC0};
  size_t line;
  for (line = 0; line < DISPLAY_LINES; line++) {
    const size_t length = (lines[line].length < DISPLAY_WIDTH) ? lines[line].length : DISPLAY_WIDTH;
    const uint8_t begin[2] = {0xFE, positions[line]};
    uint8_t padded[DISPLAY_WIDTH];
    memset(padded, ' ', sizeof padded);
    memcpy(padded, lines[line].bytes, length);
    if (memcmp(padded, display->shown[line], sizeof padded) != 0) {
      display_send(begin, sizeof begin);
      display_send(padded, sizeof padded);
      memcpy(display->shown[line], padded, sizeof padded);
    }
  }
}
