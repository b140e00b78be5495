/*
 * The machine's serial ports: CMSDK APB UARTs without a FIFO. The emulator holds bytes back until the one before is taken, so none gets lost.
 */
#ifndef UART_H
#define UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uart {
  volatile uint32_t data;
  volatile uint32_t state;
  volatile uint32_t control;
  volatile uint32_t interrupt;
  volatile uint32_t divider;
};

/* The machine's first port, the line, and its second, the terminal. */
#define UART_OF_LINE ((struct uart *)0x40004000u)
#define UART_OF_TERMINAL ((struct uart *)0x40005000u)

void uart_start(struct uart *port);

bool uart_has_byte(const struct uart *port);

/* False if no byte has come. */
bool uart_take(struct uart *port, uint8_t *byte);

void uart_send(struct uart *port, const uint8_t *bytes, size_t length);

/* Takes the interrupt back that said that a byte has come. */
void uart_clear_received(struct uart *port);

#endif
