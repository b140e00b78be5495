#include "answer.h"

#include "log.h"

bool is_allowed(const kh_decision *decision) {
  return (decision->verdict == KH_ALLOW) || (decision->verdict == KH_ALLOW_WITH_VIOLATION);
}

static struct answer answer_of(uint8_t kind, struct payload payload) {
  struct answer answer = {0};
  answer.kind = kind;
  answer.payload = payload;
  return answer;
}

static void put_report(struct payload *payload, const kh_report *report) {
  put_u8(payload, report->event);
  put_u8(payload, report->system);
  put_u16(payload, report->user);
  put_u32(payload, report->areas);
  put_u32(payload, report->engineer);
  put_u32(payload, report->site);
  put_u32(payload, report->grant);
  put_u8(payload, report->contact_id.qualifier);
  put_u8(payload, report->contact_id.group);
  put_u16(payload, report->contact_id.event);
  put_u16(payload, report->contact_id.user);
  put_u8(payload, (uint8_t)report->sia[0]);
  put_u8(payload, (uint8_t)report->sia[1]);
}

struct answer answer_done(void) {
  const struct payload nothing = {0};
  return answer_of(ANSWER_DONE, nothing);
}

struct answer answer_failed(enum failure failure) {
  struct text line = {0};
  text_add(&line, "not done: failure ");
  text_add_number(&line, failure);
  log_text(LOG_WARN, &line);
  return answer_of(ANSWER_FAILED, payload_of_failure(failure));
}

static uint8_t number_of(kh_verdict verdict) {
  switch (verdict) {
    case KH_ALLOW:
      return 2;
    case KH_ALLOW_WITH_VIOLATION:
      return 1;
    default:
      return 0;
  }
}

void log_decision(const kh_decision *decision) {
  static const char *const verdicts[] = {"Deny", "AllowWithViolation", "Allow"};
  struct text line = {0};
  const char *reason;
  (void)kh_reason_name(decision->reason, &reason);
  text_add(&line, verdicts[number_of(decision->verdict)]);
  text_add(&line, ": ");
  text_add(&line, reason);
  text_add(&line, ", user ");
  text_add_number(&line, decision->user);
  text_add(&line, ", grant ");
  text_add_number(&line, decision->grant);
  log_text(LOG_INFO, &line);
}

struct answer answer_decided(const kh_decision *decision) {
  struct payload payload = {0};
  struct answer answer;
  log_decision(decision);
  put_u8(&payload, number_of(decision->verdict));
  put_u8(&payload, decision->reason);
  put_u8(&payload, decision->public_reason);
  put_u8(&payload, 0);
  put_u16(&payload, decision->user);
  put_u16(&payload, decision->left);
  put_u32(&payload, decision->grant);
  put_i64(&payload, decision->until);
  put_i64(&payload, decision->close_by);
  put_report(&payload, &decision->report);
  answer = answer_of(ANSWER_DECISION, payload);
  answer.report = decision->report;
  return answer;
}

struct answer answer_looked(const kh_due *due) {
  struct payload payload = {0};
  put_u8(&payload, due->kind);
  put_i64(&payload, due->at);
  put_report(&payload, &due->report);
  return answer_of(ANSWER_SUPERVISION, payload);
}

struct answer answer_installed(kh_outcome outcome, uint64_t sequence) {
  struct payload payload = {0};
  struct text line = {0};
  text_add(&line, "policy ");
  text_add_number(&line, sequence);
  text_add(&line, " installed (");
  text_add_number(&line, outcome);
  text_add(&line, ")");
  log_text(LOG_INFO, &line);
  put_u8(&payload, outcome);
  put_u64(&payload, sequence);
  return answer_of(ANSWER_INSTALLED, payload);
}

struct answer answer_refused(const struct refusal *refusal) {
  struct payload payload = {0};
  struct text line = {0};
  size_t index;
  text_add(&line, "policy refused: ");
  text_add_text(&line, &refusal->words);
  log_text(LOG_WARN, &line);
  put_u8(&payload, refusal->status);
  for (index = 0; index < 3u; index++) {
    put_u32(&payload, refusal->details[index]);
  }
  put_bytes(&payload, (const uint8_t *)refusal->words.bytes, refusal->words.length);
  return answer_of(ANSWER_REFUSED, payload);
}

struct answer answer_report_part(const uint8_t *report, size_t length, size_t offset) {
  struct payload payload = {0};
  size_t left;
  if (offset >= length) {
    return answer_failed(FAILURE_OUT_OF_ORDER);
  }
  left = length - offset;
  put_u16(&payload, (uint16_t)length);
  put_bytes(&payload, &report[offset], (left < LONGEST_PART) ? left : LONGEST_PART);
  return answer_of(ANSWER_REPORT_PART, payload);
}

struct payload payload_of_state(const struct state *state) {
  struct payload payload = {0};
  size_t system;
  /* A panel. */
  put_u8(&payload, 1);
  put_u8(&payload, state->time != KH_TIME_UNKNOWN);
  put_u8(&payload, state->has_policy);
  put_u8(&payload, state->is_in_alarm);
  put_u32(&payload, state->site);
  put_u64(&payload, state->sequence);
  put_i64(&payload, state->time);
  for (system = 0; system < KH_SYSTEMS; system++) {
    put_u32(&payload, state->armed.systems[system]);
  }
  return payload;
}

struct payload payload_of_report(const kh_report *report, kh_instant at) {
  struct payload payload = {0};
  put_i64(&payload, at);
  put_report(&payload, report);
  return payload;
}

struct payload payload_of_failure(enum failure failure) {
  struct payload payload = {0};
  put_u8(&payload, (uint8_t)failure);
  return payload;
}
