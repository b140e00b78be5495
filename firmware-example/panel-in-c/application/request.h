/*
 * What the panel is asked over the line: one frame a question, one frame an answer, then the next question. The tables are in ../../README.md.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <keyholder.h>
#include <stdbool.h>

#include "fields.h"

/* The numbers of the questions. */
enum {
  QUESTION_CLOCK = 0x01,
  QUESTION_OPEN_CLOSE = 0x02,
  QUESTION_ACT = 0x03,
  QUESTION_ENGINEER = 0x04,
  QUESTION_BEGIN_SESSION = 0x05,
  QUESTION_END_SESSION = 0x06,
  QUESTION_UPDATE = 0x07,
  QUESTION_SUPERVISE = 0x08,
  QUESTION_STATE = 0x09,
  QUESTION_REPORT = 0x0A,
  QUESTION_BLOB_BEGIN = 0x10,
  QUESTION_BLOB_PART = 0x11,
  QUESTION_BLOB_END = 0x12
};

/* A question. The field of the union that its kind names is the one that counts; pointers are into the payload that it was read from. */
struct request {
  uint8_t kind;
  union {
    struct {
      kh_instant time;
      /* It is a bench's clock, which stands still until it is set again, and nothing is supervised unless asked for. */
      bool is_held;
    } clock;
    struct {
      kh_open_close asked;
      /* Else the panel goes by its own record. */
      bool armed_by_is_given;
    } open_close;
    kh_act act;
    kh_engineer_request engineer;
    /* Of both QUESTION_BEGIN_SESSION and QUESTION_END_SESSION. */
    kh_session_request session;
    kh_update_request update;
    struct {
      kh_area_list armed;
      bool armed_is_given;
    } supervise;
    struct {
      /* How much of it has come before. */
      uint16_t offset;
    } report;
    /* Of QUESTION_BLOB_BEGIN and QUESTION_BLOB_PART. */
    struct {
      /* How much of it has come before. */
      uint32_t offset;
      const uint8_t *bytes;
      size_t length;
    } blob;
  } of;
};

/* False: no question has that number, or those bytes. Whether the numbers in it mean anything is the library's to say. */
bool request_read(uint8_t kind, const struct payload *payload, struct request *request);

/* Who asks with these words, which a person may have typed. */
kh_who who_asks(kh_who_kind kind, uint32_t user, const uint8_t *typed, size_t length);

#endif
