#include "fields.h"

#include <string.h>

struct fields fields_of(const uint8_t *bytes, size_t length) {
  const struct fields fields = {bytes, length, false};
  return fields;
}

static uint64_t take(struct fields *fields, size_t length) {
  uint64_t number = 0;
  uint8_t bytes[8] = {0};
  size_t index;
  take_bytes(fields, bytes, length);
  for (index = 0; index < length; index++) {
    number |= (uint64_t)bytes[index] << (8u * index);
  }
  return number;
}

uint8_t take_u8(struct fields *fields) { return (uint8_t)take(fields, 1); }
uint16_t take_u16(struct fields *fields) { return (uint16_t)take(fields, 2); }
uint32_t take_u32(struct fields *fields) { return (uint32_t)take(fields, 4); }
int32_t take_i32(struct fields *fields) { return (int32_t)take_u32(fields); }
int64_t take_i64(struct fields *fields) { return (int64_t)take(fields, 8); }

void take_bytes(struct fields *fields, uint8_t *bytes, size_t length) {
  if (length > fields->left) {
    fields->is_short = true;
    memset(bytes, 0, length);
    return;
  }
  memcpy(bytes, fields->next, length);
  fields->next += length;
  fields->left -= length;
}

bool fields_end(const struct fields *fields) { return !fields->is_short && (fields->left == 0u); }

static void put(struct payload *payload, uint64_t number, size_t length) {
  uint8_t bytes[8];
  size_t index;
  for (index = 0; index < length; index++) {
    bytes[index] = (uint8_t)(number >> (8u * index));
  }
  put_bytes(payload, bytes, length);
}

void put_u8(struct payload *payload, uint8_t number) { put(payload, number, 1); }
void put_u16(struct payload *payload, uint16_t number) { put(payload, number, 2); }
void put_u32(struct payload *payload, uint32_t number) { put(payload, number, 4); }
void put_u64(struct payload *payload, uint64_t number) { put(payload, number, 8); }
void put_i64(struct payload *payload, int64_t number) { put(payload, (uint64_t)number, 8); }

void put_bytes(struct payload *payload, const uint8_t *bytes, size_t length) {
  const size_t room = LONGEST_PAYLOAD - payload->length;
  const size_t fits = (length < room) ? length : room;
  memcpy(&payload->bytes[payload->length], bytes, fits);
  payload->length += fits;
}
