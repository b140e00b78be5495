#include "text.h"

#include <string.h>

static void add(struct text *text, const char *bytes, size_t length) {
  const size_t room = LONGEST_TEXT - text->length;
  const size_t fits = (length < room) ? length : room;
  memcpy(&text->bytes[text->length], bytes, fits);
  text->length += fits;
}

static void add_digits(struct text *text, uint64_t number, unsigned base) {
  char digits[20];
  size_t first = sizeof digits;
  do {
    first--;
    digits[first] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0u);
  add(text, &digits[first], sizeof digits - first);
}

void text_add(struct text *text, const char *words) { add(text, words, strlen(words)); }

void text_add_text(struct text *text, const struct text *more) { add(text, more->bytes, more->length); }

void text_add_number(struct text *text, uint64_t number) { add_digits(text, number, 10); }

void text_add_signed(struct text *text, int64_t number) {
  if (number < 0) {
    text_add(text, "-");
  }
  text_add_number(text, (number < 0) ? (0u - (uint64_t)number) : (uint64_t)number);
}

void text_add_hexadecimal(struct text *text, uint32_t number) { add_digits(text, number, 16); }
