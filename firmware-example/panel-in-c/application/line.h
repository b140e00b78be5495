/*
 * The serial line: questions come in as frames, answers and reports go out.
 */
#ifndef LINE_H
#define LINE_H

#include <keyholder.h>

#include "frame.h"

/* Most frames that are kept until the line takes them. */
enum { MOST_UNTOLD = 8 };

struct line {
  struct frame_receiver receiver;
  /*
   * The check sum of the last question that was answered, and the answer. Of a code in the question nothing else is kept; who could work it out from a sum has
   * read the key of the codes' digests as well.
   */
  bool has_answered;
  uint32_t question_sum;
  struct frame answer;
  /* What nobody asked for and the line has not taken yet: so many, from the place of the oldest on and around the end. */
  size_t untold_count;
  size_t untold_first;
  struct frame untold[MOST_UNTOLD];
};

/*
 * The next question, once all of it has come. A repetition is answered here.
 *
 * At most as many bytes are taken as the longest question has, and one answer is given: who sends without end must not keep keypad and detector waiting.
 */
bool line_question(struct line *line, uint32_t milliseconds, struct frame *question);

/* Answers a question, and wipes it. */
void line_answer(struct line *line, struct frame *question, uint8_t kind, const struct payload *payload);

/* Tells something that nobody asked for. What the line does not take is told once it does; beyond so many, the oldest gives way. */
void line_tell(struct line *line, uint8_t kind, const struct payload *payload);

/* Whether something more would be kept if the line does not take it. Who can wait with what there is to tell asks before. */
bool line_has_room(const struct line *line);

/* Sends a report, if there is anything to report. */
void line_report(struct line *line, const kh_report *report, kh_instant at);

#endif
