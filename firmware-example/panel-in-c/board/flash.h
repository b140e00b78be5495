/*
 * A NOR flash that is a file of the computer that runs the emulator: so it is still there when the emulator is killed and started again.
 *
 * It is as strict as real ones are: pages of 4 KiB are erased to ones, words of four bytes are written once between two erasures. Words are written to the file
 * one by one and pages erased in sixteen steps, so killing the emulator at any moment leaves what a power cut would leave. With the argument `cut=N` the power
 * fails by itself before the Nth such step, in the middle of the word if `torn=1`; if `worn=1` it does not, and that step and all behind it fail.
 */
#ifndef FLASH_H
#define FLASH_H

#include <keyholder.h>
#include <stdbool.h>

#include "semihosting.h"

enum { FLASH_PAGE = 4096, FLASH_WORD = 4 };

/* Part of a flash. */
struct flash {
  file handle;
  /* Where the part begins, and how long it is. */
  uint32_t begin;
  uint32_t length;
  /* Steps until the power fails; UINT32_MAX: it does not. */
  uint32_t steps_left;
  bool is_torn;
  bool is_worn;
};

/* The flash in the file that the argument `flash` names, from its page `first` on. False if there is no such file. */
bool flash_open(struct flash *flash, uint32_t first);

/* As the library wants it; `flash` has to stay. */
kh_flash flash_for_library(struct flash *flash);

#endif
