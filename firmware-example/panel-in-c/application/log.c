#include "log.h"

#include <string.h>

#include "hardware.h"

void log_text(enum log_level level, const struct text *text) {
  static const char *const levels[] = {"info  ", "warn  ", "error "};
  char line[6 + LONGEST_TEXT + 1];
  size_t length = strlen(levels[level]);
  memcpy(line, levels[level], length);
  memcpy(&line[length], text->bytes, text->length);
  length += text->length;
  line[length] = '\n';
  /* At once: half a line, if the power fails in between, could be taken for another one. */
  log_send(line, length + 1u);
}

void log_words(enum log_level level, const char *words) {
  struct text text = {0};
  text_add(&text, words);
  log_text(level, &text);
}
