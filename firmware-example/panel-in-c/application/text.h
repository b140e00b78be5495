/*
 * Text that is put together piece by piece: printf() would bring floats and a heap along.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { LONGEST_TEXT = 200 };

/* Not ended by a NUL. What is too long is cut short. */
struct text {
  size_t length;
  char bytes[LONGEST_TEXT];
};

void text_add(struct text *text, const char *words);
void text_add_text(struct text *text, const struct text *more);
void text_add_number(struct text *text, uint64_t number);
void text_add_signed(struct text *text, int64_t number);
void text_add_hexadecimal(struct text *text, uint32_t number);

#endif
