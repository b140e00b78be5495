#include "frame.h"

#include <string.h>

static const uint8_t START = 0xA5;

/* A bit at a time: a table would cost a kibibyte of flash to save microseconds. */
static uint32_t sum_with(uint32_t sum, const uint8_t *bytes, size_t length) {
  size_t index;
  int bit;
  for (index = 0; index < length; index++) {
    sum ^= bytes[index];
    for (bit = 0; bit < 8; bit++) {
      sum = ((sum & 1u) != 0u) ? ((sum >> 1) ^ 0xEDB88320u) : (sum >> 1);
    }
  }
  return sum;
}

uint32_t check_sum(const uint8_t *bytes, size_t length) { return ~sum_with(UINT32_MAX, bytes, length); }

/* What came is wiped, not only dropped: somebody's code may be in it. */
static void forget(struct frame_receiver *receiver) {
  memset(receiver->bytes, 0, receiver->length);
  receiver->length = 0;
}

static enum received drop(struct frame_receiver *receiver) {
  forget(receiver);
  return RECEIVED_BROKEN;
}

void frame_expire(struct frame_receiver *receiver, uint32_t milliseconds) {
  if ((receiver->length > 0u) && ((milliseconds - receiver->last) >= FRAME_PATIENCE)) {
    /* The rest of a frame that was cut off never comes: what comes now is another. */
    forget(receiver);
  }
}

enum received frame_receive(struct frame_receiver *receiver, uint8_t byte, uint32_t milliseconds, struct frame *frame) {
  struct fields fields;
  struct fields sum;
  size_t length;
  size_t covered;
  frame_expire(receiver, milliseconds);
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
  covered = (FRAME_HEAD - 1u) + length;
  sum = fields_of(&receiver->bytes[1u + covered], FRAME_SUM);
  if (check_sum(&receiver->bytes[1], covered) != take_u32(&sum)) {
    return drop(receiver);
  }
  frame->kind = take_u8(&fields);
  frame->tag = take_u8(&fields);
  frame->payload.length = length;
  take_bytes(&fields, frame->payload.bytes, length);
  forget(receiver);
  return RECEIVED_FRAME;
}

size_t frame_write(const struct frame *frame, uint8_t bytes[LONGEST_FRAME]) {
  const size_t length = frame->payload.length;
  const uint32_t sum = frame_sum(frame);
  size_t index;
  bytes[0] = START;
  bytes[1] = (uint8_t)length;
  bytes[2] = (uint8_t)(length >> 8);
  bytes[3] = frame->kind;
  bytes[4] = frame->tag;
  memcpy(&bytes[FRAME_HEAD], frame->payload.bytes, length);
  for (index = 0; index < FRAME_SUM; index++) {
    bytes[FRAME_HEAD + length + index] = (uint8_t)(sum >> (8u * index));
  }
  return FRAME_HEAD + length + FRAME_SUM;
}

uint32_t frame_sum(const struct frame *frame) {
  const size_t length = frame->payload.length;
  const uint8_t head[FRAME_HEAD - 1] = {(uint8_t)length, (uint8_t)(length >> 8), frame->kind, frame->tag};
  return ~sum_with(sum_with(UINT32_MAX, head, sizeof head), frame->payload.bytes, length);
}

void frame_forget(struct frame *frame) {
  memset(frame->payload.bytes, 0, sizeof frame->payload.bytes);
  frame->payload.length = 0;
}
