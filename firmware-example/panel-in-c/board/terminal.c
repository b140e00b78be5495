#include "terminal.h"

#include <string.h>

#include "hardware.h"
#include "uart.h"

/*
 * Looks at the keypad for which a key is held, and as many with nothing pressed before the next. Looks and not milliseconds, for on a busy computer a lot of time
 * may pass between two looks, and no finger may come and go unseen.
 */
static const uint32_t PRESS = 3;
/* Milliseconds between two looks that count. */
static const uint32_t LOOK = 10;

/* Which key is down, counted row by row; NOTHING: none is. */
enum { NOTHING = -1 };
static int down = NOTHING;
/* The same of one that another finger holds down meanwhile, and whether it goes down next. */
static int held = NOTHING;
static bool holds;
/* How many looks there were since it went down or up, and when the last was. */
static uint32_t looks;
static uint32_t last;
static bool is_low[KEYPAD_ROWS];
static bool moves;
static bool line_is_down;

/* Says that a finger has gone. */
static void gone(void) {
  static const uint8_t byte = 0xFC;
  uart_send(UART_OF_TERMINAL, &byte, 1);
}

static void press(uint8_t key) {
  static const char keys[] = "123456789*0#";
  const char *found = (key == 0u) ? NULL : strchr(keys, key);
  const int pressed = (found == NULL) ? NOTHING : (int)(found - keys);
  if (holds) {
    held = pressed;
  } else {
    down = pressed;
  }
  if (holds || (found == NULL)) {
    gone();
  }
  holds = false;
  looks = 0;
}

void terminal_carry_on(uint32_t milliseconds) {
  uint8_t byte;
  if ((milliseconds - last) < LOOK) {
    return;
  }
  last = milliseconds;
  looks += (looks < PRESS) ? 1u : 0u;
  if (looks < PRESS) {
    return;
  }
  if (down != NOTHING) {
    down = NOTHING;
    looks = 0;
    gone();
  } else if (uart_take(UART_OF_TERMINAL, &byte)) {
    if ((byte == 'd') || (byte == 'D')) {
      moves = byte == 'd';
      gone();
    } else if ((byte == 'l') || (byte == 'L')) {
      line_is_down = byte == 'l';
      gone();
    } else if (byte == '&') {
      holds = held == NOTHING;
      held = NOTHING;
      looks = 0;
      gone();
    } else {
      press(byte);
    }
  } else {
    /* Nobody is there. */
  }
}

void row_drive(unsigned row, bool low) { is_low[row] = low; }

static bool pulls(int key, unsigned column) {
  return (key != NOTHING) && ((unsigned)(key % KEYPAD_COLUMNS) == column) && is_low[key / KEYPAD_COLUMNS];
}

bool column_is_low(unsigned column) { return pulls(down, column) || pulls(held, column); }

bool terminal_has_line(void) { return !line_is_down; }

bool detector_is_high(void) { return moves; }

void output_switch(enum output output, bool is_on) {
  static bool has_level[OUTPUT_TROUBLE + 1];
  static bool levels[OUTPUT_TROUBLE + 1];
  const uint8_t bytes[3] = {0xFD, (uint8_t)output, is_on ? 1u : 0u};
  if (!has_level[output] || (levels[output] != is_on)) {
    has_level[output] = true;
    levels[output] = is_on;
    uart_send(UART_OF_TERMINAL, bytes, sizeof bytes);
  }
}

void display_send(const uint8_t *bytes, size_t length) { uart_send(UART_OF_TERMINAL, bytes, length); }
