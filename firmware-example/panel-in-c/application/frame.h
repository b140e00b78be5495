/*
 * Frames: where a message begins and ends, and whether it arrived as it was sent.
 *
 *   offset  size
 *        0     1  start, a5
 *        1     2  length of the payload, 0 to 256
 *        3     1  kind of message
 *        4     1  tag: chosen by who asks, repeated in the answer
 *        5     n  payload
 *    5 + n     4  CRC-32, as in zlib, of everything from the length to the end of the payload
 */
#ifndef FRAME_H
#define FRAME_H

#include "fields.h"

enum {
  FRAME_HEAD = 5,
  FRAME_SUM = 4,
  LONGEST_FRAME = FRAME_HEAD + LONGEST_PAYLOAD + FRAME_SUM,
  /* After so many milliseconds without a byte a frame that has begun is given up. */
  FRAME_PATIENCE = 1000
};

/* A frame whose check sum is right. Its payload may still be meaningless. */
struct frame {
  uint8_t kind;
  /* 0 in what nobody asked for. */
  uint8_t tag;
  struct payload payload;
};

/* Puts frames together from single bytes. */
struct frame_receiver {
  /* When the last byte came. */
  uint32_t last;
  size_t length;
  /* What came since the start byte. */
  uint8_t bytes[LONGEST_FRAME];
};

/* What a byte brought. */
enum received {
  RECEIVED_NOTHING,
  RECEIVED_FRAME,
  /* The last byte of what looked like a frame: its check sum is wrong, or its length is. It is dropped. */
  RECEIVED_BROKEN
};

/* Wipes a frame whose rest does not come. Call it in every step. */
void frame_expire(struct frame_receiver *receiver, uint32_t milliseconds);

/* A byte has come, at so many milliseconds of any clock that wraps around. `frame` is written if it was the last of one. */
enum received frame_receive(struct frame_receiver *receiver, uint8_t byte, uint32_t milliseconds, struct frame *frame);

/* The frame as it goes over the line. Returns its length. */
size_t frame_write(const struct frame *frame, uint8_t bytes[LONGEST_FRAME]);

/* The check sum at its end. */
uint32_t frame_sum(const struct frame *frame);

/* The payload is wiped: somebody's code may be in it. */
void frame_forget(struct frame *frame);

/* The CRC-32. */
uint32_t check_sum(const uint8_t *bytes, size_t length);

#endif
