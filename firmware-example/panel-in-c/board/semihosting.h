/*
 * The way to the computer that runs the emulator: the arguments it was started with, files, and the end.
 */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ends the emulation; the emulator's exit status is 0 if all is well. */
_Noreturn void emulation_end(bool is_well);

/* The value of an argument of the form `name=value`, ended by a NUL; NULL if there is none. Until the next call. */
const char *argument(const char *name);

/* The value of an argument that is a number; `otherwise` if there is none. */
uint32_t argument_number(const char *name, uint32_t otherwise);

/* A file of that computer. */
typedef int file;
enum { NO_FILE = -1 };

/* Opens a file that is there, to read and to write. */
file file_open(const char *name);
/* Below 0 if nobody knows. */
int32_t file_length(file handle);
/* These are false if not all of it could be done. */
bool file_read(file handle, uint32_t at, void *bytes, size_t length);
bool file_write(file handle, uint32_t at, const void *bytes, size_t length);

/* Writes to the emulator's standard output. */
void output_write(const void *bytes, size_t length);

#endif
