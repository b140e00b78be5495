/*
 * The panel on QEMU's mps2-an386, a Cortex-M4.
 */
#include "ds3231.h"
#include "flash.h"
#include "hardware.h"
#include "log.h"
#include "panel.h"
#include "semihosting.h"
#include "sleep.h"
#include "terminal.h"
#include "timer.h"
#include "uart.h"

static struct panel panel;
/* Has to stay as long as the panel is used. */
static struct flash flash;

void log_send(const char *bytes, size_t length) { output_write(bytes, length); }

bool line_take(uint8_t *byte) { return uart_take(UART_OF_LINE, byte); }

bool line_send(const uint8_t *bytes, size_t length) {
  const bool is_up = terminal_has_line();
  if (is_up) {
    uart_send(UART_OF_LINE, bytes, length);
  }
  return is_up;
}

static _Noreturn void give_up(const char *words) {
  log_words(LOG_ERROR, words);
  emulation_end(false);
}

/* The identity in the first page of the flash. */
static struct identity identity_in_flash(void) {
  uint8_t bytes[IDENTITY_BYTES];
  struct identity identity;
  struct flash first;
  if (!flash_open(&first, 0)) {
    give_up("there is no flash");
  }
  if (!file_read(first.handle, 0, bytes, sizeof bytes) || !identity_read(bytes, &identity)) {
    give_up("there is no identity in the flash");
  }
  return identity;
}

static void start(void) {
  const struct identity identity = identity_in_flash();
  kh_flash behind;
  kh_status status;
  if (!flash_open(&flash, 1)) {
    give_up("there is no flash");
  }
  behind = flash_for_library(&flash);
  status = panel_start(&panel, &identity, &behind);
  if (status != KH_OK) {
    const char *name;
    struct text line = {0};
    (void)kh_status_name(status, &name);
    text_add(&line, "the device does not start: ");
    text_add(&line, name);
    log_text(LOG_ERROR, &line);
    emulation_end(false);
  }
}

int main(void) {
  sleep_prepare();
  uart_start(UART_OF_LINE);
  uart_start(UART_OF_TERMINAL);
  timer_start();
  ds3231_start(argument_number("rate", 1));
  start();
  for (;;) {
    const uint32_t milliseconds = timer_milliseconds();
    terminal_carry_on(milliseconds);
    panel_step(&panel, milliseconds);
    sleep_until_needed();
  }
}
