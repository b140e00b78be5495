/*
 * What a board gives the panel: all that the application knows of the hardware. The flash is not here, for the library has an interface of its own for it.
 *
 * Nothing here waits for anybody outside: what a function says it sends has been sent, or is on its way, when it returns. It may wait for its own transmitter, which
 * takes a byte as fast as the line carries it.
 */
#ifndef HARDWARE_H
#define HARDWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEYPAD_ROWS = 4, KEYPAD_COLUMNS = 3 };

/* A relay or a light. */
enum output {
  /* The siren's relay. */
  OUTPUT_SIREN,
  /* The relay that tells other equipment that the keypad's areas are armed. */
  OUTPUT_ARMED,
  /* Green: the keypad's areas are open. */
  OUTPUT_OPEN,
  /* Yellow: there is no policy, no clock that is believed, or the flash is damaged. The display says which. */
  OUTPUT_TROUBLE
};

/* The next byte that has come over the line; false if none has. */
bool line_take(uint8_t *byte);
/* False if the line does not take it, or not all of it. A board that cannot tell says that it does, whether anybody listens or not. */
bool line_send(const uint8_t *bytes, size_t length);

/* To the serial display. */
void display_send(const uint8_t *bytes, size_t length);

/* The bus that the clock chip is on. False if no chip has that address. */
bool bus_write(uint8_t address, const uint8_t *bytes, size_t length);
bool bus_write_read(uint8_t address, const uint8_t *bytes, size_t length, uint8_t *answer, size_t answer_length);

/*
 * The keypad matrix: a row is driven low, and a key that is down in it pulls its column low. Else a row is let go, never driven high: two keys in one column connect
 * theirs.
 */
void row_drive(unsigned row, bool is_low);
bool column_is_low(unsigned column);

/* The detector's loop: whether somebody moves. */
bool detector_is_high(void);

void output_switch(enum output output, bool is_on);

/* A line of the log, with its end of line. */
void log_send(const char *bytes, size_t length);

#endif
