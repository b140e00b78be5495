#include "sleep.h"

#include "uart.h"

struct tick {
  volatile uint32_t control;
  volatile uint32_t reload;
  volatile uint32_t value;
};

#define TICK ((struct tick *)0xE000E010u)
#define INTERRUPT_ENABLE (*(volatile uint32_t *)0xE000E100u)
#define INTERRUPT_UNPEND (*(volatile uint32_t *)0xE000E280u)
#define INTERRUPT_CONTROL (*(volatile uint32_t *)0xE000ED04u)

enum {
  /* Counts, wakes, and goes by the processor's clock. */
  TICK_ON = 1 | 2 | 4,
  /* Ticks of the processor's clock in ten milliseconds. */
  TEN_MILLISECONDS = 250000,
  UNPEND_TICK = 1 << 25,
  /* Interrupts of the serial ports' receivers (AN386, table 3-6), a bit each. */
  RECEIVED = (1 << 0) | (1 << 2)
};

void sleep_prepare(void) {
  /* Nothing is ever handled by an interrupt: a pending one ends the sleep even so, and then the loop looks at everything. */
  __asm__ volatile("cpsid i" ::: "memory");
  TICK->reload = TEN_MILLISECONDS;
  TICK->value = 0;
  TICK->control = TICK_ON;
  INTERRUPT_ENABLE = RECEIVED;
}

void sleep_until_needed(void) {
  INTERRUPT_CONTROL = UNPEND_TICK;
  uart_clear_received(UART_OF_LINE);
  uart_clear_received(UART_OF_TERMINAL);
  INTERRUPT_UNPEND = RECEIVED;
  /* A byte that comes from here on makes its interrupt pending again, and the sleep ends at once. */
  if (!uart_has_byte(UART_OF_LINE) && !uart_has_byte(UART_OF_TERMINAL)) {
    __asm__ volatile("dsb\n\twfi" ::: "memory");
  }
}
