#include "uart.h"

enum {
  STATE_TRANSMIT_FULL = 1,
  STATE_RECEIVE_FULL = 2,
  /* Transmitter, receiver and the receiver's interrupt. */
  CONTROL_ON = 1 | 2 | 8,
  INTERRUPT_RECEIVED = 2,
  /* 25 MHz / 16: the fastest there is. The emulator does not wait anyway. */
  FASTEST = 16
};

void uart_start(struct uart *port) {
  port->divider = FASTEST;
  port->control = CONTROL_ON;
}

bool uart_has_byte(const struct uart *port) { return (port->state & STATE_RECEIVE_FULL) != 0u; }

bool uart_take(struct uart *port, uint8_t *byte) {
  if (!uart_has_byte(port)) {
    return false;
  }
  *byte = (uint8_t)port->data;
  return true;
}

void uart_send(struct uart *port, const uint8_t *bytes, size_t length) {
  size_t index;
  for (index = 0; index < length; index++) {
    while ((port->state & STATE_TRANSMIT_FULL) != 0u) {
    }
    port->data = bytes[index];
  }
}

void uart_clear_received(struct uart *port) { port->interrupt = INTERRUPT_RECEIVED; }
