/*
 * The log: lines of plain text with a level in front, in the words that the panel in Rust uses.
 */
#ifndef LOG_H
#define LOG_H

#include "text.h"

enum log_level { LOG_INFO, LOG_WARN, LOG_ERROR };

void log_text(enum log_level level, const struct text *text);
void log_words(enum log_level level, const char *words);

#endif
