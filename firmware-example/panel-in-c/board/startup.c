/*
 * What happens before main(), and what happens instead of going on when the processor meets something it cannot do.
 */
#include <stdint.h>

#include "log.h"
#include "semihosting.h"

int main(void);

/* Where things are: memory.ld. */
extern uint32_t stack_begin[];
extern uint32_t stack_end[];
extern uint32_t data_begin[];
extern uint32_t data_end[];
extern const uint32_t data_in_flash[];
extern uint32_t zeros_begin[];
extern uint32_t zeros_end[];

_Noreturn void reset(void);
_Noreturn void fault_report(const uint32_t *frame);
void fault(void);

_Noreturn void reset(void) {
  const uint32_t *from = data_in_flash;
  uint32_t *to;
  for (to = data_begin; to < data_end; to++) {
    *to = *from;
    from++;
  }
  for (to = zeros_begin; to < zeros_end; to++) {
    *to = 0;
  }
  (void)main();
  emulation_end(false);
}

_Noreturn void fault_report(const uint32_t *frame) {
  struct text line = {0};
  if (frame < stack_begin) {
    /* There is no memory that the processor could have put anything in. */
    text_add(&line, "fault: the stack was too small");
  } else {
    text_add(&line, "fault at 0x");
    /* Of what the processor has put on the stack: four registers, r12, where to return to, and where it was. */
    text_add_hexadecimal(&line, frame[6]);
  }
  log_text(LOG_ERROR, &line);
  emulation_end(false);
}

/* Every exception and interrupt but the reset: none is expected, for interrupts only wake. */
__attribute__((naked)) void fault(void) {
  __asm__ volatile(
      "mrs r0, msp\n\t"
      /* Nobody goes back, so the stack begins anew: it may have been too small. */
      "ldr r1, =stack_end\n\t"
      "msr msp, r1\n\t"
      "b fault_report");
}

struct vectors {
  uint32_t *stack;
  void (*exceptions[15])(void);
  void (*interrupts[32])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    stack_end,
    {reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault},
    {fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
     fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault},
};
