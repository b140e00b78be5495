#include "line.h"

#include "answer.h"
#include "hardware.h"
#include "log.h"

static bool is_sent(const struct frame *frame) {
  uint8_t bytes[LONGEST_FRAME];
  return line_send(bytes, frame_write(frame, bytes));
}

/* Who waits in vain asks again. */
static void send(const struct frame *frame) {
  if (!is_sent(frame)) {
    log_words(LOG_WARN, "the line does not take what is sent");
  }
}

static void drop_oldest(struct line *line) {
  line->untold_first = (line->untold_first + 1u) % MOST_UNTOLD;
  line->untold_count--;
}

static void send_untold(struct line *line) {
  while ((line->untold_count > 0u) && is_sent(&line->untold[line->untold_first])) {
    drop_oldest(line);
  }
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
  send_untold(line);
  for (taken = 0; (taken < LONGEST_FRAME) && line_take(&byte); taken++) {
    struct frame failure = {0};
    switch (frame_receive(&line->receiver, byte, milliseconds, question)) {
      case RECEIVED_FRAME:
        if (is_repeated(line, question)) {
          return false;
        }
        line->has_answered = false;
        return true;
      case RECEIVED_BROKEN:
        log_words(LOG_WARN, "a frame came broken");
        failure.kind = ANSWER_FAILED;
        failure.payload = payload_of_failure(FAILURE_BROKEN);
        send(&failure);
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

bool line_has_room(const struct line *line) { return line->untold_count < MOST_UNTOLD; }

void line_tell(struct line *line, uint8_t kind, const struct payload *payload) {
  struct frame *frame;
  if (!line_has_room(line)) {
    log_words(LOG_WARN, "something was never told");
    drop_oldest(line);
  }
  frame = &line->untold[(line->untold_first + line->untold_count) % MOST_UNTOLD];
  frame->kind = kind;
  frame->tag = 0;
  frame->payload = *payload;
  line->untold_count++;
  send_untold(line);
}

void line_report(struct line *line, const kh_report *report, kh_instant at) {
  if (report->event != KH_EVENT_NOTHING) {
    const struct payload payload = payload_of_report(report, at);
    line_tell(line, TOLD_REPORT, &payload);
  }
}
