#include "ds3231.h"

#include <keyholder.h>

#include "hardware.h"
#include "timer.h"

enum {
  ADDRESS = 0x68,
  SECOND = 0,
  MINUTE = 1,
  HOUR = 2,
  WEEKDAY = 3,
  DAY = 4,
  MONTH = 5,
  YEAR = 6,
  STATUS = 0x0F,
  REGISTERS = 0x13,
  STATUS_STOPPED = 0x80,
  CENTURY = 0x80
};

static uint8_t registers[REGISTERS];
/* The register that the next byte is about. */
static uint8_t pointer;
static uint32_t rate_of_time;
/* When the time was last carried on, and milliseconds of the chip that are not a whole second yet. */
static uint32_t last;
static uint32_t rest;

void ds3231_start(uint32_t rate) {
  rate_of_time = rate;
  /* 2000-01-01, a Saturday, and stopped. */
  registers[WEEKDAY] = 7;
  registers[DAY] = 1;
  registers[MONTH] = 1;
  registers[STATUS] = STATUS_STOPPED;
}

static uint8_t from_decimal(uint8_t byte) { return (uint8_t)(((byte >> 4) * 10) + (byte & 0x0F)); }

static uint8_t to_decimal(uint8_t number) { return (uint8_t)(((number / 10) << 4) | (number % 10)); }

/* Counts a register on, up to `highest`. True: it begins again at `lowest`, and the next one counts on. */
static bool count_on(uint8_t index, uint8_t lowest, uint8_t highest) {
  const uint8_t number = from_decimal(registers[index]);
  const bool is_over = number >= highest;
  registers[index] = is_over ? lowest : to_decimal((uint8_t)(number + 1u));
  return is_over;
}

static uint8_t days_of_month(void) {
  const uint8_t month = from_decimal(registers[MONTH] & (uint8_t)~CENTURY);
  const uint16_t year = (uint16_t)(2000u + from_decimal(registers[YEAR]));
  kh_date date;
  uint8_t day = 31;
  while ((day > 28u) && (kh_date_of(year, month, day, &date) != KH_OK)) {
    day--;
  }
  return day;
}

static void next_day(void) {
  (void)count_on(WEEKDAY, 1, 7);
  if (count_on(DAY, 1, days_of_month())) {
    const uint8_t century = registers[MONTH] & CENTURY;
    bool is_new_year;
    registers[MONTH] &= (uint8_t)~CENTURY;
    is_new_year = count_on(MONTH, 1, 12);
    registers[MONTH] |= century;
    if (is_new_year && count_on(YEAR, 0, 99)) {
      registers[MONTH] ^= CENTURY;
    }
  }
}

static void next_second(void) {
  if (count_on(SECOND, 0, 59) && count_on(MINUTE, 0, 59) && count_on(HOUR, 0, 23)) {
    next_day();
  }
}

/* Lets the time that has passed pass. */
static void carry_on(void) {
  const uint32_t now = timer_milliseconds();
  uint64_t milliseconds = ((uint64_t)(now - last) * rate_of_time) + rest;
  last = now;
  for (; milliseconds >= 1000u; milliseconds -= 1000u) {
    next_second();
  }
  rest = (uint32_t)milliseconds;
}

static void take(uint8_t byte) {
  /* The oscillator's flag can be cleared, not set. */
  registers[pointer] = (pointer == STATUS) ? (byte & (uint8_t)(registers[STATUS] | (uint8_t)~STATUS_STOPPED)) : byte;
  if (pointer == SECOND) {
    /* Writing the seconds starts a new one. */
    rest = 0;
  }
  pointer = (uint8_t)((pointer + 1u) % REGISTERS);
}

bool bus_write(uint8_t address, const uint8_t *bytes, size_t length) {
  size_t index;
  if (address != ADDRESS) {
    return false;
  }
  carry_on();
  /* The first byte says which register the others are about. */
  pointer = (length > 0u) ? (uint8_t)(bytes[0] % REGISTERS) : pointer;
  for (index = 1; index < length; index++) {
    take(bytes[index]);
  }
  return true;
}

bool bus_write_read(uint8_t address, const uint8_t *bytes, size_t length, uint8_t *answer, size_t answer_length) {
  size_t index;
  if (!bus_write(address, bytes, length)) {
    return false;
  }
  for (index = 0; index < answer_length; index++) {
    answer[index] = registers[pointer];
    pointer = (uint8_t)((pointer + 1u) % REGISTERS);
  }
  return true;
}
