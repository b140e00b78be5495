/*
 * The serial line: questions come in as frames, answers and reports go out.
 */
#ifndef LINE_H
#define LINE_H

#include <keyholder.h>

#include "frame.h"

struct line {
  struct frame_receiver receiver;
  /* The last question that was answered, and the answer. */
  bool has_answered;
  struct frame question;
  struct frame answer;
};

/* The next question, once all of it has come. Repetitions are answered on the way. */
bool line_question(struct line *line, uint32_t milliseconds, struct frame *question);

void line_answer(struct line *line, const struct frame *question, uint8_t kind, const struct payload *payload);

/* Tells something that nobody asked for. */
void line_tell(uint8_t kind, const struct payload *payload);

/* Sends a report, if there is anything to report. */
void line_report(const kh_report *report, kh_instant at);

#endif
