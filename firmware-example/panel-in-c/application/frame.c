#include "frame.h"

#include <string.h>

static const uint8_t START = 0xA5;

/* A bit at a time: a table would cost a kibibyte of flash to save microseconds. */
uint32_t check_sum(const uint8_t *bytes, size_t length) {
  uint32_t sum = UINT32_MAX;
  size_t index;
  int bit;
  for (index = 0; index < length; index++) {
    sum ^= bytes[index];
    for (bit = 0; bit < 8; bit++) {
      sum = ((sum & 1u) != 0u) ? ((sum >> 1) ^ 0xEDB88320u) : (sum >> 1);
    }
  }
  return ~sum;
}

static enum received drop(struct frame_receiver *receiver) {
  receiver->length = 0;
  return RECEIVED_BROKEN;
}

enum received frame_receive(struct frame_receiver *receiver, uint8_t byte, uint32_t milliseconds, struct frame *frame) {
  struct fields fields;
  size_t length;
  size_t covered;
  if ((milliseconds - receiver->last) >= FRAME_PATIENCE) {
    /* The rest of a frame that was cut off never comes: what comes now is another. */
    receiver->length = 0;
  }
  receiver->last = milliseconds;
  if ((receiver->length == 0u) && (byte != START)) {
    return RECEIVED_NOTHING;
  }
  receiver->bytes[receiver->length] = byte;
  receiver->length++;
  if (receiver->length < FRAME_HEAD) {
    return RECEIVED_NOTHING;
  }
  fields = fields_of(&receiver->bytes[1], receiver->length - 1u);
  length = take_u16(&fields);
  if (length > LONGEST_PAYLOAD) {
    return drop(receiver);
  }
  if (receiver->length < (FRAME_HEAD + length + FRAME_SUM)) {
    return RECEIVED_NOTHING;
  }
  frame->kind = take_u8(&fields);
  frame->tag = take_u8(&fields);
  frame->payload.length = length;
  take_bytes(&fields, frame->payload.bytes, length);
  covered = (FRAME_HEAD - 1u) + length;
  if (check_sum(&receiver->bytes[1], covered) != take_u32(&fields)) {
    return drop(receiver);
  }
  receiver->length = 0;
  return RECEIVED_FRAME;
}

size_t frame_write(const struct frame *frame, uint8_t bytes[LONGEST_FRAME]) {
  const size_t length = frame->payload.length;
  const size_t covered = (FRAME_HEAD - 1u) + length;
  uint32_t sum;
  size_t index;
  bytes[0] = START;
  bytes[1] = (uint8_t)length;
  bytes[2] = (uint8_t)(length >> 8);
  bytes[3] = frame->kind;
  bytes[4] = frame->tag;
  memcpy(&bytes[FRAME_HEAD], frame->payload.bytes, length);
  sum = check_sum(&bytes[1], covered);
  for (index = 0; index < FRAME_SUM; index++) {
    bytes[FRAME_HEAD + length + index] = (uint8_t)(sum >> (8u * index));
  }
  return FRAME_HEAD + length + FRAME_SUM;
}

bool frame_is_same(const struct frame *frame, const struct frame *other) {
  return (frame->kind == other->kind) && (frame->tag == other->tag) && (frame->payload.length == other->payload.length) &&
         (memcmp(frame->payload.bytes, other->payload.bytes, frame->payload.length) == 0);
}
