#include "keypad.h"

#include "hardware.h"

/* A key counts when two scans that lie at least so many milliseconds apart agree: contacts bounce for less. */
static const uint32_t BOUNCE = 10;

/* More than one key is down, or seems to be: three at the corners of a rectangle show the fourth as well. */
static const char SEVERAL = '+';

/* Columns need a moment to rise again when a row is let go: read too early, a key would be seen in the next row as well. */
static void let_rise(void) {
  /* At most: some hundred microseconds. */
  unsigned looks = 1000;
  while ((looks > 0u) && (column_is_low(0) || column_is_low(1) || column_is_low(2))) {
    looks--;
  }
}

/* The key that is down. */
static char scan(void) {
  static const char keys[KEYPAD_ROWS][KEYPAD_COLUMNS] = {{'1', '2', '3'}, {'4', '5', '6'}, {'7', '8', '9'}, {KEY_STAR, '0', KEY_HASH}};
  char found = NO_KEY;
  unsigned row;
  unsigned column;
  for (row = 0; row < KEYPAD_ROWS; row++) {
    row_drive(row, true);
    for (column = 0; column < KEYPAD_COLUMNS; column++) {
      if (column_is_low(column)) {
        found = (found == NO_KEY) ? keys[row][column] : SEVERAL;
      }
    }
    row_drive(row, false);
    let_rise();
  }
  return found;
}

char keypad_pressed(struct keypad *keypad, uint32_t milliseconds) {
  const char down = scan();
  if (down == SEVERAL) {
    /* Nothing changes meanwhile: a key that is still down when the others have gone was told already. */
    return NO_KEY;
  }
  if (down != keypad->seen) {
    keypad->seen = down;
    keypad->since = milliseconds;
    return NO_KEY;
  }
  if (((milliseconds - keypad->since) < BOUNCE) || (down == keypad->held)) {
    return NO_KEY;
  }
  keypad->held = down;
  return down;
}
