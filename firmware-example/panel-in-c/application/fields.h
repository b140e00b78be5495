/*
 * Numbers in a payload, one after the other, little-endian and without gaps.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  LONGEST_PAYLOAD = 256,
  /* Most bytes of a blob or report in one part. */
  LONGEST_PART = 240
};

/* The bytes of a message. */
struct payload {
  size_t length;
  uint8_t bytes[LONGEST_PAYLOAD];
};

/* What is left of a payload that is being read. */
struct fields {
  const uint8_t *next;
  size_t left;
  /* More was taken than there was. What was not there reads as 0. */
  bool is_short;
};

struct fields fields_of(const uint8_t *bytes, size_t length);

uint8_t take_u8(struct fields *fields);
uint16_t take_u16(struct fields *fields);
uint32_t take_u32(struct fields *fields);
int32_t take_i32(struct fields *fields);
int64_t take_i64(struct fields *fields);
void take_bytes(struct fields *fields, uint8_t *bytes, size_t length);

/* Whether everything was there and nothing is left: a message that is longer than it should be is not understood, and so not obeyed. */
bool fields_end(const struct fields *fields);

/* These append. What does not fit is left out: every message is shorter than a payload may be. */
void put_u8(struct payload *payload, uint8_t number);
void put_u16(struct payload *payload, uint16_t number);
void put_u32(struct payload *payload, uint32_t number);
void put_u64(struct payload *payload, uint64_t number);
void put_i64(struct payload *payload, int64_t number);
void put_bytes(struct payload *payload, const uint8_t *bytes, size_t length);

#endif
