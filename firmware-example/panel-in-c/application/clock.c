#include "clock.h"

#include "hardware.h"

enum {
  CHIP = 0x68,
  REGISTER_TIME = 0x00,
  REGISTER_YEAR = 0x06,
  REGISTER_STATUS = 0x0F,
  STATUS_STOPPED = 0x80,
  /* Registers of the time: second, minute, hour, weekday, day, month, year. */
  TIME_BYTES = 7,
  SECONDS_PER_DAY = 86400,
  /* Days of four years, one of which is a leap year: between 2000 and 2099 there is no exception. */
  FOUR_YEARS = 1461
};

/* 2000-01-01, from which the chip counts; a chip in that year is not to be believed. */
static const kh_instant LONG_AGO = 946684800;
/* From and until when one is: 2020, which that chip does not reach by going on, and 2100, until which two digits tell the year. */
static const kh_instant EARLIEST = 1577836800;
static const kh_instant LATEST = 4102444800;

/* Of a byte that is no decimal number, something that is no time either. */
static uint8_t from_decimal(uint8_t byte) {
  const unsigned tens = (unsigned)byte >> 4;
  const unsigned ones = byte & 0x0Fu;
  return ((tens > 9u) || (ones > 9u)) ? UINT8_MAX : (uint8_t)((tens * 10u) + ones);
}

static uint8_t to_decimal(uint32_t number) { return (uint8_t)(((number / 10u) << 4) | (number % 10u)); }

static bool read_registers(uint8_t first, uint8_t *bytes, size_t length) { return bus_write_read(CHIP, &first, 1, bytes, length); }

/* What the registers say, whether the chip can be trusted or not. */
static kh_instant read_time(void) {
  uint8_t bytes[TIME_BYTES];
  uint8_t second;
  uint8_t minute;
  uint8_t hour;
  kh_date date;
  if (!read_registers(REGISTER_TIME, bytes, sizeof bytes)) {
    return KH_TIME_UNKNOWN;
  }
  second = from_decimal(bytes[0]);
  minute = from_decimal(bytes[1]);
  hour = from_decimal(bytes[2]);
  /* The century's bit stands with the month and makes it none. */
  if ((second > 59u) || (minute > 59u) || (hour > 23u) || (from_decimal(bytes[6]) > 99u) ||
      (kh_date_of((uint16_t)(2000u + from_decimal(bytes[6])), from_decimal(bytes[5]), from_decimal(bytes[4]), &date) != KH_OK)) {
    return KH_TIME_UNKNOWN;
  }
  return ((kh_instant)date * SECONDS_PER_DAY) + ((((hour * 60) + minute) * 60) + second);
}

static bool write_time(kh_instant time) {
  static const uint8_t month_lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const uint32_t since = (uint32_t)(time - LONG_AGO);
  const uint32_t days = since / SECONDS_PER_DAY;
  const uint32_t second = since % SECONDS_PER_DAY;
  uint32_t year = (days / FOUR_YEARS) * 4u;
  uint32_t day = days % FOUR_YEARS;
  uint32_t month = 0;
  uint8_t bytes[1 + TIME_BYTES];
  /* The first of the four is the leap year. */
  if (day >= 366u) {
    year += 1u + ((day - 366u) / 365u);
    day = (day - 366u) % 365u;
    /* The table has the leap year's months. */
    day += (day >= 59u) ? 1u : 0u;
  }
  while (day >= month_lengths[month]) {
    day -= month_lengths[month];
    month++;
  }
  bytes[0] = REGISTER_TIME;
  bytes[1] = to_decimal(second % 60u);
  bytes[2] = to_decimal((second / 60u) % 60u);
  bytes[3] = to_decimal(second / 3600u);
  /* 2000-01-01 was a Saturday, which counts as the seventh. */
  bytes[4] = (uint8_t)(((days + 6u) % 7u) + 1u);
  bytes[5] = to_decimal(day + 1u);
  bytes[6] = to_decimal(month + 1u);
  bytes[7] = to_decimal(year);
  return bus_write(CHIP, bytes, sizeof bytes);
}

static bool read_status(uint8_t *status) { return read_registers(REGISTER_STATUS, status, 1); }

static bool clear_stopped(void) {
  uint8_t bytes[2] = {REGISTER_STATUS, 0};
  if (!read_status(&bytes[1])) {
    return false;
  }
  bytes[1] &= (uint8_t)~STATUS_STOPPED;
  return bus_write(CHIP, bytes, sizeof bytes);
}

kh_instant clock_time(const struct clock *clock) {
  uint8_t status;
  kh_instant first;
  kh_instant second;
  if (clock->is_distrusted || !read_status(&status) || ((status & STATUS_STOPPED) != 0u)) {
    return KH_TIME_UNKNOWN;
  }
  /* The bus has no check sum, and a single reading that is too high would be believed for ever: what a second one does not bear out is none. */
  first = read_time();
  second = read_time();
  return ((first >= EARLIEST) && ((second == first) || (second == (first + 1)))) ? second : KH_TIME_UNKNOWN;
}

void clock_set(struct clock *clock, kh_instant time) {
  static const uint8_t long_ago[] = {REGISTER_YEAR, 0};
  clock->is_distrusted = true;
  /* That has to outlast a restart, and a loss of power while it is being set: then the year is the last byte that the chip is sent. */
  (void)bus_write(CHIP, long_ago, sizeof long_ago);
  if ((time >= EARLIEST) && (time < LATEST) && write_time(time) && clear_stopped()) {
    const kh_instant found = read_time();
    /* Between the two the chip may have gone on by a second. */
    clock->is_distrusted = (found != time) && (found != (time + 1));
  }
}
