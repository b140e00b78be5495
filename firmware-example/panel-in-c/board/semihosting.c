#include "semihosting.h"

#include <string.h>

enum operation {
  OPERATION_OPEN = 0x01,
  OPERATION_WRITE = 0x05,
  OPERATION_READ = 0x06,
  OPERATION_SEEK = 0x0A,
  OPERATION_FILE_LENGTH = 0x0C,
  OPERATION_COMMAND_LINE = 0x15,
  OPERATION_EXIT = 0x18
};

/* As fopen() has them: "r+b" and "w". */
enum { MODE_READ_AND_WRITE = 3, MODE_WRITE = 4 };
/* Why the emulation ends: the application is done, or an error that has no number of its own. */
enum { EXIT_WELL = 0x20026, EXIT_BADLY = 0x20023 };

/* A trap that the emulator takes. `block` is what the operation wants: a number, or where its arguments are. */
static int call(enum operation operation, uintptr_t block) {
  register int number __asm__("r0") = (int)operation;
  register uintptr_t arguments __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : "+r"(number) : "r"(arguments) : "memory");
  return number;
}

static int call_with(enum operation operation, uintptr_t first, uintptr_t second, uintptr_t third) {
  const uintptr_t block[3] = {first, second, third};
  return call(operation, (uintptr_t)block);
}

_Noreturn void emulation_end(bool is_well) {
  (void)call(OPERATION_EXIT, is_well ? EXIT_WELL : EXIT_BADLY);
  for (;;) {
  }
}

/* The word behind `name=` in a text of words with blanks between them; what follows it is cut off. */
static const char *find(char *words, const char *name) {
  const size_t length = strlen(name);
  while (*words != '\0') {
    char *const end = words + strcspn(words, " ");
    const bool is_last = *end == '\0';
    if ((strncmp(words, name, length) == 0) && (words[length] == '=')) {
      *end = '\0';
      return &words[length + 1u];
    }
    words = is_last ? end : (end + 1);
  }
  return NULL;
}

const char *argument(const char *name) {
  static char words[256];
  uintptr_t block[2] = {(uintptr_t)words, sizeof words};
  return (call(OPERATION_COMMAND_LINE, (uintptr_t)block) == 0) ? find(words, name) : NULL;
}

uint32_t argument_number(const char *name, uint32_t otherwise) {
  const char *digits = argument(name);
  uint32_t number = 0;
  if (digits == NULL) {
    return otherwise;
  }
  for (; (*digits >= '0') && (*digits <= '9'); digits++) {
    number = (number * 10u) + (uint32_t)(*digits - '0');
  }
  return number;
}

static file open(const char *name, uintptr_t mode) { return call_with(OPERATION_OPEN, (uintptr_t)name, mode, strlen(name)); }

file file_open(const char *name) { return open(name, MODE_READ_AND_WRITE); }

int32_t file_length(file handle) { return call_with(OPERATION_FILE_LENGTH, (uintptr_t)handle, 0, 0); }

static bool seek(file handle, uint32_t at) { return call_with(OPERATION_SEEK, (uintptr_t)handle, at, 0) == 0; }

/* Both answer how many bytes are missing. */
bool file_read(file handle, uint32_t at, void *bytes, size_t length) {
  return seek(handle, at) && (call_with(OPERATION_READ, (uintptr_t)handle, (uintptr_t)bytes, length) == 0);
}

bool file_write(file handle, uint32_t at, const void *bytes, size_t length) {
  return seek(handle, at) && (call_with(OPERATION_WRITE, (uintptr_t)handle, (uintptr_t)bytes, length) == 0);
}

void output_write(const void *bytes, size_t length) {
  static file output = NO_FILE;
  if (output == NO_FILE) {
    /* The name that semihosting has for a terminal. */
    output = open(":tt", MODE_WRITE);
  }
  (void)call_with(OPERATION_WRITE, (uintptr_t)output, (uintptr_t)bytes, length);
}
