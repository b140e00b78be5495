/*
 * What the panel answers, and what it tells unasked. The tables are in ../../README.md; verdicts, reasons and refusals have the numbers of keyholder.h, but
 * for the verdict, whose number there is for comparing and not for sending.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <keyholder.h>
#include <stdbool.h>

#include "fields.h"
#include "text.h"

/* The numbers of answers and of what is told unasked. */
enum {
  ANSWER_DONE = 0x80,
  ANSWER_DECISION = 0x81,
  ANSWER_SUPERVISION = 0x82,
  ANSWER_INSTALLED = 0x83,
  ANSWER_REFUSED = 0x84,
  ANSWER_STATE = 0x85,
  ANSWER_REPORT_PART = 0x86,
  ANSWER_FAILED = 0x8F,
  TOLD_REPORT = 0xC0,
  TOLD_STARTED = 0xC2
};

/* Why the panel could not be asked. Nothing has changed then. */
enum failure { FAILURE_BROKEN = 1, FAILURE_NOT_UNDERSTOOD = 2, FAILURE_OUT_OF_ORDER = 4 };

struct answer {
  uint8_t kind;
  struct payload payload;
  /* What to report besides. */
  kh_report report;
};

/* How the panel is. */
struct state {
  bool has_policy;
  bool is_in_alarm;
  uint32_t site;
  /* Of the policy. */
  uint64_t sequence;
  kh_instant time;
  kh_area_list armed;
};

/* Why a blob was refused. */
struct refusal {
  kh_status status;
  uint32_t details[3];
  struct text words;
};

bool is_allowed(const kh_decision *decision);

struct answer answer_done(void);
struct answer answer_failed(enum failure failure);
/* Goes into the log with its exact reason. */
struct answer answer_decided(const kh_decision *decision);
struct answer answer_looked(const kh_due *due);
struct answer answer_installed(kh_outcome outcome, uint64_t sequence);
struct answer answer_refused(const struct refusal *refusal);
/* From the report to the cloud, `length` bytes, those from `offset` on. */
struct answer answer_report_part(const uint8_t *report, size_t length, size_t offset);

struct payload payload_of_state(const struct state *state);
/* `at` is KH_TIME_UNKNOWN if nobody knows. */
struct payload payload_of_report(const kh_report *report, kh_instant at);
struct payload payload_of_failure(enum failure failure);

/* Writes a decision into the log. Codes never get there: a decision has none. */
void log_decision(const kh_decision *decision);

#endif
