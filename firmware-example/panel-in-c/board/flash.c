#include "flash.h"

#include <string.h>

#include "log.h"

enum {
  /* Bytes that are erased in one step. */
  ERASED_AT_ONCE = 256,
  /* Bytes that are looked at in one step, before they are written. */
  READ_AT_ONCE = 64,
  ERASED = 0xFF
};

bool flash_open(struct flash *flash, uint32_t first) {
  const char *name = argument("flash");
  const uint32_t begin = first * FLASH_PAGE;
  int32_t length;
  flash->handle = (name == NULL) ? NO_FILE : file_open(name);
  if (flash->handle == NO_FILE) {
    return false;
  }
  length = file_length(flash->handle);
  if ((length < 0) || ((uint32_t)length < begin)) {
    return false;
  }
  flash->begin = begin;
  flash->length = (uint32_t)length - begin;
  flash->steps_left = argument_number("cut", UINT32_MAX);
  flash->is_torn = argument_number("torn", 0) == 1u;
  flash->is_worn = argument_number("worn", 0) == 1u;
  return true;
}

/* Counts a step. When the power fails, half of `bytes` gets written if words tear. False if the flash is worn out. */
static bool step(struct flash *flash, uint32_t at, const uint8_t *bytes, size_t length) {
  if (flash->steps_left == UINT32_MAX) {
    return true;
  }
  if (flash->steps_left > 0u) {
    flash->steps_left--;
    return true;
  }
  if (flash->is_worn) {
    return false;
  }
  if (flash->is_torn) {
    (void)file_write(flash->handle, at, bytes, length / 2u);
  }
  log_words(LOG_WARN, "the power fails");
  emulation_end(true);
}

static bool is_inside(const struct flash *flash, uint32_t at, uint32_t length, uint32_t unit) {
  return (at <= flash->length) && (length <= (flash->length - at)) && ((at % unit) == 0u) && ((length % unit) == 0u);
}

static int read(void *context, uint32_t at, uint8_t *bytes, uint32_t length) {
  struct flash *flash = context;
  return (is_inside(flash, at, length, 1) && file_read(flash->handle, flash->begin + at, bytes, length)) ? 0 : -1;
}

static bool is_erased(const struct flash *flash, uint32_t at, uint32_t length) {
  uint8_t before[READ_AT_ONCE];
  uint32_t done;
  uint32_t index;
  for (done = 0; done < length; done += READ_AT_ONCE) {
    const uint32_t size = ((length - done) < READ_AT_ONCE) ? (length - done) : READ_AT_ONCE;
    if (!file_read(flash->handle, at + done, before, size)) {
      return false;
    }
    for (index = 0; index < size; index++) {
      if (before[index] != ERASED) {
        return false;
      }
    }
  }
  return true;
}

static int write(void *context, uint32_t at, const uint8_t *bytes, uint32_t length) {
  struct flash *flash = context;
  const uint32_t begin = flash->begin + at;
  uint32_t done;
  if (!is_inside(flash, at, length, FLASH_WORD)) {
    return -1;
  }
  if (!is_erased(flash, begin, length)) {
    struct text line = {0};
    text_add(&line, "a word was written before, at 0x");
    text_add_hexadecimal(&line, begin);
    text_add(&line, " or behind it");
    log_text(LOG_ERROR, &line);
    return -1;
  }
  for (done = 0; done < length; done += FLASH_WORD) {
    if (!step(flash, begin + done, &bytes[done], FLASH_WORD) || !file_write(flash->handle, begin + done, &bytes[done], FLASH_WORD)) {
      return -1;
    }
  }
  return 0;
}

static int erase(void *context, uint32_t at, uint32_t length) {
  struct flash *flash = context;
  uint8_t ones[ERASED_AT_ONCE];
  uint32_t done;
  if (!is_inside(flash, at, length, FLASH_PAGE)) {
    return -1;
  }
  memset(ones, ERASED, sizeof ones);
  for (done = 0; done < length; done += ERASED_AT_ONCE) {
    const uint32_t begin = flash->begin + at + done;
    if (!step(flash, begin, ones, sizeof ones) || !file_write(flash->handle, begin, ones, sizeof ones)) {
      return -1;
    }
  }
  return 0;
}

kh_flash flash_for_library(struct flash *flash) {
  kh_flash made = {0};
  made.context = flash;
  made.read = read;
  made.write = write;
  made.erase = erase;
  made.capacity = flash->length;
  made.write_bytes = FLASH_WORD;
  made.erase_bytes = FLASH_PAGE;
  return made;
}
