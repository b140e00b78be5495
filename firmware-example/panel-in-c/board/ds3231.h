/*
 * A DS3231 on an I2C bus: the machine has no clock chip, so its registers are kept here, behind bus_write() and bus_write_read() of hardware.h. The driver in
 * the application talks to it as it would to a real one.
 *
 * It has no battery: after every start its oscillator has been stopped, as on a board that was without power for too long. It runs as fast as the argument
 * `rate` says, 1 being as fast as real ones; at 0 it stands still until it is set.
 */
#ifndef DS3231_H
#define DS3231_H

#include <stdint.h>

/* The chip gets power. */
void ds3231_start(uint32_t rate);

#endif
