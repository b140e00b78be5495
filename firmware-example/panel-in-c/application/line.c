#include "line.h"

#include "answer.h"
#include "hardware.h"
#include "log.h"

static void send(const struct frame *frame) {
  uint8_t bytes[LONGEST_FRAME];
  line_send(bytes, frame_write(frame, bytes));
}

/* Answers a question again that came again, and does not carry it out again: so an answer that got lost can be asked for. */
static bool is_repeated(struct line *line, struct frame *question) {
  if (!line->has_answered || (question->tag == 0u) || (question->tag != line->answer.tag) || (frame_sum(question) != line->question_sum)) {
    return false;
  }
  frame_forget(question);
  send(&line->answer);
  return true;
}

bool line_question(struct line *line, uint32_t milliseconds, struct frame *question) {
  uint8_t byte;
  size_t taken;
  frame_expire(&line->receiver, milliseconds);
  for (taken = 0; (taken < LONGEST_FRAME) && line_take(&byte); taken++) {
    struct payload failure;
    switch (frame_receive(&line->receiver, byte, milliseconds, question)) {
      case RECEIVED_FRAME:
        if (is_repeated(line, question)) {
          return false;
        }
        line->has_answered = false;
        return true;
      case RECEIVED_BROKEN:
        log_words(LOG_WARN, "a frame came broken");
        failure = payload_of_failure(FAILURE_BROKEN);
        line_tell(ANSWER_FAILED, &failure);
        return false;
      case RECEIVED_NOTHING:
        break;
    }
  }
  return false;
}

void line_answer(struct line *line, struct frame *question, uint8_t kind, const struct payload *payload) {
  line->has_answered = true;
  line->question_sum = frame_sum(question);
  line->answer.kind = kind;
  line->answer.tag = question->tag;
  line->answer.payload = *payload;
  frame_forget(question);
  send(&line->answer);
}

void line_tell(uint8_t kind, const struct payload *payload) {
  struct frame frame = {0};
  frame.kind = kind;
  frame.payload = *payload;
  send(&frame);
}

void line_report(const kh_report *report, kh_instant at) {
  if (report->event != KH_EVENT_NOTHING) {
    const struct payload payload = payload_of_report(report, at);
    line_tell(TOLD_REPORT, &payload);
  }
}
